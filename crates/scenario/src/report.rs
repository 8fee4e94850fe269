//! Reports: each a fold over the run's events, none with knowledge of its own.

mod clean;
mod columns;
mod diff;
mod github;
mod html;
mod json;
mod junit;
mod slow;
mod tap;
mod terminal;

pub use github::Github;
pub use html::Html;
pub use json::json_line;
pub use junit::{Junit, JunitError};
pub use tap::Tap;
pub use terminal::{Detail, Terminal};

use crate::event::{Failure, NotChecked, StepEnd, Summary, Verdict};

/// How many cases ended how, without what did not happen.
fn counts(summary: &Summary) -> String {
    let mut parts = vec![format!("{} passed", summary.passed)];
    for (count, word) in [
        (summary.flaky, "flaky"),
        (summary.failed, "failed"),
        (summary.broken, "broken"),
        (summary.skipped, "not begun"),
        (summary.left_out, "left out by design"),
        (summary.not_checked, "of their expectations not checked"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    parts.join(", ")
}

/// Why an attempt did not pass, on one line.
fn reason(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Failed(failure) => headline(failure),
        Verdict::Broken { error } => clean::one_line(error),
        Verdict::Passed | Verdict::Flaky | Verdict::Skipped => String::new(),
    }
}

/// What of a step could not be checked, one line each.
fn not_checked(end: &StepEnd) -> impl Iterator<Item = String> {
    end.not_checked.iter().map(|one| {
        let NotChecked {
            place,
            about,
            expected,
        } = one;
        let (about, expected) = (clean::one_line(about), clean::one_line(expected));
        format!("not checked: {about}: {expected} ({place})")
    })
}

/// A failure on one line.
fn headline(failure: &Failure) -> String {
    let first = failure.complaints.first();
    let what = first.map_or(String::new(), |complaint| {
        let (expected, actual) = (&complaint.expected, &complaint.actual);
        let what = format!("{}: expected {expected}, found {actual}", complaint.about);
        format!(": {}", clean::one_line(&what))
    });
    format!("step {} ({}){what}", failure.step, failure.en)
}
