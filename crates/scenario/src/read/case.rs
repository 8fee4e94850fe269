//! `cases`: each with its steps, once for every row of its `for-each`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::header::{Header, Title};
use super::{Fields, Reader};
use crate::diagnostic::Diagnostic;
use crate::model::Step;
use crate::node::{Node, Value};
use crate::source::At;

/// The most rows that one `for-each` may make.
const MAX_ROWS: usize = 2_000;

/// One case in one row of its `for-each`.
#[derive(Debug)]
pub(crate) struct Case {
    /// The case's name with its row, such as `forbidden[delivered,power-off]`.
    pub(crate) name: String,
    pub(crate) title: Title,
    pub(crate) steps: Vec<Step>,
    pub(crate) at: At<String>,
}

/// Reads all cases of a file.
pub(crate) fn cases(header: &Header, mistakes: &RefCell<Vec<Diagnostic>>) -> Vec<Case> {
    let reader = Reader::new(mistakes, &header.roster, &header.pcs);
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
        let (Some(_), Some(fields)) = (
            self.identifier(&key),
            self.fields(node, "a case", &["title", "for-each", "steps"]),
        ) else {
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
        let rows = self.rows(&fields);
        rows.into_iter()
            .map(|row| {
                let label = row_label(&row);
                let named = row.into_iter().collect::<BTreeMap<_, _>>();
                let own = self.in_row(named).steps(steps, &header.settings);
                Case {
                    name: format!("{}{label}", name.value),
                    title: title.clone(),
                    steps: before.iter().cloned().chain(own).collect(),
                    at: name.clone(),
                }
            })
            .collect()
    }

    /// The product of the lists of `for-each`, the last one turning fastest; one empty row without it.
    fn rows(&self, fields: &Fields<'_>) -> Vec<Vec<(String, Node)>> {
        let one = vec![Vec::new()];
        let Some(node) = fields.get("for-each") else {
            return one;
        };
        let Some(entries) = node.entries() else {
            self.wrong::<()>(node, "a map", "write `at: [key-made, delivered]`");
            return one;
        };
        let mut rows = one;
        for (variable, values) in entries {
            if self.roster.find(&variable.value).is_some() {
                self.complain(
                    Diagnostic::new(
                        variable.span.clone(),
                        format!("`{}` is somebody of `let`", variable.value),
                    )
                    .mend("give the variable another name"),
                );
            }
            let values = self.items(values);
            if values.is_empty() || rows.len().saturating_mul(values.len()) > MAX_ROWS {
                self.complain(
                    Diagnostic::new(
                        variable.span.clone(),
                        format!(
                            "this makes {} rows",
                            rows.len().saturating_mul(values.len())
                        ),
                    )
                    .mend(format!("give 1 to {MAX_ROWS} rows")),
                );
                return rows;
            }
            rows = rows
                .iter()
                .flat_map(|row| {
                    values.iter().map(|value| {
                        let mut row = row.clone();
                        row.push((variable.value.clone(), value.clone()));
                        row
                    })
                })
                .collect();
        }
        rows
    }
}

fn row_label(row: &[(String, Node)]) -> String {
    if row.is_empty() {
        return String::new();
    }
    let values: Vec<String> = row.iter().map(|(_, value)| value.brief()).collect();
    format!("[{}]", values.join(","))
}
