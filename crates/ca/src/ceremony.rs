//! [`Ceremony`]: keys and certificates that are made once, and from which any number of authorities begin.

use std::fmt;
use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use sealbank_journal::Journal;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::authority::Keys;
use crate::books::Books;
use crate::founding::{record_founding, refuse_used};
use crate::hierarchy::{Foundation, Hierarchy};
use crate::lineage::Lineage;
use crate::{Authority, CaError, HierarchyOptions, Issuer};

/// A root and an issuing authority with their keys, and nothing that they issued.
///
/// To make them is most of the work of a new authority: two keys, three signatures, and as many verifications. Tests
/// that want an authority each, and don't mind that all of them chain up to one root, make them once. Each
/// [authority](Self::authority) has books of its own: it knows nothing of what the others issued or revoked.
///
/// ```
/// use std::sync::Arc;
///
/// use sealbank_ca::Ceremony;
/// use sealbank_journal::MemoryJournal;
///
/// let ceremony = Ceremony::ephemeral()?;
/// let one = ceremony.authority(Arc::new(MemoryJournal::new()))?;
/// let other = ceremony.authority(Arc::new(MemoryJournal::new()))?;
/// assert_eq!(one.root_certificate(), other.root_certificate());
/// # Ok::<(), sealbank_ca::CaError>(())
/// ```
pub struct Ceremony {
    /// What an authority records when it begins.
    hierarchy: Hierarchy,
    /// The same, checked.
    lineage: Lineage,
    issuer: Issuer,
    at: OffsetDateTime,
}

impl Ceremony {
    /// Keys in memory, P-256, with certificates that hold from 2000 to 2099, whatever a test does to its clock.
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
        Self::hold(&options, begin)
    }

    /// Keys in memory, and certificates like these. The root's key is forgotten at once: its authorities are never
    /// renewed.
    ///
    /// # Errors
    /// Whatever in the options can't be, and [`CaError::Randomness`] or [`CaError::Key`] if the system gives no
    /// randomness.
    pub fn hold(options: &HierarchyOptions, now: OffsetDateTime) -> Result<Self, CaError> {
        let Foundation {
            hierarchy,
            issuing_key,
            ..
        } = Foundation::lay(options, now)?;
        Ok(Self {
            lineage: Lineage::found(hierarchy.clone())?,
            issuer: Issuer::new(hierarchy.issuing.clone(), Box::new(issuing_key))?,
            hierarchy,
            at: now,
        })
    }

    /// The root's certificate: what verifiers of every certificate have to trust.
    #[must_use]
    pub fn root_certificate(&self) -> &CertificateDer<'static> {
        &self.hierarchy.root
    }

    /// An authority that has issued nothing yet; its records go to `journal`.
    ///
    /// # Errors
    /// [`CaError::JournalInUse`] if the journal holds an authority, and whatever keeps it from being recorded.
    pub fn authority(&self, journal: Arc<dyn Journal>) -> Result<Authority, CaError> {
        refuse_used(journal.as_ref())?;
        record_founding(journal.as_ref(), &self.hierarchy, self.at)?;
        Ok(Authority::with_books(
            vec![self.issuer.clone()],
            self.lineage.clone(),
            Keys::Memory,
            Books::default(),
            journal,
        ))
    }
}

/// Without the key.
impl fmt::Debug for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hierarchy, at, .. } = self;
        let issuing = &hierarchy.issuing;
        f.debug_struct("Ceremony")
            .field("at", at)
            .field("issuing", &format_args!("{} bytes", issuing.len()))
            .finish_non_exhaustive()
    }
}
