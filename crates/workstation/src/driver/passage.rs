//! [`Passage`]: a request under way, and [`Held`]: one that a retrieval keeps waiting.

use std::sync::Arc;

use crate::driver::http::Flight;
use crate::driver::tls::Line;
use crate::form::Submission;
use crate::point::Point;
use crate::wire::{Exchange, Fate, Trail};

/// A request that has left, on the way to its answer.
pub(crate) struct Passage {
    pub(super) flight: Flight,
    pub(super) submission: Submission,
    pub(super) line: Arc<Line>,
    pub(super) log: Log,
}

/// A passage that a retrieval holds. Dropping it closes the socket and writes the cut down.
pub(crate) struct Held {
    passage: Option<Box<Passage>>,
    at: Point,
    trail: Trail,
}

/// The record of one exchange, before its fate is known.
#[derive(Clone, Debug)]
pub(super) struct Log(pub(super) Exchange);

impl Held {
    pub(crate) fn new(passage: Box<Passage>, at: Point, trail: Trail) -> Self {
        Self {
            passage: Some(passage),
            at,
            trail,
        }
    }

    pub(crate) fn release(mut self) -> Option<Box<Passage>> {
        self.passage.take()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(passage) = self.passage.take() {
            let Passage { flight, log, .. } = *passage;
            drop(flight);
            self.trail.record(log.end(Fate::Cut { at: self.at }));
        }
    }
}

impl Log {
    pub(super) fn end(mut self, fate: Fate) -> Exchange {
        self.0.fate = fate;
        self.0
    }
}
