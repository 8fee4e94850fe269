//! Forms as a person sees them: labelled fields, buttons, and what pressing a button sends.

use std::collections::BTreeMap;
use std::fmt;

use url::{Url, form_urlencoded};

use crate::concealed::Concealed;

/// How a form is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Method {
    /// In the URL.
    #[default]
    Get,
    /// In the body; refreshing its answer sends it again.
    Post,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
        })
    }
}

/// One form of a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub(crate) action: Url,
    pub(crate) method: Method,
    pub(crate) data: BTreeMap<String, String>,
    pub(crate) fields: Vec<Field>,
    pub(crate) buttons: Vec<Button>,
}

/// One field of a form. Values never show in `Debug`: a PIN may be among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub(crate) name: String,
    pub(crate) label: Option<String>,
    pub(crate) kind: FieldKind,
    pub(crate) value: Concealed,
    pub(crate) initial: Concealed,
    pub(crate) need: Need,
    pub(crate) access: Access,
}

/// What a field looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// One line of dots.
    Password,
    /// Not seen by a person.
    Hidden,
    /// Several lines of text.
    TextArea,
    /// A choice among options, each a text and a value.
    Select(Vec<(String, String)>),
    /// A tick or a radio button; it sends its value while ticked.
    Tick {
        /// Whether ticking it clears the others of its name.
        exclusive: Exclusive,
        /// Whether it is ticked now.
        ticked: Ticked,
        /// Whether the page delivered it ticked.
        initially: Ticked,
    },
}

/// Whether ticking one of a name clears its siblings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusive {
    /// A radio button.
    Yes,
    /// A check box.
    No,
}

/// Whether a tick is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticked {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// Whether the screen marks a field as 必須.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// 必須.
    Required,
    /// Not marked.
    Optional,
}

/// Whether a person may write into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Yes.
    Writable,
    /// Shown only.
    ReadOnly,
}

/// One button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    pub(crate) text: String,
    pub(crate) act: ButtonAct,
    pub(crate) pair: Option<(String, Concealed)>,
    pub(crate) action: Option<Url>,
    pub(crate) method: Option<Method>,
}

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ButtonAct {
    /// Sends the form.
    Submit,
    /// Empties the form (クリア).
    Reset,
    /// Nothing without a script.
    Inert,
}

/// What goes to the bank when a form is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) body: Option<Concealed>,
}

impl Submission {
    /// Opening an address.
    #[must_use]
    pub fn visit(url: Url) -> Self {
        Self {
            method: Method::Get,
            url,
            body: None,
        }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// Where it goes.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl Form {
    /// The role that a page gives a form of the enrolment (`data-enrolment`).
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.datum("enrolment")
    }

    /// A `data-…` attribute of the form.
    #[must_use]
    pub fn datum(&self, name: &str) -> Option<&str> {
        self.data.get(name).map(String::as_str)
    }

    /// Its fields, hidden ones included.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Its buttons.
    #[must_use]
    pub fn buttons(&self) -> &[Button] {
        &self.buttons
    }

    /// Back to what the page delivered (クリア).
    pub fn reset(&mut self) {
        for field in &mut self.fields {
            field.value = field.initial.clone();
            if let FieldKind::Tick {
                ticked, initially, ..
            } = &mut field.kind
            {
                *ticked = *initially;
            }
        }
    }

    /// What goes out when `button` is pressed, or when a script sends the form (`None`).
    /// The button's own destination and method win over the form's (HTML, form submission).
    #[must_use]
    pub fn submission(&self, button: Option<&Button>) -> Submission {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        for field in self.fields.iter().filter(|field| field.is_sent()) {
            pairs.append_pair(&field.name, field.value.expose());
        }
        if let Some((name, value)) = button.and_then(|b| b.pair.as_ref()) {
            pairs.append_pair(name, value.expose());
        }
        let encoded = pairs.finish();
        let method = button.and_then(|b| b.method).unwrap_or(self.method);
        let mut url = button
            .and_then(|b| b.action.clone())
            .unwrap_or_else(|| self.action.clone());
        match method {
            Method::Get => {
                url.set_query((!encoded.is_empty()).then_some(&encoded));
                Submission::visit(url)
            }
            Method::Post => Submission {
                method,
                url,
                body: Some(encoded.into()),
            },
        }
    }

    pub(crate) fn write(&mut self, label: &str, text: &str) -> Written {
        let mut written = Written::NoSuchField;
        for field in self
            .fields
            .iter_mut()
            .filter(|f| f.label.as_deref() == Some(label))
        {
            let outcome = field.write(text);
            written = written.max(outcome);
        }
        written
    }

    pub(crate) fn tick(&mut self, label: &str) -> Written {
        let is_it = |f: &Field| {
            f.label.as_deref() == Some(label) && matches!(f.kind, FieldKind::Tick { .. })
        };
        let Some(group) = self
            .fields
            .iter()
            .find(|f| is_it(f))
            .map(|f| f.name.clone())
        else {
            return Written::NoSuchField;
        };
        for field in self.fields.iter_mut().filter(|f| f.name == group) {
            let chosen = is_it(field);
            if let FieldKind::Tick {
                exclusive, ticked, ..
            } = &mut field.kind
            {
                match (chosen, *exclusive) {
                    (true, _) => *ticked = Ticked::Yes,
                    (false, Exclusive::Yes) => *ticked = Ticked::No,
                    (false, Exclusive::No) => {}
                }
            }
        }
        Written::Done
    }
}

/// What became of writing into a field; the best outcome of several counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Written {
    NoSuchField,
    NoSuchOption,
    ReadOnly,
    Done,
}

impl Field {
    /// The label a person reads; none for hidden fields.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The name under which it is sent.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it looks like.
    #[must_use]
    pub fn kind(&self) -> &FieldKind {
        &self.kind
    }

    /// What stands in it now.
    #[must_use]
    pub fn value(&self) -> &Concealed {
        &self.value
    }

    /// Whether it is marked 必須.
    #[must_use]
    pub fn need(&self) -> Need {
        self.need
    }

    fn is_sent(&self) -> bool {
        let off = matches!(
            self.kind,
            FieldKind::Tick {
                ticked: Ticked::No,
                ..
            }
        );
        !self.name.is_empty() && !off
    }

    fn write(&mut self, text: &str) -> Written {
        if self.access == Access::ReadOnly {
            return Written::ReadOnly;
        }
        match &self.kind {
            FieldKind::Select(options) => match options.iter().find(|(shown, _)| shown == text) {
                Some((_, value)) => self.value = value.as_str().into(),
                None => return Written::NoSuchOption,
            },
            FieldKind::Hidden | FieldKind::Tick { .. } => return Written::ReadOnly,
            FieldKind::Text | FieldKind::Password | FieldKind::TextArea => self.value = text.into(),
        }
        Written::Done
    }
}

impl Button {
    /// The text on it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it does.
    #[must_use]
    pub fn act(&self) -> ButtonAct {
        self.act
    }
}
