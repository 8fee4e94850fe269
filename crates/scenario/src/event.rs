//! [`RunEvent`]: the one stream in which a run tells of itself; every report is a fold over it.
//!
//! Events come in the order of the cases, whatever ran first, so that two runs tell the same story. Serialised they
//! are lines of JSON with a version; only `duration-ms` and the `serial` of a certificate differ from run to run, and all
//! moments stand on the scenario's clock.

mod passage;
mod shown;
mod snapshot;
mod summary;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::run::DriverName;
use crate::selection::Shard;

pub use passage::{InterruptionShown, TransitionShown};
pub use shown::{AlertShown, CertificateShown, FieldShown, Filled, NeedShown, ScreenShown};
pub use snapshot::SnapshotTaken;
pub use summary::{RunExit, Summary};

/// The version of the serialised events; it grows when one changes its meaning.
pub const EVENT_VERSION: u32 = 1;

/// One thing that a run tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "event",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum RunEvent {
    /// It begins.
    RunStarted {
        /// [`EVENT_VERSION`].
        version: u32,
        /// How many cases are selected.
        cases: usize,
        /// How many more there are.
        deselected: usize,
        /// How people at PCs reach the bank.
        driver: DriverName,
        /// Which part of a run this is, when several machines share it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shard: Option<Shard>,
    },
    /// A row is left out by design.
    CaseLeftOut(CaseLeftOut),
    /// A case begins.
    CaseStarted(CaseStart),
    /// A step came to its end.
    StepFinished(Box<StepEnd>),
    /// A case came to its end.
    CaseFinished(CaseResult),
    /// It is over.
    RunFinished(Summary),
}

impl RunEvent {
    /// The event without what differs from run to run: real time, and the serial numbers of certificates.
    #[must_use]
    pub fn without_volatile(&self) -> Self {
        let mut event = self.clone();
        match &mut event {
            Self::StepFinished(end) => {
                if let Some(certificate) = &mut end.certificate {
                    certificate.serial.clear();
                }
            }
            Self::CaseFinished(result) => {
                result.duration_ms = 0;
                for attempt in &mut result.earlier {
                    attempt.duration_ms = 0;
                }
            }
            Self::RunFinished(summary) => summary.duration_ms = 0,
            Self::RunStarted { .. } | Self::CaseLeftOut(_) | Self::CaseStarted(_) => {}
        }
        event
    }
}

/// Which case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CaseName {
    /// Its id.
    pub id: String,
    /// The scenario's title and the case's, in Japanese.
    pub ja: String,
    /// The same in English.
    pub en: String,
    /// The file.
    pub path: String,
    /// The line in it where the case's name stands, counted from 1.
    pub line: usize,
}

/// A row that its author leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CaseLeftOut {
    /// Which.
    #[serde(flatten)]
    pub name: CaseName,
    /// Words by which it would be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Why it makes no sense.
    pub because: String,
}

/// A case as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CaseStart {
    /// Which.
    #[serde(flatten)]
    pub name: CaseName,
    /// Which of all cases of the files it is, counted from 1.
    pub number: usize,
    /// Words by which it is chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The last of its lines.
    pub end_line: usize,
    /// The lines themselves, as they stand in the file.
    pub source: String,
}

/// What came of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StepEnd {
    /// The case.
    pub case: String,
    /// The step, counted from 1.
    pub step: usize,
    /// What was done, in Japanese.
    pub ja: String,
    /// What was done, in English.
    pub en: String,
    /// What the author notes about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where it is written: `file:line:column`.
    pub place: String,
    /// How it ended.
    pub outcome: StepOutcome,
    /// What went wrong at the bank during it, by rules that held for its time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FaultShown>,
    /// What happened in the middle of it, where that came about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<InterruptionShown>,
    /// The rows of the transition table that people went through, in their order, as far as the books lie open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitions: Vec<TransitionShown>,
    /// When it ended, on the scenario's clock; none when it was not done.
    #[serde(
        default,
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub at: Option<OffsetDateTime>,
    /// The pages that were shown during it, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub screens: Vec<ScreenShown>,
    /// The newest certificate in the store of the person it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateShown>,
    /// The snapshots that were taken after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<SnapshotTaken>,
    /// What was expected of it that can't be seen from outside the bank; none of it counts as having come true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_checked: Vec<NotChecked>,
    /// What bank, wire and PCs did during it, in one order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trail: Vec<TrailLine>,
}

/// An expectation that nobody could check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct NotChecked {
    /// Where it is written: `file:line:column`.
    pub place: String,
    /// What it is about.
    pub about: String,
    /// What was expected, as it is written.
    pub expected: String,
}

/// A fault that a step asks for, and how often it struck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FaultShown {
    /// During which business step of the bank.
    pub during: String,
    /// At which phase of it.
    pub when: String,
    /// What goes wrong, as it is written: `reset`, `delay: 40s`.
    #[serde(rename = "do")]
    pub verdict: String,
    /// How often it was to strike at most.
    pub times: u32,
    /// How often it struck; a step with a fault that never struck failed.
    pub hits: u32,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// As expected.
    Passed,
    /// Otherwise.
    Failed,
    /// It was not done, because one before it failed.
    Skipped,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CaseResult {
    /// Which.
    #[serde(flatten)]
    pub name: CaseName,
    /// How many steps it has.
    pub steps: usize,
    /// How it ended.
    pub verdict: Verdict,
    /// How many of its expectations can't be checked from outside the bank.
    #[serde(default, skip_serializing_if = "summary::is_zero")]
    pub not_checked: usize,
    /// The attempts before the last one, none of which passed; the steps are those of the last one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Attempt>,
    /// How long the last attempt took, in real time.
    pub duration_ms: u64,
}

impl CaseResult {
    /// How often the case was tried.
    #[must_use]
    pub fn attempts(&self) -> usize {
        self.earlier.len() + 1
    }
}

/// An attempt that did not pass, after which the case was tried again in a fresh world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Attempt {
    /// How it ended: failed or broken.
    pub verdict: Verdict,
    /// How long it took, in real time.
    pub duration_ms: u64,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything came true.
    Passed,
    /// Everything came true in the end, but not at first.
    Flaky,
    /// Something did not.
    Failed(Box<Failure>),
    /// The world around it failed: no port, no memory, a defect.
    Broken {
        /// What happened.
        error: String,
    },
    /// It was not begun or not ended: enough others had failed, or somebody said stop.
    Skipped,
}

/// Why a case failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Failure {
    /// The step, counted from 1.
    pub step: usize,
    /// What was done, in Japanese.
    pub ja: String,
    /// What was done, in English.
    pub en: String,
    /// What did not come true, each with its place.
    pub complaints: Vec<Complaint>,
    /// The last events of bank, wire and PCs, in one order.
    pub trail: Vec<TrailLine>,
    /// The command that repeats just this case.
    pub repeat: String,
}

/// One thing that did not come true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Complaint {
    /// Where it was claimed: `file:line:column`.
    pub place: String,
    /// What it is about.
    pub about: String,
    /// What was claimed.
    pub expected: String,
    /// What was seen.
    pub actual: String,
    /// The line of the file with a caret under the value, and the lines of the calls that lead there.
    pub snippet: String,
    /// Where the flows are called that lead there, the innermost first: `file:line:column`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub called_from: Vec<String>,
}

impl Complaint {
    /// File, line and column of the claim, the last two counted from 1; none where the place is not of that form.
    #[must_use]
    pub fn position(&self) -> Option<(&str, usize, usize)> {
        let (rest, column) = self.place.rsplit_once(':')?;
        let (path, line) = rest.rsplit_once(':')?;
        Some((path, line.parse().ok()?, column.parse().ok()?))
    }
}

/// One event of a side's trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TrailLine {
    /// When, on the scenario's clock.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Whose trail.
    pub party: Party,
    /// What.
    pub text: String,
}

/// Whose trail an event is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The bank's: what was asked, and why it was refused.
    Bank,
    /// What went over the wire.
    Wire,
    /// The PCs': what was pressed, what the enrolment component did, how the stores changed.
    Pc,
}

impl Verdict {
    /// Whether something did not come true, or could not be tried.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Broken { .. })
    }
}
