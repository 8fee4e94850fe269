//! A second generation of the issuing authority: what it takes over, what stays with the first,
//! and that a crash at any point is mended.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use sealbank_ca::{
    AuditBreak, Authority, Breach, CaError, Certificate, Generation, HierarchyOptions,
    KeyAlgorithm, KeyProtection, Keystore, Name, NameAttribute, Profile, PublicKey, RenewalOptions,
    RevocationReason, Root, SigningKey, audit_journal,
};
use sealbank_journal::{
    Append, Entry, Head, Journal, JournalError, MemoryJournal, Position, StreamName, Version,
};
use secrecy::SecretString;
use support::{NOW, OpenSsl, copy, entries, sign_in_bulk, sign_one, write_pem};
use time::Duration;

const LATER: Duration = Duration::days(90);

fn second() -> Generation {
    Generation::new(2).unwrap()
}

fn in_memory() -> (Authority, Root, Arc<MemoryJournal>) {
    let journal = Arc::new(MemoryJournal::new());
    let options = HierarchyOptions::default();
    let (authority, root) = Authority::in_memory_with_root(&options, journal.clone(), NOW).unwrap();
    (authority, root, journal)
}

/// An authority in files, and its journal.
struct Home {
    dir: tempfile::TempDir,
    journal: Arc<MemoryJournal>,
    protection: KeyProtection,
}

impl Home {
    fn new() -> Self {
        Self::protected(KeyProtection::Plain)
    }

    fn protected(protection: KeyProtection) -> Self {
        let home = Self {
            dir: tempfile::tempdir().unwrap(),
            journal: Arc::new(MemoryJournal::new()),
            protection,
        };
        let options = HierarchyOptions::default();
        let passphrase = SecretString::from("correct horse");
        let (keystore, root) = (home.keystore(), home.path("root"));
        let journal = home.journal.clone();
        Authority::create_in(keystore, &root, &passphrase, &options, journal, NOW).unwrap();
        home
    }

    fn keystore(&self) -> Keystore {
        Keystore::new(self.path("ca")).protected_by(self.protection.clone())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn open(&self) -> Authority {
        Authority::open_in(self.keystore(), self.journal.clone()).unwrap()
    }

    fn root(&self) -> Root {
        Root::open(&self.path("root"), &"correct horse".into()).unwrap()
    }

    fn renew(&self) -> Authority {
        let mut authority = self.open();
        authority
            .renew_issuing(&self.root(), &RenewalOptions::default(), NOW)
            .unwrap();
        authority
    }

    /// The names of the files of the issuing authority.
    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(self.path("ca")).unwrap();
        let mut names: Vec<_> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("issuing"))
            .collect();
        names.sort();
        names
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path("ca").join(from), self.path("ca").join(to)).unwrap();
    }
}

#[test]
fn a_new_generation_signs_with_a_name_and_a_key_of_its_own() {
    let (mut authority, root, journal) = in_memory();
    let old = sign_one(&authority, "old");
    let (name, key) = (
        authority.issuer().name().clone(),
        authority.issuer().public_key().clone(),
    );
    let options = RenewalOptions {
        key: KeyAlgorithm::P384,
        lifetime: Duration::days(1000),
        ..RenewalOptions::default()
    };
    let made = authority.renew_issuing(&root, &options, NOW + LATER);
    assert_eq!(made.unwrap(), second());

    let issuer = authority.issuer();
    assert_eq!(issuer.name().to_string(), format!("{name} G2"));
    assert_ne!(issuer.public_key(), &key);
    assert_eq!(issuer.public_key().algorithm(), KeyAlgorithm::P384);
    let ends = NOW + LATER + options.lifetime;
    assert_eq!(issuer.validity().not_after(), ends);
    assert_eq!(
        authority.profile().crl_url(),
        "http://ca.sealbank.test/issuing-2.crl"
    );

    let new = sign_one(&authority, "new");
    assert_eq!(new.issuer(), issuer.name());
    assert_eq!(authority.generation_of(&old), Some(Generation::FIRST));
    assert_eq!(authority.generation_of(&new), Some(second()));
    let seen = audit_journal(&*journal).unwrap();
    assert_eq!((seen.renewals, seen.certificates), (1, 2));
}

#[test]
fn what_the_caller_says_of_name_and_profile_is_taken() {
    let (mut authority, root, _) = in_memory();
    let name = Name::new(&[(NameAttribute::CommonName, "Signing 2031 TEST ONLY")]).unwrap();
    let profile = Profile::default()
        .with_crl_url("http://elsewhere.test/a.crl")
        .unwrap();
    let options = RenewalOptions {
        name: Some(name.clone()),
        profile: Some(profile.clone()),
        ..RenewalOptions::default()
    };
    authority.renew_issuing(&root, &options, NOW).unwrap();
    assert_eq!(authority.issuer().name(), &name);
    assert_eq!(authority.profile(), &profile);

    // The third is named after the first, and no name comes twice.
    authority
        .renew_issuing(&root, &RenewalOptions::default(), NOW)
        .unwrap();
    assert!(authority.issuer().name().to_string().ends_with(" G3"));
    let again = authority.renew_issuing(&root, &options, NOW);
    assert!(matches!(again, Err(CaError::Mismatch { .. })), "{again:?}");
    assert_eq!(authority.generation().number(), 3);
}

#[test]
fn each_generation_has_lists_of_its_own_with_what_it_signed_itself() {
    let (mut authority, root, journal) = in_memory();
    let (old, old_bulk) = (sign_one(&authority, "a"), sign_in_bulk(&authority, "b"));
    authority.crl(NOW).unwrap();
    authority
        .renew_issuing(&root, &RenewalOptions::default(), NOW)
        .unwrap();
    let (new, new_bulk) = (sign_one(&authority, "c"), sign_in_bulk(&authority, "d"));
    for certificate in [&old, &old_bulk, &new, &new_bulk] {
        authority
            .revoke(certificate.serial(), RevocationReason::Superseded, NOW)
            .unwrap();
    }
    let lists = authority.crls(NOW).unwrap();
    let listed =
        |at: usize| -> Vec<_> { lists[at].1.revoked().iter().map(|it| it.serial).collect() };
    let sorted = |mut serials: Vec<_>| {
        serials.sort();
        serials
    };
    assert_eq!(
        listed(0),
        sorted(vec![*old.serial(), *old_bulk.serial()]),
        "the first generation's"
    );
    assert_eq!(listed(1), sorted(vec![*new.serial(), *new_bulk.serial()]));
    let numbers: Vec<_> = lists.iter().map(|(_, list)| list.number()).collect();
    assert_eq!(numbers, [2, 1], "each counts for itself");
    assert_eq!(authority.crl(NOW).unwrap().number(), 2);
    assert_eq!(
        authority.crl_of(Generation::FIRST, NOW).unwrap().number(),
        3
    );
    let latest: Vec<_> = authority.latest_crls();
    assert_eq!(latest.len(), 2);
    assert_eq!(latest[1].1, authority.latest_crl().unwrap());
    let third = authority.crl_of(Generation::new(3).unwrap(), NOW);
    assert!(
        matches!(third, Err(CaError::UnknownGeneration { .. })),
        "{third:?}"
    );

    assert_eq!(audit_journal(&*journal).unwrap().lists, 5);
}

#[test]
fn a_generation_that_has_ended_is_asked_for_no_more_lists() {
    let (mut authority, root, _) = in_memory();
    let first_ends = authority.issuer().validity().not_after();
    let renewed_at = first_ends - LATER;
    let options = RenewalOptions {
        lifetime: Duration::days(1000),
        ..RenewalOptions::default()
    };
    authority
        .renew_issuing(&root, &options, renewed_at)
        .unwrap();
    let of = |now| {
        let lists = authority.crls(now).unwrap();
        lists.iter().map(|(it, _)| it.number()).collect::<Vec<_>>()
    };
    assert_eq!(of(first_ends), [1, 2]);
    assert_eq!(of(first_ends + Duration::SECOND), [2]);
}

#[test]
fn openssl_verifies_certificates_of_both_generations_with_all_lists() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let (mut authority, root, _) = in_memory();
    let (old, revoked) = (sign_one(&authority, "a"), sign_one(&authority, "b"));
    authority
        .renew_issuing(&root, &RenewalOptions::default(), NOW)
        .unwrap();
    authority.renew_root_crl(&root, NOW).unwrap();
    let (new, revoked_too) = (sign_one(&authority, "c"), sign_one(&authority, "d"));
    for certificate in [&revoked, &revoked_too] {
        authority
            .revoke(certificate.serial(), RevocationReason::KeyCompromise, NOW)
            .unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name);
    write_pem(
        &file("root.pem"),
        "CERTIFICATE",
        authority.root_certificate(),
    );
    let mut lists = String::new();
    for (generation, list) in authority.crls(NOW).unwrap() {
        fs::write(file(&format!("{generation}.crl")), list.pem()).unwrap();
        lists += &format!(" -CRLfile {generation}.crl");
    }
    for (generation, issuer) in authority.generations() {
        write_pem(
            &file(&format!("{generation}.pem")),
            "CERTIFICATE",
            issuer.certificate(),
        );
    }
    write_pem(&file("root.crl"), "X509 CRL", authority.root_crl());
    let verify = |certificate: &Certificate| {
        fs::write(file("client.pem"), certificate.pem()).unwrap();
        let arguments = format!(
            "verify -x509_strict -purpose sslclient -crl_check_all -attime {} -CAfile root.pem \
             -untrusted G1.pem -untrusted G2.pem -CRLfile root.crl{lists} client.pem",
            NOW.unix_timestamp()
        );
        openssl.try_run(dir.path(), &arguments)
    };
    for good in [&old, &new] {
        let (success, text) = verify(good);
        assert!(success, "{text}");
    }
    for revoked in [&revoked, &revoked_too] {
        let (success, text) = verify(revoked);
        assert!(!success && text.contains("certificate revoked"), "{text}");
    }
}

#[test]
fn the_newest_generation_has_the_plain_names_and_the_older_ones_have_numbers() {
    let home = Home::new();
    let (old_key, authority) = (
        fs::read(home.path("ca/issuing.key.pem")).unwrap(),
        home.renew(),
    );
    assert_eq!(
        home.files(),
        [
            "issuing-1.key.pem",
            "issuing-1.pem",
            "issuing.key.pem",
            "issuing.pem"
        ]
    );
    assert_eq!(
        fs::read(home.path("ca/issuing-1.key.pem")).unwrap(),
        old_key
    );
    let new = sign_one(&authority, "new");
    drop(authority);

    let authority = home.open();
    assert_eq!(authority.generation(), second());
    assert_eq!(authority.generation_of(&new), Some(second()));
    authority.crls(NOW).unwrap();
    drop(authority);
    assert_eq!(home.renew().generation().number(), 3);
    assert_eq!(home.files().len(), 6);
    assert_eq!(home.open().crls(NOW).unwrap().len(), 3);
    audit_journal(&*home.journal).unwrap();
}

#[test]
fn a_renewed_key_is_protected_like_the_keystore_says_and_the_older_one_stays_as_it_is() {
    let plain = Home::new();
    let home = Home {
        protection: KeyProtection::Passphrase("staple".into()),
        ..plain
    };
    home.renew();
    let begins = |name: &str| {
        let text = fs::read_to_string(home.path("ca").join(name)).unwrap();
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(begins("issuing-1.key.pem"), "-----BEGIN PRIVATE KEY-----");
    assert_eq!(
        begins("issuing.key.pem"),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----"
    );
    assert_eq!(home.open().generation(), second());
    let without = Authority::open(&home.path("ca"), home.journal.clone());
    assert!(
        matches!(without, Err(CaError::KeyEncrypted { .. })),
        "{without:?}"
    );
}

/// A journal that takes nothing more, like a full disk.
struct Full(Arc<MemoryJournal>);

impl Journal for Full {
    fn append(&self, append: Append) -> Result<Vec<Entry>, JournalError> {
        Err(JournalError::Conflict {
            stream: append.stream,
            expected: Version::NONE,
            found: Version::new(99),
        })
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        self.0.read(after, limit)
    }

    fn head(&self) -> Result<Head, JournalError> {
        self.0.head()
    }

    fn version(&self, stream: &StreamName) -> Result<Version, JournalError> {
        self.0.version(stream)
    }
}

#[test]
fn a_renewal_that_cannot_be_recorded_leaves_nothing_behind() {
    let home = Home::new();
    let before = home.files();
    let journal = Arc::new(Full(home.journal.clone()));
    let mut authority = Authority::open(&home.path("ca"), journal).unwrap();
    let refused = authority.renew_issuing(&home.root(), &RenewalOptions::default(), NOW);
    assert!(matches!(refused, Err(CaError::Journal(_))), "{refused:?}");
    assert_eq!(authority.generation(), Generation::FIRST);
    assert_eq!(home.files(), before);
}

#[test]
fn a_crash_before_the_record_leaves_an_authority_that_was_not_renewed() {
    let home = Home::new();
    // What another attempt has written before it ended.
    for name in ["issuing-2.key.pem", "issuing-2.pem"] {
        fs::write(home.path("ca").join(name), name).unwrap();
        let authority = home.open();
        assert_eq!(authority.generation(), Generation::FIRST);
        authority.settle(NOW).unwrap();
        sign_one(&authority, "a");
    }
    let authority = home.renew();
    sign_one(&authority, "b");
    drop(authority);
    assert_eq!(home.open().generation(), second());
    let aside = home.path("ca/issuing-2.key.pem.unrecorded");
    assert_eq!(fs::read_to_string(aside).unwrap(), "issuing-2.key.pem");
}

/// The moves of a renewal, each done after the one before.
const MOVES: [(&str, &str); 4] = [
    ("issuing.key.pem", "issuing-1.key.pem"),
    ("issuing.pem", "issuing-1.pem"),
    ("issuing-2.key.pem", "issuing.key.pem"),
    ("issuing-2.pem", "issuing.pem"),
];

/// A renewal that ended after so many moves, perhaps in the midst of the next one.
fn renewed_halfway(done: usize, doubled: bool) -> Home {
    let home = Home::new();
    home.renew();
    for (from, to) in MOVES[done..].iter().rev() {
        home.rename(to, from);
    }
    if let Some((from, to)) = MOVES.get(done).filter(|_| doubled) {
        let dir = home.path("ca");
        fs::hard_link(dir.join(from), dir.join(to)).unwrap();
    }
    home
}

#[test]
fn a_renewal_goes_on_from_one_that_was_broken_off() {
    for done in 0..=MOVES.len() {
        let home = renewed_halfway(done, false);
        assert_eq!(home.renew().generation().number(), 3, "after {done} moves");
        assert_eq!(home.files().len(), 6);
        assert_eq!(home.open().crls(NOW).unwrap().len(), 3);
    }
}

#[test]
fn a_crash_after_the_record_is_mended_wherever_it_came() {
    let tidy = {
        let home = Home::new();
        home.renew();
        home.files()
    };
    for done in 0..=MOVES.len() {
        for doubled in [false, true] {
            let home = renewed_halfway(done, doubled);
            let authority = home.open();
            assert_eq!(authority.generation(), second(), "after {done} moves");
            authority.settle(NOW).unwrap();
            sign_one(&authority, "a");
            authority.crls(NOW).unwrap();
            drop(authority);
            assert_eq!(home.files(), tidy, "after {done} moves");
            sign_one(&home.open(), "b");
        }
    }
}

#[test]
fn a_newer_root_list_takes_the_place_of_the_older_even_after_a_crash() {
    let home = Home::new();
    let file = home.path("ca/root.crl.pem");
    let older = fs::read(&file).unwrap();
    let mut authority = home.open();
    let list = authority.renew_root_crl(&home.root(), NOW + LATER).unwrap();
    assert_eq!((list.number(), list.this_update()), (2, NOW + LATER));
    let newer = list.pem();
    assert_eq!(fs::read_to_string(&file).unwrap(), newer);
    drop(authority);

    fs::write(&file, older).unwrap();
    let authority = home.open();
    authority.settle(NOW).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), newer);
    assert_eq!(audit_journal(&*home.journal).unwrap().root_lists, 1);
}

#[test]
fn a_root_opens_with_its_passphrase_alone_and_renews_its_own_authority_alone() {
    let (home, other) = (Home::new(), Home::new());
    let wrong = Root::open(&home.path("root"), &"battery".into()).unwrap_err();
    assert!(matches!(&wrong, CaError::WrongPassphrase { path } if path.ends_with("root.key.pem")));
    let mut authority = home.open();
    let foreign = authority.renew_issuing(&other.root(), &RenewalOptions::default(), NOW);
    assert!(matches!(foreign, Err(CaError::ForeignRoot)), "{foreign:?}");
    let foreign = authority.renew_root_crl(&other.root(), NOW).map(|_| ());
    assert!(matches!(foreign, Err(CaError::ForeignRoot)), "{foreign:?}");

    fs::copy(
        other.path("root/root.key.pem"),
        home.path("root/root.key.pem"),
    )
    .unwrap();
    let mixed = Root::open(&home.path("root"), &"correct horse".into()).unwrap_err();
    assert!(matches!(mixed, CaError::Mismatch { .. }), "{mixed}");
}

#[test]
fn no_generation_outlives_the_root() {
    let (mut authority, root, _) = in_memory();
    let left = root.validity().not_after() - NOW;
    for (lifetime, fits) in [(left, true), (left + Duration::SECOND, false)] {
        let options = RenewalOptions {
            lifetime,
            ..RenewalOptions::default()
        };
        let renewed = authority.renew_issuing(&root, &options, NOW);
        assert_eq!(renewed.is_ok(), fits, "{renewed:?}");
    }
}

/// A key in the hands of another library.
struct Elsewhere(rcgen::KeyPair, PublicKey);

impl Elsewhere {
    fn new(pair: rcgen::KeyPair) -> Self {
        let public = rcgen::PublicKeyData::subject_public_key_info(&pair);
        Self(pair, PublicKey::from_spki_der(&public).unwrap())
    }

    fn boxed(&self) -> Box<dyn SigningKey> {
        let pair = rcgen::KeyPair::try_from(self.0.serialize_der()).unwrap();
        Box::new(Self(pair, self.1.clone()))
    }
}

impl SigningKey for Elsewhere {
    fn public_key(&self) -> &PublicKey {
        &self.1
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CaError> {
        Ok(rcgen::SigningKey::sign(&self.0, message).unwrap())
    }
}

#[test]
fn an_authority_opens_and_is_renewed_with_keys_that_are_kept_elsewhere() {
    let home = Home::new();
    let text = fs::read_to_string(home.path("ca/issuing.key.pem")).unwrap();
    let first = Elsewhere::new(rcgen::KeyPair::from_pem(&text).unwrap());
    let other = Elsewhere::new(rcgen::KeyPair::generate().unwrap());
    let open = |keys: &[&Elsewhere]| {
        let keys = keys.iter().map(|key| key.boxed()).collect();
        Authority::open_with_keys(keys, home.journal.clone())
    };
    let (root, options) = (home.root(), RenewalOptions::default());
    let mut authority = open(&[&first]).unwrap();
    sign_one(&authority, "a");
    let made = authority.renew_issuing(&root, &options, NOW);
    assert!(matches!(made, Err(CaError::KeysElsewhere)), "{made:?}");
    authority
        .renew_issuing_with_key(&root, other.boxed(), &options, NOW)
        .unwrap();
    sign_one(&authority, "b");
    drop(authority);

    let authority = open(&[&other, &first]).unwrap();
    assert_eq!(authority.generation(), second());
    authority.crls(NOW).unwrap();
    let missing = open(&[&other]).unwrap_err();
    assert!(matches!(missing, CaError::NoKey { generation } if generation == Generation::FIRST));
    audit_journal(&*home.journal).unwrap();
}

#[test]
fn an_authority_in_files_takes_no_key_that_it_would_not_find_again() {
    let home = Home::new();
    let key = Elsewhere::new(rcgen::KeyPair::generate().unwrap()).boxed();
    let options = RenewalOptions::default();
    let mixed = home
        .open()
        .renew_issuing_with_key(&home.root(), key, &options, NOW);
    assert!(matches!(mixed, Err(CaError::KeysElsewhere)), "{mixed:?}");
}

/// The first entry of a history with these entries, by their numbers, that breaks a rule.
fn break_of(history: &[Entry], order: &[usize]) -> Option<(u64, Breach)> {
    let journal = MemoryJournal::new();
    for number in order {
        copy(&journal, &history[number - 1]);
    }
    match audit_journal(&journal) {
        Ok(_) => None,
        Err(AuditBreak::Entry { position, breach }) => Some((position.get(), *breach)),
        Err(AuditBreak::Journal(error)) => panic!("{error}"),
    }
}

/// 1 founding, 2 draft a, 3 certificate a, 4 renewal, 5 draft b, 6 certificate b, 7 root list,
/// 8 revocation a, 9 revocation b, 10 list of the first, 11 list of the second, 12 renewal.
fn history() -> Vec<Entry> {
    let (mut authority, root, journal) = in_memory();
    let options = RenewalOptions::default();
    let a = sign_one(&authority, "a");
    authority.renew_issuing(&root, &options, NOW).unwrap();
    let b = sign_one(&authority, "b");
    authority.renew_root_crl(&root, NOW).unwrap();
    for certificate in [a, b] {
        let reason = RevocationReason::Superseded;
        authority.revoke(certificate.serial(), reason, NOW).unwrap();
    }
    authority.crls(NOW).unwrap();
    authority.renew_issuing(&root, &options, NOW).unwrap();
    entries(&*journal)
}

#[test]
fn the_audit_finds_every_break_of_the_rules_of_generations() {
    type Expected = fn(&Breach) -> bool;
    let cases: [(&[usize], u64, Expected); 9] = [
        (&[4], 1, |it| matches!(it, Breach::NotFounded)),
        (&[1, 4, 4], 3, |it| matches!(it, Breach::Hierarchy(_))),
        (&[1, 12], 2, |it| matches!(it, Breach::Hierarchy(_))),
        (&[1, 7, 7], 3, |it| matches!(it, Breach::Hierarchy(_))),
        (&[1, 4, 2], 3, |it| {
            matches!(it, Breach::ForeignDraft { .. })
        }),
        (&[1, 5], 2, |it| matches!(it, Breach::ForeignDraft { .. })),
        (&[1, 2, 3, 4, 5, 6, 8, 11], 8, |it| {
            matches!(it, Breach::ListedWrongly { .. })
        }),
        (&[1, 2, 3, 4, 10], 5, |it| {
            matches!(it, Breach::ListedWrongly { .. })
        }),
        (&[1, 11], 2, |it| matches!(it, Breach::Signature(_))),
    ];
    let history = history();
    let whole: Vec<_> = (1..=12).collect();
    assert!(break_of(&history, &whole).is_none());
    // A draft is signed by the generation that it was made for, whenever that is.
    assert!(break_of(&history, &[1, 2, 4, 3]).is_none());
    for (order, position, expected) in cases {
        let (found, breach) = break_of(&history, order).unwrap();
        assert_eq!(found, position, "{order:?}: {breach}");
        assert!(expected(&breach), "{order:?}: {breach}");
    }
}

#[test]
fn a_renewal_by_another_root_is_found_and_its_journal_does_not_open() {
    let (ours, theirs) = (history(), history());
    let journal = Arc::new(MemoryJournal::new());
    copy(&*journal, &ours[0]);
    copy(&*journal, &theirs[3]);
    let found = audit_journal(&*journal).unwrap_err();
    assert!(found.to_string().contains("cannot change so"), "{found}");
    assert!(Authority::open_with_keys(Vec::new(), journal).is_err());
}
