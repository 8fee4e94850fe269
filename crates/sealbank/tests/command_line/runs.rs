//! Selecting, checking, replaying and repeating, as it is called from the command line.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::mask::masked;
use crate::seen;

/// Two files: one that goes well, one with a case that fails.
pub(crate) fn house() -> TempDir {
    let house = tempfile::tempdir().unwrap();
    let people = "let:\n  taro: { contract: \"99990000001\", user: keiri01, pin: Test0001, name: 試験 太郎 }\n";
    let good = format!(
        "scenario: good\ntags: [quick]\ntitle: {{ ja: 良い, en: Good }}\n{people}cases:\n  \
         open:\n    title: {{ ja: 開く, en: Open }}\n    for-each: {{ after: [1h, 2h] }}\n    \
         steps:\n      - clock.advance: $after\n  left:\n    skip: it is only here to be left out\n    steps:\n      - check: {{}}\n"
    );
    let bad = format!(
        "scenario: bad\n{people}cases:\n  fails:\n    tags: [wrong]\n    steps:\n      - user.log-on: {{ pin: Wrong001 }}\n  \
         passes:\n    steps:\n      - check: {{}}\n"
    );
    std::fs::create_dir(house.path().join("scenarios")).unwrap();
    std::fs::write(house.path().join("scenarios/good.yaml"), good).unwrap();
    std::fs::write(house.path().join("scenarios/bad.yaml"), bad).unwrap();
    house
}

fn sealbank(house: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sealbank"))
        .current_dir(house)
        .args(arguments)
        .output()
        .unwrap()
}

pub(crate) fn told(house: &Path, arguments: &[&str], code: i32) -> String {
    let output = sealbank(house, arguments);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}: {output:?}"
    );
    masked(&seen(&output))
}

/// The ids that are selected.
fn ids(house: &Path, arguments: &[&str]) -> Vec<String> {
    let arguments = [&["run", "--list"], arguments].concat();
    let told = told(house, &arguments, 0);
    told.lines().map(str::to_owned).collect()
}

#[test]
fn cases_are_listed_with_place_title_and_tags() {
    let house = house();
    insta::assert_snapshot!("list", told(house.path(), &["list", "--lang", "en"], 0));
    insta::assert_snapshot!(
        "list-json",
        told(house.path(), &["list", "--json", "--tag", "quick"], 0)
    );
}

#[test]
fn cases_are_selected_by_line_tag_filter_and_part() {
    let house = house();
    let (fails, passes) = ("bad/fails", "bad/passes");
    let (early, late) = ("good/open[1h]", "good/open[2h]");
    for (arguments, selected) in [
        (&["scenarios/bad.yaml:6"][..], &[fails][..]),
        (
            &["scenarios/good.yaml:8", "scenarios/bad.yaml:9"],
            &[early, late, passes],
        ),
        (&["--tag", "wrong"], &[fails]),
        (&["--tag", "wrong", "--tag", "quick"], &[fails, early, late]),
        (
            &["--filter", "file(bad) and not id(fails) or id(1h)"],
            &[passes, early],
        ),
        (&["--case", "o", "--filter", "tag(quick)"], &[early, late]),
    ] {
        let mut found = ids(house.path(), arguments);
        let mut selected = selected.to_vec();
        found.sort();
        selected.sort_unstable();
        assert_eq!(found, selected, "{arguments:?}");
    }
    let parts = ["1/3", "2/3", "3/3"].map(|part| ids(house.path(), &["--shard", part]));
    let mut all = parts.concat();
    all.sort();
    assert_eq!(all, [fails, passes, early, late]);
}

#[test]
fn an_empty_selection_is_never_green_and_says_why() {
    let house = house();
    for (name, arguments, code) in [
        ("line", &["run", "scenarios/bad.yaml:2"][..], 4),
        ("tag", &["list", "--tag", "quik"], 4),
        (
            "filter",
            &["run", "--filter", "tag(quick) and tag(wrong)"],
            4,
        ),
        (
            "wrong-filter",
            &["run", "--filter", "tag(quick) adn id(x)"],
            2,
        ),
        ("wrong-shard", &["run", "--shard", "4/3"], 2),
        ("wrong-timeout", &["run", "--timeout", "5"], 2),
        ("last-failed", &["run", "--last-failed"], 4),
        ("replay", &["replay", "good/opne[2h]"], 4),
        ("explain", &["explain", "MX-330"], 2),
    ] {
        insta::assert_snapshot!(
            format!("refused-{name}"),
            told(house.path(), arguments, code)
        );
    }
}

#[test]
fn what_failed_is_remembered_until_it_passes() {
    let house = house();
    told(house.path(), &["run"], 1);
    assert_eq!(ids(house.path(), &["--last-failed"]), ["bad/fails"]);
    // A run of something else does not forget it.
    told(house.path(), &["run", "scenarios/good.yaml"], 0);
    assert_eq!(ids(house.path(), &["--last-failed"]), ["bad/fails"]);
    let path = house.path().join("scenarios/bad.yaml");
    let mended = std::fs::read_to_string(&path)
        .unwrap()
        .replace("Wrong001", "Test0001");
    std::fs::write(&path, mended).unwrap();
    told(house.path(), &["run", "--last-failed", "--repeat", "2"], 0);
    told(house.path(), &["run", "--last-failed"], 4);
    let ignored = std::fs::read_to_string(house.path().join(".sealbank/.gitignore")).unwrap();
    assert_eq!(ignored, "*\n");
}

#[test]
fn checking_runs_nothing_and_names_every_mistake() {
    let house = house();
    assert_eq!(
        told(house.path(), &["check"], 0),
        "4 cases in 2 files, no mistakes; 1 left out by design"
    );
    for file in ["scenarios/one.yaml", "scenarios/two.yaml"] {
        std::fs::write(house.path().join(file), "scenaro: x\n").unwrap();
    }
    let mistakes = told(house.path(), &["check"], 2);
    assert!(
        mistakes.contains("one.yaml:1:1") && mistakes.contains("two.yaml:1:1"),
        "{mistakes}"
    );
}

#[test]
fn one_case_is_replayed_with_all_that_happened() {
    let house = house();
    let replay = ["replay", "bad/fails", "--lang", "en"];
    let told = told(house.path(), &replay, 1);
    for part in [
        "1 case (3 not selected), driver http",
        "wire",
        "bank",
        "FAIL bad/fails",
        "MX-201",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_shuffled_run_names_its_seed_and_a_run_is_the_same_twice() {
    let house = house();
    let run = [
        "run",
        "scenarios/good.yaml",
        "--order",
        "random",
        "--seed",
        "7",
        "--check-determinism",
    ];
    let told = told(house.path(), &run, 0);
    assert!(told.contains("--order random --seed 7"), "{told}");
    assert!(told.contains("two runs told the same story"), "{told}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_finishes_the_reports_and_ends_with_its_own_code() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    let house = house();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sealbank"))
        .current_dir(house.path())
        .args([
            "run",
            "scenarios/good.yaml",
            "--repeat",
            "2000",
            "--json",
            "-",
            "--junit",
            "report.xml",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let begun = lines.next().unwrap().unwrap();
    assert!(begun.contains("run-started"), "{begun}");
    let told = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(told.success());
    let last = lines.map(Result::unwrap).last().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let last: serde_json::Value = serde_json::from_str(&last).unwrap();
    assert_eq!(last["event"], "run-finished");
    assert!(last["skipped"].as_u64().unwrap() > 0, "{last}");
    let report = std::fs::read_to_string(house.path().join("report.xml")).unwrap();
    assert!(
        report.contains("good/open[1h]#2000"),
        "the report holds every case"
    );
}

#[test]
fn codes_are_explained_with_cause_and_mend() {
    let house = house();
    for code in ["MX-303", "wrong-pin", "weak-key", "4"] {
        insta::assert_snapshot!(
            format!("explain-{code}"),
            told(house.path(), &["explain", code], 0)
        );
    }
    insta::assert_snapshot!("explain", told(house.path(), &["explain"], 0));
}

#[test]
fn the_schema_goes_to_standard_output_or_to_a_file() {
    let house = house();
    let shown = seen(&sealbank(house.path(), &["schema"]));
    let path = house.path().join("schema.json");
    assert_eq!(
        told(house.path(), &["schema", "--out", "schema.json"], 0),
        ""
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), shown);
    let schema: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert!(schema["$defs"]["step"]["properties"]["user.retrieve"]["description"].is_string());
    let nowhere = ["schema", "--out", "no/such/place.json"];
    assert!(told(house.path(), &nowhere, 3).contains("no/such/place.json can't be written"));
}

#[test]
fn the_parts_of_a_run_make_one_report() {
    let house = house();
    let here = house.path();
    // Both parts divide by the same durations: those of nothing.
    for part in ["1/2", "2/2"] {
        let file = format!("part-{}.ndjson", &part[..1]);
        let output = sealbank(here, &["run", "--shard", part, "--json", &file]);
        assert!(
            output.status.code().is_some_and(|code| code < 2),
            "{output:?}"
        );
        std::fs::remove_file(here.join(".sealbank/last-run.json")).unwrap();
    }
    let parts = ["part-1.ndjson", "part-2.ndjson"];
    let merge = |option, path| [&["merge", "--lang", "en", option, path], &parts[..]].concat();
    let whole = told(here, &["run", "--lang", "en"], 1);
    assert_eq!(told(here, &merge("--junit", "report.xml"), 1), whole);
    let junit = std::fs::read_to_string(here.join("report.xml")).unwrap();
    assert!(
        junit.contains("tests=\"5\"") && junit.contains("failures=\"1\""),
        "{junit}"
    );
    assert!(junit.contains("it is only here to be left out"), "{junit}");
    let missing = told(here, &["merge", "part-1.ndjson"], 2);
    assert!(missing.contains("part 2/2 is missing"), "{missing}");
    let events = std::fs::read_to_string(here.join("part-2.ndjson")).unwrap();
    std::fs::write(here.join("part-2.ndjson"), &events[..events.len() - 9]).unwrap();
    let line = events.lines().count();
    let cut = told(here, &merge("--html", "report.html"), 2);
    assert!(
        cut.contains(&format!("part-2.ndjson:{line}: the line is cut off")),
        "{cut}"
    );
    assert!(!here.join("report.html").exists());
}

#[test]
fn a_case_that_fails_at_every_attempt_is_told_with_all_of_them() {
    let house = house();
    let run = [
        "run",
        "--case",
        "bad/fails",
        "--retries",
        "2",
        "--lang",
        "en",
    ];
    let told = told(
        house.path(),
        &[&run[..], &["--junit", "report.xml"]].concat(),
        1,
    );
    assert!(told.contains("failed at each of 3 attempts"), "{told}");
    let junit = std::fs::read_to_string(house.path().join("report.xml")).unwrap();
    assert_eq!(junit.matches("<rerunFailure").count(), 2, "{junit}");
}
