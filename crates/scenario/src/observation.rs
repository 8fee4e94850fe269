//! [`Observation`]: what a driver saw of one step, and what the bank's books and the PCs' stores say after it.
//!
//! It is plain data: judging needs no driver, and another driver needs no other judge.

use std::collections::BTreeMap;

use sealbank_bank::{Condition, Refusal};
use sealbank_workstation::{Screen, StoreState};
use time::OffsetDateTime;

use crate::event::CertificateShown;
use crate::model::{ChoiceKind, ComponentKind};

/// What was seen of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Observation {
    /// Where it ended.
    pub(crate) landed: Landed,
    /// The address of the screen it ended on, as the procedure's own bank has it: the same for every bank.
    pub(crate) address: Option<String>,
    /// How the enrolment component failed, if it did, with what it said.
    pub(crate) component: Option<(ComponentKind, String)>,
    /// Whether the interruption came about.
    pub(crate) interruption: Coming,
    /// How often each fault of the step struck, in their order.
    pub(crate) hits: Vec<u32>,
    /// What happened to the one who interrupted.
    pub(crate) meanwhile: Option<Meanwhile>,
    /// The inner reason of the last refusal on the bank's trail, that of the interrupter left out.
    pub(crate) because: Option<String>,
    /// The ids of the screens that were shown, in their order.
    pub(crate) passed: Vec<String>,
    /// From where it was looked at.
    pub(crate) sight: Sight,
    /// What stands afterwards.
    pub(crate) facts: Facts,
}

/// From where a bank is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Its books and its trail lie open.
    Inside,
    /// A control listener tells what stands in its books and on its trail.
    Books,
    /// Only its screens are seen: there is neither a record nor an inner reason, and a certificate's standing is unknown.
    Outside,
}

impl Sight {
    /// Whether the books are seen, and why the bank refuses.
    #[must_use]
    pub(crate) fn shows_books(self) -> bool {
        self != Self::Outside
    }
}

/// Where a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one per step, and nearly always the large one"
)]
pub(crate) enum Landed {
    /// On no screen: nothing was to be shown, or the window is gone.
    Nowhere,
    /// On a screen of the bank.
    Screen(Screen),
    /// On the browser's own error page.
    TlsRefused {
        /// The alert's name.
        alert: Option<String>,
        /// What the PC did not accept, if it was the PC.
        by_pc: Option<String>,
    },
    /// On the browser's own error page: no answer came, or only a piece of one.
    Lost(String),
    /// At the bank's counter.
    Counter(Result<(), Refusal>),
}

/// What stands in a window when the connection was lost, said where a screen is said.
pub(crate) const CONNECTION_LOST: &str = "connection-lost";

/// Whether an interruption came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Coming {
    /// None was asked for.
    NotAsked,
    /// It did.
    Came,
    /// It did not; what happened instead.
    DidNot(String),
}

/// What happened to the one who interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meanwhile {
    /// Where he ended.
    pub(crate) landed: Landed,
    /// The inner reason of his refusal.
    pub(crate) because: Option<String>,
}

/// What stands after a step, about its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The clock.
    pub(crate) now: OffsetDateTime,
    /// The bank's record; none when the bank does not know him.
    pub(crate) record: Option<RecordFacts>,
    /// The state of every store, by PC and OS profile.
    pub(crate) stores: BTreeMap<(String, String), StoreState>,
    /// The PC and the OS profile of his own seat.
    pub(crate) own_store: (String, String),
    /// What his browser remembers for the certificate origin.
    pub(crate) choice: ChoiceKind,
    /// The newest certificate in his store.
    pub(crate) certificate: Option<CertificateSeen>,
}

/// The bank's record of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordFacts {
    /// `account`.
    pub(crate) account: String,
    /// `logon_method`.
    pub(crate) method: String,
    /// `grant`.
    pub(crate) grant: String,
    /// The highest generation.
    pub(crate) generation: u32,
    /// The state of the newest certificate.
    pub(crate) certificate: String,
    /// Wrong PINs counted.
    pub(crate) pin_failures: u32,
    /// The derived condition.
    pub(crate) condition: Condition,
    /// Certificates accepted now.
    pub(crate) accepted: usize,
    /// Certificates ever recorded.
    pub(crate) ever: usize,
}

/// A certificate as it lies in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CertificateSeen {
    /// Its serial number.
    pub(crate) serial: String,
    /// The subject's attributes in their order.
    pub(crate) subject: Vec<(String, String)>,
    /// The issuer's Common Name.
    pub(crate) issuer: String,
    /// Its extended key usages by name (RFC 5280, 4.2.1.12).
    pub(crate) usages: Vec<String>,
    /// First second.
    pub(crate) not_before: OffsetDateTime,
    /// Last second.
    pub(crate) not_after: OffsetDateTime,
    /// Whether its key is in the same store and can be used.
    pub(crate) key: KeySeen,
    /// How the bank's books stand to it.
    pub(crate) standing: &'static str,
}

/// Whether a certificate's key can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeySeen {
    /// It is in the same store and can be used.
    Matches,
    /// It is not there.
    Missing,
    /// It is there and can't be opened.
    Unreadable,
}

impl CertificateSeen {
    /// As reports show it.
    #[must_use]
    pub(crate) fn shown(&self) -> CertificateShown {
        CertificateShown {
            subject: self.subject.clone(),
            issuer: self.issuer.clone(),
            serial: self.serial.clone(),
            not_before: self.not_before,
            not_after: self.not_after,
            usages: self.usages.clone(),
            key: match self.key {
                KeySeen::Matches => "matches",
                KeySeen::Missing => "missing",
                KeySeen::Unreadable => "unreadable",
            }
            .into(),
            standing: self.standing.into(),
        }
    }
}

impl Landed {
    /// The screen, if it is one.
    #[must_use]
    pub(crate) fn screen(&self) -> Option<&Screen> {
        match self {
            Self::Screen(screen) => Some(screen),
            _ => None,
        }
    }

    /// The id of the screen; of the browser's own error page, [`CONNECTION_LOST`].
    #[must_use]
    pub(crate) fn screen_id(&self) -> Option<&str> {
        match self {
            Self::Lost(_) => Some(CONNECTION_LOST),
            other => other.screen().map(Screen::id),
        }
    }

    /// The code of a refusal, by screen or counter.
    #[must_use]
    pub(crate) fn refusal(&self) -> Option<&str> {
        match self {
            Self::Screen(screen) => screen.refusal(),
            Self::Counter(Err(refusal)) => Some(refusal.code()),
            _ => None,
        }
    }
}

impl std::fmt::Display for Landed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nowhere => f.write_str("no screen"),
            Self::Screen(screen) => {
                let name = match screen.id() {
                    "" => "a page without an id",
                    id => id,
                };
                f.write_str(name)?;
                let alerts = screen.alerts().iter();
                alerts.into_iter().try_for_each(|alert| {
                    let code = alert.code.as_deref().unwrap_or("-");
                    write!(f, ", {code} 「{}」", alert.text)
                })
            }
            Self::TlsRefused {
                by_pc: Some(reason),
                ..
            } => write!(f, "TLS refused by the PC: {reason}"),
            Self::TlsRefused { alert, .. } => {
                let alert = alert.as_deref().unwrap_or("none");
                write!(f, "TLS refused by the bank, alert {alert}")
            }
            Self::Lost(how) => write!(f, "connection lost: {how}"),
            Self::Counter(Ok(())) => f.write_str("done at the counter"),
            Self::Counter(Err(refusal)) => write!(f, "refused at the counter: {refusal}"),
        }
    }
}
