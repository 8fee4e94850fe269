//! Exit codes: the one place that knows them. They are stable.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Success,
    /// A scenario failed, too little was covered, a request was refused, or an audit found a break.
    Failed,
    /// Bad input; nothing was run.
    BadInput,
    /// We failed: a file, a port, a disk.
    Internal,
    /// Nothing was selected.
    NothingSelected,
    /// Ctrl-C, or the service manager's word, came before the end; what was begun can be gone on with.
    Interrupted,
}

impl Exit {
    /// Every way to end.
    pub(crate) const ALL: [Self; 6] = [
        Self::Success,
        Self::Failed,
        Self::BadInput,
        Self::Internal,
        Self::NothingSelected,
        Self::Interrupted,
    ];

    /// What it means, for whoever looks it up.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Success => "All is well.",
            Self::Failed => {
                "A scenario failed, too little was covered, a request was refused, or an audit found a break."
            }
            Self::BadInput => {
                "Bad input: arguments, scenarios, settings, a passphrase; nothing was done."
            }
            Self::Internal => "sealbank itself failed: a file, a port, a disk.",
            Self::NothingSelected => "Nothing was selected to run.",
            Self::Interrupted => "Ctrl-C, or the service manager's word, came before the end.",
        }
    }

    /// What to do about it.
    pub(crate) fn mend(self) -> Option<&'static str> {
        match self {
            Self::Success => None,
            Self::Failed => Some("read the failure; it ends with the command that repeats it"),
            Self::BadInput => Some("read the message; it names the place and what to write there"),
            Self::Internal => Some("read the message; SEALBANK_LOG=debug tells more"),
            Self::NothingSelected => Some("`sealbank list` shows ids, places and tags"),
            Self::Interrupted => Some("run it again; reports hold what was finished"),
        }
    }

    /// The number that the system is told.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::BadInput => 2,
            Self::Internal => 3,
            Self::NothingSelected => 4,
            // 128 and the number of SIGINT, as shells have it.
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
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
