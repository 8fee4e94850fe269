//! T10 to T15: the request, the CA's answer, the commit, delivery and completion.

use sealbank_bank::settings::InstallConfirmation;
use sealbank_bank::{
    Answer, CertificateState, Condition, Generation, Grant, LogonMethod, Popup, Refusal,
    RevocationReason, Settings,
};
use time::Duration;

use super::{USER, is_ready, state};
use crate::world::{START, World, key, serial, signed, user};

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
            facts.not_after = facts.not_before - Duration::SECOND;
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
