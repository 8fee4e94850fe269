//! Random histories: two users, their administrator, the counter, the CA and the clock, in any order, with wrong
//! PINs, old sessions, doubled and late messages and restarts. After each step every checker is asked.
//!
//! A failing history is printed with its moves, shrunk; `proptest-regressions` repeats it.

use proptest::prelude::*;
use proptest::sample::select;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use sealbank_bank::settings::{
    IdPinAfterReinit, InstallConfirmation, MethodFlipPoint, MethodScope, PinCounterScope,
    RenewalOverlap, RevokeOnlyResult, ServiceHours, SessionKill,
};
use sealbank_bank::{
    AdminAct, Bank, Browser, CertificateFacts, Command, Enrolment, Finding, Pin, Popup,
    RevocationReason, Rights, SessionId, Settings, Subscriber,
};
use time::Duration;

use crate::checkers::{Moment, Step, decided, judge_moment, judge_step};
use crate::world::{
    ADMIN_PIN, CONFIRMATION, NEW_PIN, USER_PIN, WRONG_PIN, World, administrator, contract, hash,
    key, light, request, serial, session, signed, user, user_id,
};

const USERS: [&str; 2] = ["keiri01", "Keiri01"];

/// One move of somebody, told by what it picks from the past: 0 is the newest, more is older.
#[derive(Debug, Clone, Copy)]
enum Move {
    AdminLogsOn(Typed),
    Act(Act, usize, Typed),
    Counter(Paper, usize),
    Begin(usize, Typed, Name),
    Close(usize),
    Cancel(Popup, usize),
    Request(usize, Name),
    CaAnswers(usize, Answered),
    CaRefuses(usize),
    Deliver(usize),
    Confirm(usize),
    LogOn(usize, Typed, Name),
    Present(usize, Typed),
    LogOff(usize),
    KeepAlive(usize),
    Renew(usize),
    Clock(i64),
    Restart(Answered),
    Again(usize),
}

#[derive(Debug, Clone, Copy)]
enum Typed {
    Right,
    Wrong,
}

/// Whether something gets a new name or that of the newest before it.
#[derive(Debug, Clone, Copy)]
enum Name {
    New,
    Used,
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Register,
    Grant,
    Reinitialize,
    Revoke,
    Lift,
    ResetPin,
    Stop,
    Deregister,
}

#[derive(Debug, Clone, Copy)]
enum Paper {
    Grant,
    Reinitialize,
    Unlock,
    UnlockByUser,
    Suspend,
    Resume,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Answered {
    Right,
    AnotherSubject,
    AnotherKey,
    SerialOfBefore,
    NotSigned,
}

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
        Self {
            world,
            sessions: vec![session(1)],
            logons: vec![session(2)],
            enrolments: Vec::new(),
            certificates: Vec::new(),
            sent: Vec::new(),
        }
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

impl Typed {
    fn of(self, right: &str) -> &str {
        match self {
            Self::Right => right,
            Self::Wrong => WRONG_PIN,
        }
    }
}

impl Act {
    fn on(self, name: &str) -> AdminAct {
        let user = user_id(name);
        match self {
            Self::Register => AdminAct::Register {
                user,
                name: "検証 花子".to_owned(),
                rights: Rights::ResetAdministrator,
                pin: hash(USER_PIN),
            },
            Self::Grant => AdminAct::Grant { user },
            Self::Reinitialize => AdminAct::Reinitialize { user },
            Self::Revoke => AdminAct::Revoke {
                user,
                reason: RevocationReason::KeyCompromise,
            },
            Self::Lift => AdminAct::LiftSuspension { user },
            Self::ResetPin => AdminAct::ResetPin {
                user,
                pin: hash(NEW_PIN),
            },
            Self::Stop => AdminAct::Stop { user },
            Self::Deregister => AdminAct::Deregister { user },
        }
    }
}

impl Paper {
    fn of(self, subscriber: Subscriber, session: SessionId) -> Command {
        let contract = contract();
        match self {
            Self::Grant => Command::CounterGrant { subscriber },
            Self::Reinitialize => Command::CounterReinitialize { subscriber },
            Self::Unlock => Command::CounterUnlock { subscriber },
            Self::UnlockByUser => Command::UnlockAdministrator {
                contract,
                session,
                pin: Pin::new(USER_PIN),
            },
            Self::Suspend => Command::SuspendContract { contract },
            Self::Resume => Command::ResumeContract { contract },
        }
    }
}

fn newest<T>(seen: &[T], old: usize) -> Option<&T> {
    seen.len()
        .checked_sub(old + 1)
        .and_then(|index| seen.get(index))
}

fn subscriber(who: usize) -> Subscriber {
    USERS.get(who).map_or_else(administrator, |name| user(name))
}

fn pin_of(who: usize) -> &'static str {
    if who < USERS.len() {
        USER_PIN
    } else {
        ADMIN_PIN
    }
}

fn moves() -> impl Strategy<Value = Move> {
    let old = || prop_oneof![6 => Just(0_usize), 2 => Just(1), 1 => 2..4_usize];
    let who = || prop_oneof![5 => Just(0_usize), 2 => Just(1), 1 => Just(2)];
    let typed = || prop_oneof![8 => Just(Typed::Right), 1 => Just(Typed::Wrong)];
    let name = || prop_oneof![5 => Just(Name::New), 1 => Just(Name::Used)];
    let answered = || {
        prop_oneof![
            8 => Just(Answered::Right), 1 => Just(Answered::AnotherSubject), 1 => Just(Answered::AnotherKey),
            1 => Just(Answered::SerialOfBefore), 1 => Just(Answered::NotSigned),
        ]
    };
    let act = select(vec![
        Act::Register,
        Act::Grant,
        Act::Grant,
        Act::Reinitialize,
        Act::Revoke,
        Act::Lift,
        Act::ResetPin,
        Act::Stop,
        Act::Deregister,
    ]);
    let paper = select(vec![
        Paper::Grant,
        Paper::Grant,
        Paper::Reinitialize,
        Paper::Unlock,
        Paper::UnlockByUser,
        Paper::Suspend,
        Paper::Resume,
        Paper::Resume,
    ]);
    let minutes = select(vec![
        1,
        9,
        16,
        -5,
        -30,
        60 * 24 * 81,
        60 * 24 * 340,
        60 * 24 * 30,
        -60 * 24 * 90,
    ]);
    prop_oneof![
        3 => typed().prop_map(Move::AdminLogsOn),
        4 => (act, 0..4_usize, typed()).prop_map(|(act, who, typed)| Move::Act(act, who, typed)),
        4 => (paper, who()).prop_map(|(paper, who)| Move::Counter(paper, who)),
        6 => (who(), typed(), name()).prop_map(|(who, typed, name)| Move::Begin(who, typed, name)),
        1 => old().prop_map(Move::Close),
        1 => (select(vec![Popup::First, Popup::Second]), old()).prop_map(|(popup, old)| Move::Cancel(popup, old)),
        6 => (old(), name()).prop_map(|(old, name)| Move::Request(old, name)),
        6 => (old(), answered()).prop_map(|(old, answered)| Move::CaAnswers(old, answered)),
        1 => old().prop_map(Move::CaRefuses),
        3 => old().prop_map(Move::Deliver),
        3 => old().prop_map(Move::Confirm),
        2 => (who(), typed(), name()).prop_map(|(who, typed, name)| Move::LogOn(who, typed, name)),
        4 => (old(), typed()).prop_map(|(old, typed)| Move::Present(old, typed)),
        2 => old().prop_map(Move::LogOff),
        1 => old().prop_map(Move::KeepAlive),
        3 => old().prop_map(Move::Renew),
        3 => minutes.prop_map(Move::Clock),
        1 => answered().prop_map(Move::Restart),
        3 => (0..12_usize).prop_map(Move::Again),
    ]
}

/// Settings that change the life of a certificate, each drawn by itself.
fn varied() -> impl Strategy<Value = Settings> {
    let flip = select(vec![
        MethodFlipPoint::OnGrant,
        MethodFlipPoint::OnFormAccepted,
        MethodFlipPoint::OnRequestAccepted,
        MethodFlipPoint::OnCommit,
        MethodFlipPoint::OnInstallConfirmed,
    ]);
    let confirmation = select(vec![
        InstallConfirmation::None,
        InstallConfirmation::CompletionMessage,
        InstallConfirmation::FirstLogon,
        InstallConfirmation::CompletionOrFirstLogon,
    ]);
    let certificate = (
        flip,
        confirmation,
        select(vec![RenewalOverlap::UntilConfirmed, RenewalOverlap::None]),
        select(vec![RevokeOnlyResult::Blocked, RevokeOnlyResult::IdPin]),
        select(vec![SessionKill::Immediate, SessionKill::AtTimeout]),
        select(vec![0_u16, 90]),
        select(vec![None, Some(80_u16)]),
        select(vec![30_u16, 365]),
    );
    let logon = (
        select(vec![PinCounterScope::Shared, PinCounterScope::PerDoor]),
        1..4_u8,
        select(vec![MethodScope::PerUser, MethodScope::PerContract]),
        select(vec![
            IdPinAfterReinit::FullLogon,
            IdPinAfterReinit::RetrievalOnly,
        ]),
        select(vec![
            ServiceHours::Always,
            ServiceHours::Daily {
                opens: 8,
                closes: 21,
            },
        ]),
    );
    (certificate, logon, proptest::array::uniform8(any::<bool>())).prop_map(|(c, l, yes)| {
        Settings {
            method_flip_point: c.0,
            install_confirmation: c.1,
            renewal_overlap: c.2,
            revoke_only_result: c.3,
            session_kill_on_revoke: c.4,
            expired_self_retrieval_grace_days: c.5,
            retrieval_deadline_days: c.6,
            renewal_window_days: c.7,
            pin_counter_scope: l.0,
            pin_failure_limit: l.1,
            method_scope: l.2,
            id_pin_after_reinit: l.3,
            service_hours: l.4,
            lapse_blocks_logon: yes[0],
            reinit_unlocks_pin: yes[1],
            admin_lock_blocks_users: yes[2],
            user_id_reusable_after_delete: yes[3],
            single_session_per_user: yes[4],
            cancel_popup1_keeps_grant: yes[5],
            cancel_popup2_keeps_grant: yes[6],
            resume_by_csr_hash: yes[7],
            ..light(Settings::default())
        }
    })
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
