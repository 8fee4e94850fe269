//! What `sealbank.toml` and the environment say to a run.

use std::process::Command;

use crate::runs::{house, told};
use crate::{sealbank, seen, workspace};

#[test]
fn a_profile_above_counts_for_a_run_below_and_its_paths_are_seen_from_it() {
    let house = house();
    let profile = "[profile.ci]\ndriver = \"in-process\"\njunit = \"report.xml\"\nlang = \"en\"\n";
    std::fs::write(house.path().join("sealbank.toml"), profile).unwrap();
    let below = house.path().join("scenarios");
    let output = Command::new(env!("CARGO_BIN_EXE_sealbank"))
        .current_dir(&below)
        .env("SEALBANK_PROFILE", "ci")
        .args(["run", "good.yaml", "-v"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let screen = seen(&output);
    assert!(screen.contains("Good"), "{screen}");
    let report = std::fs::read_to_string(house.path().join("report.xml")).unwrap();
    assert!(report.contains("good/open[1h]"), "{report}");
}

#[test]
fn empty_variables_say_nothing() {
    let house = house();
    let output = Command::new(env!("CARGO_BIN_EXE_sealbank"))
        .current_dir(house.path())
        .envs(["PROFILE", "CONFIG", "DRIVER"].map(|name| (format!("SEALBANK_{name}"), "")))
        .args(["run", "--show-config"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let shown = seen(&output);
    assert!(
        shown.starts_with("# no sealbank.toml\n[profile.default]\ndriver = \"http\""),
        "{shown}"
    );
}

#[test]
fn a_mistake_in_any_profile_runs_nothing() {
    let house = house();
    let profile = "[profile.default]\njson = \"-\"\n\n[profile.ci]\nretires = 1\n";
    std::fs::write(house.path().join("sealbank.toml"), profile).unwrap();
    insta::assert_snapshot!(told(house.path(), &["run"], 2));
    assert!(!house.path().join(".sealbank").exists());
}

#[test]
fn a_profile_or_a_file_that_is_not_there_runs_nothing() {
    let house = house();
    for (name, arguments) in [
        ("no-file", &["run", "--profile", "ci"][..]),
        ("no-such-file", &["run", "--config", "nowhere.toml"]),
        ("directory", &["run", "--config", "scenarios"]),
    ] {
        insta::assert_snapshot!(name, told(house.path(), arguments, 2));
    }
}

#[test]
fn the_profile_in_the_book_is_the_one_beside_it() {
    let book = std::fs::read_to_string(workspace().join("docs/scenarios.md")).unwrap();
    let shown = book.split("```toml\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    let beside = workspace().join("docs/examples/sealbank.toml");
    assert_eq!(std::fs::read_to_string(beside).unwrap(), shown);
    let nothing_else = [
        "run",
        "--config",
        "docs/examples/sealbank.toml",
        "--show-config",
    ];
    assert!(sealbank().args(nothing_else).status().unwrap().success());
}
