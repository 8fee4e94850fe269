//! Lanes: one a contract, so that a decision and its record are not interleaved with another's of the same books.
//!
//! No command touches two contracts (V11), so a thread holds one lane at most and lanes can't block each other.
//! They are taken by blocking work only, never across an await.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sealbank_bank::ContractId;
use sealbank_journal::Version;

/// All lanes, made as contracts are opened.
#[derive(Debug, Default)]
pub(crate) struct Lanes(Mutex<BTreeMap<ContractId, Arc<Lane>>>);

/// The lane of one contract.
#[derive(Debug)]
pub(crate) struct Lane(Mutex<Version>);

impl Lanes {
    /// The lane of `contract`, whose stream is at [`Version::NONE`] where it is new.
    pub(crate) fn lane(&self, contract: &ContractId) -> Arc<Lane> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get(contract) {
            return Arc::clone(lane);
        }
        let lane = Arc::new(Lane(Mutex::new(Version::NONE)));
        lanes.insert(contract.clone(), Arc::clone(&lane));
        lane
    }
}

impl Lane {
    /// Takes the lane; what is held is the version of the contract's stream that the books show.
    pub(crate) fn take(&self) -> MutexGuard<'_, Version> {
        // The version is moved on only after books and journal agree, so a thread that panicked has left it sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
