//! The authority as its users see it. Here the one order is kept: decide, record, sign, compare,
//! record, release.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use sealbank_journal::{Durable, Expected, Journal, MemoryJournal, commit};
use secrecy::SecretString;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::books::Books;
use crate::founding::{record_founding, recorded_lineage, refuse_used};
use crate::hierarchy::Foundation;
use crate::lineage::{Lineage, Member};
use crate::record::{Abandonment, CaRecord};
use crate::{
    CaError, Certificate, Draft, Generation, HierarchyOptions, Issuer, Keystore, Profile,
    RequestDigest, Revocation, RevocationReason, Root, Serial, SigningKey, Subject, Validity,
    VerifiedRequest,
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
    /// An authority that lives as long as the value: in memory, with P-256 keys, and with
    /// certificates of its own that hold from 2000 to 2099.
    ///
    /// # Errors
    /// [`CaError::Randomness`] or [`CaError::Key`] if the system gives no randomness.
    pub fn ephemeral() -> Result<Self, CaError> {
        let begin = datetime!(2000-01-01 00:00 UTC);
        let lifetime = datetime!(2099-12-31 00:00 UTC) - begin;
        let options = HierarchyOptions {
            root_lifetime: lifetime,
            issuing_lifetime: lifetime,
            back_date: Duration::ZERO,
            ..HierarchyOptions::default()
        };
        Self::in_memory(&options, Arc::new(MemoryJournal::new()), begin)
    }

    /// An authority whose keys are never written down; its records go to `journal`.
    ///
    /// # Errors
    /// [`CaError::JournalInUse`] if the journal holds an authority, and whatever keeps the keys
    /// from being made or the authority from being recorded.
    pub fn in_memory(
        options: &HierarchyOptions,
        journal: Arc<dyn Journal>,
        now: OffsetDateTime,
    ) -> Result<Self, CaError> {
        Self::in_memory_with_root(options, journal, now).map(|(authority, _)| authority)
    }

    /// The same, and its root, to [`renew_issuing`](Self::renew_issuing) it with.
    ///
    /// # Errors
    /// As [`in_memory`](Self::in_memory).
    pub fn in_memory_with_root(
        options: &HierarchyOptions,
        journal: Arc<dyn Journal>,
        now: OffsetDateTime,
    ) -> Result<(Self, Root), CaError> {
        refuse_used(journal.as_ref())?;
        let foundation = Foundation::lay(options, now)?;
        let lineage = record_founding(journal.as_ref(), &foundation.hierarchy, now)?;
        let (issuer, root) = foundation.into_issuer_and_root()?;
        let authority = Self::with_books(vec![issuer], lineage, Keys::Memory, journal)?;
        Ok((authority, root))
    }

    /// A new authority in `dir`, with its root in `root_dir`, apart and encrypted under the
    /// passphrase. The root is not needed again until the issuing authority is renewed.
    ///
    /// # Errors
    /// [`CaError::Exists`] if any of the files is there already; [`CaError::RootNotApart`] if both
    /// directories are one; [`CaError::JournalInUse`]; whatever keeps files, keys or records from
    /// being made. Nothing is left behind then.
    pub fn create(
        dir: &Path,
        root_dir: &Path,
        passphrase: &SecretString,
        options: &HierarchyOptions,
        journal: Arc<dyn Journal>,
        now: OffsetDateTime,
    ) -> Result<Self, CaError> {
        let keystore = Keystore::new(dir);
        Self::create_in(keystore, root_dir, passphrase, options, journal, now)
    }

    /// The same in a keystore, which says how the issuing key is protected.
    ///
    /// # Errors
    /// As [`create`](Self::create), and [`CaError::EmptyPassphrase`] for either key.
    pub fn create_in(
        keystore: Keystore,
        root_dir: &Path,
        root_passphrase: &SecretString,
        options: &HierarchyOptions,
        journal: Arc<dyn Journal>,
        now: OffsetDateTime,
    ) -> Result<Self, CaError> {
        refuse_used(journal.as_ref())?;
        let foundation = Foundation::lay(options, now)?;
        let files = keystore.found(root_dir, root_passphrase, &foundation)?;
        let recorded = record_founding(journal.as_ref(), &foundation.hierarchy, now);
        let lineage = files.keep_unless_refused(recorded)?;
        let (issuer, _) = foundation.into_issuer_and_root()?;
        Self::with_books(vec![issuer], lineage, Keys::Files(keystore), journal)
    }

    /// The authority of `dir`, with what `journal` knows of it. Call [`settle`](Self::settle) next.
    ///
    /// # Errors
    /// [`CaError::Io`] and [`CaError::Malformed`] for the files, [`CaError::KeyEncrypted`] if the
    /// issuing key needs a passphrase, [`CaError::NoHierarchy`] and
    /// [`CaError::Foreign`] if the journal is not theirs, [`CaError::Inconsistent`] if the records
    /// contradict each other.
    pub fn open(dir: &Path, journal: Arc<dyn Journal>) -> Result<Self, CaError> {
        Self::open_in(Keystore::new(dir), journal)
    }

    /// The authority of a keystore, which brings the passphrase of the issuing key if it has one.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`CaError::KeyEncrypted`] without the passphrase that the key
    /// needs, [`CaError::WrongPassphrase`] with another one.
    pub fn open_in(keystore: Keystore, journal: Arc<dyn Journal>) -> Result<Self, CaError> {
        let lineage = recorded_lineage(journal.as_ref())?;
        keystore.must_match(&lineage)?;
        let issuer = |(generation, member): (Generation, &Member)| {
            let key = keystore.issuing_key(generation)?;
            Issuer::new(member.certificate.clone(), Box::new(key))
        };
        let issuers = lineage.members().map(issuer).collect::<Result<_, _>>()?;
        Self::with_books(issuers, lineage, Keys::Files(keystore), journal)
    }

    /// The authority that `journal` knows, with the keys of all its generations, in any order:
    /// for keys that are kept in hardware, or anywhere else than in files.
    ///
    /// # Errors
    /// [`CaError::NoKey`] for a generation whose key is not among them; [`CaError::NoHierarchy`]
    /// and [`CaError::Inconsistent`] as for [`open`](Self::open).
    pub fn open_with_keys(
        mut keys: Vec<Box<dyn SigningKey>>,
        journal: Arc<dyn Journal>,
    ) -> Result<Self, CaError> {
        let lineage = recorded_lineage(journal.as_ref())?;
        let issuer = |(generation, member): (Generation, &Member)| {
            let certified = &member.authority.key;
            let at = keys.iter().position(|key| key.public_key() == certified);
            let at = at.ok_or(CaError::NoKey { generation })?;
            Issuer::new(member.certificate.clone(), keys.swap_remove(at))
        };
        let issuers = lineage.members().map(issuer).collect::<Result<_, _>>()?;
        Self::with_books(issuers, lineage, Keys::Callers, journal)
    }

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

    /// The issuing certificate and the root, in this order.
    pub fn chain(&self) -> [&CertificateDer<'static>; 2] {
        [self.issuing_certificate(), self.root_certificate()]
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

    fn with_books(
        issuers: Vec<Issuer>,
        lineage: Lineage,
        keys: Keys,
        journal: Arc<dyn Journal>,
    ) -> Result<Self, CaError> {
        let books = RwLock::new(Books::replay(journal.as_ref())?);
        Ok(Self {
            issuers,
            lineage,
            keys,
            journal,
            books,
            deciding: Mutex::new(()),
        })
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
            .map(|draft| self.issuer().sign(draft))
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
