//! How certificates stand at an instant, and finding those that one asks for, whoever signed them: single requests or
//! bulk runs.

use std::str::FromStr;

use sealbank_ca::{Authority, CaError, Certificate, Revocation, RevocationReason, Serial};
use sealbank_journal::Durable;
use time::OffsetDateTime;

/// A certificate and how it stands.
pub(super) struct Listed {
    pub(super) certificate: Durable<Certificate>,
    pub(super) status: Status,
}

/// How a certificate stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    NotYetValid,
    Valid,
    Expired,
    /// It was withdrawn; that remains so after its validity.
    Revoked {
        reason: RevocationReason,
        revoked_at: OffsetDateTime,
    },
}

/// The stable name of a status, to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatusName(&'static str);

/// Which certificates one asks for: those that meet every condition that is set.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    /// A part of the subject, whatever the case of its letters.
    pub(super) subject: Option<String>,
    pub(super) serial: Option<Serial>,
    /// An instant that lies within the validity.
    pub(super) valid_at: Option<OffsetDateTime>,
    pub(super) status: Option<StatusName>,
}

/// The certificates that `filter` lets through, in the order of their serials, and how they stand at `now`.
pub(super) fn list(
    authority: &Authority,
    filter: &Filter,
    now: OffsetDateTime,
) -> Result<Vec<Listed>, CaError> {
    let mut found = Vec::new();
    for certificate in authority.recorded_certificates() {
        let certificate = certificate?;
        if filter.admits(&certificate) {
            found.push(Listed::new(authority, certificate, now));
        }
    }
    found.retain(|listed| {
        filter
            .status
            .is_none_or(|name| name == listed.status.name())
    });
    found.sort_by_key(|listed| *listed.certificate.serial());
    Ok(found)
}

impl Listed {
    pub(super) fn new(
        authority: &Authority,
        certificate: Durable<Certificate>,
        now: OffsetDateTime,
    ) -> Self {
        let revocation = authority.revocation(certificate.serial());
        let status = Status::of(&certificate, revocation.as_deref(), now);
        Self {
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

    pub(super) fn name(self) -> StatusName {
        StatusName(match self {
            Self::NotYetValid => "not-yet-valid",
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Revoked { .. } => "revoked",
        })
    }
}

impl StatusName {
    pub(super) fn as_str(self) -> &'static str {
        self.0
    }
}

impl FromStr for StatusName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ["not-yet-valid", "valid", "expired", "revoked"]
            .into_iter()
            .find(|name| *name == text)
            .map(Self)
            .ok_or("use valid, not-yet-valid, expired or revoked")
    }
}

impl Filter {
    fn admits(&self, certificate: &Certificate) -> bool {
        let named = |part: &str| {
            let name = certificate.subject().to_name().to_string();
            name.to_lowercase().contains(&part.to_lowercase())
        };
        self.serial
            .is_none_or(|serial| serial == *certificate.serial())
            && self
                .valid_at
                .is_none_or(|instant| certificate.validity().contains(instant))
            && self.subject.as_deref().is_none_or(named)
    }
}
