//! `sealbank ca` as its operator meets it: what the commands write is what OpenSSL accepts, and what goes wrong is
//! told with its mend and its exit code.

use sealbank_journal::SqliteJournal;

use crate::house::{House, SUBJECT, openssl_is_here, request};
use crate::mask::masked;
use crate::{sealbank, seen, workspace};

#[test]
fn openssl_accepts_a_certificate_until_it_is_revoked() {
    if !openssl_is_here() {
        return;
    }
    for (root_key, key) in [("p256", "p256"), ("p384", "ed25519"), ("p256", "rsa2048")] {
        let house = House::empty();
        house.done(&["init", "--root-key", root_key, "--key", key]);
        let request = request("accepted.rsa2048.pem");
        house.done(&["sign", &request, "--subject", SUBJECT, "--out", "c.pem"]);
        let verify = "verify -x509_strict -crl_check_all -CAfile ca/root.pem -untrusted ca/issuing.pem \
                      -CRLfile ca/root.crl.pem -CRLfile ca/issuing.crl.pem c.pem";
        assert!(house.openssl(verify).is_some(), "{key}: before");
        house.done(&["revoke", "c.pem", "--reason", "keyCompromise"]);
        house.done(&["crl"]);
        assert!(house.openssl(verify).is_none(), "{key}: after");
        let list = house
            .openssl("crl -in ca/issuing.crl.pem -noout -text")
            .unwrap();
        assert!(list.contains("Key Compromise"), "{list}");
        house.done(&["crl", "--der"]);
        let der = house.openssl("crl -inform DER -in ca/issuing.crl.der -noout -crlnumber");
        assert!(der.unwrap().trim().ends_with("03"));
    }
}

#[test]
fn a_day_of_an_operator_reads_like_this() {
    let house = House::empty();
    let (good, bad) = (
        request("accepted.p256.pem"),
        request("weak-hash.rsa-with-sha1.pem"),
    );
    let steps: [&[&str]; 10] = [
        &["init"],
        &[
            "sign",
            &good,
            &bad,
            "--subject",
            SUBJECT,
            "--out",
            "issued/",
        ],
        &["list"],
        &["list", "--csv"],
        &[
            "revoke",
            "--subject",
            "CN=ZZTST1 keiri01",
            "--reason",
            "superseded",
        ],
        &["crl"],
        &["list", "--status", "revoked"],
        &["list", "--status", "valid"],
        &["show", "c.pem"],
        &["audit"],
    ];
    let mut day = String::new();
    for arguments in steps {
        if arguments[0] == "show" {
            let written = std::fs::read_dir(house.path().join("issued")).unwrap();
            let [certificate] = &written
                .map(|entry| entry.unwrap().path())
                .collect::<Vec<_>>()[..]
            else {
                panic!("one request was accepted");
            };
            std::fs::copy(certificate, house.path().join("c.pem")).unwrap();
        }
        let output = house.ca(arguments);
        let code = output.status.code().unwrap();
        let line = format!(
            "$ sealbank ca {}\n{}[{code}]\n\n",
            arguments.join(" "),
            seen(&output)
        );
        day.push_str(&line.replace(workspace().to_str().unwrap(), "…"));
    }
    insta::assert_snapshot!(masked(&day));
}

#[test]
fn a_request_on_standard_input_becomes_a_certificate_on_standard_output() {
    let house = House::founded();
    let request = std::fs::File::open(request("accepted.ed25519.pem")).unwrap();
    let output = sealbank()
        .args(["ca", "sign", "--subject", SUBJECT])
        .current_dir(house.path())
        .stdin(request)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let found = house.json(&["list"]);
    let [listed] = &found.as_array().unwrap()[..] else {
        panic!("one certificate was signed");
    };
    assert_eq!(
        listed["certificate"],
        String::from_utf8(output.stdout).unwrap()
    );
    let serial = listed["serial"].as_str().unwrap();
    assert_eq!(
        house.done(&["show", serial, "--pem"]),
        listed["certificate"].as_str().unwrap()
    );
}

#[test]
fn each_request_gets_its_own_subject_or_all_the_same() {
    let house = House::founded();
    let (a, b) = (
        request("accepted.p256.pem"),
        request("accepted.ed25519.pem"),
    );
    let both = ["O=o,OU=u,CN=a", "O=o,OU=u,CN=b"];
    let made = house.json(&["sign", &a, &b, "--subject", both[0], "--subject", both[1]]);
    let names = made["signed"].as_array().unwrap().iter();
    let names: Vec<_> = names
        .map(|signed| &signed["subject"]["common-name"])
        .collect();
    assert_eq!(names, ["a", "b"]);
    let output = house.ca(&[
        "sign",
        &a,
        &b,
        &a,
        "--subject",
        both[0],
        "--subject",
        both[1],
    ]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let output = house.ca(&["sign", &a, "--subject", both[0], "--days", "36500"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(seen(&output).contains("outlive its issuer"), "{output:?}");
    assert_eq!(house.json(&["list"]).as_array().unwrap().len(), 2);
}

#[test]
fn nothing_is_revoked_if_one_of_them_is_unknown() {
    let house = House::founded();
    let serial = house.signed();
    let stranger = format!(
        "4{}",
        &serial[1..].replace(['a', 'b', 'c', 'd', 'e', 'f'], "0")
    );
    let output = house.ca(&["revoke", &serial, &stranger]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(house.json(&["list"])[0]["status"], "valid");
    let first = house.json(&["revoke", &serial, "--reason", "superseded"]);
    let again = house.json(&["revoke", &serial, "--reason", "keyCompromise"]);
    assert_eq!(first, again, "the first record stays");
}

#[test]
fn errors_name_the_mend_and_end_with_their_code() {
    let founded = House::founded();
    founded.signed();
    std::fs::write(founded.path().join("in-the-way"), "").unwrap();
    let good = request("accepted.p256.pem");
    let cases: &[(&str, &[&str], i32)] = &[
        ("no-ca", &["list", "--dir", "nowhere"], 2),
        ("founded-twice", &["init"], 2),
        (
            "root-not-apart",
            &["init", "--dir", "x", "--root-dir", "x"],
            2,
        ),
        ("unknown-key", &["init", "--dir", "x", "--key", "p521"], 2),
        ("dir-in-the-way", &["init", "--dir", "in-the-way/ca"], 3),
        (
            "no-passphrase-file",
            &["init", "--dir", "x", "--passphrase-file", "none"],
            2,
        ),
        (
            "empty-passphrase",
            &["init", "--dir", "x", "--passphrase-file", "in-the-way"],
            2,
        ),
        ("no-request", &["sign", "none.pem", "--subject", SUBJECT], 2),
        ("half-a-subject", &["sign", &good, "--subject", "O=a"], 2),
        ("bad-subject", &["sign", &good, "--subject", "keiri01"], 2),
        ("unwritable", &["crl", "--out", "none/issuing.crl"], 3),
        (
            "unknown-serial",
            &["show", "40000000000000000000000000000000"],
            2,
        ),
        ("neither-serial-nor-file", &["revoke", "keiri01"], 2),
        ("unknown-subject", &["revoke", "--subject", "CN=nobody"], 2),
        ("unknown-reason", &["revoke", "x", "--reason", "because"], 2),
        ("unknown-status", &["list", "--status", "fine"], 2),
    ];
    for (name, arguments, code) in cases {
        let output = founded.ca(arguments);
        assert_eq!(output.status.code(), Some(*code), "{name}: {output:?}");
        let said = masked(&seen(&output)).replace(" [", "\n[");
        insta::assert_snapshot!(format!("error-{name}"), said);
    }
}

#[test]
fn without_a_terminal_a_missing_passphrase_is_an_error() {
    let house = House::empty();
    let output = sealbank()
        .args(["ca", "init"])
        .current_dir(house.path())
        .env_remove("SEALBANK_ROOT_PASSPHRASE")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    insta::assert_snapshot!(seen(&output));
    assert!(!house.path().join("ca").exists(), "nothing was made");
}

#[test]
fn a_second_process_may_look_but_not_write() {
    let house = House::founded();
    let held = SqliteJournal::open(house.path().join("ca/journal.sqlite")).unwrap();
    let output = house.ca(&["crl"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(
        seen(&output).contains("written by another process"),
        "{output:?}"
    );
    house.done(&["list"]);
    house.done(&["audit"]);
    drop(held);
    house.done(&["crl"]);
}

#[test]
fn every_subcommand_explains_itself_with_examples() {
    for subcommand in [
        "init",
        "sign",
        "revoke",
        "crl",
        "ocsp",
        "export",
        "list",
        "show",
        "renew-issuing",
        "audit",
    ] {
        let output = sealbank()
            .args(["ca", subcommand, "--help"])
            .env("COLUMNS", "100")
            .output()
            .unwrap();
        assert!(output.status.success());
        assert!(seen(&output).contains("Examples:"), "{subcommand}");
        insta::assert_snapshot!(format!("help-{subcommand}"), seen(&output));
    }
}
