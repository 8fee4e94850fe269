//! How private keys are closed to others on disk: PKCS #8 in PEM, plain or under a passphrase.
//! Where the files lie is for `keystore` to know.

use std::path::Path;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::CaError;
use crate::certificate::to_pem;
use crate::files::{malformed_file, read_pem_block};
use crate::key::SoftwareKey;

/// The label of a key that anybody can use who can read the file (RFC 7468 section 10).
const PLAIN: &str = "PRIVATE KEY";
/// The label of a key under a passphrase (RFC 7468 section 11).
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// scrypt's cost (RFC 7914): 2^14 rounds of 8 blocks, five times over. That is 16 MiB for each
/// guess, the most that OpenSSL reads without being told to.
const SCRYPT: (u8, u32, u32) = (14, 8, 5);

/// The most memory that a key file may make scrypt take; a file that asks for more is not ours.
const MAX_SCRYPT_BYTES: u64 = 128 * 1024 * 1024;

/// How the issuing key lies on disk; its file is readable by its owner alone in any case.
///
/// ```
/// use sealbank_ca::{KeyProtection, Keystore};
///
/// let keystore = Keystore::new("ca").protected_by(KeyProtection::Passphrase("correct horse".into()));
/// assert!(!format!("{keystore:?}").contains("horse"));
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum KeyProtection {
    /// As a PKCS #8 `PrivateKeyInfo` (RFC 5958 section 2): the authority opens without anybody
    /// being asked.
    #[default]
    Plain,
    /// As an `EncryptedPrivateKeyInfo` (RFC 5958 section 3) with scrypt and AES-256-CBC, like the
    /// root's key: whoever opens the authority gives this passphrase.
    Passphrase(SecretString),
}

impl KeyProtection {
    /// The content of a key's file.
    pub(crate) fn seal(&self, key: &SoftwareKey) -> Result<Zeroizing<String>, CaError> {
        match self {
            Self::Plain => Ok(Zeroizing::new(to_pem(PLAIN, key.pkcs8()))),
            Self::Passphrase(passphrase) => encrypt(key, passphrase),
        }
    }

    /// The key of a file. A key that lies there plain needs no passphrase, and takes any.
    pub(crate) fn open(&self, path: &Path) -> Result<SoftwareKey, CaError> {
        let (label, der) = read_pem_block(path)?;
        match (label.as_str(), self) {
            (PLAIN, _) => SoftwareKey::from_pkcs8(der),
            (ENCRYPTED, Self::Passphrase(passphrase)) => decrypt(&der, passphrase, path),
            (ENCRYPTED, Self::Plain) => Err(CaError::KeyEncrypted {
                path: path.to_owned(),
            }),
            (other, _) => Err(malformed_file(
                path,
                &format!("it is labelled {other:?} instead of {PLAIN:?} or {ENCRYPTED:?}"),
            )),
        }
    }
}

/// PBES2 (RFC 8018 section 6.2) with scrypt and AES-256-CBC.
fn encrypt(key: &SoftwareKey, passphrase: &SecretString) -> Result<Zeroizing<String>, CaError> {
    let passphrase = passphrase.expose_secret();
    if passphrase.is_empty() {
        return Err(CaError::EmptyPassphrase);
    }
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    let random = SystemRandom::new();
    random
        .fill(&mut salt)
        .and_then(|()| random.fill(&mut iv))
        .map_err(|_| CaError::Randomness)?;
    let (log_rounds, blocks, parallel) = SCRYPT;
    let cost =
        scrypt::Params::new(log_rounds, blocks, parallel).expect("these are sound parameters");
    let parameters =
        pbes2::Parameters::generate_scrypt_aes256cbc(cost, &salt, iv).map_err(unencrypted)?;
    let encrypted = PrivateKeyInfoRef::try_from(key.pkcs8())
        .map_err(unencrypted)?
        .encrypt_with_params(parameters, passphrase)
        .map_err(unencrypted)?;
    Ok(Zeroizing::new(to_pem(ENCRYPTED, encrypted.as_bytes())))
}

fn decrypt(der: &[u8], passphrase: &SecretString, path: &Path) -> Result<SoftwareKey, CaError> {
    let passphrase = passphrase.expose_secret();
    if passphrase.is_empty() {
        return Err(CaError::EmptyPassphrase);
    }
    let malformed = |problem: &str| malformed_file(path, problem);
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(der)
        .map_err(|problem| malformed(&problem.to_string()))?;
    let parameters = encrypted
        .encryption_algorithm
        .pbes2()
        .ok_or_else(|| malformed("it is not encrypted with PBES2"))?;
    if let Some(scrypt) = parameters.kdf.scrypt() {
        let bytes = scrypt.cost_parameter.saturating_mul(128);
        if bytes.saturating_mul(scrypt.block_size.into()) > MAX_SCRYPT_BYTES {
            return Err(malformed("its passphrase takes too much memory to check"));
        }
    }
    // A wrong passphrase shows as wrong padding, or as something that is no key.
    let wrong = || CaError::WrongPassphrase {
        path: path.to_owned(),
    };
    let opened = encrypted.decrypt(passphrase).map_err(|_| wrong())?;
    SoftwareKey::from_pkcs8(Zeroizing::new(opened.as_bytes().to_vec())).map_err(|_| wrong())
}

fn unencrypted(problem: impl std::fmt::Display) -> CaError {
    CaError::Key {
        doing: "encrypted",
        problem: problem.to_string(),
    }
}
