//! [`Course`]: begins one case after the other, as many at a time as there are slots.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{AfterFailure, Drivers, Run, StopSignal};
use crate::case_run::CaseRun;
use crate::event::{Attempt, Verdict};

/// The rules by which cases begin and end.
#[derive(Debug, Clone)]
pub(super) struct Course {
    pub(super) jobs: usize,
    pub(super) after_failure: AfterFailure,
    pub(super) timeout: Option<Duration>,
    pub(super) retries: usize,
    pub(super) drivers: Drivers,
    pub(super) stop: StopSignal,
}

type Finished = (usize, Tried);

/// What came of a case, over all attempts.
pub(super) struct Tried {
    pub(super) last: CaseRun,
    /// Those before the last one, none of which passed.
    pub(super) earlier: Vec<Attempt>,
}

impl From<CaseRun> for Tried {
    fn from(last: CaseRun) -> Self {
        let earlier = Vec::new();
        Self { last, earlier }
    }
}

impl Tried {
    /// Whether to try again.
    fn is_open(&self, retries: usize) -> bool {
        self.last.verdict.is_bad() && self.earlier.len() < retries
    }

    /// The same after one more attempt; what passes only now is flaky.
    /// Where somebody said stop, the attempt before counts, which came to its end.
    fn again(self, next: CaseRun) -> ControlFlow<Self, Self> {
        if next.verdict == Verdict::Skipped {
            return ControlFlow::Break(self);
        }
        let Self { last, mut earlier } = self;
        earlier.push(Attempt {
            verdict: last.verdict,
            duration_ms: last.duration_ms,
        });
        let verdict = match next.verdict {
            Verdict::Passed => Verdict::Flaky,
            other => other,
        };
        let last = CaseRun { verdict, ..next };
        ControlFlow::Continue(Self { last, earlier })
    }
}

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
                let _ = tell.send((index, Tried::from(CaseRun::skipped())));
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
    ) -> Tried {
        let mut tried = Tried::from(self.attempt(run).await);
        while tried.is_open(self.retries) {
            match tried.again(self.attempt(run).await) {
                ControlFlow::Continue(again) => tried = again,
                ControlFlow::Break(before) => {
                    tried = before;
                    break;
                }
            }
        }
        if tried.last.verdict.is_bad() {
            failures.fetch_add(1, Ordering::Relaxed);
        }
        tried
    }

    async fn attempt(&self, run: &Run) -> CaseRun {
        tokio::select! {
            run = self.drivers.play(&run.case, self.timeout) => run,
            () = self.stop.told() => CaseRun::skipped(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn broken() -> Verdict {
        let error = "no port".to_owned();
        Verdict::Broken { error }
    }

    fn run(verdict: Verdict) -> CaseRun {
        CaseRun {
            steps: Vec::new(),
            seen: Vec::new(),
            verdict,
            duration_ms: 7,
        }
    }

    /// The verdict after attempts that end like this, and how many count.
    fn tried(retries: usize, attempts: Vec<Verdict>) -> (Verdict, usize) {
        let mut attempts = attempts.into_iter().map(run);
        let mut tried = Tried::from(attempts.next().expect("there is a first attempt"));
        while tried.is_open(retries) {
            let next = attempts.next().expect("there is no attempt too many");
            match tried.again(next) {
                ControlFlow::Continue(again) => tried = again,
                ControlFlow::Break(before) => {
                    tried = before;
                    break;
                }
            }
        }
        assert!(tried.earlier.iter().all(|attempt| attempt.duration_ms == 7));
        (tried.last.verdict, tried.earlier.len() + 1)
    }

    #[test]
    fn a_case_is_tried_again_until_it_passes_and_is_flaky_then() {
        let passes_at = |attempt: usize| {
            let mut verdicts = vec![broken(); attempt - 1];
            verdicts.push(Verdict::Passed);
            verdicts
        };
        assert_eq!(tried(2, passes_at(1)), (Verdict::Passed, 1));
        assert_eq!(tried(2, passes_at(2)), (Verdict::Flaky, 2));
        assert_eq!(tried(2, passes_at(3)), (Verdict::Flaky, 3));
        assert_eq!(tried(2, vec![broken(); 3]), (broken(), 3));
        assert_eq!(tried(0, passes_at(2)), (broken(), 1));
    }

    #[test]
    fn an_attempt_that_was_given_up_does_not_hide_the_failure_before_it() {
        assert_eq!(tried(3, vec![broken(), Verdict::Skipped]), (broken(), 1));
        assert_eq!(tried(3, vec![Verdict::Skipped]), (Verdict::Skipped, 1));
    }
}
