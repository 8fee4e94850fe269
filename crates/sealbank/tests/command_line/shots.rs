//! `snapshot:` and `--update-snapshots`: what is written, what is compared, and what is left alone.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::seen;

const SCENARIO: &str = r#"scenario: shots
let:
  taro: { contract: "99990000001", user: keiri01, pin: Test0001, name: 試験 太郎 }
cases:
  refused:
    steps:
      - user.retrieve: {}
        expect: { snapshot: { screen: refused, record: fresh } }
  granted:
    for-each: { days: [1d, 2d] }
    steps:
      - admin.grant: {}
      - clock.advance: $days
      - check: {}
        expect: { snapshot: { record: granted } }
"#;

fn house(scenario: &str) -> tempfile::TempDir {
    let house = tempfile::tempdir().unwrap();
    std::fs::write(house.path().join("shots.yaml"), scenario).unwrap();
    house
}

fn run(house: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sealbank"))
        .current_dir(house)
        .args(["run", "shots.yaml", "--lang", "en"])
        .args(more)
        .output()
        .unwrap()
}

fn kept(house: &Path, name: &str) -> PathBuf {
    house.join("snapshots/shots").join(name)
}

#[test]
fn a_snapshot_is_written_when_asked_for_and_compared_ever_after() {
    let house = house(SCENARIO);
    let without = run(house.path(), &[]);
    assert_eq!(without.status.code(), Some(1), "{without:?}");
    assert!(seen(&without).contains("--update-snapshots writes it"));
    assert!(!kept(house.path(), "").exists(), "comparing writes nothing");

    let writing = run(house.path(), &["--update-snapshots"]);
    assert_eq!(writing.status.code(), Some(0), "{writing:?}");
    let said = String::from_utf8_lossy(&writing.stderr).into_owned();
    assert!(said.contains("3 new, 0 changed, 0 as they were"), "{said}");
    let screen = std::fs::read_to_string(kept(house.path(), "refused.screen.snap")).unwrap();
    insta::assert_snapshot!(screen);
    for driver in ["in-process", "http", "both"] {
        let again = run(house.path(), &["--driver", driver]);
        assert_eq!(again.status.code(), Some(0), "{driver}: {again:?}");
    }

    let record = kept(house.path(), "granted.record.snap");
    let text = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, text.replace("grant: ready", "grant: lapsed")).unwrap();
    std::fs::write(kept(house.path(), "idle.screen.snap"), "of nobody").unwrap();
    let differing = run(house.path(), &[]);
    assert_eq!(differing.status.code(), Some(1), "{differing:?}");
    let told = seen(&differing);
    assert!(
        told.contains("- grant: lapsed\n") && told.contains("+ grant: ready\n"),
        "{told}"
    );

    let mending = run(house.path(), &["--update-snapshots"]);
    let said = String::from_utf8_lossy(&mending.stderr).into_owned();
    assert!(said.contains("0 new, 1 changed, 2 as they were"), "{said}");
    assert!(
        said.contains("idle.screen.snap is not used by any case"),
        "{said}"
    );
    assert!(
        kept(house.path(), "idle.screen.snap").exists(),
        "told, not deleted"
    );
    assert_eq!(std::fs::read_to_string(&record).unwrap(), text);
}

#[test]
fn what_a_failing_case_shows_is_not_kept() {
    let house = house(&SCENARIO.replace("record: fresh }", "record: fresh }, refused: MX-302"));
    let writing = run(house.path(), &["--update-snapshots"]);
    assert_eq!(writing.status.code(), Some(1), "{writing:?}");
    assert!(!kept(house.path(), "refused.screen.snap").exists());
    assert!(kept(house.path(), "granted.record.snap").exists());
}

#[test]
fn rows_that_show_something_else_need_names_of_their_own() {
    let otherwise = SCENARIO.replace("[1d, 2d]", "[1d, 200d]");
    let house = house(&otherwise);
    let writing = run(house.path(), &["--update-snapshots"]);
    assert_eq!(writing.status.code(), Some(1), "{writing:?}");
    let said = String::from_utf8_lossy(&writing.stderr).into_owned();
    let both = "shots/granted[1d] and shots/granted[200d] took it otherwise";
    assert!(said.contains(both), "{said}");
    assert!(!kept(house.path(), "granted.record.snap").exists());
}
