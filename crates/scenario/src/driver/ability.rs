//! What can't be done with a bank that is already running, known before anything is played.

use sealbank_portal::FaultVerdict;
use sealbank_workstation::Point;

use crate::model::{Action, How, Step};
use crate::plan::PlannedCase;
use crate::source::Span;
use crate::target::Target;

const CONTROL: &str =
    "name the control listener of `sealbank serve` with --control, or leave the case out";
const OWN: &str = "leave the case out, or play it without --target";

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

/// Everything in a case that can't be done with this bank.
#[must_use]
pub(crate) fn obstacles(case: &PlannedCase, target: &Target) -> Vec<Obstacle> {
    let steps = case.steps().iter().chain(case.after());
    let found = (1..).zip(steps).flat_map(|(number, step)| {
        let wishes = wishes(step).into_iter();
        wishes.filter_map(move |(span, what, reach)| {
            let mend = match reach {
                Reach::Control if target.control.is_some() => return None,
                Reach::Control => CONTROL,
                Reach::Never => OWN,
            };
            Some(Obstacle {
                step: number,
                span,
                what,
                mend,
            })
        })
    });
    found.collect()
}

/// With what something can be done.
enum Reach {
    /// With a control listener.
    Control,
    /// Only with a bank of our own.
    Never,
}

/// What a step asks for beside working the screens.
fn wishes(step: &Step) -> Vec<(Span, &'static str, Reach)> {
    let mut wishes = Vec::new();
    let mut wish = |span: &Span, what, reach| wishes.push((span.clone(), what, reach));
    match step.action {
        Action::Clock(_) => wish(&step.span, "moving the clock", Reach::Control),
        Action::Counter(_) => wish(&step.span, "the bank's counter", Reach::Control),
        Action::RestartBank => wish(&step.span, "stopping the bank", Reach::Control),
        _ => {}
    }
    if let Some(interruption) = &step.interruption {
        let (at, how) = (&interruption.at, &interruption.how);
        if matches!(at.value, Point::RequestSent | Point::ConfirmationSent) {
            let what = "seeing when the bank has received a request";
            wish(&at.span, what, Reach::Control);
        }
        match how.value {
            How::Wait => wish(&how.span, "moving the clock", Reach::Control),
            How::RestartBank => wish(&how.span, "stopping the bank", Reach::Control),
            _ => {}
        }
    }
    for fault in &step.faults {
        let (what, reach) = match fault.rule.verdict {
            FaultVerdict::Crash { .. } => ("starting the bank again after a crash", Reach::Never),
            FaultVerdict::Stall => ("seeing that an answer is held back", Reach::Never),
            _ => ("faults", Reach::Control),
        };
        wish(&fault.span, what, reach);
    }
    wishes
}
