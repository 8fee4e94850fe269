//! What can't be done with a bank that is already running, known before anything is played.

use sealbank_portal::FaultVerdict;
use sealbank_workstation::Point;

use crate::model::{Action, How, Step};
use crate::plan::PlannedCase;
use crate::source::Span;
use crate::target::Target;

/// How all of it is mended.
const MEND: &str =
    "name the control listener of `sealbank serve` with --control, or leave the case out";

/// Something that a step asks for, and that nobody can do from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Obstacle {
    /// Which step, counted from 1.
    pub(crate) step: usize,
    /// Where it is asked for.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) what: &'static str,
    /// How to mend it.
    pub(crate) mend: &'static str,
}

/// Everything in a case that can't be done with this bank. With a control listener there is nothing that can't.
#[must_use]
pub(crate) fn obstacles(case: &PlannedCase, target: &Target) -> Vec<Obstacle> {
    if target.control.is_some() {
        return Vec::new();
    }
    let steps = case.steps().iter().chain(case.after());
    let found = (1..).zip(steps).flat_map(|(number, step)| {
        let wishes = wishes(step).into_iter();
        wishes.map(move |(span, what)| Obstacle {
            step: number,
            span,
            what,
            mend: MEND,
        })
    });
    found.collect()
}

/// What a step asks for beside working the screens.
fn wishes(step: &Step) -> Vec<(Span, &'static str)> {
    let mut wishes = Vec::new();
    let mut wish = |span: &Span, what| wishes.push((span.clone(), what));
    match step.action {
        Action::Clock(_) => wish(&step.span, "moving the clock"),
        Action::Counter(_) => wish(&step.span, "the bank's counter"),
        Action::RestartBank => wish(&step.span, "stopping the bank"),
        _ => {}
    }
    if let Some(interruption) = &step.interruption {
        let (at, how) = (&interruption.at, &interruption.how);
        if matches!(at.value, Point::RequestSent | Point::ConfirmationSent) {
            wish(&at.span, "seeing when the bank has received a request");
        }
        match how.value {
            How::Wait => wish(&how.span, "moving the clock"),
            How::RestartBank => wish(&how.span, "stopping the bank"),
            _ => {}
        }
    }
    for fault in &step.faults {
        let what = match fault.rule.verdict {
            FaultVerdict::Crash { .. } => "starting the bank again after a crash",
            FaultVerdict::Stall => "seeing that an answer is held back",
            _ => "faults",
        };
        wish(&fault.span, what);
    }
    wishes
}
