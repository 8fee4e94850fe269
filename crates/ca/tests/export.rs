//! PKCS #12 files, with OpenSSL as judge.

#![cfg(feature = "pkcs12")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::fs;

use sealbank_ca::{Authority, CaError, Certificate, CertificateRequest, HierarchyOptions};
use sealbank_journal::Durable;
use secrecy::SecretString;
use support::{NOW, OpenSsl, a_year, authority, sign_one, subject};

/// A certificate and its private key.
fn signed(authority: &Authority, user: &str) -> (Durable<Certificate>, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::default();
    let request = parameters.serialize_request(&key).unwrap();
    let request = CertificateRequest::parse(request.der()).unwrap();
    let requests = [(request.verify().unwrap(), subject(user), a_year())];
    let certificate = authority.sign(&requests, NOW).unwrap().pop().unwrap();
    (certificate, key.serialize_pem())
}

#[test]
fn openssl_opens_the_file_and_finds_certificate_chain_and_key() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (authority, _) = authority(&HierarchyOptions::default());
    let (certificate, key) = signed(&authority, "経理01");
    let password = SecretString::from("to be typed in");
    let file = authority.export(&certificate, &key, &password).unwrap();
    fs::write(dir.path().join("c.p12"), file).unwrap();
    fs::write(dir.path().join("pass"), "to be typed in\n").unwrap();
    fs::write(dir.path().join("wrong"), "guessed\n").unwrap();

    let text = openssl.run(
        dir.path(),
        "pkcs12 -in c.p12 -passin file:pass -info -nodes",
    );
    for word in [
        "AES-256-CBC",
        "hmacWithSHA256",
        "MAC: sha256, Iteration 100000",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let found = |der: &[u8]| {
        let pem = pkcs8::der::pem::encode_string("CERTIFICATE", pkcs8::LineEnding::LF, der);
        text.contains(pem.unwrap().trim())
    };
    let [issuing, root] = authority.chain();
    assert!(
        found(certificate.der()) && found(issuing) && found(root),
        "{text}"
    );
    openssl.run(
        dir.path(),
        "pkcs12 -in c.p12 -passin file:pass -nodes -nocerts -out key.pem",
    );
    let public = openssl.run(dir.path(), "pkey -in key.pem -pubout -outform PEM");
    fs::write(dir.path().join("c.pem"), certificate.pem()).unwrap();
    assert_eq!(
        public,
        openssl.run(dir.path(), "x509 -in c.pem -noout -pubkey")
    );
    let (success, text) = openssl.try_run(dir.path(), "pkcs12 -in c.p12 -passin file:wrong -noout");
    assert!(!success && text.contains("invalid password"), "{text}");
}

#[test]
fn a_foreign_key_and_a_key_that_is_none_are_refused() {
    let (authority, _) = authority(&HierarchyOptions::default());
    let (certificate, _) = signed(&authority, "a");
    let (_, key) = signed(&authority, "b");
    let password = SecretString::from("p");
    let foreign = authority.export(&certificate, &key, &password);
    assert!(
        matches!(foreign, Err(CaError::Mismatch { .. })),
        "{foreign:?}"
    );
    for text in ["", "nonsense", &key.replace("PRIVATE", "ENCRYPTED PRIVATE")] {
        let refused = authority.export(&certificate, text, &password);
        assert!(
            matches!(refused, Err(CaError::Malformed { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn a_password_that_some_reader_refuses_is_refused_with_the_reason() {
    let (authority, _) = authority(&HierarchyOptions::default());
    let certificate = sign_one(&authority, "a");
    for (password, reason) in [("", "NSS"), ("ひごぎんこう", "Java"), ("a\tb", "Java")] {
        let refused = authority.export(&certificate, "", &SecretString::from(password));
        let message = refused.unwrap_err().to_string();
        assert!(message.contains(reason), "{password:?}: {message}");
    }
}

#[test]
fn a_file_has_the_chain_of_the_generation_that_signed() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let journal = std::sync::Arc::new(sealbank_journal::MemoryJournal::new());
    let options = HierarchyOptions::default();
    let (mut authority, root) = Authority::in_memory_with_root(&options, journal, NOW).unwrap();
    let (old, old_key) = signed(&authority, "old");
    authority
        .renew_issuing(&root, &sealbank_ca::RenewalOptions::default(), NOW)
        .unwrap();
    let (new, new_key) = signed(&authority, "new");
    let dir = tempfile::tempdir().unwrap();
    let password = SecretString::from("transport");
    for (certificate, key, renewed) in [(&old, &old_key, false), (&new, &new_key, true)] {
        let file = authority.export(certificate, key, &password).unwrap();
        fs::write(dir.path().join("user.p12"), file).unwrap();
        let chain = openssl.run(
            dir.path(),
            "pkcs12 -in user.p12 -passin pass:transport -cacerts -nokeys",
        );
        assert_eq!(chain.contains("TEST ONLY G2"), renewed, "{chain}");
    }
    let stranger = Authority::ephemeral().unwrap();
    let foreign = stranger.export(&old, &old_key, &password);
    assert!(
        matches!(foreign, Err(CaError::Mismatch { .. })),
        "{foreign:?}"
    );
}
