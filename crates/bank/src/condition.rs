//! What people see of a member's facts (procedure 1.3, "derived conditions"): computed, never stored.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::certificate::{CertificateFacts, CertificateState};
use crate::grant::Grant;
use crate::member::{Account, Member};
use crate::session::LogonMethod;

/// A member's situation in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Nothing granted; ID+PIN.
    Fresh,
    /// Granted, not yet retrieved; ID+PIN still works.
    AwaitingRetrieval,
    /// A retrieval is under way.
    Retrieving,
    /// The deadline passed unused.
    Lapsed,
    /// The grant was burned or withdrawn before it was used.
    Voided,
    /// A certificate was recorded, but ID+PIN stays until it is confirmed (setting `method_flip_point`).
    Unconfirmed,
    /// Certificate and key are where they belong.
    Usable,
    /// The bank accepts only a certificate whose key nobody has: 利用者ログオンができない.
    Stranded,
    /// The certificate is past its end.
    ExpiredOut,
    /// 失効 without 再発行.
    Revoked,
    /// 利用中止 by wrong PINs.
    LockedOut,
    /// 利用停止 by the administrator.
    Stopped,
    /// 登録抹消.
    Deregistered,
}

impl Condition {
    /// The condition of `member` at `now`, where `holds_key` tells whether some PC profile holds a certificate
    /// together with its key. The bank itself can't know that (procedure 0.8): it is asked for, not assumed.
    #[must_use]
    pub fn of(
        member: &Member,
        now: OffsetDateTime,
        holds_key: impl Fn(&CertificateFacts) -> bool,
    ) -> Self {
        match member.account {
            Account::Deleted => return Self::Deregistered,
            Account::Suspended => return Self::LockedOut,
            Account::StoppedByAdmin => return Self::Stopped,
            Account::Active => {}
        }
        match member.logon_method {
            LogonMethod::Certificate => Self::by_certificate(member, now, holds_key),
            LogonMethod::IdPin => match member.grant {
                Grant::None => Self::Fresh,
                Grant::Ready { deadline, .. }
                    if deadline.is_some_and(|deadline| deadline < now) =>
                {
                    Self::Lapsed
                }
                Grant::Ready { .. } => Self::AwaitingRetrieval,
                Grant::Claimed { .. } => Self::Retrieving,
                Grant::Consumed { .. } => Self::Unconfirmed,
                Grant::Lapsed { .. } => Self::Lapsed,
                Grant::Void { .. } => Self::Voided,
            },
        }
    }

    fn by_certificate(
        member: &Member,
        now: OffsetDateTime,
        holds_key: impl Fn(&CertificateFacts) -> bool,
    ) -> Self {
        let valid = |facts: &&CertificateFacts| now <= facts.not_after;
        if member
            .all_accepted()
            .map(|(_, facts)| facts)
            .filter(valid)
            .any(holds_key)
        {
            return Self::Usable;
        }
        if member
            .all_accepted()
            .any(|(_, facts)| now <= facts.not_after)
        {
            return Self::Stranded;
        }
        match member.latest_record().map(|(_, record)| record.state) {
            Some(CertificateState::Revoked(_)) => Self::Revoked,
            Some(CertificateState::Requested) | None => match member.grant {
                // Only reached where the method flips before the commit.
                Grant::Ready { .. } => Self::AwaitingRetrieval,
                Grant::Claimed { .. } => Self::Retrieving,
                Grant::Lapsed { .. } => Self::Lapsed,
                // 失効 while the first request was under way: no record is left, the logon is closed all the same.
                Grant::Void { .. } => Self::Revoked,
                Grant::None | Grant::Consumed { .. } => Self::Stranded,
            },
            Some(_) => Self::ExpiredOut,
        }
    }

    /// The word used in scenarios and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::AwaitingRetrieval => "awaiting-retrieval",
            Self::Retrieving => "retrieving",
            Self::Lapsed => "lapsed",
            Self::Voided => "voided",
            Self::Unconfirmed => "unconfirmed",
            Self::Usable => "usable",
            Self::Stranded => "stranded",
            Self::ExpiredOut => "expired-out",
            Self::Revoked => "revoked",
            Self::LockedOut => "locked-out",
            Self::Stopped => "stopped",
            Self::Deregistered => "deregistered",
        }
    }
}
