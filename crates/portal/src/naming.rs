//! What a command is called in the trail, and whom it is about.

use sealbank_bank::{AdminAct, Bank, Command, Holder, Popup, SessionId, Subscriber};

/// The command's word.
pub(crate) fn command(command: &Command) -> &'static str {
    match command {
        Command::OpenContract { .. } => "open-contract",
        Command::SuspendContract { .. } => "suspend-contract",
        Command::ResumeContract { .. } => "resume-contract",
        Command::CancelContract { .. } => "cancel-contract",
        Command::CounterGrant { .. } => "counter-grant",
        Command::CounterReinitialize { .. } => "counter-reinitialize",
        Command::CounterUnlock { .. } => "counter-unlock",
        Command::Administer { act, .. } => admin_act(act),
        Command::UnlockAdministrator { .. } => "unlock-administrator",
        Command::BeginRetrieval { .. } => "begin-retrieval",
        Command::CloseRetrieval { .. } => "close-retrieval",
        Command::CancelPopup {
            popup: Popup::First,
            ..
        } => "cancel-first-popup",
        Command::CancelPopup {
            popup: Popup::Second,
            ..
        } => "cancel-second-popup",
        Command::AcceptRequest { .. } => "accept-request",
        Command::RecordCertificate { .. } => "record-certificate",
        Command::WithdrawRequest { .. } => "withdraw-request",
        Command::MarkDelivered { .. } => "mark-delivered",
        Command::ConfirmInstallation { .. } => "confirm-installation",
        Command::LogOn { .. } => "log-on",
        Command::LogOnWithCertificate { .. } => "log-on-with-certificate",
        Command::LogOff { .. } => "log-off",
        Command::KeepAlive { .. } => "keep-alive",
        Command::Renew { .. } => "renew",
        Command::PassTime { .. } => "pass-time",
        Command::Recover { .. } => "recover",
        Command::Reconcile { .. } => "reconcile",
    }
}

fn admin_act(act: &AdminAct) -> &'static str {
    match act {
        AdminAct::Register { .. } => "register",
        AdminAct::Grant { .. } => "grant",
        AdminAct::Reinitialize { .. } => "reinitialize",
        AdminAct::Revoke { .. } => "revoke",
        AdminAct::LiftSuspension { .. } => "lift-suspension",
        AdminAct::ResetPin { .. } => "reset-pin",
        AdminAct::Stop { .. } => "stop",
        AdminAct::Deregister { .. } => "deregister",
    }
}

/// Whom the command is about, as far as the books tell before it is carried out.
pub(crate) fn subscriber(bank: &Bank, command: &Command) -> Option<Subscriber> {
    match command {
        Command::CounterGrant { subscriber }
        | Command::CounterReinitialize { subscriber }
        | Command::CounterUnlock { subscriber }
        | Command::BeginRetrieval { subscriber, .. }
        | Command::RecordCertificate { subscriber, .. }
        | Command::WithdrawRequest { subscriber, .. }
        | Command::MarkDelivered { subscriber, .. }
        | Command::LogOn { subscriber, .. }
        | Command::Reconcile { subscriber, .. } => Some(subscriber.clone()),
        Command::Administer { contract, act, .. } => {
            Some(Subscriber::user(contract.clone(), act.user().clone()))
        }
        Command::UnlockAdministrator { contract, .. }
        | Command::OpenContract { contract, .. }
        | Command::SuspendContract { contract }
        | Command::ResumeContract { contract }
        | Command::CancelContract { contract } => Some(Subscriber::administrator(contract.clone())),
        Command::CloseRetrieval { session, .. }
        | Command::CancelPopup { session, .. }
        | Command::AcceptRequest { session, .. }
        | Command::ConfirmInstallation { session, .. }
        | Command::LogOff { session, .. }
        | Command::KeepAlive { session, .. }
        | Command::Renew { session, .. } => holder_of(bank, command, session),
        Command::LogOnWithCertificate { serial, .. } => {
            bank.find_certificate(serial).map(|(found, _)| found)
        }
        Command::PassTime { .. } | Command::Recover { .. } => None,
    }
}

fn holder_of(bank: &Bank, command: &Command, session: &SessionId) -> Option<Subscriber> {
    let contract = command.contract();
    let holder: Holder = bank
        .contract(contract)?
        .sessions
        .get(session)?
        .holder
        .clone();
    Some(Subscriber {
        contract: contract.clone(),
        holder,
    })
}
