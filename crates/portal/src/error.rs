//! What goes wrong in the portal. The bank saying no is no error: that is a [`Refusal`].

use std::net::SocketAddr;

use sealbank_bank::settings::SettingError;
use sealbank_bank::{Inconsistency, PinCostError, PinFormatError, Refusal};
use sealbank_ca::CaError;
use sealbank_journal::{JournalError, Position};

use crate::origin::Origin;

/// Why the portal did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PortalError {
    /// The settings contradict themselves.
    #[error("the bank cannot run with its settings: {}", list(.0))]
    Settings(Vec<SettingError>),
    /// The journal did not take or give what it should.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The certification authority failed.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// A recorded event does not fit the books before it.
    #[error(
        "entry {position} of the journal does not fit the bank's books: {source}; it belongs to another bank, or was altered"
    )]
    Misfit {
        /// The entry.
        position: Position,
        /// What does not fit.
        source: Inconsistency,
    },
    /// What the bank just decided does not fit its own books.
    #[error("a decision of the bank does not fit its books: {0}; this is a defect of the program")]
    Undecidable(Inconsistency),
    /// The bank answered a command with something that does not belong to it.
    #[error("the bank answered {command} with {found}; this is a defect of the program")]
    UnexpectedAnswer {
        /// The command.
        command: &'static str,
        /// The answer.
        found: &'static str,
    },
    /// The same stream of the journal was written by somebody else again and again.
    #[error(
        "the books of contract {contract} were changed by somebody else {attempts} times in a row; let one process write the journal"
    )]
    Contended {
        /// The contract.
        contract: String,
        /// How often it was tried.
        attempts: u8,
    },
    /// A certificate of the authority does not say what the bank can write down.
    #[error("the certificate {serial} cannot be written into the bank's books: {problem}")]
    Unrecordable {
        /// Its serial.
        serial: String,
        /// What does not fit.
        problem: String,
    },
    /// It was asked to fail here, by a rule of [`Faults`](crate::Faults).
    #[error("it was asked to fail: {rule}; clear the rule, or let it be used up")]
    AskedToFail {
        /// What the rule says.
        rule: String,
    },
    /// The bank is gone, because a rule of [`Faults`](crate::Faults) said so.
    #[error("the bank has crashed, as it was asked to; start it again on its journal")]
    Crashed,
    /// A piece of work came to no end.
    #[error("a piece of work was broken off: {problem}; this is a defect of the program")]
    BrokenOff {
        /// How it ended.
        problem: String,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes; see to its random source")]
    Randomness,
    /// A listener could not be opened.
    #[error(
        "the {origin} origin cannot listen on {address}: {source}; name a free port, or 0 for any"
    )]
    Listen {
        /// Which.
        origin: Origin,
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The control listener would be reachable from elsewhere.
    #[error("the control listener has no lock, so it listens on loopback only; {0} is not")]
    ControlNotLoopback(SocketAddr),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The web server's own certificates cannot be made.
    #[error("the web server's certificates cannot be made: {0}")]
    WebCertificate(#[from] rcgen::Error),
    /// A name is none that a browser could open.
    #[error(
        "{found:?} cannot be the host name of the {origin} origin; give a DNS name such as ib.bank.test"
    )]
    HostName {
        /// Of which origin.
        origin: Origin,
        /// The name.
        found: String,
    },
    /// A PIN of a roster is not of the bank's format.
    #[error("the PIN of {whose}: {source}")]
    Pin {
        /// Whose.
        whose: String,
        /// What is wrong with it.
        source: PinFormatError,
    },
    /// A PIN cannot be hashed as the settings ask for.
    #[error(transparent)]
    PinCost(#[from] PinCostError),
    /// An identifier of a roster is not of the bank's format.
    #[error(transparent)]
    Identifier(#[from] sealbank_bank::IdError),
}

/// A command that was not carried out: refused by the bank, or failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The bank says no.
    #[error("the bank refuses: {0}")]
    Refused(#[from] Refusal),
    /// The portal failed; nothing was applied that is not recorded.
    #[error(transparent)]
    Failed(#[from] PortalError),
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<CaError> for Failure {
    fn from(error: CaError) -> Self {
        Self::Failed(error.into())
    }
}

impl Failure {
    /// The refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused(refusal) => Some(*refusal),
            Self::Failed(_) => None,
        }
    }
}

fn list(errors: &[SettingError]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
