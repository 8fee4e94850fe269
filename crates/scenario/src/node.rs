//! [`Node`]: YAML as it was written, each piece with its place; what it means is read elsewhere.

use crate::model::{PersonId, Saved};
use crate::source::{At, Span};

/// A piece of YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) value: Value,
}

/// What a piece of YAML is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(At<String>, Node)>),
    /// Somebody, in place of the `$name` by which he was called.
    Person(PersonId),
    /// What an earlier step saves, in place of its `$name`.
    Saved(Box<Saved>),
}

/// A text, a number, a truth value or nothing: YAML tells them apart by their looks alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    pub(crate) quoting: Quoting,
}

/// Whether quotes say that a scalar is a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    Plain,
    Quoted,
}

impl Node {
    /// The kind of thing it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Person(_) => "a person",
            Value::Saved(_) => "a saved value",
            Value::Scalar(scalar) if scalar.is_null() => "nothing",
            Value::Scalar(scalar) if scalar.quoting == Quoting::Quoted => "a text",
            Value::Scalar(scalar) if scalar.looks_like_number() => "a number",
            Value::Scalar(scalar) if scalar.looks_like_truth() => "a truth value",
            Value::Scalar(_) => "a word",
        }
    }

    /// The entries of a map; nothing at all counts as an empty one.
    pub(crate) fn entries(&self) -> Option<&[(At<String>, Self)]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            Value::Scalar(scalar) if scalar.is_null() => Some(&[]),
            _ => None,
        }
    }

    /// The scalar, if it is one.
    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The name behind `$`, if it is a plain scalar of that form.
    pub(crate) fn variable(&self) -> Option<&str> {
        let scalar = self.scalar()?;
        (scalar.quoting == Quoting::Plain)
            .then(|| scalar.text.strip_prefix('$'))
            .flatten()
    }

    /// A short name for a row of `for-each`: its words, joined by colons.
    pub(crate) fn brief(&self) -> String {
        match &self.value {
            Value::Scalar(scalar) => scalar.text.trim_start_matches('$').to_owned(),
            Value::List(items) => items.iter().map(Self::brief).collect::<Vec<_>>().join(":"),
            Value::Map(entries) => entries
                .iter()
                .map(|(key, value)| match value.brief() {
                    text if text.is_empty() => key.value.clone(),
                    text => format!("{}:{text}", key.value),
                })
                .collect::<Vec<_>>()
                .join(":"),
            Value::Person(_) => self.span.text().trim_start_matches('$').to_owned(),
            Value::Saved(saved) => saved.name.value.clone(),
        }
    }

    /// Shows every piece, itself first.
    pub(crate) fn each<'n>(&'n self, show: &mut impl FnMut(&'n Self)) {
        show(self);
        match &self.value {
            Value::List(items) => items.iter().for_each(|item| item.each(show)),
            Value::Map(entries) => entries.iter().for_each(|(_, value)| value.each(show)),
            Value::Scalar(_) | Value::Person(_) | Value::Saved(_) => {}
        }
    }

    /// How many pieces it is made of.
    pub(crate) fn pieces(&self) -> usize {
        let mut count = 0;
        self.each(&mut |_| count += 1);
        count
    }

    /// The same with other pieces in place of names, where `put` has one for them.
    pub(crate) fn with_names(&self, put: &mut impl FnMut(&Self, &str) -> Option<Self>) -> Self {
        if let Some(put_in) = self.variable().and_then(|variable| put(self, variable)) {
            return put_in;
        }
        let value = match &self.value {
            Value::List(items) => {
                Value::List(items.iter().map(|item| item.with_names(put)).collect())
            }
            Value::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), value.with_names(put)))
                    .collect(),
            ),
            other => other.clone(),
        };
        let span = self.span.clone();
        Self { span, value }
    }

    /// The same as JSON, for values whose reading is another crate's business.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => entries
                .iter()
                .map(|(key, value)| (key.value.clone(), value.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Value::Scalar(scalar) => scalar.to_json(),
            Value::Person(_) | Value::Saved(_) => self.brief().into(),
        }
    }
}

impl Scalar {
    pub(crate) fn is_null(&self) -> bool {
        self.quoting == Quoting::Plain && matches!(self.text.as_str(), "" | "~" | "null")
    }

    pub(crate) fn looks_like_number(&self) -> bool {
        let text = self.text.trim_start_matches(['-', '+']);
        let digits = text.bytes().any(|byte| byte.is_ascii_digit());
        digits
            && (text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_'))
                || text.parse::<f64>().is_ok()
                || text.starts_with("0x")
                || text.starts_with("0o"))
    }

    pub(crate) fn looks_like_truth(&self) -> bool {
        let words = ["true", "false", "yes", "no", "on", "off"];
        words
            .iter()
            .any(|word| self.text.eq_ignore_ascii_case(word))
    }

    fn to_json(&self) -> serde_json::Value {
        match (self.quoting, self.text.as_str()) {
            (Quoting::Quoted, text) => text.into(),
            (Quoting::Plain, _) if self.is_null() => serde_json::Value::Null,
            (Quoting::Plain, "true") => true.into(),
            (Quoting::Plain, "false") => false.into(),
            (Quoting::Plain, text) => text
                .parse::<i64>()
                .map_or_else(|_| text.into(), serde_json::Value::from),
        }
    }
}
