//! The authority's directory: the root apart, with its key encrypted; the issuing authority with
//! its key readable by its owner alone. No file is overwritten but lists by newer ones.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::certificate::to_pem;
use crate::files::{self, NewFiles, Readers};
use crate::hierarchy::{Foundation, Hierarchy};
use crate::key::SoftwareKey;
use crate::{CaError, KeyProtection, RequestDigest};

pub(crate) const ROOT_KEY: &str = "root.key.pem";
pub(crate) const ROOT: &str = "root.pem";
const ROOT_CRL: &str = "root.crl.pem";
const ISSUING_KEY: &str = "issuing.key.pem";
const ISSUING: &str = "issuing.pem";

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
        let root = to_pem("CERTIFICATE", &hierarchy.root);
        let issuing = to_pem("CERTIFICATE", &hierarchy.issuing);
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

    /// The key of the issuing authority.
    pub(crate) fn issuing_key(&self) -> Result<SoftwareKey, CaError> {
        self.protection.open(&self.dir.join(ISSUING_KEY))
    }

    /// Refuses files that are not those of the recorded hierarchy.
    pub(crate) fn must_match(&self, hierarchy: &Hierarchy) -> Result<(), CaError> {
        let files: [(&str, &str, &[u8]); 3] = [
            (ROOT, "CERTIFICATE", &hierarchy.root),
            (ROOT_CRL, "X509 CRL", hierarchy.root_list.der()),
            (ISSUING, "CERTIFICATE", &hierarchy.issuing),
        ];
        for (name, label, recorded) in files {
            let path = self.dir.join(name);
            let found = files::read_pem(&path, label)?;
            if found != recorded {
                return Err(foreign(path, &found, recorded));
            }
        }
        Ok(())
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
