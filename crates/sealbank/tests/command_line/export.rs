//! `sealbank ca export` with OpenSSL as judge.

use std::fs;

use crate::house::{House, openssl_is_here};
use crate::mask::masked;
use crate::seen;

/// Printable ASCII, as everybody reads it.
const TRANSPORT: (&str, &str) = ("SEALBANK_EXPORT_PASSPHRASE", "to be typed in");

impl House {
    /// A certificate in `NAME.pem` with its private key in `NAME.key`.
    fn certified(&self, name: &str) {
        let key = rcgen::KeyPair::generate().unwrap();
        let request = rcgen::CertificateParams::default().serialize_request(&key);
        let at = |ending: &str| self.path().join(format!("{name}.{ending}"));
        fs::write(at("csr"), request.unwrap().pem().unwrap()).unwrap();
        fs::write(at("key"), key.serialize_pem()).unwrap();
        let (csr, subject, pem) = (
            format!("{name}.csr"),
            format!("CN={name}"),
            format!("{name}.pem"),
        );
        self.done(&["sign", &csr, "--subject", &subject, "--out", &pem]);
    }
}

#[test]
fn openssl_finds_certificate_chain_and_key_in_a_file_of_its_owner_s() {
    let house = House::founded();
    house.certified("a");
    house.certified("b");
    house.done(&["renew-issuing"]);
    let arguments = ["export", "a.pem", "--key", "a.key", "--out", "a.p12"];
    let output = house.ca_with(&[TRANSPORT], &arguments);
    assert!(output.status.success(), "{output:?}");
    insta::assert_snapshot!(masked(&seen(&output)));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(house.path().join("a.p12"))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
    if !openssl_is_here() {
        return;
    }
    fs::write(house.path().join("pass"), "to be typed in\n").unwrap();
    let opened = house.openssl("pkcs12 -in a.p12 -passin file:pass -nodes -out all.pem");
    assert!(opened.is_some());
    let all = fs::read_to_string(house.path().join("all.pem")).unwrap();
    for file in ["a.pem", "ca/issuing-1.pem", "ca/root.pem"] {
        let certificate = fs::read_to_string(house.path().join(file)).unwrap();
        assert!(all.contains(certificate.trim()), "{file}: {all}");
    }
    assert_eq!(all.matches("BEGIN CERTIFICATE").count(), 3);
    let key = house.openssl("pkey -in all.pem -pubout");
    assert_eq!(key, house.openssl("x509 -in a.pem -noout -pubkey"));
}

#[test]
fn a_serial_names_the_certificate_too_and_programs_get_json() {
    let house = House::founded();
    house.certified("a");
    fs::write(house.path().join("pass"), "to be typed in\n").unwrap();
    let listed = house.json(&["list"]);
    let serial = listed[0]["serial"].as_str().unwrap();
    let made = house.json(&[
        "export",
        serial,
        "--key",
        "a.key",
        "--out",
        "a.p12",
        "--passphrase-file",
        "pass",
    ]);
    assert_eq!(made["serial"], serial);
    assert_eq!(made["path"], "a.p12");
    assert!(house.path().join("a.p12").exists());
}

#[test]
fn what_can_t_be_exported_is_told_with_its_mend_and_nothing_is_written() {
    let house = House::founded();
    house.certified("a");
    house.certified("b");
    let both = ["a.pem", "b.pem"].map(|name| fs::read_to_string(house.path().join(name)).unwrap());
    fs::write(house.path().join("both.pem"), both.concat()).unwrap();
    let japanese = ("SEALBANK_EXPORT_PASSPHRASE", "ひごぎんこう");
    let empty = ("SEALBANK_EXPORT_PASSPHRASE", "");
    let cases = [
        ("foreign-key", TRANSPORT, ["a.pem", "b.key", "x.p12"], 2),
        ("not-a-key", TRANSPORT, ["a.pem", "a.pem", "x.p12"], 2),
        ("no-key", TRANSPORT, ["a.pem", "none.key", "x.p12"], 2),
        (
            "two-certificates",
            TRANSPORT,
            ["both.pem", "a.key", "x.p12"],
            2,
        ),
        (
            "foreign-certificate",
            TRANSPORT,
            ["ca/issuing.pem", "a.key", "x.p12"],
            2,
        ),
        ("beyond-ascii", japanese, ["a.pem", "a.key", "x.p12"], 2),
        ("empty", empty, ["a.pem", "a.key", "x.p12"], 2),
        (
            "no-passphrase",
            ("UNRELATED", ""),
            ["a.pem", "a.key", "x.p12"],
            2,
        ),
        ("unwritable", TRANSPORT, ["a.pem", "a.key", "none/x.p12"], 3),
    ];
    for (name, variable, [certificate, key, out], code) in cases {
        let arguments = ["export", certificate, "--key", key, "--out", out];
        let output = house.ca_with(&[variable], &arguments);
        assert_eq!(output.status.code(), Some(code), "{name}: {output:?}");
        insta::assert_snapshot!(format!("error-{name}"), masked(&seen(&output)));
        assert!(!house.path().join("x.p12").exists(), "{name}");
    }
}
