//! [`Standing`]: where a member stands on the bank's own books, in one word: the rows of the transition table
//! (procedure 1.4). What the PCs hold is not asked here; that is [`crate::Condition`]'s.

use serde::{Deserialize, Serialize};

use crate::bank::Bank;
use crate::certificate::CertificateState;
use crate::contract::{Contract, ContractStatus};
use crate::decide;
use crate::grant::{ClaimOrigin, Grant};
use crate::identity::{Holder, Subscriber};
use crate::member::{Account, Member};
use crate::refusal::Refusal;
use crate::settings::Settings;

/// Where a member stands on the books (procedure 1.3: `account`, `grant`, `cert`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The books don't know him.
    Unregistered,
    /// Nothing was ever granted.
    Fresh,
    /// A grant waits for 取得.
    Awaiting,
    /// A retrieval session holds the grant; no request was made.
    Claimed,
    /// A request was accepted, of a retrieval or a renewal.
    Requested,
    /// The certificate is recorded, not sent.
    Signed,
    /// The certificate was sent.
    Delivered,
    /// The certificate is known installed.
    Confirmed,
    /// 更新 holds the next grant; no request was made.
    Renewing,
    /// The certificate is past its end.
    Expired,
    /// The deadline of the grant passed.
    Lapsed,
    /// The grant was withdrawn: by 失効, or by a cancellation that burns it.
    Void,
    /// 利用中止: locked by wrong PINs.
    Suspended,
    /// 利用停止 by the administrator.
    Stopped,
    /// The whole contract is stopped or over, or its administrator is locked and shuts him out (T27).
    ContractStopped,
    /// 登録抹消.
    Deregistered,
}

impl Standing {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 16] = [
        Self::Unregistered,
        Self::Fresh,
        Self::Awaiting,
        Self::Claimed,
        Self::Requested,
        Self::Signed,
        Self::Delivered,
        Self::Confirmed,
        Self::Renewing,
        Self::Expired,
        Self::Lapsed,
        Self::Void,
        Self::Suspended,
        Self::Stopped,
        Self::ContractStopped,
        Self::Deregistered,
    ];

    /// Where `subscriber` stands.
    #[must_use]
    pub fn of(bank: &Bank, subscriber: &Subscriber) -> Self {
        bank.contract(&subscriber.contract)
            .map_or(Self::Unregistered, |contract| {
                Self::within(bank.settings(), contract, &subscriber.holder)
            })
    }

    /// Where `holder` stands in the books of his contract.
    #[must_use]
    pub fn within(settings: &Settings, contract: &Contract, holder: &Holder) -> Self {
        let Some(member) = contract.member(holder) else {
            return Self::Unregistered;
        };
        match member.account {
            Account::Deleted => Self::Deregistered,
            _ if contract.status != ContractStatus::Active => Self::ContractStopped,
            Account::Suspended => Self::Suspended,
            Account::StoppedByAdmin => Self::Stopped,
            Account::Active => match decide::gate(settings, contract, holder) {
                Err(Refusal::ContractSuspended) => Self::ContractStopped,
                _ => Self::of_active(member),
            },
        }
    }

    fn of_active(member: &Member) -> Self {
        let newest = member.latest_record().map(|(_, record)| record.state);
        match member.grant {
            Grant::None => Self::Fresh,
            Grant::Ready { .. } => Self::Awaiting,
            Grant::Claimed { .. } if newest == Some(CertificateState::Requested) => Self::Requested,
            Grant::Claimed {
                origin: ClaimOrigin::Renewal { .. },
                ..
            } => Self::Renewing,
            Grant::Claimed { .. } => Self::Claimed,
            Grant::Lapsed { .. } => Self::Lapsed,
            Grant::Void { .. } => Self::Void,
            Grant::Consumed { .. } => match newest {
                Some(CertificateState::Signed) => Self::Signed,
                Some(CertificateState::Delivered) => Self::Delivered,
                Some(CertificateState::Expired) => Self::Expired,
                // Nothing revokes a certificate and leaves its grant consumed but the end of the contract.
                Some(CertificateState::Revoked(_)) => Self::Void,
                Some(CertificateState::Confirmed | CertificateState::Requested) | None => {
                    Self::Confirmed
                }
            },
        }
    }

    /// The word used in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unregistered => "unregistered",
            Self::Fresh => "fresh",
            Self::Awaiting => "awaiting",
            Self::Claimed => "claimed",
            Self::Requested => "requested",
            Self::Signed => "signed",
            Self::Delivered => "delivered",
            Self::Confirmed => "confirmed",
            Self::Renewing => "renewing",
            Self::Expired => "expired",
            Self::Lapsed => "lapsed",
            Self::Void => "void",
            Self::Suspended => "suspended",
            Self::Stopped => "stopped",
            Self::ContractStopped => "contract-stopped",
            Self::Deregistered => "deregistered",
        }
    }
}
