//! That a certificate is withdrawn, since when and why.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::validity::writable;
use crate::{CaError, Serial};

/// A certificate withdrawn for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    serial: Serial,
    reason: RevocationReason,
    revoked_at: OffsetDateTime,
}

impl Revocation {
    pub(crate) fn new(
        serial: Serial,
        reason: RevocationReason,
        now: OffsetDateTime,
    ) -> Result<Self, CaError> {
        let revoked_at = writable(now).ok_or(CaError::Clock { now })?;
        Ok(Self {
            serial,
            reason,
            revoked_at,
        })
    }

    /// Which certificate.
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// Why.
    pub fn reason(&self) -> RevocationReason {
        self.reason
    }

    /// Since when, in whole seconds of UTC.
    pub fn revoked_at(&self) -> OffsetDateTime {
        self.revoked_at
    }
}

/// Why a certificate is withdrawn (RFC 5280 section 5.3.1).
///
/// Left out are certificateHold and removeFromCRL, because a revocation is final here, and
/// aACompromise, because there are no attribute certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RevocationReason {
    /// No reason is given; the list then leaves the reason out.
    Unspecified,
    /// The private key is, or may be, in other hands: a PC was lost, or had malware.
    KeyCompromise,
    /// The authority's own key is, or may be, in other hands.
    #[serde(rename = "cACompromise")]
    CaCompromise,
    /// The subject is no longer what his name says.
    AffiliationChanged,
    /// Another certificate takes its place: 再発行（初期化）.
    Superseded,
    /// The subject has no more use for it: 登録抹消, 解約.
    CessationOfOperation,
    /// A right that the certificate stands for was taken away.
    PrivilegeWithdrawn,
}

impl RevocationReason {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
    ];

    /// The number of the `CRLReason`.
    pub const fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::PrivilegeWithdrawn => 9,
        }
    }

    /// The name of the `CRLReason` as RFC 5280 spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RevocationReason {
    type Err = CaError;

    fn from_str(text: &str) -> Result<Self, CaError> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.name() == text)
            .ok_or_else(|| CaError::Reason {
                text: text.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_one_name_everywhere() {
        for reason in RevocationReason::ALL {
            assert_eq!(
                reason.to_string().parse::<RevocationReason>().unwrap(),
                reason
            );
            assert_eq!(
                serde_json::to_string(&reason).unwrap(),
                format!("\"{reason}\"")
            );
            assert_eq!(RevocationReason::from_code(reason.code()), Some(reason));
        }
        assert_eq!(RevocationReason::from_code(6), None);
    }
}
