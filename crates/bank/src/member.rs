//! A member of a contract, administrator or user: the independent facts of procedure 1.3.
//!
//! What people see (`Usable`, `Stranded`, …) is computed in [`crate::condition`], never stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::certificate::{CertificateFacts, CertificateRecord, RevocationReason, Serial};
use crate::grant::{Generation, Grant};
use crate::pin::PinHash;
use crate::session::{Door, LogonMethod};
use crate::settings::{PinCounterScope, Settings};

/// Whether the account can be used at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Account {
    /// 利用可.
    Active,
    /// 利用中止: locked by wrong PINs.
    Suspended,
    /// 利用停止: stopped by the administrator.
    StoppedByAdmin,
    /// 登録抹消.
    Deleted,
}

impl Account {
    /// The state's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::StoppedByAdmin => "stopped-by-admin",
            Self::Deleted => "deleted",
        }
    }
}

/// A right that a user may have beside his own affairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rights {
    /// None.
    Ordinary,
    /// 管理者リセット権限: may unlock the administrator (F-Yucho).
    ResetAdministrator,
}

/// One member of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person's or the administrator's display name.
    pub name: String,
    /// Beside his own affairs.
    pub rights: Rights,
    /// Whether the account can be used.
    pub account: Account,
    /// How he logs on.
    pub logon_method: LogonMethod,
    /// Whether the last word on his certificate was a re-initialisation.
    pub reinitialised: bool,
    /// 発行 and what became of it.
    pub grant: Grant,
    /// The highest generation ever used; outlives every grant.
    pub generation: Generation,
    /// The certificate of each generation that got as far as a request.
    pub certificates: BTreeMap<Generation, CertificateRecord>,
    /// Serials that the CA signed and the bank never accepted (orphans).
    pub orphans: Vec<Serial>,
    /// His PIN.
    pub pin: PinHash,
    /// When he last got a PIN.
    pub pin_set: OffsetDateTime,
    /// Wrong PINs since the last logon, retrieval or reset, by door.
    pub pin_failures: BTreeMap<Door, u8>,
    /// Expiry notices already sent for the accepted certificate, in days before its end.
    pub notices: Vec<u16>,
}

impl Member {
    /// A new member: account active, method ID+PIN, nothing granted (T01).
    #[must_use]
    pub fn new(name: String, rights: Rights, pin: PinHash, now: OffsetDateTime) -> Self {
        Self {
            name,
            rights,
            account: Account::Active,
            logon_method: LogonMethod::IdPin,
            reinitialised: false,
            grant: Grant::None,
            generation: Generation::NONE,
            certificates: BTreeMap::new(),
            orphans: Vec::new(),
            pin,
            pin_set: now,
            pin_failures: BTreeMap::new(),
            notices: Vec::new(),
        }
    }

    /// The newest certificate that the bank accepts now by its records; its time is a question of its own.
    #[must_use]
    pub fn accepted(&self) -> Option<(Generation, &CertificateFacts)> {
        self.all_accepted().next_back()
    }

    /// All accepted certificates: one, or two while a renewal waits for its confirmation (V3).
    pub fn all_accepted(&self) -> impl DoubleEndedIterator<Item = (Generation, &CertificateFacts)> {
        self.certificates
            .iter()
            .filter_map(|(generation, record)| Some((*generation, record.accepted()?)))
    }

    /// The record of the newest generation that got as far as a request.
    #[must_use]
    pub fn latest_record(&self) -> Option<(Generation, &CertificateRecord)> {
        self.certificates
            .iter()
            .next_back()
            .map(|(generation, record)| (*generation, record))
    }

    /// Wrong PINs that count against `door`.
    #[must_use]
    pub fn failures_at(&self, door: Door, settings: &Settings) -> u8 {
        match settings.pin_counter_scope {
            PinCounterScope::Shared => self
                .pin_failures
                .values()
                .fold(0, |sum: u8, n| sum.saturating_add(*n)),
            PinCounterScope::PerDoor => self.pin_failures.get(&door).copied().unwrap_or(0),
        }
    }

    /// The serials of every certificate that stands as revoked, with its reason, and of every orphan.
    pub fn revoked(&self) -> impl Iterator<Item = (&Serial, RevocationReason)> {
        let recorded = self
            .certificates
            .values()
            .filter_map(|record| match record.state {
                crate::certificate::CertificateState::Revoked(reason) => {
                    record.facts.as_ref().map(|facts| (&facts.serial, reason))
                }
                _ => None,
            });
        recorded.chain(
            self.orphans
                .iter()
                .map(|serial| (serial, RevocationReason::Superseded)),
        )
    }
}
