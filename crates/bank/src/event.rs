//! What happened: one recorded transition, with who caused it and when (V25).
//!
//! What it changed is in [`crate::change`]. The member's facts before and after stand beside it, so that a replay
//! can check that it arrives at the same.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::certificate::CertificateState;
use crate::change::Change;
use crate::grant::Generation;
use crate::identity::ContractId;
use crate::member::{Account, Member};
use crate::session::LogonMethod;

/// One recorded transition: who, when, what, and the member's facts before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Event {
    /// When, on the bank's clock.
    #[serde(with = "time::serde::timestamp")]
    pub at: OffsetDateTime,
    /// Who caused it.
    pub by: Actor,
    /// On whose books.
    pub contract: ContractId,
    /// What changed.
    pub change: Change,
    /// The member's facts before; none where there was no member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Facts>,
    /// The member's facts after; replay checks that it arrives at the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Facts>,
}

/// Who caused a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// The holder himself.
    Holder,
    /// The contract's administrator.
    Administrator,
    /// The bank's counter (取引店), on paper.
    Counter,
    /// The bank by itself: the CA's answer, time, recovery.
    Bank,
}

/// A member's facts in short, for the audit (V25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Facts {
    /// The account.
    pub account: Account,
    /// The logon method.
    pub method: LogonMethod,
    /// The grant's state.
    pub grant: String,
    /// The grant's generation.
    pub generation: Generation,
    /// State of the newest certificate record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateState>,
    /// Wrong PINs counted, over all doors.
    pub pin_failures: u16,
}

impl Facts {
    /// The facts of `member`.
    #[must_use]
    pub fn of(member: &Member) -> Self {
        Self {
            account: member.account,
            method: member.logon_method,
            grant: member.grant.name().to_owned(),
            generation: member.grant.generation(),
            certificate: member.latest_record().map(|(_, record)| record.state),
            pin_failures: member.pin_failures.values().map(|n| u16::from(*n)).sum(),
        }
    }
}
