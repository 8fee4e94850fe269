//! T01 to T08, T16: from the grant to the claim, its safe ends, and who comes between.

use sealbank_bank::{
    Account, Answer, Browser, Command, Condition, Grant, LogonMethod, Pin, Popup, Refusal,
    SessionKind, Settings,
};
use time::Duration;

use super::{USER, is_ready};
use crate::world::{CONFIRMATION, START, USER_PIN, WRONG_PIN, World, contract, session, user};

#[test]
fn t01_a_registered_user_is_active_and_logs_on_by_id_and_pin() {
    let mut world = World::new();
    let member = world.member(USER);
    assert_eq!(
        (member.account, member.logon_method),
        (Account::Active, LogonMethod::IdPin)
    );
    assert_eq!(member.grant, Grant::None);
    assert_eq!(world.condition(USER, &[]), Condition::Fresh);
    assert_eq!(world.register(USER), Err(Refusal::UserIdTaken));
    assert!(world.log_on(USER).is_ok());
}

#[test]
fn t02_a_grant_awaits_retrieval_until_its_deadline_and_is_given_once() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let Grant::Ready {
        generation,
        deadline,
    } = world.member(USER).grant
    else {
        panic!("{:?}", world.member(USER).grant);
    };
    assert_eq!(
        (generation.get(), deadline),
        (1, Some(START + Duration::days(80)))
    );
    assert_eq!(world.condition(USER, &[]), Condition::AwaitingRetrieval);
    assert_eq!(world.grant(USER), Err(Refusal::AlreadyGranted));
    assert!(
        world.log_on(USER).is_ok(),
        "Q9: ID+PIN stays open until the retrieval"
    );
}

#[test]
fn t04_a_retrieval_claims_the_grant_for_its_session() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    assert!(
        matches!(world.member(USER).grant, Grant::Claimed { session, .. } if session == retrieval)
    );
    assert_eq!(world.condition(USER, &[]), Condition::Retrieving);
    let visit = world.bank.visit(&retrieval, None, world.now).unwrap();
    assert_eq!(visit.subscriber(), user(USER));
}

/// What the customer is told first where several guards say no.
#[test]
fn t04_the_guards_are_asked_in_an_order_that_tells_strangers_nothing() {
    let wrong = |world: &mut World| {
        world
            .begin_as(user(USER), WRONG_PIN, session(1))
            .unwrap_err()
    };
    let right = |world: &mut World| {
        world
            .begin_as(user(USER), USER_PIN, session(1))
            .unwrap_err()
    };

    let mut world = World::new();
    assert_eq!(
        wrong(&mut world),
        Refusal::WrongPin,
        "the PIN comes before the grant"
    );
    assert_eq!(right(&mut world), Refusal::NotGranted);
    world.stop(USER).unwrap();
    assert_eq!(
        wrong(&mut world),
        Refusal::StoppedByAdmin,
        "the account comes before the PIN"
    );
    assert_eq!(
        world.member(USER).pin_failures.values().sum::<u8>(),
        1,
        "and no PIN is looked at"
    );
    world.suspend_contract().unwrap();
    assert_eq!(
        wrong(&mut world),
        Refusal::ContractSuspended,
        "the contract comes before the account"
    );
    let unsupported = Command::BeginRetrieval {
        subscriber: user(USER),
        pin: Pin::new(WRONG_PIN),
        session: session(1),
        browser: Browser::Unsupported,
    };
    assert_eq!(
        world.tell(&unsupported),
        Err(Refusal::UnsupportedBrowser),
        "the surroundings come first"
    );
}

#[test]
fn case_4_whoever_is_unknown_reads_like_a_wrong_pin_and_counts_nothing() {
    let mut world = World::new();
    let stranger = world
        .begin_as(user("nobody"), USER_PIN, session(1))
        .unwrap_err();
    let mistyped = world
        .begin_as(user(USER), WRONG_PIN, session(1))
        .unwrap_err();
    assert_eq!(stranger, Refusal::UnknownUser);
    assert_eq!(
        (stranger.code(), stranger.text()),
        (mistyped.code(), mistyped.text())
    );
}

#[test]
fn t04_wrong_pins_suspend_at_the_limit_over_all_doors() {
    let mut world = World::new();
    let held = world.equip(USER);
    for _ in 0..3 {
        assert_eq!(
            world.begin_as(user(USER), WRONG_PIN, session(1)),
            Err(Refusal::WrongPin)
        );
        assert_eq!(world.present(&held, WRONG_PIN), Err(Refusal::WrongPin));
    }
    assert_eq!(world.present(&held, WRONG_PIN), Err(Refusal::Suspended));
    assert_eq!(world.condition(USER, &[&held]), Condition::LockedOut);
    assert_eq!(world.log_on_with(&held), Err(Refusal::Suspended));
    world.lift(USER).unwrap();
    assert!(
        world.log_on_with(&held).is_ok(),
        "case 81: the certificate stays good"
    );
}

#[test]
fn t06_closing_before_the_request_is_safe() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    world.close(retrieval).unwrap();
    assert!(is_ready(&world, 1));
    assert_eq!(world.send_request(retrieval, 1), Err(Refusal::NoSession));
    assert!(world.retrieve(USER).is_ok());
}

#[test]
fn t08_cancelling_the_first_popup_is_safe() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    world.cancel(retrieval, Popup::First).unwrap();
    assert!(is_ready(&world, 1));
    assert!(world.log_on(USER).is_ok());
}

#[test]
fn case_91_a_request_out_of_order_ends_the_session_and_gives_the_grant_back() {
    type Irregular = fn(&mut World, sealbank_bank::SessionId) -> crate::world::Outcome;
    let irregular: [Irregular; 2] = [
        |world, retrieval| world.cancel(retrieval, Popup::Second),
        |world, retrieval| world.confirm(retrieval),
    ];
    for act in irregular {
        let mut world = World::new();
        world.grant(USER).unwrap();
        let retrieval = world.begin(USER).unwrap();
        assert_eq!(act(&mut world, retrieval), Err(Refusal::IrregularOrder));
        assert!(is_ready(&world, 1));
        assert!(world.retrieve(USER).is_ok());
    }
}

#[test]
fn t16_closing_the_last_screen_logs_off() {
    let mut world = World::new();
    let held = world.equip(USER);
    assert_eq!(
        world
            .bank
            .visit(&held.retrieval, None, world.now)
            .unwrap_err(),
        Refusal::NoSession
    );
    assert_eq!(world.confirm(held.retrieval), Err(Refusal::NoSession));
}

#[test]
fn case_16_the_form_sent_twice_finds_its_own_claim() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    world.begin_as(user(USER), USER_PIN, session(1)).unwrap();
    let entries = world.log.len();
    assert_eq!(
        world.begin_as(user(USER), USER_PIN, session(1)),
        Ok(Answer::Done)
    );
    assert_eq!(world.log.len(), entries);
}

#[test]
fn case_17_a_second_tab_is_told_that_a_retrieval_is_under_way() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    world.begin(USER).unwrap();
    assert_eq!(world.begin(USER), Err(Refusal::RetrievalInProgress));
}

#[test]
fn case_50_a_request_in_anothers_session_is_never_signed_for_the_first() {
    let mut world = World::new();
    world.register("shacho").unwrap();
    world.grant(USER).unwrap();
    world.grant("shacho").unwrap();
    let first = world.begin(USER).unwrap();
    assert_eq!(
        world.begin_as(user("shacho"), USER_PIN, first),
        Err(Refusal::IrregularOrder),
        "one session is one person's"
    );
    let second = world.begin("shacho").unwrap();
    let (enrolment, _) = world.request(second).unwrap();
    assert_eq!(enrolment.subscriber, user("shacho"));
    let logon = world.log_on(USER).unwrap();
    assert_eq!(world.send_request(logon, 1), Err(Refusal::NotARetrieval));
    assert!(
        world
            .bank
            .contract(&contract())
            .unwrap()
            .sessions
            .contains_key(&first),
        "A can go on"
    );
}

#[test]
fn a_session_of_another_contract_is_never_taken_over() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    let format = Settings::default().contract_id_format;
    let other = sealbank_bank::ContractId::parse("99990000002", &format).unwrap();
    world
        .tell(&Command::OpenContract {
            contract: other.clone(),
            name: "架空工業株式会社".to_owned(),
            pin: crate::world::hash(crate::world::ADMIN_PIN),
            confirmation: crate::world::hash(CONFIRMATION),
        })
        .unwrap();
    let outcome = world.log_on_as(
        sealbank_bank::Subscriber::administrator(other),
        crate::world::ADMIN_PIN,
        retrieval,
    );
    assert_eq!(outcome, Err(Refusal::IrregularOrder));
    let visit = world.bank.visit(&retrieval, None, world.now).unwrap();
    assert!(matches!(visit.session.kind, SessionKind::Retrieval { .. }));
}
