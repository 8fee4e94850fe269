//! The bank's counter (取引店): contracts, and the only rescue of an administrator (T27, T28).

use time::OffsetDateTime;

use crate::bank::{Answer, Decision};
use crate::change::Change;
use crate::command::Command;
use crate::contract::{Contract, ContractStatus};
use crate::event::{Actor, Event, Facts};
use crate::identity::{ContractId, Holder};
use crate::refusal::Refusal;

use super::{Desk, Outcome};

/// A command about a contract that is not on the books: only opening it makes sense.
pub(super) fn open(id: &ContractId, command: &Command, now: OffsetDateTime) -> Decision {
    let Command::OpenContract {
        name,
        pin,
        confirmation,
        ..
    } = command
    else {
        return Decision {
            events: Vec::new(),
            outcome: Err(Refusal::UnknownContract),
        };
    };
    let change = Change::ContractOpened {
        name: name.clone(),
        pin: pin.clone(),
        confirmation: confirmation.clone(),
    };
    let opened = Contract::opened(name.clone(), pin.clone(), confirmation.clone(), now);
    let after = Some(Facts::of(&opened.administrator));
    let event = Event {
        at: now,
        by: Actor::Counter,
        contract: id.clone(),
        change,
        before: None,
        after,
    };
    Decision {
        events: vec![event],
        outcome: Ok(Answer::Done),
    }
}

impl Desk<'_> {
    /// T27.
    pub(super) fn suspend_contract(&mut self) -> Outcome {
        if self.contract.status == ContractStatus::Active {
            self.release_all_claims();
        }
        self.turn_contract(ContractStatus::Active, Change::ContractSuspended)
    }

    /// T27.
    pub(super) fn resume_contract(&mut self) -> Outcome {
        self.turn_contract(ContractStatus::Suspended, Change::ContractResumed)
    }

    /// 解約.
    pub(super) fn cancel_contract(&mut self) -> Outcome {
        if self.contract.status == ContractStatus::Cancelled {
            return Err(Refusal::NotPossible);
        }
        self.release_all_claims();
        self.record(Actor::Counter, Change::ContractCancelled);
        Ok(Answer::Done)
    }

    fn release_all_claims(&mut self) {
        let holders: Vec<Holder> = self.contract.members().map(|(holder, _)| holder).collect();
        for holder in holders {
            self.release_claim(&holder);
        }
    }

    fn turn_contract(&mut self, from: ContractStatus, change: Change) -> Outcome {
        if self.contract.status != from {
            return Err(Refusal::NotPossible);
        }
        self.record(Actor::Counter, change);
        Ok(Answer::Done)
    }

    /// 発行 on paper; an administrator's certificate is granted no other way.
    pub(super) fn counter_grant(&mut self, holder: &Holder) -> Outcome {
        self.not_cancelled()?;
        let change = self.granted(holder)?;
        self.record(Actor::Counter, change);
        Ok(Answer::Done)
    }

    /// 再発行（初期化） on paper (T28; for users S-Oka283).
    pub(super) fn counter_reinitialize(&mut self, holder: &Holder) -> Outcome {
        self.not_cancelled()?;
        let change = self.reinitialized(holder)?;
        self.record(Actor::Counter, change);
        Ok(Answer::Done)
    }

    /// Lifts a PIN lock on paper.
    pub(super) fn counter_unlock(&mut self, holder: &Holder) -> Outcome {
        self.not_cancelled()?;
        let change = self.lifted(holder)?;
        self.record(Actor::Counter, change);
        Ok(Answer::Done)
    }

    /// What was cancelled is over for the counter too.
    fn not_cancelled(&self) -> Result<(), Refusal> {
        match self.contract.status {
            ContractStatus::Cancelled => Err(Refusal::ContractCancelled),
            ContractStatus::Active | ContractStatus::Suspended => Ok(()),
        }
    }
}
