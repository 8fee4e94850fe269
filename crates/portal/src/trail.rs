//! The trail: what happened and exactly why, for the tester. The customer's pages never say as much.
//!
//! A bounded ring in memory, and `tracing`. What lasts is the journal; here are also the things that leave no
//! event there, such as a refused handshake. No PIN, cookie or key gets this far.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sealbank_bank::{Refusal, Subscriber};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::origin::Origin;

/// How many entries are kept.
pub const TRAIL_LENGTH: usize = 4_096;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TrailEntry {
    /// When, on the bank's clock.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Where it came in.
    pub origin: Origin,
    /// What it was: a command's name, `handshake`, or `request`.
    pub what: String,
    /// Whom it was about, as `contract/holder`, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// What else there is to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How something ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Outcome {
    /// As it was asked for.
    Done,
    /// The bank said no.
    Refused {
        /// The inner reason.
        reason: String,
        /// The code that the customer saw; none where TLS refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// The portal failed.
    Failed {
        /// Why.
        error: String,
    },
}

impl Outcome {
    /// A refusal of the bank.
    pub(crate) fn refused(refusal: Refusal) -> Self {
        Self::Refused {
            reason: refusal.reason().to_owned(),
            code: Some(refusal.code().to_owned()),
        }
    }

    /// A refusal that is not in the bank's vocabulary.
    pub(crate) fn turned_away(reason: &str) -> Self {
        Self::Refused {
            reason: reason.to_owned(),
            code: None,
        }
    }

    /// A failure.
    pub(crate) fn failed(error: &dyn std::error::Error) -> Self {
        Self::Failed {
            error: error.to_string(),
        }
    }
}

/// Something to be noted; the trail adds nothing but its order.
#[derive(Debug)]
pub(crate) struct Note<'a> {
    pub(crate) at: OffsetDateTime,
    pub(crate) origin: Origin,
    pub(crate) what: &'a str,
    pub(crate) subscriber: Option<&'a Subscriber>,
    pub(crate) outcome: Outcome,
    pub(crate) detail: Option<String>,
}

/// What happened, the newest [`TRAIL_LENGTH`] entries of it; clones share them.
///
/// Hand the same to the bank that starts again, and the trail goes on with it.
#[derive(Debug, Clone, Default)]
pub struct Trail(Arc<Mutex<Ring>>);

#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<TrailEntry>,
    /// How many there were that are no longer kept.
    forgotten: usize,
}

impl Trail {
    pub(crate) fn note(&self, note: Note<'_>) {
        let entry = TrailEntry {
            at: note.at,
            origin: note.origin,
            what: note.what.to_owned(),
            subscriber: note.subscriber.map(ToString::to_string),
            outcome: note.outcome,
            detail: note.detail,
        };
        trace(&entry);
        let mut ring = self.ring();
        if ring.entries.len() == TRAIL_LENGTH {
            ring.entries.pop_front();
            ring.forgotten += 1;
        }
        ring.entries.push_back(entry);
    }

    /// How many entries there ever were: a mark for [`since`](Self::since).
    #[must_use]
    pub fn noted(&self) -> usize {
        let ring = self.ring();
        ring.forgotten + ring.entries.len()
    }

    /// The entries after the first `mark` that ever were, as far as they are kept, oldest first.
    #[must_use]
    pub fn since(&self, mark: usize) -> Vec<TrailEntry> {
        let Ring { entries, forgotten } = &*self.ring();
        let skipped = mark.saturating_sub(*forgotten).min(entries.len());
        entries.range(skipped..).cloned().collect()
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // Entries go in whole, so a thread that panicked has left the ring sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn trace(entry: &TrailEntry) {
    let subscriber = entry.subscriber.as_deref().unwrap_or("-");
    let detail = entry.detail.as_deref().unwrap_or("-");
    let (origin, what) = (entry.origin.name(), entry.what.as_str());
    match &entry.outcome {
        Outcome::Done => tracing::info!(origin, what, subscriber, detail, "done"),
        Outcome::Refused { reason, .. } => {
            tracing::info!(origin, what, subscriber, reason, detail, "refused");
        }
        Outcome::Failed { error } => {
            tracing::error!(origin, what, subscriber, error, detail, "failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn note(what: &str) -> Note<'_> {
        Note {
            at: datetime!(2031-04-01 09:00 +09:00),
            origin: Origin::Ib,
            what,
            subscriber: None,
            outcome: Outcome::refused(Refusal::WrongPin),
            detail: None,
        }
    }

    #[test]
    fn the_ring_forgets_the_oldest() {
        let trail = Trail::default();
        for number in 0..TRAIL_LENGTH + 3 {
            trail.note(note(&number.to_string()));
        }
        let all = trail.since(0);
        assert_eq!(all.len(), TRAIL_LENGTH);
        assert_eq!(all[0].what, "3");
        let noted = trail.noted();
        assert_eq!(noted, TRAIL_LENGTH + 3);
        let newest = trail.since(noted - 1);
        assert_eq!(newest.len(), 1);
        assert_eq!(newest[0].what, (TRAIL_LENGTH + 2).to_string());
        assert!(trail.since(noted).is_empty());
    }

    #[test]
    fn an_entry_is_one_line_of_json_with_the_inner_reason() {
        let trail = Trail::default();
        trail.note(note("log-on"));
        let line = serde_json::to_string(&trail.since(0)[0]).unwrap();
        assert_eq!(
            line,
            r#"{"at":"2031-04-01T09:00:00+09:00","origin":"ib","what":"log-on","outcome":{"refused":{"reason":"wrong-pin","code":"MX-201"}}}"#
        );
    }
}
