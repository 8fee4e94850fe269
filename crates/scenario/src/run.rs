//! Running a suite: every case in a world of its own, several at the same time, told in the order of the cases.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::sync::{Semaphore, mpsc};

use crate::case_run::{CaseRun, run_case};
use crate::event::{CaseName, CaseResult, CaseStart, EVENT_VERSION, RunEvent, Summary, Verdict};
use crate::plan::{PlannedCase, Suite};
use crate::selection::Selection;

/// What to run, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// How many cases run at the same time; as many as there are cores when absent.
    pub jobs: Option<NonZeroUsize>,
    /// Which cases.
    pub select: Selection,
    /// Whether to go on after a failure.
    pub after_failure: AfterFailure,
}

/// Whether further cases are begun after one failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AfterFailure {
    /// They are.
    #[default]
    GoOn,
    /// They are not; those under way are finished.
    Stop,
}

/// The run could not begin.
#[derive(Debug, thiserror::Error)]
#[error("the threads for the run could not be started: {0}; close other programs")]
pub struct RunError(#[from] std::io::Error);

/// Runs the selected cases and tells of it; blocks until all is over.
///
/// # Errors
/// [`RunError`] when no thread can be started; nothing was run then. A failed case is no error.
pub fn run(
    suite: &Suite,
    options: &RunOptions,
    tell: &mut dyn FnMut(&RunEvent),
) -> Result<Summary, RunError> {
    let begin = Instant::now();
    let selected: Vec<PlannedCase> = suite
        .cases()
        .filter(|case| options.select.selects(case))
        .cloned()
        .collect();
    tell(&RunEvent::RunStarted {
        version: EVENT_VERSION,
        cases: selected.len(),
        deselected: suite.len() - selected.len(),
    });
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let jobs = options.jobs.unwrap_or(cores).get();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(jobs.min(cores.get()))
        .enable_all()
        .build()?;
    let mut summary = Summary::default();
    let mut order = InOrder::new(&selected);
    let mut finished = spawn(&runtime, &selected, jobs, options.after_failure);
    while let Some((index, run)) = finished.blocking_recv() {
        order.hand_in(index, run, tell, &mut summary);
    }
    // A task that was lost tells nothing; its case must not be counted as one that passed.
    order.close(tell, &mut summary);
    runtime.shutdown_background();
    summary.duration_ms = milliseconds(begin);
    tell(&RunEvent::RunFinished(summary.clone()));
    Ok(summary)
}

fn spawn(
    runtime: &tokio::runtime::Runtime,
    cases: &[PlannedCase],
    jobs: usize,
    after_failure: AfterFailure,
) -> mpsc::UnboundedReceiver<(usize, CaseRun)> {
    let (tell, told) = mpsc::unbounded_channel();
    let slots = Arc::new(Semaphore::new(jobs));
    let stopped = Arc::new(AtomicBool::new(false));
    for (index, case) in cases.iter().cloned().enumerate() {
        let (tell, slots, stopped) = (tell.clone(), Arc::clone(&slots), Arc::clone(&stopped));
        runtime.spawn(async move {
            // The semaphore is never closed; without a slot the case would only begin early.
            let _slot = slots.acquire_owned().await;
            if stopped.load(Ordering::Relaxed) {
                let _ = tell.send((index, CaseRun::skipped()));
                return;
            }
            let run = run_case(&case).await;
            if after_failure == AfterFailure::Stop && !matches!(run.verdict, Verdict::Passed) {
                stopped.store(true, Ordering::Relaxed);
            }
            // Nobody listens any more only when the run itself is over.
            let _ = tell.send((index, run));
        });
    }
    told
}

/// Tells of cases in their order, however they come in.
struct InOrder<'c> {
    cases: &'c [PlannedCase],
    waiting: BTreeMap<usize, CaseRun>,
    next: usize,
}

impl<'c> InOrder<'c> {
    fn new(cases: &'c [PlannedCase]) -> Self {
        Self {
            cases,
            waiting: BTreeMap::new(),
            next: 0,
        }
    }

    fn hand_in(
        &mut self,
        index: usize,
        run: CaseRun,
        tell: &mut dyn FnMut(&RunEvent),
        summary: &mut Summary,
    ) {
        self.waiting.insert(index, run);
        while let Some(run) = self.waiting.remove(&self.next) {
            if let Some(case) = self.cases.get(self.next) {
                tell_case(case, run, tell, summary);
            }
            self.next += 1;
        }
    }

    fn close(&mut self, tell: &mut dyn FnMut(&RunEvent), summary: &mut Summary) {
        while let Some(case) = self.cases.get(self.next) {
            let run = self
                .waiting
                .remove(&self.next)
                .unwrap_or_else(CaseRun::lost);
            tell_case(case, run, tell, summary);
            self.next += 1;
        }
    }
}

fn tell_case(
    case: &PlannedCase,
    run: CaseRun,
    tell: &mut dyn FnMut(&RunEvent),
    summary: &mut Summary,
) {
    let title = case.title();
    let suite = &case.scene().title;
    let written = case.place().block();
    let name = CaseName {
        id: case.id().to_owned(),
        ja: format!("{} / {}", suite.ja, title.ja),
        en: format!("{} / {}", suite.en, title.en),
        path: case.path().to_owned(),
        line: written.first_line,
    };
    summary.count(&run.verdict);
    tell(&RunEvent::CaseStarted(CaseStart {
        name: name.clone(),
        end_line: written.last_line,
        source: written.text.to_owned(),
    }));
    run.steps.iter().for_each(&mut *tell);
    tell(&RunEvent::CaseFinished(CaseResult {
        name,
        steps: case.steps().len(),
        verdict: run.verdict,
        duration_ms: run.duration_ms,
    }));
}

pub(crate) fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
