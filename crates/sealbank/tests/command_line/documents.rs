//! Every `console` block of the README and the book is run, and has to show what the program says. With
//! `SEALBANK_UPDATE=1` the documents are written anew; read the difference before you commit.
//!
//! A document that says so in a comment is run in a temporary directory, one command after the other, with OpenSSL
//! beside sealbank; without an `openssl` on this machine it is passed over.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::house::{PASSPHRASE, openssl_is_here};
use crate::mask::masked;
use crate::{sealbank, seen, workspace};

/// The comment of a document whose commands make files.
const TEMPORARY: &str = "<!-- in a temporary directory -->";

#[test]
fn every_command_in_the_documents_says_what_the_document_shows() {
    let mut documents = vec![workspace().join("README.md")];
    let book = std::fs::read_dir(workspace().join("docs")).unwrap();
    documents.extend(
        book.map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "md")),
    );
    documents.sort();
    let documents: Vec<Document> = documents.iter().map(|path| Document::read(path)).collect();
    let examples: usize = documents
        .iter()
        .map(|document| document.examples.len())
        .sum();
    assert!(
        examples >= 5,
        "the README's tour has at least five commands"
    );
    let wrong: Vec<_> = documents.iter().flat_map(Document::differences).collect();
    if std::env::var_os("SEALBANK_UPDATE").is_some() {
        wrong.iter().rev().for_each(Difference::mend);
        return;
    }
    let wrong: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A document's commands, and where they are run.
struct Document {
    examples: Vec<Example>,
    temporary: bool,
}

impl Document {
    fn read(path: &Path) -> Self {
        Self {
            examples: examples(path),
            temporary: std::fs::read_to_string(path).unwrap().contains(TEMPORARY),
        }
    }

    /// What commands say otherwise than it shows.
    fn differences(&self) -> Vec<Difference<'_>> {
        if self.temporary && !openssl_is_here() {
            return Vec::new();
        }
        let directory = self.temporary.then(|| tempfile::tempdir().unwrap());
        let place = directory
            .as_ref()
            .map_or_else(workspace, |directory| directory.path().to_owned());
        let examples = self.examples.iter();
        examples
            .filter_map(|example| {
                let found = example.run(&place);
                let differs = masked(&found) != masked(&example.shown);
                differs.then_some(Difference { example, found })
            })
            .collect()
    }
}

/// A command that says something else than its document shows.
struct Difference<'a> {
    example: &'a Example,
    found: String,
}

impl Difference<'_> {
    /// Writes what the command says into the document.
    fn mend(&self) {
        let Example {
            path, line, shown, ..
        } = self.example;
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines: Vec<_> = text.lines().collect();
        let shown = *line..line + shown.lines().count();
        lines.splice(shown, self.found.lines());
        std::fs::write(path, lines.join("\n") + "\n").unwrap();
    }
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { example, found } = self;
        let (found, shown) = (masked(found), masked(&example.shown));
        let (at, command) = (example.place(), &example.command);
        write!(
            f,
            "{at}: `{command}` says\n{found}\nbut the document shows\n{shown}"
        )
    }
}

/// A command with what a document shows of it.
struct Example {
    path: PathBuf,
    /// The command's line, counted from 1.
    line: usize,
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
                    path: path.to_owned(),
                    line: index + 1,
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
    fn place(&self) -> String {
        format!("{}:{}", self.path.display(), self.line)
    }

    fn run(&self, place: &PathBuf) -> String {
        let mut words = words(&self.command).into_iter();
        let program = words.next();
        let arguments: Vec<String> = words.collect();
        if program.as_deref() == Some("openssl") && *place != workspace() {
            let output = Command::new("openssl")
                .args(arguments)
                .current_dir(place)
                .output()
                .unwrap();
            assert!(output.status.success(), "{}: {output:?}", self.place());
            return String::from_utf8(output.stdout).unwrap();
        }
        assert_eq!(
            program.as_deref(),
            Some("sealbank"),
            "{}: only sealbank is run here",
            self.place()
        );
        if arguments.first().is_some_and(|first| first == "serve") {
            // On free ports, whatever the document says.
            let ports = ["--port", "0", "--cert-port", "0", "--control-port", "0"];
            return served(sealbank().args(arguments).args(ports));
        }
        if arguments.iter().any(|argument| argument == "--listen") {
            return served(sealbank().args(arguments).current_dir(place));
        }
        let output = sealbank()
            .args(arguments)
            .current_dir(place)
            .env("SEALBANK_ROOT_PASSPHRASE", PASSPHRASE)
            .env("SEALBANK_EXPORT_PASSPHRASE", PASSPHRASE)
            .output()
            .unwrap();
        seen(&output)
    }
}

/// What a server says until it waits for Ctrl-C, which it is spared.
fn served(server: &mut Command) -> String {
    let mut child = server
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
