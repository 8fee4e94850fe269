//! What the documents say is true: every example runs, every table is complete.

use std::path::{Path, PathBuf};

use sealbank_scenario::report::{Detail, Terminal};
use sealbank_scenario::{
    Language, RunExit, RunOptions, SourceFile, Suite, load, load_sources, run,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).expect("the document is there")
}

/// The YAML blocks of a document; bare steps get a bank with one user who may retrieve.
fn examples(name: &str) -> Vec<SourceFile> {
    let text = document(name);
    let blocks = text.split("```yaml\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split_once("```").map(|(block, _)| block));
    let examples = blocks.enumerate().map(|(index, block)| {
        let path = format!("{name}, example {}", index + 1);
        if block.starts_with("scenario:") {
            return SourceFile::new(&path, block);
        }
        let steps: String = block.lines().map(|line| format!("      {line}\n")).collect();
        let frame = format!(
            "scenario: example-{index}\nlet:\n  taro: {{ contract: \"99990000001\", user: keiri01, pin: Test0001 }}\n\
             before:\n  - admin.grant: {{}}\ncases:\n  steps:\n    steps:\n{steps}"
        );
        SourceFile::new(&path, &frame)
    });
    examples.collect()
}

fn must_pass(suite: &Suite) {
    let mut report = Terminal::new(Vec::new(), Language::English, Detail::Failures);
    let summary = run(suite, &RunOptions::default(), &mut |event| {
        report.tell(event);
    })
    .expect("threads can be started");
    let text = report.finish().expect("memory can be written");
    assert_eq!(
        summary.exit(),
        RunExit::Passed,
        "{}",
        String::from_utf8_lossy(&text)
    );
}

#[test]
fn every_example_of_the_language_runs() {
    let examples = examples("docs/scenarios.md");
    assert!(examples.len() >= 5, "{}", examples.len());
    let suite = load_sources(&examples).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    must_pass(&suite);
}

#[test]
fn the_language_names_every_verb() {
    let text = document("docs/scenarios.md");
    let wrong = "scenario: a\nlet:\n  t: { contract: \"99990000001\", user: u, pin: abc123 }\ncases:\n  c: { steps: [ zzzzzzzzzzzzzzzz: {} ] }\n";
    let mistakes = load_sources(&[SourceFile::new("a.yaml", wrong)]).unwrap_err();
    let told = mistakes
        .iter()
        .find_map(|mistake| mistake.help()?.strip_prefix("there are: "));
    let verbs: Vec<&str> = told.expect("the verbs are listed").split(", ").collect();
    assert!(verbs.len() > 40, "{verbs:?}");
    for verb in verbs {
        assert!(
            text.contains(&format!("`{verb}`")),
            "{verb} is not described"
        );
    }
}

/// The table from the manual's statements to what shows them: complete, and pointing at what is there.
#[test]
fn every_statement_of_the_manual_is_shown_by_a_case_that_exists() {
    let text = document("scenarios/README.md");
    let suite = load([root().join("scenarios")]).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    for number in 1..=23 {
        let row = text
            .lines()
            .find(|line| line.starts_with(&format!("| L{number} |")));
        let row = row.unwrap_or_else(|| panic!("L{number} has no row"));
        let named = row
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|word| word.contains('/'));
        let named: Vec<&str> = named.collect();
        assert!(!named.is_empty(), "L{number} names no case");
        for case in named {
            let exists = suite.cases().any(|planned| planned.id().starts_with(case));
            assert!(exists, "L{number} names {case}, which is not there");
        }
    }
    for (number, case) in text.lines().filter_map(numbered_case) {
        let exists = suite.cases().any(|planned| planned.id().starts_with(case));
        assert!(exists, "case {number} names {case}, which is not there");
    }
}

fn numbered_case(line: &str) -> Option<(u8, &str)> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let number = cells.next()?.parse().ok()?;
    Some((number, cells.next()?.split('`').nth(1)?))
}
