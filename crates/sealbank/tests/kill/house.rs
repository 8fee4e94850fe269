//! A CA in a directory of its own, and the requests that it is asked to sign.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const REQUESTS: &str = "requests.pem";

/// The requests of a run.
pub(crate) struct Input {
    bundle: String,
    pub(crate) count: usize,
    /// The positions of those that are refused, from 1.
    pub(crate) bad: BTreeSet<usize>,
}

impl Input {
    /// As many requests, each with a key of its own; some are spoilt.
    pub(crate) fn new(count: usize) -> Self {
        let bad: BTreeSet<_> = (1..=count).step_by(29).collect();
        let request = |position| {
            let key = rcgen::KeyPair::generate().unwrap();
            let request = rcgen::CertificateParams::default()
                .serialize_request(&key)
                .unwrap();
            let label = if bad.contains(&position) {
                "X"
            } else {
                "CERTIFICATE"
            };
            let pem = request.pem().unwrap().replace("\r\n", "\n");
            pem.replace("CERTIFICATE", label)
        };
        Self {
            bundle: (1..=count).map(request).collect(),
            count,
            bad,
        }
    }
}

/// The CA is in `ca`.
pub(crate) struct House(TempDir);

impl House {
    pub(crate) fn founded() -> Self {
        let house = Self(tempfile::tempdir().unwrap());
        house.ca(&["init"]);
        house
    }

    /// A CA with the same keys and another fate.
    pub(crate) fn copy(&self, input: &Input) -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(copy.path("ca")).unwrap();
        for entry in std::fs::read_dir(self.path("ca")).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copy.path("ca").join(entry.file_name())).unwrap();
        }
        std::fs::write(copy.path(REQUESTS), &input.bundle).unwrap();
        copy
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// `sealbank ca …`, which has to succeed; what it says on standard output.
    pub(crate) fn ca(&self, arguments: &[&str]) -> String {
        let output = self.sealbank(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The run's next process, which releases to standard output.
    pub(crate) fn run(&self) -> Command {
        self.sign(&["--format", "ndjson"])
    }

    /// The run's last process.
    pub(crate) fn finish(&self) {
        let output = self.sign(&["--out", "all.ndjson"]).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(1),
            "some were rejected: {output:?}"
        );
    }

    fn sign(&self, more: &[&str]) -> Command {
        let mut command = self.sealbank(&["sign", "--bulk", REQUESTS, "--slice", "8"]);
        command.args(more);
        if self.path("ca/bulk-run.json").exists() {
            command.arg("--resume");
        } else {
            command.args(["--subject", "CN=user{position:04}"]);
        }
        command
    }

    fn sealbank(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealbank"));
        command
            .arg("ca")
            .args(arguments)
            .current_dir(self.0.path())
            .env("SEALBANK_ROOT_PASSPHRASE", "a passphrase for tests");
        command
    }
}
