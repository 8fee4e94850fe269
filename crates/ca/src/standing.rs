//! How certificates stand at an instant, and finding those that one asks for.

use sealbank_journal::Durable;
use time::OffsetDateTime;

use crate::{Authority, CaError, Certificate, Revocation, RevocationReason, Serial};

/// A certificate and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The certificate.
    pub certificate: Durable<Certificate>,
    /// How it stands at the instant that was asked for.
    pub status: Status,
}

/// How a certificate stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its validity begins later.
    NotYetValid,
    /// It holds.
    Valid,
    /// Its validity is over, and it was never revoked.
    Expired,
    /// It was withdrawn; that remains so after its validity.
    Revoked {
        /// Why.
        reason: RevocationReason,
        /// Since when.
        revoked_at: OffsetDateTime,
    },
}

/// The kinds of [`Status`], to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusKind {
    /// [`Status::NotYetValid`].
    NotYetValid,
    /// [`Status::Valid`].
    Valid,
    /// [`Status::Expired`].
    Expired,
    /// [`Status::Revoked`].
    Revoked,
}

/// Which certificates one asks for: those that meet every condition that is set.
///
/// ```
/// use sealbank_ca::{Authority, Filter, StatusKind};
/// use time::macros::datetime;
///
/// let authority = Authority::ephemeral()?;
/// let filter = Filter { status: Some(StatusKind::Revoked), ..Filter::default() };
/// assert!(authority.list(&filter, datetime!(2031-04-01 09:00 +9))?.is_empty());
/// # Ok::<(), sealbank_ca::CaError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// A part of the subject, written as in `O=…, OU=…, CN=…`, whatever the case of its letters.
    pub subject: Option<String>,
    /// The serial.
    pub serial: Option<Serial>,
    /// An instant that lies within the validity.
    pub valid_at: Option<OffsetDateTime>,
    /// How it stands.
    pub status: Option<StatusKind>,
}

impl Authority {
    /// The certificates that `filter` lets through, in the order in which they were recorded, those
    /// of bulk runs included, and how they stand at `now`. They are read back from the journal; a
    /// filter by serial goes to the one straight away.
    ///
    /// # Errors
    /// Why the records could not be read back.
    pub fn list(&self, filter: &Filter, now: OffsetDateTime) -> Result<Vec<Listed>, CaError> {
        let wanted = filter.subject.as_ref().map(|part| part.to_lowercase());
        let listed = |found: Result<Durable<Certificate>, CaError>| match found {
            Ok(certificate) if !filter.admits(&certificate, wanted.as_deref()) => None,
            Ok(certificate) => {
                let listed = self.standing(certificate, now);
                let fits = filter
                    .status
                    .is_none_or(|kind| kind == listed.status.kind());
                fits.then_some(Ok(listed))
            }
            Err(problem) => Some(Err(problem)),
        };
        match &filter.serial {
            Some(serial) => {
                let found = self.find_certificate(serial).transpose();
                found.into_iter().filter_map(listed).collect()
            }
            None => self.recorded_certificates().filter_map(listed).collect(),
        }
    }

    /// How `certificate` stands at `now`.
    pub fn standing(&self, certificate: Durable<Certificate>, now: OffsetDateTime) -> Listed {
        let revocation = self.revocation(certificate.serial());
        let status = Status::of(&certificate, revocation.as_deref(), now);
        Listed {
            certificate,
            status,
        }
    }
}

impl Status {
    fn of(certificate: &Certificate, revocation: Option<&Revocation>, now: OffsetDateTime) -> Self {
        match revocation {
            Some(revocation) => Self::Revoked {
                reason: revocation.reason(),
                revoked_at: revocation.revoked_at(),
            },
            None if certificate.validity().contains(now) => Self::Valid,
            None if now < certificate.not_before() => Self::NotYetValid,
            None => Self::Expired,
        }
    }

    /// Its kind, without the particulars.
    pub const fn kind(&self) -> StatusKind {
        match self {
            Self::NotYetValid => StatusKind::NotYetValid,
            Self::Valid => StatusKind::Valid,
            Self::Expired => StatusKind::Expired,
            Self::Revoked { .. } => StatusKind::Revoked,
        }
    }
}

impl StatusKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NotYetValid, Self::Valid, Self::Expired, Self::Revoked];

    /// Its stable name in kebab-case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotYetValid => "not-yet-valid",
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl Filter {
    fn admits(&self, certificate: &Certificate, subject: Option<&str>) -> bool {
        let named = |part: &str| {
            let name = certificate.subject().to_name().to_string();
            name.to_lowercase().contains(part)
        };
        self.serial
            .is_none_or(|serial| serial == *certificate.serial())
            && self
                .valid_at
                .is_none_or(|instant| certificate.validity().contains(instant))
            && subject.is_none_or(named)
    }
}
