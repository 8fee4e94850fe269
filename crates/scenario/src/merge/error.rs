//! [`MergeError`]: why streams can't be read, or are not the parts of one run.

use crate::event::EVENT_VERSION;
use crate::run::DriverName;
use crate::selection::Shard;

/// Streams that can't be read, or that are not the parts of one run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// The text ends within a line.
    #[error(
        "{name}:{line}: the line is cut off; the run that wrote it was killed: run that part again"
    )]
    CutOff {
        /// The stream.
        name: String,
        /// The line, counted from 1.
        line: usize,
    },
    /// A line is no event.
    #[error(
        "{name}:{line}: this is no event of a run: {error}; name files that `sealbank run --json` wrote"
    )]
    NoEvent {
        /// The stream.
        name: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        error: String,
    },
    /// The stream is of another version.
    #[error(
        "{name}:1: the events have version {found}, and this program reads version {EVENT_VERSION}; use the program that wrote them"
    )]
    Version {
        /// The stream.
        name: String,
        /// Its version.
        found: u32,
    },
    /// An event stands where it has no meaning.
    #[error(
        "{name}:{line}: the event has no place here; two streams may have been written to one file"
    )]
    OutOfPlace {
        /// The stream.
        name: String,
        /// The line, counted from 1.
        line: usize,
    },
    /// The run did not come to its end.
    #[error("{name}:{line}: the run has no end; it was killed before it: run that part again")]
    Unended {
        /// The stream.
        name: String,
        /// Its last line, counted from 1.
        line: usize,
    },
    /// Several streams, one of which is no part.
    #[error(
        "{name} is a whole run, not a part of one; merge what `sealbank run --shard K/N --json FILE` wrote"
    )]
    Whole {
        /// The stream.
        name: String,
    },
    /// Parts of different divisions.
    #[error("{name} is part {found}, but {other} is part {expected}; merge the parts of one run")]
    OtherDivision {
        /// The stream.
        name: String,
        /// Its part.
        found: Shard,
        /// The first stream.
        other: String,
        /// Its part.
        expected: Shard,
    },
    /// Parts of runs of different files.
    #[error(
        "{name} is of {found} cases in all, but {other} of {expected}; merge the parts of one run"
    )]
    OtherSuite {
        /// The stream.
        name: String,
        /// How many cases its files hold.
        found: usize,
        /// The first stream.
        other: String,
        /// How many cases that one's files hold.
        expected: usize,
    },
    /// Parts of runs by different drivers.
    #[error(
        "{name} was run by driver {found}, but {other} by driver {expected}; merge the parts of one run"
    )]
    OtherDriver {
        /// The stream.
        name: String,
        /// Its driver.
        found: DriverName,
        /// The first stream.
        other: String,
        /// Its driver.
        expected: DriverName,
    },
    /// A part is not there.
    #[error("part {part}/{of} is missing; add its file, or run it with --shard {part}/{of}")]
    Missing {
        /// The part.
        part: usize,
        /// Of how many.
        of: usize,
    },
    /// A case was told twice.
    #[error(
        "{name}:{line}: the case `{id}` is also at {other}; name every part once, and share .sealbank/last-run.json among machines"
    )]
    Twice {
        /// The stream.
        name: String,
        /// The line, counted from 1.
        line: usize,
        /// The case.
        id: String,
        /// The stream and line where it was told first.
        other: String,
    },
}
