//! Reading a page's HTML into a [`Screen`].
//!
//! The page comes from a stranger: its size and its number of tags are bounded before the HTML
//! parser sees it, because that parser's work grows with the square of a hostile page's depth.

use std::collections::BTreeMap;

use http::StatusCode;
use scraper::{ElementRef, Html};
use url::Url;

use crate::concealed::Concealed;
use crate::error::WorkstationError;
use crate::form::{
    Access, Button, ButtonAct, Exclusive, Field, FieldKind, Form, Method, Need, Ticked,
};
use crate::screen::{Alert, Link, Screen};

/// The largest page that is read, in bytes.
const LARGEST_PAGE: usize = 1 << 20;
/// The most tags that a page may hold.
const MOST_TAGS: usize = 4_000;
/// The longest tag, in bytes: a tag's attributes are compared with each other.
const LONGEST_TAG: usize = 8 << 10;

impl Screen {
    /// Reads the HTML that `url` answered with `status`.
    ///
    /// Whatever the bytes are, something is shown: a page without an id has an empty one.
    ///
    /// # Errors
    /// [`WorkstationError::PageTooComplex`] when the page passes the bounds above.
    pub fn read(html: &str, url: &Url, status: StatusCode) -> Result<Self, WorkstationError> {
        check_bounds(html, url)?;
        let document = Html::parse_document(html);
        let root = document.root_element();
        // The tree is walked once; what is looked for by name is looked for in this.
        let tags: Vec<ElementRef<'_>> = root.descendent_elements().collect();
        let all = |name| tags.iter().copied().filter(move |tag| is(*tag, name));
        let body = all("body").next().unwrap_or(root);
        let labels = labels_of(all("label"));
        let base = all("base")
            .find_map(|tag| attribute(tag, "href"))
            .and_then(|base| url.join(base).ok())
            .unwrap_or_else(|| url.clone());
        Ok(Self {
            id: attribute(body, "data-screen")
                .unwrap_or_default()
                .to_owned(),
            title: all("title").next().map(text_of).unwrap_or_default(),
            url: url.clone(),
            status,
            forms: all("form")
                .map(|form| read_form(&labels, form, &base))
                .collect(),
            links: all("a").filter_map(|tag| read_link(tag, &base)).collect(),
            alerts: tags
                .iter()
                .filter(|tag| attribute(**tag, "role") == Some("alert"))
                .map(|tag| read_alert(*tag))
                .collect(),
            details: all("dl")
                .filter(|list| is_outermost(*list))
                .map(read_details)
                .collect(),
            delivered: all("textarea")
                .find(|tag| attribute(*tag, "data-enrolment") == Some("certificates"))
                .map(raw_text_of),
            refresh: all("meta").find_map(|tag| read_refresh(tag, &base)),
            text: lines_of(body),
        })
    }
}

fn check_bounds(html: &str, url: &Url) -> Result<(), WorkstationError> {
    let too_complex = |what: &str, limit: usize| {
        Err(WorkstationError::PageTooComplex {
            path: url.path().to_owned(),
            what: what.to_owned(),
            limit,
        })
    };
    if html.len() > LARGEST_PAGE {
        return too_complex("bytes", LARGEST_PAGE);
    }
    let (mut tags, mut start, mut quote) = (0_usize, None, None);
    for (place, byte) in html.bytes().enumerate() {
        match (start, quote, byte) {
            (None, _, b'<') => {
                tags += 1;
                start = Some(place);
            }
            (Some(_), Some(open), close) if open == close => quote = None,
            (Some(_), None, b'"' | b'\'') => quote = Some(byte),
            (Some(_), None, b'>') => start = None,
            (Some(from), _, _) if place - from > LONGEST_TAG => {
                return too_complex("bytes in one tag", LONGEST_TAG);
            }
            _ => {}
        }
    }
    if tags > MOST_TAGS {
        too_complex("tags", MOST_TAGS)
    } else {
        Ok(())
    }
}

fn read_form(labels: &Labels, form: ElementRef<'_>, base: &Url) -> Form {
    let action = attribute(form, "action").filter(|action| !action.is_empty());
    Form {
        action: action
            .and_then(|action| base.join(action).ok())
            .unwrap_or_else(|| base.clone()),
        method: method(attribute(form, "method")).unwrap_or_default(),
        data: form
            .value()
            .attrs()
            .filter_map(|(name, value)| {
                Some((name.strip_prefix("data-")?.to_owned(), value.to_owned()))
            })
            .collect(),
        fields: within(form, &["input", "textarea", "select"])
            .filter_map(|tag| read_field(labels, tag))
            .collect(),
        buttons: within(form, &["button", "input"])
            .filter_map(|tag| read_button(tag, base))
            .collect(),
    }
}

fn read_field(labels: &Labels, tag: ElementRef<'_>) -> Option<Field> {
    let shape = attribute(tag, "type")
        .unwrap_or("text")
        .to_ascii_lowercase();
    let value = attribute(tag, "value").map(ToOwned::to_owned);
    let ticked = if attribute(tag, "checked").is_some() {
        Ticked::Yes
    } else {
        Ticked::No
    };
    let tick = |exclusive| FieldKind::Tick {
        exclusive,
        ticked,
        initially: ticked,
    };
    let (kind, value) = match (tag.value().name(), shape.as_str()) {
        ("textarea", _) => (FieldKind::TextArea, raw_text_of(tag)),
        ("select", _) => read_select(tag),
        (_, "submit" | "reset" | "button" | "image" | "file") => return None,
        (_, "hidden") => (FieldKind::Hidden, value.unwrap_or_default()),
        (_, "password") => (FieldKind::Password, value.unwrap_or_default()),
        (_, "radio") => (
            tick(Exclusive::Yes),
            value.unwrap_or_else(|| "on".to_owned()),
        ),
        (_, "checkbox") => (
            tick(Exclusive::No),
            value.unwrap_or_else(|| "on".to_owned()),
        ),
        _ => (FieldKind::Text, value.unwrap_or_default()),
    };
    let label = if kind == FieldKind::Hidden {
        None
    } else {
        label_of(labels, tag)
    };
    let marked = attribute(tag, "required").is_some() || is_marked(tag);
    let locked = attribute(tag, "readonly").is_some() || attribute(tag, "disabled").is_some();
    let value = Concealed::new(value);
    Some(Field {
        name: attribute(tag, "name").unwrap_or_default().to_owned(),
        label,
        kind,
        initial: value.clone(),
        value,
        need: if marked {
            Need::Required
        } else {
            Need::Optional
        },
        access: if locked {
            Access::ReadOnly
        } else {
            Access::Writable
        },
    })
}

fn read_select(tag: ElementRef<'_>) -> (FieldKind, String) {
    let value_of = |option: ElementRef<'_>| {
        attribute(option, "value").map_or_else(|| text_of(option), ToOwned::to_owned)
    };
    let options = || within(tag, &["option"]);
    let chosen = options()
        .find(|option| attribute(*option, "selected").is_some())
        .or_else(|| options().next());
    let options = options()
        .map(|option| (text_of(option), value_of(option)))
        .collect();
    (
        FieldKind::Select(options),
        chosen.map(value_of).unwrap_or_default(),
    )
}

/// Label texts by the id of their field; read once, because a hostile page may have many of both.
type Labels = BTreeMap<String, String>;

fn labels_of<'a>(tags: impl Iterator<Item = ElementRef<'a>>) -> Labels {
    let mut labels = Labels::new();
    for label in tags {
        if let Some(id) = attribute(label, "for") {
            labels
                .entry(id.to_owned())
                .or_insert_with(|| text_of(label));
        }
    }
    labels
}

fn label_of(labels: &Labels, tag: ElementRef<'_>) -> Option<String> {
    let by_id = attribute(tag, "id").and_then(|id| labels.get(id).cloned());
    let around = || {
        let mut above = tag.ancestors().filter_map(ElementRef::wrap);
        above
            .find(|element| element.value().name() == "label")
            .map(text_of)
    };
    by_id.or_else(around)
}

/// 必須 stands beside the field, in an element of the class `required`.
fn is_marked(tag: ElementRef<'_>) -> bool {
    tag.prev_siblings()
        .filter_map(ElementRef::wrap)
        .take_while(|e| !matches!(e.value().name(), "input" | "textarea" | "select"))
        .any(|e| e.value().name() == "em" && e.value().classes().any(|class| class == "required"))
}

fn read_button(tag: ElementRef<'_>, base: &Url) -> Option<Button> {
    let is_input = tag.value().name() == "input";
    let shape = attribute(tag, "type").map(str::to_ascii_lowercase);
    let act = match (is_input, shape.as_deref()) {
        (_, Some("submit")) | (false, None) => ButtonAct::Submit,
        (_, Some("reset")) => ButtonAct::Reset,
        (_, Some("button")) => ButtonAct::Inert,
        (true, _) => return None,
        (false, _) => ButtonAct::Submit,
    };
    let value = attribute(tag, "value").unwrap_or_default();
    Some(Button {
        text: if is_input {
            value.to_owned()
        } else {
            text_of(tag)
        },
        act,
        pair: attribute(tag, "name").map(|name| (name.to_owned(), value.into())),
        action: attribute(tag, "formaction").and_then(|action| base.join(action).ok()),
        method: method(attribute(tag, "formmethod")),
    })
}

fn read_link(tag: ElementRef<'_>, base: &Url) -> Option<Link> {
    let url = base.join(attribute(tag, "href")?).ok()?;
    Some(Link {
        text: text_of(tag),
        url,
    })
}

fn read_alert(tag: ElementRef<'_>) -> Alert {
    let datum = |name| attribute(tag, name).map(ToOwned::to_owned);
    Alert {
        code: datum("data-code"),
        field: datum("data-field"),
        text: text_of(tag),
    }
}

/// Lists within lists are read as text of the outer one: reading each by itself would take time
/// with the cube of their depth.
fn is_outermost(list: ElementRef<'_>) -> bool {
    !list
        .ancestors()
        .filter_map(ElementRef::wrap)
        .any(|above| above.value().name() == "dl")
}

fn read_details(list: ElementRef<'_>) -> (String, Vec<(String, String)>) {
    let name = list
        .value()
        .attrs()
        .find_map(|(name, _)| name.strip_prefix("data-"));
    let mut pairs = Vec::new();
    let mut term = String::new();
    for tag in list.children().filter_map(ElementRef::wrap) {
        match tag.value().name() {
            "dt" => term = text_of(tag),
            "dd" => pairs.push((term.clone(), text_of(tag))),
            _ => {}
        }
    }
    (name.unwrap_or_default().to_owned(), pairs)
}

/// `<meta http-equiv="refresh" content="0; url=/next">` (HTML, declarative refresh).
fn read_refresh(tag: ElementRef<'_>, base: &Url) -> Option<Url> {
    if !attribute(tag, "http-equiv")?.eq_ignore_ascii_case("refresh") {
        return None;
    }
    let (_, target) = attribute(tag, "content")?.split_once(';')?;
    let (name, url) = target.trim().split_once('=')?;
    let url = url.trim().trim_matches(['"', '\'']);
    name.trim()
        .eq_ignore_ascii_case("url")
        .then(|| base.join(url).ok())
        .flatten()
}

fn method(name: Option<&str>) -> Option<Method> {
    name.map(|name| {
        if name.eq_ignore_ascii_case("post") {
            Method::Post
        } else {
            Method::Get
        }
    })
}

fn attribute<'a>(tag: ElementRef<'a>, name: &str) -> Option<&'a str> {
    tag.value().attr(name)
}

fn is(tag: ElementRef<'_>, name: &str) -> bool {
    tag.value().name() == name
}

/// The elements of these names, in the order of the page.
fn within<'a>(
    tag: ElementRef<'a>,
    names: &'static [&'static str],
) -> impl Iterator<Item = ElementRef<'a>> {
    tag.descendent_elements()
        .filter(|tag| names.contains(&tag.value().name()))
}

fn raw_text_of(tag: ElementRef<'_>) -> String {
    tag.text().collect()
}

fn text_of(tag: ElementRef<'_>) -> String {
    raw_text_of(tag)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn lines_of(body: ElementRef<'_>) -> String {
    let silent = |name: &str| matches!(name, "script" | "style" | "textarea" | "option");
    let mut lines = Vec::new();
    for node in body.descendants() {
        let Some(text) = node.value().as_text() else {
            continue;
        };
        let parent = node.parent().and_then(ElementRef::wrap);
        if parent.is_some_and(|tag| silent(tag.value().name())) {
            continue;
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        if !words.is_empty() {
            lines.push(words.join(" "));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
