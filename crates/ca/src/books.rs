//! What the authority knows from its records: which serials are spent, which certificates there
//! are, which are revoked. Rebuilt entry by entry; afterwards entered in only what is durable.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;

use sealbank_journal::{Durable, Entry, Journal, Position, Replayed, Version, recall};
use time::OffsetDateTime;

use crate::bulk::{self, BlockHead, BlockRecord, Ledger};
use crate::crl::ListEntry;
use crate::issuer::Identity;
use crate::record::{Abandonment, CaRecord};
use crate::serial::SerialPrefix;
use crate::{CaError, Certificate, Draft, RequestDigest, Revocation, RevocationList, Serial};

#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Every serial that was ever drafted, or is about to be.
    spent: BTreeSet<Serial>,
    /// Drafts whose signing did not come to its end.
    open: BTreeMap<Serial, RequestDigest>,
    certificates: BTreeMap<Serial, Durable<Certificate>>,
    by_request: BTreeMap<RequestDigest, Vec<Serial>>,
    revocations: BTreeMap<Serial, Durable<Revocation>>,
    /// Revoked certificates that stood on a list of after their expiry, and need no longer
    /// (RFC 5280 section 3.3).
    retired: BTreeSet<Serial>,
    /// The latest list of each of the authority's keys, by the key's identifier.
    latest_lists: BTreeMap<Vec<u8>, Durable<RevocationList>>,
    latest_list_version: Option<Version>,
    latest_revocation: Option<Version>,
    /// What bulk signing has recorded: only where it is.
    pub(crate) blocks: Ledger,
}

impl Books {
    /// Enters an entry that was read back; those of other streams are of no concern.
    pub(crate) fn replay(
        &mut self,
        replayed: &Replayed<'_>,
        journal: &dyn Journal,
    ) -> Result<(), CaError> {
        match replayed.entry().stream().as_str() {
            Draft::STREAM => self.replay_draft(&*replayed.read::<Draft>()?),
            Certificate::STREAM => {
                let certificate = replayed.read::<Certificate>()?;
                self.close(certificate.serial())?;
                self.enter_certificate(certificate);
                Ok(())
            }
            Abandonment::STREAM => self.close(&replayed.read::<Abandonment>()?.serial),
            BlockRecord::STREAM => self.replay_block(replayed.entry()),
            Revocation::STREAM => self.replay_revocation(replayed.read()?, journal),
            RevocationList::STREAM => {
                self.enter_list(replayed.read()?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn replay_draft(&mut self, draft: &Draft) -> Result<(), CaError> {
        let serial = *draft.serial();
        if self.blocks.holds(serial.prefix()) || !self.spent.insert(serial) {
            return Err(contradiction(format!("serial {serial} was drafted twice")));
        }
        self.open.insert(serial, *draft.request());
        Ok(())
    }

    fn replay_block(&mut self, entry: &Entry) -> Result<(), CaError> {
        let at = entry.position();
        let head = BlockHead::read(entry.kind(), entry.payload());
        let head =
            head.map_err(|problem| contradiction(format!("entry {at} cannot be read: {problem}")))?;
        if let BlockHead::Drafts(drafts) = head
            && self.spent_with(drafts.prefix)
        {
            return Err(contradiction(format!("entry {at} reuses a serial")));
        }
        self.blocks.replay(at, &head)
    }

    fn replay_revocation(
        &mut self,
        revocation: Durable<Revocation>,
        journal: &dyn Journal,
    ) -> Result<(), CaError> {
        let serial = *revocation.serial();
        self.fetch_from_block(journal, &serial)?;
        if !self.certificates.contains_key(&serial) || self.revocations.contains_key(&serial) {
            return Err(contradiction(format!(
                "serial {serial} was revoked twice, or has no certificate"
            )));
        }
        self.enter_revocation(revocation);
        Ok(())
    }

    /// Takes the certificate with this serial out of its block, if it is in one: from now on the
    /// books know it, as they have to know what is revoked.
    pub(crate) fn fetch_from_block(
        &mut self,
        journal: &dyn Journal,
        serial: &Serial,
    ) -> Result<(), CaError> {
        let place = self.blocks.place(serial);
        let Some(at) = place.and_then(|place| place.certificates) else {
            return Ok(());
        };
        if self.certificates.contains_key(serial) {
            return Ok(());
        }
        let found = bulk::member(recall_block(journal, at)?, serial)?;
        if let Some(certificate) = found.filter(|found| found.serial() == serial) {
            self.enter_certificate(certificate);
        }
        Ok(())
    }

    /// A serial that was never used, from now on spent.
    pub(crate) fn reserve_serial(&mut self) -> Result<Serial, CaError> {
        loop {
            let serial = Serial::random()?;
            if !self.blocks.holds(serial.prefix()) && self.spent.insert(serial) {
                return Ok(serial);
            }
        }
    }

    /// A prefix that no serial has; from now on the serials that begin so are one block's.
    pub(crate) fn reserve_prefix(&mut self) -> Result<SerialPrefix, CaError> {
        loop {
            let prefix = Serial::random()?.prefix();
            if !self.blocks.holds(prefix) && !self.spent_with(prefix) {
                self.blocks.reserve(prefix);
                return Ok(prefix);
            }
        }
    }

    /// Whether a single serial begins so.
    fn spent_with(&self, prefix: SerialPrefix) -> bool {
        let (first, last) = prefix.bounds();
        self.spent.range(first..=last).next().is_some()
    }

    /// Remembers a recorded draft that has no certificate.
    pub(crate) fn leave_open(&mut self, draft: &Draft) {
        self.open.insert(*draft.serial(), *draft.request());
    }

    /// Drafts without a certificate, with their requests.
    pub(crate) fn open_drafts(&self) -> Vec<(Serial, RequestDigest)> {
        self.open
            .iter()
            .map(|(serial, request)| (*serial, *request))
            .collect()
    }

    /// Takes a draft off the open ones, because it was signed or abandoned.
    pub(crate) fn close(&mut self, serial: &Serial) -> Result<(), CaError> {
        match self.open.remove(serial) {
            Some(_) => Ok(()),
            None => Err(contradiction(format!(
                "serial {serial} was signed or abandoned, but has no open draft"
            ))),
        }
    }

    pub(crate) fn enter_certificate(&mut self, certificate: Durable<Certificate>) {
        let serial = *certificate.serial();
        self.by_request
            .entry(*certificate.request())
            .or_default()
            .push(serial);
        self.certificates.insert(serial, certificate);
    }

    pub(crate) fn enter_revocation(&mut self, revocation: Durable<Revocation>) {
        self.latest_revocation = Some(revocation.version());
        self.revocations.insert(*revocation.serial(), revocation);
    }

    pub(crate) fn enter_list(&mut self, list: Durable<RevocationList>) {
        let expired = list
            .revoked()
            .iter()
            .map(|entry| entry.serial)
            .filter(|serial| {
                self.certificates
                    .get(serial)
                    .is_some_and(|certificate| certificate.not_after() < list.this_update())
            });
        self.retired.extend(expired.collect::<Vec<_>>());
        self.latest_list_version = Some(list.version());
        let key = list.key_identifier().to_vec();
        self.latest_lists.insert(key, list);
    }

    pub(crate) fn certificate(&self, serial: &Serial) -> Option<&Durable<Certificate>> {
        self.certificates.get(serial)
    }

    pub(crate) fn certificates(&self) -> impl Iterator<Item = &Durable<Certificate>> {
        self.certificates.values()
    }

    pub(crate) fn by_request(
        &self,
        request: &RequestDigest,
    ) -> impl Iterator<Item = &Durable<Certificate>> {
        let serials = self.by_request.get(request).map_or(&[][..], Vec::as_slice);
        serials
            .iter()
            .filter_map(|serial| self.certificates.get(serial))
    }

    pub(crate) fn revocation(&self, serial: &Serial) -> Option<&Durable<Revocation>> {
        self.revocations.get(serial)
    }

    pub(crate) fn latest_list(&self, issuer: &Identity) -> Option<&Durable<RevocationList>> {
        self.latest_lists.get(&issuer.key_identifier)
    }

    /// What a list of this issuer as of `now` has to name: everything of his that is revoked and
    /// not both expired and already named once after its expiry.
    pub(crate) fn to_be_listed(&self, issuer: &Identity, now: OffsetDateTime) -> Vec<ListEntry> {
        let belongs = |serial: &Serial| {
            self.certificates.get(serial).is_some_and(|certificate| {
                let expired = certificate.not_after() < now;
                certificate.facts().is_of(issuer) && !(expired && self.retired.contains(serial))
            })
        };
        self.revocations
            .iter()
            .filter(|(serial, _)| belongs(serial))
            .map(|(_, revocation)| ListEntry::from(&**revocation))
            .collect()
    }

    /// The number of this issuer's next list; `None` where the numbers end.
    pub(crate) fn next_number(&self, issuer: &Identity) -> Option<NonZeroU64> {
        let latest = self.latest_list(issuer).map_or(0, |list| list.number());
        latest.checked_add(1).and_then(NonZeroU64::new)
    }

    /// The version that the next revocation builds on.
    pub(crate) fn revocation_version(&self) -> Version {
        self.latest_revocation.unwrap_or(Version::NONE)
    }

    /// The version that the next list builds on.
    pub(crate) fn list_version(&self) -> Version {
        self.latest_list_version.unwrap_or(Version::NONE)
    }
}

/// The block of an entry that the books point to.
pub(crate) fn recall_block(
    journal: &dyn Journal,
    at: Position,
) -> Result<Durable<BlockRecord>, CaError> {
    let found = recall::<BlockRecord>(journal, &BlockRecord::stream(), at)?;
    found.ok_or_else(|| contradiction(format!("entry {at} is no block any more")))
}

fn contradiction(problem: String) -> CaError {
    CaError::Inconsistent { problem }
}
