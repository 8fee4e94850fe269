//! Wrong scenario files beside the exact messages that they give.

use proptest::prelude::*;
use sealbank_scenario::{SourceFile, load, load_sources};

#[test]
fn every_wrong_file_is_told_all_its_mistakes_with_place_and_mend() {
    insta::glob!("wrong/*.yaml", |path| {
        let name = path.file_name().unwrap().to_string_lossy();
        let text = std::fs::read_to_string(path).unwrap();
        let mistakes = load_sources(&[SourceFile::new(&name, &text)]).unwrap_err();
        insta::assert_snapshot!(mistakes.to_string());
    });
}

#[test]
fn the_mistakes_of_all_files_come_together() {
    let good = "scenario: a\nlet:\n  t: { contract: \"99990000001\", user: u, pin: abc123 }\ncases:\n  c: { steps: [ check: {} ] }\n";
    let sources = [
        SourceFile::new("one.yaml", &good.replace("steps", "stepps")),
        SourceFile::new("two.yaml", good),
        SourceFile::new("three.yaml", "cases: ["),
    ];
    let mistakes = load_sources(&sources).unwrap_err();
    let files: Vec<&str> = mistakes
        .iter()
        .map(|mistake| mistake.span().file().path())
        .collect();
    assert_eq!(files, ["one.yaml", "one.yaml", "three.yaml"]);
}

#[test]
fn two_cases_of_one_id_are_refused() {
    let text = "scenario: a\nlet:\n  t: { contract: \"99990000001\", user: u, pin: abc123 }\ncases:\n  c: { steps: [ check: {} ] }\n";
    let sources = [
        SourceFile::new("one.yaml", text),
        SourceFile::new("two.yaml", text),
    ];
    let mistakes = load_sources(&sources).unwrap_err().to_string();
    assert!(
        mistakes.contains("there are two cases `a/c`; the other one is at one.yaml:5:3"),
        "{mistakes}"
    );
}

#[test]
fn what_can_not_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let large = dir.path().join("large.yaml");
    std::fs::write(&large, " ".repeat((1 << 20) + 1)).unwrap();
    let binary = dir.path().join("binary.yaml");
    std::fs::write(&binary, [0xFF, 0xFE, 0x00]).unwrap();
    let missing = dir.path().join("missing.yaml");
    let mistakes = load([&large, &binary, &missing]).unwrap_err().to_string();
    for what in [
        "large.yaml: the file has more than",
        "binary.yaml: can't be read",
        "missing.yaml: can't be read",
        "3 mistakes",
    ] {
        assert!(mistakes.contains(what), "{what}: {mistakes}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_is_refused_without_a_panic(text in any::<String>()) {
        prop_assert!(load_sources(&[SourceFile::new("a.yaml", &text)]).is_err());
    }

    /// A good file with something replaced, dropped or put in: mistaken or not, it is read without a panic.
    #[test]
    fn a_damaged_scenario_never_panics(at in 0..2_000_usize, length in 0..40_usize, put_in in "[ \\n:,{}\\[\\]$\"'a-z0-9é取-]{0,12}") {
        let text = include_str!("../../../scenarios/regional-bank.yaml");
        let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let (start, end) = (boundary(at), boundary(at + length));
        let damaged = format!("{}{put_in}{}", &text[..start], &text[end..]);
        let _ = load_sources(&[SourceFile::new("a.yaml", &damaged)]);
    }
}
