//! What can change on the books of a contract, each change with all that was decided about it.
//!
//! One change is one transition: whatever it changes, it changes at once (V6). Replaying needs no settings.
//! Applying belongs to [`crate::contract`].

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::certificate::{CertificateFacts, Fingerprint, RevocationReason, Serial};
use crate::grant::{ClaimOrigin, Generation, Grant};
use crate::identity::{Holder, UserId};
use crate::member::{Account, Rights};
use crate::pin::PinHash;
use crate::session::{Door, LogonMethod, SessionId};

/// What changed on the books of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum Change {
    /// A contract was opened.
    ContractOpened {
        /// The corporation's name.
        name: String,
        /// 契約法人暗証番号.
        pin: PinHash,
        /// 契約法人確認暗証番号.
        confirmation: PinHash,
    },
    /// The contract was stopped (T27); every session of it ended.
    ContractSuspended,
    /// The contract was resumed (T27).
    ContractResumed,
    /// The contract ended: certificates revoked, sessions over.
    ContractCancelled,
    /// A user was registered (T01).
    UserRegistered {
        /// His id.
        user: UserId,
        /// His name.
        name: String,
        /// His rights.
        rights: Rights,
        /// His PIN.
        pin: PinHash,
    },
    /// 発行 (T02).
    Granted {
        /// To whom.
        holder: Holder,
        /// The new generation.
        generation: Generation,
        /// Until when.
        #[serde(with = "time::serde::timestamp::option")]
        deadline: Option<OffsetDateTime>,
        /// The logon method from now on.
        method: LogonMethod,
    },
    /// 取得 was accepted (T04), or 更新 begun (T20).
    RetrievalBegun {
        /// By whom.
        holder: Holder,
        /// The generation claimed.
        generation: Generation,
        /// The session opened.
        session: SessionId,
        /// Its end.
        #[serde(with = "time::serde::timestamp")]
        expires: OffsetDateTime,
        /// What the grant returns to if nothing comes of it.
        origin: ClaimOrigin,
        /// The logon method from now on.
        method: LogonMethod,
    },
    /// The retrieval was given up before its request was accepted (T06, T08, T30, case 21).
    RetrievalAbandoned {
        /// Whose.
        holder: Holder,
        /// The session that ended.
        session: SessionId,
        /// What the grant became.
        grant: Grant,
        /// Why.
        cause: Abandonment,
        /// The logon method from now on.
        method: LogonMethod,
    },
    /// A request was accepted (T10).
    RequestAccepted {
        /// Whose.
        holder: Holder,
        /// Of which generation.
        generation: Generation,
        /// SHA-256 of the request.
        request: Fingerprint,
        /// SHA-256 of its public key.
        public_key: Fingerprint,
        /// The logon method from now on.
        method: LogonMethod,
    },
    /// The request came to nothing (cases 34, 35, 39 to 41): the grant is usable again.
    RequestWithdrawn {
        /// Whose.
        holder: Holder,
        /// Of which generation.
        generation: Generation,
        /// What the grant became.
        grant: Grant,
        /// A certificate that the CA signed all the same; to be revoked there.
        orphan: Option<Serial>,
        /// The logon method from now on.
        method: LogonMethod,
    },
    /// The CA signed for a generation that is over (case 52); to be revoked there.
    OrphanFound {
        /// For whom it was signed.
        holder: Holder,
        /// For which generation.
        generation: Generation,
        /// Its serial.
        serial: Serial,
    },
    /// The signed certificate was recorded, the grant consumed, the method flipped (T12: B6 and B7 in one).
    CertificateRecorded {
        /// Whose.
        holder: Holder,
        /// Of which generation.
        generation: Generation,
        /// What it says.
        facts: CertificateFacts,
        /// Older generations that it replaces at once.
        supersedes: Vec<Generation>,
        /// The logon method from now on.
        method: LogonMethod,
    },
    /// The certificate was sent (T13).
    Delivered {
        /// Whose.
        holder: Holder,
        /// Of which generation.
        generation: Generation,
        /// Older generations that it replaces now.
        supersedes: Vec<Generation>,
    },
    /// The installation is known to have worked (T15).
    Confirmed {
        /// Whose.
        holder: Holder,
        /// Of which generation.
        generation: Generation,
        /// Older generations that it replaces now.
        supersedes: Vec<Generation>,
        /// The logon method from now on.
        method: LogonMethod,
    },
    /// A retrieval session ended after its request was accepted (T16, T14').
    RetrievalClosed {
        /// Whose.
        holder: Holder,
        /// The session.
        session: SessionId,
    },
    /// A logon (T18, T19).
    LoggedOn {
        /// Who.
        holder: Holder,
        /// The session opened.
        session: SessionId,
        /// Its end unless it is extended.
        #[serde(with = "time::serde::timestamp")]
        expires: OffsetDateTime,
        /// The certificate, if by certificate.
        serial: Option<Serial>,
        /// The generation that this logon confirms (T18: first use is proof).
        confirms: Option<Generation>,
        /// Older generations that are replaced by that.
        supersedes: Vec<Generation>,
        /// The logon method from now on.
        method: LogonMethod,
    },
    /// A session goes on.
    SessionExtended {
        /// Which.
        session: SessionId,
        /// Its new end.
        #[serde(with = "time::serde::timestamp")]
        expires: OffsetDateTime,
    },
    /// A session ended.
    SessionEnded {
        /// Which.
        session: SessionId,
        /// Why.
        cause: SessionEnd,
    },
    /// A wrong PIN (T04'); at the limit the account is suspended (T24).
    PinFailed {
        /// Whose.
        holder: Holder,
        /// At which door.
        door: Door,
        /// What follows.
        consequence: PinConsequence,
    },
    /// 再発行（初期化） (T22): certificates revoked, sessions over, back to ID+PIN, granted anew.
    Reinitialized {
        /// Whom.
        holder: Holder,
        /// The new generation.
        generation: Generation,
        /// Until when it can be retrieved.
        #[serde(with = "time::serde::timestamp::option")]
        deadline: Option<OffsetDateTime>,
        /// The account afterwards (setting `reinit_unlocks_pin`).
        account: Account,
        /// What becomes of his logons.
        sessions: SessionFate,
    },
    /// 失効 (T23).
    Revoked {
        /// Whose.
        holder: Holder,
        /// Why.
        reason: RevocationReason,
        /// The logon method from now on.
        method: LogonMethod,
        /// What becomes of his logons.
        sessions: SessionFate,
    },
    /// 利用中止解除 (T25).
    SuspensionLifted {
        /// Whose.
        holder: Holder,
    },
    /// A new PIN; lifts a suspension too (T25).
    PinReset {
        /// Whose.
        holder: Holder,
        /// The new PIN.
        pin: PinHash,
    },
    /// 利用停止.
    Stopped {
        /// Whom.
        holder: Holder,
    },
    /// 登録抹消 (T26).
    Deregistered {
        /// Whom.
        holder: Holder,
    },
    /// A certificate passed its end (T21).
    CertificateExpired {
        /// Whose.
        holder: Holder,
        /// Of which generation.
        generation: Generation,
    },
    /// The retrieval deadline passed (T29).
    GrantLapsed {
        /// Whose.
        holder: Holder,
        /// Of which generation.
        generation: Generation,
    },
    /// A notice of the coming expiry was sent.
    NoticeSent {
        /// To whom.
        holder: Holder,
        /// Days before the end.
        days: u16,
    },
}

/// Why a retrieval was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Abandonment {
    /// 閉じる (T06).
    Closed,
    /// キャンセル on the first popup (T08).
    Cancelled,
    /// Timed out (T30).
    TimedOut,
    /// The bank started again (case 21).
    Recovered,
    /// The bank ended the session: account or contract was closed, or the requests came out of order (case 91).
    Forced,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionEnd {
    /// ログオフ.
    LoggedOff,
    /// Idle for too long.
    TimedOut,
    /// 強制ログオフ after an irregular order of requests (case 91).
    Forced,
    /// The bank started again.
    Recovered,
}

/// What a wrong PIN leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinConsequence {
    /// It is counted.
    Counted,
    /// The limit is reached: 利用中止 (T24).
    Suspended,
}

/// What becomes of open logons when their certificate is revoked (setting `session_kill_on_revoke`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionFate {
    /// They end.
    End,
    /// They go on until they time out.
    Keep,
}

impl Change {
    /// Its name in the journal.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ContractOpened { .. } => "contract-opened",
            Self::ContractSuspended => "contract-suspended",
            Self::ContractResumed => "contract-resumed",
            Self::ContractCancelled => "contract-cancelled",
            Self::UserRegistered { .. } => "user-registered",
            Self::Granted { .. } => "granted",
            Self::RetrievalBegun { .. } => "retrieval-begun",
            Self::RetrievalAbandoned { .. } => "retrieval-abandoned",
            Self::RequestAccepted { .. } => "request-accepted",
            Self::RequestWithdrawn { .. } => "request-withdrawn",
            Self::OrphanFound { .. } => "orphan-found",
            Self::CertificateRecorded { .. } => "certificate-recorded",
            Self::Delivered { .. } => "delivered",
            Self::Confirmed { .. } => "confirmed",
            Self::RetrievalClosed { .. } => "retrieval-closed",
            Self::LoggedOn { .. } => "logged-on",
            Self::SessionExtended { .. } => "session-extended",
            Self::SessionEnded { .. } => "session-ended",
            Self::PinFailed { .. } => "pin-failed",
            Self::Reinitialized { .. } => "reinitialized",
            Self::Revoked { .. } => "revoked",
            Self::SuspensionLifted { .. } => "suspension-lifted",
            Self::PinReset { .. } => "pin-reset",
            Self::Stopped { .. } => "stopped",
            Self::Deregistered { .. } => "deregistered",
            Self::CertificateExpired { .. } => "certificate-expired",
            Self::GrantLapsed { .. } => "grant-lapsed",
            Self::NoticeSent { .. } => "notice-sent",
        }
    }

    /// The member it is about; none for the contract as a whole or a session alone.
    #[must_use]
    pub fn holder(&self) -> Option<Holder> {
        match self {
            Self::ContractOpened { .. } => Some(Holder::Administrator),
            Self::UserRegistered { user, .. } => Some(Holder::User(user.clone())),
            Self::Granted { holder, .. }
            | Self::RetrievalBegun { holder, .. }
            | Self::RetrievalAbandoned { holder, .. }
            | Self::RequestAccepted { holder, .. }
            | Self::RequestWithdrawn { holder, .. }
            | Self::OrphanFound { holder, .. }
            | Self::CertificateRecorded { holder, .. }
            | Self::Delivered { holder, .. }
            | Self::Confirmed { holder, .. }
            | Self::RetrievalClosed { holder, .. }
            | Self::LoggedOn { holder, .. }
            | Self::PinFailed { holder, .. }
            | Self::Reinitialized { holder, .. }
            | Self::Revoked { holder, .. }
            | Self::SuspensionLifted { holder }
            | Self::PinReset { holder, .. }
            | Self::Stopped { holder }
            | Self::Deregistered { holder }
            | Self::CertificateExpired { holder, .. }
            | Self::GrantLapsed { holder, .. }
            | Self::NoticeSent { holder, .. } => Some(holder.clone()),
            Self::ContractSuspended
            | Self::ContractResumed
            | Self::ContractCancelled
            | Self::SessionExtended { .. }
            | Self::SessionEnded { .. } => None,
        }
    }
}
