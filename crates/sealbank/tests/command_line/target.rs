//! One terminal serves a scenario's bank, another plays the scenario against it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::runs::told;

/// A bank in a child process, whose addresses it told. Dropped, it is killed.
struct Served {
    child: Child,
    ib: String,
    control: String,
    said: Vec<String>,
}

impl Served {
    fn start(house: &Path, arguments: &[&str]) -> Self {
        let ports = ["--port", "0", "--cert-port", "0", "--control-port", "0"];
        let mut child = Command::new(env!("CARGO_BIN_EXE_sealbank"))
            .current_dir(house)
            .arg("serve")
            .args(ports)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(File::create(house.join("serve.err")).unwrap())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let lines = lines.map(Result::unwrap);
        let said: Vec<String> = lines
            .take_while(|line| !line.starts_with("Ctrl-C"))
            .collect();
        let address = |label: &str| {
            let line = said.iter().find(|line| line.trim().starts_with(label));
            let line = line.unwrap_or_else(|| panic!("the bank says no `{label}`: {said:?}"));
            line.split_whitespace().last().unwrap().to_owned()
        };
        let (ib, control) = (address("screens"), address("control"));
        let control = control.trim_end_matches("/health").to_owned();
        Self {
            child,
            ib,
            control,
            said,
        }
    }
}

impl Served {
    /// What its control listener publishes.
    fn file(&self, path: &str) -> String {
        let address = self.control.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        let ask = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        body.to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One scenario, whose bank knows one user.
fn house() -> TempDir {
    let house = tempfile::tempdir().unwrap();
    let text = "scenario: shared\nlet:\n  taro: { contract: \"99990000009\", user: taro09, pin: Test0001, name: 試験 太郎 }\ncases:\n  \
                retrieval:\n    steps:\n      - admin.grant: {}\n      - user.retrieve: {}\n        expect: { screen: done, user: usable }\n      \
                - user.close: {}\n  again:\n    steps:\n      - clock.advance: 1h\n      - user.retrieve: {}\n        expect: { screen: done }\n  \
                closed:\n    steps:\n      - user.log-on: {}\n        expect: { refused: MX-206, because: id-pin-closed }\n  \
                restarted:\n    steps:\n      - admin.grant: {}\n      - bank.restart: {}\n      - user.retrieve: {}\n        \
                interrupt: { at: request-sent, how: close-browser }\n        expect: { user: stranded }\n  \
                torn:\n    steps:\n      - admin.grant: {}\n      - user.retrieve: {}\n        \
                fault: { during: record, when: before-commit, do: { crash: torn } }\n        expect: { user: awaiting-retrieval }\n      \
                - user.retrieve: {}\n        expect: { screen: done, user: usable, certificates-ever: 1 }\n";
    std::fs::write(house.path().join("shared.yaml"), text).unwrap();
    house
}

#[test]
fn a_scenario_is_played_against_the_bank_that_serves_its_people() {
    let house = house();
    let bank = Served::start(house.path(), &["--people", "shared.yaml"]);
    assert!(bank.said.iter().any(|line| line.contains("taro09")));
    let run = |case: &str, code: i32| {
        let common = ["run", "shared.yaml", "--lang", "en", "-v", "--case", case];
        let target = ["--target", &bank.ib, "--control", &bank.control];
        told(house.path(), &[&common[..], &target[..]].concat(), code)
    };
    let seen = run("retrieval", 0);
    let driver = "1 case (4 not selected), driver target https://localhost:#";
    assert!(seen.starts_with(driver), "{seen}");
    assert!(seen.contains("1 passed in"), "{seen}");
    // The bank is as the case before left it: he has his certificate, and nobody granted him another one.
    let seen = run("again", 1);
    let repeat = "--target https://localhost:# --control http://127.0.0.1:#";
    assert!(seen.contains(repeat), "{seen}");
    let seen = run("closed", 0);
    assert!(seen.contains("1 passed in"), "{seen}");
    // Without the control listener, nobody says why.
    let roots = [bank.file("/ca/web.pem"), bank.file("/ca/root.pem")].concat();
    std::fs::write(house.path().join("roots.pem"), roots).unwrap();
    let outside = ["--target", &bank.ib, "--trust", "roots.pem"];
    let closed = [
        "run",
        "shared.yaml",
        "--lang",
        "en",
        "-v",
        "--case",
        "closed",
    ];
    let seen = told(house.path(), &[&closed[..], &outside[..]].concat(), 0);
    assert!(
        seen.contains("not checked: because: id-pin-closed (shared.yaml:19:45)"),
        "{seen}"
    );
    assert!(
        seen.contains("1 passed, 1 of their expectations not checked"),
        "{seen}"
    );
}

#[test]
fn each_case_of_a_fresh_target_meets_a_bank_of_its_own_with_its_own_people() {
    let house = house();
    // The demo's people are not the scenario's.
    let bank = Served::start(house.path(), &[]);
    let target = ["--target", &bank.ib, "--control", &bank.control, "--fresh"];
    let common = ["run", "shared.yaml", "--case", "retrieval", "--lang", "en"];
    let twice = ["--repeat", "2", "--check-determinism"];
    let seen = told(
        house.path(),
        &[&common[..], &target[..], &twice[..]].concat(),
        0,
    );
    assert!(seen.contains("2 passed in"), "{seen}");
    let restarted = ["run", "shared.yaml", "--case", "restarted", "--lang", "en"];
    let seen = told(house.path(), &[&restarted[..], &target[..]].concat(), 0);
    assert!(seen.contains("1 passed in"), "{seen}");
    let again = ["run", "shared.yaml", "--case", "again", "--lang", "en"];
    let seen = told(house.path(), &[&again[..], &target[..]].concat(), 1);
    let repeat = "--control http://127.0.0.1:# --fresh";
    assert!(seen.contains(repeat), "{seen}");
}

#[test]
fn a_bank_that_a_fault_crashes_starts_again_on_its_journal_and_one_that_stalls_is_given_up() {
    let house = house();
    let bank = Served::start(house.path(), &[]);
    let faults = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/faults.yaml");
    let target = ["--target", &bank.ib, "--control", &bank.control, "--fresh"];
    let ended = "id(crash) or id(stall)";
    let common = ["run", faults, "--filter", ended, "--lang", "en"];
    let seen = told(house.path(), &[&common[..], &target[..]].concat(), 0);
    assert!(seen.contains(" passed"), "{seen}");
    assert!(!seen.contains("not checked"), "{seen}");
    let said = std::fs::read_to_string(house.path().join("serve.err")).unwrap();
    assert!(said.contains("it starts again on its journal"), "{said}");
}

#[test]
fn a_bank_that_lasts_has_what_it_recorded_before_a_crash() {
    let house = house();
    let bank = Served::start(house.path(), &["--people", "shared.yaml", "--data", "data"]);
    let target = ["--target", &bank.ib, "--control", &bank.control];
    let common = ["run", "shared.yaml", "--case", "torn", "--lang", "en"];
    let seen = told(house.path(), &[&common[..], &target[..]].concat(), 0);
    assert!(seen.contains("1 passed in"), "{seen}");
}

#[test]
fn a_bank_that_lasts_gives_its_place_to_no_other() {
    let house = house();
    let bank = Served::start(house.path(), &["--people", "shared.yaml", "--data", "data"]);
    let target = ["--target", &bank.ib, "--control", &bank.control, "--fresh"];
    let common = ["run", "shared.yaml", "--case", "retrieval", "--lang", "en"];
    let seen = told(house.path(), &[&common[..], &target[..]].concat(), 3);
    assert!(seen.contains("gives its place to no other"), "{seen}");
    let seen = told(house.path(), &[&common[..], &target[..4]].concat(), 0);
    assert!(seen.contains("1 passed in"), "{seen}");
}

#[test]
fn what_a_run_against_a_target_can_not_have_is_refused_before_anything_is_played() {
    let house = house();
    let target = ["run", "shared.yaml", "--target", "https://localhost:1"];
    for (more, said) in [
        (&[][..], "give --trust FILE, or --control URL"),
        (&["--trust", "shared.yaml"], "at least one certificate"),
        (&["--trust", "nowhere.pem"], "nowhere.pem can't be read"),
        (&["--control", "localhost"], "http://127.0.0.1:#"),
        (&["--driver", "both"], "cannot be used with"),
        (&["--fresh"], "give --control URL"),
        (
            &["--control", "http://127.0.0.1:1", "--retries", "1"],
            "--retries 0",
        ),
        (
            &["--control", "http://127.0.0.1:1", "--check-determinism"],
            "leave --check-determinism away",
        ),
    ] {
        let seen = told(house.path(), &[&target[..], more].concat(), 2);
        assert!(seen.contains(said), "{more:?}: {seen}");
    }
    let lonely = ["run", "shared.yaml", "--control", "http://127.0.0.1:1"];
    let seen = told(house.path(), &lonely, 2);
    assert!(seen.contains("give --target URL"), "{seen}");
    let seen = told(
        house.path(),
        &[
            &target[..],
            &["--control", "http://127.0.0.1:1", "--jobs", "4"],
        ]
        .concat(),
        3,
    );
    assert!(seen.contains("note: --jobs 4 counts as 1"), "{seen}");
    assert!(
        seen.contains("is the bank open, and --control right?"),
        "{seen}"
    );
}

#[test]
fn a_file_of_several_banks_or_none_is_no_file_of_people() {
    let house = house();
    std::fs::create_dir(house.path().join("many")).unwrap();
    for name in ["one", "two"] {
        let text =
            format!("scenario: {name}\ncases:\n  a: {{ steps: [{{ clock.advance: 1h }}] }}\n");
        std::fs::write(house.path().join(format!("many/{name}.yaml")), text).unwrap();
    }
    for wrong in ["many", "nowhere.yaml"] {
        told(
            house.path(),
            &["serve", "--people", wrong, "--port", "0"],
            2,
        );
    }
}
