//! What is out of reach from outside a bank: cases that can't be played there, and expectations that can't be checked.

use super::{CaseRun, complaint, failed, told};
use crate::driver::ability::Obstacle;
use crate::event::{NotChecked, RunEvent, StepEnd, StepOutcome, Verdict};
use crate::judge::{Mismatch, Unseen};
use crate::plan::PlannedCase;

/// A case that asks for what this bank does not let anybody do: nothing of it is played.
pub(super) fn beyond_reach(case: &PlannedCase, obstacles: &[Obstacle]) -> CaseRun {
    let first = obstacles.first().map_or(1, |obstacle| obstacle.step);
    let planned = case.steps().iter().chain(case.after());
    let mut verdict = Verdict::Passed;
    let mut steps = Vec::new();
    for (number, step) in (1..).zip(planned) {
        let mut end = told(case, number, step, StepOutcome::Skipped);
        if number == first {
            end.outcome = StepOutcome::Failed;
            let complaints = obstacles.iter().map(|obstacle| {
                let mismatch = Mismatch {
                    span: obstacle.span.clone(),
                    about: "this driver cannot do it".to_owned(),
                    expected: obstacle.what.to_owned(),
                    actual: format!("it can't be done from outside the bank; {}", obstacle.mend),
                };
                complaint(mismatch, step)
            });
            verdict = failed(case, &end, complaints.collect(), Vec::new());
        }
        steps.push(RunEvent::StepFinished(Box::new(end)));
    }
    CaseRun {
        seen: steps.iter().map(|_| None).collect(),
        steps,
        verdict,
        duration_ms: 0,
    }
}

/// Where expectations were written and none could be checked, nothing was shown to be true. The last step says so.
pub(super) fn nothing_checked(case: &PlannedCase, ends: &mut [StepEnd]) -> Verdict {
    let said = |end: &&mut StepEnd| !end.not_checked.is_empty();
    let Some(end) = ends.iter_mut().rev().find(said) else {
        return Verdict::Passed;
    };
    let Some(step) = case.steps().iter().chain(case.after()).nth(end.step - 1) else {
        return Verdict::Passed;
    };
    end.outcome = StepOutcome::Failed;
    let mismatch = Mismatch {
        span: step.span.clone(),
        about: "not checked".to_owned(),
        expected: "something of the case can be checked".to_owned(),
        actual:
            "nothing of it is seen from outside the bank; expect a screen, or leave the case out"
                .to_owned(),
    };
    failed(case, end, vec![complaint(mismatch, step)], Vec::new())
}

pub(super) fn not_checked(unseen: &Unseen) -> NotChecked {
    NotChecked {
        place: unseen.span.to_string(),
        about: unseen.about.clone(),
        expected: unseen.span.text().to_owned(),
    }
}
