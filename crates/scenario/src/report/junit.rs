//! JUnit: one test suite a file, one test case a case, for CI systems.
//!
//! The dialect is the one that Ant began and Jenkins, GitLab and others read, as the schema `junit-10.xsd` of Jenkins has
//! it. Terminal sequences and characters that XML forbids are left out on the way.

use std::collections::BTreeMap;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};
use time::{OffsetDateTime, UtcOffset};

use super::clean::clean;
use super::columns;
use super::diff::{diff, has_lines};
use crate::event::{
    Attempt, CaseLeftOut, CaseName, CaseResult, Failure, RunEvent, StepEnd, StepOutcome, Verdict,
};

/// Gathers a run for a JUnit report.
#[derive(Debug, Default)]
pub struct Junit {
    began: Option<OffsetDateTime>,
    files: BTreeMap<String, Vec<TestCase>>,
    /// What happened in the case that is being told.
    story: String,
    duration_ms: u64,
    driver: String,
}

/// The report could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the JUnit report could not be written: {0}")]
pub struct JunitError(String);

impl Junit {
    /// Says when the run began, in real time: the `timestamp` of the suites.
    #[must_use]
    pub fn began_at(self, now: OffsetDateTime) -> Self {
        Self {
            began: Some(now),
            ..self
        }
    }

    /// Takes an event.
    pub fn tell(&mut self, event: &RunEvent) {
        match event {
            RunEvent::CaseLeftOut(row) => {
                let cases = self.files.entry(row.name.path.clone()).or_default();
                cases.push(left_out(row));
            }
            RunEvent::CaseStarted(_) => self.story.clear(),
            RunEvent::StepFinished(end) => tell_step(&mut self.story, end),
            RunEvent::CaseFinished(result) => {
                let path = result.name.path.clone();
                let case = test_case(result, &self.story);
                self.files.entry(path).or_default().push(case);
            }
            RunEvent::RunFinished(summary) => self.duration_ms = summary.duration_ms,
            RunEvent::RunStarted { driver, .. } => self.driver = driver.to_string(),
        }
    }

    /// The report as XML.
    ///
    /// # Errors
    /// [`JunitError`] when it can't be serialised.
    pub fn finish(&self) -> Result<String, JunitError> {
        let mut report = Report::new("sealbank");
        report.set_time(Duration::from_millis(self.duration_ms));
        for (path, cases) in &self.files {
            let mut suite = TestSuite::new(path.as_str());
            suite.set_time(cases.iter().filter_map(|case| case.time).sum());
            suite.extra.insert("file".into(), path.as_str().into());
            if let Some(began) = self.began {
                let began = timestamp(began).as_str().into();
                suite.extra.insert("timestamp".into(), began);
            }
            suite.add_property(("driver", self.driver.as_str()));
            suite.add_test_cases(cases.iter().cloned());
            report.add_test_suite(suite);
        }
        let xml = report
            .to_string()
            .map_err(|error| JunitError(error.to_string()))?;
        // The schema has this count at the suites alone, and the writer also at their root, where it comes first.
        let total = format!(" skipped=\"{}\"", report.skipped);
        Ok(xml.replacen(&total, "", 1))
    }
}

fn test_case(result: &CaseResult, story: &str) -> TestCase {
    let mut status = match &result.verdict {
        // The attempts before the last one are told beside it.
        Verdict::Passed | Verdict::Flaky => TestCaseStatus::success(),
        Verdict::Skipped => TestCaseStatus::skipped(),
        Verdict::Failed(failure) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_message(super::headline(failure))
                .set_type("expectation")
                .set_description(description(failure));
            status
        }
        Verdict::Broken { error } => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            let place = format!("{}:{}", result.name.path, result.name.line);
            status
                .set_message(error.as_str())
                .set_type("broken")
                .set_description(place);
            status
        }
    };
    status.add_reruns(result.earlier.iter().filter_map(rerun));
    let mut case = named(&result.name, status, result.duration_ms);
    // What went well needs no words, and a large run would carry a lot of them; what was not checked did not go well.
    let has_more_to_say = result.verdict.is_bad() || result.not_checked > 0;
    if has_more_to_say && !story.is_empty() {
        case.set_system_out(story);
    }
    case
}

/// A row that is left out by design counts as skipped, with its reason.
fn left_out(row: &CaseLeftOut) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(clean(&row.because).as_ref());
    named(&row.name, status, 0)
}

fn named(name: &CaseName, status: TestCaseStatus, duration_ms: u64) -> TestCase {
    let (scenario, _) = name.id.split_once('/').unwrap_or((&name.id, ""));
    let mut case = TestCase::new(name.id.as_str(), status);
    case.set_classname(scenario)
        .set_time(Duration::from_millis(duration_ms));
    case
}

/// An attempt before the last one, as Surefire has it: `flakyFailure` beside what passed, `rerunFailure` beside what
/// did not.
fn rerun(attempt: &Attempt) -> Option<TestRerun> {
    let (kind, what) = match &attempt.verdict {
        Verdict::Failed(_) => (NonSuccessKind::Failure, "expectation"),
        Verdict::Broken { .. } => (NonSuccessKind::Error, "broken"),
        Verdict::Passed | Verdict::Flaky | Verdict::Skipped => return None,
    };
    let mut rerun = TestRerun::new(kind);
    rerun
        .set_message(super::reason(&attempt.verdict))
        .set_type(what);
    if let Verdict::Failed(failure) = &attempt.verdict {
        rerun.set_stack_trace(description(failure));
    }
    Some(rerun)
}

/// The step and what everybody did during it.
fn tell_step(story: &mut String, end: &StepEnd) {
    let outcome = match end.outcome {
        StepOutcome::Passed => "ok",
        StepOutcome::Failed => "FAIL",
        StepOutcome::Skipped => "-",
    };
    story.push_str(&format!("{outcome} {} {}\n", end.step, end.en));
    for line in super::not_checked(end) {
        story.push_str(&format!("    {line}\n"));
    }
    for line in &end.trail {
        story.push_str(&format!("    {}\n", columns::line(line)));
    }
}

fn description(failure: &Failure) -> String {
    let mut text = String::new();
    for complaint in &failure.complaints {
        let (expected, found) = (&complaint.expected, &complaint.actual);
        text.push_str(&format!("{}\n", complaint.snippet));
        if has_lines(expected, found) {
            text.push_str("  - expected\n  + found\n");
            for line in diff(expected, found) {
                text.push_str(&format!("  {} {}\n", line.sign(), line.text()));
            }
        } else {
            text.push_str(&format!("  expected: {expected}\n  found:    {found}\n"));
        }
        text.push('\n');
    }
    text.push_str(&format!("repeat: {}\n", failure.repeat));
    text
}

/// ISO 8601 without a zone, as the schema has it; it is UTC.
fn timestamp(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    format!("{}T{}", at.date(), columns::clock(at))
}
