//! The driver over HTTPS: people at PCs work the screens of a bank that listens on this machine, or of one that is
//! already running somewhere.
//!
//! A step is done in three parts: the act itself (`acts`, `retrieve`, `administration`), the wait until the bank has
//! come to rest, and the look at the books and stores (`facts`). What there is to tell of it is gathered in `chronicle`.

mod acts;
mod administration;
mod chronicle;
mod facts;
mod fault;
mod inside;
mod interrupt;
mod outside;
mod retrieve;
mod world;

use sealbank_workstation::{Fate, Outcome, Refuser, TlsAlert};

use super::{Driver, DriverError, Told};
use crate::model::{Action, Step};
use crate::observation::{Coming, Landed, Meanwhile, Observation};

use fault::Patience;
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
        let mark = self.bank_trail_length().await?;
        let seen = self.perform_after(mark, step).await;
        self.overhear(mark).await;
        seen
    }

    fn told(&mut self, step: &Step, seen: Option<&Observation>) -> Told {
        self.tell(step, seen)
    }
}

impl World {
    /// Does one step; the bank's trail had `bank_mark` entries before it.
    async fn perform_after(
        &mut self,
        bank_mark: usize,
        step: &Step,
    ) -> Result<Observation, DriverError> {
        let wire_mark = self.wire.length();
        self.arm(step).await?;
        let patience = match step.action {
            // It loses its patience by itself, between what interrupts it.
            Action::Retrieve(_) => Patience::Endless,
            _ => self.patience(),
        };
        let acted = patience.with(Box::pin(self.act(step))).await;
        let done = acted.or_else(|error| self.broke_off(step, error));
        let hits = self.disarm().await?;
        let mark = done
            .as_ref()
            .map_or(bank_mark, |done| bank_mark.max(done.others_until));
        if self.has_crashed() {
            self.restart_after_crash().await?;
        }
        let done = done?;
        self.rest("a step").await?;
        let exchanges = self.wire.exchanges_since(wire_mark).into_iter();
        let passed = exchanges.filter_map(|exchange| match exchange.fate {
            Fate::Answered { screen, .. } if !screen.is_empty() => Some(screen),
            _ => None,
        });
        Ok(Observation {
            because: self.refusal_since(mark).await?,
            hits,
            address: self.address_of(&done.landed),
            landed: done.landed,
            component: done.component,
            interruption: done.interruption,
            meanwhile: done.meanwhile,
            passed: passed.collect(),
            sight: self.sight(),
            facts: self.facts(step.subject).await?,
        })
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
