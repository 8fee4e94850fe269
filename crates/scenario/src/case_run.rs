//! Running one case: a fresh world, step after step, until one does not come true.

mod beyond;

use std::collections::VecDeque;
use std::future::Future;
use std::time::{Duration, Instant};

use tokio::time::Instant as Deadline;

use crate::diagnostic::{Style, snippet};
use crate::driver::ability::obstacles;
use crate::driver::http::World;
use crate::driver::{Driver, DriverError, Way};
use crate::event::{
    Complaint, Failure, FaultShown, Party, RunEvent, StepEnd, StepOutcome, TrailLine, Verdict,
};
use crate::judge::{Judgement, Mismatch, SavedValues, invariants, judge};
use crate::model::{Language, Step};
use crate::observation::{CertificateSeen, Facts, Observation};
use crate::plan::PlannedCase;
use crate::run::milliseconds;
use crate::snapshot;
use beyond::{beyond_reach, not_checked, nothing_checked};

/// How many events of each side a failure shows.
const TRAIL: usize = 8;

/// How long a world that is over may take to close.
const CLOSING: Duration = Duration::from_secs(5);

/// What came of one case.
pub(crate) struct CaseRun {
    pub(crate) steps: Vec<RunEvent>,
    /// What was seen of each step that could be done, in their order.
    pub(crate) seen: Vec<Option<Seen>>,
    pub(crate) verdict: Verdict,
    pub(crate) duration_ms: u64,
}

/// What was seen of a step, without what differs from world to world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) landed: String,
    pub(crate) because: Option<String>,
    pub(crate) passed: Vec<String>,
    pub(crate) facts: Facts,
}

impl Seen {
    fn of(observation: &Observation) -> Self {
        let mut facts = observation.facts.clone();
        if let Some(certificate) = &mut facts.certificate {
            certificate.serial.clear();
        }
        Self {
            landed: observation.landed.to_string(),
            because: observation.because.clone(),
            passed: observation.passed.clone(),
            facts,
        }
    }
}

impl CaseRun {
    pub(crate) fn skipped() -> Self {
        Self::without_steps(Verdict::Skipped)
    }

    /// A case whose task ended without a word.
    pub(crate) fn lost() -> Self {
        Self::without_steps(Verdict::Broken {
            error: "the case broke off; this is a defect of the program".to_owned(),
        })
    }

    /// How many expectations could not be checked.
    pub(crate) fn not_checked(&self) -> usize {
        let of = |event: &RunEvent| match event {
            RunEvent::StepFinished(end) => end.not_checked.len(),
            _ => 0,
        };
        self.steps.iter().map(of).sum()
    }

    fn without_steps(verdict: Verdict) -> Self {
        Self {
            steps: Vec::new(),
            seen: Vec::new(),
            verdict,
            duration_ms: 0,
        }
    }
}

/// How long a case may take, and when that is over.
#[derive(Clone, Copy)]
struct Limit {
    allowed: Duration,
    until: Deadline,
}

impl Limit {
    fn beginning_now(allowed: Duration) -> Option<Self> {
        let until = Deadline::now().checked_add(allowed)?;
        Some(Self { allowed, until })
    }

    /// Waits for something as long as the case may take.
    async fn within<T>(
        limit: Option<Self>,
        act: impl Future<Output = Result<T, DriverError>>,
    ) -> Result<T, DriverError> {
        let Some(Self { allowed, until }) = limit else {
            return act.await;
        };
        let done = tokio::time::timeout_at(until, act).await;
        done.unwrap_or(Err(DriverError::TooLong { allowed }))
    }
}

/// Runs one case, in real time not longer than `timeout`.
pub(crate) async fn run_case(case: &PlannedCase, timeout: Option<Duration>, way: &Way) -> CaseRun {
    let begin = Instant::now();
    if let Way::Target(target) = way {
        let obstacles = obstacles(case, target);
        if !obstacles.is_empty() {
            return beyond_reach(case, &obstacles);
        }
    }
    let limit = timeout.and_then(Limit::beginning_now);
    let run = match Limit::within(limit, World::set_up(case.scene(), way)).await {
        Ok(mut world) => {
            let run = play(case, &mut world, limit).await;
            // Where a step was given up, a connection may stay open for as long as the other side likes.
            let _ = tokio::time::timeout(CLOSING, world.close()).await;
            run
        }
        Err(error) => CaseRun::without_steps(Verdict::Broken {
            error: error.to_string(),
        }),
    };
    CaseRun {
        duration_ms: milliseconds(begin),
        ..run
    }
}

async fn play(case: &PlannedCase, driver: &mut impl Driver, limit: Option<Limit>) -> CaseRun {
    let mut steps = Vec::new();
    let mut all_seen = Vec::new();
    let mut verdict = Verdict::Passed;
    let mut recent = Recent::default();
    let mut saved = SavedValues::default();
    let mut judged = 0;
    for (index, step) in case.steps().iter().chain(case.after()).enumerate() {
        let number = index + 1;
        let in_any_case = index >= case.steps().len() && !matches!(verdict, Verdict::Broken { .. });
        if verdict != Verdict::Passed && !in_any_case {
            steps.push(told(case, number, step, StepOutcome::Skipped));
            all_seen.push(None);
            continue;
        }
        let performed = Limit::within(limit, driver.perform(step)).await;
        let to_tell = driver.told(step, performed.as_ref().ok());
        recent.hear(&to_tell.trail);
        all_seen.push(performed.as_ref().ok().map(Seen::of));
        let mut end = told(case, number, step, StepOutcome::Passed);
        end.at = to_tell.at;
        end.faults = to_tell.faults;
        tell_strikes(&mut end);
        end.transitions = to_tell.transitions;
        end.screens = to_tell.screens;
        end.trail = to_tell.trail;
        let complaints = match performed {
            Ok(seen) => {
                end.interrupted = step.interrupted(&seen.interruption);
                end.certificate = seen.facts.certificate.as_ref().map(CertificateSeen::shown);
                let mut judgement = judge(step, &seen, &saved);
                let (snapshots, mut differing) = snapshot::take(step, &seen, &end.screens);
                end.snapshots = snapshots;
                judgement.mismatches.append(&mut differing);
                if judgement.mismatches.is_empty() {
                    judgement.add(invariants(case.always(), &seen, &saved));
                    let mut missing = saved.keep(step, &seen);
                    judgement.mismatches.append(&mut missing);
                }
                judged += judgement.judged;
                end.not_checked = judgement.unseen.iter().map(not_checked).collect();
                let Judgement { mismatches, .. } = judgement;
                mismatches
                    .into_iter()
                    .map(|mismatch| complaint(mismatch, step))
                    .collect()
            }
            Err(error) if error.is_of_the_world() => {
                verdict = Verdict::Broken {
                    error: format!("step {number} at {}: {error}", step.span),
                };
                end.outcome = StepOutcome::Failed;
                Vec::new()
            }
            Err(error) => vec![could_not(step, &error)],
        };
        if !complaints.is_empty() {
            end.outcome = StepOutcome::Failed;
            verdict = match verdict {
                Verdict::Failed(first) => failed_again(*first, &end, complaints),
                _ => failed(case, &end, complaints, recent.last()),
            };
        }
        steps.push(end);
    }
    if verdict == Verdict::Passed && judged == 0 {
        verdict = nothing_checked(case, &mut steps);
    }
    CaseRun {
        steps: steps
            .into_iter()
            .map(|end| RunEvent::StepFinished(Box::new(end)))
            .collect(),
        seen: all_seen,
        verdict,
        duration_ms: 0,
    }
}

fn failed(
    case: &PlannedCase,
    end: &StepEnd,
    complaints: Vec<Complaint>,
    trail: Vec<TrailLine>,
) -> Verdict {
    Verdict::Failed(Box::new(Failure {
        step: end.step,
        ja: end.ja.clone(),
        en: end.en.clone(),
        complaints,
        trail,
        repeat: format!(
            "sealbank run {} --case {}",
            path_for_shell(case.path()),
            quoted(case.id())
        ),
    }))
}

/// A failure with that of a step of `after` told beside it.
fn failed_again(first: Failure, end: &StepEnd, complaints: Vec<Complaint>) -> Verdict {
    let mut failure = first;
    failure
        .complaints
        .extend(complaints.into_iter().map(|complaint| Complaint {
            about: format!("after, step {}: {}", end.step, complaint.about),
            ..complaint
        }));
    Verdict::Failed(Box::new(failure))
}

/// The last lines of the trail, over all steps.
#[derive(Default)]
struct Recent(VecDeque<TrailLine>);

impl Recent {
    fn hear(&mut self, lines: &[TrailLine]) {
        self.0.extend(lines.iter().cloned());
        let surplus = self.0.len().saturating_sub(8 * TRAIL);
        self.0.drain(..surplus);
    }

    /// The last [`TRAIL`] of each party, in their order.
    fn last(&self) -> Vec<TrailLine> {
        let mut counts = [0_usize; 3];
        let mut kept: Vec<TrailLine> = Vec::new();
        for line in self.0.iter().rev() {
            let count = match line.party {
                Party::Bank => &mut counts[0],
                Party::Wire => &mut counts[1],
                Party::Pc => &mut counts[2],
            };
            *count += 1;
            if *count <= TRAIL {
                kept.push(line.clone());
            }
        }
        kept.reverse();
        kept
    }
}

/// A path as a POSIX shell takes it; quoted only where that is needed.
pub(crate) fn path_for_shell(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if path.chars().all(plain) {
        path.to_owned()
    } else {
        quoted(path)
    }
}

pub(crate) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn told(case: &PlannedCase, number: usize, step: &Step, outcome: StepOutcome) -> StepEnd {
    let roster = &case.scene().roster;
    StepEnd {
        case: case.id().to_owned(),
        step: number,
        ja: step.words(roster, Language::Japanese),
        en: step.words(roster, Language::English),
        note: step.note.clone(),
        place: step.span.to_string(),
        outcome,
        faults: Vec::new(),
        interrupted: None,
        transitions: Vec::new(),
        at: None,
        screens: Vec::new(),
        snapshots: Vec::new(),
        certificate: None,
        not_checked: Vec::new(),
        trail: Vec::new(),
    }
}

/// A fault that struck less often than it could is told in the step's words.
fn tell_strikes(end: &mut StepEnd) {
    for fault in end.faults.iter().filter(|fault| fault.hits != fault.times) {
        let FaultShown { hits, times, .. } = fault;
        end.ja.push_str(&format!(" （{times}回中{hits}回発生）"));
        end.en
            .push_str(&format!(" (struck {hits} of {times} times)"));
    }
}

fn complaint(mismatch: Mismatch, step: &Step) -> Complaint {
    let Mismatch {
        span,
        about,
        expected,
        actual,
    } = mismatch;
    let called_from: Vec<String> = step.calls.iter().map(ToString::to_string).collect();
    let mut shown = snippet(&span, &about, "expected here", Style::Plain);
    for call in &step.calls {
        shown.push_str(&format!("\ncalled from {call}: {}", call.text()));
    }
    Complaint {
        place: span.to_string(),
        snippet: shown,
        called_from,
        about,
        expected,
        actual,
    }
}

fn could_not(step: &Step, error: &DriverError) -> Complaint {
    let mismatch = Mismatch {
        span: step.span.clone(),
        about: "the step could not be done".to_owned(),
        expected: "the step is done".to_owned(),
        actual: error.to_string(),
    };
    complaint(mismatch, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_repeats_a_case_survives_a_shell() {
        assert_eq!(
            path_for_shell("scenarios/manual.yaml"),
            "scenarios/manual.yaml"
        );
        assert_eq!(path_for_shell("my suites/a.yaml"), "'my suites/a.yaml'");
        assert_eq!(quoted("a/b[delivered]"), "'a/b[delivered]'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
