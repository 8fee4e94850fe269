//! [`Claim`]: one thing that has to be true after a step.

use sealbank_bank::Condition;
use sealbank_workstation::StoreState;
use time::OffsetDateTime;

use super::{Fact, Operand, Place, Relation, SnapshotClaim, SnapshotOf};
use crate::source::Span;

/// A claim with the place where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Where the expected value stands.
    pub span: Span,
    /// What is claimed.
    pub claim: Claim,
}

/// One thing that has to be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// This screen stands there, by its id.
    Screen(String),
    /// The page came with this HTTP status.
    Status(u16),
    /// The screen carries an alert with this code.
    Refused(String),
    /// The bank's trail gives this inner reason.
    Because(String),
    /// TLS came to nothing.
    Tls(TlsClaim),
    /// The PC's enrolment component failed.
    Component(ComponentKind),
    /// This field is complained about.
    FieldError(String),
    /// The screen says this.
    Text(String),
    /// The screen has these fields, in this order.
    Fields(Vec<String>),
    /// These fields are 必須, and no others.
    Required(Vec<String>),
    /// The screen has these buttons, among others.
    Buttons(Vec<String>),
    /// The screen has these links, among others.
    Links(Vec<String>),
    /// These screens were shown during the step, in this order, among others.
    Passes(Vec<String>),
    /// The screen shows this detail with this value.
    Shows {
        /// The detail's name.
        label: String,
        /// Its value.
        value: String,
    },
    /// About the newest certificate in the person's store.
    Certificate(CertificateClaim),
    /// About the bank's record.
    Record(RecordClaim),
    /// The store of the seat's OS profile, or of another one.
    Store {
        /// Whose; the person's own when absent.
        of: Option<Place>,
        /// Its state.
        state: StoreState,
    },
    /// The person's condition, with `holds a key` answered by the PCs' stores.
    Condition(Condition),
    /// What the person's browser remembers for the certificate origin.
    Choice(ChoiceKind),
    /// How many certificates of the person the bank accepts.
    Accepted(usize),
    /// How many certificates of the person the bank ever recorded.
    Ever(usize),
    /// A fact stands so to a value, written or saved.
    Compared {
        /// What is compared.
        fact: Fact,
        /// How.
        relation: Relation,
        /// With what.
        with: Operand,
    },
    /// It stands as a file keeps it.
    Snapshot(SnapshotClaim),
    /// What happened to the one who interrupted.
    Meanwhile(Vec<Check>),
}

/// How TLS came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsClaim {
    /// The server refused with this alert.
    Alert(String),
    /// The PC itself gave up.
    RefusedByPc,
}

/// How the enrolment component failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComponentKind {
    /// It may not run (cases 11, 23).
    Blocked,
    /// No key could be made (case 24).
    KeyGeneration,
    /// The certificate could not be installed (cases 44, 77).
    Install,
    /// No pending request fits (case 46).
    NoMatchingRequest,
}

/// What is claimed of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateClaim {
    /// Organization.
    Organization(String),
    /// Organizational Unit.
    OrganizationalUnit(String),
    /// Common Name.
    CommonName(String),
    /// It is for client authentication.
    ClientAuthentication,
    /// The clock is within its validity.
    ValidNow,
    /// Its key is in the same store and can be used.
    KeyPresent,
    /// It ends at this moment.
    NotAfter(OffsetDateTime),
    /// How the bank's books stand to it.
    Standing(CertificateStanding),
}

/// How the bank's books stand to a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateStanding {
    /// Accepted.
    Accepted,
    /// On the books, not accepted any more.
    NotAccepted,
}

/// What is claimed of the bank's record, in the procedure's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordClaim {
    /// `account`.
    Account(String),
    /// `logon_method`.
    Method(String),
    /// `grant`.
    Grant(String),
    /// The generation.
    Generation(u32),
    /// The state of the newest certificate, or `none`.
    Certificate(String),
    /// Wrong PINs counted.
    PinFailures(u32),
}

/// What a browser remembers for an origin, without saying which certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChoiceKind {
    /// Nothing.
    Unasked,
    /// That there was no certificate.
    None,
    /// That the picker was cancelled.
    Declined,
    /// A certificate.
    Certificate,
}

impl Claim {
    /// Whether it says how the step ended, so that success need not be assumed.
    #[must_use]
    pub fn tells_the_outcome(&self) -> bool {
        matches!(
            self,
            Self::Screen(_)
                | Self::Status(_)
                | Self::Refused(_)
                | Self::Because(_)
                | Self::Tls(_)
                | Self::Component(_)
                | Self::FieldError(_)
                | Self::Snapshot(SnapshotClaim {
                    of: SnapshotOf::Screen,
                    ..
                })
                | Self::Compared {
                    fact: Fact::Screen | Fact::Refused | Fact::Because,
                    ..
                }
        )
    }
}
