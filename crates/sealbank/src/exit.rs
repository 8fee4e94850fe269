//! Exit codes: the one place that knows them. They are stable.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Success,
    /// A scenario failed, a request was refused, or an audit found a break.
    Failed,
    /// Bad input; nothing was run.
    BadInput,
    /// We failed: a file, a port, a disk.
    Internal,
    /// Nothing was selected.
    NothingSelected,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Failed => 1,
            Exit::BadInput => 2,
            Exit::Internal => 3,
            Exit::NothingSelected => 4,
        })
    }
}

/// A command that ended with a message for standard error.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The code to end with.
    pub(crate) exit: Exit,
    /// What happened, where, and how to mend it.
    pub(crate) message: String,
}

impl Failure {
    /// The user gave something that can't be used.
    pub(crate) fn bad_input(message: impl std::fmt::Display) -> Self {
        Self {
            exit: Exit::BadInput,
            message: message.to_string(),
        }
    }

    /// We failed.
    pub(crate) fn internal(message: impl std::fmt::Display) -> Self {
        Self {
            exit: Exit::Internal,
            message: message.to_string(),
        }
    }
}
