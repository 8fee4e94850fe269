//! Help texts and errors, as reviewed snapshots; exit codes.

use crate::{sealbank, seen};

#[test]
fn every_subcommand_explains_itself_with_examples() {
    for subcommand in [
        "run",
        "list",
        "check",
        "replay",
        "merge",
        "schema",
        "explain",
        "serve",
        "audit",
        "ca",
        "completions",
        "man",
    ] {
        let output = sealbank()
            .args([subcommand, "--help"])
            .env("COLUMNS", "100")
            .output()
            .unwrap();
        assert!(output.status.success());
        insta::assert_snapshot!(format!("help-{subcommand}"), seen(&output));
    }
    let output = sealbank()
        .arg("--help")
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    insta::assert_snapshot!("help", seen(&output));
}

#[test]
fn errors_name_the_place_and_the_mend_and_end_with_their_code() {
    let cases: &[(&str, &[&str], i32)] = &[
        ("no-such-scenario", &["run", "scenarios/nothing.yaml"], 2),
        (
            "no-such-case",
            &[
                "run",
                "scenarios/manual.yaml",
                "--case",
                "nothing-like-this",
            ],
            4,
        ),
        ("no-such-journal", &["audit", "no-such-directory"], 2),
        ("not-a-journal", &["audit", "README.md"], 1),
        (
            "no-such-settings",
            &["serve", "--settings", "no-such-file.yaml"],
            2,
        ),
        (
            "unwritable-report",
            &[
                "run",
                "scenarios/manual.yaml",
                "--junit",
                "no-such-directory/report.xml",
            ],
            3,
        ),
        ("unknown-argument", &["run", "--jbos", "2"], 2),
    ];
    for (name, arguments, code) in cases {
        let output = sealbank().args(*arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(*code), "{name}: {output:?}");
        insta::assert_snapshot!(format!("error-{name}"), seen(&output));
    }
}

#[test]
fn settings_that_no_bank_could_run_with_are_all_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        file.path(),
        "settings: { pin-failure-limit: 0, popup-count: 3 }\n",
    )
    .unwrap();
    let output = sealbank()
        .args(["serve", "--settings"])
        .arg(file.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    insta::assert_snapshot!(seen(&output));
}

#[test]
fn a_program_reads_events_on_standard_output_and_a_person_the_rest_on_standard_error() {
    let output = sealbank()
        .args(["run", "scenarios/manual.yaml", "--json", "-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let events: Vec<serde_json::Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(events.first().unwrap()["event"], "run-started");
    assert_eq!(events.last().unwrap()["event"], "run-finished");
    assert!(String::from_utf8(output.stderr).unwrap().contains("passed"));
}

#[test]
fn a_junit_report_names_every_case() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.xml");
    let output = sealbank()
        .args(["run", "scenarios/manual.yaml", "--junit"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let report = std::fs::read_to_string(&path).unwrap();
    for case in ["manual/screens", "manual/procedure"] {
        assert!(report.contains(case), "{report}");
    }
}

#[test]
fn a_failure_is_in_every_report_that_was_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    let scenario = "scenario: wrong\nlet:\n  taro: { contract: \"99990000001\", user: keiri01, pin: Test0001 }\n\
                    cases:\n  top:\n    steps:\n      - form.open: top\n        expect: { screen: done }\n";
    std::fs::write(file("wrong.yaml"), scenario).unwrap();
    // What an earlier step of the job wrote is not ours to remove.
    std::fs::write(file("summary.md"), "before\n").unwrap();
    let output = sealbank()
        .env("GITHUB_STEP_SUMMARY", file("summary.md"))
        .args(["run", "--github", "--tap"])
        .arg(file("report.tap"))
        .arg("--html")
        .arg(file("report.html"))
        .arg(file("wrong.yaml"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let read = |name: &str| std::fs::read_to_string(file(name)).unwrap();
    let screen = seen(&output);
    for (name, text, part) in [
        ("annotation", screen.as_str(), "\n::error file="),
        ("terminal", &screen, "FAIL wrong/top"),
        (
            "summary",
            &read("summary.md"),
            "before\n## Scenarios: 0 passed, 1 failed",
        ),
        ("tap", &read("report.tap"), "not ok 1 - wrong/top"),
        ("html", &read("report.html"), "<code>wrong/top</code>"),
    ] {
        assert!(text.contains(part), "{name}: {text}");
    }
}

#[test]
fn shells_get_their_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = sealbank().args(["completions", shell]).output().unwrap();
        assert!(
            output.status.success() && seen(&output).contains("sealbank"),
            "{shell}"
        );
    }
}

#[test]
fn every_subcommand_gets_a_manual_page() {
    let directory = tempfile::tempdir().unwrap();
    let output = sealbank()
        .arg("man")
        .arg(directory.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    for page in [
        "sealbank",
        "sealbank-run",
        "sealbank-ca",
        "sealbank-ca-sign",
    ] {
        let text = std::fs::read_to_string(directory.path().join(format!("{page}.1"))).unwrap();
        assert!(text.contains(".SH NAME"), "{page}: {text}");
    }
}
