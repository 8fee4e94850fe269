//! `sealbank ca sign --bulk` as its operator meets it: every form of input and output, and what is rejected.

mod unfinished;

use std::process::Output;

use sealbank_journal::SqliteJournal;
use serde_json::{Value, json};

use crate::house::{House, openssl_is_here, request};
use crate::mask::masked;
use crate::{sealbank, seen};

const SUBJECT: &str = "CN=user{position:04}";

/// As many requests in PEM, each with a key of its own.
fn requests(count: usize) -> Vec<String> {
    let made = (0..count).map(|_| {
        let key = rcgen::KeyPair::generate().unwrap();
        let request = rcgen::CertificateParams::default()
            .serialize_request(&key)
            .unwrap();
        request.pem().unwrap().replace("\r\n", "\n")
    });
    made.collect()
}

/// A request of the fixtures that is refused, in PEM.
fn bad(name: &str) -> String {
    std::fs::read_to_string(request(name)).unwrap()
}

impl House {
    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), content).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    fn lines(&self, name: &str) -> Vec<Value> {
        let text = self.read(name);
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn has(&self, name: &str) -> bool {
        self.path().join(name).exists()
    }

    /// `sealbank ca sign --bulk …`, which ends with this code.
    fn bulk(&self, arguments: &[&str], code: i32) -> Output {
        let output = self.ca(&[&["sign", "--bulk"], arguments].concat());
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {output:?}"
        );
        output
    }

    /// The common names of all certificates on record, in alphabetical order.
    fn names(&self) -> Vec<String> {
        let found = self.json(&["list"]);
        let name = |it: &Value| it["subject"]["common-name"].as_str().unwrap().to_owned();
        let mut names: Vec<_> = found.as_array().unwrap().iter().map(name).collect();
        names.sort();
        names
    }
}

fn users(positions: impl IntoIterator<Item = usize>) -> Vec<String> {
    let positions = positions.into_iter();
    positions.map(|at| format!("user{at:04}")).collect()
}

#[test]
fn bad_requests_are_listed_with_their_positions_and_keep_no_other_from_being_signed() {
    let house = House::founded();
    let mut bundle = requests(200);
    bundle[40] = bad("weak-key.rsa1024.pem");
    bundle[41] = bad("wrong-label.certificate.pem");
    bundle[199] = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n".to_owned();
    house.write("requests.pem", bundle.concat());
    let output = house.bulk(
        &["requests.pem", "--subject", SUBJECT, "--out", "issued.pem"],
        1,
    );
    insta::assert_snapshot!(masked(&seen(&output)));
    let rejects = house.lines("issued.pem.rejects.ndjson");
    let line = |at: usize| bundle[..at].concat().lines().count() + 1;
    let found: Vec<_> = rejects
        .iter()
        .map(|it| {
            (
                it["position"].clone(),
                it["line"].clone(),
                it["code"].clone(),
            )
        })
        .collect();
    let expected = [
        (json!(41), json!(line(40)), json!("weak-key")),
        (json!(42), json!(line(41)), json!("wrong-label")),
        (json!(200), json!(line(199)), json!("not-pem")),
    ];
    assert_eq!(found, expected);
    let good = (1..=200).filter(|at| ![41, 42, 200].contains(at));
    assert_eq!(house.names(), users(good));
    assert_eq!(house.read("issued.pem").matches("BEGIN").count(), 197);
    house.done(&["audit"]);
}

#[test]
fn openssl_accepts_what_is_written_in_every_form() {
    if !openssl_is_here() {
        return;
    }
    let house = House::founded();
    house.write("requests.pem", requests(5).concat());
    let verify = "verify -x509_strict -CAfile ca/root.pem -untrusted ca/issuing.pem";
    for (out, format, form) in [
        ("a.pem", "pem", "PEM"),
        ("b/", "pem-dir", "PEM"),
        ("c", "der-dir", "DER"),
    ] {
        let said = house.bulk(
            &[
                "requests.pem",
                "--subject",
                SUBJECT,
                "--out",
                out,
                "--format",
                format,
                "--json",
            ],
            0,
        );
        let said: Value = serde_json::from_slice(&said.stdout).unwrap();
        assert_eq!(said["signed"], 5);
        assert_eq!(said["finished"], true);
        let path = house.path().join(out);
        let files: Vec<_> = if path.is_dir() {
            let found = std::fs::read_dir(path).unwrap();
            found.map(|entry| entry.unwrap().path()).collect()
        } else {
            vec![path]
        };
        assert_eq!(files.len(), if format == "pem" { 1 } else { 5 });
        for file in files {
            std::fs::copy(&file, house.path().join("one")).unwrap();
            house
                .openssl(&format!("x509 -inform {form} -in one -out one.pem"))
                .unwrap();
            assert!(house.openssl(&format!("{verify} one.pem")).is_some());
        }
    }
}

#[test]
fn the_files_of_a_directory_are_signed_in_the_order_of_their_names() {
    let house = House::founded();
    std::fs::create_dir(house.path().join("in")).unwrap();
    for (name, fixture) in [
        ("b.pem", "accepted.p256.pem"),
        ("a.der", "accepted.p256.der"),
        ("c.pem", "not-pem.two-requests.pem"),
        ("d", "accepted.ed25519.pem"),
    ] {
        std::fs::copy(request(fixture), house.path().join("in").join(name)).unwrap();
    }
    house.bulk(
        &[
            "in",
            "--subject",
            "CN={file}-{position}",
            "--out",
            "out.ndjson",
        ],
        1,
    );
    let names: Vec<_> = house
        .lines("out.ndjson")
        .iter()
        .map(|line| line["subject"]["cn"].clone())
        .collect();
    assert_eq!(names, ["a-1", "b-2", "d-4"]);
    let rejects = house.lines("out.ndjson.rejects.ndjson");
    assert_eq!(rejects[0]["file"], "c.pem");
    assert_eq!(rejects[0]["position"], 3);
}

#[test]
fn a_line_of_ndjson_has_its_subject_and_days_and_comes_back_with_its_id() {
    let house = House::founded();
    let pem = bad("accepted.p256.pem");
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let lines = [
        json!({ "request": pem, "subject": { "o": "o", "ou": "u", "cn": "a" }, "id": 7, "days": 30 })
            .to_string(),
        json!({ "request": base64, "subject": "CN=b", "id": { "row": "x" } }).to_string(),
        "nonsense".to_owned(),
        json!({ "request": base64, "id": "no-name" }).to_string(),
        json!({ "request": base64, "subject": { "cn": "x".repeat(65) } }).to_string(),
        json!({ "request": base64, "subject": "CN=c", "days": 36500 }).to_string(),
        json!({ "request": "", "subject": "CN=d" }).to_string(),
    ];
    house.write("in.ndjson", lines.join("\n"));
    house.bulk(&["in.ndjson", "--out", "out.ndjson", "--rejects", "bad"], 1);
    let signed = house.lines("out.ndjson");
    assert_eq!(signed.len(), 2);
    assert_eq!(signed[0]["id"], 7);
    assert_eq!(
        signed[0]["subject"],
        json!({ "o": "o", "ou": "u", "cn": "a" })
    );
    assert_eq!(signed[1]["id"], json!({ "row": "x" }));
    assert_eq!(signed[1]["subject"]["ou"], "sealbank issuing CA TEST ONLY");
    let shown = house.json(&["show", signed[0]["serial"].as_str().unwrap()]);
    assert_eq!(shown[0]["certificate"], signed[0]["certificate"]);
    assert_eq!(shown[0]["subject"]["organization"], "o");
    let found: Vec<_> = house
        .lines("bad")
        .iter()
        .map(|it| {
            format!(
                "{} {} {}",
                it["line"],
                it["code"].as_str().unwrap(),
                it["id"]
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "3 not-json null",
            "4 subject \"no-name\"",
            "5 subject null",
            "6 outlives-issuer null",
            "7 not-pem null",
        ]
    );
    let audit = house.json(&["audit"]);
    assert_eq!(audit["sound"], true, "{audit}");
}

#[test]
fn requests_on_standard_input_become_certificates_on_standard_output() {
    let house = House::founded();
    house.write("requests.pem", requests(3).concat());
    let output = sealbank()
        .args(["ca", "sign", "--bulk", "-", "--subject", SUBJECT])
        .current_dir(house.path())
        .stdin(std::fs::File::open(house.path().join("requests.pem")).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let bundle = String::from_utf8(output.stdout).unwrap();
    assert_eq!(bundle.matches("BEGIN CERTIFICATE").count(), 3);
    let found = house.json(&["list"]);
    for listed in found.as_array().unwrap() {
        assert!(bundle.contains(listed["certificate"].as_str().unwrap()));
    }
}

#[test]
fn a_second_process_is_refused_and_touches_nothing() {
    let house = House::founded();
    house.write("requests.pem", requests(2).concat());
    house.write("issued.pem.part", "another's");
    let held = SqliteJournal::open(house.path().join("ca/journal.sqlite")).unwrap();
    let arguments = ["requests.pem", "--subject", SUBJECT, "--out", "issued.pem"];
    let output = house.bulk(&arguments, 3);
    assert!(
        seen(&output).contains("written by another process"),
        "{output:?}"
    );
    assert_eq!(house.read("issued.pem.part"), "another's");
    drop(held);
    house.bulk(&arguments, 0);
}

#[cfg(unix)]
#[test]
fn a_ca_that_can_not_be_written_to_signs_nothing() {
    use std::fs::Permissions;
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

    let house = House::founded();
    house.write("requests.pem", requests(2).concat());
    let directory = house.path().join("ca");
    std::fs::set_permissions(&directory, Permissions::from_mode(0o555)).unwrap();
    let allowed = std::fs::write(directory.join("probe"), "").is_ok();
    if !allowed {
        house.bulk(
            &["requests.pem", "--subject", SUBJECT, "--out", "issued.pem"],
            3,
        );
        assert!(!house.has("issued.pem"));
    }
    std::fs::set_permissions(&directory, Permissions::from_mode(0o755)).unwrap();
    if allowed {
        let mut said = std::io::stderr().lock();
        writeln!(
            said,
            "skipped: this user may write where writing is forbidden"
        )
        .unwrap();
    }
}

#[test]
fn what_can_not_be_begun_is_refused_before_anything_is_written() {
    let house = House::founded();
    house.write("requests.pem", requests(1).concat());
    house.write("empty", "\n \n");
    house.write("prose", "no request here\n");
    std::fs::create_dir(house.path().join("requests")).unwrap();
    house.write("requests/a.pem", requests(1).concat());
    let cases: &[(&str, &[&str])] = &[
        ("no-input", &["none.pem", "--subject", SUBJECT]),
        ("empty-input", &["empty", "--subject", SUBJECT]),
        ("prose", &["prose", "--subject", SUBJECT]),
        ("no-subject", &["requests.pem"]),
        (
            "two-subjects",
            &["requests.pem", "--subject", "CN=a", "--subject", "CN=b"],
        ),
        (
            "unknown-placeholder",
            &["requests.pem", "--subject", "CN={name}"],
        ),
        (
            "file-placeholder",
            &["requests.pem", "--subject", "CN={file}"],
        ),
        (
            "unfit-format",
            &["requests.pem", "--subject", SUBJECT, "--format", "der-dir"],
        ),
        (
            "json-without-out",
            &["requests.pem", "--subject", SUBJECT, "--json"],
        ),
        (
            "feeds-itself",
            &[
                "requests",
                "--subject",
                SUBJECT,
                "--out",
                "requests/issued.pem",
            ],
        ),
    ];
    for (name, arguments) in cases {
        let output = house.bulk(arguments, 2);
        insta::assert_snapshot!(format!("refused-{name}"), masked(&seen(&output)));
    }
    let too_long = ["requests.pem", "--subject", SUBJECT, "--days", "36500"];
    let output = house.bulk(&too_long, 2);
    assert!(seen(&output).contains("outlive its issuer"), "{output:?}");
    house.bulk(
        &[
            "requests.pem",
            "--subject",
            SUBJECT,
            "--out",
            "none/issued.pem",
        ],
        3,
    );
    assert!(house.names().is_empty() && !house.has("ca/bulk-run.json"));
}
