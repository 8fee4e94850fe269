//! The driver over HTTPS: people at PCs work the screens of a bank that listens on this machine.
//!
//! A step is done in three parts: the act itself (`acts`, `retrieve`, `administration`), the wait until the bank has
//! come to rest, and the look at the books and stores (`facts`). What there is to tell of it is gathered in `chronicle`.

mod acts;
mod administration;
mod chronicle;
mod facts;
mod interrupt;
mod retrieve;
mod world;

use sealbank_workstation::{Fate, Outcome, Refuser, TlsAlert};

use super::{Driver, DriverError, Told};
use crate::model::Step;
use crate::observation::{Coming, Landed, Meanwhile, Observation};

pub(crate) use world::World;

/// What an act came to, before the books are looked at.
struct Done {
    landed: Landed,
    component: Option<(crate::model::ComponentKind, String)>,
    interruption: Coming,
    meanwhile: Option<Meanwhile>,
    /// The bank's trail up to here belongs to the one who interrupted.
    others_until: usize,
}

impl Done {
    fn landed(landed: Landed) -> Self {
        Self {
            landed,
            component: None,
            interruption: Coming::NotAsked,
            meanwhile: None,
            others_until: 0,
        }
    }
}

impl Driver for World {
    async fn perform(&mut self, step: &Step) -> Result<Observation, DriverError> {
        let bank_mark = self.bank_trail_length();
        let wire_mark = self.wire.exchanges().len();
        let done = self.act(step).await?;
        self.rest("a step").await?;
        let exchanges = self.wire.exchanges();
        let passed = exchanges.iter().skip(wire_mark).filter_map(|exchange| {
            let Fate::Answered { screen, .. } = &exchange.fate else {
                return None;
            };
            (!screen.is_empty()).then(|| screen.clone())
        });
        Ok(Observation {
            because: self.refusal_since(bank_mark.max(done.others_until)),
            landed: done.landed,
            component: done.component,
            interruption: done.interruption,
            meanwhile: done.meanwhile,
            passed: passed.collect(),
            facts: self.facts(step.subject)?,
        })
    }

    fn told(&mut self, step: &Step, seen: Option<&Observation>) -> Told {
        self.tell(step, seen)
    }
}

fn landed(outcome: Outcome) -> Landed {
    match outcome {
        Outcome::Shown(screen) => Landed::Screen(screen),
        Outcome::TlsRefused { alert, by, .. } => Landed::TlsRefused {
            alert: alert.map(TlsAlert::name),
            by_pc: match by {
                Refuser::Server => None,
                Refuser::Pc { reason } => Some(reason),
            },
        },
    }
}
