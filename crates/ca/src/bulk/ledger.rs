//! What the books know of blocks: where each is, and nothing of what is in it. A serial leads to
//! its block by its prefix, a request of a run by its position.

use std::collections::{BTreeMap, BTreeSet};

use sealbank_journal::Position;

use super::BulkRun;
use super::head::{BlockHead, DraftsHead};
use crate::serial::SerialPrefix;
use crate::{CaError, Serial};

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    places: BTreeMap<SerialPrefix, BlockPlace>,
    /// The prefixes of the blocks of drafts by their entries.
    drafts: BTreeMap<Position, SerialPrefix>,
    /// Blocks of drafts whose signing did not come to its end.
    open: BTreeSet<Position>,
    /// Prefixes of blocks that are about to be recorded.
    reserved: BTreeSet<SerialPrefix>,
    running: BTreeSet<BulkRun>,
}

/// Where a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockPlace {
    pub(crate) run: BulkRun,
    /// The positions in the input that it speaks of lie between these two, both included.
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) drafts: Position,
    /// `None` if the drafts are not signed.
    pub(crate) certificates: Option<Position>,
}

impl Ledger {
    /// Enters a block that was read back; it is open until its certificates are entered.
    pub(crate) fn replay(&mut self, at: Position, head: &BlockHead) -> Result<(), CaError> {
        match head {
            BlockHead::Drafts(head) => {
                if self.holds(head.prefix) {
                    return Err(contradiction(format!(
                        "entry {at} reuses a block of serials"
                    )));
                }
                self.enter_drafts(at, head);
                if !head.only_refusals {
                    self.open.insert(at);
                }
                Ok(())
            }
            BlockHead::Certificates { drafts } => {
                self.close(*drafts)?;
                self.enter_certificates(at, *drafts)
            }
            BlockHead::Abandoned { drafts } => self.close(*drafts),
        }
    }

    pub(crate) fn enter_drafts(&mut self, at: Position, head: &DraftsHead) {
        let place = BlockPlace {
            run: head.run,
            first: head.first,
            last: head.last,
            drafts: at,
            certificates: None,
        };
        self.reserved.remove(&head.prefix);
        self.places.insert(head.prefix, place);
        self.drafts.insert(at, head.prefix);
    }

    pub(crate) fn enter_certificates(
        &mut self,
        at: Position,
        drafts: Position,
    ) -> Result<(), CaError> {
        let place = self
            .drafts
            .get(&drafts)
            .and_then(|prefix| self.places.get_mut(prefix))
            .ok_or_else(|| contradiction(format!("entry {at} has no drafts at entry {drafts}")))?;
        place.certificates = Some(at);
        Ok(())
    }

    /// Whether serials with this prefix were given, or are about to be.
    pub(crate) fn holds(&self, prefix: SerialPrefix) -> bool {
        self.places.contains_key(&prefix) || self.reserved.contains(&prefix)
    }

    pub(crate) fn reserve(&mut self, prefix: SerialPrefix) {
        self.reserved.insert(prefix);
    }

    /// The block that a serial would be in.
    pub(crate) fn place(&self, serial: &Serial) -> Option<BlockPlace> {
        self.places.get(&serial.prefix()).copied()
    }

    /// All blocks of a run, in the order of the input.
    pub(crate) fn places_of(&self, run: BulkRun) -> Vec<BlockPlace> {
        let mut places: Vec<_> = self
            .places
            .values()
            .filter(|place| place.run == run)
            .copied()
            .collect();
        places.sort_by_key(|place| (place.first, place.drafts));
        places
    }

    pub(crate) fn leave_open(&mut self, drafts: Position) {
        self.open.insert(drafts);
    }

    pub(crate) fn open(&self) -> Vec<Position> {
        self.open.iter().copied().collect()
    }

    pub(crate) fn close(&mut self, drafts: Position) -> Result<(), CaError> {
        if self.open.remove(&drafts) {
            return Ok(());
        }
        Err(contradiction(format!(
            "the block of entry {drafts} was signed or abandoned, but is not open"
        )))
    }

    /// Notes that a run is at work, unless it is already.
    pub(crate) fn begin(&mut self, run: BulkRun) -> Result<(), CaError> {
        if self.running.insert(run) {
            Ok(())
        } else {
            Err(CaError::BulkRunning { run })
        }
    }

    pub(crate) fn end(&mut self, run: BulkRun) {
        self.running.remove(&run);
    }
}

fn contradiction(problem: String) -> CaError {
    CaError::Inconsistent { problem }
}
