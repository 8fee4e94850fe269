//! `sealbank replay`: one case, and all that happened in it.

use std::io::Write;
use std::num::NonZeroUsize;

use sealbank_scenario::report::{Detail, Terminal};
use sealbank_scenario::{
    PlannedCase, RunOptions, Selection, Suite, did_you_mean, run as run_suite,
};

use super::args::ReplayArguments;
use super::choice::read;
use super::reports::{heard, on_terminal, unwritten};
use crate::exit::{Exit, Failure};

/// Runs the case that `arguments` name.
pub(crate) fn replay(arguments: &ReplayArguments) -> Result<Exit, Failure> {
    arguments.color.choose();
    let suite = read(&arguments.paths)?;
    let ids = || suite.cases().map(PlannedCase::id);
    if !ids().any(|id| id == arguments.id) {
        return Err(no_such_case(&suite, &arguments.id));
    }
    let driver = arguments.target.driver()?;
    let options = RunOptions {
        jobs: Some(NonZeroUsize::MIN),
        drivers: driver.unwrap_or_else(|| arguments.driver.into()),
        select: Selection::default().among([arguments.id.as_str()]),
        ..RunOptions::default()
    };
    let screen = Terminal::new(anstream::stdout(), arguments.lang.into(), Detail::Trails);
    let mut screen = on_terminal(screen);
    let summary = run_suite(&suite, &options, &mut |event| screen.tell(event))
        .map_err(|error| Failure::internal(format!("error: {error}")))?;
    let shown = screen.finish().and_then(|mut screen| screen.flush());
    heard(shown).map_err(|error| unwritten("the screen", &error))?;
    Ok(summary.exit().into())
}

fn no_such_case(suite: &Suite, id: &str) -> Failure {
    let mend = match did_you_mean(id, suite.cases().map(PlannedCase::id)) {
        Some(known) => format!("did you mean `{known}`?"),
        None => "`sealbank list` shows the ids".to_owned(),
    };
    Failure {
        exit: Exit::NothingSelected,
        message: format!("error: there is no case `{id}`\nhelp: {mend}"),
    }
}
