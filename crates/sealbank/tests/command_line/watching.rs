//! `sealbank run --watch`, from the first run over mended and broken files to Ctrl-C. Nothing here waits for a time: every
//! step is taken when the one before it is on the screen.

use std::io::{BufRead, BufReader, Lines, PipeReader};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// A run that is still there after so long is ended, so that its test fails and does not hang.
const TOO_LONG: Duration = Duration::from_secs(120);

const PEOPLE: &str = "let:\n  taro: { contract: \"99990000001\", user: keiri01, pin: Test0001 }\n";
const COMMON: &str =
    "flows:\n  pause:\n    parameters: {}\n    steps:\n      - clock.advance: 1h\n";

/// A watching run, and what is on its screen.
struct Watching {
    child: Child,
    screen: Lines<BufReader<PipeReader>>,
    /// Dropped with the run, which ends the guard.
    _guarded: Sender<()>,
}

impl Watching {
    fn begin(here: &Path, arguments: &[&str]) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_sealbank"))
            .current_dir(here)
            .args(["run", "--watch", "--lang", "en"])
            .args(arguments)
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .spawn()
            .unwrap();
        let screen = BufReader::new(reader).lines();
        let _guarded = guard(child.id());
        Self {
            child,
            screen,
            _guarded,
        }
    }

    /// All that is shown up to a line that contains `part`, and that line.
    fn until(&mut self, part: &str) -> String {
        let mut shown = String::new();
        for line in &mut self.screen {
            let line = line.unwrap();
            shown.push_str(&line);
            shown.push('\n');
            if line.contains(part) {
                return shown;
            }
        }
        panic!("{part:?} was never shown: {shown}");
    }

    /// Ctrl-C, and the exit code.
    fn interrupted(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-INT", &pid]).status();
        assert!(told.unwrap().success());
        self.until("stopping");
        self.child.wait().unwrap().code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // Without its reader it would watch on when a test has failed; one that has ended can't be ended again.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// Ends the process after too long.
fn guard(pid: u32) -> Sender<()> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        if receiver.recv_timeout(TOO_LONG) == Err(RecvTimeoutError::Timeout) {
            let killed = Command::new("kill")
                .args(["-KILL", &pid.to_string()])
                .status();
            assert!(killed.unwrap().success());
        }
    });
    sender
}

/// Writes as editors do: a new file, moved over the old one.
fn write(here: &Path, name: &str, text: &str) {
    let new = here.join("written.new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(new, here.join(name)).unwrap();
}

fn scenario(steps: &str) -> String {
    format!("scenario: watched\nuse: [./common.yaml]\n{PEOPLE}cases:\n  one:\n    steps:\n{steps}")
}

#[test]
fn a_run_begins_again_when_something_is_written_that_it_comes_from() {
    let house = tempfile::tempdir().unwrap();
    let here = house.path();
    write(here, "common.yaml", COMMON);
    let good = scenario("      - flow: pause\n      - user.log-on: { pin: Test0001 }\n");
    write(here, "watched.yaml", &good);
    let mut run = Watching::begin(here, &["watched.yaml"]);
    let first = run.until("watching ");
    assert!(first.contains("1 case, driver http"), "{first}");
    assert!(first.contains("1 passed"), "{first}");
    assert!(first.contains("watching 2 files; Ctrl-C ends"), "{first}");

    write(
        here,
        "watched.yaml",
        &good.replace("on: { pin: Test0001", "on: { pin: Wrong001"),
    );
    let changed = run.until("changed: ");
    assert!(changed.contains("changed: watched.yaml"), "{changed}");
    run.until("1 failed");

    write(
        here,
        "watched.yaml",
        &good.replace("user.log-on", "user.lgo-on"),
    );
    let broken = run.until("1 mistake; nothing was run");
    assert!(broken.contains("did you mean `user.log-on`?"), "{broken}");

    write(here, "watched.yaml", &good);
    run.until("1 passed");
    // What the file uses, and what is not there yet.
    write(here, "common.yaml", &COMMON.replace("1h", "1x"));
    let broken = run.until("nothing was run");
    assert!(broken.contains("changed: common.yaml"), "{broken}");
    write(here, "common.yaml", COMMON);
    run.until("1 passed");
    write(
        here,
        "sealbank.toml",
        "[profile.default]\ndriver = 'in-process'\n",
    );
    let profile = run.until("1 passed");
    assert!(profile.contains("changed: sealbank.toml"), "{profile}");
    assert!(profile.contains("1 case, driver in-process"), "{profile}");
    assert_eq!(run.interrupted(), Some(130));
}

#[test]
fn a_file_that_comes_into_a_directory_is_run_and_others_are_not_looked_at() {
    let house = tempfile::tempdir().unwrap();
    let here = house.path();
    let mut run = Watching::begin(here, &["--driver", "in-process"]);
    let first = run.until("watching ");
    assert!(
        first.contains("there is no directory `scenarios` here"),
        "{first}"
    );
    std::fs::create_dir(here.join("scenarios")).unwrap();
    let empty = run.until("watching ");
    assert!(empty.contains("changed: scenarios"), "{empty}");
    write(here, "scenarios/notes.txt", "nothing");
    let one = format!("scenario: one\n{PEOPLE}cases:\n  only:\n    steps:\n      - check: {{}}\n");
    write(here, "scenarios/one.yaml", &one);
    let shown = run.until("1 case");
    assert!(shown.contains("changed: scenarios/one.yaml"), "{shown}");
    assert_eq!(run.interrupted(), Some(130));
}
