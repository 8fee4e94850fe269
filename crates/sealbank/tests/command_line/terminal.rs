//! What only a terminal shows: questions without an echo, and the bar of a bulk run. `script` of util-linux is the
//! terminal.

#![cfg(target_os = "linux")]
#![expect(clippy::print_stderr, reason = "a test that is left out says so")]

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use crate::house::{House, PASSPHRASE, SUBJECT, request};

/// A program that runs on a terminal of its own, and a person before it.
struct Terminal {
    script: Child,
    /// What the terminal shows, from its first letter.
    shown: String,
}

const SEALBANK: &str = env!("CARGO_BIN_EXE_sealbank");

/// Whether this machine has a terminal to lend.
fn script_is_here() -> bool {
    let here = Command::new("script").arg("--version").output().is_ok();
    if !here {
        eprintln!("left out: `script` of util-linux is not on the path");
    }
    here
}

impl Terminal {
    /// `sealbank ca …` in the directory of the CA, without any passphrase in its environment.
    fn of(house: &House, arguments: &str) -> Self {
        Self::line(house, &format!("{SEALBANK} ca {arguments}"))
    }

    /// A line of a shell in the directory of the CA.
    fn line(house: &House, command: &str) -> Self {
        let script = Command::new("script")
            .args(["--quiet", "--return", "--command", command, "/dev/null"])
            .current_dir(house.path())
            .env_remove("SEALBANK_ROOT_PASSPHRASE")
            .env_remove("SEALBANK_CA_PASSPHRASE")
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`script` was found before");
        Self {
            script,
            shown: String::new(),
        }
    }

    /// Waits for a question and answers it.
    fn answer(&mut self, question: &str, answer: &str) {
        self.press(question, &format!("{answer}\n"));
    }

    /// Waits for a question and presses keys.
    fn press(&mut self, question: &str, keys: &str) {
        let before = self.shown.len();
        while !self.shown[before..].contains(question) {
            assert!(self.read(), "never asked {question:?}: {}", self.shown);
        }
        let stdin = self.script.stdin.as_mut().unwrap();
        stdin.write_all(keys.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    /// Whether there was more to read.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 1024];
        let count = self
            .script
            .stdout
            .as_mut()
            .unwrap()
            .read(&mut bytes)
            .unwrap();
        self.shown
            .push_str(&String::from_utf8_lossy(&bytes[..count]));
        count > 0
    }

    /// Its exit code and all that was shown.
    fn end(mut self) -> (Option<i32>, String) {
        while self.read() {}
        let code = self.script.wait().unwrap().code();
        (code, self.shown)
    }
}

#[test]
fn a_new_passphrase_is_asked_for_twice_and_not_shown() {
    if !script_is_here() {
        return;
    }
    let house = House::empty();
    let mut terminal = Terminal::of(&house, "init");
    terminal.answer("New passphrase for the root's key: ", PASSPHRASE);
    terminal.answer("The same once more: ", PASSPHRASE);
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains(PASSPHRASE), "{shown}");
    house.done(&["crl", "--root"]);
}

#[test]
fn two_passphrases_that_differ_make_nothing() {
    if !script_is_here() {
        return;
    }
    let house = House::empty();
    let mut terminal = Terminal::of(&house, "init");
    terminal.answer("New passphrase for the root's key: ", PASSPHRASE);
    terminal.answer("The same once more: ", "something else");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(2), "{shown}");
    assert!(
        shown.contains("the two passphrases are not the same; nothing was made"),
        "{shown}"
    );
    assert!(!house.path().join("ca").exists());
}

#[test]
fn control_c_makes_nothing_and_leaves_a_terminal_that_shows_what_is_typed() {
    if !script_is_here() {
        return;
    }
    let house = House::empty();
    let line = format!("{SEALBANK} ca init; echo ended with $?; stty --all");
    let mut terminal = Terminal::line(&house, &line);
    terminal.answer("New passphrase for the root's key: ", PASSPHRASE);
    terminal.press("The same once more: ", "a passphrase\u{3}");
    let (_, shown) = terminal.end();
    assert!(shown.contains("interrupted before there was"), "{shown}");
    assert!(shown.contains("ended with 130"), "{shown}");
    assert!(shown.contains(" echo "), "{shown}");
    assert!(!shown.contains("-isig"), "{shown}");
    assert!(!shown.contains("a passphrase\r"), "{shown}");
    assert!(!house.path().join("ca").exists());
}

#[test]
fn the_passphrase_of_the_issuing_key_is_asked_for_once() {
    if !script_is_here() {
        return;
    }
    let house = House::empty();
    let both = [
        ("SEALBANK_ROOT_PASSPHRASE", PASSPHRASE),
        ("SEALBANK_CA_PASSPHRASE", "another passphrase"),
    ];
    assert!(house.ca_with(&both, &["init"]).status.success());
    let request = request("accepted.p256.pem");
    let sign = format!("sign {request} --subject '{SUBJECT}' --out c.pem");
    let mut terminal = Terminal::of(&house, &sign);
    terminal.answer("Passphrase for the issuing key: ", "another passphrase");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(house.path().join("c.pem").exists());
}

#[test]
fn a_bulk_run_shows_a_bar_that_is_gone_at_its_end() {
    if !script_is_here() {
        return;
    }
    let house = House::founded();
    let text = std::fs::read_to_string(request("accepted.p256.pem")).unwrap();
    std::fs::write(house.path().join("many.pem"), text.repeat(1200)).unwrap();
    let sign = format!("sign --bulk many.pem --subject '{SUBJECT}' --out out.pem");
    let (code, shown) = Terminal::of(&house, &sign).end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(
        shown.contains("\u{1b}[2K"),
        "the bar's line is cleared: {shown:?}"
    );
    assert!(shown.contains("1,200 signed"), "{shown:?}");
}
