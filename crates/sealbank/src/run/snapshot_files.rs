//! `--update-snapshots`: what the passed cases took, written to the files that keep it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use sealbank_scenario::{RunEvent, SnapshotTaken, Suite, Verdict};

use crate::exit::{Exit, Failure};
use crate::file;

/// The snapshots of a run, if they are to be written.
pub(super) enum SnapshotFiles {
    /// They are only compared.
    Kept,
    /// They are taken anew.
    New(New),
}

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct New {
    /// By the case that is under way; it may fail yet.
    pending: Vec<SnapshotTaken>,
    taken: BTreeMap<PathBuf, Taken>,
    /// Those that two cases took otherwise, with what is wrong.
    disagreeing: BTreeMap<PathBuf, String>,
    /// Those of cases that did not pass.
    left: BTreeSet<PathBuf>,
}

#[derive(Debug)]
struct Taken {
    text: String,
    case: String,
}

/// How many files there are of a kind.
#[derive(Debug, Default, PartialEq, Eq)]
struct Written {
    new: usize,
    changed: usize,
    same: usize,
}

impl SnapshotFiles {
    pub(super) fn tell(&mut self, event: &RunEvent) {
        if let Self::New(new) = self {
            new.tell(event);
        }
    }

    /// Writes them, each whole or not at all, and says what was done.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Kept => Ok(()),
            Self::New(new) => new.finish(),
        }
    }
}

impl New {
    fn tell(&mut self, event: &RunEvent) {
        match event {
            RunEvent::StepFinished(end) => self.pending.extend(end.snapshots.iter().cloned()),
            RunEvent::CaseFinished(case) => {
                let pending = std::mem::take(&mut self.pending);
                let passed = matches!(case.verdict, Verdict::Passed | Verdict::Flaky);
                for snapshot in pending {
                    let file = PathBuf::from(snapshot.file);
                    if passed {
                        self.take(file, snapshot.text, &case.name.id);
                    } else {
                        self.left.insert(file);
                    }
                }
            }
            _ => {}
        }
    }

    fn take(&mut self, file: PathBuf, text: String, case: &str) {
        match self.taken.get(&file) {
            Some(before) if before.text != text => {
                let what = format!("{} and {case} took it otherwise", before.case);
                self.disagreeing.entry(file).or_insert(what);
            }
            Some(_) => {}
            None => {
                let case = case.to_owned();
                self.taken.insert(file, Taken { text, case });
            }
        }
    }

    fn finish(self) -> Result<(), Failure> {
        let mut written = Written::default();
        for (path, Taken { text, .. }) in &self.taken {
            if !self.disagreeing.contains_key(path) {
                written.write(path, text)?;
            }
        }
        anstream::eprintln!("snapshots: {written}");
        for path in self
            .left
            .iter()
            .filter(|path| !self.taken.contains_key(*path))
        {
            let path = path.display();
            anstream::eprintln!("{path} stays as it is: the case that takes it did not pass");
        }
        if self.disagreeing.is_empty() {
            return Ok(());
        }
        let lines = self.disagreeing.iter();
        let lines: Vec<String> = lines
            .map(|(path, what)| {
                format!(
                    "error: {}: {what}; give each a name of its own",
                    path.display()
                )
            })
            .collect();
        Err(Failure {
            exit: Exit::Failed,
            message: lines.join("\n"),
        })
    }
}

impl Written {
    fn write(&mut self, path: &Path, text: &str) -> Result<(), Failure> {
        match std::fs::read_to_string(path) {
            Ok(before) if before == text => {
                self.same += 1;
                return Ok(());
            }
            Ok(_) => self.changed += 1,
            // Whatever is the matter with it, writing it says why that can't be done.
            Err(_) => self.new += 1,
        }
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory).map_err(|error| {
                let directory = directory.display();
                Failure::internal(format!("error: {directory} can't be made: {error}"))
            })?;
        }
        file::replace(path, text.as_bytes())
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { new, changed, same } = self;
        write!(f, "{new} new, {changed} changed, {same} as they were")
    }
}

/// The files beside these suites that no snapshot is kept in, told so that somebody takes them away.
pub(super) fn tell_idle(suite: &Suite) {
    let used = suite.snapshot_files();
    let directories: BTreeSet<&Path> = used.iter().filter_map(|file| file.parent()).collect();
    for directory in directories {
        // One that is not there holds nothing idle.
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let mut idle: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "snap")
            })
            .filter(|path| !used.contains(path))
            .collect();
        idle.sort();
        for path in idle {
            anstream::eprintln!("{} is not used by any case; delete it", path.display());
        }
    }
}
