//! T18 to T21: logon by certificate or by ID and PIN, renewal, expiry.

use sealbank_bank::settings::RenewalOverlap;
use sealbank_bank::{CertificateState, Condition, Grant, Refusal, RevocationReason, Settings};
use time::Duration;

use super::{USER, near_the_end, state};
use crate::world::{Held, WRONG_PIN, World, key, serial, session, user};

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
