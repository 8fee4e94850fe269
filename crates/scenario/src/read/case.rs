//! `cases`: each with its steps, once for every row of its `for-each`.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::header::{Header, Title};
use super::{FileId, Reader, Shelf};
use crate::diagnostic::Diagnostic;
use crate::model::Step;
use crate::node::{Node, Value};
use crate::source::At;

pub(super) const KEYS: [&str; 5] = ["title", "tags", "for-each", "skip", "steps"];

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

/// Whether a case is played.
#[derive(Debug)]
pub(crate) enum Play {
    /// It is.
    Steps(Vec<Step>),
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
    let before = header
        .before
        .as_ref()
        .map_or_else(Vec::new, |node| reader.steps(node, &header.settings));
    entries
        .iter()
        .flat_map(|(name, node)| reader.case(name, node, &before, header))
        .collect()
}

impl Reader<'_> {
    fn case(&self, name: &At<String>, node: &Node, before: &[Step], header: &Header) -> Vec<Case> {
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
        tags.extend(
            fields
                .get("tags")
                .map(|node| self.tags(node))
                .unwrap_or_default(),
        );
        let rows = self.rows(&fields, steps, &header.settings);
        let case = |label: String, play: Play| Case {
            name: format!("{}{label}", name.value),
            title: title.clone(),
            tags: tags.clone(),
            play,
            at: name.clone(),
        };
        rows.into_iter()
            .map(|row| {
                let label = row.label();
                if let Some(because) = row.left_out {
                    return case(label, Play::LeftOut { because });
                }
                let names = row.values.into_iter();
                let names = names.map(|(name, node)| (name, self.settled(&node)));
                let own = self.with_names(names).steps(steps, &header.settings);
                case(
                    label,
                    Play::Steps(before.iter().cloned().chain(own).collect()),
                )
            })
            .collect()
    }

    /// Words by which cases are chosen.
    pub(super) fn tags(&self, node: &Node) -> BTreeSet<String> {
        let tags = self.items(node).iter();
        tags.filter_map(|item| self.identifier(item))
            .map(|tag| tag.value)
            .collect()
    }
}
