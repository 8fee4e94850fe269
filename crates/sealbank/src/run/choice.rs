//! From what the command line names to a suite and the cases of it that are meant.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sealbank_scenario::{
    CaseLine, Filter, PlannedCase, Selection, Style, Suite, did_you_mean, load_with_files,
};

use super::args::ChoiceArguments;
use super::last_run::LastRun;
use crate::exit::{Exit, Failure};

/// A suite and the cases of it that are meant, of which there is at least one.
pub(super) struct Choice {
    pub(super) suite: Suite,
    pub(super) select: Selection,
}

impl Choice {
    /// Reads the files and selects.
    pub(super) fn make(arguments: &ChoiceArguments) -> Result<Self, Failure> {
        Self::make_of(arguments, &mut BTreeSet::new())
    }

    /// The same, and names the files that it comes from, also where it comes to nothing.
    pub(super) fn make_of(
        arguments: &ChoiceArguments,
        files: &mut BTreeSet<PathBuf>,
    ) -> Result<Self, Failure> {
        let filter = arguments.filter.as_deref().map(Filter::parse).transpose();
        let filter =
            filter.map_err(|mistake| Failure::bad_input(mistake.render(Style::Coloured)))?;
        let (paths, places): (Vec<PathBuf>, Vec<Option<CaseLine>>) =
            arguments.paths.iter().map(|path| located(path)).unzip();
        let suite = read_of(&paths, files)?;
        let mut select = Selection::containing(arguments.cases.iter().cloned())
            .tagged(arguments.tags.iter().cloned())
            .at_lines(places.into_iter().flatten());
        if let Some(filter) = filter {
            select = select.filtered(filter);
        }
        let choice = Self { suite, select };
        choice.of_last_run(arguments)?.not_empty(arguments)
    }

    /// The cases that are meant.
    pub(super) fn cases(&self) -> impl Iterator<Item = &PlannedCase> {
        self.suite.cases().filter(|case| self.select.selects(case))
    }

    /// What needs to know how cases went before.
    fn of_last_run(mut self, arguments: &ChoiceArguments) -> Result<Self, Failure> {
        if !arguments.last_failed && arguments.shard.is_none() {
            return Ok(self);
        }
        let last = LastRun::read()?;
        if arguments.last_failed {
            let failed: Vec<&str> = last.failed().collect();
            if failed.is_empty() {
                return Err(nothing(
                    "no case failed when it was last run here",
                    "without --last-failed every case is run",
                ));
            }
            self.select = self.select.among(failed);
        }
        if let Some(shard) = arguments.shard {
            let ids: Vec<&str> = self.cases().map(PlannedCase::id).collect();
            let mut chosen = shard.choose(ids, &last.durations());
            if shard.part() == 1 {
                // They take no time, and the parts together have to tell of each once.
                let rows = self.suite.left_out();
                let rows = rows.filter(|row| self.select.would_select(row));
                chosen.extend(rows.map(|row| row.id.clone()));
            }
            self.select = self.select.among(chosen);
        }
        Ok(self)
    }

    fn not_empty(self, arguments: &ChoiceArguments) -> Result<Self, Failure> {
        if self.cases().next().is_some() {
            return Ok(self);
        }
        if self.suite.is_empty() {
            return Err(nothing(
                "the files hold no cases",
                "name files with `cases`",
            ));
        }
        let tags = || self.suite.cases().flat_map(PlannedCase::tags);
        for tag in &arguments.tags {
            if !tags().any(|known| known == tag) {
                let what = format!("no case has the tag `{tag}`");
                let mend = match did_you_mean(tag, tags().map(String::as_str)) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => "`sealbank list` shows ids and tags".to_owned(),
                };
                return Err(nothing(&what, &mend));
            }
        }
        let count = match self.suite.len() {
            1 => "the only case is not".to_owned(),
            count => format!("none of {count} cases is"),
        };
        let what = format!("{count} selected by {}", said(arguments).join(" "));
        Err(nothing(&what, "`sealbank list` shows ids, places and tags"))
    }
}

/// Reads scenario files.
pub(super) fn read(paths: &[PathBuf]) -> Result<Suite, Failure> {
    read_of(paths, &mut BTreeSet::new())
}

fn read_of(paths: &[PathBuf], files: &mut BTreeSet<PathBuf>) -> Result<Suite, Failure> {
    if let [only] = paths
        && only == Path::new("scenarios")
        && !only.exists()
    {
        return Err(Failure::bad_input(
            "error: there is no directory `scenarios` here\nhelp: name scenario files or directories, or run it where sealbank's sources are",
        ));
    }
    let (suite, mut read) = load_with_files(paths);
    files.append(&mut read);
    suite.map_err(|mistakes| Failure::bad_input(mistakes.render(Style::Coloured)))
}

/// A file, and the line behind it if one is named; a file that really has such a name is meant itself.
pub(super) fn located(path: &Path) -> (PathBuf, Option<CaseLine>) {
    let whole = || (path.to_owned(), None);
    if path.exists() {
        return whole();
    }
    let Some((file, line)) = path.to_str().and_then(|text| text.rsplit_once(':')) else {
        return whole();
    };
    match line.parse() {
        Ok(line) => {
            let path = file.to_owned();
            (PathBuf::from(file), Some(CaseLine { path, line }))
        }
        Err(_) => whole(),
    }
}

/// What was said on the command line to select.
fn said(arguments: &ChoiceArguments) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    let lines = arguments
        .paths
        .iter()
        .filter(|path| located(path).1.is_some());
    said.extend(lines.map(|path| path.display().to_string()));
    said.extend(
        arguments
            .cases
            .iter()
            .map(|text| format!("--case `{text}`")),
    );
    said.extend(arguments.tags.iter().map(|tag| format!("--tag `{tag}`")));
    said.extend(
        arguments
            .filter
            .iter()
            .map(|text| format!("--filter `{text}`")),
    );
    if arguments.last_failed {
        said.push("--last-failed".to_owned());
    }
    said.extend(
        arguments
            .shard
            .iter()
            .map(|shard| format!("--shard {shard}")),
    );
    said
}

fn nothing(what: &str, mend: &str) -> Failure {
    Failure {
        exit: Exit::NothingSelected,
        message: format!("error: {what}, so nothing was run\nhelp: {mend}"),
    }
}
