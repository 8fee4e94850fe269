//! Comparisons (`not`, `at-most`, `at-least`), what a step saves, and what has to hold after every step.

use std::collections::BTreeSet;

use super::Reader;
use super::expectation::RECORD_WORDS;
use crate::diagnostic::Diagnostic;
use crate::model::{Check, Claim, Fact, FactKind, Operand, Reading, Relation, Saved, Step};
use crate::node::{Node, Value};
use crate::source::{At, Span};

pub(super) const RELATIONS: [(&str, Relation); 3] = [
    ("not", Relation::Not),
    ("at-most", Relation::AtMost),
    ("at-least", Relation::AtLeast),
];
/// What can be said of a state, whatever step led to it.
pub(super) const ALWAYS_KEYS: [&str; 8] = [
    "certificate",
    "record",
    "store",
    "user",
    "administrator",
    "choice",
    "accepted-certificates",
    "certificates-ever",
];

impl Reader<'_> {
    /// `{ not: … }`, `{ at-most: … }`, `{ at-least: … }` or `$saved`; nothing when it is written in another way.
    pub(super) fn comparisons(&self, name: &str, node: &Node) -> Option<Vec<Check>> {
        let name = if name == "administrator" {
            "user"
        } else {
            name
        };
        let (_, fact) = Fact::ALL.iter().find(|(known, _)| *known == name)?;
        let resolved = self.resolved(node);
        match &resolved.value {
            Value::Saved(_) => {
                let check = self.compared(*fact, Relation::Is, node);
                Some(check.into_iter().collect())
            }
            Value::Map(entries) if !entries.is_empty() => {
                let known = RELATIONS.map(|(word, _)| word);
                self.fields(resolved, name, &known)?;
                let relation = |word: &str| RELATIONS.iter().find(|(known, _)| *known == word);
                let checks = entries.iter().filter_map(|(key, node)| {
                    let (_, relation) = relation(&key.value)?;
                    self.orderly(*fact, *relation, &key.span)?;
                    self.compared(*fact, *relation, node)
                });
                Some(checks.collect())
            }
            _ => None,
        }
    }

    /// A fact as it is written, with nothing else said.
    pub(super) fn written(&self, fact: Fact, node: &Node) -> Option<Check> {
        self.compared(fact, Relation::Is, node)
    }

    /// Texts have no order.
    fn orderly(&self, fact: Fact, relation: Relation, span: &Span) -> Option<()> {
        if fact.kind() != FactKind::Text || relation == Relation::Not {
            return Some(());
        }
        let what = format!(
            "`{}` is a text, which is neither more nor less",
            fact.name()
        );
        let mend = "write the value itself, or `not: …`";
        self.complain(Diagnostic::new(span.clone(), what).mend(mend));
        None
    }

    fn compared(&self, fact: Fact, relation: Relation, node: &Node) -> Option<Check> {
        let with = match &self.resolved(node).value {
            Value::Saved(saved) if saved.fact.kind() != fact.kind() => {
                let (own, other) = (fact.kind().name(), saved.fact.kind().name());
                let what = format!(
                    "`{}` is {own}, but ${} is {other}: {}",
                    fact.name(),
                    saved.name.value,
                    saved.fact.name()
                );
                let mend = "compare what is of one kind";
                self.complain(Diagnostic::new(node.span.clone(), what).mend(mend));
                return None;
            }
            Value::Saved(saved) => Operand::Saved(Saved::clone(saved)),
            _ => Operand::Written(self.reading(fact, node)?),
        };
        Some(Check {
            span: node.span.clone(),
            claim: Claim::Compared {
                fact,
                relation,
                with,
            },
        })
    }

    /// A value of the fact, as it is written in expectations.
    fn reading(&self, fact: Fact, node: &Node) -> Option<Reading> {
        let text = |found: Option<At<String>>| Some(Reading::Text(found?.value));
        match fact {
            Fact::Screen => text(self.screen(node)),
            Fact::Refused => text(self.refusal_code(node)),
            Fact::Because => text(self.reason(node)),
            Fact::Condition => Some(Reading::Text(self.condition(node)?.value.name().to_owned())),
            Fact::Serial | Fact::CommonName => text(self.text(node)),
            Fact::NotBefore | Fact::NotAfter => Some(Reading::Moment(self.moment(node)?.value)),
            Fact::Accepted | Fact::Ever | Fact::Generation | Fact::PinFailures => {
                Some(Reading::Number(self.number(node, 1_000)?.value.into()))
            }
            Fact::Account | Fact::Method | Fact::Grant | Fact::OnTheBooks => {
                let key = fact.name().trim_start_matches("record.");
                let words = RECORD_WORDS.iter().find(|(known, _)| *known == key)?.1;
                let table: Vec<(&str, String)> = words
                    .iter()
                    .map(|word| (*word, (*word).to_owned()))
                    .collect();
                text(self.word(node, key, &table))
            }
        }
    }

    /// `save: { first: certificate.serial }` at a step.
    pub(super) fn saves(&self, node: &Node) -> Vec<Saved> {
        let node = self.resolved(node);
        let Some(entries) = node.entries() else {
            let mend = "write `save: { first: certificate.serial }`";
            self.wrong::<()>(node, "a map of names and what is saved", mend);
            return Vec::new();
        };
        entries
            .iter()
            .filter_map(|(name, node)| {
                self.new_name(name);
                let fact = self.word(node, "value to save", &Fact::ALL)?.value;
                Some(Saved {
                    name: name.clone(),
                    fact,
                    key: format!("{}@{}{:?}", name.value, name.span, self.places_of_calls()),
                })
            })
            .collect()
    }

    /// The same reader with the names that these steps save; what a flow saves is its own affair.
    pub(super) fn with_saved(&self, steps: &[Step]) -> Self {
        let own = steps.iter().filter(|step| step.calls.is_empty());
        let saved = own.flat_map(|step| &step.saves).map(|saved| {
            let node = Node {
                span: saved.name.span.clone(),
                value: Value::Saved(saved.clone().into()),
            };
            (saved.name.value.clone(), node)
        });
        self.with_names(saved)
    }

    /// What has to hold after every step of a case.
    pub(super) fn invariants(&self, node: Option<&Node>) -> Vec<Check> {
        let Some(node) = node else {
            return Vec::new();
        };
        let Some(fields) = self.fields(node, "always", &ALWAYS_KEYS) else {
            return Vec::new();
        };
        if fields.keys().any(|key| !ALWAYS_KEYS.contains(&key)) {
            return Vec::new();
        }
        self.checks(node)
    }

    /// Complains about what is saved in `node` and never mentioned in any of these.
    pub(super) fn saved_in_vain(&self, node: &Node, mentioned: &BTreeSet<String>) {
        for name in saved_names(node) {
            if !mentioned.contains(&name.value) {
                let mend = "mention it in a later expectation, or take it away";
                self.unused(name, "the saved value", mend);
            }
        }
    }
}

/// Every name that a step in `node` saves.
pub(super) fn saved_names(node: &Node) -> Vec<&At<String>> {
    let mut names = Vec::new();
    node.each(&mut |piece| {
        let Value::List(steps) = &piece.value else {
            return;
        };
        let entries = steps
            .iter()
            .flat_map(|step| step.entries().unwrap_or_default());
        for (_, save) in entries.filter(|(key, _)| key.value == "save") {
            names.extend(
                save.entries()
                    .unwrap_or_default()
                    .iter()
                    .map(|(name, _)| name),
            );
        }
    });
    names
}
