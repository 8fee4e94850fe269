//! Scenarios against a bank that is already running: what is seen from outside is checked, the rest is told.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use sealbank_ca::Authority;
use sealbank_journal::MemoryJournal;
use sealbank_portal::{Clock, Faults, Hosts, Limits, Listen, Portal, PortalOptions, Trail};
use sealbank_scenario::{
    DriverName, Drivers, Failure, Party, RunEvent, RunExit, RunOptions, SourceFile, StepEnd,
    StepOutcome, Suite, Summary, Target, TrailLine, Verdict, load_sources, run,
};
use tokio::runtime::Runtime;

/// Whom a bank and its scenarios know.
const HEAD: &str = "scenario: made\nlet:\n  taro: { contract: \"99990000001\", user: keiri01, pin: Test0001 }\ncases:\n";

/// A bank that runs on its own, by the real clock.
struct Running {
    runtime: Runtime,
    portal: Portal,
}

/// What was told of a run.
struct Told {
    summary: Summary,
    driver: DriverName,
    steps: Vec<StepEnd>,
    verdict: Verdict,
}

fn suite(cases: &str) -> Suite {
    load_sources(&[SourceFile::new("made.yaml", &format!("{HEAD}{cases}"))])
        .unwrap_or_else(|mistakes| panic!("\n{mistakes}"))
}

impl Running {
    /// Opens a bank for the people of [`HEAD`].
    fn open() -> Self {
        let people = suite("  none: { steps: [{ check: {} }] }\n");
        let scene = people.cases().next().unwrap().scene();
        let runtime = Runtime::new().unwrap();
        let portal = runtime.block_on(async {
            let portal = Portal::start(PortalOptions {
                settings: scene.settings.clone(),
                profile: scene.profile.clone(),
                journal: Arc::new(MemoryJournal::new()),
                authority: Arc::new(Authority::ephemeral().unwrap()),
                clock: Clock::system(),
                listen: Listen {
                    hosts: Hosts::localhost(),
                    ..Listen::default()
                },
                limits: Limits::default(),
                faults: Faults::default(),
                trail: Trail::default(),
            })
            .await
            .unwrap();
            scene.register_people(portal.app()).await.unwrap();
            portal
        });
        Self { runtime, portal }
    }

    /// As somebody outside knows it, who was given the roots.
    fn seen_from_outside(&self) -> Target {
        let control = self.portal.addresses().control;
        let pem = [file(control, "/ca/web.pem"), file(control, "/ca/root.pem")].concat();
        self.nobody_trusts_it().trusting(pem.as_bytes()).unwrap()
    }

    fn nobody_trusts_it(&self) -> Target {
        Target::at(&self.portal.addresses().ib_url(), Clock::system()).unwrap()
    }

    fn with_control(&self) -> Target {
        let control = format!("http://{}", self.portal.addresses().control);
        self.nobody_trusts_it().controlled_by(&control).unwrap()
    }

    fn close(self) {
        let Self { runtime, portal } = self;
        runtime.block_on(portal.shutdown());
    }
}

/// What the control listener publishes.
fn file(control: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(control).unwrap();
    let ask = format!("GET {path} HTTP/1.1\r\nHost: {control}\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    body.to_owned()
}

fn play(target: Target, cases: &str) -> Told {
    let options = RunOptions {
        drivers: Drivers::Target(Arc::new(target)),
        ..RunOptions::default()
    };
    let (mut steps, mut verdict, mut name) = (Vec::new(), None, None);
    let summary = run(&suite(cases), &options, &mut |event| match event {
        RunEvent::RunStarted { driver, .. } => name = Some(driver.clone()),
        RunEvent::StepFinished(end) => steps.push(end.as_ref().clone()),
        RunEvent::CaseFinished(result) => verdict = Some(result.verdict.clone()),
        _ => {}
    })
    .unwrap();
    Told {
        summary,
        driver: name.unwrap(),
        steps,
        verdict: verdict.unwrap(),
    }
}

fn failure(told: &Told) -> &Failure {
    match &told.verdict {
        Verdict::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

/// The retrieval, with what its completion is expected to be.
fn retrieval(expected: &str) -> String {
    format!(
        "  retrieval:\n    steps:\n      - admin.grant: {{}}\n      - user.retrieve: {{}}\n        expect: {{ {expected} }}\n      \
         - user.close: {{}}\n      - browser.close-all: {{}}\n      - user.log-on: {{ with: certificate }}\n"
    )
}

#[test]
fn a_retrieval_is_played_against_a_bank_that_is_running_and_what_is_not_seen_is_not_checked() {
    let bank = Running::open();
    let case = retrieval(
        "screen: done, user: usable, record: { method: certificate }, accepted-certificates: 1",
    );
    let told = play(bank.seen_from_outside(), &case);
    assert_eq!(told.verdict, Verdict::Passed);
    assert_eq!(told.summary.exit(), RunExit::Passed);
    let abouts: Vec<&str> = told.steps[1]
        .not_checked
        .iter()
        .map(|one| one.about.as_str())
        .collect();
    assert_eq!(abouts, ["user", "record", "accepted-certificates"]);
    assert_eq!(told.steps[1].not_checked[0].expected, "usable");
    assert_eq!(told.summary.not_checked, 3);
    let address = bank.portal.addresses().ib_url();
    assert_eq!(told.driver, DriverName::Target(address));
    bank.close();
}

#[test]
fn a_bank_that_behaves_otherwise_than_the_scenario_claims_fails_it() {
    let bank = Running::open();
    let told = play(
        bank.seen_from_outside(),
        "  early:\n    steps:\n      - user.retrieve: {}\n        expect: { screen: done }\n",
    );
    let complaint = &failure(&told).complaints[0];
    assert_eq!(
        (complaint.about.as_str(), complaint.expected.as_str()),
        ("screen", "m-DONE")
    );
    assert!(complaint.actual.contains("MX-"), "{complaint:?}");
    bank.close();
}

#[test]
fn a_case_of_which_nothing_can_be_checked_is_not_green() {
    let bank = Running::open();
    let told = play(
        bank.seen_from_outside(),
        "  books:\n    steps:\n      - check: {}\n        expect: { record: { method: certificate }, certificates-ever: 7 }\n",
    );
    assert_eq!(failure(&told).complaints[0].about, "not checked");
    assert_eq!(told.steps[0].outcome, StepOutcome::Failed);
    assert_eq!(told.summary.not_checked, 2);
    bank.close();
}

#[test]
fn a_value_that_is_out_of_sight_is_neither_saved_nor_compared() {
    let bank = Running::open();
    let told = play(
        bank.seen_from_outside(),
        "  saved:\n    steps:\n      - user.log-on: {}\n        save: { before: certificates-ever }\n      - user.log-off: {}\n        \
         expect: { screen: closed, certificates-ever: { not: $before } }\n",
    );
    assert_eq!(told.verdict, Verdict::Passed);
    assert_eq!(told.summary.not_checked, 1);
    bank.close();
}

#[test]
fn a_bank_whose_servers_nobody_trusts_is_no_bank_to_play_with() {
    let bank = Running::open();
    let strangers = file(bank.portal.addresses().control, "/ca/root.pem");
    let nobody = bank.nobody_trusts_it();
    let stranger = nobody.clone().trusting(strangers.as_bytes()).unwrap();
    for target in [nobody, stranger] {
        let told = play(target, "  on:\n    steps:\n      - user.log-on: {}\n");
        let Verdict::Broken { error } = &told.verdict else {
            panic!("{:?}", told.verdict)
        };
        assert!(error.contains("--trust"), "{error}");
    }
    bank.close();
}

#[test]
fn without_a_control_listener_a_case_that_moves_the_clock_is_not_begun() {
    let bank = Running::open();
    let cases = "  later:\n    steps:\n      - user.log-on: {}\n      - clock.advance: 1h\n      - bank.restart: {}\n";
    let told = play(bank.seen_from_outside(), cases);
    let outcomes: Vec<StepOutcome> = told.steps.iter().map(|end| end.outcome).collect();
    assert_eq!(
        outcomes,
        [
            StepOutcome::Skipped,
            StepOutcome::Failed,
            StepOutcome::Skipped
        ]
    );
    let complaints = &failure(&told).complaints;
    let whats: Vec<&str> = complaints.iter().map(|c| c.expected.as_str()).collect();
    assert_eq!(whats, ["moving the clock", "stopping the bank"]);
    assert!(complaints[0].actual.contains("--control"), "{complaints:?}");
    assert!(
        bank.portal
            .app()
            .trail()
            .iter()
            .all(|entry| entry.what != "log-on-id-pin")
    );
    bank.close();
}

#[test]
fn with_a_control_listener_the_clock_moves_on_both_sides() {
    let bank = Running::open();
    let case = retrieval("screen: done")
        + "      - user.log-off: {}\n      - clock.advance: 30d\n      - user.log-on: { with: certificate }\n";
    let before = bank.portal.app().clock().now();
    let told = play(bank.with_control(), &case);
    let moved = bank.portal.app().clock().now() - before;
    assert!(moved >= time::Duration::days(30), "{moved}");
    let at = |step: usize| told.steps[step].at.unwrap();
    assert!(at(6) - at(5) >= time::Duration::days(30));
    let by_bank = |line: &&TrailLine| line.party == Party::Bank;
    let told_of_bank = told.steps[4].trail.iter().filter(by_bank);
    let told_of_bank: Vec<&str> = told_of_bank.map(|line| line.text.as_str()).collect();
    assert!(
        told_of_bank
            .iter()
            .any(|line| line.starts_with("log-on-with-certificate")),
        "{told_of_bank:?}"
    );
    assert_eq!(told.verdict, Verdict::Passed);
    bank.close();
}

#[test]
fn with_a_control_listener_the_counter_and_faults_can_be_had() {
    let bank = Running::open();
    let told = play(
        bank.with_control(),
        "  faults:\n    steps:\n      - counter.grant: {}\n      - counter.suspend-contract: {}\n      - user.log-on: {}\n        expect: { refused: MX-204 }\n      - counter.resume-contract: {}\n      - user.retrieve: {}\n        \
         fault: { during: execute, when: request-body, do: { truncate: 50% } }\n        expect: { screen: connection-lost }\n",
    );
    assert_eq!(told.verdict, Verdict::Passed);
    assert_eq!(told.steps[4].faults[0].hits, 1);
    let left = bank.portal.faults().list();
    assert!(left.is_empty(), "{left:?}");
    bank.close();
}

#[test]
fn with_a_control_listener_the_books_are_checked_and_inner_reasons_too() {
    let bank = Running::open();
    let case = retrieval(
        "screen: done, user: usable, record: { method: certificate }, certificates-ever: 1",
    ) + "      - user.log-off: {}\n      - browser.close-all: {}\n      - user.log-on: {}\n        \
         expect: { refused: MX-206, because: id-pin-closed }\n";
    let told = play(bank.with_control(), &case);
    assert_eq!(told.verdict, Verdict::Passed);
    assert_eq!(told.steps[1].not_checked, []);
    assert_eq!(told.steps[7].not_checked, []);
    let told = play(
        bank.with_control(),
        "  why:\n    steps:\n      - user.log-on: {}\n        expect: { refused: MX-206, because: wrong-pin }\n",
    );
    assert_eq!(failure(&told).complaints[0].actual, "id-pin-closed");
    let told = play(
        bank.with_control(),
        "  lost:\n    steps:\n      - check: {}\n        expect: { user: usable }\n",
    );
    let complaint = &failure(&told).complaints[0];
    // The PCs of another case hold no key.
    assert_eq!(complaint.actual, "stranded");
    bank.close();
}
