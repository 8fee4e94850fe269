//! JUnit: one test suite a file, one test case a case, for CI systems.

use std::collections::BTreeMap;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::event::{CaseResult, Failure, RunEvent, Verdict};

/// Gathers a run for a JUnit report.
#[derive(Debug, Default)]
pub struct Junit {
    files: BTreeMap<String, Vec<CaseResult>>,
    duration_ms: u64,
}

/// The report could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the JUnit report could not be written: {0}")]
pub struct JunitError(String);

impl Junit {
    /// Takes an event.
    pub fn tell(&mut self, event: &RunEvent) {
        match event {
            RunEvent::CaseFinished(result) => {
                let path = result.name.path.clone();
                self.files.entry(path).or_default().push(result.clone());
            }
            RunEvent::RunFinished(summary) => self.duration_ms = summary.duration_ms,
            RunEvent::RunStarted { .. } | RunEvent::CaseStarted(_) | RunEvent::StepFinished(_) => {}
        }
    }

    /// The report as XML.
    ///
    /// # Errors
    /// [`JunitError`] when it can't be serialised.
    pub fn finish(&self) -> Result<String, JunitError> {
        let mut report = Report::new("sealbank");
        report.set_time(Duration::from_millis(self.duration_ms));
        for (path, results) in &self.files {
            let mut suite = TestSuite::new(path.as_str());
            let milliseconds = results.iter().map(|result| result.duration_ms).sum();
            suite.set_time(Duration::from_millis(milliseconds));
            suite.add_test_cases(results.iter().map(test_case));
            report.add_test_suite(suite);
        }
        report
            .to_string()
            .map_err(|error| JunitError(error.to_string()))
    }
}

fn test_case(result: &CaseResult) -> TestCase {
    let status = match &result.verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Skipped => TestCaseStatus::skipped(),
        Verdict::Failed(failure) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_message(headline(failure))
                .set_description(description(failure));
            status
        }
        Verdict::Broken { error } => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(error.as_str());
            status
        }
    };
    let (scenario, _) = result
        .name
        .id
        .split_once('/')
        .unwrap_or((&result.name.id, ""));
    let mut case = TestCase::new(result.name.id.as_str(), status);
    case.set_classname(scenario)
        .set_time(Duration::from_millis(result.duration_ms));
    case
}

fn headline(failure: &Failure) -> String {
    let first = failure.complaints.first();
    let what = first.map_or(String::new(), |complaint| {
        format!(
            ": {}: expected {}, found {}",
            complaint.about, complaint.expected, complaint.actual
        )
    });
    format!("step {} ({}){what}", failure.step, failure.en)
}

fn description(failure: &Failure) -> String {
    let mut text = String::new();
    for complaint in &failure.complaints {
        text.push_str(&format!(
            "{}\n  expected: {}\n  found:    {}\n\n",
            complaint.snippet, complaint.expected, complaint.actual
        ));
    }
    for line in &failure.trail {
        text.push_str(&super::terminal::trail_line(line));
        text.push('\n');
    }
    text.push_str(&format!("\nrepeat: {}\n", failure.repeat));
    text
}
