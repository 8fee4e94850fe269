//! The keys of a CA: passphrases, the root that is taken out, and generations of the issuing CA.

use crate::house::{House, PASSPHRASE, SUBJECT, openssl_is_here, request};
use crate::mask::masked;
use crate::seen;

const ROOT: (&str, &str) = ("SEALBANK_ROOT_PASSPHRASE", PASSPHRASE);
const ISSUING: (&str, &str) = ("SEALBANK_CA_PASSPHRASE", "another passphrase");

impl House {
    /// A CA whose issuing key is encrypted.
    fn sealed() -> Self {
        let house = Self::empty();
        let output = house.ca_with(&[ROOT, ISSUING], &["init"]);
        assert!(output.status.success(), "{output:?}");
        house
    }

    fn is_encrypted(&self, key: &str) -> bool {
        let key = std::fs::read_to_string(self.path().join(key)).unwrap();
        key.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    }

    /// `openssl verify` with all the lists that there are, for the certificate in a file.
    fn accepts(&self, certificate: &str, generations: &[&str]) -> bool {
        let mut verify =
            "verify -x509_strict -crl_check_all -CAfile ca/root.pem -CRLfile ca/root.crl.pem"
                .to_owned();
        for generation in generations {
            verify += &format!(" -untrusted ca/{generation}.pem -CRLfile ca/{generation}.crl.pem");
        }
        self.openssl(&format!("{verify} {certificate}")).is_some()
    }

    /// Signs into a file.
    fn sign_into(&self, file: &str) {
        let request = request("accepted.p256.pem");
        self.done(&["sign", &request, "--subject", SUBJECT, "--out", file]);
    }
}

#[test]
fn an_encrypted_issuing_key_is_needed_to_sign_and_not_to_look() {
    let house = House::sealed();
    assert!(house.is_encrypted("ca/issuing.key.pem"));
    let request = request("accepted.p256.pem");
    let sign = ["sign", &request, "--subject", SUBJECT, "--out", "c.pem"];
    let without = house.ca(&sign);
    assert_eq!(without.status.code(), Some(2), "{without:?}");
    insta::assert_snapshot!("no-issuing-passphrase", seen(&without));
    let wrong = house.ca_with(&[("SEALBANK_CA_PASSPHRASE", "guessed")], &sign);
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
    insta::assert_snapshot!("wrong-issuing-passphrase", seen(&wrong));

    std::fs::write(house.path().join("pass"), "another passphrase\nnot this\n").unwrap();
    house.done(&[&sign[..], &["--ca-passphrase-file", "pass"]].concat());
    house.done(&["crl", "--ca-passphrase-file", "pass"]);
    house.done(&["revoke", "c.pem", "--ca-passphrase-file", "pass"]);
    house.done(&["list"]);
    house.done(&["show", "c.pem"]);
    house.done(&["audit"]);
}

#[test]
fn a_plain_key_needs_no_passphrase_and_minds_none() {
    let house = House::founded();
    assert!(!house.is_encrypted("ca/issuing.key.pem"));
    let output = house.ca_with(&[ISSUING], &["crl"]);
    assert!(output.status.success(), "{output:?}");
    let output = house.ca(&["init", "--dir", "other", "--encrypt-key"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(!house.path().join("other").exists(), "nothing was made");
}

#[test]
fn certificates_of_two_generations_hold_until_they_are_revoked() {
    if !openssl_is_here() {
        return;
    }
    let house = House::founded();
    house.sign_into("a.pem");
    house.sign_into("b.pem");
    let renewed = house.done(&["renew-issuing", "--key", "p384"]);
    house.sign_into("c.pem");
    let both = ["issuing", "issuing-1"];
    for certificate in ["a.pem", "b.pem", "c.pem"] {
        assert!(house.accepts(certificate, &both), "{certificate}");
    }
    assert!(
        !house.accepts("a.pem", &["issuing"]),
        "each has its own issuer"
    );
    house.done(&["revoke", "a.pem", "c.pem", "--reason", "keyCompromise"]);
    let lists = house.done(&["crl"]);
    for (certificate, expected) in [("a.pem", false), ("b.pem", true), ("c.pem", false)] {
        assert_eq!(house.accepts(certificate, &both), expected, "{certificate}");
    }
    let listed = house.done(&["crl", "--generation", "1", "--out", "-"]);
    assert!(listed.starts_with("-----BEGIN X509 CRL-----"), "{listed}");
    let audited = house.done(&["audit"]);
    insta::assert_snapshot!(masked(&format!("{renewed}\n{lists}\n{audited}")));
}

#[test]
fn a_renewed_key_is_encrypted_as_the_one_before() {
    let house = House::sealed();
    let output = house.ca_with(&[ROOT, ISSUING], &["renew-issuing", "--json"]);
    assert!(output.status.success(), "{output:?}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["generation"], 2);
    assert_eq!(told["lists"].as_array().unwrap().len(), 2);
    assert!(house.is_encrypted("ca/issuing.key.pem"));
    assert!(house.is_encrypted("ca/issuing-1.key.pem"));
    house.done(&["list"]);
}

#[test]
fn the_root_s_own_list_is_made_anew() {
    let house = House::founded();
    let told = house.json(&["crl", "--root"]);
    assert_eq!(told["lists"][0]["path"], "ca/root.crl.pem");
    assert_eq!(told["lists"][0]["number"], 2);
    if openssl_is_here() {
        house.sign_into("c.pem");
        assert!(house.accepts("c.pem", &["issuing"]));
    }
    house.done(&["crl", "--root", "--der", "--out", "root.crl"]);
    let audited = house.json(&["audit"]);
    assert_eq!(audited["root-lists"], 2);
}

#[test]
fn errors_about_the_root_name_their_mend() {
    let house = House::founded();
    house.done(&["init", "--dir", "other"]);
    std::fs::write(house.path().join("guessed"), "guessed\n").unwrap();
    let cases: &[(&str, &[&str])] = &[
        ("no-root", &["renew-issuing", "--root-dir", "nowhere"]),
        ("root-without-files", &["renew-issuing", "--root-dir", "ca"]),
        (
            "foreign-root",
            &["renew-issuing", "--root-dir", "other-root"],
        ),
        (
            "wrong-root-passphrase",
            &["renew-issuing", "--passphrase-file", "guessed"],
        ),
        (
            "foreign-root-list",
            &["crl", "--root", "--root-dir", "other-root"],
        ),
        ("root-not-needed", &["crl", "--root-dir", "ca-root"]),
        ("no-such-generation", &["crl", "--generation", "2"]),
    ];
    for (name, arguments) in cases {
        let output = house.ca(arguments);
        assert_eq!(output.status.code(), Some(2), "{name}: {output:?}");
        insta::assert_snapshot!(format!("error-{name}"), masked(&seen(&output)));
    }
    let output = house.ca(&["renew-issuing", "--days", "36500"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(seen(&output).contains("outlive its issuer"), "{output:?}");
    assert_eq!(house.json(&["audit"])["renewals"], 0);
}
