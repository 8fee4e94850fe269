//! Every command, made as honestly as the user's state allows.

use sealbank_bank::{
    AdminAct, Browser, Command, Finding, Pin, Popup, RevocationReason, Rights, SessionId,
};
use time::Duration;

use super::USER;
use crate::world::{
    ADMIN_PIN, CONFIRMATION, Held, NEW_PIN, USER_PIN, WRONG_PIN, administrator, contract, hash,
    key, request, serial, session, signed, user, user_id,
};

/// What commands are made of.
pub(super) struct Hand {
    pub(super) retrieval: SessionId,
    pub(super) logon: SessionId,
    pub(super) request: u32,
    pub(super) enrolment: Option<sealbank_bank::Enrolment>,
    pub(super) held: Option<Held>,
}

/// Every command, by the name under which it stands in the table.
pub(super) fn commands(hand: &Hand) -> Vec<(&'static str, Command)> {
    let subscriber = || user(USER);
    let pin = Pin::new;
    let begin = |typed: &str, browser| Command::BeginRetrieval {
        subscriber: subscriber(),
        pin: pin(typed),
        session: session(70),
        browser,
    };
    let accept = |number| Command::AcceptRequest {
        contract: contract(),
        session: hand.retrieval,
        request: request(number),
        public_key: key(number),
    };
    let mut commands = vec![
        (
            "open-contract",
            Command::OpenContract {
                contract: contract(),
                name: "架空工業株式会社".to_owned(),
                pin: hash(ADMIN_PIN),
                confirmation: hash(CONFIRMATION),
            },
        ),
        (
            "suspend-contract",
            Command::SuspendContract {
                contract: contract(),
            },
        ),
        (
            "resume-contract",
            Command::ResumeContract {
                contract: contract(),
            },
        ),
        (
            "cancel-contract",
            Command::CancelContract {
                contract: contract(),
            },
        ),
        (
            "counter-grant",
            Command::CounterGrant {
                subscriber: subscriber(),
            },
        ),
        (
            "counter-reinitialize",
            Command::CounterReinitialize {
                subscriber: subscriber(),
            },
        ),
        (
            "counter-unlock",
            Command::CounterUnlock {
                subscriber: subscriber(),
            },
        ),
        (
            "counter-unlock (administrator)",
            Command::CounterUnlock {
                subscriber: administrator(),
            },
        ),
        (
            "unlock-administrator",
            Command::UnlockAdministrator {
                contract: contract(),
                session: hand.logon,
                pin: pin(USER_PIN),
            },
        ),
        ("begin-retrieval", begin(USER_PIN, Browser::Supported)),
        (
            "begin-retrieval (wrong PIN)",
            begin(WRONG_PIN, Browser::Supported),
        ),
        (
            "begin-retrieval (browser)",
            begin(USER_PIN, Browser::Unsupported),
        ),
        (
            "begin-retrieval (form sent again)",
            Command::BeginRetrieval {
                subscriber: subscriber(),
                pin: pin(USER_PIN),
                session: hand.retrieval,
                browser: Browser::Supported,
            },
        ),
        (
            "close-retrieval",
            Command::CloseRetrieval {
                contract: contract(),
                session: hand.retrieval,
            },
        ),
        (
            "cancel-popup (first)",
            Command::CancelPopup {
                contract: contract(),
                session: hand.retrieval,
                popup: Popup::First,
            },
        ),
        (
            "cancel-popup (second)",
            Command::CancelPopup {
                contract: contract(),
                session: hand.retrieval,
                popup: Popup::Second,
            },
        ),
        ("accept-request", accept(hand.request)),
        ("accept-request (another key)", accept(71)),
        (
            "confirm-installation",
            Command::ConfirmInstallation {
                contract: contract(),
                session: hand.retrieval,
            },
        ),
        (
            "log-on",
            Command::LogOn {
                subscriber: subscriber(),
                pin: pin(USER_PIN),
                session: session(72),
            },
        ),
        (
            "log-on (wrong PIN)",
            Command::LogOn {
                subscriber: subscriber(),
                pin: pin(WRONG_PIN),
                session: session(72),
            },
        ),
        (
            "log-off",
            Command::LogOff {
                contract: contract(),
                session: hand.logon,
            },
        ),
        (
            "keep-alive",
            Command::KeepAlive {
                contract: contract(),
                session: hand.logon,
            },
        ),
        (
            "renew",
            Command::Renew {
                contract: contract(),
                session: hand.logon,
                retrieval: session(73),
            },
        ),
        (
            "pass-time",
            Command::PassTime {
                contract: contract(),
            },
        ),
        (
            "recover",
            Command::Recover {
                contract: contract(),
            },
        ),
    ];
    let held = hand.held.as_ref();
    let logon = |typed: &str, public_key| Command::LogOnWithCertificate {
        contract: contract(),
        serial: held.map_or_else(|| serial(79), |held| held.serial.clone()),
        public_key,
        pin: pin(typed),
        session: session(74),
    };
    let own_key = held.map_or_else(|| key(79), |held| held.key);
    commands.extend([
        ("log-on-with-certificate", logon(USER_PIN, own_key)),
        (
            "log-on-with-certificate (wrong PIN)",
            logon(WRONG_PIN, own_key),
        ),
        (
            "log-on-with-certificate (another key)",
            logon(USER_PIN, key(78)),
        ),
    ]);
    commands.extend(of_the_ca(hand));
    commands.extend(acts().into_iter().map(|(name, act)| {
        let administer = Command::Administer {
            contract: contract(),
            session: ADMINISTRATOR,
            confirmation: pin(CONFIRMATION),
            act,
        };
        (name, administer)
    }));
    commands.push((
        "administer (wrong confirmation)",
        Command::Administer {
            contract: contract(),
            session: ADMINISTRATOR,
            confirmation: pin(WRONG_PIN),
            act: AdminAct::Grant {
                user: user_id(USER),
            },
        },
    ));
    commands
}

/// The session number under which the administrator is inside while he acts.
pub(super) const ADMINISTRATOR: SessionId = SessionId(sealbank_bank::Fingerprint([0xad; 32]));

/// What the CA says of the user's newest request, or of one that was never made.
fn of_the_ca(hand: &Hand) -> Vec<(&'static str, Command)> {
    let subscriber = user(USER);
    let asked = hand
        .enrolment
        .clone()
        .unwrap_or_else(|| sealbank_bank::Enrolment {
            subscriber: subscriber.clone(),
            generation: sealbank_bank::Generation::NONE.next(),
            request: request(7),
            subject: sealbank_bank::BankProfile::default().subject(&subscriber),
            not_before: crate::world::START,
            not_after: crate::world::START + Duration::days(365),
        });
    let facts = |number| signed(&asked, key(hand.request), serial(number));
    let known = hand.held.as_ref().map_or(75, |_| hand.request);
    let mut wrong = facts(76);
    wrong.subject.common_name.push('x');
    let (generation, request) = (asked.generation, asked.request);
    let record = |facts| Command::RecordCertificate {
        subscriber: subscriber.clone(),
        generation,
        request,
        facts,
    };
    let reconcile = |finding| Command::Reconcile {
        subscriber: subscriber.clone(),
        generation,
        request,
        finding,
    };
    vec![
        ("record-certificate", record(facts(known))),
        ("record-certificate (another serial)", record(facts(77))),
        ("record-certificate (wrong subject)", record(wrong)),
        (
            "withdraw-request",
            Command::WithdrawRequest {
                subscriber: subscriber.clone(),
                generation,
                request,
            },
        ),
        (
            "mark-delivered",
            Command::MarkDelivered {
                subscriber: subscriber.clone(),
                generation,
            },
        ),
        ("reconcile (not signed)", reconcile(Finding::NotSigned)),
        (
            "reconcile (signed)",
            reconcile(Finding::Signed(facts(known))),
        ),
    ]
}

fn acts() -> Vec<(&'static str, AdminAct)> {
    let user = || user_id(USER);
    vec![
        (
            "administer: register",
            AdminAct::Register {
                user: user(),
                name: "検証 花子".to_owned(),
                rights: Rights::Ordinary,
                pin: hash(USER_PIN),
            },
        ),
        ("administer: grant", AdminAct::Grant { user: user() }),
        (
            "administer: reinitialize",
            AdminAct::Reinitialize { user: user() },
        ),
        (
            "administer: revoke",
            AdminAct::Revoke {
                user: user(),
                reason: RevocationReason::KeyCompromise,
            },
        ),
        (
            "administer: lift-suspension",
            AdminAct::LiftSuspension { user: user() },
        ),
        (
            "administer: reset-pin",
            AdminAct::ResetPin {
                user: user(),
                pin: hash(NEW_PIN),
            },
        ),
        ("administer: stop", AdminAct::Stop { user: user() }),
        (
            "administer: deregister",
            AdminAct::Deregister { user: user() },
        ),
    ]
}
