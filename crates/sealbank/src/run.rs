//! `sealbank run`: scenarios, the reports that were asked for, and the exit code; and `list`, `check`, `replay`, `merge` and `schema`,
//! which go a part of the same way.

pub(crate) mod args;
pub(crate) mod check;
mod choice;
mod coverage;
mod determinism;
mod files;
mod last_run;
pub(crate) mod list;
pub(crate) mod merge;
mod profile;
pub(crate) mod replay;
mod reports;
pub(crate) mod schema;
mod snapshot_files;
pub(crate) mod target;
mod watch;

use sealbank_scenario::{
    AfterFailure, Order, RunExit, RunOptions, Seed, StopSignal, Suite, Summary, run_until,
};
use time::OffsetDateTime;

use self::args::{BeginOrder, CourseArguments, FlakyResult, RunArguments};
use self::choice::Choice;
use self::coverage::Covered;
use self::determinism::Story;
use self::last_run::ThisRun;
use self::profile::Settled;
use self::reports::Reports;
use self::snapshot_files::SnapshotFiles;
use crate::exit::{Exit, Failure};
use crate::interrupt;

/// Runs what `given` selects, as profile and environment complete it.
pub(crate) fn run(given: &RunArguments) -> Result<Exit, Failure> {
    if given.watch {
        return watch::watch(given);
    }
    let settled = Settled::of_this_process(&given.profile)?;
    let arguments = &settled.arguments;
    arguments.reports.color.choose();
    if arguments.profile.show_config {
        anstream::print!("{}", settled.show());
        return Ok(Exit::Success);
    }
    let choice = Choice::make(&arguments.choice)?;
    if arguments.list {
        return list::ids(&choice);
    }
    let stop = StopSignal::default();
    let told = stop.clone();
    interrupt::listen("stopping: reports are finished first", move || told.stop())?;
    play(arguments, choice, &stop)
}

/// Runs what was chosen, until somebody says stop.
fn play(arguments: &RunArguments, choice: Choice, stop: &StopSignal) -> Result<Exit, Failure> {
    let Choice { suite, select } = choice;
    let (suite, mut snapshots) = match arguments.update_snapshots {
        true => (
            suite.with_new_snapshots(),
            SnapshotFiles::New(snapshot_files::New::default()),
        ),
        false => (suite, SnapshotFiles::Kept),
    };
    arguments.target.agree_with(&arguments.course)?;
    let driver = arguments.target.driver()?;
    let options = RunOptions {
        select,
        shard: arguments.choice.shard,
        drivers: driver.unwrap_or_else(|| arguments.course.driver.into()),
        ..options(&arguments.course)
    };
    let mut reports = Reports::open(&arguments.reports, Some(OffsetDateTime::now_utc()))?;
    let mut covered = Covered::open(&arguments.coverage)?;
    let (mut this_run, mut story) = (ThisRun::default(), Story::default());
    let checks = arguments.course.check_determinism;
    let summary = run_until(stop, &suite, &options, &mut |event| {
        this_run.tell(event);
        reports.tell(event);
        covered.tell(event);
        snapshots.tell(event);
        if checks {
            story.tell(event);
        }
    })
    .map_err(|error| Failure::internal(format!("error: {error}")))?;
    this_run.keep(&suite);
    reports.finish()?;
    covered.finish(&arguments.reports)?;
    snapshots.finish()?;
    if arguments.update_snapshots {
        snapshot_files::tell_idle(&suite);
    }
    if checks && !stop.is_told() {
        same_again(&story, stop, &suite, &options)?;
    }
    if stop.is_told() {
        return Ok(Exit::Interrupted);
    }
    let exit = exit(&summary, arguments.course.flaky_result);
    match exit {
        Exit::Success => covered.judge().map(|()| exit),
        // What went wrong is told; that less was covered by it is no news.
        _ => Ok(exit),
    }
}

/// Runs everything a second time, without reports, and compares.
fn same_again(
    first: &Story,
    stop: &StopSignal,
    suite: &Suite,
    options: &RunOptions,
) -> Result<(), Failure> {
    let mut second = Story::default();
    run_until(stop, suite, options, &mut |event| second.tell(event))
        .map_err(|error| Failure::internal(format!("error: {error}")))?;
    if stop.is_told() {
        return Ok(());
    }
    match first.difference(&second) {
        None => {
            anstream::eprintln!("two runs told the same story");
            Ok(())
        }
        Some(difference) => Err(Failure {
            exit: Exit::Failed,
            message: difference.to_string(),
        }),
    }
}

fn options(course: &CourseArguments) -> RunOptions {
    RunOptions {
        jobs: course.jobs,
        after_failure: match course.limit() {
            Some(failures) => AfterFailure::StopAfter(failures),
            None => AfterFailure::GoOn,
        },
        order: match course.order {
            BeginOrder::File => Order::File,
            BeginOrder::Random => Order::Random(seed(course.seed)),
        },
        repeat: course.repeat,
        timeout: course.timeout,
        retries: course.retries,
        ..RunOptions::default()
    }
}

/// How a run ends; who takes flaky cases for failures says so.
fn exit(summary: &Summary, flaky: FlakyResult) -> Exit {
    match summary.exit() {
        RunExit::Passed if summary.flaky > 0 && flaky == FlakyResult::Fail => Exit::Failed,
        exit => exit.into(),
    }
}

/// The seed that was given, or one that is made up and told, so that the order can be had again.
fn seed(given: Option<u64>) -> Seed {
    let seed = given.unwrap_or_else(|| {
        // The clock's lower digits are enough: nobody has a reason to guess an order.
        u64::from(OffsetDateTime::now_utc().nanosecond())
    });
    anstream::eprintln!("order: random; again with --order random --seed {seed}");
    Seed(seed)
}

impl From<RunExit> for Exit {
    fn from(exit: RunExit) -> Self {
        match exit {
            RunExit::Passed => Self::Success,
            RunExit::Failed => Self::Failed,
            RunExit::Broken => Self::Internal,
            RunExit::NothingSelected => Self::NothingSelected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaky_cases_fail_a_run_only_where_that_is_asked_for() {
        let summary = |flaky, failed| Summary {
            passed: 1,
            flaky,
            failed,
            ..Summary::default()
        };
        for (flaky, failed, passing, failing) in [
            (0, 0, Exit::Success, Exit::Success),
            (1, 0, Exit::Success, Exit::Failed),
            (1, 1, Exit::Failed, Exit::Failed),
        ] {
            let summary = summary(flaky, failed);
            assert_eq!(exit(&summary, FlakyResult::Pass), passing, "{summary:?}");
            assert_eq!(exit(&summary, FlakyResult::Fail), failing, "{summary:?}");
        }
        let only_flaky = Summary {
            flaky: 1,
            ..Summary::default()
        };
        assert_eq!(exit(&only_flaky, FlakyResult::Pass), Exit::Success);
    }
}
