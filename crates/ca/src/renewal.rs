//! What the root is taken out for: a new generation of the issuing authority, and a newer
//! revocation list of the root.

use std::num::NonZeroU64;

use sealbank_journal::{Expected, commit};
use time::{Duration, OffsetDateTime};

use crate::authority::Keys;
use crate::files::NewFiles;
use crate::key::SoftwareKey;
use crate::lineage::{HierarchyRecord, Renewal};
use crate::record::CaRecord as _;
use crate::{
    Authority, CaError, Generation, Issuer, KeyAlgorithm, Name, Profile, PublicKey, RevocationList,
    Root, SigningKey, Validity,
};

/// What a new generation of the issuing authority is like.
///
/// ```
/// use sealbank_ca::{KeyAlgorithm, RenewalOptions};
///
/// let options = RenewalOptions { key: KeyAlgorithm::P384, ..RenewalOptions::default() };
/// assert_eq!(options.lifetime.whole_days(), 25 * 365);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewalOptions {
    /// Its kind of key.
    pub key: KeyAlgorithm,
    /// How long it holds from now on; not longer than the root.
    pub lifetime: Duration,
    /// By how much it begins before now, for clocks that are behind.
    pub back_date: Duration,
    /// Its name, which no generation had before. `None` takes that of the first generation with
    /// the generation behind its common name: `CN=Example CA` becomes `CN=Example CA G2`. A name
    /// that has no common name at its end gets one.
    pub name: Option<Name>,
    /// The profile of its certificates. `None` takes that of the first generation with the
    /// generation's number in the places of the revocation list and of the issuing certificate:
    /// `http://ca.test/issuing.crl` becomes `http://ca.test/issuing-2.crl`.
    pub profile: Option<Profile>,
}

impl Default for RenewalOptions {
    /// As at the founding: P-256, 25 years, thirty days before now.
    fn default() -> Self {
        Self {
            key: KeyAlgorithm::P256,
            lifetime: Duration::days(25 * 365),
            back_date: Duration::days(30),
            name: None,
            profile: None,
        }
    }
}

impl Authority {
    /// Gives the issuing authority a new generation, with a name and a key of its own, signed by
    /// the root. From now on certificates come from it; older generations go on signing their
    /// revocation lists.
    ///
    /// The new key is on the disk before the renewal is recorded, and nothing is signed with it
    /// before. A process that ends in between leaves an authority that was not renewed; the files
    /// that it has left are set aside by the next renewal. If it ends after the record, the
    /// authority opens renewed, and [`settle`](Self::settle) gives the files their names.
    ///
    /// # Errors
    /// [`CaError::ForeignRoot`] for another root, [`CaError::OutlivesIssuer`] for a lifetime beyond
    /// the root's, [`CaError::Name`] for a name that no generation can have,
    /// [`CaError::KeysElsewhere`] if the authority does not keep its keys itself, or why the key,
    /// the files or the record could not be made. After [`CaError::Io`] ask
    /// [`generation`](Self::generation) whether the renewal was recorded.
    pub fn renew_issuing(
        &mut self,
        root: &Root,
        options: &RenewalOptions,
        now: OffsetDateTime,
    ) -> Result<Generation, CaError> {
        self.must_be_ours(root)?;
        // What an earlier renewal has left to do comes first, so that no two are half done.
        self.tidy()?;
        let key = match self.keys() {
            Keys::Callers => return Err(CaError::KeysElsewhere),
            Keys::Memory | Keys::Files(_) => SoftwareKey::generate(options.key)?,
        };
        let renewal = self.sign_renewal(root, key.public_key(), options, now)?;
        let files = match self.keys() {
            Keys::Files(keystore) => {
                keystore.prepare(renewal.generation, &renewal.issuing, &key)?
            }
            Keys::Memory | Keys::Callers => NewFiles::none(),
        };
        let recorded = self.succeed(renewal, Box::new(key), now);
        let generation = files.keep_unless_refused(recorded)?;
        self.tidy()?;
        Ok(generation)
    }

    /// The same with a key of the caller's, whose kind `options.key` does not say: for an authority
    /// that was opened with [`open_with_keys`](Self::open_with_keys).
    ///
    /// # Errors
    /// As [`renew_issuing`](Self::renew_issuing); [`CaError::KeysElsewhere`] if the authority keeps
    /// its keys in files, where it could not find this one again.
    pub fn renew_issuing_with_key(
        &mut self,
        root: &Root,
        key: Box<dyn SigningKey>,
        options: &RenewalOptions,
        now: OffsetDateTime,
    ) -> Result<Generation, CaError> {
        self.must_be_ours(root)?;
        if let Keys::Files(_) = self.keys() {
            return Err(CaError::KeysElsewhere);
        }
        let renewal = self.sign_renewal(root, key.public_key(), options, now)?;
        self.succeed(renewal, key, now)
    }

    /// Gives the root a newer revocation list, as of now and until the root ends, records it, and
    /// replaces `root.crl.pem` by it. It revokes nothing, like all lists of the root.
    ///
    /// # Errors
    /// [`CaError::ForeignRoot`] for another root, or why the list could not be signed, recorded or
    /// written. A list that was recorded and not written is written by [`settle`](Self::settle).
    pub fn renew_root_crl(
        &mut self,
        root: &Root,
        now: OffsetDateTime,
    ) -> Result<&RevocationList, CaError> {
        self.must_be_ours(root)?;
        let next = self.lineage().root_list().number().checked_add(1);
        let number = next.and_then(NonZeroU64::new);
        let number = number.ok_or_else(|| CaError::Inconsistent {
            problem: "the numbers of the root's revocation lists are used up".to_owned(),
        })?;
        let list = root.sign_empty_list(number, now)?;
        self.record_hierarchy(HierarchyRecord::RootListed(list), now)?;
        self.tidy()?;
        Ok(self.lineage().root_list())
    }

    /// The certificate of the next generation, and what belongs to it.
    fn sign_renewal(
        &self,
        root: &Root,
        key: &PublicKey,
        options: &RenewalOptions,
        now: OffsetDateTime,
    ) -> Result<Renewal, CaError> {
        let lineage = self.lineage();
        let generation = lineage.next_generation()?;
        let first = lineage.founding();
        let name = match &options.name {
            Some(name) => name.clone(),
            None => first.authority.identity.name.of_generation(generation)?,
        };
        let profile = match &options.profile {
            Some(profile) => profile.clone(),
            None => first.profile.of_generation(generation)?,
        };
        let off = || CaError::Clock { now };
        let validity = Validity::new(
            now.checked_sub(options.back_date).ok_or_else(off)?,
            now.checked_add(options.lifetime).ok_or_else(off)?,
        )?;
        let issuing = root.sign_issuing(&name, key, validity, &first.authority.crl_url)?;
        Ok(Renewal {
            generation,
            issuing,
            profile,
        })
    }

    /// Records a change of the hierarchy, unless it does not follow from what is recorded.
    fn record_hierarchy(
        &mut self,
        record: HierarchyRecord,
        now: OffsetDateTime,
    ) -> Result<(), CaError> {
        let mut lineage = self.lineage().clone();
        let expected = Expected::Exactly(lineage.version());
        lineage.enter(record.clone())?;
        let stream = HierarchyRecord::stream();
        commit(self.journal(), &stream, expected, now, vec![record])?;
        self.set_lineage(lineage);
        Ok(())
    }

    /// Records a new generation, and lets it sign.
    fn succeed(
        &mut self,
        renewal: Renewal,
        key: Box<dyn SigningKey>,
        now: OffsetDateTime,
    ) -> Result<Generation, CaError> {
        let generation = renewal.generation;
        let issuer = Issuer::new(renewal.issuing.clone(), key)?;
        self.record_hierarchy(HierarchyRecord::Renewed(renewal), now)?;
        self.push_issuer(issuer);
        Ok(generation)
    }

    fn must_be_ours(&self, root: &Root) -> Result<(), CaError> {
        if root.certificate() == self.root_certificate() {
            return Ok(());
        }
        Err(CaError::ForeignRoot)
    }
}
