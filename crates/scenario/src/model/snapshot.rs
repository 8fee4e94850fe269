//! [`SnapshotClaim`]: a whole screen, record or certificate stands as it is kept in a file.

use std::path::{Path, PathBuf};

use crate::source::SourceFile;

/// What a snapshot is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotOf {
    /// The screen that stands there.
    Screen,
    /// The bank's record of the person.
    Record,
    /// The newest certificate in his store.
    Certificate,
}

/// What is claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotClaim {
    /// What it is of.
    pub of: SnapshotOf,
    /// The file that keeps it.
    pub file: PathBuf,
    /// What the file holds.
    pub kept: Kept,
}

/// What a snapshot's file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// This text.
    Text(String),
    /// There is no such file.
    Nothing,
    /// Nobody asks: it is taken anew.
    Anything,
}

impl SnapshotOf {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Screen, Self::Record, Self::Certificate];

    /// Its word in a scenario.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::Record => "record",
            Self::Certificate => "certificate",
        }
    }
}

/// The directory of a scenario's snapshots: `snapshots/NAME` beside `NAME.yaml`.
#[must_use]
pub fn snapshot_directory(scenario: &SourceFile) -> PathBuf {
    let path = Path::new(scenario.path());
    let beside = path.parent().unwrap_or(Path::new(""));
    beside
        .join("snapshots")
        .join(path.file_stem().unwrap_or_default())
}
