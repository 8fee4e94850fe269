//! Faults on request: "during this step, at this phase, do that, so many times".
//!
//! They are counted, not drawn by lot: the same rules and the same customers give the same run. Here is what can be
//! asked for; where it strikes is said at the places themselves: the sockets ([`crate::listen`]), the exchange
//! ([`crate::exchange`]), the walk of a command ([`crate::walk`]) and the signing ([`crate::enrolment`]).

mod act;
mod ledger;
mod phase;
mod possible;
mod rule;
mod verdict;
mod word;

pub use act::Act;
pub use ledger::{FaultId, FaultState, Faults};
pub(crate) use ledger::{Hit, Life, Place};
pub use phase::Phase;
pub use possible::ImpossibleFault;
pub use rule::FaultRule;
pub use verdict::{FaultStatus, FaultVerdict, Torn};
pub use word::UnknownWord;
