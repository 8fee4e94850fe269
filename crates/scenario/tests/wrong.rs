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
        "binary.yaml: line 1 is not UTF-8; the file looks like UTF-16",
        "missing.yaml: can't be read",
        "3 mistakes",
    ] {
        assert!(mistakes.contains(what), "{what}: {mistakes}");
    }
}

/// A scenario that uses `file`, and has one case that says something.
fn user_of(file: &str) -> SourceFile {
    SourceFile::new(
        "suite/user.yaml",
        &format!(
            "scenario: a\nuse: [{file}]\nlet:\n  t: {{ contract: \"99990000001\", user: u, pin: abc123 }}\ncases:\n  c: {{ steps: [ flow: ours ] }}\n"
        ),
    )
}

#[test]
fn what_a_file_uses_has_to_be_there_and_to_be_there_for_that() {
    let flow = "flows:\n  ours: { steps: [ check: {} ] }\n";
    let common = |path: &str, text: &str| SourceFile::new(path, text);
    for (name, used, sources) in [
        ("missing", "./nowhere.yaml", vec![]),
        (
            "circle",
            "./one.yaml",
            vec![
                common("suite/one.yaml", &format!("use: [two.yaml]\n{flow}")),
                common(
                    "suite/two.yaml",
                    "use: [../suite/one.yaml]\ndefine: { x: 1 }\n",
                ),
            ],
        ),
        (
            "a-scenario",
            "./other.yaml",
            vec![common(
                "suite/other.yaml",
                &format!("scenario: b\nlet: {{}}\n{flow}"),
            )],
        ),
        (
            "not-of-the-used-ones-use",
            "one.yaml",
            vec![
                common(
                    "suite/one.yaml",
                    "use: [two.yaml]\nflows:\n  theirs: { steps: [ flow: ours ] }\n",
                ),
                common("suite/two.yaml", flow),
            ],
        ),
        (
            "people",
            "one.yaml",
            vec![common(
                "suite/one.yaml",
                "define: { who: $t }\nflows:\n  ours: { steps: [ check: { who: $who } ] }\n",
            )],
        ),
    ] {
        let mut all = vec![user_of(used)];
        all.extend(sources);
        let mistakes = load_sources(&all).unwrap_err();
        insta::assert_snapshot!(format!("use-{name}"), mistakes.to_string());
    }
}

#[test]
fn what_is_used_lies_beside_the_user_or_in_a_directory_that_is_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let suite = dir.path().join("suite");
    std::fs::create_dir(&suite).unwrap();
    let file = suite.join("user.yaml");
    std::fs::write(&file, user_of("../common.yaml").text()).unwrap();
    let flow = "flows:\n  ours: { steps: [ check: {} ] }\n";
    std::fs::write(dir.path().join("common.yaml"), flow).unwrap();
    let mistakes = load([&file]).unwrap_err().to_string();
    assert!(
        mistakes.contains("common.yaml is out of reach"),
        "{mistakes}"
    );
    assert_eq!(load([dir.path()]).unwrap().len(), 1);
    std::fs::write(&file, user_of("./common.yaml").text()).unwrap();
    std::fs::write(suite.join("common.yaml"), flow).unwrap();
    assert_eq!(load([&file]).unwrap().len(), 1);
}

#[test]
fn names_that_multiply_are_stopped_before_they_fill_the_memory() {
    let mut text = String::from("scenario: a\ndefine:\n  n0: [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..40 {
        let one = format!("$n{}", n - 1);
        text.push_str(&format!("  n{n}: [{}]\n", [one.as_str(); 10].join(", ")));
    }
    text.push_str("flows:\n  f0: { steps: [ check: {}, check: {} ] }\n");
    for n in 1..14 {
        let call = format!("{{ flow: f{} }}", n - 1);
        text.push_str(&format!(
            "  f{n}: {{ steps: [{}] }}\n",
            [call.as_str(); 8].join(", ")
        ));
    }
    text.push_str("let:\n  t: { contract: \"99990000001\", user: u, pin: abc123 }\ncases:\n  c: { steps: [ flow: f13, clock.advance: $n39 ] }\n");
    let mistakes = load_sources(&[SourceFile::new("a.yaml", &text)]).unwrap_err();
    assert!(
        mistakes.to_string().contains("more than 200000 pieces"),
        "{mistakes}"
    );
}

#[test]
fn an_encoding_that_is_not_utf_8_is_named_with_its_line() {
    let utf_16: Vec<u8> = "\u{FEFF}scenario: a"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let dir = tempfile::tempdir().unwrap();
    for (bytes, told) in [
        (utf_16, "line 1 is not UTF-8; the file looks like UTF-16"),
        (
            b"scenario: a\ntitle: caf\xE9\n".to_vec(),
            "line 2 is not UTF-8; the file looks like Latin-1",
        ),
        (
            b"a: b\n\ntitle: \x8E\xE6\x93\xBE\n".to_vec(),
            "line 3 is not UTF-8; the file looks like Shift_JIS",
        ),
        (
            b"\x7FELF\x02\x01\x80\x00\x00\x00\x00".to_vec(),
            "line 1 is not UTF-8; the file looks like no text at all",
        ),
    ] {
        let path = dir.path().join("a.yaml");
        std::fs::write(&path, bytes).unwrap();
        let mistakes = load([&path]).unwrap_err().to_string();
        assert!(mistakes.contains(told), "{told}: {mistakes}");
    }
}

#[test]
fn a_hundred_megabytes_are_refused_without_being_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.yaml");
    std::fs::File::create(&path)
        .unwrap()
        .set_len(100_000_000)
        .unwrap();
    let mistakes = load([&path]).unwrap_err().to_string();
    assert!(
        mistakes.contains("the file has more than 1048576 bytes"),
        "{mistakes}"
    );
}

/// Every shipped file.
fn shipped() -> Vec<SourceFile> {
    let scenarios = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut paths: Vec<_> = std::fs::read_dir(scenarios)
        .expect("the scenarios are there")
        .map(|entry| entry.expect("the directory can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        SourceFile::new(
            &name,
            &std::fs::read_to_string(path).expect("the file can be read"),
        )
    };
    paths.iter().map(read).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_is_refused_without_a_panic(text in any::<String>()) {
        prop_assert!(load_sources(&[SourceFile::new("a.yaml", &text)]).is_err());
    }

    /// A good file with something replaced, dropped or put in: mistaken or not, it is read without a panic, and every
    /// mistake has its place in a file.
    #[test]
    fn a_damaged_scenario_never_panics(
        file in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        length in 0..40_usize,
        put_in in prop_oneof![
            "[ \\n:,{}\\[\\]$\"'a-z0-9é取-]{0,12}",
            prop::sample::select(vec!["$taro", "$", "{}", "[]", "~", "flow: x", "use: [./common.yaml]", "all", "999999999999", "- ", "{ not: $x }"])
                .prop_map(str::to_owned),
        ],
    ) {
        let mut files = shipped();
        let file = file.index(files.len());
        let text = files[file].text().to_owned();
        let at = at.index(text.len());
        let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let (start, end) = (boundary(at), boundary(at + length));
        let damaged = format!("{}{put_in}{}", &text[..start], &text[end..]);
        let name = files[file].path().to_owned();
        let common = files.iter().find(|file| file.path() == "common.yaml").cloned().unwrap();
        files = vec![SourceFile::new(&name, &damaged)];
        if name != "common.yaml" {
            files.push(common);
        }
        if let Err(mistakes) = load_sources(&files) {
            for mistake in mistakes.iter() {
                prop_assert!(mistake.span().file().path().ends_with(".yaml"), "{mistake:?}");
                prop_assert!(mistake.span().range().end <= mistake.span().file().text().len());
                prop_assert!(!mistake.what().is_empty());
            }
        }
    }
}
