//! How an authority comes to be, in memory or in files, and how it is opened again from its journal
//! and its keys.

use std::path::Path;
use std::sync::Arc;

use sealbank_journal::{Expected, Journal, MemoryJournal, Version, commit, replay_all};
use secrecy::SecretString;
use time::OffsetDateTime;

use crate::authority::Keys;
use crate::books::Books;
use crate::hierarchy::{Foundation, Hierarchy};
use crate::lineage::{HierarchyRecord, Lineage, Member};
use crate::record::CaRecord as _;
use crate::{
    Authority, CaError, Ceremony, Generation, HierarchyOptions, Issuer, Keystore, Root, SigningKey,
};

impl Authority {
    /// An authority that lives as long as the value: in memory, with P-256 keys, and with
    /// certificates of its own that hold from 2000 to 2099. For many of them, hold a [`Ceremony`] once.
    ///
    /// # Errors
    /// [`CaError::Randomness`] or [`CaError::Key`] if the system gives no randomness.
    pub fn ephemeral() -> Result<Self, CaError> {
        Ceremony::ephemeral()?.authority(Arc::new(MemoryJournal::new()))
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
        let lineage = Lineage::found(foundation.hierarchy.clone())?;
        record_founding(journal.as_ref(), &foundation.hierarchy, now)?;
        let (issuer, root) = foundation.into_issuer_and_root()?;
        let authority = Self::with_books(
            vec![issuer],
            lineage,
            Keys::Memory,
            Books::default(),
            journal,
        );
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
        let lineage = Lineage::found(foundation.hierarchy.clone());
        let recorded = lineage.and_then(|lineage| {
            record_founding(journal.as_ref(), &foundation.hierarchy, now).map(|()| lineage)
        });
        let lineage = files.keep_unless_refused(recorded)?;
        let (issuer, _) = foundation.into_issuer_and_root()?;
        let (keys, books) = (Keys::Files(keystore), Books::default());
        Ok(Self::with_books(
            vec![issuer],
            lineage,
            keys,
            books,
            journal,
        ))
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
        let (lineage, books) = read_back(journal.as_ref())?;
        keystore.must_match(&lineage)?;
        let issuer = |(generation, member): (Generation, &Member)| {
            let key = keystore.issuing_key(generation)?;
            Issuer::new(member.certificate.clone(), Box::new(key))
        };
        let issuers = lineage.members().map(issuer).collect::<Result<_, _>>()?;
        let keys = Keys::Files(keystore);
        Ok(Self::with_books(issuers, lineage, keys, books, journal))
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
        let (lineage, books) = read_back(journal.as_ref())?;
        let issuer = |(generation, member): (Generation, &Member)| {
            let certified = &member.authority.key;
            let at = keys.iter().position(|key| key.public_key() == certified);
            let at = at.ok_or(CaError::NoKey { generation })?;
            Issuer::new(member.certificate.clone(), keys.swap_remove(at))
        };
        let issuers = lineage.members().map(issuer).collect::<Result<_, _>>()?;
        Ok(Self::with_books(
            issuers,
            lineage,
            Keys::Callers,
            books,
            journal,
        ))
    }
}

/// Refuses a journal that holds an authority already.
pub(crate) fn refuse_used(journal: &dyn Journal) -> Result<(), CaError> {
    match journal.version(&HierarchyRecord::stream())? {
        Version::NONE => Ok(()),
        _ => Err(CaError::JournalInUse),
    }
}

/// Records a new authority; somebody faster wins.
pub(crate) fn record_founding(
    journal: &dyn Journal,
    hierarchy: &Hierarchy,
    now: OffsetDateTime,
) -> Result<(), CaError> {
    commit(
        journal,
        &HierarchyRecord::stream(),
        Expected::Exactly(Version::NONE),
        now,
        vec![HierarchyRecord::Founded(hierarchy.clone())],
    )?;
    Ok(())
}

/// The one authority that a journal holds, with all its generations, and its books: everything that
/// is recorded, read in one walk.
fn read_back(journal: &dyn Journal) -> Result<(Lineage, Books), CaError> {
    let (mut lineage, mut books) = (None, Books::default());
    for step in replay_all(journal) {
        let replayed = step?;
        if replayed.entry().stream().as_str() == HierarchyRecord::STREAM {
            let record = replayed.read::<HierarchyRecord>()?.into_inner();
            lineage = Some(follow(lineage, record)?);
        } else {
            books.replay(&replayed, journal)?;
        }
    }
    Ok((lineage.ok_or(CaError::NoHierarchy)?, books))
}

fn follow(lineage: Option<Lineage>, record: HierarchyRecord) -> Result<Lineage, CaError> {
    match (lineage, record) {
        (None, HierarchyRecord::Founded(hierarchy)) => Lineage::found(hierarchy),
        (None, _) => Err(CaError::Inconsistent {
            problem: "the authority changes before it is founded".to_owned(),
        }),
        (Some(mut lineage), record) => {
            lineage.enter(record)?;
            Ok(lineage)
        }
    }
}
