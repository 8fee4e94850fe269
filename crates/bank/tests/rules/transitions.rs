//! The procedure's transitions T01 to T31, each as a sentence, and the cases that the pure bank sees.
//!
//! `T03`, `T05`, `T07`, `T09`, `T14` and `T17` happen on the PC alone: here it is shown that the bank takes no
//! notice of them.

mod administration;
mod enrolment;
mod logon;
mod recovery;
mod retrieval;

use sealbank_bank::{CertificateState, Grant};
use time::Duration;

use crate::world::World;

/// The user of whom all the sentences speak.
const USER: &str = "keiri01";

/// Twenty days before the end of a certificate retrieved at the start.
fn near_the_end(world: &mut World) -> &mut World {
    world.wait(Duration::days(345))
}

/// The state of the user's certificate of `generation`.
fn state(world: &World, generation: u32) -> CertificateState {
    let records = &world.member(USER).certificates;
    let found = records.iter().find(|(g, _)| g.get() == generation);
    found.expect("the generation has a record").1.state
}

/// Whether the user may retrieve in generation `expected`.
fn is_ready(world: &World, expected: u32) -> bool {
    matches!(world.member(USER).grant, Grant::Ready { generation, .. } if generation.get() == expected)
}
