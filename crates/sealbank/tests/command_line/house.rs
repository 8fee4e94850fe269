//! A CA in a directory of its own, as the tests of its commands use it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::{sealbank, workspace};

/// Of every root key.
pub(crate) const PASSPHRASE: &str = "a passphrase for tests";

/// Whom a certificate is for.
pub(crate) const SUBJECT: &str = r"O=Example Bank\, Ltd,OU=Internet Banking,CN=ZZTST1 keiri01";

/// Whether this machine has the program that judges.
pub(crate) fn openssl_is_here() -> bool {
    Command::new("openssl").arg("version").output().is_ok()
}

/// A CA in a directory of its own.
pub(crate) struct House {
    directory: TempDir,
}

impl House {
    pub(crate) fn empty() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn founded() -> Self {
        let house = Self::empty();
        house.done(&["init"]);
        house
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// `sealbank ca …` in the directory, where the CA is `ca`.
    pub(crate) fn ca(&self, arguments: &[&str]) -> Output {
        self.ca_with(&[("SEALBANK_ROOT_PASSPHRASE", PASSPHRASE)], arguments)
    }

    /// The same with other variables in its environment.
    pub(crate) fn ca_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
        sealbank()
            .arg("ca")
            .args(arguments)
            .current_dir(self.path())
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }

    /// The same, which has to succeed; what it says on standard output.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let output = self.ca(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let arguments = [arguments, &["--json"]].concat();
        serde_json::from_str(&self.done(&arguments)).unwrap()
    }

    /// Signs one request; the certificate's serial.
    pub(crate) fn signed(&self) -> String {
        let request = request("accepted.p256.pem");
        let made = self.json(&["sign", &request, "--subject", SUBJECT]);
        made["signed"][0]["serial"].as_str().unwrap().to_owned()
    }

    /// What OpenSSL says, if it accepts what it is given.
    pub(crate) fn openssl(&self, arguments: &str) -> Option<String> {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.path())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        output.status.success().then_some(said)
    }
}

/// A request of the fixtures.
pub(crate) fn request(name: &str) -> String {
    let path: PathBuf = workspace().join("fixtures/requests").join(name);
    path.to_str().unwrap().to_owned()
}
