//! [`Screen`]: what one page of the bank shows, read from its HTML.
//!
//! Only what a person could see and use is kept: title, fields by label, buttons, links, alerts,
//! text. Reading the HTML itself is in `page.rs`.

use std::collections::BTreeMap;

use http::StatusCode;
use url::Url;

use crate::error::WorkstationError;
use crate::form::{Button, ButtonAct, Field, Form, Submission, Written};

/// One page as it stands in a browser window, with what was typed into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) forms: Vec<Form>,
    pub(crate) links: Vec<Link>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) details: BTreeMap<String, Vec<(String, String)>>,
    pub(crate) delivered: Option<String>,
    pub(crate) refresh: Option<Url>,
    pub(crate) text: String,
}

/// A link: its text and where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The text.
    pub text: String,
    /// The destination.
    pub url: Url,
}

/// A message with `role="alert"`: a field error or a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The stable code, such as `MX-101`.
    pub code: Option<String>,
    /// The label of the field it is about.
    pub field: Option<String>,
    /// What it says.
    pub text: String,
}

/// What pressing a button leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Press {
    Send(Submission),
    StayHere,
}

impl Screen {
    /// The screen id (`data-screen`), such as `CIBMU921`; empty on a page that has none.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The page's title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where it came from, after redirects.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The HTTP status it came with.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Its forms.
    #[must_use]
    pub fn forms(&self) -> &[Form] {
        &self.forms
    }

    /// Its fields that have a label, in page order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.forms
            .iter()
            .flat_map(|form| &form.fields)
            .filter(|field| field.label.is_some())
    }

    /// Its buttons, in page order.
    pub fn buttons(&self) -> impl Iterator<Item = &Button> {
        self.forms.iter().flat_map(|form| &form.buttons)
    }

    /// Its links.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Its alerts.
    #[must_use]
    pub fn alerts(&self) -> &[Alert] {
        &self.alerts
    }

    /// The code of its first alert.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        self.alerts.iter().find_map(|alert| alert.code.as_deref())
    }

    /// A list of details by its name: `certificate` for `<dl data-certificate>`.
    #[must_use]
    pub fn details(&self, name: &str) -> &[(String, String)] {
        self.details.get(name).map_or(&[], Vec::as_slice)
    }

    /// One detail of a list: `detail("certificate", "Common Name")`.
    #[must_use]
    pub fn detail(&self, list: &str, name: &str) -> Option<&str> {
        self.details(list)
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// The certificate information of the completion screen (L23), in its order.
    #[must_use]
    pub fn certificate(&self) -> &[(String, String)] {
        self.details("certificate")
    }

    /// The chain in PEM that the page hands to the enrolment component.
    #[must_use]
    pub fn delivered(&self) -> Option<&str> {
        self.delivered.as_deref()
    }

    /// Where the page goes by itself (そのままお待ちください).
    #[must_use]
    pub fn refresh(&self) -> Option<&Url> {
        self.refresh.as_ref()
    }

    /// All text a person can read on it, one piece per line.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The form with a role in the enrolment (`data-enrolment`).
    #[must_use]
    pub fn form(&self, role: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.role() == Some(role))
    }

    /// Whether there is a button with this text.
    #[must_use]
    pub fn has_button(&self, text: &str) -> bool {
        self.buttons().any(|button| button.text == text)
    }

    /// Whether there is a link with this text.
    #[must_use]
    pub fn has_link(&self, text: &str) -> bool {
        self.links.iter().any(|link| link.text == text)
    }

    /// Types `text` into every field labelled `label`, or takes the option with that text.
    ///
    /// # Errors
    /// [`WorkstationError::NoSuchField`], [`WorkstationError::NotWritable`] or
    /// [`WorkstationError::NoSuchOption`], each naming what is there instead.
    pub fn fill(&mut self, label: &str, text: &str) -> Result<(), WorkstationError> {
        let written = self
            .forms
            .iter_mut()
            .map(|form| form.write(label, text))
            .max();
        self.judge(written, label)
    }

    /// Ticks the box or radio button labelled `label`.
    ///
    /// # Errors
    /// [`WorkstationError::NoSuchField`] when there is none.
    pub fn tick(&mut self, label: &str) -> Result<(), WorkstationError> {
        let written = self.forms.iter_mut().map(|form| form.tick(label)).max();
        self.judge(written, label)
    }

    pub(crate) fn press(&mut self, text: &str) -> Result<Press, WorkstationError> {
        let found = self.forms.iter_mut().find_map(|form| {
            let button = form
                .buttons
                .iter()
                .find(|button| button.text == text)
                .cloned()?;
            Some((form, button))
        });
        let Some((form, button)) = found else {
            return Err(WorkstationError::NoSuchButton {
                screen: self.name(),
                wanted: text.to_owned(),
                present: list(self.buttons().map(|button| button.text.as_str())),
            });
        };
        Ok(match button.act {
            ButtonAct::Submit => Press::Send(form.submission(Some(&button))),
            ButtonAct::Reset => {
                form.reset();
                Press::StayHere
            }
            ButtonAct::Inert => Press::StayHere,
        })
    }

    pub(crate) fn link(&self, text: &str) -> Result<Url, WorkstationError> {
        self.links
            .iter()
            .find(|link| link.text == text)
            .map(|link| link.url.clone())
            .ok_or_else(|| WorkstationError::NoSuchLink {
                screen: self.name(),
                wanted: text.to_owned(),
                present: list(self.links.iter().map(|link| link.text.as_str())),
            })
    }

    /// The screen's name for a message: its id, or its status and address.
    pub(crate) fn name(&self) -> String {
        let codes = list(self.alerts.iter().filter_map(|alert| alert.code.as_deref()));
        let id = if self.id.is_empty() {
            format!(
                "the page {} at {} without an id",
                self.status.as_u16(),
                self.url.path()
            )
        } else {
            self.id.clone()
        };
        if self.alerts.is_empty() {
            id
        } else {
            format!("{id} ({codes})")
        }
    }

    fn judge(&self, written: Option<Written>, label: &str) -> Result<(), WorkstationError> {
        let (screen, wanted) = (self.name(), label.to_owned());
        match written.unwrap_or(Written::NoSuchField) {
            Written::Done => Ok(()),
            Written::ReadOnly => Err(WorkstationError::NotWritable {
                screen,
                label: wanted,
            }),
            Written::NoSuchOption => Err(WorkstationError::NoSuchOption {
                screen,
                label: wanted,
            }),
            Written::NoSuchField => Err(WorkstationError::NoSuchField {
                screen,
                wanted,
                present: list(self.fields().filter_map(Field::label)),
            }),
        }
    }
}

fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let joined = items.collect::<Vec<_>>().join(", ");
    if joined.is_empty() {
        "nothing of the kind".to_owned()
    } else {
        joined
    }
}
