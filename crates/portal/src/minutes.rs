//! The minutes: which rows of the transition table (procedure 1.4) people went through, and where they stood before;
//! for whoever wants to know what a run has covered. Nobody decides by them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sealbank_bank::Move;

use crate::trail::TRAIL_LENGTH;

/// The newest transitions that nobody has taken yet; as many as the trail has entries.
#[derive(Debug, Default)]
pub(crate) struct Minutes(Mutex<VecDeque<Move>>);

impl Minutes {
    pub(crate) fn note(&self, moves: impl IntoIterator<Item = Move>) {
        let mut noted = self.noted();
        noted.extend(moves);
        let surplus = noted.len().saturating_sub(TRAIL_LENGTH);
        noted.drain(..surplus);
    }

    /// Everything since this was last called, oldest first.
    pub(crate) fn take(&self) -> Vec<Move> {
        self.noted().drain(..).collect()
    }

    fn noted(&self) -> MutexGuard<'_, VecDeque<Move>> {
        // Moves go in whole, so a thread that panicked has left the list sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use sealbank_bank::{Standing, Transition};

    use super::*;

    #[test]
    fn what_nobody_takes_is_forgotten_oldest_first() {
        let minutes = Minutes::default();
        minutes.note([(Standing::Fresh, Transition::Granted)]);
        let many = [(Standing::Awaiting, Transition::Claimed)].repeat(TRAIL_LENGTH);
        minutes.note(many);
        let taken = minutes.take();
        assert_eq!(taken.len(), TRAIL_LENGTH);
        assert_eq!(taken[0], (Standing::Awaiting, Transition::Claimed));
        assert!(minutes.take().is_empty());
    }
}
