//! The bank at work: its books, its journal, its authority and its clock, and the doors to them.
//!
//! The walk of a command is in [`crate::walk`], a retrieval's signing in [`crate::enrolment`], start-up in
//! [`crate::recovery`]. Nothing here knows of HTTP.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use sealbank_bank::{Answer, Bank, Command, ContractId, Move};
use sealbank_ca::Authority;
use sealbank_journal::Journal;
use time::{Duration, OffsetDateTime};

use crate::activity::{Activity, Kind};
use crate::clock::Clock;
use crate::crash::Bell;
use crate::decoy::Decoy;
use crate::error::{Failure, PortalError};
use crate::exchange::Exchange;
use crate::fault::Faults;
use crate::lane::Lanes;
use crate::memory::TimedOut;
use crate::minutes::Minutes;
use crate::origin::Origin;
use crate::secret::Seal;
use crate::trail::{Note, Trail, TrailEntry};
use crate::work;

/// The bank at work.
///
/// Commands are carried out where nobody can cancel them: a client that hangs up never leaves a
/// command half done. Dropping the future of [`App::perform`] gives up the answer, not the command.
pub struct App {
    bank: RwLock<Bank>,
    pub(crate) lanes: Lanes,
    pub(crate) journal: Arc<dyn Journal>,
    authority: Arc<Authority>,
    clock: Clock,
    trail: Trail,
    pub(crate) minutes: Minutes,
    pub(crate) timed_out: TimedOut,
    pub(crate) decoy: Decoy,
    pub(crate) activity: Activity,
    pub(crate) seal: Seal,
    pub(crate) faults: Faults,
    pub(crate) bell: Bell,
}

impl App {
    /// A bank at work on `bank`'s books, which are as the journal says.
    pub(crate) fn new(
        bank: Bank,
        lanes: Lanes,
        journal: Arc<dyn Journal>,
        authority: Arc<Authority>,
        clock: Clock,
        faults: Faults,
        trail: Trail,
    ) -> Result<Self, PortalError> {
        Ok(Self {
            decoy: Decoy::new(bank.settings().pin_cost)?,
            bank: RwLock::new(bank),
            lanes,
            journal,
            authority,
            clock,
            trail,
            minutes: Minutes::default(),
            timed_out: TimedOut::default(),
            activity: Activity::new(),
            seal: Seal::random()?,
            faults,
            bell: Bell::new(),
        })
    }

    /// The clock that everything here reads. Move it by [`App::advance`] and [`App::set_clock`], which tell the
    /// bank about it.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The certification authority.
    #[must_use]
    pub fn authority(&self) -> &Arc<Authority> {
        &self.authority
    }

    /// Reads the books. Commands wait meanwhile, so be brief.
    pub fn bank<R>(&self, read: impl FnOnce(&Bank) -> R) -> R {
        read(&self.books())
    }

    /// What happened, oldest first; the oldest of all are forgotten.
    #[must_use]
    pub fn trail(&self) -> Vec<TrailEntry> {
        self.trail.since(0)
    }

    /// How many entries the trail ever had: a mark for [`trail_since`](Self::trail_since).
    #[must_use]
    pub fn trail_noted(&self) -> usize {
        self.trail.noted()
    }

    /// What happened after `mark` entries were [noted](Self::trail_noted), oldest first, as far as it is not forgotten.
    #[must_use]
    pub fn trail_since(&self, mark: usize) -> Vec<TrailEntry> {
        self.trail.since(mark)
    }

    /// The rows of the transition table that people went through since this was last called, oldest first, and where
    /// they stood before; the oldest of all are forgotten.
    #[must_use]
    pub fn take_minutes(&self) -> Vec<Move> {
        self.minutes.take()
    }

    /// Carries out one command at the counter: read the clock, decide, record, apply, act.
    ///
    /// # Errors
    /// [`Failure::Refused`] when the bank says no, [`Failure::Failed`] when it could not be recorded.
    pub async fn perform(self: &Arc<Self>, command: Command) -> Result<Answer, Failure> {
        self.perform_from(Origin::Control, command).await
    }

    /// As [`App::perform`], from another door.
    pub(crate) async fn perform_from(
        self: &Arc<Self>,
        origin: Origin,
        command: Command,
    ) -> Result<Answer, Failure> {
        self.detached(move |app| app.walk(origin, &command)).await
    }

    /// Moves the clock by `by` and lets the bank see the time that passed (T21, T29, T30).
    ///
    /// # Errors
    /// [`Failure::Failed`] when that could not be recorded.
    pub async fn advance(self: &Arc<Self>, by: Duration) -> Result<OffsetDateTime, Failure> {
        self.clock.advance(by);
        self.let_time_pass().await
    }

    /// Sets the clock to `at` and lets the bank see the time that passed.
    ///
    /// # Errors
    /// [`Failure::Failed`] when that could not be recorded.
    pub async fn set_clock(
        self: &Arc<Self>,
        at: OffsetDateTime,
    ) -> Result<OffsetDateTime, Failure> {
        self.clock.set(at);
        self.let_time_pass().await
    }

    /// Lets every contract see the time that passed.
    pub(crate) async fn let_time_pass(self: &Arc<Self>) -> Result<OffsetDateTime, Failure> {
        self.detached(|app| {
            for contract in app.contracts() {
                app.walk(Origin::Bank, &Command::PassTime { contract })?;
            }
            Ok(app.clock.now())
        })
        .await
    }

    /// Runs blocking `work` to its end, whoever waits for it or not.
    pub(crate) async fn detached<R: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Failure> {
        let app = Arc::clone(self);
        let busy = self.activity.begin(Kind::Work);
        let exchange = Exchange::current();
        work::done(&self.journal.medium(), move || {
            let result = match exchange {
                Some(exchange) => exchange.within(|| work(&app)),
                None => work(&app),
            };
            // Whoever waits for the end of all work may open the same journal next, so let go of this one first.
            drop(app);
            drop(busy);
            result
        })
        .await?
    }

    pub(crate) fn contracts(&self) -> Vec<ContractId> {
        self.bank(|bank| bank.contracts().map(|(id, _)| id.clone()).collect())
    }

    pub(crate) fn note(&self, note: Note<'_>) {
        self.trail.note(note);
    }

    /// Writes into the books; only what is recorded gets here.
    pub(crate) fn books_mut(&self) -> RwLockWriteGuard<'_, Bank> {
        // An event is applied whole or not at all, so a thread that panicked has left the books sound.
        self.bank.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn books(&self) -> RwLockReadGuard<'_, Bank> {
        self.bank.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("journal", &self.journal.medium())
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}
