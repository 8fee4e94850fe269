//! The authority's directory: the root apart, with its key encrypted; the issuing authority with
//! its key readable by its owner alone. No file is overwritten but lists by newer ones.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::certificate::to_pem;
use crate::files::{self, NewFiles, Readers};
use crate::hierarchy::Foundation;
use crate::key::SoftwareKey;
use crate::lineage::Lineage;
use crate::{CaError, Generation, KeyProtection, RequestDigest, RevocationList};

pub(crate) const ROOT_KEY: &str = "root.key.pem";
pub(crate) const ROOT: &str = "root.pem";
const ROOT_CRL: &str = "root.crl.pem";
const ISSUING_KEY: &str = "issuing.key.pem";
const ISSUING: &str = "issuing.pem";

const CERTIFICATE: &str = "CERTIFICATE";
const REVOCATION_LIST: &str = "X509 CRL";

/// A directory in which an authority keeps its certificates and its issuing keys, and how the keys
/// are protected there.
#[derive(Debug, Clone)]
pub struct Keystore {
    dir: PathBuf,
    protection: KeyProtection,
}

impl Keystore {
    /// A directory whose keys are [`KeyProtection::Plain`].
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            protection: KeyProtection::Plain,
        }
    }

    /// The same with keys that are written in this way. Keys that lie there plain are read all the
    /// same.
    #[must_use]
    pub fn protected_by(mut self, protection: KeyProtection) -> Self {
        self.protection = protection;
        self
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes a new hierarchy.
    pub(crate) fn found(
        &self,
        root_dir: &Path,
        root_passphrase: &SecretString,
        foundation: &Foundation,
    ) -> Result<NewFiles, CaError> {
        let root_key =
            KeyProtection::Passphrase(root_passphrase.clone()).seal(&foundation.root_key)?;
        let issuing_key = self.protection.seal(&foundation.issuing_key)?;
        self.must_be_apart_from(root_dir)?;
        let hierarchy = &foundation.hierarchy;
        let root = to_pem(CERTIFICATE, &hierarchy.root);
        let issuing = to_pem(CERTIFICATE, &hierarchy.issuing);
        let root_list = hierarchy.root_list.pem();
        let written = NewFiles::write(&[
            (root_dir.join(ROOT_KEY), &root_key, Readers::Owner),
            (root_dir.join(ROOT), &root, Readers::Everybody),
            (self.dir.join(ROOT), &root, Readers::Everybody),
            (self.dir.join(ROOT_CRL), &root_list, Readers::Everybody),
            (self.dir.join(ISSUING), &issuing, Readers::Everybody),
            (self.dir.join(ISSUING_KEY), &issuing_key, Readers::Owner),
        ])?;
        files::sync(&[&self.dir, root_dir])?;
        Ok(written)
    }

    /// The key of a generation of the issuing authority.
    pub(crate) fn issuing_key(&self, generation: Generation) -> Result<SoftwareKey, CaError> {
        self.protection
            .open(&self.numbered_or_plain(generation, ISSUING_KEY))
    }

    /// Refuses files that are not those of the recorded authority.
    pub(crate) fn must_match(&self, lineage: &Lineage) -> Result<(), CaError> {
        self.must_be_one_of(self.dir.join(ROOT), CERTIFICATE, &[lineage.root()])?;
        // A newer list is recorded before it is written.
        let lists = lineage.root_lists().iter().rev();
        let lists: Vec<_> = lists.map(RevocationList::der).collect();
        self.must_be_one_of(self.dir.join(ROOT_CRL), REVOCATION_LIST, &lists)?;
        let mut all = Vec::new();
        for (generation, member) in lineage.members() {
            let certificate = [&member.certificate];
            let path = self.numbered_or_plain(generation, ISSUING);
            self.must_be_one_of(path, CERTIFICATE, &certificate)?;
            all.extend(certificate);
        }
        let newest = self.dir.join(ISSUING);
        if newest.exists() {
            self.must_be_one_of(newest, CERTIFICATE, &all)?;
        }
        Ok(())
    }

    /// Writes the certificate and the key of a generation that is about to be recorded. What an
    /// earlier attempt has left is set aside: it was never recorded, so it has signed nothing.
    pub(crate) fn prepare(
        &self,
        generation: Generation,
        certificate: &[u8],
        key: &SoftwareKey,
    ) -> Result<NewFiles, CaError> {
        let key = self.protection.seal(key)?;
        let (key_file, file) = (
            self.numbered(generation, ISSUING_KEY),
            self.numbered(generation, ISSUING),
        );
        files::set_aside(&key_file)?;
        files::set_aside(&file)?;
        let certificate = to_pem(CERTIFICATE, certificate);
        let written = NewFiles::write(&[
            (key_file, &key, Readers::Owner),
            (file, &certificate, Readers::Everybody),
        ])?;
        files::sync(&[&self.dir])?;
        Ok(written)
    }

    /// Gives the files the names and the content that belong to what is recorded: the newest
    /// generation is `issuing.pem`, each older one has its number, and the root's list is the
    /// latest. Wherever it is broken off, every file is found, and doing it again ends it.
    pub(crate) fn tidy(&self, lineage: &Lineage) -> Result<(), CaError> {
        let list = self.dir.join(ROOT_CRL);
        let latest = lineage.root_list();
        if files::read_pem(&list, REVOCATION_LIST)? != latest.der().as_ref() {
            files::replace(&list, &latest.pem())?;
        }
        let (newest, _) = lineage.newest();
        let [plain_key, plain] = [ISSUING_KEY, ISSUING].map(|name| self.dir.join(name));
        if !self.numbered(newest, ISSUING).exists() {
            return Ok(());
        }
        // Keys move before their certificates, so a certificate tells what is left to be done.
        if plain.exists() {
            let found = files::read_pem(&plain, CERTIFICATE)?;
            let mut members = lineage.members();
            let older = members.find(|(_, member)| member.certificate.as_ref() == found);
            if let Some((older, _)) = older.filter(|(older, _)| *older != newest) {
                files::rename_new(&plain_key, &self.numbered(older, ISSUING_KEY))?;
                files::rename_new(&plain, &self.numbered(older, ISSUING))?;
            }
        }
        files::rename_new(&self.numbered(newest, ISSUING_KEY), &plain_key)?;
        files::rename_new(&self.numbered(newest, ISSUING), &plain)?;
        files::sync(&[&self.dir])
    }

    fn must_be_one_of(
        &self,
        path: PathBuf,
        label: &str,
        recorded: &[&impl AsRef<[u8]>],
    ) -> Result<(), CaError> {
        let found = files::read_pem(&path, label)?;
        let recorded: Vec<_> = recorded.iter().map(AsRef::as_ref).collect();
        match recorded.first() {
            Some(expected) if !recorded.contains(&&*found) => Err(foreign(path, &found, expected)),
            _ => Ok(()),
        }
    }

    /// `issuing-2.pem` for the file that is `issuing.pem` in the newest generation.
    fn numbered(&self, generation: Generation, name: &str) -> PathBuf {
        let rest = name.trim_start_matches("issuing");
        self.dir
            .join(format!("issuing-{}{rest}", generation.number()))
    }

    fn numbered_or_plain(&self, generation: Generation, name: &str) -> PathBuf {
        let numbered = self.numbered(generation, name);
        if numbered.exists() {
            numbered
        } else {
            self.dir.join(name)
        }
    }

    fn must_be_apart_from(&self, root_dir: &Path) -> Result<(), CaError> {
        if files::make_directory(&self.dir)? == files::make_directory(root_dir)? {
            return Err(CaError::RootNotApart {
                path: self.dir.clone(),
            });
        }
        Ok(())
    }
}

fn foreign(path: PathBuf, found: &[u8], recorded: &[u8]) -> CaError {
    let digest = |der: &[u8]| format!("SHA-256 {}", RequestDigest::of(der));
    CaError::Foreign {
        path,
        found: digest(found),
        recorded: digest(recorded),
    }
}
