//! [`Course`]: begins one case after the other, as many at a time as there are threads.
//!
//! A case lives in one thread from its beginning to its end: bank, PCs and people take turns there, so that none of
//! them waits for a processor, and cases share nothing but the queue that they come from.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;
use std::{io, thread, vec};

use tokio::runtime::{Builder, Runtime};

use super::drivers::Ways;
use super::{AfterFailure, Run, StopSignal};
use crate::case_run::CaseRun;
use crate::event::{Attempt, Verdict};

/// The rules by which cases begin and end.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) jobs: usize,
    pub(super) after_failure: AfterFailure,
    pub(super) timeout: Option<Duration>,
    pub(super) retries: usize,
    pub(super) ways: Ways,
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
    /// Tries until one attempt passes, and so many times after the first; what passes only then is flaky.
    /// Where somebody said stop, the attempt before counts, which came to its end.
    async fn over(retries: usize, mut attempt: impl AsyncFnMut() -> CaseRun) -> Self {
        let mut tried = Self::from(attempt().await);
        while tried.last.verdict.is_bad() && tried.earlier.len() < retries {
            let next = attempt().await;
            let verdict = match next.verdict {
                Verdict::Skipped => break,
                Verdict::Passed => Verdict::Flaky,
                other => other,
            };
            tried.earlier.push(Attempt {
                verdict: tried.last.verdict,
                duration_ms: tried.last.duration_ms,
            });
            tried.last = CaseRun { verdict, ..next };
        }
        tried
    }
}

/// What the threads of a run share.
struct Shared {
    course: Course,
    runs: Arc<[Run]>,
    /// The indices of the cases that have not begun.
    queue: Mutex<vec::IntoIter<usize>>,
    failures: AtomicUsize,
}

impl Course {
    /// Begins the cases in this sequence of their indices; what comes of each is told with its index. A case that
    /// panicked is told of no more.
    ///
    /// # Errors
    /// When not every thread could be started; no case has begun then.
    pub(super) fn begin(
        self,
        runs: Arc<[Run]>,
        sequence: Vec<usize>,
    ) -> io::Result<mpsc::Receiver<Finished>> {
        let jobs = self.jobs.min(sequence.len());
        let shared = Arc::new(Shared {
            course: self,
            runs,
            queue: Mutex::new(Vec::new().into_iter()),
            failures: AtomicUsize::new(0),
        });
        let (tell, told) = mpsc::channel();
        // Nobody takes a case before all are there.
        let mut queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        for job in 1..=jobs {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let (shared, tell) = (Arc::clone(&shared), tell.clone());
            thread::Builder::new()
                .name(format!("job {job}"))
                .spawn(move || shared.work(runtime, &tell))?;
        }
        *queue = sequence.into_iter();
        drop(queue);
        Ok(told)
    }

    async fn attempt(&self, run: &Run) -> CaseRun {
        tokio::select! {
            run = self.ways.play(&run.case, self.timeout) => run,
            () = self.stop.told() => CaseRun::skipped(),
        }
    }
}

impl Shared {
    /// One thread's work: case after case, until none is left.
    fn work(&self, runtime: Runtime, tell: &mpsc::Sender<Finished>) {
        while let Some(index) = self.next() {
            let Some(run) = self.runs.get(index) else {
                continue;
            };
            if self.is_over() {
                // Nobody listens any more only when the run itself is over.
                let _ = tell.send((index, Tried::from(CaseRun::skipped())));
                continue;
            }
            // What panicked has a world of its own, which is gone with it.
            let tried = catch_unwind(AssertUnwindSafe(|| runtime.block_on(self.play(run))));
            if let Ok(tried) = tried {
                let _ = tell.send((index, tried));
            }
        }
        // A connection that is open still may stay so for as long as the other side likes.
        runtime.shutdown_background();
    }

    fn next(&self) -> Option<usize> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.next()
    }

    /// Plays one case and counts its failure.
    async fn play(&self, run: &Run) -> Tried {
        let attempt = async || self.course.attempt(run).await;
        let tried = Tried::over(self.course.retries, attempt).await;
        if tried.last.verdict.is_bad() {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        tried
    }

    fn is_over(&self) -> bool {
        let enough = match self.course.after_failure {
            AfterFailure::GoOn => None,
            AfterFailure::StopAfter(failures) => Some(NonZeroUsize::get(failures)),
        };
        self.course.stop.is_told()
            || enough.is_some_and(|enough| self.failures.load(Ordering::Relaxed) >= enough)
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
        let attempt = async || attempts.next().expect("there is no attempt too many");
        let runtime = Builder::new_current_thread().build().unwrap();
        let tried = runtime.block_on(Tried::over(retries, attempt));
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
