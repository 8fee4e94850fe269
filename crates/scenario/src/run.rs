//! Running a suite: every case in a world of its own, several at the same time, told in the order of the cases.
//!
//! Which case begins when is decided in [`dispatch`]; in which order they are told is kept in [`in_order`].

mod dispatch;
mod drivers;
mod in_order;
mod order;
mod stop;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sealbank_ca::CaError;
use sealbank_portal::PortalError;

use crate::event::{EVENT_VERSION, RunEvent, Summary};
use crate::plan::{PlannedCase, Suite};
use crate::selection::{Selection, Shard};

use dispatch::Course;
use drivers::Ways;
use in_order::InOrder;

pub use drivers::{DriverName, Drivers};
pub use order::{Order, Seed};
pub use stop::StopSignal;

/// What to run, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// How many cases run at the same time; as many as there are cores when absent. Always one against a
    /// [`Drivers::Target`], which all cases share.
    pub jobs: Option<NonZeroUsize>,
    /// Which cases.
    pub select: Selection,
    /// Whether to go on after a failure.
    pub after_failure: AfterFailure,
    /// How often each case is run; once when absent. The second time its id ends with `#2`.
    pub repeat: Option<NonZeroUsize>,
    /// In which order cases begin. They are told in the order of the files all the same.
    pub order: Order,
    /// How long a case may take in real time; one that takes longer fails in the step that is under way.
    pub timeout: Option<Duration>,
    /// How often a case that did not pass is tried again, each time in a fresh world.
    pub retries: usize,
    /// By which driver cases are played.
    pub drivers: Drivers,
    /// Which part of a run this is, when several machines share it; it is told, and selects nothing.
    pub shard: Option<Shard>,
}

/// Whether further cases are begun after some failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AfterFailure {
    /// They are.
    #[default]
    GoOn,
    /// They are not after so many failures; those under way are finished.
    StopAfter(NonZeroUsize),
}

/// A case that is to be run, and for which time.
pub(crate) struct Run {
    /// Shared by all times that it is repeated.
    pub(crate) case: Arc<PlannedCase>,
    /// Which of all cases it is, counted from 1.
    pub(crate) number: usize,
    /// Counted from 1.
    pub(crate) time: usize,
}

/// The run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No thread for a job.
    #[error("the threads for the run could not be started: {0}; close other programs")]
    Threads(#[from] std::io::Error),
    /// No keys for the CA of the banks.
    #[error("the CA of the run could not be made: {0}")]
    Ca(#[from] CaError),
    /// No certificates for the web servers of the banks.
    #[error("the web servers' certificates of the run could not be made: {0}")]
    Web(#[from] PortalError),
}

/// Runs the selected cases and tells of it; blocks until all is over.
///
/// # Errors
/// [`RunError`] when no thread can be started, or the system gives no randomness; nothing was run then. A failed case is no error.
pub fn run(
    suite: &Suite,
    options: &RunOptions,
    tell: &mut dyn FnMut(&RunEvent),
) -> Result<Summary, RunError> {
    run_until(&StopSignal::default(), suite, options, tell)
}

/// The same until somebody says stop: no further case begins then, those under way are given up, and both are told as
/// skipped, so that every report comes to its end.
///
/// # Errors
/// As [`run()`].
pub fn run_until(
    stop: &StopSignal,
    suite: &Suite,
    options: &RunOptions,
    tell: &mut dyn FnMut(&RunEvent),
) -> Result<Summary, RunError> {
    let begin = Instant::now();
    let ways = Ways::of(&options.drivers)?;
    let repeat = options.repeat.map_or(1, NonZeroUsize::get);
    let selected: Vec<(usize, &PlannedCase)> = (1..)
        .zip(suite.cases())
        .filter(|(_, case)| options.select.selects(case))
        .collect();
    let runs: Arc<[Run]> = selected
        .iter()
        .flat_map(|&(number, case)| {
            let case = Arc::new(case.clone());
            (1..=repeat).map(move |time| Run {
                case: Arc::clone(&case),
                number,
                time,
            })
        })
        .collect();
    tell(&RunEvent::RunStarted {
        version: EVENT_VERSION,
        cases: runs.len(),
        deselected: suite.len() - selected.len(),
        driver: options.drivers.name(),
        shard: options.shard,
    });
    let mut summary = Summary::default();
    for row in suite
        .left_out()
        .filter(|row| options.select.would_select(row))
    {
        summary.left_out += 1;
        tell(&in_order::left_out(row));
    }
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let jobs = match options.drivers {
        Drivers::Target(_) => 1,
        _ => options.jobs.unwrap_or(cores).get(),
    };
    let mut order = InOrder::new(&runs);
    let course = Course {
        jobs,
        after_failure: options.after_failure,
        timeout: options.timeout,
        retries: options.retries,
        ways,
        stop: stop.clone(),
    };
    let sequence = options.order.of(runs.len());
    for (index, run) in course.begin(Arc::clone(&runs), sequence)? {
        order.hand_in(index, run, tell, &mut summary);
    }
    // A case that panicked tells nothing; it must not be counted as one that passed.
    order.close(tell, &mut summary);
    summary.duration_ms = milliseconds(begin);
    tell(&RunEvent::RunFinished(summary.clone()));
    Ok(summary)
}

impl Run {
    /// The id that it is told by.
    pub(crate) fn id(&self) -> String {
        match self.time {
            1 => self.case.id().to_owned(),
            time => format!("{}#{time}", self.case.id()),
        }
    }
}

pub(crate) fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
