//! The public halves of the issuing keys, read from the certificates beside them: whoever only looks into a CA needs no
//! key, and is asked for no passphrase.

use std::path::{Path, PathBuf};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use sealbank_ca::{CaError, PublicKey, SigningKey};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::house::unusable;
use crate::exit::Failure;

/// A key that can't sign.
struct PublicHalf(PublicKey);

impl SigningKey for PublicHalf {
    fn public_key(&self) -> &PublicKey {
        &self.0
    }

    fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, CaError> {
        Err(CaError::Key {
            doing: "used",
            problem: "the CA was opened to be looked into, without its keys".to_owned(),
        })
    }
}

/// Those of all generations whose certificates are in the directory.
pub(super) fn public_halves(dir: &Path) -> Result<Vec<Box<dyn SigningKey>>, Failure> {
    let listed = std::fs::read_dir(dir)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| Failure::internal(unusable(dir, "read", &error)))?;
    let mut paths: Vec<PathBuf> = listed.iter().map(std::fs::DirEntry::path).collect();
    paths.retain(|path| is_issuing_certificate(path));
    paths.sort();
    paths.iter().map(|path| public_half(path)).collect()
}

/// `issuing.pem`, `issuing-1.pem` and so on.
fn is_issuing_certificate(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let middle = name.and_then(|name| name.strip_prefix("issuing")?.strip_suffix(".pem"));
    middle.is_some_and(|middle| {
        let number = middle.strip_prefix('-');
        middle.is_empty() || number.is_some_and(|number| number.parse::<u16>().is_ok())
    })
}

fn public_half(path: &Path) -> Result<Box<dyn SigningKey>, Failure> {
    let unread = |problem: &dyn std::fmt::Display| {
        Failure::internal(format!(
            "error: {} is not the certificate of an issuing CA: {problem}\nhelp: restore it from a backup",
            path.display()
        ))
    };
    let der = CertificateDer::from_pem_file(path).map_err(|problem| unread(&problem))?;
    let (_, certificate) = X509Certificate::from_der(&der).map_err(|problem| unread(&problem))?;
    let key = PublicKey::from_spki_der(certificate.tbs_certificate.subject_pki.raw)
        .map_err(|problem| unread(&problem))?;
    Ok(Box::new(PublicHalf(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_of_generations_are_told_from_keys_and_lists() {
        for (name, expected) in [
            ("issuing.pem", true),
            ("issuing-1.pem", true),
            ("issuing-12.pem", true),
            ("issuing.key.pem", false),
            ("issuing-1.key.pem", false),
            ("issuing.crl.pem", false),
            ("issuing-1.crl.pem", false),
            ("issuing-2.pem.unrecorded", false),
            ("root.pem", false),
        ] {
            let path = Path::new("ca").join(name);
            assert_eq!(is_issuing_certificate(&path), expected, "{name}");
        }
    }
}
