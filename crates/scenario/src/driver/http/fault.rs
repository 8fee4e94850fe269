//! Faults of a step: the bank is told of them before it and freed of them after it; one that crashed starts again.

use std::future::Future;

use sealbank_portal::{FaultId, FaultVerdict, Faults};
use sealbank_workstation::WorkstationError;

use super::world::{PATIENCE, Side};
use super::{Done, World};
use crate::driver::DriverError;
use crate::event::FaultShown;
use crate::model::{Fault, Step};
use crate::observation::{Coming, Landed};

/// A rule that holds while a step is done.
pub(super) struct Armed {
    fault: Fault,
    id: FaultId,
    /// How often it struck, once the step is over.
    hits: u32,
}

impl World {
    /// Tells the bank what is to go wrong. Nothing is left of an earlier step, also of one that was given up.
    pub(super) async fn arm(&mut self, step: &Step) -> Result<(), DriverError> {
        self.faults.clear_all();
        if let Side::Outside(outside) = &mut self.bank {
            outside.arm(step.faults.iter().map(|f| &f.rule)).await?;
        }
        let armed = step.faults.iter().map(|fault| Armed {
            id: self.faults.set(fault.rule.clone(), None),
            fault: fault.clone(),
            hits: 0,
        });
        self.armed = armed.collect();
        Ok(())
    }

    /// Frees the bank of what was to go wrong, and says how often each of it did.
    pub(super) async fn disarm(&mut self) -> Result<Vec<u32>, DriverError> {
        let hits = match &mut self.bank {
            Side::Inside(_) => {
                let armed = self.armed.iter();
                armed.map(|armed| self.faults.hits(armed.id)).collect()
            }
            Side::Outside(outside) => outside.disarm().await?,
        };
        for (armed, hits) in self.armed.iter_mut().zip(&hits) {
            armed.hits = *hits;
        }
        self.faults.clear_all();
        Ok(hits)
    }

    /// What was to go wrong in the last step, and how often it did.
    pub(super) fn struck(&self) -> Vec<FaultShown> {
        let armed = self.armed.iter();
        armed.map(|armed| armed.fault.shown(armed.hits)).collect()
    }

    /// A bank that crashed starts again on its journal, as whoever watches over it would have it do.
    pub(super) async fn restart_after_crash(&mut self) -> Result<(), DriverError> {
        tokio::time::timeout(PATIENCE, self.faults.crashed())
            .await
            .map_err(|_elapsed| DriverError::Restless {
                waited_for: "a crash",
            })?;
        self.restart_bank().await
    }

    /// Whether a fault of the step has crashed the bank.
    pub(super) fn has_crashed(&self) -> bool {
        let mut crashes = self.armed.iter().filter(|armed| armed.fault.crashes());
        crashes.any(|armed| armed.hits > 0)
    }

    /// How long people wait in this step.
    pub(super) fn patience(&self) -> Patience {
        let is_stall = |armed: &&Armed| armed.fault.rule.verdict == FaultVerdict::Stall;
        let stalls = self.armed.iter().filter(is_stall);
        Patience {
            faults: self.faults.clone(),
            stalls: stalls.map(|armed| armed.id).collect(),
        }
    }

    /// Whether a fault struck by which nothing more comes of the exchange.
    pub(super) fn is_cut_off(&self) -> bool {
        let mut cutting = self.armed.iter().filter(|armed| armed.fault.cuts_off());
        cutting.any(|armed| self.faults.hits(armed.id) > 0)
    }

    /// What a person sees when the bank fails in the middle of his act; an error when it did not have to fail.
    pub(super) fn lost_by(&self, error: DriverError) -> Result<Landed, DriverError> {
        let how = match &error {
            _ if self.armed.is_empty() => return Err(error),
            DriverError::Workstation(WorkstationError::Connection { .. }) => {
                "the bank broke it off".to_owned()
            }
            DriverError::GivenUp => error.to_string(),
            _ => return Err(error),
        };
        Ok(Landed::Lost(how))
    }

    /// How an act ended that the bank broke off; an interruption that was still to come did not come then.
    pub(super) fn broke_off(&self, step: &Step, error: DriverError) -> Result<Done, DriverError> {
        let landed = self.lost_by(error)?;
        let interruption = match &step.interruption {
            None => Coming::NotAsked,
            Some(interruption) => Coming::DidNot(format!(
                "{} was not reached: {landed}",
                interruption.at.value
            )),
        };
        Ok(Done {
            interruption,
            ..Done::landed(landed)
        })
    }
}

/// People wait for an answer, but not when the bank holds it back: no real time passes here in which it could come.
#[derive(Default)]
pub(super) struct Patience {
    faults: Faults,
    stalls: Vec<FaultId>,
}

impl Patience {
    /// Waits for what somebody does, unless he gives up before; his browser hangs up by that.
    pub(super) async fn with<T, E: Into<DriverError>>(
        self,
        act: impl Future<Output = Result<T, E>>,
    ) -> Result<T, DriverError> {
        tokio::select! {
            biased;
            done = act => done.map_err(Into::into),
            () = self.is_lost() => Err(DriverError::GivenUp),
        }
    }

    /// Ends when an answer is held back.
    async fn is_lost(&self) {
        if self.stalls.is_empty() {
            return std::future::pending().await;
        }
        while self.stalls.iter().all(|id| self.faults.hits(*id) == 0) {
            tokio::task::yield_now().await;
        }
    }
}
