//! The rules of the authority that an audit finds broken, in words. Finding them is left to
//! `audit`.

use sealbank_journal::Position;
use time::OffsetDateTime;

use crate::{CaError, Serial};

/// A rule of the authority that an entry breaks.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Breach {
    /// It cannot be read.
    #[error("it cannot be read: {problem}")]
    Unreadable {
        /// What its reader says.
        problem: String,
    },
    /// It is in a stream that the authority does not have.
    #[error("the authority has no stream {stream:?}")]
    UnknownStream {
        /// The stream.
        stream: String,
    },
    /// It comes before the authority was founded.
    #[error("the authority was not founded yet")]
    NotFounded,
    /// A renewal, or a newer list of the root, that does not follow from what came before.
    #[error("the authority cannot change so: {0}")]
    Hierarchy(Box<CaError>),
    /// It founds the authority again.
    #[error("the authority was founded before")]
    FoundedTwice,
    /// A serial was used before.
    #[error("serial {serial} was drafted before")]
    SerialReused {
        /// The serial.
        serial: Serial,
    },
    /// A draft that another issuer, or another key, was to sign.
    #[error("the draft of serial {serial} is not for this authority: {problem}")]
    ForeignDraft {
        /// The serial.
        serial: Serial,
        /// What it says instead.
        problem: Box<CaError>,
    },
    /// A signature without a draft that was recorded before it and is still open.
    #[error("serial {serial} has no open draft before this entry")]
    NoOpenDraft {
        /// The serial.
        serial: Serial,
    },
    /// A certificate that is not its draft.
    #[error("the certificate of serial {serial} is not what its draft, entry {draft}, says")]
    NotTheDraft {
        /// The serial.
        serial: Serial,
        /// Where the draft is.
        draft: Position,
    },
    /// Certificates, or an abandonment, of a block of drafts that was not recorded before it, or
    /// not open any more.
    #[error("the block of drafts, entry {drafts}, is not open before this entry")]
    NoOpenBlock {
        /// Where the block should be.
        drafts: Position,
    },
    /// A block of certificates that leaves drafts out, or has more.
    #[error("the block has {found} certificates, but its drafts, entry {drafts}, are {expected}")]
    BlockLength {
        /// Where the drafts are.
        drafts: Position,
        /// How many there are.
        expected: usize,
        /// How many certificates there are.
        found: usize,
    },
    /// A certificate, a list or an authority that was not signed by whom it names.
    #[error("it is not signed as it should be: {0}")]
    Signature(Box<CaError>),
    /// A revocation of a certificate that was never signed.
    #[error("serial {serial} is revoked, but has no certificate")]
    RevokedWithoutCertificate {
        /// The serial.
        serial: Serial,
    },
    /// A second revocation.
    #[error("serial {serial} was revoked before")]
    RevokedTwice {
        /// The serial.
        serial: Serial,
    },
    /// A list whose number does not follow that of the one before it.
    #[error("the list has number {found}, but number {expected} is next")]
    NumberOutOfTurn {
        /// Its number.
        found: u64,
        /// The number that comes next.
        expected: u64,
    },
    /// A list that ends before it begins.
    #[error("the list ends at {next_update}, before it begins at {this_update}")]
    ListPeriod {
        /// When it begins.
        this_update: OffsetDateTime,
        /// When it ends.
        next_update: OffsetDateTime,
    },
    /// A list without a certificate that was revoked before it, and that no list has named since its end.
    #[error("the list does not name serial {serial}, which entry {revocation} revoked")]
    NotListed {
        /// The serial.
        serial: Serial,
        /// Where it was revoked.
        revocation: Position,
    },
    /// A list that names a certificate otherwise than it was revoked, or one that was not.
    #[error("the list names serial {serial}, which was not revoked so")]
    ListedWrongly {
        /// The serial.
        serial: Serial,
    },
}

impl Breach {
    pub(crate) fn hierarchy(problem: CaError) -> Self {
        Self::Hierarchy(Box::new(problem))
    }

    pub(crate) fn signature(problem: CaError) -> Self {
        Self::Signature(Box::new(problem))
    }
}
