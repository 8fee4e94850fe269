//! What bank, wire and PCs did during a step, told in one order, and the pages that were shown.
//!
//! All clocks stand still during a step, so moments say nothing about who came first. What does: the bank has written
//! down what it did before its answer arrives. Each answered exchange knows how long the bank's trail was then.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sealbank_bank::Move;
use sealbank_portal::{App, Outcome, Trail as BankTrail, TrailEntry};
use sealbank_workstation::{Concealed, DiaryEntry, Exchange, Fate, Gauge, StoreState, TlsAlert};
use time::OffsetDateTime;

use super::World;
use crate::driver::Told;
use crate::driver::look::screen_shown;
use crate::event::{Party, ScreenShown, TrailLine, TransitionShown};
use crate::model::{Role, Step};
use crate::observation::Observation;

/// What the bank writes down, also across its restarts.
#[derive(Clone, Default)]
pub(super) struct BankEar(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    trail: BankTrail,
    /// How much of it was told.
    told: usize,
    /// What a bank in another process wrote down, and was not told.
    overheard: Vec<TrailEntry>,
    app: Option<Arc<App>>,
    /// The minutes of banks that are stopped now.
    minutes: Vec<Move>,
}

impl BankEar {
    /// Where every bank that starts writes it down.
    pub(super) fn trail(&self) -> BankTrail {
        self.heard().trail.clone()
    }

    pub(super) fn starts(&self, app: &Arc<App>) {
        self.heard().app = Some(Arc::clone(app));
    }

    pub(super) fn stops(&self) {
        let mut heard = self.heard();
        if let Some(app) = heard.app.take() {
            heard.minutes.extend(app.take_minutes());
        }
    }

    /// Says how much the bank has written down.
    pub(super) fn gauge(&self) -> Gauge {
        let ear = self.clone();
        Arc::new(move || ear.heard().trail.noted())
    }

    /// What a bank in another process says that it wrote down. Nobody knows between which exchanges, so it is told last.
    pub(super) fn overhears(&self, entries: Vec<TrailEntry>) {
        self.heard().overheard.extend(entries);
    }

    /// What was written down since this was last called, and how much there had been.
    pub(super) fn take(&self) -> (usize, Vec<TrailEntry>) {
        let mut heard = self.heard();
        let told = heard.told;
        let untold = heard.trail.since(told);
        heard.told += untold.len();
        let overheard = std::mem::take(&mut heard.overheard);
        (told, untold.into_iter().chain(overheard).collect())
    }

    /// What people went through since this was last called.
    pub(super) fn take_minutes(&self) -> Vec<TransitionShown> {
        let mut heard = self.heard();
        let before = std::mem::take(&mut heard.minutes);
        let now = heard.app.as_ref().map(|app| app.take_minutes());
        let all = before.into_iter().chain(now.into_iter().flatten());
        all.map(|(from, row)| TransitionShown { row, from })
            .collect()
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World {
    pub(super) fn tell(&mut self, step: &Step, seen: Option<&Observation>) -> Told {
        let secrets = self.secrets();
        let (before, bank) = self.ear.take();
        let mut bank = bank.into_iter().peekable();
        let mut at_bank = before;
        let mut told = Told {
            at: Some(self.clock.now()),
            faults: self.struck(),
            transitions: self.ear.take_minutes(),
            ..Told::default()
        };
        for entry in self.wire.take_diary() {
            match entry {
                DiaryEntry::Act { at, pc, seat, what } => {
                    told.trail
                        .push(pc_line(at, &format!("{pc} {seat}: {what}")));
                }
                DiaryEntry::Sight {
                    at,
                    pc,
                    seat,
                    screen,
                } => {
                    let seat = format!("{pc} {seat}");
                    told.screens
                        .push(screen_shown(at, &seat, &screen, &secrets));
                }
                DiaryEntry::Exchange { exchange, gauge } => {
                    while gauge.is_some_and(|gauge| at_bank < gauge) {
                        let Some(entry) = bank.next() else { break };
                        at_bank += 1;
                        told.trail.push(bank_line(&entry));
                    }
                    told.trail.push(wire_line(&self.without_chance(*exchange)));
                }
            }
        }
        told.trail.extend(bank.map(|entry| bank_line(&entry)));
        told.trail.extend(self.store_changes());
        if let Some(screen) = seen.and_then(|seen| seen.landed.screen()) {
            let place = self.place(step.actor).changed(&step.place);
            let seat = format!("{} {}/{}", place.pc, place.profile, place.browser);
            let stands = screen_shown(self.clock.now(), &seat, screen, &secrets);
            keep_standing(&mut told.screens, stands);
        }
        told
    }

    /// An exchange without what depends on who was faster: where a fault broke it off, only that it did.
    fn without_chance(&self, mut exchange: Exchange) -> Exchange {
        if let (false, Fate::Failed { detail }) = (self.armed.is_empty(), &mut exchange.fate) {
            "connection lost".clone_into(detail);
        }
        exchange
    }

    /// How the stores of all PCs differ from what they were when this was last asked.
    fn store_changes(&mut self) -> Vec<TrailLine> {
        let now = self.clock.now();
        let stores = self.stores();
        let changes = stores.iter().filter_map(|(place, state)| {
            let before = self.stores_told.get(place).copied();
            let before = before.unwrap_or(StoreState::Nothing);
            let (pc, profile) = place;
            (before != *state).then(|| {
                let (before, state) = (before.name(), state.name());
                pc_line(now, &format!("{pc} {profile}: store {before} -> {state}"))
            })
        });
        let changes = changes.collect();
        self.stores_told = stores;
        changes
    }

    /// Every PIN that somebody could have typed.
    fn secrets(&self) -> Vec<Concealed> {
        let of_roster = self.scene.roster.iter().flat_map(|(_, person)| {
            let confirmation = match &person.role {
                Role::Administrator { confirmation } => Some(confirmation.clone()),
                Role::User { .. } => None,
            };
            std::iter::once(person.pin.clone()).chain(confirmation)
        });
        of_roster.chain(self.pins.values().cloned()).collect()
    }
}

/// The stores as they are before anything was done.
pub(super) type Stores = BTreeMap<(String, String), StoreState>;

/// What stands in the window at the end is the last page, with what was typed into it since.
fn keep_standing(screens: &mut Vec<ScreenShown>, stands: ScreenShown) {
    let is_there = screens.iter_mut().rev().find(|shown| {
        (&shown.id, &shown.address, &shown.texts) == (&stands.id, &stands.address, &stands.texts)
    });
    match is_there {
        Some(shown) => shown.fields = stands.fields,
        None => screens.push(stands),
    }
}

fn pc_line(at: OffsetDateTime, text: &str) -> TrailLine {
    TrailLine {
        at,
        party: Party::Pc,
        text: text.to_owned(),
    }
}

fn bank_line(entry: &TrailEntry) -> TrailLine {
    if let ("fault", Some(rule)) = (entry.what.as_str(), &entry.detail) {
        return TrailLine {
            at: entry.at,
            party: Party::Bank,
            text: format!("fault: {rule}"),
        };
    }
    let outcome = match &entry.outcome {
        Outcome::Done => "done".to_owned(),
        Outcome::Refused { reason, .. } => format!("refused: {reason}"),
        Outcome::Failed { error } => format!("failed: {error}"),
    };
    let whom = entry.subscriber.as_deref().unwrap_or_default();
    let what = [entry.what.as_str(), whom].join(" ");
    TrailLine {
        at: entry.at,
        party: Party::Bank,
        text: format!("{}: {outcome}", what.trim_end()),
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
