//! `snapshot`: a name for the screen, or names by what is kept.

use super::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{Check, Claim, Kept, SnapshotClaim, SnapshotOf, snapshot_directory};
use crate::node::Node;
use crate::source::At;

impl Reader<'_> {
    /// `snapshot: done`, or `snapshot: { screen: done, record: taro }`.
    pub(super) fn snapshots(&self, node: &Node) -> Vec<Check> {
        let resolved = self.resolved(node);
        if resolved.entries().is_none() {
            return self
                .snapshot(node, SnapshotOf::Screen)
                .into_iter()
                .collect();
        }
        let names = SnapshotOf::ALL.map(SnapshotOf::name);
        let Some(fields) = self.fields(node, "snapshot", &names) else {
            return Vec::new();
        };
        SnapshotOf::ALL
            .into_iter()
            .filter_map(|of| self.snapshot(fields.get(of.name())?, of))
            .collect()
    }

    fn snapshot(&self, node: &Node, of: SnapshotOf) -> Option<Check> {
        let At { value, span } = self.identifier(node)?;
        if value.starts_with('.') {
            let what = format!("`{value}` can't be the name of a snapshot's file");
            self.complain(Diagnostic::new(span, what).mend("begin it with a letter or a digit"));
            return None;
        }
        let file = snapshot_directory(span.file()).join(format!("{value}.{}.snap", of.name()));
        let kept = Kept::Nothing;
        Some(Check {
            span,
            claim: Claim::Snapshot(SnapshotClaim { of, file, kept }),
        })
    }
}
