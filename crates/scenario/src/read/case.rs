//! `cases`: each with its steps, once for every row of its `for-each`.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::header::{Header, Title};
use super::scope::mentions;
use super::{FileId, Reader, Shelf};
use crate::diagnostic::Diagnostic;
use crate::model::{Check, Step};
use crate::node::{Node, Value};
use crate::source::At;

pub(super) const KEYS: [&str; 7] = [
    "title", "tags", "for-each", "skip", "always", "steps", "after",
];

/// One case in one row of its `for-each`.
#[derive(Debug)]
pub(crate) struct Case {
    /// The case's name with its row, such as `forbidden[delivered,power-off]`.
    pub(crate) name: String,
    pub(crate) title: Title,
    pub(crate) tags: BTreeSet<String>,
    pub(crate) play: Play,
    pub(crate) at: At<String>,
}

/// What is played, and what has to hold all along.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// The steps, with those before every case.
    pub(crate) steps: Vec<Step>,
    /// Steps that are done in any case.
    pub(crate) after: Vec<Step>,
    /// What has to hold after every step.
    pub(crate) always: Vec<Check>,
}

/// Whether a case is played.
#[derive(Debug)]
pub(crate) enum Play {
    /// It is.
    Steps(Box<Script>),
    /// Its row is left out on purpose.
    LeftOut {
        /// Why.
        because: At<String>,
    },
}

/// Reads all cases of a file.
pub(crate) fn cases(
    header: &Header,
    shelf: &Shelf,
    file: FileId,
    mistakes: &RefCell<Vec<Diagnostic>>,
) -> Vec<Case> {
    let reader = Reader::new(mistakes, &header.roster, &header.pcs).in_file(shelf, file);
    let reader = reader.with_people_in_definitions();
    let Some(entries) = header.cases.entries().filter(|entries| !entries.is_empty()) else {
        let mend = "write `cases: { manual: { steps: [ … ] } }`";
        reader.wrong::<()>(&header.cases, "a map of cases", mend);
        return Vec::new();
    };
    let steps = |reader: &Reader<'_>, node: Option<&Node>| {
        node.map_or_else(Vec::new, |node| reader.steps(node, &header.settings))
    };
    let before = steps(&reader, header.before.as_ref());
    let reader = reader.with_saved(&before);
    let frame = Script {
        after: steps(&reader, header.after.as_ref()),
        always: reader.invariants(header.always.as_ref()),
        steps: before,
    };
    if let Some(before) = &header.before {
        let rest = [&header.always, &header.after].into_iter().flatten();
        let mentioned = rest.chain([before, &header.cases]).flat_map(mentions);
        reader.saved_in_vain(before, &mentioned.collect());
    }
    entries
        .iter()
        .flat_map(|(name, node)| reader.case(name, node, &frame, header))
        .collect()
}

impl Reader<'_> {
    fn case(&self, name: &At<String>, node: &Node, frame: &Script, header: &Header) -> Vec<Case> {
        let key = Node {
            span: name.span.clone(),
            value: Value::Scalar(crate::node::Scalar {
                text: name.value.clone(),
                quoting: crate::node::Quoting::Quoted,
            }),
        };
        let (Some(_), Some(fields)) = (self.identifier(&key), self.fields(node, "a case", &KEYS))
        else {
            return Vec::new();
        };
        let title = match fields.get("title") {
            Some(node) => self.title(node).unwrap_or_default(),
            None => Title::same(&name.value),
        };
        let Some(steps) = self.needed(&fields, "steps", "[ … ]") else {
            return Vec::new();
        };
        if let Value::List(items) = &steps.value
            && items.is_empty()
        {
            let what = "the case has no steps, so it shows nothing";
            let mend = "write at least one, such as `- check: { who: $taro }`";
            self.complain(Diagnostic::new(steps.span.clone(), what).mend(mend));
        }
        let mut tags = header.tags.clone();
        let own = fields.get("tags").map_or(&[][..], |node| self.items(node));
        // Those of some rows alone are read with the rows.
        tags.extend(self.words(own.iter().filter(|item| item.entries().is_none())));
        let rows = self.rows(&fields, steps, &header.settings);
        self.saved_in_vain(node, &mentions(node));
        let case = |label: String, own: BTreeSet<String>, play: Play| Case {
            name: format!("{}{label}", name.value),
            title: title.clone(),
            tags: tags.iter().cloned().chain(own).collect(),
            play,
            at: name.clone(),
        };
        rows.into_iter()
            .map(|row| {
                let label = row.label();
                if let Some(because) = row.left_out {
                    return case(label, row.tags, Play::LeftOut { because });
                }
                let tags = row.tags;
                let names = row.values.into_iter();
                let names = names.map(|(name, node)| (name, self.settled(&node)));
                let row = self.with_names(names);
                let mut script = frame.clone();
                let own = row.steps(steps, &header.settings);
                let row = row.with_saved(&own);
                script.steps.extend(own);
                script.always.extend(row.invariants(fields.get("always")));
                if let Some(node) = fields.get("after") {
                    // His own first: what the file does after every case may undo what they need.
                    script.after.splice(0..0, row.steps(node, &header.settings));
                }
                case(label, tags, Play::Steps(Box::new(script)))
            })
            .collect()
    }

    /// Words by which cases are chosen.
    pub(super) fn tags(&self, node: &Node) -> BTreeSet<String> {
        self.words(self.items(node)).collect()
    }

    fn words<'n>(&self, items: impl IntoIterator<Item = &'n Node>) -> impl Iterator<Item = String> {
        let words = items.into_iter().filter_map(|item| self.identifier(item));
        words.map(|word| word.value)
    }
}
