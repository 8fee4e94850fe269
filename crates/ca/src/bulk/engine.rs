//! The threads of a bulk run. A reader cuts the input into slices; workers draft them, and sign what
//! is recorded; one committer appends whatever is finished by then, drafts and certificates alike,
//! in one append; the caller's own thread releases. Workers never wait for the disk or for the
//! input, and no more slices are under way than [`AHEAD`] allows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use sealbank_journal::{Durable, Position};
use time::OffsetDateTime;

use super::input::Input;
use super::shelf::Shelf;
use super::slice::{Bench, DraftText, Outcomes, digest_of};
use super::{BlockPlace, BlockRecord, BulkOptions, BulkOutcome, BulkRequest, BulkSummary, Release};
use crate::template::Template;
use crate::{Authority, CaError};

/// How many slices may be under way for each worker: enough to work on while the disk syncs.
const AHEAD: usize = 6;

/// The first slice of each worker; the next ones double up to the slice that was asked for. So the disk has something
/// to sync soon, and a short run is shared among the workers.
const FIRST_SLICE: usize = 64;

/// The largest slice. A block of that many certificates with the longest keys fits an entry.
const MAX_SLICE: usize = 4096;

pub(super) fn run<'a>(
    authority: &Authority,
    requests: impl Iterator<Item = Result<BulkRequest<'a>, CaError>> + Send,
    options: &BulkOptions,
    release: &mut dyn FnMut(BulkOutcome<'_>) -> ControlFlow<()>,
    now: OffsetDateTime,
) -> Result<BulkSummary, CaError> {
    let earlier = authority.begin_run(options.run)?;
    let _running = Running(authority, options);
    let engine = Engine {
        authority,
        bench: Bench {
            issuer: authority.issuer(),
            profile: authority.profile(),
            template: Template::new(authority.issuer(), authority.profile())?,
            options: *options,
            shelf: Shelf::default(),
        },
        earlier,
        now,
        limit: options.threads.get().saturating_mul(AHEAD),
        desk: Mutex::new(Desk::default()),
        changed: Condvar::new(),
    };
    engine.work(Input::new(requests), release)
}

struct Engine<'e, 'r> {
    authority: &'e Authority,
    bench: Bench<'e>,
    /// What earlier parts of the run have recorded, in the order of the input.
    earlier: Vec<BlockPlace>,
    now: OffsetDateTime,
    /// How many slices may be under way.
    limit: usize,
    desk: Mutex<Desk<'r>>,
    /// Told whenever the desk changes.
    changed: Condvar,
}

/// What there is to do.
#[derive(Default)]
struct Desk<'r> {
    to_draft: VecDeque<ToDraft<'r>>,
    to_sign: VecDeque<ToSign>,
    /// Slices that were read and are not released.
    under_way: usize,
    input_ended: bool,
    /// Somebody failed; nobody begins anything new.
    stopped: bool,
    failure: Option<CaError>,
}

/// A slice of the input.
struct ToDraft<'r> {
    sequence: usize,
    requests: Vec<BulkRequest<'r>>,
}

/// Drafts that are recorded.
struct ToSign {
    recorded: Durable<BlockRecord>,
    text: DraftText,
    slice: SliceOutcomes,
}

/// Outcomes with their slice's place in the input.
struct SliceOutcomes {
    sequence: usize,
    outcomes: Outcomes,
}

/// A record, and what is to be done once it is durable.
struct Job {
    record: BlockRecord,
    next: Next,
}

enum Next {
    Sign(DraftText, SliceOutcomes),
    Release(SliceOutcomes),
}

enum Task<'r> {
    Sign(Box<ToSign>),
    Draft(ToDraft<'r>),
    GoHome,
}

impl<'r> Engine<'_, 'r> {
    fn work<I>(
        &self,
        input: Input<I>,
        release: &mut dyn FnMut(BulkOutcome<'_>) -> ControlFlow<()>,
    ) -> Result<BulkSummary, CaError>
    where
        I: Iterator<Item = Result<BulkRequest<'r>, CaError>> + Send,
    {
        let summary = thread::scope(|scope| {
            let (jobs, to_commit) = channel();
            let (done, to_release) = channel();
            scope.spawn(move || {
                let _guard = StopOnPanic(self);
                self.read_all(input);
            });
            for _ in 0..self.bench.options.threads.get() {
                let (jobs, done) = (jobs.clone(), done.clone());
                scope.spawn(move || {
                    let _guard = StopOnPanic(self);
                    self.serve(&jobs, &done);
                });
            }
            drop(jobs);
            scope.spawn(move || {
                let _guard = StopOnPanic(self);
                self.commit_all(&to_commit, &done);
            });
            let _guard = StopOnPanic(self);
            self.release_all(&to_release, release)
        });
        match self.desk().failure.take() {
            None => Ok(summary),
            Some(failure) => Err(failure),
        }
    }

    /// The reader's life.
    fn read_all<I>(&self, mut input: Input<I>)
    where
        I: Iterator<Item = Result<BulkRequest<'r>, CaError>>,
    {
        let mut sequence = 0;
        while self.there_is_room() {
            let (requests, end) = input.take(self.size_of_slice(sequence));
            let mut desk = self.desk();
            if requests.is_empty() || desk.input_ended {
                desk.under_way -= 1;
            } else {
                desk.to_draft.push_back(ToDraft { sequence, requests });
                sequence += 1;
            }
            drop(desk);
            self.changed.notify_all();
            if let Some(end) = end {
                self.end_input(end.err());
            }
        }
    }

    fn size_of_slice(&self, sequence: usize) -> usize {
        let doublings = sequence / self.bench.options.threads;
        let most = self.bench.options.slice.clamp(1, MAX_SLICE);
        let grown = u32::try_from(doublings)
            .ok()
            .and_then(|doublings| 1_usize.checked_shl(doublings));
        grown.map_or(most, |times| FIRST_SLICE.saturating_mul(times).min(most))
    }

    /// Waits until one more slice may be under way, and counts it; not if no more is wanted.
    fn there_is_room(&self) -> bool {
        let mut desk = self.desk();
        while !desk.stopped && !desk.input_ended {
            if desk.under_way < self.limit {
                desk.under_way += 1;
                return true;
            }
            desk = self
                .changed
                .wait(desk)
                .unwrap_or_else(PoisonError::into_inner);
        }
        false
    }

    /// A worker's life.
    fn serve(&self, jobs: &Sender<Job>, done: &Sender<SliceOutcomes>) {
        loop {
            let served = match self.next_task() {
                Task::GoHome => return,
                Task::Sign(work) => self.sign(*work, jobs),
                Task::Draft(slice) => self.draft(slice, jobs, done),
            };
            if let Err(failure) = served {
                self.fail(failure);
            }
        }
    }

    fn next_task(&self) -> Task<'r> {
        let mut desk = self.desk();
        loop {
            if desk.stopped {
                return Task::GoHome;
            }
            if let Some(work) = desk.to_sign.pop_front() {
                return Task::Sign(Box::new(work));
            }
            if let Some(slice) = desk.to_draft.pop_front() {
                return Task::Draft(slice);
            }
            if desk.input_ended && desk.under_way == 0 {
                return Task::GoHome;
            }
            desk = self
                .changed
                .wait(desk)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Drafts a slice of the input.
    fn draft(
        &self,
        slice: ToDraft<'r>,
        jobs: &Sender<Job>,
        done: &Sender<SliceOutcomes>,
    ) -> Result<(), CaError> {
        let ToDraft {
            sequence,
            mut requests,
        } = slice;
        let mut outcomes = Outcomes::default();
        let known = self.release_again(&mut requests, &mut outcomes)?;
        if requests.is_empty() {
            self.hand_over(done, outcomes, sequence);
            return Ok(());
        }
        let prefix = self.authority.reserve_prefix()?;
        let mut drafted = self.bench.draft(&requests, prefix, &mut outcomes)?;
        let refusals = &mut drafted.block.refusals;
        refusals.retain(|line| !known.contains(&line.position));
        let nothing_to_sign = drafted.block.drafts.is_empty();
        if nothing_to_sign && drafted.block.refusals.is_empty() {
            self.hand_over(done, outcomes, sequence);
            return Ok(());
        }
        let slice = SliceOutcomes { sequence, outcomes };
        let next = if nothing_to_sign {
            Next::Release(sorted(slice))
        } else {
            Next::Sign(drafted.text, slice)
        };
        let record = BlockRecord::Drafts(drafted.block);
        // The committer outlives the workers, unless it panicked; that is told elsewhere.
        drop(jobs.send(Job { record, next }));
        Ok(())
    }

    /// Takes out the requests that an earlier part of the run has certified, and tells which ones
    /// it has recorded a refusal of.
    fn release_again(
        &self,
        requests: &mut Vec<BulkRequest<'_>>,
        outcomes: &mut Outcomes,
    ) -> Result<Vec<u64>, CaError> {
        let mut refused = Vec::new();
        let (Some(first), Some(last)) = (requests.first(), requests.last()) else {
            return Ok(refused);
        };
        let (first, last) = (first.position, last.position);
        let meets = |place: &&BlockPlace| place.first <= last && first <= place.last;
        for place in self.earlier.iter().filter(meets) {
            if let BlockRecord::Drafts(block) = &*self.authority.recall_block(place.drafts)? {
                refused.extend(block.refusals.iter().map(|line| line.position));
            }
            let Some(certificates) = place.certificates else {
                continue;
            };
            let recorded = self.authority.recall_block(certificates)?;
            let BlockRecord::Certificates(block) = &*recorded else {
                let problem = format!("entry {certificates} is no block of certificates");
                return Err(CaError::Inconsistent { problem });
            };
            for line in block.lines() {
                let at = requests.binary_search_by_key(&line.position, |it| it.position);
                let Ok(at) = at else { continue };
                let found = digest_of(&requests[at].request);
                if found != line.request {
                    return Err(CaError::BulkInput {
                        position: line.position,
                        recorded: line.request,
                        found,
                    });
                }
                requests.remove(at);
                outcomes.sign_again(block, &line);
            }
        }
        Ok(refused)
    }

    fn sign(&self, work: ToSign, jobs: &Sender<Job>) -> Result<(), CaError> {
        let ToSign {
            recorded,
            text,
            mut slice,
        } = work;
        let block = self.bench.sign(&recorded, text, &mut slice.outcomes)?;
        let job = Job {
            record: BlockRecord::Certificates(block),
            next: Next::Release(sorted(slice)),
        };
        drop(jobs.send(job));
        Ok(())
    }

    /// The committer's life: whatever waits is recorded by one append.
    fn commit_all(&self, jobs: &Receiver<Job>, done: &Sender<SliceOutcomes>) {
        let mut unsigned = BTreeSet::new();
        while let Ok(first) = jobs.recv() {
            let waiting: Vec<_> = std::iter::once(first).chain(jobs.try_iter()).collect();
            if self.desk().stopped {
                continue;
            }
            if let Err(failure) = self.commit(waiting, &mut unsigned, done) {
                self.fail(failure);
            }
        }
        self.authority.leave_blocks_open(unsigned);
    }

    fn commit(
        &self,
        jobs: Vec<Job>,
        unsigned: &mut BTreeSet<Position>,
        done: &Sender<SliceOutcomes>,
    ) -> Result<(), CaError> {
        let (records, nexts): (Vec<_>, Vec<_>) =
            jobs.into_iter().map(|job| (job.record, job.next)).unzip();
        let recorded = self.authority.record_blocks(records, self.now)?;
        for (recorded, next) in recorded.into_iter().zip(nexts) {
            if let BlockRecord::Certificates(block) = &*recorded {
                unsigned.remove(&block.drafts);
            }
            match next {
                Next::Release(slice) => drop(done.send(slice)),
                Next::Sign(text, slice) => {
                    unsigned.insert(recorded.position());
                    let work = ToSign {
                        recorded,
                        text,
                        slice,
                    };
                    self.desk().to_sign.push_back(work);
                    self.changed.notify_all();
                }
            }
        }
        Ok(())
    }

    /// The caller's part: slices come in any order and are released in that of the input.
    fn release_all(
        &self,
        done: &Receiver<SliceOutcomes>,
        release: &mut dyn FnMut(BulkOutcome<'_>) -> ControlFlow<()>,
    ) -> BulkSummary {
        let mut summary = BulkSummary::default();
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        let mut releasing = ControlFlow::Continue(());
        for slice in done {
            waiting.insert(slice.sequence, slice.outcomes);
            while let Some(outcomes) = waiting.remove(&due) {
                due += 1;
                if releasing.is_continue() {
                    releasing = outcomes.iter().try_for_each(|outcome| {
                        let counted = summary.counter(&outcome);
                        release(outcome)?;
                        *counted += 1;
                        ControlFlow::Continue(())
                    });
                }
                if releasing.is_break() {
                    self.end_input(None);
                }
                self.bench.shelf.put(outcomes.into_buffer());
                self.slice_is_over();
            }
        }
        summary
    }

    fn hand_over(&self, done: &Sender<SliceOutcomes>, outcomes: Outcomes, sequence: usize) {
        // The receiver is the caller, who stays to the end.
        drop(done.send(sorted(SliceOutcomes { sequence, outcomes })));
    }

    fn slice_is_over(&self) {
        self.desk().under_way -= 1;
        self.changed.notify_all();
    }

    fn end_input(&self, problem: Option<CaError>) {
        let mut desk = self.desk();
        desk.input_ended = true;
        if desk.failure.is_none() {
            desk.failure = problem;
        }
        self.changed.notify_all();
    }

    fn fail(&self, failure: CaError) {
        let mut desk = self.desk();
        desk.stopped = true;
        desk.failure.get_or_insert(failure);
        self.changed.notify_all();
    }

    /// Nobody leaves the desk half changed, so one who panicked elsewhere has not spoilt it.
    fn desk(&self) -> MutexGuard<'_, Desk<'r>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BulkSummary {
    fn counter(&mut self, outcome: &BulkOutcome<'_>) -> &mut u64 {
        match outcome {
            BulkOutcome::Refused(_) => &mut self.refused,
            BulkOutcome::Signed(signed) => match signed.release {
                Release::First => &mut self.signed,
                Release::Again => &mut self.again,
            },
        }
    }
}

fn sorted(mut slice: SliceOutcomes) -> SliceOutcomes {
    slice.outcomes.sort();
    slice
}

/// A run that is noted as being at work.
struct Running<'a>(&'a Authority, &'a BulkOptions);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.end_run(self.1.run);
    }
}

/// Sends everybody home if one of them panics; the panic itself goes on to the caller.
struct StopOnPanic<'a, 'e, 'r>(&'a Engine<'e, 'r>);

impl Drop for StopOnPanic<'_, '_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.desk().stopped = true;
            self.0.changed.notify_all();
        }
    }
}
