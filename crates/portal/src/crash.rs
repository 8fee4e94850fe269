//! The bank's sudden end: what was asked to go wrong, and what does not happen any more once it did.

use std::sync::Arc;

use tokio::sync::watch;

use crate::app::App;
use crate::error::PortalError;
use crate::exchange::Exchange;
use crate::fault::{Act, FaultVerdict, Faults, Hit, Phase, Place};
use crate::origin::Origin;
use crate::trail::{Note, Outcome};

/// Rings once, when the bank crashes; clones hear the same.
#[derive(Debug, Clone)]
pub(crate) struct Bell(Arc<watch::Sender<bool>>);

impl Bell {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    pub(crate) fn has_rung(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it rings.
    pub(crate) async fn rings(&self) {
        // The sender lives as long as `self`, so the wait ends by the condition alone.
        let _ = self.0.subscribe().wait_for(|rung| *rung).await;
    }

    fn ring(&self) {
        self.0.send_replace(true);
    }
}

/// What struck at a place.
pub(crate) struct Struck {
    /// Whether time passed by it.
    pub(crate) delayed: bool,
    /// What ends the moment, if anything does.
    pub(crate) hit: Option<Hit>,
}

impl App {
    /// What is to go wrong.
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Ends the bank as if it had been killed: from here on nothing is recorded, signed or answered.
    pub(crate) fn crash(&self) {
        self.bell.ring();
    }

    /// Whether the bank is still there.
    pub(crate) fn alive(&self) -> Result<(), PortalError> {
        if self.bell.has_rung() {
            Err(PortalError::Crashed)
        } else {
            Ok(())
        }
    }

    /// Lets the rules strike that hold here, and notes them. Delays are over when this returns.
    pub(crate) fn strike(
        &self,
        origin: Origin,
        place: Place,
        concerns: impl Fn(Act) -> bool,
    ) -> Struck {
        let mut struck = Struck {
            delayed: false,
            hit: None,
        };
        for hit in self.faults.strike(place, self.clock().now(), concerns) {
            self.note(Note {
                at: self.clock().now(),
                origin,
                what: "fault",
                subscriber: None,
                outcome: Outcome::Done,
                detail: Some(format!("{} (rule {}, {} left)", hit.rule, hit.id, hit.left)),
            });
            if let FaultVerdict::Delay(by) = hit.rule.verdict {
                self.clock().advance(by);
                struck.delayed = true;
            } else {
                struck.hit = Some(hit);
            }
        }
        struck
    }

    /// The moment after the decision and before its record.
    pub(crate) fn before_commit(
        &self,
        origin: Origin,
        act: Option<Act>,
    ) -> Result<(), PortalError> {
        let Some(hit) = self.strike_commit(origin, Phase::BeforeCommit, act) else {
            return Ok(());
        };
        match hit.rule.verdict {
            FaultVerdict::Crash { .. } => {
                self.crash();
                Err(PortalError::Crashed)
            }
            FaultVerdict::DiskFull => Err(PortalError::Journal(self.no_space())),
            _ => Err(self.kept_back(hit)),
        }
    }

    /// The moment after the record: what follows of it is done all the same, unless the bank is gone.
    pub(crate) fn after_commit(&self, origin: Origin, act: Option<Act>) -> Result<(), PortalError> {
        let Some(hit) = self.strike_commit(origin, Phase::AfterCommit, act) else {
            return Ok(());
        };
        if let FaultVerdict::Crash { .. } = hit.rule.verdict {
            self.crash();
            return Err(PortalError::Crashed);
        }
        let somebody_waits = Exchange::current().is_some();
        let failure = self.kept_back(hit);
        if somebody_waits { Ok(()) } else { Err(failure) }
    }

    fn strike_commit(&self, origin: Origin, phase: Phase, act: Option<Act>) -> Option<Hit> {
        let act = act?;
        let concerns = |rule| rule == Act::Any || rule == act;
        self.strike(origin, Place::Phase(phase), concerns).hit
    }

    /// Has the exchange end as the rule says.
    fn kept_back(&self, hit: Hit) -> PortalError {
        let failure = PortalError::AskedToFail {
            rule: hit.rule.to_string(),
        };
        if let Some(exchange) = Exchange::current() {
            exchange.end_by(hit);
        }
        failure
    }

    fn no_space(&self) -> sealbank_journal::JournalError {
        let full = std::io::Error::new(std::io::ErrorKind::StorageFull, "no space left on device");
        sealbank_journal::JournalError::Storage {
            medium: self.journal.medium(),
            doing: "writing",
            source: Arc::new(full),
        }
    }
}
