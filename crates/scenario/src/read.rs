//! From [`Node`]s to what they mean, with every mistake written down and none of them fatal.
//!
//! A reader answers `None` for what it could not read, after it has said why; its caller goes on with the rest, so
//! that the author hears of everything at once.

mod arguments;
mod case;
mod certificate;
mod compare;
mod expectation;
mod fault;
mod flow;
mod form_verbs;
mod header;
mod interruption;
mod moment;
mod place;
mod rescue;
mod roster;
mod rows;
mod schema;
mod scope;
mod seat_verbs;
mod shelf;
mod snapshot;
mod step;
mod verbs;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::{PersonId, Roster};
use crate::node::{Node, Quoting, Value};
use crate::source::{At, Span};

use flow::Call;
use scope::Scope;

pub(crate) use case::{Play, Script, cases};
pub use header::Title;
pub(crate) use header::header;
pub use schema::schema;
pub(crate) use shelf::{FileId, Finder, Shelf, is_common};

/// Reads with a list of mistakes at hand and the names that are known.
pub(crate) struct Reader<'s> {
    mistakes: &'s RefCell<Vec<Diagnostic>>,
    pub(crate) roster: &'s Roster,
    /// PCs with their OS profiles.
    pub(crate) pcs: &'s BTreeMap<String, BTreeSet<String>>,
    /// The flows that can be called.
    shelf: Option<(&'s Shelf, FileId)>,
    /// What `$name` stands for here, beside the people.
    scope: Scope,
    /// The calls that lead to what is read, the outermost first.
    calls: Vec<Call>,
    /// How much the file has come to so far, by its names and flows.
    spent: Rc<Cell<usize>>,
}

/// Puts a file on the shelf, with all that it uses.
pub(crate) fn take_in(
    shelf: &mut Shelf,
    key: &str,
    file: &Node,
    finder: &dyn Finder,
    mistakes: &RefCell<Vec<Diagnostic>>,
) -> FileId {
    let (nobody, no_pcs) = (Roster::default(), BTreeMap::new());
    let reader = Reader::new(mistakes, &nobody, &no_pcs);
    shelf.take_in(key, file, finder, &reader, &mut Vec::new())
}

/// A map whose keys were checked.
pub(crate) struct Fields<'n> {
    span: Span,
    entries: &'n [(At<String>, Node)],
}

impl<'n> Fields<'n> {
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|(_, node)| node)
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&'n (At<String>, Node)> {
        self.entries.iter().find(|(found, _)| found.value == key)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &'n str> {
        self.entries.iter().map(|(key, _)| key.value.as_str())
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }
}

impl<'s> Reader<'s> {
    pub(crate) fn new(
        mistakes: &'s RefCell<Vec<Diagnostic>>,
        roster: &'s Roster,
        pcs: &'s BTreeMap<String, BTreeSet<String>>,
    ) -> Self {
        Self {
            mistakes,
            roster,
            pcs,
            shelf: None,
            scope: Scope::new(),
            calls: Vec::new(),
            spent: Rc::default(),
        }
    }

    /// The same reader in a file on the shelf, with the file's definitions in its scope.
    pub(crate) fn in_file(self, shelf: &'s Shelf, file: FileId) -> Self {
        let definitions = shelf.definitions_of(file);
        Self {
            shelf: Some((shelf, file)),
            ..self.with_scope(definitions)
        }
    }

    /// The same reader with other names.
    pub(crate) fn with_scope(&self, scope: Scope) -> Self {
        Self {
            scope,
            calls: self.calls.clone(),
            spent: Rc::clone(&self.spent),
            ..*self
        }
    }

    /// The same reader with some names more.
    fn with_names(&self, names: impl IntoIterator<Item = (String, Node)>) -> Self {
        let mut scope = self.scope.clone();
        let names = names.into_iter();
        scope.extend(names.map(|(name, node)| (name, Arc::new(node))));
        self.with_scope(scope)
    }

    pub(crate) fn complain(&self, diagnostic: Diagnostic) {
        self.mistakes.borrow_mut().push(diagnostic);
    }

    /// Complains about a value of the wrong kind.
    pub(crate) fn wrong<T>(&self, node: &Node, wanted: &str, mend: impl Into<String>) -> Option<T> {
        if let Some(variable) = node.variable() {
            self.undefined(&node.span, variable);
            return None;
        }
        let what = format!("expected {wanted}, found {}", node.kind());
        self.complain(Diagnostic::new(node.span.clone(), what).mend(mend));
        None
    }

    /// What a name stands for; anything else is itself.
    pub(crate) fn resolved<'n>(&'n self, node: &'n Node) -> &'n Node {
        node.variable()
            .and_then(|name| self.scope.get(name))
            .map_or(node, Arc::as_ref)
    }

    /// A map with only these keys; the others are complained about.
    pub(crate) fn fields<'n>(
        &'n self,
        node: &'n Node,
        what: &str,
        known: &[&str],
    ) -> Option<Fields<'n>> {
        let node = self.resolved(node);
        let Some(entries) = node.entries() else {
            let mend = format!("{what} is a map of {}", known.join(", "));
            return self.wrong(node, "a map", mend);
        };
        for (index, (key, _)) in entries.iter().enumerate() {
            if !known.contains(&key.value.as_str()) {
                self.unknown(key, &format!("{what} has no key"), known.iter().copied());
            }
            if entries[..index]
                .iter()
                .any(|(before, _)| before.value == key.value)
            {
                self.complain(
                    Diagnostic::new(
                        key.span.clone(),
                        format!("`{}` stands here for the second time", key.value),
                    )
                    .mend("write each key once"),
                );
            }
        }
        let span = node.span.clone();
        Some(Fields { span, entries })
    }

    /// Complains about a word that is none of those known.
    pub(crate) fn unknown<'k>(
        &self,
        found: &At<String>,
        what: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        let mend = match did_you_mean(&found.value, known.clone()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("there are: {}", known.collect::<Vec<_>>().join(", ")),
        };
        let found_text: String = found.value.chars().take(60).collect();
        self.complain(
            Diagnostic::new(found.span.clone(), format!("{what} `{found_text}`")).mend(mend),
        );
    }

    /// A needed entry.
    pub(crate) fn needed<'n>(
        &self,
        fields: &Fields<'n>,
        key: &str,
        example: &str,
    ) -> Option<&'n Node> {
        let found = fields.get(key);
        if found.is_none() {
            self.complain(
                Diagnostic::new(fields.span().clone(), format!("`{key}` is missing"))
                    .mend(format!("add `{key}: {example}`")),
            );
        }
        found
    }

    /// A text; what YAML takes for a number, a truth value or nothing has to be quoted.
    pub(crate) fn text(&self, node: &Node) -> Option<At<String>> {
        let written = node;
        let node = self.resolved(node);
        if let Value::Saved(saved) = &node.value {
            let what = format!(
                "${} is saved by a step; it can't stand here",
                saved.name.value
            );
            let mend = format!("compare it with {}", saved.fact.name());
            self.complain(Diagnostic::new(written.span.clone(), what).mend(mend));
            return None;
        }
        let Some(scalar) = node.scalar().filter(|scalar| !scalar.is_null()) else {
            return self.wrong(node, "a text", "write it in quotes");
        };
        if scalar.quoting == Quoting::Plain {
            if scalar.looks_like_number() || scalar.looks_like_truth() {
                let mend = format!("quote it: \"{}\"", scalar.text);
                return self.wrong(node, "a text", mend);
            }
            if let Some(variable) = node.variable() {
                return self.text_of_variable(node, variable);
            }
        }
        Some(At {
            value: scalar.text.clone(),
            span: node.span.clone(),
        })
    }

    /// `$taro.pin`, `$taro.user`, `$taro.contract`.
    fn text_of_variable(&self, node: &Node, variable: &str) -> Option<At<String>> {
        const PARTS: [&str; 3] = ["contract", "user", "pin"];
        let span = node.span.clone();
        let (name, part) = variable.split_once('.').unwrap_or((variable, ""));
        let person = self.roster.person(self.named(&span, name)?);
        let value = match part {
            "contract" => person.contract.clone(),
            "user" => person.user().unwrap_or_default().to_owned(),
            "pin" => person.pin.expose().to_owned(),
            _ => {
                let found = At {
                    value: part.to_owned(),
                    span,
                };
                self.unknown(&found, &format!("${name} has no part"), PARTS.into_iter());
                return None;
            }
        };
        Some(At { value, span })
    }

    /// A person by `$name`.
    pub(crate) fn person(&self, node: &Node) -> Option<At<PersonId>> {
        let node = self.resolved(node);
        let span = node.span.clone();
        if let Value::Person(value) = node.value {
            return Some(At { value, span });
        }
        let Some(name) = node.variable() else {
            let mend = "name somebody of `let` with a dollar sign: $taro";
            return self.wrong(node, "a person", mend);
        };
        let value = self.named(&span, name)?;
        Some(At { value, span })
    }

    /// One of a table's words.
    pub(crate) fn word<T: Clone>(
        &self,
        node: &Node,
        what: &str,
        table: &[(&str, T)],
    ) -> Option<At<T>> {
        let node = self.resolved(node);
        let words = || table.iter().map(|(word, _)| *word);
        let written = node.scalar().filter(|_| node.variable().is_none());
        let Some(scalar) = written.filter(|scalar| !scalar.text.is_empty()) else {
            let mend = format!("there are: {}", words().collect::<Vec<_>>().join(", "));
            return self.wrong(node, &format!("a {what}"), mend);
        };
        let found = table.iter().find(|(word, _)| *word == scalar.text);
        if found.is_none() {
            let at = At {
                value: scalar.text.clone(),
                span: node.span.clone(),
            };
            self.unknown(&at, &format!("there is no {what}"), words());
        }
        found.map(|(_, value)| At {
            value: value.clone(),
            span: node.span.clone(),
        })
    }

    /// A whole number from 0 to `most`.
    pub(crate) fn number(&self, node: &Node, most: u32) -> Option<At<u32>> {
        let node = self.resolved(node);
        let number = node
            .scalar()
            .filter(|scalar| scalar.quoting == Quoting::Plain)
            .and_then(|scalar| scalar.text.parse::<u32>().ok())
            .filter(|number| *number <= most);
        match number {
            Some(value) => Some(At {
                value,
                span: node.span.clone(),
            }),
            None => self.wrong(
                node,
                &format!("a whole number from 0 to {most}"),
                "write digits, without quotes",
            ),
        }
    }

    /// One or several: a list, or a single item standing for a list of one.
    pub(crate) fn items<'n>(&'n self, node: &'n Node) -> &'n [Node] {
        let node = self.resolved(node);
        match &node.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(node),
        }
    }

    /// A list of texts.
    pub(crate) fn texts(&self, node: &Node) -> Vec<String> {
        self.items(node)
            .iter()
            .filter_map(|item| self.text(item))
            .map(|text| text.value)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;
    use crate::source::SourceFile;

    fn read<T>(text: &str, act: impl FnOnce(&Reader<'_>, &Node) -> T) -> (T, Vec<String>) {
        let node = parse(&SourceFile::new("a.yaml", text)).unwrap();
        let mistakes = RefCell::default();
        let (roster, pcs) = (Roster::default(), BTreeMap::new());
        let result = act(&Reader::new(&mistakes, &roster, &pcs), &node);
        let found = mistakes.into_inner();
        let told = found
            .iter()
            .map(|d| format!("{} {} [{}]", d.span(), d.what(), d.help().unwrap_or("")))
            .collect();
        (result, told)
    }

    #[test]
    fn what_looks_like_a_number_or_a_truth_value_must_be_quoted() {
        for (text, good) in [
            ("\"0123\"", true),
            ("'no'", true),
            ("keiri01", true),
            ("99990000001", false),
            ("0123", false),
            ("1e5", false),
            ("no", false),
            ("", false),
        ] {
            let (value, told) = read(&format!("x: {text}"), |reader, node| {
                reader.text(&node.entries().unwrap()[0].1)
            });
            assert_eq!(value.is_some(), good, "{text}");
            assert_eq!(told.is_empty(), good, "{told:?}");
        }
    }

    #[test]
    fn every_wrong_key_is_named_with_what_was_meant() {
        let (_, told) = read("scenari: a\nlet: 1\nlet: 2\n", |reader, node| {
            reader
                .fields(node, "a scenario", &["scenario", "let"])
                .is_some()
        });
        assert_eq!(
            told,
            [
                "a.yaml:1:1 a scenario has no key `scenari` [did you mean `scenario`?]",
                "a.yaml:3:1 `let` stands here for the second time [write each key once]",
            ]
        );
    }
}
