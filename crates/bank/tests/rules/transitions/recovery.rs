//! T29 to T31: deadlines, time-outs, and the settling of open requests after a restart.

use sealbank_bank::{Answer, CertificateState, Finding, LogonMethod, Refusal, Settings};
use time::Duration;

use super::{USER, is_ready, state};
use crate::world::{Held, USER_PIN, World, key, serial, session, signed, user};

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
