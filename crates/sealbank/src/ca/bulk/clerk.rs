//! Who takes the outcomes: certificates go to the sink, rejects to their list, and everything that ends a run early is
//! noticed here.

use std::io;
use std::ops::ControlFlow;
use std::time::Instant;

use sealbank_ca::{BulkCertificate, BulkOutcome, Release, Serial};

use super::entry::Fault;
use super::interrupt::Interrupt;
use super::progress::{Counts, Progress};
use super::rejects::{Reject, Rejects};
use super::requests::{Slip, Slips};
use super::sink::Sink;

/// Takes the outcomes of a run.
pub(super) struct Clerk<'a> {
    pub(super) slips: &'a Slips,
    pub(super) sink: Sink,
    pub(super) rejects: Rejects,
    pub(super) progress: Progress,
    pub(super) interrupt: &'a Interrupt,
    pub(super) severity: Severity,
    pub(super) counts: Counts,
    /// Why the run ended early.
    pub(super) halt: Option<Halt>,
}

/// What a rejected request does to the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    GoOn,
    Strict,
}

/// Why a run ended before its end.
#[derive(Debug)]
pub(super) enum Halt {
    Interrupted,
    /// A request was rejected, and that was not to be.
    Strict(Reject),
    /// A certificate, or the list of rejects, could not be written there.
    Unwritable {
        place: String,
        error: io::Error,
    },
    /// A certificate is on record for another subject than it has in the input now.
    OtherSubject {
        position: u64,
        serial: Serial,
    },
}

impl Halt {
    pub(super) fn unwritable(place: String, error: io::Error) -> Self {
        Self::Unwritable { place, error }
    }
}

impl Clerk<'_> {
    /// Takes an outcome, and says whether another is wanted.
    pub(super) fn take(&mut self, outcome: &BulkOutcome<'_>) -> ControlFlow<()> {
        match self.handle(outcome) {
            Ok(()) => {
                self.progress.tick(&self.counts, Instant::now());
                ControlFlow::Continue(())
            }
            Err(halt) => {
                self.halt = Some(halt);
                ControlFlow::Break(())
            }
        }
    }

    fn handle(&mut self, outcome: &BulkOutcome<'_>) -> Result<(), Halt> {
        if self.interrupt.is_told() {
            return Err(Halt::Interrupted);
        }
        match outcome {
            BulkOutcome::Signed(certificate) => {
                let slip = self.slips.take(certificate.position);
                self.release(&slip, certificate)
            }
            BulkOutcome::Refused(refusal) => {
                let slip = self.slips.take(refusal.position);
                let fault = Fault::new(refusal.code(), refusal.reason);
                self.reject(Reject::new(slip, fault))
            }
            _ => Ok(()),
        }
    }

    fn release(&mut self, slip: &Slip, certificate: &BulkCertificate<'_>) -> Result<(), Halt> {
        if certificate.release == Release::Again {
            must_be_for(slip, certificate)?;
        }
        let written = self.sink.put(slip, certificate);
        written.map_err(|error| Halt::unwritable(self.sink.name(), error))?;
        match certificate.release {
            Release::First => self.counts.signed += 1,
            Release::Again => self.counts.again += 1,
        }
        Ok(())
    }

    fn reject(&mut self, reject: Reject) -> Result<(), Halt> {
        let note = self.rejects.put(&reject);
        let note = note.map_err(|error| Halt::unwritable(self.rejects.name(), error))?;
        self.counts.rejected += 1;
        if self.severity == Severity::Strict {
            return Err(Halt::Strict(reject));
        }
        if let Some(note) = note {
            self.progress.note(&note);
        }
        Ok(())
    }
}

/// The CA compares requests with what is on record; their subjects are not part of them, and are compared here.
fn must_be_for(slip: &Slip, certificate: &BulkCertificate<'_>) -> Result<(), Halt> {
    let same = slip.subject.as_ref().is_ok_and(|subject| {
        let name = subject.to_name();
        let name = name.as_der();
        certificate.der.windows(name.len()).any(|it| it == name)
    });
    if same {
        return Ok(());
    }
    Err(Halt::OtherSubject {
        position: certificate.position,
        serial: certificate.serial,
    })
}
