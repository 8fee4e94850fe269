//! [`SnapshotTaken`]: what a step's `snapshot` saw.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A screen, a record or a certificate as text, for the file that keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SnapshotTaken {
    /// What it is of: `screen`, `record` or `certificate`.
    pub of: Cow<'static, str>,
    /// The file that keeps it.
    pub file: String,
    /// The text.
    pub text: String,
}
