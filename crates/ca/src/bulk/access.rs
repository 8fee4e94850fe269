//! The authority's records of blocks: written for `engine`, settled after a crash, and read back
//! for whoever asks for a certificate that a bulk run has signed.

use sealbank_journal::{DecodeError, Durable, Expected, Position, commit, replay};
use time::OffsetDateTime;

use super::ledger::BlockPlace;
use super::{BlockRecord, BulkRun};
use crate::books::recall_block;
use crate::serial::SerialPrefix;
use crate::{Authority, CaError, Certificate, RequestDigest, Serial, Settled};

impl Authority {
    /// The certificate with this serial, whoever signed it: single requests or a bulk run.
    /// [`certificate`](Self::certificate) knows only the former, and is quicker.
    ///
    /// # Errors
    /// Why the block that the serial leads to could not be read.
    pub fn find_certificate(
        &self,
        serial: &Serial,
    ) -> Result<Option<Durable<Certificate>>, CaError> {
        if let Some(found) = self.certificate(serial) {
            return Ok(Some(found));
        }
        let place = self.read_books().blocks.place(serial);
        let Some(at) = place.and_then(|place| place.certificates) else {
            return Ok(None);
        };
        let found = member(self.recall_block(at)?, serial)?;
        Ok(found.filter(|certificate| certificate.serial() == serial))
    }

    /// All certificates that a bulk run has recorded, released or not, in the order of its input.
    /// They are read back block by block.
    pub fn certificates_of_run(
        &self,
        run: BulkRun,
    ) -> impl Iterator<Item = Result<Durable<Certificate>, CaError>> {
        let places = self.read_books().blocks.places_of(run);
        let blocks = places.into_iter().filter_map(|place| place.certificates);
        blocks.flat_map(|at| match self.recall_block(at).and_then(members) {
            Ok(members) => members.into_iter().map(Ok).collect(),
            Err(problem) => vec![Err(problem)],
        })
    }

    /// All certificates in the order in which they were recorded, those of bulk runs included,
    /// read back from the journal with memory that does not depend on how many there are.
    pub fn recorded_certificates(
        &self,
    ) -> impl Iterator<Item = Result<Durable<Certificate>, CaError>> {
        let single = replay::<Certificate>(self.journal(), Certificate::is_in);
        let single = single.map(|step| Ok(step?.1));
        let stream = BlockRecord::stream();
        let blocks = replay::<BlockRecord>(self.journal(), move |name| *name == stream);
        let in_blocks = blocks.flat_map(|step| {
            match step
                .map_err(CaError::from)
                .and_then(|(_, block)| members(block))
            {
                Ok(members) => members.into_iter().map(Ok).collect(),
                Err(problem) => vec![Err(problem)],
            }
        });
        single.chain(in_blocks)
    }

    /// The recorded certificates of a bulk run that answer a request: how to find out what became
    /// of one request after a crash. It reads the blocks of the run until the answer is there.
    ///
    /// # Errors
    /// Why a block could not be read.
    pub fn find_in_run(
        &self,
        run: BulkRun,
        request: &RequestDigest,
    ) -> Result<Option<Durable<Certificate>>, CaError> {
        self.certificates_of_run(run)
            .find(|step| {
                step.as_ref()
                    .map_or(true, |found| found.request() == request)
            })
            .transpose()
    }

    /// Notes that a run is at work, and tells what its earlier parts have recorded.
    pub(super) fn begin_run(&self, run: BulkRun) -> Result<Vec<BlockPlace>, CaError> {
        let mut books = self.write_books();
        books.blocks.begin(run)?;
        Ok(books.blocks.places_of(run))
    }

    pub(super) fn end_run(&self, run: BulkRun) {
        self.write_books().blocks.end(run);
    }

    pub(super) fn reserve_prefix(&self) -> Result<SerialPrefix, CaError> {
        self.write_books().reserve_prefix()
    }

    /// Records blocks by one append, and enters them in the books.
    pub(super) fn record_blocks(
        &self,
        records: Vec<BlockRecord>,
        now: OffsetDateTime,
    ) -> Result<Vec<Durable<BlockRecord>>, CaError> {
        let stream = BlockRecord::stream();
        let recorded = commit(self.journal(), &stream, Expected::Any, now, records)?;
        let mut books = self.write_books();
        for record in &recorded {
            let at = record.position();
            match &**record {
                BlockRecord::Drafts(block) => books.blocks.enter_drafts(at, &block.head()),
                BlockRecord::Certificates(block) => {
                    books.blocks.enter_certificates(at, block.drafts)?;
                }
                BlockRecord::Abandoned { .. } => {}
            }
        }
        drop(books);
        Ok(recorded)
    }

    /// Remembers recorded blocks of drafts that were not signed.
    pub(super) fn leave_blocks_open(&self, drafts: impl IntoIterator<Item = Position>) {
        let mut books = self.write_books();
        drafts
            .into_iter()
            .for_each(|at| books.blocks.leave_open(at));
    }

    pub(super) fn recall_block(&self, at: Position) -> Result<Durable<BlockRecord>, CaError> {
        recall_block(self.journal(), at)
    }

    /// Abandons every block of drafts whose signing did not come to its end.
    pub(crate) fn settle_blocks(&self, now: OffsetDateTime) -> Result<Vec<Settled>, CaError> {
        let open = self.read_books().blocks.open();
        let mut settled = Vec::new();
        for at in &open {
            if let BlockRecord::Drafts(block) = &*self.recall_block(*at)? {
                settled.extend(block.serials().map(|(serial, line)| Settled {
                    serial,
                    request: line.request,
                }));
            }
        }
        let abandoned = |at: &Position| BlockRecord::Abandoned { drafts: *at };
        let records: Vec<_> = open.iter().map(abandoned).collect();
        if !records.is_empty() {
            self.record_blocks(records, now)?;
        }
        let mut books = self.write_books();
        open.into_iter().try_for_each(|at| books.blocks.close(at))?;
        Ok(settled)
    }
}

/// The certificate in the place where this serial leads to.
pub(crate) fn member(
    block: Durable<BlockRecord>,
    serial: &Serial,
) -> Result<Option<Durable<Certificate>>, CaError> {
    let at = block.position();
    block
        .into_member(usize::from(serial.index()))
        .map_err(|problem| unreadable(at, &problem))
}

/// The certificates of a block, one by one.
fn members(block: Durable<BlockRecord>) -> Result<Vec<Durable<Certificate>>, CaError> {
    let at = block.position();
    block
        .into_members()
        .map_err(|problem| unreadable(at, &problem))
}

fn unreadable(at: Position, problem: &DecodeError) -> CaError {
    CaError::Inconsistent {
        problem: format!("entry {at} cannot be read: {problem}"),
    }
}
