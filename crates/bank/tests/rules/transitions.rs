//! The procedure's transitions T01 to T31, each as a sentence, and the cases that the pure bank sees.
//!
//! `T03`, `T05`, `T07`, `T09`, `T14` and `T17` happen on the PC alone: here it is shown that the bank takes no
//! notice of them.

use sealbank_bank::settings::{InstallConfirmation, RenewalOverlap};
use sealbank_bank::{
    Account, AdminAct, Answer, Browser, CertificateState, Command, Condition, Finding, Generation,
    Grant, LogonMethod, Pin, Popup, Refusal, RevocationReason, Rights, SessionKind, Settings,
};
use time::Duration;

use crate::world::{
    CONFIRMATION, Held, START, USER_PIN, WRONG_PIN, World, administrator, contract, key, serial,
    session, signed, user, user_id,
};

const USER: &str = "keiri01";

fn near_the_end(world: &mut World) -> &mut World {
    world.wait(Duration::days(345))
}

fn state(world: &World, generation: u32) -> CertificateState {
    let records = &world.member(USER).certificates;
    let found = records.iter().find(|(g, _)| g.get() == generation);
    found.expect("the generation has a record").1.state
}

fn is_ready(world: &World, expected: u32) -> bool {
    matches!(world.member(USER).grant, Grant::Ready { generation, .. } if generation.get() == expected)
}

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
fn t10_a_request_is_accepted_once_and_only_in_the_session_that_claims() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    let (enrolment, number) = world.request(retrieval).unwrap();
    assert_eq!(enrolment.subject.common_name, "ZZTST99990000001 keiri01");
    assert_eq!(
        world.send_request(retrieval, number),
        Err(Refusal::RequestReplayed)
    );
    assert_eq!(
        world.send_request(retrieval, 9),
        Err(Refusal::AnotherRequest),
        "cases 25 and 28"
    );
    assert_eq!(state(&world, 1), CertificateState::Requested);
    assert_eq!(world.member(USER).logon_method, LogonMethod::IdPin);
}

#[test]
fn t11_the_validity_runs_from_the_retrieval() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    let (enrolment, _) = world.request(retrieval).unwrap();
    assert_eq!(enrolment.not_before, START - Duration::minutes(10));
    assert_eq!(
        enrolment.not_after.to_string(),
        "2032-03-31 23:59:59.0 +00:00:00"
    );
}

#[test]
fn t12_the_commit_consumes_flips_and_ends_logons_by_pin_at_once() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let logon = world.log_on(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    let entries = world.log.len();
    let held = world.sign_in(retrieval).unwrap();
    assert_eq!(
        world.log.len() - entries,
        2,
        "the request and the commit, one entry each"
    );
    let member = world.member(USER);
    assert_eq!(member.logon_method, LogonMethod::Certificate);
    assert_eq!(
        member.grant,
        Grant::Consumed {
            generation: held.enrolment.generation
        }
    );
    assert_eq!(
        world.bank.visit(&logon, None, world.now).unwrap_err(),
        Refusal::NoSession
    );
    assert_eq!(world.log_on(USER), Err(Refusal::IdPinClosed));
}

#[test]
fn case_41_a_wrong_answer_of_the_ca_is_disowned_and_the_grant_is_ready() {
    for wrong in [
        |facts: &mut sealbank_bank::CertificateFacts| facts.subject.common_name.push('x'),
        |facts: &mut sealbank_bank::CertificateFacts| facts.public_key = key(1),
        |facts: &mut sealbank_bank::CertificateFacts| {
            facts.not_after = facts.not_before - Duration::SECOND
        },
    ] {
        let mut world = World::new();
        world.grant(USER).unwrap();
        let retrieval = world.begin(USER).unwrap();
        let (enrolment, number) = world.request(retrieval).unwrap();
        let mut facts = signed(&enrolment, key(number), serial(5));
        wrong(&mut facts);
        assert_eq!(
            world.record(&enrolment, facts),
            Err(Refusal::CaAnsweredWrong)
        );
        assert!(is_ready(&world, 1));
        assert_eq!(
            world.member(USER).revoked().next(),
            Some((&serial(5), RevocationReason::Superseded))
        );
    }
}

#[test]
fn a_serial_that_is_on_the_books_already_is_refused_and_its_owner_keeps_it() {
    let mut world = World::new();
    world.register("shacho").unwrap();
    let other = world.equip("shacho");
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    let (enrolment, number) = world.request(retrieval).unwrap();
    let facts = signed(&enrolment, key(number), other.serial.clone());
    assert_eq!(
        world.record(&enrolment, facts),
        Err(Refusal::CaAnsweredWrong)
    );
    assert_eq!(
        world.member(USER).orphans,
        [],
        "disowning it would take the other's certificate"
    );
    assert!(world.log_on_with(&other).is_ok());
}

#[test]
fn case_40_a_refusal_of_the_ca_leaves_the_grant_ready() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    let (enrolment, _) = world.request(retrieval).unwrap();
    world.withdraw(&enrolment).unwrap();
    assert!(is_ready(&world, 1));
    assert!(world.log_on(USER).is_ok());
    assert!(world.retrieve(USER).is_ok());
}

#[test]
fn t13_signed_and_delivered_are_accepted_alike() {
    for deliver in [false, true] {
        let mut world = World::new();
        world.grant(USER).unwrap();
        let retrieval = world.begin(USER).unwrap();
        let held = world.sign_in(retrieval).unwrap();
        if deliver {
            world
                .deliver(user(USER), held.enrolment.generation)
                .unwrap();
        }
        world.close(retrieval).unwrap();
        assert!(world.log_on_with(&held).is_ok());
    }
}

#[test]
fn t14_cancelling_the_second_popup_strands_and_reinitialisation_rescues() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    world.deliver_in(retrieval).unwrap();
    world.cancel(retrieval, Popup::Second).unwrap();
    assert_eq!(world.condition(USER, &[]), Condition::Stranded);
    assert_eq!(world.log_on(USER), Err(Refusal::IdPinClosed), "L2");
    world.reinitialize(USER).unwrap();
    let logon = world.log_on(USER).unwrap();
    world.log_off(logon).unwrap();
    let held = world.retrieve(USER).unwrap();
    assert_eq!(world.condition(USER, &[&held]), Condition::Usable);
    assert!(world.log_on_with(&held).is_ok());
}

#[test]
fn cases_29_and_47_look_the_same_to_the_bank() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    let held = world.deliver_in(retrieval).unwrap();
    world.wait(Duration::minutes(11)).pass_time().unwrap();
    assert_eq!(world.condition(USER, &[]), Condition::Stranded);
    assert_eq!(world.condition(USER, &[&held]), Condition::Usable);
}

#[test]
fn t15_and_case_48_completion_said_twice_or_late_is_said_once() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    world.deliver_in(retrieval).unwrap();
    world.confirm(retrieval).unwrap();
    let entries = world.log.len();
    assert_eq!(world.confirm(retrieval), Ok(Answer::Done));
    assert_eq!(world.log.len(), entries);
    world.reinitialize(USER).unwrap();
    assert_eq!(world.confirm(retrieval), Err(Refusal::NoSession));
    assert!(is_ready(&world, 2));
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
fn t18_a_logon_by_certificate_opens_only_with_it_and_its_first_use_is_proof() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    let held = world.deliver_in(retrieval).unwrap();
    let stolen = Held {
        key: key(1),
        ..held.clone()
    };
    assert_eq!(world.log_on_with(&stolen), Err(Refusal::UnknownCertificate));
    let logon = world.log_on_with(&held).unwrap();
    assert_eq!(state(&world, 1), CertificateState::Confirmed);
    assert!(
        world
            .bank
            .visit(&logon, Some(&held.serial), world.now)
            .is_ok()
    );
    for other in [None, Some(&serial(1))] {
        let refusal = world.bank.visit(&logon, other, world.now).unwrap_err();
        assert_eq!(refusal, Refusal::CertificateChanged);
    }
}

#[test]
fn t19_id_and_pin_are_closed_to_a_certificate_user_without_counting() {
    let mut world = World::new();
    world.equip(USER);
    assert_eq!(
        world.log_on_as(user(USER), WRONG_PIN, session(1)),
        Err(Refusal::IdPinClosed)
    );
    assert_eq!(world.member(USER).pin_failures.len(), 0, "case 82");
}

#[test]
fn t20_a_renewal_keeps_the_old_certificate_until_the_new_one_is_confirmed() {
    let mut world = World::new();
    let old = world.equip(USER);
    assert_eq!(
        early_renewal(&mut world, &old),
        Err(Refusal::OutsideRenewalWindow)
    );
    let logon = near_the_end(&mut world).log_on_with(&old).unwrap();
    let retrieval = world.renew(logon).unwrap();
    let new = world.deliver_in(retrieval).unwrap();
    assert_eq!(world.member(USER).all_accepted().count(), 2);
    assert!(
        world
            .bank
            .visit(&logon, Some(&old.serial), world.now)
            .is_ok()
    );
    world.confirm(retrieval).unwrap();
    assert_eq!(
        state(&world, 1),
        CertificateState::Revoked(RevocationReason::Superseded)
    );
    assert_eq!(world.log_on_with(&old), Err(Refusal::RevokedCertificate));
    assert!(world.log_on_with(&new).is_ok());
}

fn early_renewal(world: &mut World, held: &Held) -> Result<(), Refusal> {
    let logon = world.log_on_with(held)?;
    let renewed = world.renew(logon).map(|_| ());
    world.log_off(logon)?;
    renewed
}

#[test]
fn t20_without_overlap_the_old_certificate_ends_with_the_commit() {
    let mut world = World::with_user(Settings {
        renewal_overlap: RenewalOverlap::None,
        ..Settings::default()
    });
    let old = world.equip(USER);
    let logon = near_the_end(&mut world).log_on_with(&old).unwrap();
    let retrieval = world.renew(logon).unwrap();
    world.sign_in(retrieval).unwrap();
    assert_eq!(
        state(&world, 1),
        CertificateState::Revoked(RevocationReason::Superseded)
    );
    assert_eq!(
        world
            .bank
            .visit(&logon, Some(&old.serial), world.now)
            .unwrap_err(),
        Refusal::NoSession
    );
}

#[test]
fn case_72_a_renewal_given_up_leaves_the_old_certificate_good() {
    let mut world = World::new();
    let old = world.equip(USER);
    let logon = near_the_end(&mut world).log_on_with(&old).unwrap();
    let retrieval = world.renew(logon).unwrap();
    world.close(retrieval).unwrap();
    assert_eq!(
        world.member(USER).grant,
        Grant::Consumed {
            generation: old.enrolment.generation
        }
    );
    assert_eq!(
        world.renew(logon).map(|_| ()),
        Ok(()),
        "and it can be begun again"
    );
    world.log_off(logon).unwrap();
    assert!(world.log_on_with(&old).is_ok());
}

#[test]
fn t21_an_expired_certificate_shuts_out_and_the_clock_revives_nothing() {
    let mut world = World::new();
    let held = world.equip(USER);
    world.wait(Duration::days(366)).pass_time().unwrap();
    assert_eq!(world.log_on_with(&held), Err(Refusal::ExpiredCertificate));
    assert_eq!(
        world.log_on(USER),
        Err(Refusal::IdPinClosed),
        "the method stays"
    );
    assert_eq!(world.condition(USER, &[&held]), Condition::ExpiredOut);
    world.wait(-Duration::days(300));
    assert_eq!(
        world.log_on_with(&held),
        Err(Refusal::ExpiredCertificate),
        "V23"
    );
}

#[test]
fn case_79_the_last_second_of_the_validity_is_inside_it() {
    let mut world = World::new();
    let held = world.equip(USER);
    world.now = held.enrolment.not_after + Duration::milliseconds(900);
    assert!(
        world.log_on_with(&held).is_ok(),
        "certificates count whole seconds"
    );
    world.now = held.enrolment.not_after + Duration::SECOND;
    assert_eq!(world.log_on_with(&held), Err(Refusal::ExpiredCertificate));
}

#[test]
fn t22_and_case_75_reinitialisation_ends_everything_of_the_old_generation() {
    let mut world = World::new();
    let held = world.equip(USER);
    let logon = world.log_on_with(&held).unwrap();
    world.reinitialize(USER).unwrap();
    assert_eq!(
        world
            .bank
            .visit(&logon, Some(&held.serial), world.now)
            .unwrap_err(),
        Refusal::NoSession
    );
    assert_eq!(world.log_on_with(&held), Err(Refusal::RevokedCertificate));
    assert!(is_ready(&world, 2));
    assert!(world.log_on(USER).is_ok(), "L5");
}

#[test]
fn t23_revocation_alone_shuts_out_until_reinitialisation() {
    let mut world = World::new();
    let held = world.equip(USER);
    world.revoke(USER).unwrap();
    assert_eq!(world.log_on_with(&held), Err(Refusal::RevokedCertificate));
    assert_eq!(world.log_on(USER), Err(Refusal::IdPinClosed));
    assert_eq!(world.condition(USER, &[&held]), Condition::Revoked);
    world.reinitialize(USER).unwrap();
    assert!(world.log_on(USER).is_ok());
}

#[test]
fn t23_revocation_of_a_request_under_way_reads_as_revoked_too() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    let (enrolment, number) = world.request(retrieval).unwrap();
    world.revoke(USER).unwrap();
    assert_eq!(world.condition(USER, &[]), Condition::Revoked);
    let late = signed(&enrolment, key(number), serial(number));
    assert_eq!(
        world.record(&enrolment, late.clone()),
        Err(Refusal::StaleGeneration)
    );
    assert_eq!(
        world.record(&enrolment, late),
        Err(Refusal::StaleGeneration)
    );
    assert_eq!(
        world.member(USER).orphans,
        [serial(number)],
        "named once, however often it is said"
    );
}

#[test]
fn t24_and_case_55_a_lock_during_the_retrieval_ends_it_and_keeps_the_grant() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    world.lock(&user(USER));
    assert_eq!(world.send_request(retrieval, 1), Err(Refusal::NoSession));
    assert!(is_ready(&world, 1), "case 6");
    world.lift(USER).unwrap();
    assert!(world.retrieve(USER).is_ok());
}

#[test]
fn t25_lifting_a_suspension_or_resetting_the_pin_leaves_the_certificate_alone() {
    for reset in [false, true] {
        let mut world = World::new();
        let held = world.equip(USER);
        world.lock(&user(USER));
        if reset {
            let pin = crate::world::hash(crate::world::NEW_PIN);
            world
                .administer(AdminAct::ResetPin {
                    user: user_id(USER),
                    pin,
                })
                .unwrap();
            assert_eq!(world.log_on_with(&held), Err(Refusal::WrongPin));
            assert!(world.present(&held, crate::world::NEW_PIN).is_ok());
        } else {
            world.lift(USER).unwrap();
            assert!(world.log_on_with(&held).is_ok());
        }
    }
}

#[test]
fn t26_a_deleted_user_is_nobody_and_his_certificate_revoked() {
    let mut world = World::new();
    let held = world.equip(USER);
    let logon = world.log_on_with(&held).unwrap();
    world.deregister(USER).unwrap();
    assert_eq!(
        world
            .bank
            .visit(&logon, Some(&held.serial), world.now)
            .unwrap_err(),
        Refusal::NoSession
    );
    assert_eq!(
        state(&world, 1),
        CertificateState::Revoked(RevocationReason::CessationOfOperation)
    );
    assert_eq!(world.log_on(USER), Err(Refusal::Deregistered));
    assert_eq!(world.register(USER), Err(Refusal::UserIdTaken));
    assert_eq!(world.reinitialize(USER), Err(Refusal::NoSuchUser));
}

#[test]
fn t27_nobody_of_a_suspended_contract_comes_in_and_retrievals_can_begin_anew() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    world.suspend_contract().unwrap();
    assert_eq!(world.log_on(USER), Err(Refusal::ContractSuspended));
    assert_eq!(world.grant(USER), Err(Refusal::ContractSuspended));
    assert_eq!(world.send_request(retrieval, 1), Err(Refusal::NoSession));
    world
        .tell(&Command::ResumeContract {
            contract: contract(),
        })
        .unwrap();
    assert!(world.retrieve(USER).is_ok());
}

#[test]
fn t27_and_case_8_a_locked_administrator_is_unlocked_by_a_user_who_may() {
    let mut world = World::new();
    world
        .register_with("shacho", Rights::ResetAdministrator)
        .unwrap();
    world.lock_administrator();
    assert_eq!(world.log_on(USER), Err(Refusal::ContractSuspended));
    let logon = world.log_on("shacho").unwrap();
    let unlock = Command::UnlockAdministrator {
        contract: contract(),
        session: logon,
        pin: Pin::new(USER_PIN),
    };
    world.tell(&unlock).unwrap();
    assert!(world.log_on(USER).is_ok());
    assert!(world.grant(USER).is_ok());
}

#[test]
fn t28_the_counter_rescues_the_administrator() {
    let mut world = World::new();
    let administrator = administrator();
    world
        .tell(&Command::CounterGrant {
            subscriber: administrator.clone(),
        })
        .unwrap();
    let retrieval = session(1);
    world
        .begin_as(administrator.clone(), crate::world::ADMIN_PIN, retrieval)
        .unwrap();
    world.deliver_in(retrieval).unwrap();
    world.close(retrieval).unwrap();
    assert_eq!(
        world.grant(USER),
        Err(Refusal::IdPinClosed),
        "case 85: stranded, he rescues nobody"
    );
    world
        .tell(&Command::CounterReinitialize {
            subscriber: administrator,
        })
        .unwrap();
    assert!(world.grant(USER).is_ok());
}

#[test]
fn t29_a_grant_can_be_claimed_to_the_last_moment_and_then_lapses() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    world.wait(Duration::days(80));
    let retrieval = world.begin(USER).unwrap();
    world.close(retrieval).unwrap();
    world.wait(Duration::SECOND);
    assert_eq!(world.begin(USER), Err(Refusal::GrantLapsed));
    world.wait(-Duration::days(1));
    assert_eq!(world.begin(USER), Err(Refusal::GrantLapsed), "V23");
    world.reinitialize(USER).unwrap();
    assert!(world.retrieve(USER).is_ok());
}

#[test]
fn t30_a_timed_out_retrieval_gives_the_grant_back_unless_its_request_was_accepted() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    world.wait(Duration::minutes(10));
    assert_eq!(
        world.send_request(retrieval, 1),
        Err(Refusal::SessionTimedOut),
        "case 19"
    );
    assert_eq!(world.send_request(retrieval, 1), Err(Refusal::NoSession));
    assert!(is_ready(&world, 1));

    let retrieval = world.begin(USER).unwrap();
    let (enrolment, number) = world.request(retrieval).unwrap();
    world.wait(Duration::minutes(10)).pass_time().unwrap();
    assert_eq!(
        world.begin_as(user(USER), USER_PIN, retrieval),
        Err(Refusal::RetrievalInProgress)
    );
    let facts = signed(&enrolment, key(number), serial(number));
    assert_eq!(
        world.record(&enrolment, facts),
        Ok(Answer::Done),
        "the CA's answer is still awaited"
    );
}

/// A world with a request left without an answer, after a restart.
fn left_open(settings: Settings) -> (World, sealbank_bank::Enrolment, u32) {
    let mut world = World::with_user(settings);
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    let (enrolment, number) = world.request(retrieval).unwrap();
    world.restart().unwrap();
    let open = world.bank.unsettled();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].request, open[0].generation),
        (enrolment.request, enrolment.generation)
    );
    (world, enrolment, number)
}

#[test]
fn t31_a_request_that_the_ca_never_signed_is_withdrawn() {
    let (mut world, enrolment, _) = left_open(Settings::default());
    world.reconcile(&enrolment, Finding::NotSigned).unwrap();
    assert_eq!(world.bank.unsettled(), []);
    assert!(is_ready(&world, 1));
    assert!(world.retrieve(USER).is_ok());
}

#[test]
fn t31_an_orphan_is_disowned_where_nobody_could_fetch_it() {
    let (mut world, enrolment, number) = left_open(Settings::default());
    let facts = signed(&enrolment, key(number), serial(number));
    world.reconcile(&enrolment, Finding::Signed(facts)).unwrap();
    assert!(is_ready(&world, 1));
    assert_eq!(world.member(USER).orphans, [serial(number)]);
    let orphan = Held {
        serial: serial(number),
        key: key(number),
        retrieval: session(1),
        enrolment,
    };
    assert_eq!(
        world.log_on_with(&orphan),
        Err(Refusal::UnknownCertificate),
        "V16"
    );
}

#[test]
fn t31_an_orphan_is_adopted_where_the_request_can_be_resumed() {
    let (mut world, enrolment, number) = left_open(Settings {
        resume_by_csr_hash: true,
        ..Settings::default()
    });
    let facts = signed(&enrolment, key(number), serial(number));
    world.reconcile(&enrolment, Finding::Signed(facts)).unwrap();
    assert_eq!(state(&world, 1), CertificateState::Signed);
    assert_eq!(world.member(USER).logon_method, LogonMethod::Certificate);
}

#[test]
fn t31_a_wrong_orphan_is_never_adopted() {
    let (mut world, enrolment, _) = left_open(Settings {
        resume_by_csr_hash: true,
        ..Settings::default()
    });
    let facts = signed(&enrolment, key(1), serial(1));
    assert_eq!(
        world.reconcile(&enrolment, Finding::Signed(facts)),
        Err(Refusal::CaAnsweredWrong)
    );
    assert!(is_ready(&world, 1));
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
fn cases_51_and_84_a_page_of_the_old_generation_changes_nothing() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    world.reinitialize(USER).unwrap();
    for outcome in [
        world.send_request(retrieval, 1),
        world.confirm(retrieval),
        world.cancel(retrieval, Popup::First),
        world.close(retrieval),
        world.deliver(user(USER), Generation::NONE.next()),
    ] {
        assert!(
            matches!(outcome, Err(Refusal::NoSession | Refusal::StaleGeneration)),
            "{outcome:?}"
        );
    }
    assert!(is_ready(&world, 2));
}

#[test]
fn case_52_a_certificate_signed_for_the_old_generation_becomes_an_orphan() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    let (enrolment, number) = world.request(retrieval).unwrap();
    world.reinitialize(USER).unwrap();
    let late = signed(&enrolment, key(number), serial(number));
    assert_eq!(
        world.record(&enrolment, late),
        Err(Refusal::StaleGeneration)
    );
    assert_eq!(world.member(USER).orphans, [serial(number)]);
    assert!(is_ready(&world, 2));
    assert_eq!(world.member(USER).logon_method, LogonMethod::IdPin);
}

#[test]
fn case_53_what_was_delivered_before_the_reinitialisation_is_worthless() {
    let mut world = World::new();
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    let held = world.deliver_in(retrieval).unwrap();
    world.reinitialize(USER).unwrap();
    assert_eq!(world.log_on_with(&held), Err(Refusal::RevokedCertificate));
    assert_eq!(
        world.condition(USER, &[&held]),
        Condition::AwaitingRetrieval
    );
}

#[test]
fn case_54_whatever_closes_the_account_during_the_run_leaves_no_claim_behind() {
    type Closing = fn(&mut World) -> crate::world::Outcome;
    let closings: [(Closing, Grant); 2] = [
        (
            |world| world.deregister(USER),
            Grant::Void {
                generation: Generation::NONE.next(),
            },
        ),
        (
            |world| world.stop(USER),
            Grant::Ready {
                generation: Generation::NONE.next(),
                deadline: Some(START + Duration::days(80)),
            },
        ),
    ];
    for (close, grant) in closings {
        let mut world = World::new();
        world.grant(USER).unwrap();
        let retrieval = world.begin(USER).unwrap();
        close(&mut world).unwrap();
        assert_eq!(world.member(USER).grant, grant);
        assert_eq!(world.send_request(retrieval, 1), Err(Refusal::NoSession));
    }
}

#[test]
fn case_86_a_second_reinitialisation_only_counts_on() {
    let mut world = World::new();
    world.equip(USER);
    world.reinitialize(USER).unwrap();
    world.reinitialize(USER).unwrap();
    assert!(is_ready(&world, 3));
    assert!(world.retrieve(USER).is_ok());
}

#[test]
fn case_87_a_user_registered_again_is_not_who_he_was() {
    let mut world = World::with_user(Settings {
        user_id_reusable_after_delete: true,
        ..Settings::default()
    });
    let old = world.equip(USER);
    world.deregister(USER).unwrap();
    world.register(USER).unwrap();
    let new = world.equip(USER);
    assert_eq!(old.enrolment.subject, new.enrolment.subject);
    assert!(new.enrolment.generation > old.enrolment.generation);
    assert_eq!(world.log_on_with(&old), Err(Refusal::RevokedCertificate));
    assert!(world.log_on_with(&new).is_ok());
}

#[test]
fn an_act_needs_the_administrators_session_and_his_confirmation() {
    let mut world = World::new();
    let act = || AdminAct::Grant {
        user: user_id(USER),
    };
    let logon = world.log_on(USER).unwrap();
    assert_eq!(
        world.administer_in(logon, CONFIRMATION, act()),
        Err(Refusal::NotPermitted)
    );
    let admin = session(1);
    world
        .log_on_as(administrator(), crate::world::ADMIN_PIN, admin)
        .unwrap();
    assert_eq!(
        world.administer_in(admin, WRONG_PIN, act()),
        Err(Refusal::WrongConfirmationPin)
    );
    assert_eq!(world.member(USER).grant, Grant::None);
    assert_eq!(
        world.administer_in(admin, CONFIRMATION, act()),
        Ok(Answer::Done)
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

#[test]
fn without_any_confirmation_delivery_is_the_last_thing_known() {
    let settings = Settings {
        install_confirmation: InstallConfirmation::None,
        ..Settings::default()
    };
    let mut world = World::with_user(settings);
    let held = world.equip(USER);
    world.log_on_with(&held).unwrap();
    assert_eq!(state(&world, 1), CertificateState::Delivered);
}
