//! Stories that more than one setting ends otherwise.

use sealbank_bank::Refusal;
use time::Duration;

use super::USER;
use crate::world::{Held, USER_PIN, World, key, serial, session, user};

pub(super) fn said<T>(outcome: Result<T, Refusal>) -> String {
    outcome.map_or_else(|no| no.reason().to_owned(), |_| "yes".to_owned())
}

/// The first of a user's steps at which his logon is by certificate only.
pub(super) fn flips_at(mut world: World) -> String {
    let closed = |world: &mut World| {
        said(world.log_on_as(user(USER), USER_PIN, session(world.log.len() as u32)))
            == "id-pin-closed"
    };
    world.grant(USER).unwrap();
    if closed(&mut world) {
        return "grant".to_owned();
    }
    let retrieval = world.begin(USER).unwrap();
    if closed(&mut world) {
        return "form".to_owned();
    }
    let (enrolment, number) = world.request(retrieval).unwrap();
    if closed(&mut world) {
        return "request".to_owned();
    }
    let facts = crate::world::signed(&enrolment, key(number), serial(number));
    world.record(&enrolment, facts).unwrap();
    if closed(&mut world) {
        return "commit".to_owned();
    }
    world.confirm(retrieval).unwrap();
    if closed(&mut world) {
        "confirmation".to_owned()
    } else {
        "never".to_owned()
    }
}

/// What a renewal leaves accepted, after the commit, the completion message and the first logon.
pub(super) fn renewed(mut world: World) -> String {
    let old = world.equip(USER);
    let logon = world.wait(Duration::days(345)).log_on_with(&old).unwrap();
    let retrieval = world.renew(logon).unwrap();
    let mut accepted = Vec::new();
    let new = world.sign_in(retrieval).unwrap();
    accepted.push(world.member(USER).all_accepted().count());
    world.deliver(user(USER), new.enrolment.generation).unwrap();
    accepted.push(world.member(USER).all_accepted().count());
    world.confirm(retrieval).unwrap();
    accepted.push(world.member(USER).all_accepted().count());
    world.wait(Duration::minutes(20)).log_on_with(&new).unwrap();
    accepted.push(world.member(USER).all_accepted().count());
    format!("{accepted:?}")
}

pub(super) fn revoked_while_inside(mut world: World) -> String {
    let held = world.equip(USER);
    let logon = world.log_on_with(&held).unwrap();
    world.revoke(USER).unwrap();
    said(world.bank.visit(&logon, Some(&held.serial), world.now))
}

pub(super) fn wait_and_retrieve(mut world: World, days: i64) -> String {
    world.grant(USER).unwrap();
    world.wait(Duration::days(days));
    said(world.begin(USER))
}

pub(super) fn strand(world: &mut World) -> Held {
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    world.deliver_in(retrieval).unwrap()
}

pub(super) fn first_enrolment(mut world: World) -> sealbank_bank::Enrolment {
    world.grant(USER).unwrap();
    let retrieval = world.begin(USER).unwrap();
    world.request(retrieval).unwrap().0
}
