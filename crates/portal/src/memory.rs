//! Which sessions timed out lately, so that a page can say so instead of "no session" (MX-902, cases 19 and 80).
//!
//! The bank forgets a session when it ends; this is a courtesy to the reader and decides nothing.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sealbank_bank::{Abandonment, Change, Event, SessionEnd, SessionId};

/// How many are remembered.
const MOST: usize = 4_096;

/// The sessions that timed out lately.
#[derive(Debug, Default)]
pub(crate) struct TimedOut(Mutex<Lately>);

#[derive(Debug, Default)]
struct Lately {
    sessions: BTreeSet<SessionId>,
    order: VecDeque<SessionId>,
}

impl TimedOut {
    /// Remembers what a recorded event says.
    pub(crate) fn learn(&self, event: &Event) {
        let (Change::SessionEnded {
            session,
            cause: SessionEnd::TimedOut,
        }
        | Change::RetrievalAbandoned {
            session,
            cause: Abandonment::TimedOut,
            ..
        }) = &event.change
        else {
            return;
        };
        let mut lately = self.lately();
        if lately.sessions.insert(*session) {
            lately.order.push_back(*session);
        }
        if lately.order.len() > MOST
            && let Some(oldest) = lately.order.pop_front()
        {
            lately.sessions.remove(&oldest);
        }
    }

    /// Whether `session` timed out lately.
    pub(crate) fn knows(&self, session: &SessionId) -> bool {
        self.lately().sessions.contains(session)
    }

    fn lately(&self) -> MutexGuard<'_, Lately> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
