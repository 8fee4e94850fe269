//! The authority's files: the root apart, with its key encrypted; the issuing authority with its
//! key readable by its owner alone. Files appear whole or not at all, and none is overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::pem;
use pkcs8::pkcs5::{pbes2, scrypt};
use sealbank_journal::JournalError;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::certificate::to_pem;
use crate::hierarchy::{Foundation, Hierarchy};
use crate::key::SoftwareKey;
use crate::{CaError, RequestDigest};

const ROOT_KEY: &str = "root.key.pem";
const ROOT: &str = "root.pem";
const ROOT_CRL: &str = "root.crl.pem";
const ISSUING_KEY: &str = "issuing.key.pem";
const ISSUING: &str = "issuing.pem";

/// scrypt's cost (RFC 7914): 2^14 rounds of 8 blocks, five times over. That is 16 MiB for each
/// guess, the most that OpenSSL reads without being told to.
const SCRYPT: (u8, u32, u32) = (14, 8, 5);

/// Files that were written and are removed again unless they are kept.
pub(crate) struct NewFiles(Vec<PathBuf>);

impl NewFiles {
    /// Keeps the files, unless the journal has certainly not recorded what they belong to.
    pub(crate) fn keep_unless_refused(
        mut self,
        recorded: Result<(), CaError>,
    ) -> Result<(), CaError> {
        let perhaps_recorded = matches!(
            recorded,
            Ok(()) | Err(CaError::Journal(JournalError::Closed { .. }))
        );
        if perhaps_recorded {
            self.0.clear();
        }
        recorded
    }
}

impl Drop for NewFiles {
    fn drop(&mut self) {
        for path in &self.0 {
            // There is nobody to tell, and a file that stays is noticed by the next attempt.
            let _ = fs::remove_file(path);
        }
    }
}

/// Who may read a file.
#[derive(Clone, Copy)]
enum Readers {
    Everybody,
    Owner,
}

/// Writes a new hierarchy.
pub(crate) fn write(
    dir: &Path,
    root_dir: &Path,
    passphrase: &SecretString,
    foundation: &Foundation,
) -> Result<NewFiles, CaError> {
    let root_key = encrypt(&foundation.root_key, passphrase)?;
    make_directories(dir, root_dir)?;
    let hierarchy = &foundation.hierarchy;
    let root = to_pem("CERTIFICATE", &hierarchy.root);
    let issuing = to_pem("CERTIFICATE", &hierarchy.issuing);
    let issuing_key = Zeroizing::new(to_pem("PRIVATE KEY", foundation.issuing_key.pkcs8()));
    let files = [
        (root_dir.join(ROOT_KEY), &*root_key, Readers::Owner),
        (root_dir.join(ROOT), &root, Readers::Everybody),
        (dir.join(ROOT), &root, Readers::Everybody),
        (
            dir.join(ROOT_CRL),
            &hierarchy.root_list.pem(),
            Readers::Everybody,
        ),
        (dir.join(ISSUING), &issuing, Readers::Everybody),
        (dir.join(ISSUING_KEY), &issuing_key, Readers::Owner),
    ];
    if let Some((path, ..)) = files.iter().find(|(path, ..)| path.exists()) {
        return Err(CaError::Exists { path: path.clone() });
    }
    let mut written = NewFiles(Vec::new());
    for (path, content, readers) in &files {
        write_new(path, content, *readers)?;
        written.0.push(path.clone());
    }
    for directory in [dir, root_dir] {
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(failure(directory, "sync the directory"))?;
    }
    Ok(written)
}

/// The key of the issuing authority.
pub(crate) fn read_issuing_key(dir: &Path) -> Result<SoftwareKey, CaError> {
    let path = dir.join(ISSUING_KEY);
    SoftwareKey::from_pkcs8(Zeroizing::new(read_pem(&path, "PRIVATE KEY")?))
}

/// Refuses files that are not those of the recorded hierarchy.
pub(crate) fn must_match(dir: &Path, hierarchy: &Hierarchy) -> Result<(), CaError> {
    let files: [(&str, &str, &[u8]); 3] = [
        (ROOT, "CERTIFICATE", &hierarchy.root),
        (ROOT_CRL, "X509 CRL", hierarchy.root_list.der()),
        (ISSUING, "CERTIFICATE", &hierarchy.issuing),
    ];
    for (name, label, recorded) in files {
        let path = dir.join(name);
        let found = read_pem(&path, label)?;
        if found != recorded {
            let digest = |der: &[u8]| format!("SHA-256 {}", RequestDigest::of(der));
            return Err(CaError::Foreign {
                path,
                found: digest(&found),
                recorded: digest(recorded),
            });
        }
    }
    Ok(())
}

/// `EncryptedPrivateKeyInfo` (RFC 5958 section 3) in PEM: PBES2 with scrypt and AES-256-CBC.
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
    Ok(Zeroizing::new(to_pem(
        "ENCRYPTED PRIVATE KEY",
        encrypted.as_bytes(),
    )))
}

fn unencrypted(problem: impl std::fmt::Display) -> CaError {
    CaError::Key {
        doing: "encrypted",
        problem: problem.to_string(),
    }
}

fn make_directories(dir: &Path, root_dir: &Path) -> Result<(), CaError> {
    let real = |path: &Path| {
        fs::create_dir_all(path).map_err(failure(path, "make the directory"))?;
        path.canonicalize()
            .map_err(failure(path, "resolve the directory"))
    };
    if real(dir)? == real(root_dir)? {
        return Err(CaError::RootNotApart {
            path: dir.to_owned(),
        });
    }
    Ok(())
}

/// Writes beside the place, syncs, and links into place, which fails if something is there.
fn write_new(path: &Path, content: &str, readers: Readers) -> Result<(), CaError> {
    let draft = path.with_extension("pem.new");
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(match readers {
            Readers::Everybody => 0o644,
            Readers::Owner => 0o600,
        });
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = options
        .open(&draft)
        .map_err(failure(&draft, "create the file"))?;
    let written = file
        .write_all(content.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&draft, path))
        .map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => CaError::Exists {
                path: path.to_owned(),
            },
            _ => failure(path, "write the file")(source),
        });
    let removed = fs::remove_file(&draft).map_err(failure(&draft, "remove the draft"));
    written.and(removed)
}

/// The content of a file that is one PEM block with this label.
fn read_pem(path: &Path, label: &str) -> Result<Vec<u8>, CaError> {
    let text = Zeroizing::new(fs::read(path).map_err(failure(path, "read the file"))?);
    let malformed = |problem: String| CaError::Malformed {
        what: "a file of the authority",
        problem: format!("{}: {problem}", path.display()),
    };
    let (found, der) = pem::decode_vec(&text).map_err(|problem| malformed(problem.to_string()))?;
    if found != label {
        return Err(malformed(format!(
            "it is labelled {found:?} instead of {label:?}"
        )));
    }
    Ok(der)
}

fn failure(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> CaError {
    let path = path.to_owned();
    move |source| CaError::Io {
        path,
        doing,
        source,
    }
}
