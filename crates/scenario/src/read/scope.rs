//! Names: what `$name` stands for. They are bound to what was read, never pasted into text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{Person, PersonId};
use crate::node::{Node, Quoting, Scalar, Value};
use crate::source::{At, Span};

/// The names that count at some place, with what they stand for.
pub(crate) type Scope = BTreeMap<String, Arc<Node>>;

/// How many pieces all names of one file may come to when they are put in place.
pub(super) const MAX_PIECES: usize = 200_000;

impl Reader<'_> {
    /// A value with every name in it replaced by what it stands for, so that it keeps its meaning elsewhere.
    pub(super) fn settled(&self, node: &Node) -> Node {
        self.filled(node).with_names(&mut |node, variable| {
            let value = if variable.contains('.') {
                Value::Scalar(Scalar {
                    text: self.text(node)?.value,
                    quoting: Quoting::Quoted,
                })
            } else {
                Value::Person(self.named(&node.span, variable)?)
            };
            let span = node.span.clone();
            Some(Node { span, value })
        })
    }

    /// The same, with names that are not in the scope left as they are.
    pub(super) fn filled(&self, node: &Node) -> Node {
        node.with_names(&mut |node, variable| {
            let bound = self.scope.get(variable)?;
            let affordable = self.spend(bound.pieces(), MAX_PIECES, &node.span);
            Some(if affordable {
                Node::clone(bound)
            } else {
                // It is complained about; what follows must not grow, and need not be told.
                let (span, value) = (node.span.clone(), Value::List(Vec::new()));
                Node { span, value }
            })
        })
    }

    /// The same reader, with people in place of their names in what the file defines.
    pub(super) fn with_people_in_definitions(&self) -> Self {
        let settled = |(name, node): (&String, &Arc<Node>)| (name.clone(), self.settled(node));
        let definitions: Vec<(String, Node)> = self.scope.iter().map(settled).collect();
        self.with_names(definitions)
    }

    /// What a part of somebody, such as `$taro.pin`, is asked of.
    pub(super) fn named(&self, span: &Span, name: &str) -> Option<PersonId> {
        let found = match self.scope.get(name) {
            Some(bound) => match (&bound.value, bound.variable()) {
                (Value::Person(id), _) => Some(*id),
                (_, Some(person)) => self.find_person(person),
                _ => None,
            },
            None => self.find_person(name),
        };
        if found.is_none() {
            self.undefined(span, name);
        }
        found
    }

    /// Whom a step can name: nobody from within a flow, which knows its parameters alone.
    fn find_person(&self, name: &str) -> Option<PersonId> {
        self.people_in_sight()
            .find(|(_, person)| person.name == name)
            .map(|(id, _)| id)
    }

    fn people_in_sight(&self) -> impl Iterator<Item = (PersonId, &Person)> {
        self.roster.iter().filter(|_| self.calls.is_empty())
    }

    /// Takes from what one file may come to; complains once when nothing is left.
    pub(super) fn spend(&self, pieces: usize, most: usize, span: &Span) -> bool {
        let before = self.spent.get();
        let after = before.saturating_add(pieces);
        self.spent.set(after);
        if before <= most && after > most {
            let what = format!("by its names and flows this file comes to more than {most} pieces");
            let mend = "split it; no scenario needs that";
            self.complain(Diagnostic::new(span.clone(), what).mend(mend));
        }
        after <= most
    }

    /// Complains about a name that stands for nothing here.
    pub(super) fn undefined(&self, span: &Span, name: &str) {
        let at = At {
            value: format!("${name}"),
            span: span.clone(),
        };
        let people = self
            .people_in_sight()
            .map(|(_, person)| person.name.clone());
        let names: Vec<String> = people
            .chain(self.scope.keys().cloned())
            .map(|name| format!("${name}"))
            .collect();
        if names.is_empty() {
            let what = format!("nothing is called `${name}`");
            let mend = "a flow knows its parameters and the definitions of its file";
            self.complain(Diagnostic::new(span.clone(), what).mend(mend));
        } else {
            self.unknown(&at, "nothing is called", names.iter().map(String::as_str));
        }
    }

    /// Complains about a name that is given and never mentioned.
    pub(super) fn unused(&self, name: &At<String>, what: &str, mend: &str) {
        let what = format!("{what} `{}` is never used", name.value);
        self.complain(Diagnostic::new(name.span.clone(), what).mend(mend));
    }
}

/// Every name that is mentioned in `node`, without its parts.
pub(super) fn mentions(node: &Node) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    node.each(&mut |piece| {
        if let Some(variable) = piece.variable() {
            let name = variable.split('.').next().unwrap_or(variable);
            names.insert(name.to_owned());
        }
    });
    names
}

/// Every flow that is called in `node`.
pub(super) fn calls(node: &Node) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    node.each(&mut |piece| {
        for (key, value) in piece.entries().unwrap_or_default() {
            if let (true, Some(scalar)) = (key.value == "flow", value.scalar()) {
                names.insert(scalar.text.clone());
            }
        }
    });
    names
}
