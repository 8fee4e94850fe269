//! [`Course`]: begins one case after the other, as many at a time as there are slots.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{AfterFailure, Run, StopSignal};
use crate::case_run::{CaseRun, run_case};
use crate::event::Verdict;

/// The rules by which cases begin and end.
#[derive(Debug, Clone)]
pub(super) struct Course {
    pub(super) jobs: usize,
    pub(super) after_failure: AfterFailure,
    pub(super) timeout: Option<Duration>,
    pub(super) stop: StopSignal,
}

type Finished = (usize, CaseRun);

impl Course {
    /// Begins the cases in this sequence of their indices; what comes of each is told with its index.
    pub(super) fn begin(
        self,
        runtime: &tokio::runtime::Runtime,
        runs: Arc<[Run]>,
        sequence: Vec<usize>,
    ) -> mpsc::UnboundedReceiver<Finished> {
        let (tell, told) = mpsc::unbounded_channel();
        runtime.spawn(self.dispatch(runs, sequence, tell));
        told
    }

    async fn dispatch(
        self,
        runs: Arc<[Run]>,
        sequence: Vec<usize>,
        tell: mpsc::UnboundedSender<Finished>,
    ) {
        let slots = Arc::new(Semaphore::new(self.jobs));
        let failures = Arc::new(AtomicUsize::new(0));
        for index in sequence {
            // The semaphore is never closed; without a slot the case would only begin early.
            let slot = Arc::clone(&slots).acquire_owned().await.ok();
            if self.is_over(&failures) {
                // Nobody listens any more only when the run itself is over.
                let _ = tell.send((index, CaseRun::skipped()));
                continue;
            }
            let (course, runs) = (self.clone(), Arc::clone(&runs));
            let (failures, tell) = (Arc::clone(&failures), tell.clone());
            tokio::spawn(async move {
                let Some(run) = runs.get(index) else { return };
                let run = course.play(run, &failures, slot).await;
                let _ = tell.send((index, run));
            });
        }
    }

    /// Plays one case; the slot is given back at its end, after a failure has been counted.
    async fn play(
        &self,
        run: &Run,
        failures: &AtomicUsize,
        _slot: Option<OwnedSemaphorePermit>,
    ) -> CaseRun {
        let run = tokio::select! {
            run = run_case(&run.case, self.timeout) => run,
            () = self.stop.told() => CaseRun::skipped(),
        };
        if matches!(run.verdict, Verdict::Failed(_) | Verdict::Broken { .. }) {
            failures.fetch_add(1, Ordering::Relaxed);
        }
        run
    }

    fn is_over(&self, failures: &AtomicUsize) -> bool {
        let enough = match self.after_failure {
            AfterFailure::GoOn => None,
            AfterFailure::StopAfter(failures) => Some(NonZeroUsize::get(failures)),
        };
        self.stop.is_told()
            || enough.is_some_and(|enough| failures.load(Ordering::Relaxed) >= enough)
    }
}
