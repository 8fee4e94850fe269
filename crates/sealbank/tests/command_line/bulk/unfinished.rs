//! Runs that did not come to their end, and how they are brought there or given up.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use super::{SUBJECT, bad, requests, users};
use crate::house::House;
use crate::mask::masked;
use crate::{sealbank, seen};

#[test]
fn strictness_stops_at_the_first_and_the_run_goes_on_with_the_mended_input() {
    let house = House::founded();
    let mut bundle = requests(60);
    let good = std::mem::replace(&mut bundle[24], bad("weak-key.rsa1024.pem"));
    house.write("requests.pem", bundle.concat());
    let arguments = [
        "requests.pem",
        "--out",
        "issued.pem",
        "--slice",
        "10",
        "--threads",
        "1",
    ];
    let strict = [&arguments[..], &["--subject", SUBJECT, "--strict"]].concat();
    let output = house.bulk(&strict, 1);
    insta::assert_snapshot!(masked(&seen(&output)));
    assert_eq!(house.read("issued.pem.part").matches("BEGIN").count(), 24);
    assert!(
        !house.has("issued.pem"),
        "half a run is not taken for all of it"
    );
    let output = house.bulk(&strict, 2);
    insta::assert_snapshot!("in-the-way", masked(&seen(&output)));

    bundle[24] = good;
    house.write("requests.pem", bundle.concat());
    house.bulk(&[&arguments[..], &["--resume", "--strict"]].concat(), 0);
    assert_eq!(house.names(), users(1..=60), "each once");
    assert_eq!(house.read("issued.pem").matches("BEGIN").count(), 60);
    assert!(!house.has("issued.pem.part") && !house.has("issued.pem.rejects.ndjson"));
    assert!(!house.has("ca/bulk-run.json"));
    house.done(&["audit"]);
}

/// A run over the bundle that ended before its end, with certificates on record.
fn cut_off(bundle: &[String]) -> House {
    let house = House::founded();
    let bad = bad("weak-key.rsa1024.pem");
    house.write("requests.pem", [bundle, &[bad]].concat().concat());
    house.bulk(
        &[
            "requests.pem",
            "--subject",
            SUBJECT,
            "--out",
            "issued.pem",
            "--slice",
            "5",
            "--strict",
        ],
        1,
    );
    house
}

#[test]
fn a_run_goes_on_with_its_own_input_and_its_own_terms_only() {
    let bundle = requests(20);
    let house = cut_off(&bundle);
    let mut other = bundle.clone();
    other.swap(0, 1);
    house.write("other.pem", other.concat());
    house.write("shorter.pem", bundle[..10].concat());
    for (name, arguments) in [
        ("other-input", &["other.pem", "--resume"][..]),
        ("shorter-input", &["shorter.pem", "--resume"]),
        (
            "other-subject",
            &["requests.pem", "--resume", "--subject", "CN=x"],
        ),
        ("other-days", &["requests.pem", "--resume", "--days", "7"]),
    ] {
        let output = house.bulk(&[arguments, &["--out", "again.pem"]].concat(), 2);
        insta::assert_snapshot!(name, masked(&seen(&output)));
    }
    house.bulk(&["requests.pem", "--resume", "--out", "again.pem"], 1);
    assert_eq!(house.names(), users(1..=20));
    let output = house.bulk(&["requests.pem", "--resume", "--out", "again.pem"], 2);
    insta::assert_snapshot!("nothing-to-resume", masked(&seen(&output)));
}

#[test]
fn a_subject_that_was_changed_in_the_input_is_noticed() {
    let house = House::founded();
    let line = |name: &str| {
        json!({ "request": bad("accepted.p256.pem"), "subject": format!("CN={name}") }).to_string()
    };
    house.write(
        "in.ndjson",
        [line("a"), line("b"), "nonsense".to_owned()].join("\n"),
    );
    house.bulk(&["in.ndjson", "--out", "out.pem", "--strict"], 1);
    house.write("in.ndjson", [line("a"), line("x")].join("\n"));
    let output = house.bulk(&["in.ndjson", "--out", "out.pem", "--resume"], 2);
    insta::assert_snapshot!(masked(&seen(&output)));
    assert_eq!(house.names(), ["a", "b"]);
}

#[test]
fn a_run_that_is_given_up_stays_on_record_and_makes_room_for_another() {
    let bundle = requests(6);
    let house = cut_off(&bundle);
    let begun = house.names().len();
    house.write("requests.pem", bundle.concat());
    house.bulk(
        &[
            "requests.pem",
            "--subject",
            "CN=anew{position}",
            "--out",
            "anew.pem",
            "--abandon",
        ],
        0,
    );
    assert_eq!(house.names().len(), begun + 6);
    house.done(&["audit"]);
}

#[cfg(unix)]
#[test]
fn a_full_disk_loses_nothing() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let house = House::founded();
    house.write("requests.pem", requests(50).concat());
    let arguments = ["requests.pem", "--subject", SUBJECT, "--slice", "10"];
    let output = house.bulk(&[&arguments[..], &["--out", "/dev/full"]].concat(), 3);
    let said = seen(&output);
    assert!(
        said.contains("No space left") && said.contains("--resume"),
        "{said}"
    );
    house.bulk(&["requests.pem", "--out", "issued.pem", "--resume"], 0);
    assert_eq!(house.names(), users(1..=50));
    assert_eq!(house.read("issued.pem").matches("BEGIN").count(), 50);
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_was_begun_and_the_run_goes_on_later() {
    let house = House::founded();
    // More than a pipe holds: the run can't come to its end before we read.
    house.write("requests.pem", requests(200).concat());
    let arguments = ["requests.pem", "--subject", SUBJECT, "--slice", "4"];
    let mut child = sealbank()
        .args(["ca", "sign", "--format", "ndjson", "--bulk"])
        .args(arguments)
        .current_dir(house.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut released = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut released).unwrap();
    let interrupted = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupted.unwrap().success());
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("stopping")));
    output.read_to_string(&mut released).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let last: Vec<_> = said.map(Result::unwrap).collect();
    assert!(
        last.iter().any(|line| line.contains("--resume")),
        "{last:?}"
    );
    assert!(released.ends_with('\n'), "whole lines");

    house.bulk(&["requests.pem", "--out", "all.ndjson", "--resume"], 0);
    assert!(house.read("all.ndjson").starts_with(&released));
    assert_eq!(house.lines("all.ndjson").len(), 200);
    assert_eq!(house.names(), users(1..=200));
}
