//! Faults of a step: the bank is told of them before it and freed of them after it; one that crashed starts again.

use std::future::Future;

use sealbank_portal::{FaultId, FaultVerdict, Faults};
use sealbank_workstation::WorkstationError;

use super::world::{BREATH, PATIENCE, Side};
use super::{Done, World};
use crate::driver::DriverError;
use crate::driver::control::{Control, ControlError};
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
            Side::Inside(_) => self.hits().await?,
            Side::Outside(outside) => outside.disarm().await?,
        };
        for (armed, hits) in self.armed.iter_mut().zip(&hits) {
            armed.hits = *hits;
        }
        self.faults.clear_all();
        Ok(hits)
    }

    /// How often each of what was to go wrong did, up to now.
    async fn hits(&self) -> Result<Vec<u32>, DriverError> {
        match &self.bank {
            Side::Inside(_) => {
                let armed = self.armed.iter();
                Ok(armed.map(|armed| self.faults.hits(armed.id)).collect())
            }
            Side::Outside(outside) => outside.hits().await,
        }
    }

    /// What was to go wrong in the last step, and how often it did.
    pub(super) fn struck(&self) -> Vec<FaultShown> {
        let armed = self.armed.iter();
        armed.map(|armed| armed.fault.shown(armed.hits)).collect()
    }

    /// A bank that crashed starts again on its journal, as whoever watches over it would have it do.
    pub(super) async fn restart_after_crash(&mut self) -> Result<(), DriverError> {
        if let Side::Outside(_) = self.bank {
            // It has done so by itself, or its listener would not have told of the crash.
            return Ok(());
        }
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
        let armed = self.armed.iter().enumerate();
        let stalls = armed.filter(|(_, armed)| armed.fault.rule.verdict == FaultVerdict::Stall);
        match &self.bank {
            Side::Inside(_) => Patience::Inside {
                faults: self.faults.clone(),
                stalls: stalls.map(|(_, armed)| armed.id).collect(),
            },
            Side::Outside(outside) => outside.patience(stalls.map(|(place, _)| place)),
        }
    }

    /// Whether a fault struck by which nothing more comes of the exchange.
    pub(super) async fn is_cut_off(&self) -> Result<bool, DriverError> {
        if !self.armed.iter().any(|armed| armed.fault.cuts_off()) {
            return Ok(false);
        }
        let hits = self.hits().await?;
        let mut struck = self.armed.iter().zip(hits).filter(|(_, hits)| *hits > 0);
        Ok(struck.any(|(armed, _)| armed.fault.cuts_off()))
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
pub(super) enum Patience {
    /// It is known from the rules themselves whether one of these struck.
    Inside {
        faults: Faults,
        stalls: Vec<FaultId>,
    },
    /// The control listener is asked whether one of these struck.
    Outside {
        control: Box<Control>,
        stalls: Vec<u64>,
    },
    /// Nothing is held back.
    Endless,
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
        match self {
            Self::Inside { faults, stalls } if !stalls.is_empty() => {
                while stalls.iter().all(|id| faults.hits(*id) == 0) {
                    tokio::task::yield_now().await;
                }
            }
            Self::Outside { control, stalls } if !stalls.is_empty() => {
                // A listener that is gone holds nothing back; the act itself finds out.
                while !has_struck(control.hits(stalls).await) {
                    tokio::time::sleep(BREATH).await;
                }
            }
            _ => std::future::pending().await,
        }
    }
}

fn has_struck(hits: Result<Vec<u32>, ControlError>) -> bool {
    hits.is_ok_and(|hits| hits.iter().any(|hits| *hits > 0))
}
