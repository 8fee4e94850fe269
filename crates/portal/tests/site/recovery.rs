//! A bank that starts again on its journal, and a journal that fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rcgen::KeyPair;
use sealbank_bank::{Command, Condition, Settings};
use sealbank_ca::{Authority, HierarchyOptions};
use sealbank_journal::{
    Append, Entry, Head, Journal, JournalError, Medium, MemoryJournal, Position, SqliteJournal,
    StreamName, Version,
};
use sealbank_portal::{Listen, PortalError};

use crate::world::{TARO, TARO_PIN, World, light, request_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_starts_again_remembers_everything_but_sessions() {
    let world = World::new().await;
    let certificate = world.retrieved(TARO, TARO_PIN).await;
    let mut inside = world.browser_with(&certificate);
    inside.log_on_by_certificate(TARO_PIN).await;
    let before = world.member(TARO);

    let world = world.restarted().await;
    assert_eq!(world.member(TARO), before, "V25");
    assert_eq!(inside.cert("/status").await.codes(), ["MX-901"]);
    let mut browser = world.browser_with(&certificate);
    let logged_on = browser.log_on_by_certificate(TARO_PIN).await;
    assert_eq!(logged_on.header("location"), "/status");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_without_a_request_is_given_back_at_the_start() {
    let world = World::new().await;
    world.grant(TARO).await;
    let mut browser = world.browser();
    browser.start_retrieval(TARO, TARO_PIN).await;
    let world = world.restarted().await;
    assert_eq!(
        browser.ib("/retrieval/run").await.codes(),
        ["MX-901"],
        "case 21"
    );
    assert_eq!(world.condition(TARO, false), Condition::AwaitingRetrieval);
    world.browser().retrieve(TARO, TARO_PIN).await;
    assert_eq!(world.condition(TARO, true), Condition::Usable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_keeps_the_bank_and_its_authority() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.journal");
    let start = time::macros::datetime!(2031-04-01 00:00 UTC);
    let (keys, root) = (folder.path().join("ca"), folder.path().join("root"));
    let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::open(&path).unwrap());
    let options = HierarchyOptions::default();
    let passphrase = "test only".into();
    Authority::create(&keys, &root, &passphrase, &options, journal.clone(), start).unwrap();
    drop(journal);

    let open = || async {
        let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::open(&path).unwrap());
        let authority = Arc::new(Authority::open(&keys, journal.clone()).unwrap());
        (journal, authority)
    };
    let (journal, authority) = open().await;
    let world = World::peopled(light(), journal, authority).await;
    let certificate = world.retrieved(TARO, TARO_PIN).await;
    world.portal.shutdown().await;
    drop((world.journal, world.authority));

    let (journal, authority) = open().await;
    let world = World::open(light(), journal, authority, Listen::default())
        .await
        .unwrap();
    let mut browser = world.browser_with(&certificate);
    let logged_on = browser.log_on_by_certificate(TARO_PIN).await;
    assert_eq!(
        logged_on.header("location"),
        "/status",
        "{}",
        logged_on.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_the_authority_signed_before_the_crash_is_settled_at_the_start() {
    // As if the process had ended after B5: the authority has the certificate, the bank's books have not.
    for (resumes, expected) in [
        (false, Condition::AwaitingRetrieval),
        (true, Condition::Stranded),
    ] {
        let settings = Settings {
            resume_by_csr_hash: resumes,
            ..light()
        };
        let journal = Arc::new(Fragile::default());
        let world = World::on(settings, journal.clone()).await;
        world.grant(TARO).await;
        let mut browser = world.browser();
        browser.start_retrieval(TARO, TARO_PIN).await;
        let run = browser.ib("/retrieval/run").await;
        journal.allow(1);
        let origin = browser.site.ib.clone();
        let request = request_of(&KeyPair::generate().unwrap());
        let fields = [("request", request.as_str())];
        let failed = browser
            .submit(&origin, &run, "/retrieval/request", &fields)
            .await;
        assert_eq!(failed.status.as_u16(), 503, "{}", failed.body);
        assert_eq!(failed.screen(), "m-ERR");
        assert_eq!(world.authority.certificates().len(), 1);
        assert_eq!(world.condition(TARO, false), Condition::Retrieving);

        journal.allow(u64::MAX);
        let world = world.restarted().await;
        assert_eq!(world.condition(TARO, false), expected, "resumes: {resumes}");
        let serial = *world.authority.certificates()[0].serial();
        let revoked = world.authority.revocation(&serial).is_some();
        assert_eq!(revoked, !resumes, "cases 35 and 39: adopted, or disowned");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_the_command_and_not_the_bank() {
    let journal = Arc::new(Fragile::default());
    let world = World::on(light(), journal.clone()).await;
    world.grant(TARO).await;
    let before = world.member(TARO);
    journal.allow(0);
    let mut browser = world.browser();
    let failed = browser.start_retrieval(TARO, TARO_PIN).await;
    assert_eq!(failed.status.as_u16(), 503);
    assert_eq!(failed.codes(), ["MX-999"]);
    assert!(!failed.body.contains("No space"), "{}", failed.body);
    assert_eq!(world.member(TARO), before, "nothing was applied");
    journal.allow(u64::MAX);
    assert_eq!(
        browser.start_retrieval(TARO, TARO_PIN).await.screen(),
        "m-MID"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_of_another_bank_is_refused_and_the_entry_named() {
    let world = World::new().await;
    world.grant(TARO).await;
    world.portal.shutdown().await;
    // The same events once more: entry for entry whole, but they do not fit the books.
    let first = world.journal.read(Position::START, 1).unwrap().remove(0);
    let entries = vec![sealbank_journal::NewEntry {
        kind: first.kind().to_owned().into(),
        payload: first.payload().to_vec(),
    }];
    let append = Append {
        stream: first.stream().clone(),
        expected: sealbank_journal::Expected::Any,
        recorded_at: first.recorded_at(),
        entries,
    };
    let position = world.journal.append(append).unwrap()[0].position();
    let again = World::open(
        world.settings,
        world.journal,
        world.authority,
        Listen::default(),
    )
    .await;
    match again.err() {
        Some(PortalError::Misfit {
            position: named, ..
        }) => assert_eq!(named, position),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_banks_on_one_journal_do_not_overwrite_each_other() {
    let world = World::new().await;
    let other = World::open(
        light(),
        world.journal.clone(),
        world.authority.clone(),
        Listen::default(),
    )
    .await
    .unwrap();
    world.grant(TARO).await;
    let subscriber = other.subscriber(TARO);
    let twice = other
        .portal
        .app()
        .perform(Command::CounterGrant { subscriber })
        .await;
    let refusal = twice.unwrap_err().refusal().unwrap();
    assert_eq!(
        refusal.reason(),
        "already-granted",
        "it read again and decided anew"
    );
}

/// A journal whose disk can fill up: the bank's own streams take only so many more appends.
#[derive(Debug)]
struct Fragile {
    journal: MemoryJournal,
    allowed: AtomicU64,
}

impl Default for Fragile {
    fn default() -> Self {
        Self {
            journal: MemoryJournal::new(),
            allowed: AtomicU64::new(u64::MAX),
        }
    }
}

impl Fragile {
    fn allow(&self, appends: u64) {
        self.allowed.store(appends, Ordering::SeqCst);
    }
}

impl Journal for Fragile {
    fn append(&self, append: Append) -> Result<Vec<Entry>, JournalError> {
        let fewer = |left: u64| left.checked_sub(1);
        let left = self
            .allowed
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer);
        if left.is_err() {
            return Err(JournalError::Storage {
                medium: Medium::Memory,
                doing: "writing",
                source: Arc::new(std::io::Error::other("No space left on device")),
            });
        }
        self.journal.append(append)
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        self.journal.read(after, limit)
    }

    fn head(&self) -> Result<Head, JournalError> {
        self.journal.head()
    }

    fn version(&self, stream: &StreamName) -> Result<Version, JournalError> {
        self.journal.version(stream)
    }
}
