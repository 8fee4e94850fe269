//! `sealbank merge`: the reports of a run that several machines shared.

use std::path::Path;

use sealbank_scenario::{EventStream, RunEvent, Summary, merge as merged};

use super::args::MergeArguments;
use super::coverage::Covered;
use super::reports::Reports;
use crate::exit::{Exit, Failure};

/// Tells what the streams that `arguments` name tell together.
pub(crate) fn merge(arguments: &MergeArguments) -> Result<Exit, Failure> {
    arguments.reports.color.choose();
    let mut streams = Vec::new();
    let mut mistakes = Vec::new();
    for path in &arguments.files {
        match read(path) {
            Ok(stream) => streams.push(stream),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if !mistakes.is_empty() {
        return Err(refused(&mistakes));
    }
    let events = merged(streams).map_err(|mistakes| {
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        refused(&mistakes)
    })?;
    // When the parts were run is not told in them, and it was not now.
    let mut reports = Reports::open(&arguments.reports, None)?;
    let mut covered = Covered::open(&arguments.coverage)?;
    let mut summary = Summary::default();
    for event in &events {
        reports.tell(event);
        covered.tell(event);
        if let RunEvent::RunFinished(end) = event {
            summary = end.clone();
        }
    }
    reports.finish()?;
    covered.finish(&arguments.reports)?;
    let exit = super::exit(&summary, arguments.flaky_result);
    match exit {
        Exit::Success => covered.judge().map(|()| exit),
        _ => Ok(exit),
    }
}

fn read(path: &Path) -> Result<EventStream, String> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    EventStream::read(&name, &text).map_err(|error| error.to_string())
}

fn refused(mistakes: &[String]) -> Failure {
    let mistakes = mistakes.iter().map(|mistake| format!("error: {mistake}"));
    Failure::bad_input(mistakes.collect::<Vec<_>>().join("\n"))
}
