//! [`Act`]: the business steps that a fault can be tied to.

use http::Method;
use sealbank_bank::{AdminAct, Command};

use super::word::words;
use crate::origin::Origin;
use crate::screens::Act as Form;

words! {
    /// A business step, as the bank sees it.
    ///
    /// 実行 is one exchange and three records: the request ([`Act::Execute`]), the certificate that came of it
    /// ([`Act::Record`]), and that it goes out ([`Act::Deliver`]).
    pub enum Act, "business step" {
        /// Whatever comes first.
        Any = "any",
        /// m-TOP and what it is dressed in.
        Top = "top",
        /// ログオン of a user or an administrator, by either method.
        LogOn = "log-on",
        /// ログオフ.
        LogOff = "log-off",
        /// The status page after the logon.
        ViewStatus = "view-status",
        /// The pages before 実行: CIBMU921, the software keyboard, m-MID and m-RUN.
        OpenRetrieval = "open-retrieval",
        /// 実行: the request for a certificate is made and recorded (T10).
        Execute = "execute",
        /// The certificate that the authority signed is written into the books (T12).
        Record = "record",
        /// The certificate goes out (T13).
        Deliver = "deliver",
        /// キャンセル on a popup (T08, T14').
        CancelPopup = "cancel-popup",
        /// The PC reports that the installation is complete (T15).
        Confirm = "confirm",
        /// 閉じる on a screen of a retrieval (T06, T16).
        CloseRetrieval = "close-retrieval",
        /// 更新: the notice, and a renewal that is begun.
        Renew = "renew",
        /// The administrator's pages, only looked at.
        ViewAdministration = "view-administration",
        /// A user is put on the roster.
        Register = "register",
        /// 発行.
        Grant = "grant",
        /// 再発行（初期化）.
        Reinitialise = "reinitialise",
        /// 失効.
        Revoke = "revoke",
        /// A locked PIN is released.
        LiftSuspension = "lift-suspension",
        /// A PIN is set anew.
        ResetPin = "reset-pin",
        /// A user's service is stopped.
        Stop = "stop",
        /// A user is taken off the roster.
        Deregister = "deregister",
        /// The administrator is unlocked by another.
        Unlock = "unlock",
    }
}

impl Act {
    /// Whether the step is asked for at this door.
    pub(crate) fn lives_at(self, origin: Origin) -> bool {
        match origin {
            Origin::Ib => !matches!(self, Self::Renew),
            Origin::Cert => !matches!(self, Self::OpenRetrieval),
            Origin::Control | Origin::Bank => false,
        }
    }

    /// The step that a page belongs to; an act of administration is named by its form.
    pub(crate) fn of_page(method: &Method, path: &str) -> Option<Self> {
        let sent = *method == Method::POST;
        Some(match path {
            "/" | "/assets/style.css" => Self::Top,
            "/logon" | "/admin/logon" => Self::LogOn,
            "/logoff" => Self::LogOff,
            "/status" => Self::ViewStatus,
            "/retrieval"
            | "/retrieval/administrator"
            | "/retrieval/keyboard"
            | "/retrieval/run" => Self::OpenRetrieval,
            "/retrieval/request" => Self::Execute,
            "/retrieval/cancelled" => Self::CancelPopup,
            "/retrieval/installed" => Self::Confirm,
            "/retrieval/close" => Self::CloseRetrieval,
            "/renewal" => Self::Renew,
            "/admin/unlock" => Self::Unlock,
            "/admin/users" if sent => Self::Register,
            _ if path == "/admin" || path.starts_with("/admin/") => Self::ViewAdministration,
            _ => return None,
        })
    }

    /// The act of administration that a form names.
    pub(crate) fn of_form(word: &str) -> Option<Self> {
        Some(match Form::from_word(word)? {
            Form::Register => Self::Register,
            Form::Grant => Self::Grant,
            Form::Reinitialize => Self::Reinitialise,
            Form::Revoke => Self::Revoke,
            Form::LiftSuspension => Self::LiftSuspension,
            Form::ResetPin => Self::ResetPin,
            Form::Stop => Self::Stop,
            Form::Deregister => Self::Deregister,
            Form::UnlockAdministrator => Self::Unlock,
        })
    }

    /// The step that a command of the bank is, as far as it is one of somebody's.
    pub(crate) fn of_command(command: &Command) -> Option<Self> {
        Some(match command {
            Command::Administer { act, .. } => match act {
                AdminAct::Register { .. } => Self::Register,
                AdminAct::Grant { .. } => Self::Grant,
                AdminAct::Reinitialize { .. } => Self::Reinitialise,
                AdminAct::Revoke { .. } => Self::Revoke,
                AdminAct::LiftSuspension { .. } => Self::LiftSuspension,
                AdminAct::ResetPin { .. } => Self::ResetPin,
                AdminAct::Stop { .. } => Self::Stop,
                AdminAct::Deregister { .. } => Self::Deregister,
            },
            Command::CounterGrant { .. } => Self::Grant,
            Command::CounterReinitialize { .. } => Self::Reinitialise,
            Command::CounterUnlock { .. } | Command::UnlockAdministrator { .. } => Self::Unlock,
            Command::BeginRetrieval { .. } => Self::OpenRetrieval,
            Command::CloseRetrieval { .. } => Self::CloseRetrieval,
            Command::CancelPopup { .. } => Self::CancelPopup,
            Command::AcceptRequest { .. } => Self::Execute,
            Command::RecordCertificate { .. } => Self::Record,
            Command::MarkDelivered { .. } => Self::Deliver,
            Command::ConfirmInstallation { .. } => Self::Confirm,
            Command::LogOn { .. } | Command::LogOnWithCertificate { .. } => Self::LogOn,
            Command::LogOff { .. } => Self::LogOff,
            Command::Renew { .. } => Self::Renew,
            Command::OpenContract { .. }
            | Command::SuspendContract { .. }
            | Command::ResumeContract { .. }
            | Command::CancelContract { .. }
            | Command::WithdrawRequest { .. } => Self::Any,
            // What the bank does by itself is nobody's step.
            Command::KeepAlive { .. }
            | Command::PassTime { .. }
            | Command::Recover { .. }
            | Command::Reconcile { .. } => return None,
        })
    }

    /// Whether looking is all that is done, so that nothing is recorded.
    pub(crate) fn only_looks(self) -> bool {
        matches!(
            self,
            Self::Top | Self::ViewStatus | Self::ViewAdministration
        )
    }
}
