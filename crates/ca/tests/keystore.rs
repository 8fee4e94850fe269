//! The authority's files: complete, apart, closed to others, and never overwritten.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use sealbank_ca::{
    Authority, CaError, HierarchyOptions, KeyAlgorithm, KeyProtection, Keystore, RevocationReason,
};
use sealbank_journal::{Journal, MemoryJournal};
use secrecy::SecretString;
use support::{NOW, OpenSsl, a_year, sign_one, subject, verified};

struct Home {
    dir: tempfile::TempDir,
    journal: Arc<MemoryJournal>,
}

impl Home {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            journal: Arc::new(MemoryJournal::new()),
        }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    fn create_with(
        &self,
        options: &HierarchyOptions,
        passphrase: &str,
    ) -> Result<Authority, CaError> {
        let passphrase = SecretString::from(passphrase);
        let (dir, root) = (self.path("ca"), self.path("root"));
        Authority::create(&dir, &root, &passphrase, options, self.journal.clone(), NOW)
    }

    fn create(&self) -> Result<Authority, CaError> {
        self.create_with(&HierarchyOptions::default(), "correct horse")
    }

    fn open(&self) -> Result<Authority, CaError> {
        Authority::open(&self.path("ca"), self.journal.clone())
    }

    fn keystore(&self, protection: KeyProtection) -> Keystore {
        Keystore::new(self.path("ca")).protected_by(protection)
    }

    fn create_protected(&self, protection: KeyProtection) -> Result<Authority, CaError> {
        let passphrase = SecretString::from("correct horse");
        Authority::create_in(
            self.keystore(protection),
            &self.path("root"),
            &passphrase,
            &HierarchyOptions::default(),
            self.journal.clone(),
            NOW,
        )
    }

    fn open_protected(&self, protection: KeyProtection) -> Result<Authority, CaError> {
        Authority::open_in(self.keystore(protection), self.journal.clone())
    }

    /// All files, for comparison.
    fn files(&self) -> Vec<String> {
        let mut files: Vec<_> = ["ca", "root"]
            .iter()
            .filter_map(|part| Some((part, fs::read_dir(self.path(part)).ok()?)))
            .flat_map(|(part, entries)| {
                entries.map(move |entry| {
                    format!("{part}/{}", entry.unwrap().file_name().to_str().unwrap())
                })
            })
            .collect();
        files.sort();
        files
    }
}

#[test]
fn an_authority_that_was_closed_opens_with_all_that_it_knew() {
    let home = Home::new();
    let authority = home.create().unwrap();
    let (kept, revoked) = (sign_one(&authority, "a"), sign_one(&authority, "b"));
    let revocation = authority
        .revoke(revoked.serial(), RevocationReason::Superseded, NOW)
        .unwrap();
    let list = authority.crl(NOW).unwrap();
    let root = authority.root_certificate().clone();
    drop(authority);

    let authority = home.open().unwrap();
    assert!(authority.settle(NOW).unwrap().is_empty());
    assert_eq!(authority.certificate(kept.serial()), Some(kept.clone()));
    assert_eq!(authority.find_by_request(revoked.request()), [revoked]);
    assert_eq!(authority.revocation(revocation.serial()), Some(revocation));
    assert_eq!(authority.latest_crl(), Some(list));
    assert_eq!(authority.root_certificate(), &root);
    assert_eq!(authority.crl(NOW).unwrap().number(), 2);
    assert_ne!(sign_one(&authority, "c").serial(), kept.serial());
}

#[test]
fn every_kind_of_issuing_key_is_read_back() {
    for issuing_key in [
        KeyAlgorithm::P384,
        KeyAlgorithm::Ed25519,
        KeyAlgorithm::Rsa2048,
    ] {
        let home = Home::new();
        let options = HierarchyOptions {
            issuing_key,
            ..HierarchyOptions::default()
        };
        home.create_with(&options, "p").unwrap();
        let authority = home.open().unwrap();
        assert_eq!(
            sign_one(&authority, "u").subject(),
            &subject("u"),
            "{issuing_key}"
        );
    }
}

#[test]
fn the_files_lie_where_they_belong() {
    let home = Home::new();
    home.create().unwrap();
    assert_eq!(
        home.files(),
        [
            "ca/issuing.key.pem",
            "ca/issuing.pem",
            "ca/root.crl.pem",
            "ca/root.pem",
            "root/root.key.pem",
            "root/root.pem"
        ]
    );
}

#[cfg(unix)]
#[test]
fn private_keys_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    home.create().unwrap();
    for (file, mode) in [
        ("ca/issuing.key.pem", 0o600),
        ("root/root.key.pem", 0o600),
        ("ca/issuing.pem", 0o644),
    ] {
        let found = fs::metadata(home.path(file)).unwrap().permissions().mode() & 0o777;
        // A stricter mask of the process may take rights away, and may not add any.
        assert_eq!(found & !mode, 0, "{file}: {found:o}");
    }
}

#[test]
fn openssl_opens_the_root_key_with_the_passphrase_only() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let home = Home::new();
    let authority = home.create().unwrap();
    let text = fs::read_to_string(home.path("root/root.key.pem")).unwrap();
    assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));

    fs::write(home.path("pass"), "correct horse\n").unwrap();
    fs::write(home.path("wrong"), "battery staple\n").unwrap();
    let dir = home.dir.path();
    let opened = openssl.run(dir, "pkey -in root/root.key.pem -passin file:pass -pubout");
    let certified = openssl.run(dir, "x509 -in ca/root.pem -noout -pubkey");
    assert_eq!(opened, certified);
    let (success, _) = openssl.try_run(dir, "pkcs8 -in root/root.key.pem -passin file:wrong");
    assert!(!success);
    let structure = openssl.run(dir, "asn1parse -in root/root.key.pem");
    assert!(
        structure.contains(":scrypt") && structure.contains("aes-256-cbc"),
        "{structure}"
    );

    let issuing = openssl.run(dir, "pkey -in ca/issuing.key.pem -pubout");
    assert_eq!(
        issuing,
        openssl.run(dir, "x509 -in ca/issuing.pem -noout -pubkey")
    );
    drop(authority);
}

#[test]
fn nothing_is_overwritten() {
    let home = Home::new();
    home.create().unwrap();
    let before = fs::read(home.path("ca/issuing.key.pem")).unwrap();
    let again = Home {
        dir: home.dir,
        journal: Arc::new(MemoryJournal::new()),
    };
    let refused = again.create();
    assert!(
        matches!(refused, Err(CaError::Exists { .. })),
        "{refused:?}"
    );
    assert_eq!(fs::read(again.path("ca/issuing.key.pem")).unwrap(), before);
    assert_eq!(
        again.journal.head().unwrap().position.get(),
        0,
        "nothing was recorded"
    );
}

#[test]
fn one_file_in_the_way_leaves_nothing_of_the_others_behind() {
    let home = Home::new();
    fs::create_dir_all(home.path("ca")).unwrap();
    fs::write(home.path("ca/issuing.pem"), "mine").unwrap();
    assert!(matches!(home.create(), Err(CaError::Exists { .. })));
    assert_eq!(home.files(), ["ca/issuing.pem"]);
    assert_eq!(
        fs::read_to_string(home.path("ca/issuing.pem")).unwrap(),
        "mine"
    );
}

#[test]
fn a_root_beside_the_issuing_key_an_empty_passphrase_and_a_used_journal_are_refused() {
    let home = Home::new();
    let passphrase = SecretString::from("p");
    let (dir, options) = (home.path("ca"), HierarchyOptions::default());
    let beside = Authority::create(&dir, &dir, &passphrase, &options, home.journal.clone(), NOW);
    assert!(
        matches!(beside, Err(CaError::RootNotApart { .. })),
        "{beside:?}"
    );
    let open = home.create_with(&options, "");
    assert!(matches!(open, Err(CaError::EmptyPassphrase)), "{open:?}");
    assert!(home.files().is_empty());

    home.create().unwrap();
    let (elsewhere, root) = (home.path("ca2"), home.path("root2"));
    let used = Authority::create(
        &elsewhere,
        &root,
        &passphrase,
        &options,
        home.journal.clone(),
        NOW,
    );
    assert!(matches!(used, Err(CaError::JournalInUse)), "{used:?}");
    assert!(!elsewhere.exists());
}

#[test]
fn files_and_journal_that_do_not_belong_together_are_refused() {
    let (one, other) = (Home::new(), Home::new());
    one.create().unwrap();
    other.create().unwrap();
    let mixed = Authority::open(&one.path("ca"), other.journal.clone());
    assert!(matches!(mixed, Err(CaError::Foreign { .. })), "{mixed:?}");
    let empty = Authority::open(&one.path("ca"), Arc::new(MemoryJournal::new()));
    assert!(matches!(empty, Err(CaError::NoHierarchy)), "{empty:?}");

    fs::copy(
        other.path("ca/issuing.key.pem"),
        one.path("ca/issuing.key.pem"),
    )
    .unwrap();
    let foreign_key = one.open();
    assert!(
        matches!(foreign_key, Err(CaError::Mismatch { .. })),
        "{foreign_key:?}"
    );
}

#[test]
fn a_missing_or_spoilt_file_is_named() {
    let spoilt = |file: &str, spoil: fn(&Path)| {
        let home = Home::new();
        home.create().unwrap();
        spoil(&home.path(file));
        home.open().unwrap_err().to_string()
    };
    for file in ["issuing.key.pem", "issuing.pem", "root.pem", "root.crl.pem"] {
        let message = spoilt(&format!("ca/{file}"), |path| fs::remove_file(path).unwrap());
        assert!(message.contains(file), "{message}");
        let message = spoilt(&format!("ca/{file}"), |path| {
            fs::write(path, "nonsense").unwrap();
        });
        assert!(message.contains(file), "{message}");
    }
}

#[test]
fn a_draft_that_a_crash_left_behind_is_settled_at_the_next_start() {
    let home = Home::new();
    let authority = home.create().unwrap();
    let request = verified();
    authority
        .sign(&[(request.clone(), subject("u"), a_year())], NOW)
        .unwrap();
    drop(authority);
    // The journal as it was before the certificate was recorded.
    let cut = Arc::new(MemoryJournal::new());
    for entry in support::entries(&*home.journal) {
        if entry.kind() != "ca-certificate" {
            support::copy(&*cut, &entry);
        }
    }
    let authority = Authority::open(&home.path("ca"), cut.clone()).unwrap();
    let settled = authority.settle(NOW).unwrap();
    assert_eq!(settled.len(), 1);
    assert_eq!(settled[0].request, *request.digest());
    assert!(authority.find_by_request(request.digest()).is_empty());
    drop(authority);
    let authority = Authority::open(&home.path("ca"), cut).unwrap();
    assert!(
        authority.settle(NOW).unwrap().is_empty(),
        "settled for good"
    );
}

fn passphrase(text: &str) -> KeyProtection {
    KeyProtection::Passphrase(text.into())
}

#[test]
fn an_issuing_key_under_a_passphrase_opens_with_that_one_alone() {
    let home = Home::new();
    let signed = sign_one(&home.create_protected(passphrase("staple")).unwrap(), "a");
    let text = fs::read_to_string(home.path("ca/issuing.key.pem")).unwrap();
    assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));

    let authority = home.open_protected(passphrase("staple")).unwrap();
    assert_eq!(authority.certificate(signed.serial()), Some(signed));
    sign_one(&authority, "b");
    drop(authority);

    let without = home.open().unwrap_err();
    assert!(
        matches!(&without, CaError::KeyEncrypted { path } if path.ends_with("issuing.key.pem"))
    );
    let wrong = home.open_protected(passphrase("horse")).unwrap_err();
    assert!(
        matches!(&wrong, CaError::WrongPassphrase { path } if path.ends_with("issuing.key.pem"))
    );
    let empty = home.open_protected(passphrase("")).unwrap_err();
    assert!(matches!(empty, CaError::EmptyPassphrase), "{empty}");
}

#[test]
fn an_empty_passphrase_for_the_issuing_key_leaves_nothing_behind() {
    let home = Home::new();
    let refused = home.create_protected(passphrase(""));
    assert!(
        matches!(refused, Err(CaError::EmptyPassphrase)),
        "{refused:?}"
    );
    assert!(home.files().is_empty());
}

#[test]
fn a_key_that_lies_there_plain_takes_any_passphrase() {
    let home = Home::new();
    home.create().unwrap();
    sign_one(&home.open_protected(passphrase("needless")).unwrap(), "a");
}

#[test]
fn a_key_file_that_openssl_encrypted_opens() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let home = Home::new();
    home.create().unwrap();
    let dir = home.dir.path();
    fs::copy(home.path("ca/issuing.key.pem"), home.path("plain.pem")).unwrap();
    openssl.run(
        dir,
        "pkcs8 -topk8 -in plain.pem -out ca/issuing.key.pem -passout pass:staple",
    );
    sign_one(&home.open_protected(passphrase("staple")).unwrap(), "a");
}

#[test]
fn a_key_file_that_would_fill_the_memory_is_refused() {
    let home = Home::new();
    home.create_protected(passphrase("staple")).unwrap();
    let path = home.path("ca/issuing.key.pem");
    let (label, mut der) = pkcs8::der::pem::decode_vec(&fs::read(&path).unwrap())
        .map(|(label, der)| (label.to_owned(), der))
        .unwrap();
    // scrypt's N is 16384 and its r is 8.
    let cost = [2, 2, 0x40, 0, 2, 1, 8];
    let at = der.windows(7).position(|bytes| bytes == cost).unwrap();
    der[at + 6] = 127;
    support::write_pem(&path, &label, &der);
    let greedy = home.open_protected(passphrase("staple")).unwrap_err();
    assert!(greedy.to_string().contains("too much memory"), "{greedy}");
}
