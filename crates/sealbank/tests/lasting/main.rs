//! A bank in a directory outlives its process: `kill -9` in the middle of a retrieval, a restart, and an audit.
//!
//! The customer is the workstation's driver, over real TLS, against the real binary.

#![expect(
    clippy::unwrap_used,
    reason = "a test that has nothing to go on with should stop"
)]

mod served;

use sealbank_workstation::{
    Advance, Desk, Machine, Pc, Point, ProfileName, Retrieval, RetrievalOptions, StoreState, Trail,
    UserCredentials,
};

use served::{Served, audit};

fn taro() -> UserCredentials {
    UserCredentials::new("99990000001", "keiri01", "Test0001")
}

fn machine() -> std::sync::Arc<Machine> {
    let keiri = ProfileName::new(r"OFFICE\keiri01");
    let mut pc = Pc::new("PC-A").with_profile(keiri.clone());
    pc.log_on(&keiri).unwrap();
    Machine::new(pc)
}

fn sit_down(machine: &std::sync::Arc<Machine>, bank: &Served) -> Desk {
    machine.with(|pc| pc.trust(bank.client_root()));
    Desk::sit_down(
        machine.clone(),
        std::sync::Arc::new(bank.site()),
        served::clock(),
        Trail::default(),
    )
    .unwrap()
}

async fn retrieved_to(desk: &mut Desk, point: Point) -> Advance {
    let mut retrieval = Retrieval::begin(desk, taro(), RetrievalOptions::default()).unwrap();
    retrieval.advance_to(point).await.unwrap()
}

#[tokio::test]
async fn killed_before_the_request_the_claim_is_given_back() {
    let data = tempfile::tempdir().unwrap();
    let bank = Served::start(data.path());
    let machine = machine();
    let held = retrieved_to(&mut sit_down(&machine, &bank), Point::Execute).await;
    assert!(matches!(held, Advance::Held(Point::Execute)), "{held:?}");
    assert_eq!(bank.record()["grant"], "claimed");
    bank.kill();

    let bank = Served::start(data.path());
    let record = bank.record();
    assert_eq!(
        (record["grant"].as_str(), record["method"].as_str()),
        (Some("ready"), Some("id-pin"))
    );
    bank.stop();
    audit(data.path());
}

#[tokio::test]
async fn killed_after_the_answer_nothing_is_lost_and_the_certificate_works() {
    let data = tempfile::tempdir().unwrap();
    let bank = Served::start(data.path());
    let machine = machine();
    let done = retrieved_to(&mut sit_down(&machine, &bank), Point::Stored).await;
    assert!(matches!(done, Advance::Held(Point::Stored)), "{done:?}");
    bank.kill();
    machine.with(Pc::power_off);
    assert_eq!(audit(data.path())["bank"]["accepted-certificates"], 1);

    let bank = Served::start(data.path());
    let record = bank.record();
    assert_eq!(
        (record["grant"].as_str(), record["method"].as_str()),
        (Some("consumed"), Some("certificate"))
    );
    let mut desk = sit_down_after_boot(&machine, &bank);
    let outcome = desk
        .log_on_certificate(sealbank_workstation::Pick::Newest, &"Test0001".into())
        .await
        .unwrap();
    assert_eq!(outcome.screen().unwrap().id(), "m-STATUS");
    bank.stop();
    audit(data.path());
}

#[tokio::test]
async fn killed_with_the_request_in_the_air_the_outcome_is_one_of_the_two_that_exist() {
    let data = tempfile::tempdir().unwrap();
    let bank = Served::start(data.path());
    let machine = machine();
    let mut desk = sit_down(&machine, &bank);
    let mut retrieval = Retrieval::begin(&mut desk, taro(), RetrievalOptions::default()).unwrap();
    retrieval.advance_to(Point::RequestSent).await.unwrap();
    bank.kill();
    drop(retrieval);
    machine.with(Pc::power_off);
    machine.with(|pc| {
        assert_eq!(
            pc.profile(&ProfileName::new(r"OFFICE\keiri01"))
                .unwrap()
                .store
                .state(),
            StoreState::KeyOnly
        );
    });

    // Killed before the commit the user starts again; killed after it he is stranded (V13: no third way).
    let bank = Served::start(data.path());
    let record = bank.record();
    let outcome = (
        record["grant"].as_str().unwrap(),
        record["method"].as_str().unwrap(),
    );
    assert!(
        matches!(outcome, ("ready", "id-pin") | ("consumed", "certificate")),
        "{record:#}"
    );
    bank.stop();
    audit(data.path());
}

fn sit_down_after_boot(machine: &std::sync::Arc<Machine>, bank: &Served) -> Desk {
    machine.with(|pc| {
        pc.boot();
        pc.log_on(&ProfileName::new(r"OFFICE\keiri01")).unwrap();
    });
    sit_down(machine, bank)
}

#[test]
fn a_second_bank_on_the_same_directory_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let bank = Served::start(data.path());
    let second = served::command(data.path()).output().unwrap();
    assert_eq!(second.status.code(), Some(3), "{second:?}");
    let message = String::from_utf8(second.stderr).unwrap();
    assert!(message.contains("journal.sqlite"), "{message}");
    bank.stop();
}

#[test]
fn an_altered_journal_is_named_by_its_entry() {
    let data = tempfile::tempdir().unwrap();
    Served::start(data.path()).stop();
    let journal = data.path().join("journal.sqlite");
    let bytes = std::fs::read(&journal).unwrap();
    // Wherever the file keeps it: freed pages hold copies.
    let altered = replaced(&bytes, "株式会社サンプル商事", "株式会社ニセモノ商事");
    assert_ne!(altered, bytes, "the roster stands in the journal");
    std::fs::write(&journal, altered).unwrap();
    for arguments in [
        ["audit"].as_slice(),
        &[
            "serve",
            "--port",
            "0",
            "--cert-port",
            "0",
            "--control-port",
            "0",
            "--data",
        ],
    ] {
        let output = served::sealbank()
            .args(arguments)
            .arg(data.path())
            .output()
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(matches!(output.status.code(), Some(1 | 3)), "{message}");
        assert!(
            message.contains("journal.sqlite") && message.contains("entry"),
            "{arguments:?}: {message}"
        );
    }
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "nothing else in the file may move");
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, window)| *window == from.as_bytes())
        .map(|(at, _)| at)
        .collect();
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}
