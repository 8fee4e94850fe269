//! Bounded exhaustive explorations: from one user with nothing, every command of a scope in every order that leads
//! somewhere new, until nothing new is left, with every checker asked of every step and every state.
//!
//! Each scope is small on purpose and wide in one direction: tabs and requests, accounts, or the clock. Names are made
//! from what they name (tab 2 of generation 1 has one session identifier for ever), so that histories that lead to
//! the same books meet.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hasher};

use sealbank_bank::{
    AdminAct, Bank, Browser, CertificateFacts, Command, Finding, Generation, Pin, Popup,
    RevocationReason, SessionId, Settings,
};
use time::{Duration, OffsetDateTime};

use crate::checkers::{Moment, Step, decided, judge_moment, judge_step};
use crate::world::{
    ADMIN_PIN, CONFIRMATION, START, USER_PIN, WRONG_PIN, World, administrator, contract, key,
    request, serial, session, user, user_id,
};

const USER: &str = "keiri01";
/// How far an exploration goes.
struct Scope {
    /// Grants and re-initialisations.
    generations: u32,
    /// Tabs in which the user retrieves, and requests that he makes, a generation.
    tabs: u32,
    /// Where the clock may stand, in either direction.
    clock: &'static [Duration],
    /// Who else acts.
    others: &'static [Other],
}

#[derive(PartialEq, Eq)]
enum Other {
    /// The administrator, and whoever mistypes PINs.
    Administrator,
    /// The bank's counter, stopping and resuming the contract.
    Counter,
}

const STILL: &[Duration] = &[Duration::ZERO];

/// At the start, past every session, past every deadline and certificate.
const MOVING: &[Duration] = &[Duration::ZERO, Duration::minutes(20), Duration::days(400)];

/// A reached state.
#[derive(Clone)]
struct State {
    bank: Bank,
    now: OffsetDateTime,
}

impl State {
    fn moment(&self) -> Moment<'_> {
        Moment {
            bank: &self.bank,
            now: self.now,
        }
    }

    /// What tells states apart: the books and the clock.
    fn identity(&self) -> u64 {
        let mut hasher = Hashing(DefaultHasher::new());
        let books = self.bank.contract(&contract());
        write!(hasher, "{} {books:?}", self.now).expect("hashing never fails");
        hasher.0.finish()
    }

    /// The state after the commands of one move, each step judged.
    fn after(&self, commands: &[Command]) -> Self {
        let now = self.now;
        let mut bank = self.bank.clone();
        for command in commands {
            let (before, decision, after) = decided(&bank, command, now);
            let step = Step {
                before: &before,
                command,
                now,
                decision: &decision,
                after: &after,
            };
            judge_step(&step).unwrap_or_else(|broken| panic!("{command:?} on {bank:#?}: {broken}"));
            bank = after;
        }
        Self { bank, now }
    }

    fn generation(&self) -> u32 {
        self.bank
            .member(&user(USER))
            .map_or(0, |member| member.generation.get())
    }
}

/// Hashes what is written to it.
struct Hashing(DefaultHasher);

impl Write for Hashing {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

fn generation(number: u32) -> Generation {
    (0..number).fold(Generation::NONE, |generation, _| generation.next())
}

/// The user is inside at most once.
fn logon() -> SessionId {
    session(5)
}

fn tab(generation: u32, number: u32) -> SessionId {
    session(generation * 10 + number)
}

/// The honest certificate of request `number`.
fn facts(number: u32) -> CertificateFacts {
    let (not_before, not_after) = Settings::default().validity_from(START);
    CertificateFacts {
        serial: serial(number),
        issuer: "CN=TEST ONLY Issuing CA".to_owned(),
        subject: sealbank_bank::BankProfile::default().subject(&user(USER)),
        public_key: key(number),
        not_before,
        not_after,
    }
}

/// An act of the administrator, with his logon and logoff around it.
fn act(act: AdminAct) -> Vec<Command> {
    let session = session(6);
    let (subscriber, pin) = (administrator(), Pin::new(ADMIN_PIN));
    let confirmation = Pin::new(CONFIRMATION);
    vec![
        Command::LogOn {
            subscriber,
            pin,
            session,
        },
        Command::Administer {
            contract: contract(),
            session,
            confirmation,
            act,
        },
        Command::LogOff {
            contract: contract(),
            session,
        },
    ]
}

/// Everything that can be asked within the scope, whatever the state.
fn moves(scope: &Scope) -> Vec<Vec<Command>> {
    let subscriber = || user(USER);
    let mut single = vec![
        Command::CounterGrant {
            subscriber: subscriber(),
        },
        Command::CounterReinitialize {
            subscriber: subscriber(),
        },
        Command::Recover {
            contract: contract(),
        },
        Command::LogOn {
            subscriber: subscriber(),
            pin: Pin::new(USER_PIN),
            session: logon(),
        },
        Command::LogOff {
            contract: contract(),
            session: logon(),
        },
    ];
    for number in 1..=scope.generations {
        single.push(Command::MarkDelivered {
            subscriber: subscriber(),
            generation: generation(number),
        });
        for tab in 1..=scope.tabs {
            single.extend(of_tab(number, tab));
        }
    }
    if scope.others.contains(&Other::Counter) {
        single.push(Command::SuspendContract {
            contract: contract(),
        });
        single.push(Command::ResumeContract {
            contract: contract(),
        });
    }
    let mut moves: Vec<Vec<Command>> = single.into_iter().map(|command| vec![command]).collect();
    if scope.others.contains(&Other::Administrator) {
        let wrong = Command::LogOn {
            subscriber: subscriber(),
            pin: Pin::new(WRONG_PIN),
            session: logon(),
        };
        moves.push(vec![wrong]);
        let user = || user_id(USER);
        let acts = [
            AdminAct::Revoke {
                user: user(),
                reason: RevocationReason::KeyCompromise,
            },
            AdminAct::Stop { user: user() },
            AdminAct::LiftSuspension { user: user() },
            AdminAct::Deregister { user: user() },
        ];
        moves.extend(acts.map(act));
    }
    moves
}

/// What is said in one tab of a generation, and about the request of the same number.
fn of_tab(number: u32, variant: u32) -> Vec<Command> {
    let name = number * 10 + variant;
    let (contract, subscriber, generation) = (contract(), user(USER), generation(number));
    let (session, request, public_key) = (tab(number, variant), request(name), key(name));
    vec![
        Command::BeginRetrieval {
            subscriber: subscriber.clone(),
            pin: Pin::new(USER_PIN),
            session,
            browser: Browser::Supported,
        },
        Command::CloseRetrieval {
            contract: contract.clone(),
            session,
        },
        Command::CancelPopup {
            contract: contract.clone(),
            session,
            popup: Popup::First,
        },
        Command::CancelPopup {
            contract: contract.clone(),
            session,
            popup: Popup::Second,
        },
        // Every request is tried in the first tab: two of one generation meet there.
        Command::AcceptRequest {
            contract: contract.clone(),
            session: tab(number, 1),
            request,
            public_key,
        },
        Command::RecordCertificate {
            subscriber: subscriber.clone(),
            generation,
            request,
            facts: facts(name),
        },
        Command::Reconcile {
            subscriber,
            generation,
            request,
            finding: Finding::NotSigned,
        },
        Command::ConfirmInstallation {
            contract: contract.clone(),
            session,
        },
        Command::LogOnWithCertificate {
            contract,
            serial: serial(name),
            public_key,
            pin: Pin::new(USER_PIN),
            session: logon(),
        },
    ]
}

/// Explores all of the scope and tells how much that was.
fn explore(scope: &Scope) -> String {
    let settings = Settings {
        pin_failure_limit: 2,
        expiry_notices_days: Vec::new(),
        ..Settings::default()
    };
    let start = State {
        bank: World::with_user(settings).bank,
        now: START,
    };
    let moves = moves(scope);
    let mut seen = BTreeSet::from([start.identity()]);
    let mut waiting = VecDeque::from([start]);
    let mut steps = 0_usize;
    while let Some(state) = waiting.pop_front() {
        judge_moment(&state.moment())
            .unwrap_or_else(|broken| panic!("{broken} in {:#?}", state.bank));
        let told = moves.iter().map(|commands| state.after(commands));
        let elsewhere = scope.clock.iter().map(|passed| State {
            now: START + *passed,
            ..state.clone()
        });
        for next in told.chain(elsewhere) {
            steps += 1;
            if next.generation() <= scope.generations && seen.insert(next.identity()) {
                waiting.push_back(next);
            }
        }
    }
    format!("{} states, {steps} steps", seen.len())
}

#[test]
fn two_tabs_and_two_requests_within_reach_break_no_invariant() {
    let scope = Scope {
        generations: 1,
        tabs: 2,
        clock: STILL,
        others: &[],
    };
    insta::assert_snapshot!(explore(&scope));
}

#[test]
fn two_generations_within_reach_break_no_invariant() {
    let scope = Scope {
        generations: 2,
        tabs: 1,
        clock: STILL,
        others: &[],
    };
    insta::assert_snapshot!(explore(&scope));
}

#[test]
fn accounts_opened_and_closed_within_reach_break_no_invariant() {
    let scope = Scope {
        generations: 1,
        tabs: 1,
        clock: STILL,
        others: &[Other::Administrator, Other::Counter],
    };
    insta::assert_snapshot!(explore(&scope));
}

#[test]
fn a_clock_moving_to_and_fro_within_reach_breaks_no_invariant() {
    let scope = Scope {
        generations: 1,
        tabs: 1,
        clock: MOVING,
        others: &[],
    };
    insta::assert_snapshot!(explore(&scope));
}
