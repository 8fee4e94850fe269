//! Every `console` block of the README and the book is run, and has to show what the program says.
//!
//! Only what differs from run to run is masked: durations and ports.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{sealbank, seen, workspace};

#[test]
fn every_command_in_the_documents_says_what_the_document_shows() {
    let mut documents = vec![workspace().join("README.md")];
    let book = std::fs::read_dir(workspace().join("docs")).unwrap();
    documents.extend(
        book.map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "md")),
    );
    documents.sort();
    let examples: Vec<Example> = documents.iter().flat_map(|path| examples(path)).collect();
    assert!(
        examples.len() >= 5,
        "the README's tour has at least five commands"
    );
    for example in examples {
        let found = masked(&example.run());
        let shown = masked(&example.shown);
        assert!(
            found == shown,
            "{}: `{}` says\n{found}\nbut the document shows\n{shown}",
            example.place,
            example.command
        );
    }
}

/// A command with what a document shows of it.
struct Example {
    place: String,
    command: String,
    shown: String,
}

fn examples(path: &Path) -> Vec<Example> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut found: Vec<Example> = Vec::new();
    let mut within = false;
    for (index, line) in text.lines().enumerate() {
        match line {
            "```console" => within = true,
            "```" => within = false,
            _ if !within => {}
            _ => match (line.strip_prefix("$ "), found.last_mut()) {
                (Some(command), _) => found.push(Example {
                    place: format!("{}:{}", path.display(), index + 1),
                    command: command.to_owned(),
                    shown: String::new(),
                }),
                (None, Some(example)) => {
                    example.shown.push_str(line);
                    example.shown.push('\n');
                }
                (None, None) => panic!(
                    "{}:{}: a console block begins with `$ `",
                    path.display(),
                    index + 1
                ),
            },
        }
    }
    found
}

impl Example {
    fn run(&self) -> String {
        let mut words = words(&self.command).into_iter();
        assert_eq!(
            words.next().as_deref(),
            Some("sealbank"),
            "{}: only sealbank is run here",
            self.place
        );
        let arguments: Vec<String> = words.collect();
        if arguments.first().is_some_and(|first| first == "serve") {
            return served(&arguments);
        }
        seen(&sealbank().args(arguments).output().unwrap())
    }
}

/// What `serve` says until it waits for Ctrl-C; on free ports, whatever the document says.
fn served(arguments: &[String]) -> String {
    let ports = ["--port", "0", "--cert-port", "0", "--control-port", "0"];
    let mut child = sealbank()
        .args(arguments)
        .args(ports)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        said.push_str(&line.unwrap());
        said.push('\n');
        if said.contains("Ctrl-C") {
            let terminated = Command::new("kill")
                .args(["-TERM", &child.id().to_string()])
                .status()
                .unwrap();
            assert!(terminated.success());
        }
    }
    assert!(child.wait().unwrap().success());
    said
}

/// The words of a command line; single quotes keep one together.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in command.split('\'').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// `text` without durations and ports, and without blank lines at its end.
fn masked(text: &str) -> String {
    let lines = text.trim_end().lines().map(|line| {
        let line = masked_after(line, " in ", " s");
        let line = masked_after(&line, "localhost:", "");
        masked_after(&line, "127.0.0.1:", "")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Every number between `before` and `after` becomes `#`.
fn masked_after(line: &str, before: &str, after: &str) -> String {
    let mut parts = line.split(before);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = rest.len() < part.len() && rest.starts_with(after);
        masked.push_str(before);
        masked.push_str(if number { "#" } else { "" });
        masked.push_str(if number { rest } else { part });
    }
    masked
}

#[test]
fn only_durations_and_ports_are_masked() {
    assert_eq!(masked("216 passed in 18.1 s\n\n"), "216 passed in # s");
    assert_eq!(
        masked("at https://localhost:8443/x and 127.0.0.1:1"),
        "at https://localhost:#/x and 127.0.0.1:#"
    );
    assert_eq!(masked("1 case in 3 files"), "1 case in 3 files");
}
