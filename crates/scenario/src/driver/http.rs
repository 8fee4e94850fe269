//! The driver over HTTPS: people at PCs work the screens of a bank that listens on this machine.
//!
//! A step is done in three parts: the act itself (`acts`, `retrieve`, `administration`), the wait until the bank has
//! come to rest, and the look at the books and stores (`facts`).

mod acts;
mod administration;
mod facts;
mod interrupt;
mod retrieve;
mod world;

use sealbank_portal::Outcome as TrailOutcome;
use sealbank_workstation::{Exchange, Fate, Outcome, Refuser, TlsAlert};

use super::{Driver, DriverError};
use crate::event::{Party, TrailLine};
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

    fn trails(&self, limit: usize) -> Vec<TrailLine> {
        let bank = self.portal().app().trail_end(limit);
        let bank = bank.into_iter().map(|entry| {
            let outcome = match &entry.outcome {
                TrailOutcome::Done => "done".to_owned(),
                TrailOutcome::Refused { reason, .. } => format!("refused: {reason}"),
                TrailOutcome::Failed { error } => format!("failed: {error}"),
            };
            let whom = entry.subscriber.unwrap_or_default();
            TrailLine {
                at: entry.at,
                party: Party::Bank,
                text: format!("{} {whom}: {outcome}", entry.what),
            }
        });
        let exchanges = self.wire.exchanges();
        let skipped = exchanges.len().saturating_sub(limit);
        let wire = exchanges.iter().skip(skipped).map(wire_line);
        let mut lines: Vec<TrailLine> = bank.chain(wire).collect();
        lines.sort_by_key(|line| line.at);
        lines
    }
}

/// An exchange without what differs from run to run: ports and serial numbers.
fn wire_line(exchange: &Exchange) -> TrailLine {
    let fate = match &exchange.fate {
        Fate::Answered {
            status,
            screen,
            codes,
        } => {
            let parts = std::iter::once(screen).chain(codes);
            parts
                .filter(|part| !part.is_empty())
                .fold(status.to_string(), |line, part| format!("{line} {part}"))
        }
        Fate::TlsRefused { alert } => {
            let alert = alert.map_or_else(|| "no alert".to_owned(), TlsAlert::name);
            format!("TLS refused, {alert}")
        }
        Fate::Cut { at } => format!("cut at {at}"),
        Fate::Failed { detail } => format!("failed: {detail}"),
    };
    let certificate = exchange
        .presented
        .as_ref()
        .map_or("", |_| " with a certificate");
    let (pc, seat, method) = (&exchange.pc, &exchange.seat, exchange.method);
    let (host, path) = (exchange.origin.host(), &exchange.path);
    TrailLine {
        at: exchange.at,
        party: Party::Wire,
        text: format!("{pc} {seat}: {method} {host}{path}{certificate} -> {fate}"),
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
