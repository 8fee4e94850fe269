//! Bulk signing: the same order as for one request, a slice of requests at a time. What a run is
//! asked for and what comes out of it is here; the input is cut in `input`, the work on a slice is in
//! `slice` (quick ways into usual requests in `armour` and `skim`), the threads are in `engine`, the
//! records in `block`.

mod access;
mod armour;
mod block;
mod codec;
mod engine;
mod head;
mod input;
mod ledger;
mod shelf;
mod skim;
mod slice;

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use time::OffsetDateTime;

pub(crate) use access::member;
pub(crate) use block::{BlockRecord, CertificateBlock, CertificateLine, DraftBlock, DraftLine};
pub(crate) use head::BlockHead;
use ledger::BlockPlace;
pub(crate) use ledger::Ledger;

use crate::{Authority, CaError, RequestDigest, Serial, Subject, Validity, hex};

/// How a bulk run works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkOptions {
    /// Which run it is. A run that the journal knows is continued: see
    /// [`Authority::sign_bulk`].
    pub run: BulkRun,
    /// How many threads check and sign. Beside them one reads and one writes, and both sleep most of
    /// the time.
    pub threads: NonZeroUsize,
    /// How many requests are checked, drafted and recorded together: 1 to 4,096, whatever is
    /// asked for. Memory and the granularity of the records grow with it.
    pub slice: usize,
    /// Which of the authority's own signatures are verified before they are recorded.
    pub signatures: SignatureCheck,
}

/// Which of the authority's own signatures a bulk run verifies.
///
/// An audit verifies all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignatureCheck {
    /// The first of each slice: finds a key that does not fit, and hardware that fails for good.
    #[default]
    OnePerSlice,
    /// Every one, which costs as much as a second proof of possession: for a key in hardware that
    /// one does not trust.
    Every,
}

impl BulkOptions {
    /// As many threads as the system has processors, slices of 512.
    pub fn new(run: BulkRun) -> Self {
        Self {
            run,
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            slice: 512,
            signatures: SignatureCheck::default(),
        }
    }
}

/// What a bulk run is known by in the records.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BulkRun([u8; 16]);

impl BulkRun {
    /// A run that never was.
    ///
    /// # Errors
    /// [`CaError::Randomness`].
    pub fn random() -> Result<Self, CaError> {
        let mut id = [0; 16];
        SystemRandom::new()
            .fill(&mut id)
            .map_err(|_| CaError::Randomness)?;
        Ok(Self(id))
    }

    /// The octets of the identifier.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl From<[u8; 16]> for BulkRun {
    fn from(id: [u8; 16]) -> Self {
        Self(id)
    }
}

impl fmt::Display for BulkRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for BulkRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BulkRun({self})")
    }
}

/// One request of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkRequest<'a> {
    /// Its place in the input; each is above the one before.
    pub position: u64,
    /// The request, in DER or PEM.
    pub request: Cow<'a, [u8]>,
    /// Whom the certificate is for.
    pub subject: Subject,
    /// How long it holds.
    pub validity: Validity,
}

/// What became of a request; it is recorded.
#[derive(Debug)]
#[non_exhaustive]
pub enum BulkOutcome<'a> {
    /// A certificate, fit to be handed out.
    Signed(BulkCertificate<'a>),
    /// A refusal.
    Refused(BulkRefusal<'a>),
}

/// A certificate that is recorded, as it is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkCertificate<'a> {
    /// The request's place in the input.
    pub position: u64,
    /// SHA-256 of the request.
    pub request: RequestDigest,
    /// The serial number.
    pub serial: Serial,
    /// The certificate in DER.
    pub der: &'a [u8],
    /// Whether it was signed before, by an earlier part of this run.
    pub release: Release,
}

/// Whether a certificate is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// It was signed just now.
    First,
    /// It had been recorded by an earlier part of the run, and may have been released by it.
    Again,
}

/// A request that was refused.
#[derive(Debug, Clone, Copy)]
pub struct BulkRefusal<'a> {
    /// The request's place in the input.
    pub position: u64,
    /// SHA-256 of the request.
    pub request: RequestDigest,
    /// The reason.
    pub reason: &'a CaError,
}

impl BulkRefusal<'_> {
    /// The reason in stable kebab-case, as it is recorded.
    pub fn code(&self) -> &'static str {
        refusal_code(self.reason)
    }
}

fn refusal_code(reason: &CaError) -> &'static str {
    match reason {
        CaError::Request(refusal) => refusal.code(),
        CaError::OutlivesIssuer { .. } => "outlives-issuer",
        _ => "refused",
    }
}

/// What a run has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BulkSummary {
    /// Certificates that were signed, recorded and released.
    pub signed: u64,
    /// Certificates of an earlier part of the run that were released again.
    pub again: u64,
    /// Requests that were refused.
    pub refused: u64,
}

impl Authority {
    /// Signs a certificate for each request of a stream, in slices, with memory that does not
    /// depend on how many there are. Outcomes are released in the order of the input; a bad
    /// request is an outcome with its reason. `release` breaks off the run with
    /// [`ControlFlow::Break`]: nothing more is read or released, and what was begun is recorded.
    ///
    /// The order is the same as for one request: a slice is checked, drafted, its drafts are
    /// recorded in one entry, signed, proved to be the drafts, recorded in another entry, and
    /// released. Drafts are laid by a template that is compared with the encoder of single
    /// certificates when the run begins, and the first draft and the first certificate of each
    /// slice are read back by the independent parser. Every certificate is put together from the
    /// very bytes that are recorded; its part that was signed must equal the draft byte for byte,
    /// and the draft's recorded digest.
    ///
    /// # Continuing a run
    ///
    /// After a crash or a failure open the authority, [`settle`](Self::settle) it, and call this
    /// with the same run and the same input. Where the records have a certificate for a position
    /// of the run it is released again ([`Release::Again`]) and not signed again; only the blocks
    /// that meet the slice at hand are read back for that.
    /// [`certificates_of_run`](Self::certificates_of_run) lists what a run has recorded.
    ///
    /// # Errors
    /// The first error of `requests`, after what came before it was released;
    /// [`CaError::BulkOrder`] for positions that do not rise; [`CaError::BulkInput`] if a run is
    /// continued with another input; [`CaError::BulkRunning`]; whatever keeps the journal from
    /// recording or the key from signing. What was not recorded is not released, and what was
    /// recorded and not released is found by continuing.
    pub fn sign_bulk<'a>(
        &self,
        requests: impl Iterator<Item = Result<BulkRequest<'a>, CaError>> + Send,
        options: &BulkOptions,
        release: &mut dyn FnMut(BulkOutcome<'_>) -> ControlFlow<()>,
        now: OffsetDateTime,
    ) -> Result<BulkSummary, CaError> {
        engine::run(self, requests, options, release, now)
    }
}
