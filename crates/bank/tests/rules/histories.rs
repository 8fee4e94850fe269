//! Random histories: two users, their administrator, the counter, the CA and the clock, in any order, with wrong
//! PINs, old sessions, doubled and late messages and restarts. After each step every checker is asked.
//!
//! A failing history is printed with its moves, shrunk; `proptest-regressions` repeats it.

mod moves;

use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use sealbank_bank::{
    Bank, Browser, CertificateFacts, Command, Enrolment, Finding, Pin, SessionId, Settings,
};
use time::Duration;

use self::moves::{Answered, Move, Name, Paper, Typed, moves, subscriber, varied};
use crate::checkers::{Moment, Step, decided, judge_moment, judge_step};
use crate::world::{
    ADMIN_PIN, CONFIRMATION, USER_PIN, World, administrator, contract, key, light, request, serial,
    session, signed,
};

const USERS: [&str; 2] = ["keiri01", "Keiri01"];

/// A world and what was seen in it, for later moves to pick from.
#[derive(Debug)]
struct History {
    world: World,
    sessions: Vec<SessionId>,
    logons: Vec<SessionId>,
    enrolments: Vec<(Enrolment, u32)>,
    certificates: Vec<CertificateFacts>,
    sent: Vec<Command>,
}

impl History {
    fn begun(settings: &Settings) -> Self {
        let mut world = World::with_user(settings.clone());
        // Settings may close ID+PIN to an administrator without a certificate; then he is the counter's care.
        let _ = world.register(USERS[1]);
        let mut history = Self {
            world,
            sessions: vec![session(1)],
            logons: vec![session(2)],
            enrolments: Vec::new(),
            certificates: Vec::new(),
            sent: Vec::new(),
        };
        // A history begins in the middle of things: the first user usable, the second granted.
        for made in [
            Move::Counter(Paper::Grant, 1),
            Move::Counter(Paper::Grant, 0),
            Move::Begin(0, Typed::Right, Name::New),
            Move::Request(0, Name::New),
            Move::CaAnswers(0, Answered::Right),
            Move::Deliver(0),
            Move::Confirm(0),
            Move::Close(0),
        ] {
            history.make(made);
        }
        history
    }

    /// Makes the move, if it makes sense at all, and asks every checker about it.
    fn make(&mut self, made: Move) {
        match made {
            Move::Clock(minutes) => self.world.now += Duration::minutes(minutes),
            Move::Restart(answered) => self.restart(answered),
            _ => {
                if let Some(command) = self.command(made) {
                    self.send(&command);
                }
            }
        }
        let Self { world, .. } = self;
        let moment = Moment {
            bank: &world.bank,
            now: world.now,
        };
        judge_moment(&moment).unwrap_or_else(|broken| panic!("after {made:?}: {broken}"));
    }

    fn send(&mut self, command: &Command) {
        let World { bank, now, .. } = &self.world;
        let (before, decision, after) = decided(bank, command, *now);
        let step = Step {
            before: &before,
            command,
            now: *now,
            decision: &decision,
            after: &after,
        };
        judge_step(&step).unwrap_or_else(|broken| panic!("{command:?}: {broken}"));
        match (command, &decision.outcome) {
            (
                Command::AcceptRequest { request, .. },
                Ok(sealbank_bank::Answer::Sign(enrolment)),
            ) => {
                let number = u32::from_be_bytes([
                    request.0[28],
                    request.0[29],
                    request.0[30],
                    request.0[31],
                ]);
                self.enrolments.push((enrolment.clone(), number));
            }
            (
                Command::BeginRetrieval { session, .. }
                | Command::Renew {
                    retrieval: session, ..
                },
                _,
            ) => {
                self.sessions.push(*session);
            }
            (Command::LogOn { session, .. } | Command::LogOnWithCertificate { session, .. }, _) => {
                self.logons.push(*session);
            }
            (Command::RecordCertificate { facts, .. }, Ok(_)) => {
                self.certificates.push(facts.clone());
            }
            _ => {}
        }
        self.world.log.extend(decision.events);
        self.world.bank = after;
        self.sent.push(command.clone());
    }

    /// The bank starts again on its journal, and asks the CA about what was left open (T31).
    fn restart(&mut self, answered: Answered) {
        let World { bank, log, .. } = &self.world;
        let replayed = Bank::replayed(bank.settings().clone(), bank.profile().clone(), log);
        assert_eq!(
            replayed.as_ref(),
            Ok(bank),
            "V25: the journal tells the same books"
        );
        self.send(&Command::Recover {
            contract: contract(),
        });
        for open in self.world.bank.unsettled() {
            let asked = self
                .enrolments
                .iter()
                .position(|(e, _)| e.request == open.request && e.generation == open.generation);
            let finding = match asked {
                Some(index) if answered != Answered::NotSigned => {
                    Finding::Signed(self.answer(index, answered))
                }
                _ => Finding::NotSigned,
            };
            self.send(&Command::Reconcile {
                subscriber: open.subscriber,
                generation: open.generation,
                request: open.request,
                finding,
            });
        }
    }

    fn answer(&mut self, index: usize, answered: Answered) -> CertificateFacts {
        let (enrolment, number) = self.enrolments[index].clone();
        let mut facts = signed(&enrolment, key(number), serial(self.world.fresh()));
        match answered {
            Answered::AnotherSubject => facts.subject.common_name.push('x'),
            Answered::AnotherKey => facts.public_key = key(1),
            Answered::SerialOfBefore => {
                if let Some(before) = self.certificates.last() {
                    facts.serial = before.serial.clone();
                }
            }
            Answered::Right | Answered::NotSigned => {}
        }
        facts
    }

    fn named(&mut self, name: Name, used: Option<SessionId>) -> SessionId {
        match (name, used) {
            (Name::Used, Some(used)) => used,
            _ => session(self.world.fresh()),
        }
    }

    fn command(&mut self, made: Move) -> Option<Command> {
        let contract = contract();
        Some(match made {
            Move::AdminLogsOn(typed) => Command::LogOn {
                subscriber: administrator(),
                pin: Pin::new(typed.of(ADMIN_PIN)),
                session: session(self.world.fresh()),
            },
            Move::Act(act, who, typed) => Command::Administer {
                contract,
                session: *newest(&self.logons, who / USERS.len())?,
                confirmation: Pin::new(typed.of(CONFIRMATION)),
                act: act.on(USERS[who % USERS.len()]),
            },
            Move::Counter(paper, who) => paper.of(subscriber(who), *newest(&self.logons, who)?),
            Move::Begin(who, typed, name) => Command::BeginRetrieval {
                subscriber: subscriber(who),
                pin: Pin::new(typed.of(pin_of(who))),
                session: self.named(name, self.sessions.last().copied()),
                browser: Browser::Supported,
            },
            Move::Close(old) => Command::CloseRetrieval {
                contract,
                session: *newest(&self.sessions, old)?,
            },
            Move::Cancel(popup, old) => Command::CancelPopup {
                contract,
                session: *newest(&self.sessions, old)?,
                popup,
            },
            Move::Request(old, name) => {
                let used = self.enrolments.last().map(|(_, number)| *number);
                let number = match (name, used) {
                    (Name::Used, Some(used)) => used,
                    _ => self.world.fresh(),
                };
                Command::AcceptRequest {
                    contract,
                    session: *newest(&self.sessions, old)?,
                    request: request(number),
                    public_key: key(number),
                }
            }
            Move::CaAnswers(old, answered) => {
                let index = self.enrolments.len().checked_sub(old + 1)?;
                let facts = self.answer(index, answered);
                let (
                    Enrolment {
                        subscriber,
                        generation,
                        request,
                        ..
                    },
                    _,
                ) = self.enrolments[index].clone();
                Command::RecordCertificate {
                    subscriber,
                    generation,
                    request,
                    facts,
                }
            }
            Move::CaRefuses(old) => {
                let (
                    Enrolment {
                        subscriber,
                        generation,
                        request,
                        ..
                    },
                    _,
                ) = newest(&self.enrolments, old)?.clone();
                Command::WithdrawRequest {
                    subscriber,
                    generation,
                    request,
                }
            }
            Move::Deliver(old) => {
                let (
                    Enrolment {
                        subscriber,
                        generation,
                        ..
                    },
                    _,
                ) = newest(&self.enrolments, old)?.clone();
                Command::MarkDelivered {
                    subscriber,
                    generation,
                }
            }
            Move::Confirm(old) => Command::ConfirmInstallation {
                contract,
                session: *newest(&self.sessions, old)?,
            },
            Move::LogOn(who, typed, name) => Command::LogOn {
                subscriber: subscriber(who),
                pin: Pin::new(typed.of(pin_of(who))),
                session: self.named(name, self.logons.last().copied()),
            },
            Move::Present(old, typed) => {
                let facts = newest(&self.certificates, old)?.clone();
                Command::LogOnWithCertificate {
                    contract,
                    serial: facts.serial,
                    public_key: facts.public_key,
                    pin: Pin::new(typed.of(USER_PIN)),
                    session: session(self.world.fresh()),
                }
            }
            Move::LogOff(old) => Command::LogOff {
                contract,
                session: *newest(&self.logons, old)?,
            },
            Move::KeepAlive(old) => Command::KeepAlive {
                contract,
                session: *newest(&self.logons, old)?,
            },
            Move::Renew(old) => Command::Renew {
                contract,
                session: *newest(&self.logons, old)?,
                retrieval: session(self.world.fresh()),
            },
            Move::Again(old) => newest(&self.sent, old)?.clone(),
            Move::Clock(_) | Move::Restart(_) => return None,
        })
    }
}

fn newest<T>(seen: &[T], old: usize) -> Option<&T> {
    seen.len()
        .checked_sub(old + 1)
        .and_then(|index| seen.get(index))
}

fn pin_of(who: usize) -> &'static str {
    if who < USERS.len() {
        USER_PIN
    } else {
        ADMIN_PIN
    }
}

/// The bank with its default settings.
struct ByDefault;

/// The bank with settings drawn for each history.
struct Varied;

/// The reference knows no more than the settings: what must hold is asked of every step by the checkers.
macro_rules! histories {
    ($machine:ident, $settings:expr) => {
        impl ReferenceStateMachine for $machine {
            type State = Settings;
            type Transition = Move;

            fn init_state() -> BoxedStrategy<Settings> {
                $settings.boxed()
            }

            fn transitions(_: &Settings) -> BoxedStrategy<Move> {
                moves().boxed()
            }

            fn apply(settings: Settings, _: &Move) -> Settings {
                settings
            }
        }

        impl StateMachineTest for $machine {
            type SystemUnderTest = History;
            type Reference = Self;

            fn init_test(settings: &Settings) -> History {
                History::begun(settings)
            }

            fn apply(mut history: History, _: &Settings, made: Move) -> History {
                history.make(made);
                history
            }

            fn teardown(history: History, _: Settings) {
                let World { bank, log, .. } = &history.world;
                let replayed = Bank::replayed(bank.settings().clone(), bank.profile().clone(), log);
                assert_eq!(
                    replayed.as_ref(),
                    Ok(bank),
                    "V25: the journal tells the same books"
                );
            }
        }
    };
}

histories!(ByDefault, Just(light(Settings::default())));
histories!(Varied, varied());

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 4_096, ..ProptestConfig::default() })]

    #[test]
    fn every_invariant_holds_over_histories_of_the_default_bank(sequential 1..50 => ByDefault);

    #[test]
    fn every_invariant_holds_over_histories_of_varied_banks(sequential 1..50 => Varied);
}
