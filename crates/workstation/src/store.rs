//! [`CertificateStore`]: one OS profile's certificates, keys and pending requests.
//!
//! It follows xenroll and CertEnroll: a fresh key waits in the REQUEST store until the answer
//! comes, is then bound to the certificate, and only after that the pending request is removed
//! (procedure 1.3, 1.5 P1, P4, P5). Trust is judged before, in `install.rs`.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::certificate::{Certificate, Fingerprint};
use crate::error::WorkstationError;
use crate::install::TrustedChain;
use crate::key::{CertificateRequest, Exportability, KeyAlgorithm, PrivateKey, RequestDigest};

/// The certificates, keys and pending requests of one OS profile.
#[derive(Clone, Debug, Default)]
pub struct CertificateStore {
    pending: BTreeMap<RequestDigest, PendingRequest>,
    certificates: BTreeMap<Fingerprint, StoredCertificate>,
    acts: u64,
    emptied: bool,
}

/// The state of a store as procedure 1.3 names it: that of its newest item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoreState {
    /// Nothing was ever kept here, or what was kept was never certified.
    Nothing,
    /// A key waits for its certificate (`KeyOnly+PendingRequest`).
    KeyOnly,
    /// A certificate bound to its key.
    Installed,
    /// A certificate whose key is not here (case 46).
    CertificateWithoutKey,
    /// A certificate whose key can't be opened since a password reset (case 64).
    KeyUnreadable,
    /// The last certificate was deleted (case 65).
    Deleted,
}

impl StoreState {
    /// The kebab-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::KeyOnly => "key-only",
            Self::Installed => "installed",
            Self::CertificateWithoutKey => "certificate-without-key",
            Self::KeyUnreadable => "key-unreadable",
            Self::Deleted => "deleted",
        }
    }
}

/// What a stored certificate's key is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// The key is here and can sign.
    Present,
    /// The key is not here.
    Missing,
    /// The key is here, but the profile can't open it.
    Unreadable,
}

/// When a fresh key reaches the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum KeyFlush {
    /// At once: it survives a power cut (case 30).
    #[default]
    AtOnce,
    /// Later: a power cut before [`CertificateStore::flush`] loses it (case 31).
    Later,
}

/// A key whose certificate has not come yet.
#[derive(Clone, Debug)]
pub struct PendingRequest {
    bound: BoundKey,
    flush: KeyFlush,
    act: u64,
}

/// A certificate in the store, with its chain and, if all is well, its key.
#[derive(Clone, Debug)]
pub struct StoredCertificate {
    certificate: Certificate,
    above: Vec<rustls_pki_types::CertificateDer<'static>>,
    key: Option<BoundKey>,
    act: u64,
}

#[derive(Clone, Debug)]
struct BoundKey {
    key: PrivateKey,
    exportability: Exportability,
    readable: bool,
}

/// What was carried away by an export: to another PC, or by malware (cases 67, 68).
#[derive(Clone, Debug)]
pub struct ExportedCertificate {
    certificate: Certificate,
    above: Vec<rustls_pki_types::CertificateDer<'static>>,
    key: Option<PrivateKey>,
}

impl CertificateStore {
    /// Makes a key and keeps it with its request (P1).
    ///
    /// # Errors
    /// [`WorkstationError::KeyProvider`] when the provider fails (case 24).
    pub fn make_key(
        &mut self,
        algorithm: KeyAlgorithm,
        exportability: Exportability,
        flush: KeyFlush,
    ) -> Result<CertificateRequest, WorkstationError> {
        let key = PrivateKey::generate(algorithm)?;
        let request = key.request()?;
        let act = self.next_act();
        let bound = BoundKey {
            key,
            exportability,
            readable: true,
        };
        self.pending
            .insert(request.digest(), PendingRequest { bound, flush, act });
        Ok(request)
    }

    /// Stores a delivered certificate and binds it to its pending key, if that is in this store
    /// (P4). The pending request stays until [`Self::remove_pending`] (P5).
    ///
    /// Answers what became of the key: [`KeyState::Missing`] means that another profile holds it,
    /// or that the store was cleaned in between (case 46).
    pub fn install(&mut self, chain: &TrustedChain) -> KeyState {
        let leaf = chain.leaf();
        let waiting = self
            .pending
            .values()
            .find(|p| p.bound.key.public_key() == leaf.public_key());
        let earlier = self
            .certificates
            .get(&leaf.fingerprint())
            .and_then(|c| c.key.clone());
        let key = waiting.map(|p| p.bound.clone()).or(earlier);
        let act = self.next_act();
        let stored = StoredCertificate {
            certificate: leaf.clone(),
            above: chain.above().to_vec(),
            key,
            act,
        };
        let state = stored.key_state();
        self.certificates.insert(leaf.fingerprint(), stored);
        self.emptied = false;
        state
    }

    /// Removes a pending request (P5); `false` when it was not there.
    pub fn remove_pending(&mut self, digest: RequestDigest) -> bool {
        self.pending.remove(&digest).is_some()
    }

    /// Deletes every pending request: a cleaned store.
    pub fn clear_pending(&mut self) {
        self.pending.clear();
    }

    /// Deletes one certificate with its key; `false` when it was not there.
    pub fn delete(&mut self, fingerprint: Fingerprint) -> bool {
        let found = self.certificates.remove(&fingerprint).is_some();
        self.emptied |= found && self.certificates.is_empty();
        found
    }

    /// Deletes every certificate and key: the OS was installed anew (case 65).
    pub fn wipe(&mut self) {
        self.emptied |= !self.certificates.is_empty();
        self.certificates.clear();
        self.pending.clear();
    }

    /// The OS password was reset from outside: no key can be opened any more (case 64).
    pub fn reset_os_password(&mut self) {
        self.set_readable(false);
    }

    /// The old OS password is back, and with it the keys.
    pub fn restore_os_password(&mut self) {
        self.set_readable(true);
    }

    /// Every fresh key reaches the disk.
    pub fn flush(&mut self) {
        for request in self.pending.values_mut() {
            request.flush = KeyFlush::AtOnce;
        }
    }

    /// The power went: keys that had not reached the disk are gone (case 31).
    pub fn lose_power(&mut self) {
        self.pending
            .retain(|_, request| request.flush == KeyFlush::AtOnce);
    }

    /// Exports one certificate; the key goes along only when it is exportable and readable.
    #[must_use]
    pub fn export(&self, fingerprint: Fingerprint) -> Option<ExportedCertificate> {
        let stored = self.certificates.get(&fingerprint)?;
        let key = stored
            .key
            .as_ref()
            .filter(|bound| bound.readable && bound.exportability == Exportability::Exportable);
        Some(ExportedCertificate {
            certificate: stored.certificate.clone(),
            above: stored.above.clone(),
            key: key.map(|bound| bound.key.clone()),
        })
    }

    /// Imports what another store exported.
    pub fn import(&mut self, exported: &ExportedCertificate) -> KeyState {
        let act = self.next_act();
        let key = exported.key.clone().map(|key| BoundKey {
            key,
            exportability: Exportability::Exportable,
            readable: true,
        });
        let stored = StoredCertificate {
            certificate: exported.certificate.clone(),
            above: exported.above.clone(),
            key,
            act,
        };
        let state = stored.key_state();
        self.certificates
            .insert(exported.certificate.fingerprint(), stored);
        self.emptied = false;
        state
    }

    /// The state of the store: that of its newest item.
    #[must_use]
    pub fn state(&self) -> StoreState {
        let key = self.pending.values().map(|p| p.act).max();
        match (self.newest(), key) {
            (Some(stored), key) if key.is_none_or(|act| act < stored.act) => stored.state(),
            (_, Some(_)) => StoreState::KeyOnly,
            _ if self.emptied => StoreState::Deleted,
            _ => StoreState::Nothing,
        }
    }

    /// The certificate that was stored last.
    #[must_use]
    pub fn newest(&self) -> Option<&StoredCertificate> {
        self.certificates.values().max_by_key(|stored| stored.act)
    }

    /// All certificates, newest first, as the picker lists them.
    #[must_use]
    pub fn certificates(&self) -> Vec<&StoredCertificate> {
        let mut all: Vec<_> = self.certificates.values().collect();
        all.sort_by_key(|stored| std::cmp::Reverse(stored.act));
        all
    }

    /// One certificate.
    #[must_use]
    pub fn get(&self, fingerprint: Fingerprint) -> Option<&StoredCertificate> {
        self.certificates.get(&fingerprint)
    }

    /// The digests of the requests that still wait for a certificate.
    pub fn pending(&self) -> impl Iterator<Item = RequestDigest> + '_ {
        self.pending.keys().copied()
    }

    fn next_act(&mut self) -> u64 {
        self.acts = self.acts.saturating_add(1);
        self.acts
    }

    fn set_readable(&mut self, readable: bool) {
        let pending = self.pending.values_mut().map(|request| &mut request.bound);
        let bound = self
            .certificates
            .values_mut()
            .filter_map(|stored| stored.key.as_mut());
        for key in pending.chain(bound) {
            key.readable = readable;
        }
    }
}

impl StoredCertificate {
    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What its key is worth.
    #[must_use]
    pub fn key_state(&self) -> KeyState {
        match &self.key {
            None => KeyState::Missing,
            Some(bound) if bound.readable => KeyState::Present,
            Some(_) => KeyState::Unreadable,
        }
    }

    /// Its state in the words of procedure 1.3.
    #[must_use]
    pub fn state(&self) -> StoreState {
        match self.key_state() {
            KeyState::Present => StoreState::Installed,
            KeyState::Missing => StoreState::CertificateWithoutKey,
            KeyState::Unreadable => StoreState::KeyUnreadable,
        }
    }

    /// Whether the picker may offer it at `now`: valid, made for client logon, with a key
    /// (a key that can't be opened is offered all the same, case 64).
    #[must_use]
    pub fn is_offered_at(&self, now: OffsetDateTime) -> bool {
        self.key.is_some() && self.certificate.may_log_on() && self.certificate.is_valid_at(now)
    }

    /// The certificates above the leaf.
    #[must_use]
    pub fn above(&self) -> &[rustls_pki_types::CertificateDer<'static>] {
        &self.above
    }

    /// The key, for the TLS handshake of this PC.
    pub(crate) fn readable_key(&self) -> Option<&PrivateKey> {
        self.key
            .as_ref()
            .filter(|bound| bound.readable)
            .map(|bound| &bound.key)
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
