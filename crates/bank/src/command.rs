//! What can be asked of the bank: by the counter, by administrators, by users, and by time itself.

use crate::certificate::{CertificateFacts, Fingerprint, RevocationReason, Serial};
use crate::grant::Generation;
use crate::identity::{ContractId, Subscriber, UserId};
use crate::member::Rights;
use crate::pin::{Pin, PinHash};
use crate::session::SessionId;

/// One request to the bank's rules; see [`crate::Bank::decide`].
#[derive(Debug, Clone)]
pub enum Command {
    /// The counter opens a contract with its administrator.
    OpenContract {
        /// The new 契約法人ID.
        contract: ContractId,
        /// The corporation's name.
        name: String,
        /// 契約法人暗証番号.
        pin: PinHash,
        /// 契約法人確認暗証番号.
        confirmation: PinHash,
    },
    /// The bank stops the contract (T27).
    SuspendContract {
        /// Which.
        contract: ContractId,
    },
    /// The bank resumes the contract (T27).
    ResumeContract {
        /// Which.
        contract: ContractId,
    },
    /// The contract ends (解約).
    CancelContract {
        /// Which.
        contract: ContractId,
    },
    /// The counter does 発行 on paper: the only way for an administrator.
    CounterGrant {
        /// For whom.
        subscriber: Subscriber,
    },
    /// The counter does 再発行（初期化） on paper (T28; for users S-Oka283).
    CounterReinitialize {
        /// For whom.
        subscriber: Subscriber,
    },
    /// The counter lifts a PIN lock.
    CounterUnlock {
        /// Whose.
        subscriber: Subscriber,
    },
    /// The administrator changes something, confirmed by 契約法人確認暗証番号.
    Administer {
        /// His contract.
        contract: ContractId,
        /// His session.
        session: SessionId,
        /// 契約法人確認暗証番号 as typed.
        confirmation: Pin,
        /// What he does.
        act: AdminAct,
    },
    /// A user with 管理者リセット権限 unlocks the administrator (m-ADM-UNLOCK).
    UnlockAdministrator {
        /// The contract.
        contract: ContractId,
        /// The user's session.
        session: SessionId,
        /// The user's own PIN as typed.
        pin: Pin,
    },
    /// 取得 on CIBMU921 (T04).
    BeginRetrieval {
        /// Who.
        subscriber: Subscriber,
        /// His PIN as typed.
        pin: Pin,
        /// The session to open; the same form sent twice names the same session (case 16).
        session: SessionId,
        /// What he browses with.
        browser: Browser,
    },
    /// 閉じる during or after a retrieval (T06, T16).
    CloseRetrieval {
        /// The contract.
        contract: ContractId,
        /// The retrieval session.
        session: SessionId,
    },
    /// キャンセル on a popup (T08, T14').
    CancelPopup {
        /// The contract.
        contract: ContractId,
        /// The retrieval session.
        session: SessionId,
        /// Which popup.
        popup: Popup,
    },
    /// A request arrived whose proof of possession holds (T10).
    AcceptRequest {
        /// The contract.
        contract: ContractId,
        /// The retrieval session.
        session: SessionId,
        /// SHA-256 of the request.
        request: Fingerprint,
        /// SHA-256 of its public key.
        public_key: Fingerprint,
    },
    /// The CA signed; the bank commits (T12).
    RecordCertificate {
        /// Whose.
        subscriber: Subscriber,
        /// For which generation it was asked.
        generation: Generation,
        /// SHA-256 of the request.
        request: Fingerprint,
        /// What the certificate says.
        facts: CertificateFacts,
    },
    /// The CA refused (case 40).
    WithdrawRequest {
        /// Whose.
        subscriber: Subscriber,
        /// For which generation it was asked.
        generation: Generation,
        /// SHA-256 of the request.
        request: Fingerprint,
    },
    /// The answer is about to be sent (T13).
    MarkDelivered {
        /// Whose.
        subscriber: Subscriber,
        /// Of which generation.
        generation: Generation,
    },
    /// The PC reports that the installation is complete (T15).
    ConfirmInstallation {
        /// The contract.
        contract: ContractId,
        /// The retrieval session.
        session: SessionId,
    },
    /// Logon by ID and PIN (T19).
    LogOn {
        /// Who.
        subscriber: Subscriber,
        /// His PIN as typed.
        pin: Pin,
        /// The session to open.
        session: SessionId,
    },
    /// Logon by certificate and PIN (T18); TLS has proved possession of the key.
    LogOnWithCertificate {
        /// The contract on whose books the serial stands.
        contract: ContractId,
        /// The certificate's serial.
        serial: Serial,
        /// SHA-256 of its public key.
        public_key: Fingerprint,
        /// The PIN as typed.
        pin: Pin,
        /// The session to open.
        session: SessionId,
    },
    /// ログオフ.
    LogOff {
        /// The contract.
        contract: ContractId,
        /// The session.
        session: SessionId,
    },
    /// Somebody is active in his session.
    KeepAlive {
        /// The contract.
        contract: ContractId,
        /// The session.
        session: SessionId,
    },
    /// 更新 (T20).
    Renew {
        /// The contract.
        contract: ContractId,
        /// The logon session by certificate.
        session: SessionId,
        /// The retrieval session to open.
        retrieval: SessionId,
    },
    /// Time passed: deadlines, expiries, time-outs, notices (T21, T29, T30).
    PassTime {
        /// The contract.
        contract: ContractId,
    },
    /// The bank started again on its journal: sessions are over (case 21).
    Recover {
        /// The contract.
        contract: ContractId,
    },
    /// What the CA says about a request that was left without an answer (T31).
    Reconcile {
        /// Whose.
        subscriber: Subscriber,
        /// Of which generation.
        generation: Generation,
        /// SHA-256 of the request.
        request: Fingerprint,
        /// What the CA found.
        finding: Finding,
    },
}

/// What an administrator does on his screens.
#[derive(Debug, Clone)]
pub enum AdminAct {
    /// 利用者情報登録 (T01).
    Register {
        /// The new 利用者ID.
        user: UserId,
        /// The user's name.
        name: String,
        /// What he may do beside his own affairs.
        rights: Rights,
        /// 利用者暗証番号.
        pin: PinHash,
    },
    /// 発行 (T02).
    Grant {
        /// For whom.
        user: UserId,
    },
    /// 再発行（初期化） (T22).
    Reinitialize {
        /// Whom.
        user: UserId,
    },
    /// 失効 (T23).
    Revoke {
        /// Whose.
        user: UserId,
        /// Why.
        reason: RevocationReason,
    },
    /// 利用中止解除 (T25).
    LiftSuspension {
        /// Whose.
        user: UserId,
    },
    /// A new PIN for a user (T25).
    ResetPin {
        /// Whose.
        user: UserId,
        /// The new PIN.
        pin: PinHash,
    },
    /// 利用停止.
    Stop {
        /// Whom.
        user: UserId,
    },
    /// 登録抹消 (T26).
    Deregister {
        /// Whom.
        user: UserId,
    },
}

impl AdminAct {
    /// The user that the act is about.
    #[must_use]
    pub fn user(&self) -> &UserId {
        match self {
            Self::Register { user, .. }
            | Self::Grant { user }
            | Self::Reinitialize { user }
            | Self::Revoke { user, .. }
            | Self::LiftSuspension { user }
            | Self::ResetPin { user, .. }
            | Self::Stop { user }
            | Self::Deregister { user } => user,
        }
    }
}

/// Whether the browser is a recommended one (L1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// It is.
    Supported,
    /// It isn't.
    Unsupported,
}

/// A popup Web アクセスの確認 (procedure 0.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Popup {
    /// Before key and request are made.
    First,
    /// Before the certificate is installed.
    Second,
}

/// What the CA knows of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It never signed it.
    NotSigned,
    /// It signed this.
    Signed(CertificateFacts),
}

impl Command {
    /// The session that the command is to open, if it opens one.
    #[must_use]
    pub fn opens(&self) -> Option<&SessionId> {
        match self {
            Self::BeginRetrieval { session, .. }
            | Self::LogOn { session, .. }
            | Self::LogOnWithCertificate { session, .. }
            | Self::Renew {
                retrieval: session, ..
            } => Some(session),
            _ => None,
        }
    }

    /// The contract whose books the command touches; no command touches two (V11).
    #[must_use]
    pub fn contract(&self) -> &ContractId {
        match self {
            Self::OpenContract { contract, .. }
            | Self::SuspendContract { contract }
            | Self::ResumeContract { contract }
            | Self::CancelContract { contract }
            | Self::Administer { contract, .. }
            | Self::UnlockAdministrator { contract, .. }
            | Self::CloseRetrieval { contract, .. }
            | Self::CancelPopup { contract, .. }
            | Self::AcceptRequest { contract, .. }
            | Self::ConfirmInstallation { contract, .. }
            | Self::LogOnWithCertificate { contract, .. }
            | Self::LogOff { contract, .. }
            | Self::KeepAlive { contract, .. }
            | Self::Renew { contract, .. }
            | Self::PassTime { contract }
            | Self::Recover { contract } => contract,
            Self::CounterGrant { subscriber }
            | Self::CounterReinitialize { subscriber }
            | Self::CounterUnlock { subscriber }
            | Self::BeginRetrieval { subscriber, .. }
            | Self::RecordCertificate { subscriber, .. }
            | Self::WithdrawRequest { subscriber, .. }
            | Self::MarkDelivered { subscriber, .. }
            | Self::LogOn { subscriber, .. }
            | Self::Reconcile { subscriber, .. } => &subscriber.contract,
        }
    }
}
