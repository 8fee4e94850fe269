//! The whole table: every command in every named state of the user `keiri01`, in one reviewed snapshot.
//!
//! How to read it. Each state has a heading with its name, how it came about, and the facts there:
//! account, method, grant, newest certificate, wrong PINs; `contract` and `administrator` only where they are not
//! active. Below stands one line per command: its outcome (`yes`, or `no` with the refusal's inner reason), and
//! then what changed, as `fact: before > after`. A line without changes left the books as they were. Sessions are
//! named by what they are for (`retrieval`, `id-pin`, `certificate`). Commands are sent as honestly as the state
//! allows: in the user's own session, with his newest request and certificate, with the right PINs unless the
//! command's name says otherwise; what the state lacks is taken from nobody (`no session`, serial unknown).

mod commands;

use std::fmt::Write;

use sealbank_bank::{Account, Bank, Command, ContractStatus, Facts, Popup, SessionKind, Settings};
use time::Duration;

use self::commands::{ADMINISTRATOR, Hand, commands};
use crate::world::{
    ADMIN_PIN, Held, USER_PIN, World, administrator, contract, hash, key, serial, session, signed,
    user,
};

const USER: &str = "keiri01";

/// A named state: the world in it, and what the user has in hand.
struct State {
    world: World,
    hand: Hand,
}

impl State {
    fn of(world: World) -> Self {
        let hand = Hand {
            retrieval: session(7),
            logon: session(8),
            request: 7,
            enrolment: None,
            held: None,
        };
        Self { world, hand }
    }

    fn claimed(mut world: World) -> Self {
        world.grant(USER).unwrap();
        let retrieval = world.begin(USER).unwrap();
        let mut state = Self::of(world);
        state.hand.retrieval = retrieval;
        state
    }

    fn requested(world: World) -> Self {
        let mut state = Self::claimed(world);
        let (enrolment, number) = state.world.request(state.hand.retrieval).unwrap();
        state.hand.enrolment = Some(enrolment);
        state.hand.request = number;
        state
    }

    fn signed(world: World) -> Self {
        let mut state = Self::requested(world);
        let enrolment = state.hand.enrolment.clone().unwrap();
        let number = state.hand.request;
        let facts = signed(&enrolment, key(number), serial(number));
        state.world.record(&enrolment, facts).unwrap();
        state.hand.held = Some(Held {
            serial: serial(number),
            key: key(number),
            retrieval: state.hand.retrieval,
            enrolment,
        });
        state
    }

    fn delivered(world: World) -> Self {
        let mut state = Self::signed(world);
        let enrolment = state.hand.enrolment.clone().unwrap();
        state
            .world
            .deliver(user(USER), enrolment.generation)
            .unwrap();
        state
    }

    fn confirmed(world: World) -> Self {
        let mut state = Self::delivered(world);
        state.world.confirm(state.hand.retrieval).unwrap();
        state.world.close(state.hand.retrieval).unwrap();
        state
    }

    /// Usable and inside, by certificate, 20 days before the end.
    fn near_its_end(world: World) -> Self {
        let mut state = Self::confirmed(world);
        state.world.wait(Duration::days(345));
        state.hand.logon = state
            .world
            .log_on_with(state.hand.held.as_ref().unwrap())
            .unwrap();
        state
    }

    fn renewing(world: World) -> Self {
        let mut state = Self::near_its_end(world);
        state.hand.retrieval = state.world.renew(state.hand.logon).unwrap();
        state
    }

    fn then(mut self, act: impl FnOnce(&mut World)) -> Self {
        act(&mut self.world);
        self
    }
}

/// Every named state, with how it came about.
fn states() -> Vec<(&'static str, &'static str, State)> {
    let new = World::new;
    let renewed = || {
        let mut state = State::renewing(new());
        let held = state.world.deliver_in(state.hand.retrieval).unwrap();
        state.hand.request = state.world.fresh() - 1;
        state.hand.enrolment = Some(held.enrolment.clone());
        state.hand.held = Some(held);
        state
    };
    let stranded = State::delivered(new()).then(|world| {
        world.wait(Duration::minutes(11)).pass_time().unwrap();
    });
    vec![
        ("fresh", "T01", State::of(new())),
        ("inside", "T01 T19", {
            let mut state = State::of(new());
            state.hand.logon = state.world.log_on(USER).unwrap();
            state
        }),
        (
            "awaiting",
            "T02",
            State::of(new()).then(|world| drop(world.grant(USER))),
        ),
        ("claimed", "T02 T04", State::claimed(new())),
        ("requested", "T10", State::requested(new())),
        ("signed", "T12", State::signed(new())),
        ("delivered", "T13", State::delivered(new())),
        (
            "stranded or usable",
            "T13, then the session timed out (cases 29 and 47 look alike)",
            stranded,
        ),
        ("confirmed", "T15 T16", State::confirmed(new())),
        (
            "inside by certificate",
            "T18, 20 days before the end",
            State::near_its_end(new()),
        ),
        ("renewing", "T20", State::renewing(new())),
        ("renewed, not confirmed", "T20, delivered", renewed()),
        (
            "expired",
            "T21",
            State::confirmed(new()).then(|world| {
                world.wait(Duration::days(366)).pass_time().unwrap();
            }),
        ),
        (
            "lapsed",
            "T29",
            State::of(new()).then(|world| {
                world.grant(USER).unwrap();
                world.wait(Duration::days(81)).pass_time().unwrap();
            }),
        ),
        (
            "voided",
            "T08 where the first popup's キャンセル burns the grant",
            {
                let settings = Settings {
                    cancel_popup1_keeps_grant: false,
                    ..Settings::default()
                };
                let mut state = State::claimed(World::with_user(settings));
                state
                    .world
                    .cancel(state.hand.retrieval, Popup::First)
                    .unwrap();
                state
            },
        ),
        (
            "revoked only",
            "T23",
            State::confirmed(new()).then(|world| drop(world.revoke(USER))),
        ),
        (
            "re-initialised",
            "T22",
            State::confirmed(new()).then(|world| drop(world.reinitialize(USER))),
        ),
        (
            "suspended",
            "T24 during a retrieval",
            State::claimed(new()).then(|world| world.lock(&user(USER))),
        ),
        (
            "stopped",
            "利用停止 of a usable user",
            State::confirmed(new()).then(|world| drop(world.stop(USER))),
        ),
        (
            "deleted",
            "T26",
            State::confirmed(new()).then(|world| drop(world.deregister(USER))),
        ),
        (
            "contract suspended",
            "T27 during a retrieval",
            State::claimed(new()).then(|world| drop(world.suspend_contract())),
        ),
        (
            "contract cancelled",
            "解約 of a usable user's",
            State::confirmed(new()).then(|world| {
                world
                    .tell(&Command::CancelContract {
                        contract: contract(),
                    })
                    .unwrap();
            }),
        ),
        (
            "administrator locked",
            "T24 of the administrator, the user being usable",
            State::confirmed(new()).then(World::lock_administrator),
        ),
    ]
}

/// The facts that a line may change, by name.
fn facts(bank: &Bank) -> Vec<(&'static str, String)> {
    let books = bank.contract(&contract()).unwrap();
    let member = bank.member(&user(USER)).unwrap();
    let Facts {
        account,
        method,
        grant,
        generation,
        certificate,
        pin_failures,
    } = Facts::of(member);
    let word = |value: serde_json::Value| value.to_string().replace('"', "");
    let accepted: Vec<String> = member
        .all_accepted()
        .map(|(generation, _)| format!("g{generation}"))
        .collect();
    let orphans: Vec<String> = member.orphans.iter().map(ToString::to_string).collect();
    let sessions = |own: bool| -> String {
        let kinds = books.sessions.iter().filter(|(id, session)| {
            **id != ADMINISTRATOR && own == (session.holder == user(USER).holder)
        });
        let names: Vec<&str> = kinds
            .map(|(_, session)| match session.kind {
                SessionKind::Retrieval { .. } => "retrieval",
                SessionKind::IdPin => "id-pin",
                SessionKind::Certificate { .. } => "certificate",
            })
            .collect();
        names.join("+")
    };
    let administrator = &books.administrator;
    let status = match books.status {
        ContractStatus::Active => "active",
        ContractStatus::Suspended => "suspended",
        ContractStatus::Cancelled => "cancelled",
    };
    let locked = if administrator.account == Account::Active {
        "active"
    } else {
        "locked"
    };
    let failed: u8 = administrator.pin_failures.values().sum();
    vec![
        ("account", account.name().to_owned()),
        ("method", word(serde_json::to_value(method).unwrap())),
        ("grant", format!("{grant} g{generation}")),
        (
            "certificate",
            certificate.map_or("none", |state| state.name()).to_owned(),
        ),
        ("accepted", accepted.join("+")),
        ("sessions", sessions(true)),
        ("wrong PINs", pin_failures.to_string()),
        (
            "PIN",
            if member.pin == hash(USER_PIN) {
                "old"
            } else {
                "new"
            }
            .to_owned(),
        ),
        ("orphans", orphans.join("+")),
        ("contract", status.to_owned()),
        ("administrator", format!("{locked}, {failed} wrong PINs")),
    ]
}

fn heading(bank: &Bank) -> String {
    let plain = |name: &str, value: &str| match name {
        "account" | "method" | "grant" | "certificate" => false,
        "contract" => value == "active",
        "administrator" => value == "active, 0 wrong PINs",
        "wrong PINs" => value == "0",
        "PIN" => value == "old",
        _ => value.is_empty(),
    };
    let shown = facts(bank)
        .into_iter()
        .filter(|(name, value)| !plain(name, value));
    shown
        .map(|(name, value)| format!("{name} {value}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn cell(state: &State, command: &Command) -> String {
    let mut world = state.world.clone();
    if matches!(command, Command::Administer { .. }) {
        // Where he can't come in, the line shows what his act meets without a session.
        let _ = world.log_on_as(administrator(), ADMIN_PIN, ADMINISTRATOR);
    }
    let before = facts(&world.bank);
    let outcome = match world.tell(command) {
        Ok(_) => "yes".to_owned(),
        Err(refusal) => format!("no: {}", refusal.reason()),
    };
    let changes: Vec<String> = before
        .into_iter()
        .zip(facts(&world.bank))
        .filter(|((_, was), (_, is))| was != is)
        .map(|((name, was), (_, is))| {
            let or_none = |value: String| {
                if value.is_empty() {
                    "none".to_owned()
                } else {
                    value
                }
            };
            format!("{name}: {} > {}", or_none(was), or_none(is))
        })
        .collect();
    format!("{outcome:<28}{}", changes.join(", "))
        .trim_end()
        .to_owned()
}

#[test]
fn every_command_in_every_state_does_what_the_reviewed_table_says() {
    let mut table = String::new();
    for (name, origin, state) in states() {
        writeln!(
            table,
            "## {name} ({origin})\n   {}\n",
            heading(&state.world.bank)
        )
        .unwrap();
        for (command_name, command) in commands(&state.hand) {
            writeln!(table, "{command_name:<38} {}", cell(&state, &command)).unwrap();
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}
