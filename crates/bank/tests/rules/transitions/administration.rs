//! T22 to T28: what administrators and the counter do, in the middle of anything.

use sealbank_bank::{
    AdminAct, Answer, CertificateState, Command, Condition, Generation, Grant, Pin, Refusal,
    RevocationReason, Rights, Settings,
};
use time::Duration;

use super::{USER, is_ready, state};
use crate::world::{
    CONFIRMATION, START, USER_PIN, WRONG_PIN, World, administrator, contract, key, serial, session,
    signed, user, user_id,
};

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
