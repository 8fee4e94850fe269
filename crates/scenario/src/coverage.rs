//! [`Coverage`]: which cells of the procedure's grids the cases of a run came by; a fold over its events.
//!
//! A visit is what really happened in a case that passed: a transition that the bank's books took, an interruption that
//! came about, a fault that struck. Only the tags `case-01` to `case-91` are the author's word, which holds when the case
//! passes.

mod cases;
mod faults;
mod grid;
mod interruptions;
mod print;
mod transitions;

use std::collections::BTreeMap;

use serde::Serialize;

pub use grid::{Cell, CellState, CellTitle, Figures, Grid, GridName, Impossibility, Visits};

use crate::event::{RunEvent, StepEnd, Verdict};
use crate::model::Language;

/// The version of the JSON that [`Coverage::json`] writes; it grows when a member changes its meaning.
pub const COVERAGE_VERSION: u32 = 1;

/// What the cases of a run came by so far.
///
/// ```
/// use sealbank_scenario::coverage::Coverage;
///
/// let coverage = Coverage::default();
/// // for event in run { coverage.tell(&event) }
/// assert_eq!(coverage.grids().len(), 4);
/// assert!(coverage.shortfall(0).is_none());
/// assert!(coverage.shortfall(1).is_some());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// By the case that is under way; it may fail yet.
    pending: Vec<Place>,
    visits: BTreeMap<GridName, BTreeMap<(String, String), Visits>>,
}

/// A cell, by grid, row and column.
type Place = (GridName, String, String);

/// Too little was covered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("coverage is {percent}%: {figures}; at least {least}% is asked for\n{missing}")]
pub struct Shortfall {
    /// How much was covered, in percent.
    pub percent: usize,
    /// All grids together.
    pub figures: Figures,
    /// How much was asked for, in percent.
    pub least: usize,
    /// What is missing, one line a grid.
    pub missing: String,
}

impl Coverage {
    /// Takes an event.
    pub fn tell(&mut self, event: &RunEvent) {
        match event {
            RunEvent::CaseStarted(start) => {
                let places = start.tags.iter().filter_map(|tag| cases::place(tag));
                self.pending = places
                    .map(|(row, column)| (GridName::Cases, row, column))
                    .collect();
            }
            RunEvent::StepFinished(end) => self.pending.extend(places(end)),
            RunEvent::CaseFinished(result) => {
                let came_by = std::mem::take(&mut self.pending);
                if matches!(result.verdict, Verdict::Passed | Verdict::Flaky) {
                    came_by
                        .into_iter()
                        .for_each(|place| self.enter(place, &result.name.id));
                }
            }
            RunEvent::RunStarted { .. } | RunEvent::CaseLeftOut(_) | RunEvent::RunFinished(_) => {}
        }
    }

    /// The four grids with what was visited.
    #[must_use]
    pub fn grids(&self) -> Vec<Grid> {
        let nothing = BTreeMap::new();
        let all = [
            transitions::grid(),
            interruptions::grid(),
            cases::grid(),
            faults::grid(),
        ];
        let visited = |grid: Grid| {
            let visits = self.visits.get(&grid.name).unwrap_or(&nothing);
            grid.visited(visits)
        };
        all.into_iter().map(visited).collect()
    }

    /// Whether less than `least` percent of what is possible was visited, over all grids, and what is missing then.
    #[must_use]
    pub fn shortfall(&self, least: usize) -> Option<Shortfall> {
        let grids = self.grids();
        let figures = Figures::sum(grids.iter().map(|grid| &grid.figures));
        // Not by the rounded percentage: 100% is all of them.
        (figures.visited * 100 < least * figures.possible).then(|| Shortfall {
            percent: figures.percent(),
            figures,
            least,
            missing: missing(&grids),
        })
    }

    /// The grids in text, as wide as they need.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        print::text(&self.grids(), language)
    }

    /// The grids as a document of JSON, with [`COVERAGE_VERSION`].
    #[must_use]
    pub fn json(&self) -> String {
        let grids = self.grids();
        let document = Document {
            version: COVERAGE_VERSION,
            figures: Figures::sum(grids.iter().map(|grid| &grid.figures)),
            grids,
        };
        serde_json::to_string_pretty(&document).expect("grids hold only text and numbers")
    }

    fn enter(&mut self, place: Place, case: &str) {
        let (grid, row, column) = place;
        let visits = self.visits.entry(grid).or_default();
        let visits = visits.entry((row, column)).or_insert_with(|| Visits {
            count: 0,
            case: case.to_owned(),
        });
        visits.count += 1;
    }
}

/// What is written to a file.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document {
    version: u32,
    figures: Figures,
    grids: Vec<Grid>,
}

/// What a step came by.
fn places(end: &StepEnd) -> Vec<Place> {
    let transitions = end.transitions.iter().map(|transition| {
        let (row, from) = (transition.row.row(), transition.from.name());
        (GridName::Transitions, row.to_owned(), from.to_owned())
    });
    let interrupted = end.interrupted.iter();
    let interruptions = interrupted.map(|interruption| {
        let (at, how) = (interruption.at.clone(), interruption.how.clone());
        (GridName::Interruptions, how, at)
    });
    let struck = end.faults.iter().filter(|fault| fault.hits > 0);
    let faults = struck.map(|fault| {
        let kind = faults::kind(&fault.verdict);
        (GridName::Faults, kind, fault.when.clone())
    });
    transitions.chain(interruptions).chain(faults).collect()
}

/// What is missing, one line a grid.
fn missing(grids: &[Grid]) -> String {
    let lines = grids.iter().filter_map(|grid| {
        let titled = grid.missing().filter(|cell| cell.title.is_some());
        let titled: Vec<String> = titled.map(Cell::name).collect();
        let rows = grid.missing_by_row().into_iter();
        let rows = rows.map(|(row, columns)| format!("{row} × {}", columns.join(", ")));
        let names: Vec<String> = rows
            .chain((!titled.is_empty()).then(|| titled.join(", ")))
            .collect();
        let name = grid.name.name();
        (!names.is_empty()).then(|| format!("  missing {name}: {}", names.join("; ")))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
