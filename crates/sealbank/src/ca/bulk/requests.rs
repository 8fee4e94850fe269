//! From entries to requests: the subject and the validity are decided here, and a slip about each request goes past the
//! CA to whoever takes its outcome.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sealbank_ca::{BulkRequest, CaError, Subject, Validity};
use serde_json::Value;
use time::OffsetDateTime;

use super::entry::{Entry, Fault, Origin};
use super::pattern::{Filling, SubjectPattern};
use super::source::Entries;
use crate::ca::sign::days_from;
use crate::ca::subject::Defaults;

/// What holds for all requests of a run, where their entries don't say otherwise.
#[derive(Debug)]
pub(super) struct Terms {
    /// `None` if every entry has to name its own.
    pub(super) subject: Option<SubjectPattern>,
    pub(super) defaults: Defaults,
    /// When the run was begun: certificates hold from then on, however often it was cut off.
    pub(super) begun: OffsetDateTime,
    pub(super) validity: Validity,
}

/// The requests of an input, as the CA takes them.
pub(super) struct Requests<'a> {
    pub(super) input: &'a Path,
    pub(super) entries: Entries,
    pub(super) terms: &'a Terms,
    pub(super) slips: &'a Slips,
    /// Of the request read last; the first is 1.
    pub(super) position: u64,
}

/// What is to be known of a request when its outcome comes.
#[derive(Debug)]
pub(super) struct Slip {
    pub(super) position: u64,
    pub(super) origin: Origin,
    pub(super) id: Option<Value>,
    /// Whom it is for; or why no subject and no validity could be decided for it.
    pub(super) subject: Result<Subject, Fault>,
}

/// Slips in the order of the input. There are never more of them than requests under way.
#[derive(Debug, Default)]
pub(super) struct Slips(Mutex<VecDeque<Slip>>);

impl Slips {
    /// The slip of the request whose outcome comes next.
    pub(super) fn take(&self, position: u64) -> Slip {
        let slip = self.queue().pop_front();
        slip.filter(|slip| slip.position == position)
            .expect("the CA releases one outcome for each request, in their order")
    }

    fn put(&self, slip: Slip) {
        self.queue().push_back(slip);
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, VecDeque<Slip>> {
        // Whole slips are put in and taken out, so a thread that panicked has left them sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Terms {
    fn decide(&self, position: u64, entry: &Entry) -> Result<(Subject, Validity), Fault> {
        let wish = entry.wish.as_ref().map_err(Fault::clone)?;
        let subject = match (&wish.subject, &self.subject) {
            (Some(parts), _) => parts.complete(&self.defaults),
            (None, Some(pattern)) => pattern.fill(Filling {
                position,
                file: entry.origin.stem(),
            }),
            (None, None) => Err("there is no subject: name one here, or give --subject".to_owned()),
        };
        let validity = match wish.days {
            None => Ok(self.validity),
            Some(days) => days_from(self.begun, days),
        };
        let subject = subject.map_err(|problem| Fault::new("subject", problem))?;
        let validity = validity.map_err(|failure| Fault::new("days", failure.message))?;
        Ok((subject, validity))
    }
}

impl Requests<'_> {
    fn request(&mut self, entry: Entry) -> BulkRequest<'static> {
        self.position += 1;
        let position = self.position;
        let decided = self.terms.decide(position, &entry);
        self.slips.put(Slip {
            position,
            origin: entry.origin.clone(),
            id: entry.id.clone(),
            subject: decided
                .as_ref()
                .map(|it| it.0.clone())
                .map_err(Fault::clone),
        });
        let (request, subject, validity) = match decided {
            Ok((subject, validity)) => (entry.bytes, subject, validity),
            // Refused as no request at all, it is on record like every other.
            Err(_) => (entry.into_refusable(), nobody(), self.terms.validity),
        };
        BulkRequest {
            position,
            request: Cow::Owned(request),
            subject,
            validity,
        }
    }

    fn unreadable(&self, source: io::Error) -> CaError {
        CaError::Io {
            path: self.input.to_owned(),
            doing: "read the next request",
            source,
        }
    }
}

impl Iterator for Requests<'_> {
    type Item = Result<BulkRequest<'static>, CaError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.entries.next()? {
            Ok(entry) => Ok(self.request(entry)),
            Err(error) => Err(self.unreadable(error)),
        })
    }
}

/// The subject of what is refused.
fn nobody() -> Subject {
    Subject::new("-", "-", "-").expect("a hyphen may stand in a name")
}
