//! A certificate with its private key in one file that a browser imports: PKCS #12 (RFC 7292),
//! encrypted with AES-256 and sealed with HMAC-SHA256, which `OpenSSL`, NSS, `GnuTLS`, Java and Node
//! all read.

use p12_keystore::{
    Certificate as Packed, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey,
    PrivateKeyChain,
};
use pkcs8::der::pem;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::facts::same;
use crate::key::SoftwareKey;
use crate::{Authority, CaError, Certificate, SigningKey as _};

/// PBKDF2's rounds, for the content as for the seal. A file with 600,000 opens in a second or so
/// in every reader; this many cost a guesser what they cost the owner, a twentieth of that.
const ROUNDS: u32 = 100_000;

impl Authority {
    /// A PKCS #12 file of the certificate, its chain up to the root, and its private key, which
    /// comes as an unencrypted PKCS #8 PEM block and is kept nowhere.
    ///
    /// `password` protects the file on its way to its owner. It is printable ASCII, because Java
    /// refuses others in files of this kind, and not empty, because NSS refuses that.
    ///
    /// # Errors
    /// [`CaError::TransportPassword`]; [`CaError::Malformed`] and [`CaError::Key`] if the key
    /// cannot be read, [`CaError::Mismatch`] if it is not the certificate's, or the certificate not
    /// this authority's.
    pub fn export(
        &self,
        certificate: &Certificate,
        private_key_pem: &str,
        password: &SecretString,
    ) -> Result<Vec<u8>, CaError> {
        let password = checked(password.expose_secret())?;
        let key = private_key(private_key_pem)?;
        let certified = certificate.public_key();
        same("the private key", "public key", certified, key.public_key())?;
        let [issuing, root] = self.chain_of(certificate)?;
        let packed = [certificate.der(), issuing, root]
            .into_iter()
            .map(|der| Packed::from_der(der).map_err(failure))
            .collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKey::from_der(key.pkcs8()).map_err(failure)?;
        let identifier = certificate.serial().as_bytes().as_slice();
        let chain = PrivateKeyChain::new(identifier, key, packed);
        let mut store = KeyStore::new();
        store.add_entry(
            certificate.subject().common_name(),
            KeyStoreEntry::PrivateKeyChain(chain),
        );
        store
            .writer(password)
            .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
            .encryption_iterations(ROUNDS)
            .mac_algorithm(MacAlgorithm::HmacSha256)
            .mac_iterations(ROUNDS)
            .write()
            .map_err(failure)
    }
}

fn checked(password: &str) -> Result<&str, CaError> {
    let refuse = |problem| Err(CaError::TransportPassword { problem });
    if password.is_empty() {
        return refuse("is empty, which browsers built on NSS refuse");
    }
    let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    if !password.bytes().all(printable) {
        return refuse("has characters beyond printable ASCII, which Java refuses in such files");
    }
    Ok(password)
}

fn private_key(text: &str) -> Result<SoftwareKey, CaError> {
    const WHAT: &str = "the private key";
    let malformed = |problem: String| CaError::Malformed {
        what: WHAT,
        problem,
    };
    let (label, der) =
        pem::decode_vec(text.as_bytes()).map_err(|problem| malformed(problem.to_string()))?;
    let der = Zeroizing::new(der);
    if label != "PRIVATE KEY" {
        let problem =
            format!("it is labelled {label:?}; give an unencrypted PRIVATE KEY (PKCS #8)");
        return Err(malformed(problem));
    }
    SoftwareKey::from_pkcs8(der)
}

fn failure(problem: impl std::fmt::Display) -> CaError {
    CaError::Encoding {
        what: "a PKCS #12 file",
        problem: problem.to_string(),
    }
}
