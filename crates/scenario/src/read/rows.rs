//! `for-each` and `skip`: the rows of a case, which of them are left out on purpose, and what some are tagged with.

use std::collections::BTreeSet;

use sealbank_bank::Settings;
use sealbank_workstation::Point;

use super::scope::mentions;
use super::{Fields, Reader};
use crate::diagnostic::Diagnostic;
use crate::node::{Node, Quoting, Scalar, Value};
use crate::source::At;

/// The most rows that one `for-each` may make.
const MAX_ROWS: usize = 2_000;
/// What stands for every point of the retrieval in a `for-each`.
const ALL: &str = "all";

/// One row of the product.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// The variables with their values, in the order of `for-each`.
    pub(super) values: Vec<(String, Node)>,
    /// The tags that it has beside its case's.
    pub(super) tags: BTreeSet<String>,
    /// Why it is left out, if it is.
    pub(super) left_out: Option<At<String>>,
}

impl Row {
    /// The row's part of a case's id, such as `[delivered,power-off]`.
    pub(super) fn label(&self) -> String {
        if self.values.is_empty() {
            return String::new();
        }
        let values: Vec<String> = self.values.iter().map(|(_, value)| value.brief()).collect();
        format!("[{}]", values.join(","))
    }
}

/// Some of the rows: variables with the values that it is about; every row when there are none.
#[derive(Default)]
struct SomeRows<'n>(Vec<(&'n At<String>, Vec<String>)>);

/// Rows that make no sense, with the reason.
struct Skip<'n> {
    rows: SomeRows<'n>,
    because: At<String>,
}

impl SomeRows<'_> {
    fn hold(&self, row: &Row) -> bool {
        self.0.iter().all(|(variable, wanted)| {
            let value = row.values.iter().find(|(name, _)| *name == variable.value);
            value.is_some_and(|(_, value)| wanted.contains(&value.brief()))
        })
    }
}

impl Reader<'_> {
    /// The product of the lists of `for-each`, the last one turning fastest; one empty row without it.
    pub(super) fn rows(&self, fields: &Fields<'_>, steps: &Node, settings: &Settings) -> Vec<Row> {
        let mut rows = self.product(fields, steps, settings);
        for node in fields.get("skip").map_or(&[][..], |node| self.items(node)) {
            if let Some(Skip {
                rows: some,
                because,
            }) = self.skip(node, &rows)
            {
                self.mark(node, "leaves out", &some, &mut rows, |row| {
                    row.left_out.get_or_insert_with(|| because.clone());
                });
            }
        }
        for node in fields.get("tags").map_or(&[][..], |node| self.items(node)) {
            let entries = node.entries().filter(|entries| !entries.is_empty());
            if let Some((some, tag)) = entries.and_then(|_| self.tag_of_rows(node, &rows)) {
                self.mark(node, "tags", &some, &mut rows, |row| {
                    row.tags.insert(tag.clone());
                });
            }
        }
        rows
    }

    /// Does something to some rows; there has to be one.
    fn mark(
        &self,
        node: &Node,
        does: &str,
        some: &SomeRows<'_>,
        rows: &mut [Row],
        mut mark: impl FnMut(&mut Row),
    ) {
        let mut met = false;
        for row in rows.iter_mut().filter(|row| some.hold(row)) {
            met = true;
            mark(row);
        }
        if !met {
            let what = format!("this {does} no row");
            let mend = "name values as they stand in `for-each`, or take it away";
            self.complain(Diagnostic::new(node.span.clone(), what).mend(mend));
        }
    }

    fn product(&self, fields: &Fields<'_>, steps: &Node, settings: &Settings) -> Vec<Row> {
        let one = vec![Row::default()];
        let Some(node) = fields.get("for-each") else {
            return one;
        };
        let Some(entries) = node.entries() else {
            self.wrong::<()>(node, "a map", "write `at: [key-made, delivered]`");
            return one;
        };
        let mut rows = one;
        for (variable, values) in entries {
            self.new_name(variable);
            let parts = [Some(steps), fields.get("always"), fields.get("after")];
            let mut parts = parts.into_iter().flatten();
            if !parts.any(|node| mentions(node).contains(&variable.value)) {
                let mend = "mention it in the steps, or take it away";
                self.unused(variable, "the variable", mend);
            }
            let values = self.values(variable, values, steps, settings);
            if values.is_empty() || rows.len().saturating_mul(values.len()) > MAX_ROWS {
                let made = rows.len().saturating_mul(values.len());
                let what = format!("this makes {made} rows");
                let mend = format!("give 1 to {MAX_ROWS} rows");
                self.complain(Diagnostic::new(variable.span.clone(), what).mend(mend));
                return rows;
            }
            rows = rows
                .iter()
                .flat_map(|row| {
                    values.iter().map(|value| {
                        let mut row = row.clone();
                        row.values.push((variable.value.clone(), value.clone()));
                        row
                    })
                })
                .collect();
        }
        rows
    }

    /// A name that nothing else has.
    pub(super) fn new_name(&self, name: &At<String>) {
        let taken = if self.roster.find(&name.value).is_some() {
            "somebody of `let`"
        } else if self.scope.contains_key(&name.value) {
            "there already, as another name"
        } else {
            return;
        };
        let what = format!("`{}` is {taken}", name.value);
        let mend = "give the variable another name";
        self.complain(Diagnostic::new(name.span.clone(), what).mend(mend));
    }

    /// The values of a variable; `all` stands for the points of the retrieval or renewal that it interrupts.
    fn values(
        &self,
        variable: &At<String>,
        node: &Node,
        steps: &Node,
        settings: &Settings,
    ) -> Vec<Node> {
        let resolved = self.resolved(node);
        if resolved.scalar().is_none_or(|scalar| scalar.text != ALL) {
            return self.items(node).to_vec();
        }
        let Some((verb, arguments)) = interrupted_by(steps, &variable.value) else {
            let what = format!("no retrieval is interrupted at ${}", variable.value);
            let mend = format!(
                "`all` stands for the points of a step with `interrupt: {{ at: ${} }}`; write the values out",
                variable.value
            );
            self.complain(Diagnostic::new(node.span.clone(), what).mend(mend));
            return Vec::new();
        };
        points_with(popups(arguments, settings))
            .filter(|point| !(verb.value.ends_with(".renew") && *point == Point::Intermediate))
            .map(|point| Node {
                span: resolved.span.clone(),
                value: Value::Scalar(Scalar {
                    text: point.name().to_owned(),
                    quoting: Quoting::Plain,
                }),
            })
            .collect()
    }

    /// `skip: { at: form, how: [cancel, close], because: … }`, or `skip: …` alone for the whole case.
    fn skip<'n>(&'n self, node: &'n Node, rows: &[Row]) -> Option<Skip<'n>> {
        if node.entries().is_none_or(<[_]>::is_empty) {
            return Some(Skip {
                rows: SomeRows::default(),
                because: self.text(node)?,
            });
        }
        let (some, because) =
            self.some_rows(node, "skip", rows, ("because", "there is no popup yet"))?;
        Some(Skip {
            rows: some,
            because: self.text(because)?,
        })
    }

    /// `tags: [slow, { at: form, tag: case-13 }]`: a tag of some rows alone.
    fn tag_of_rows<'n>(&'n self, node: &'n Node, rows: &[Row]) -> Option<(SomeRows<'n>, String)> {
        let (some, tag) = self.some_rows(node, "tags", rows, ("tag", "slow"))?;
        Some((some, self.identifier(tag)?.value))
    }

    /// Variables with the values that are meant, and beside them what `key` holds.
    fn some_rows<'n>(
        &'n self,
        node: &'n Node,
        what: &'static str,
        rows: &[Row],
        (key, example): (&'static str, &'static str),
    ) -> Option<(SomeRows<'n>, &'n Node)> {
        let variables = rows.first().map_or(&[][..], |row| &row.values);
        let known = variables.iter().map(|(name, _)| name.as_str());
        let known: Vec<&str> = known.chain([key]).collect();
        let fields = self.fields(node, what, &known)?;
        let held = self.needed(&fields, key, example)?;
        let when = node.entries()?.iter().filter(|(name, _)| name.value != key);
        let when =
            when.map(|(name, node)| (name, self.items(node).iter().map(Node::brief).collect()));
        Some((SomeRows(when.collect()), held))
    }
}

/// The step that is interrupted at `$variable`, or the flow that is called with it: its verb and its arguments.
fn interrupted_by<'n>(steps: &'n Node, variable: &str) -> Option<&'n (At<String>, Node)> {
    let Value::List(items) = &steps.value else {
        return None;
    };
    items.iter().find_map(|step| {
        let entries = step.entries()?;
        let part = |name: &str| entries.iter().find(|(key, _)| key.value == name);
        if let (Some(flow), Some((_, with))) = (part("flow"), part("with")) {
            let mut arguments = with.entries()?.iter();
            return arguments
                .any(|(_, node)| node.variable() == Some(variable))
                .then_some(flow);
        }
        let (_, interruption) = part("interrupt")?;
        let mut parts = interruption.entries()?.iter();
        let (_, at) = parts.find(|(key, _)| key.value == "at")?;
        (at.variable() == Some(variable)).then_some(())?;
        entries
            .iter()
            .find(|(verb, _)| verb.value.ends_with(".retrieve") || verb.value.ends_with(".renew"))
    })
}

/// How many popups this step shows: what its PC says, or what the bank's page announces.
fn popups(arguments: &Node, settings: &Settings) -> u8 {
    let mut entries = arguments.entries().into_iter().flatten();
    entries
        .find(|(key, _)| key.value == "popups")
        .and_then(|(_, node)| node.scalar()?.text.parse().ok())
        .unwrap_or(settings.popup_count)
}

/// Every point; those of the popups as far as there are popups.
fn points_with(popups: u8) -> impl Iterator<Item = Point> {
    Point::ALL.into_iter().filter(move |point| match point {
        Point::FirstPopup => popups >= 1,
        Point::SecondPopup => popups >= 2,
        _ => true,
    })
}
