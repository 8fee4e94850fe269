//! [`LastRun`]: how each case went when it was last run here, for `--last-failed` and `--shard`.
//!
//! It lies in `.sealbank/last-run.json` below the current directory. A run changes the entries of its own cases alone,
//! so that running one case does not forget what failed beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use sealbank_scenario::{CaseResult, Durations, PlannedCase, RunEvent, Suite, Verdict};
use serde::{Deserialize, Serialize};

use crate::exit::Failure;

const DIRECTORY: &str = ".sealbank";
const FILE: &str = ".sealbank/last-run.json";
const VERSION: u32 = 1;

/// What is known of earlier runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct LastRun {
    version: u32,
    cases: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Entry {
    verdict: Went,
    duration_ms: u64,
}

/// How a case went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Went {
    Passed,
    Flaky,
    Failed,
}

/// The cases of one run, as they come.
#[derive(Debug, Default)]
pub(super) struct ThisRun(BTreeMap<String, Entry>);

impl LastRun {
    /// What lies here; nothing is known where nothing was run.
    pub(super) fn read() -> Result<Self, Failure> {
        let text = match std::fs::read_to_string(FILE) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::unknown()),
            Err(error) => return Err(Failure::internal(format!("error: {FILE}: {error}"))),
        };
        let read: Result<Self, String> =
            serde_json::from_str(&text).map_err(|error| error.to_string());
        let wrong = |what: String| {
            Failure::bad_input(format!(
                "error: {FILE}: {what}\nhelp: delete it; the next run writes it again"
            ))
        };
        match read {
            Ok(last) if last.version == VERSION => Ok(last),
            Ok(last) => Err(wrong(format!("version {} is not {VERSION}", last.version))),
            Err(error) => Err(wrong(error)),
        }
    }

    fn unknown() -> Self {
        Self {
            version: VERSION,
            cases: BTreeMap::new(),
        }
    }

    /// The ids of what failed, also of what passed only later: who asks wants to see why.
    pub(super) fn failed(&self) -> impl Iterator<Item = &str> {
        self.cases
            .iter()
            .filter(|(_, entry)| entry.verdict != Went::Passed)
            .map(|(id, _)| id.as_str())
    }

    /// How long cases took.
    pub(super) fn durations(&self) -> Durations {
        self.cases
            .iter()
            .map(|(id, entry)| (id.clone(), entry.duration_ms))
            .collect()
    }

    /// Whole or not at all, so that a run that is killed leaves the old one.
    fn write(&self) -> io::Result<()> {
        std::fs::create_dir_all(DIRECTORY)?;
        let ignore = Path::new(DIRECTORY).join(".gitignore");
        if !ignore.exists() {
            // It is this working copy's alone.
            std::fs::write(ignore, "*\n")?;
        }
        let beside = format!("{FILE}.{}", std::process::id());
        let mut file = std::fs::File::create(&beside)?;
        serde_json::to_writer(&mut file, self)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        std::fs::rename(beside, FILE)
    }
}

impl ThisRun {
    /// Takes an event.
    pub(super) fn tell(&mut self, event: &RunEvent) {
        if let RunEvent::CaseFinished(result) = event
            && let Some(entry) = entry(result)
        {
            self.take(result.name.id.clone(), entry);
        }
    }

    /// The same with the ids that stand in the files: a case that was run again is told with a number behind its id.
    fn by_written_id(self, suite: &Suite) -> Self {
        let ids: BTreeSet<&str> = suite.cases().map(PlannedCase::id).collect();
        let mut written = Self::default();
        for (id, entry) in self.0 {
            let bare = match id.rsplit_once('#') {
                Some((bare, _)) if !ids.contains(id.as_str()) => bare.to_owned(),
                _ => id,
            };
            written.take(bare, entry);
        }
        written
    }

    /// Of a case that was run several times the worst counts.
    fn take(&mut self, id: String, entry: Entry) {
        let known = self.0.entry(id).or_insert(entry);
        known.verdict = known.verdict.max(entry.verdict);
    }

    /// Keeps it for the next run. Where it can't be kept, that is said, and the run counts all the same.
    pub(super) fn keep(self, suite: &Suite) {
        // What can't be read is not worth more than what is new.
        let mut last = LastRun::read().unwrap_or_else(|_| LastRun::unknown());
        last.cases.extend(self.by_written_id(suite).0);
        if let Err(error) = last.write() {
            anstream::eprintln!(
                "warning: {FILE} can't be written: {error}; --last-failed and --shard won't know of this run"
            );
        }
    }
}

/// What there is to remember; a case that was not begun went as it went before.
fn entry(result: &CaseResult) -> Option<Entry> {
    let verdict = match result.verdict {
        Verdict::Passed => Went::Passed,
        Verdict::Flaky => Went::Flaky,
        Verdict::Failed(_) | Verdict::Broken { .. } => Went::Failed,
        Verdict::Skipped => return None,
    };
    let duration_ms = result.duration_ms;
    Some(Entry {
        verdict,
        duration_ms,
    })
}
