//! The authority as its users see it. Here the one order is kept: decide, record, sign, compare,
//! record, release.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use sealbank_journal::{Durable, Expected, Journal, commit};
use time::OffsetDateTime;

use crate::books::Books;
use crate::facts::Facts;
use crate::lineage::Lineage;
use crate::record::{Abandonment, CaRecord};
use crate::{
    CaError, Certificate, Draft, Generation, Issuer, Keystore, Profile, RequestDigest, Revocation,
    RevocationReason, Serial, Subject, Validity, VerifiedRequest,
};

/// A certification authority: its keys, its records, and the order between them.
///
/// All methods block on the journal; they can be called from several threads, and those that sign
/// at the same time share the journal's writes.
pub struct Authority {
    /// One for each generation, oldest first; never empty.
    issuers: Vec<Issuer>,
    lineage: Lineage,
    keys: Keys,
    journal: Arc<dyn Journal>,
    books: RwLock<Books>,
    /// Held from a decision that rests on earlier ones until it is recorded: a list names everything
    /// that was revoked before it, and nothing is revoked or settled twice.
    deciding: Mutex<()>,
}

/// Where the issuing keys of an authority are kept.
#[derive(Debug)]
pub(crate) enum Keys {
    /// Nowhere else: they end with the value.
    Memory,
    Files(Keystore),
    /// Whoever opened the authority brought them.
    Callers,
}

/// A draft that was found without its certificate, and that will never be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Its serial, which stays spent.
    pub serial: Serial,
    /// The request that it was to answer.
    pub request: RequestDigest,
}

impl Authority {
    /// Signs a certificate for each request, in their order: drafts are recorded together, signed,
    /// compared with what was signed, and the certificates recorded together.
    ///
    /// # Errors
    /// [`CaError::OutlivesIssuer`] for any of them refuses all, before anything is recorded. After
    /// any other error no certificate is released; drafts that were recorded are settled later.
    pub fn sign(
        &self,
        requests: &[(VerifiedRequest, Subject, Validity)],
        now: OffsetDateTime,
    ) -> Result<Vec<Durable<Certificate>>, CaError> {
        let drafts = requests
            .iter()
            .map(|(request, subject, validity)| self.draft(request, subject, *validity))
            .collect::<Result<Vec<_>, _>>()?;
        self.carry_through(drafts, now)
    }

    /// Takes decided drafts to their end: recorded, signed, compared, recorded, released.
    pub(crate) fn carry_through(
        &self,
        drafts: Vec<Draft>,
        now: OffsetDateTime,
    ) -> Result<Vec<Durable<Certificate>>, CaError> {
        let drafts = self.record(Expected::Any, now, drafts)?;
        let signed = self.sign_drafts(&drafts, now);
        let mut books = self.write_books();
        match &signed {
            Ok(certificates) => {
                certificates
                    .iter()
                    .cloned()
                    .for_each(|signed| books.enter_certificate(signed));
            }
            Err(_) => drafts.iter().for_each(|draft| books.leave_open(draft)),
        }
        signed
    }

    /// Withdraws a certificate for good. Withdrawing it again changes nothing and returns the first
    /// record.
    ///
    /// # Errors
    /// [`CaError::UnknownSerial`] if there is no such certificate, or why it was not recorded.
    pub fn revoke(
        &self,
        serial: &Serial,
        reason: RevocationReason,
        now: OffsetDateTime,
    ) -> Result<Durable<Revocation>, CaError> {
        let _deciding = self.decide();
        let expected = {
            let mut books = self.write_books();
            books.fetch_from_block(self.journal.as_ref(), serial)?;
            if let Some(first) = books.revocation(serial) {
                return Ok(first.clone());
            }
            if books.certificate(serial).is_none() {
                return Err(CaError::UnknownSerial { serial: *serial });
            }
            Expected::Exactly(books.revocation_version())
        };
        let revocation = Revocation::new(*serial, reason, now)?;
        let recorded = one(self.record(expected, now, vec![revocation])?);
        self.write_books().enter_revocation(recorded.clone());
        Ok(recorded)
    }

    /// Abandons every draft whose signing did not come to its end, for example because the process
    /// ended in between: it will not be signed, and its serial stays spent. A renewal that was
    /// recorded gets its files in order. Call it at start-up.
    ///
    /// # Errors
    /// Why that could not be recorded, or the files not be moved.
    pub fn settle(&self, now: OffsetDateTime) -> Result<Vec<Settled>, CaError> {
        let _deciding = self.decide();
        self.tidy()?;
        let open = self.read_books().open_drafts();
        let abandoned = open
            .iter()
            .map(|(serial, _)| Abandonment { serial: *serial })
            .collect();
        self.record(Expected::Any, now, abandoned)?;
        let mut settled = self.settle_blocks(now)?;
        let mut books = self.write_books();
        for (serial, request) in open {
            books.close(&serial)?;
            settled.push(Settled { serial, request });
        }
        Ok(settled)
    }

    /// All certificates that answer a request, oldest first: how a bank finds out what became of
    /// a signing that it did not see the end of.
    pub fn find_by_request(&self, digest: &RequestDigest) -> Vec<Durable<Certificate>> {
        self.read_books().by_request(digest).cloned().collect()
    }

    /// The certificate with this serial.
    pub fn certificate(&self, serial: &Serial) -> Option<Durable<Certificate>> {
        self.read_books().certificate(serial).cloned()
    }

    /// All certificates, in the order of their serials.
    pub fn certificates(&self) -> Vec<Durable<Certificate>> {
        self.read_books().certificates().cloned().collect()
    }

    /// The revocation of the certificate with this serial; `None` if it is not revoked.
    pub fn revocation(&self, serial: &Serial) -> Option<Durable<Revocation>> {
        self.read_books().revocation(serial).cloned()
    }

    /// The certificate of the issuing authority, in its newest generation.
    pub fn issuing_certificate(&self) -> &CertificateDer<'static> {
        self.issuer().certificate()
    }

    /// The certificate of the root: the trust anchor.
    pub fn root_certificate(&self) -> &CertificateDer<'static> {
        self.lineage.root()
    }

    /// The root's own latest revocation list.
    pub fn root_crl(&self) -> &CertificateRevocationListDer<'static> {
        self.lineage.root_list().der()
    }

    /// The newest issuing certificate and the root, in this order.
    pub fn chain(&self) -> [&CertificateDer<'static>; 2] {
        [self.issuing_certificate(), self.root_certificate()]
    }

    /// The same for the generation that has signed a certificate.
    ///
    /// # Errors
    /// [`CaError::Mismatch`] if it is another authority's.
    pub fn chain_of(
        &self,
        certificate: &Certificate,
    ) -> Result<[&CertificateDer<'static>; 2], CaError> {
        let signer = self.signer_of(certificate.facts());
        certificate.facts().must_be_of(signer.identity())?;
        Ok([signer.certificate(), self.root_certificate()])
    }

    /// The issuing authority in its newest generation, which signs all new certificates.
    pub fn issuer(&self) -> &Issuer {
        self.issuers
            .last()
            .expect("the founding brings a generation")
    }

    /// The number of the newest generation.
    pub fn generation(&self) -> Generation {
        self.lineage.newest().0
    }

    /// All generations of the issuing authority, oldest first.
    pub fn generations(&self) -> impl Iterator<Item = (Generation, &Issuer)> {
        Generation::all().zip(&self.issuers)
    }

    /// The generation that has signed a certificate; `None` if it is another authority's.
    pub fn generation_of(&self, certificate: &Certificate) -> Option<Generation> {
        let facts = certificate.facts();
        let found = self.lineage.find(|identity| facts.is_of(identity));
        found.map(|(generation, _)| generation)
    }

    /// Where its keys are kept; `None` if they were never written down, or are kept by others.
    pub fn keystore(&self) -> Option<&Keystore> {
        match &self.keys {
            Keys::Files(keystore) => Some(keystore),
            Keys::Memory | Keys::Callers => None,
        }
    }

    /// What client certificates have in common, in the newest generation.
    pub fn profile(&self) -> &Profile {
        &self.lineage.newest().1.profile
    }

    pub(crate) fn with_books(
        issuers: Vec<Issuer>,
        lineage: Lineage,
        keys: Keys,
        books: Books,
        journal: Arc<dyn Journal>,
    ) -> Self {
        Self {
            issuers,
            lineage,
            keys,
            journal,
            books: RwLock::new(books),
            deciding: Mutex::new(()),
        }
    }

    fn draft(
        &self,
        request: &VerifiedRequest,
        subject: &Subject,
        validity: Validity,
    ) -> Result<Draft, CaError> {
        let serial = self.write_books().reserve_serial()?;
        self.profile()
            .draft(self.issuer(), serial, request, subject, validity)
    }

    fn sign_drafts(
        &self,
        drafts: &[Durable<Draft>],
        now: OffsetDateTime,
    ) -> Result<Vec<Durable<Certificate>>, CaError> {
        let certificates = drafts
            .iter()
            .map(|draft| self.signer_of(draft.facts()).sign(draft))
            .collect::<Result<Vec<_>, _>>()?;
        self.record(Expected::Any, now, certificates)
    }

    pub(crate) fn record<T: CaRecord>(
        &self,
        expected: Expected,
        now: OffsetDateTime,
        records: Vec<T>,
    ) -> Result<Vec<Durable<T>>, CaError> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        Ok(commit(
            self.journal.as_ref(),
            &T::stream(),
            expected,
            now,
            records,
        )?)
    }

    /// Brings the files in line with what is recorded.
    pub(crate) fn tidy(&self) -> Result<(), CaError> {
        match &self.keys {
            Keys::Files(keystore) => keystore.tidy(&self.lineage),
            Keys::Memory | Keys::Callers => Ok(()),
        }
    }

    pub(crate) fn issuer_of(&self, generation: Generation) -> Result<&Issuer, CaError> {
        let newest = self.generation();
        self.issuers
            .get(generation.index())
            .ok_or(CaError::UnknownGeneration { generation, newest })
    }

    /// The generation that something says it is of; the newest if it is of none, which then says
    /// what differs.
    fn signer_of(&self, facts: &Facts) -> &Issuer {
        let mut issuers = self.issuers.iter();
        let found = issuers.find(|issuer| facts.is_of(issuer.identity()));
        found.unwrap_or(self.issuer())
    }

    pub(crate) fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Enters a change of the hierarchy that is recorded.
    pub(crate) fn set_lineage(&mut self, lineage: Lineage) {
        self.lineage = lineage;
    }

    /// Lets the newest generation sign.
    pub(crate) fn push_issuer(&mut self, issuer: Issuer) {
        self.issuers.push(issuer);
    }

    pub(crate) fn journal(&self) -> &dyn Journal {
        self.journal.as_ref()
    }

    // The books are only ever entered whole records, so a thread that panicked has left them sound.

    pub(crate) fn read_books(&self) -> RwLockReadGuard<'_, Books> {
        self.books.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write_books(&self) -> RwLockWriteGuard<'_, Books> {
        self.books.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn decide(&self) -> MutexGuard<'_, ()> {
        self.deciding.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("issuers", &self.issuers)
            .finish_non_exhaustive()
    }
}

pub(crate) fn one<T>(mut recorded: Vec<T>) -> T {
    recorded
        .pop()
        .expect("a commit returns as many records as it was given")
}
