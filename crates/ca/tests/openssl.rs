//! A stranger as judge: OpenSSL reads what the authority makes, with all its strictness.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::fs;
use std::path::Path;

use sealbank_ca::{Authority, Certificate, HierarchyOptions, KeyAlgorithm, RevocationReason};
use support::{NOW, OpenSsl, authority, sign_one, write_pem};
use time::OffsetDateTime;

/// Everything that a verifier has: the root, the issuing certificate, and both lists.
fn publish(authority: &Authority, dir: &Path, now: OffsetDateTime) {
    write_pem(
        &dir.join("root.pem"),
        "CERTIFICATE",
        authority.root_certificate(),
    );
    write_pem(
        &dir.join("issuing.pem"),
        "CERTIFICATE",
        authority.issuing_certificate(),
    );
    write_pem(&dir.join("root.crl"), "X509 CRL", authority.root_crl());
    fs::write(dir.join("issuing.crl"), authority.crl(now).unwrap().pem()).unwrap();
}

/// `openssl verify` at the bank's time, of a client certificate, with both lists.
fn verify(
    openssl: &OpenSsl,
    dir: &Path,
    certificate: &Certificate,
    now: OffsetDateTime,
) -> (bool, String) {
    fs::write(dir.join("client.pem"), certificate.pem()).unwrap();
    let arguments = format!(
        "verify -x509_strict -purpose sslclient -explicit_policy -policy 1.3.6.1.4.1.32473.1.1 -crl_check_all -attime {} \
         -CAfile root.pem -untrusted issuing.pem -CRLfile root.crl -CRLfile issuing.crl client.pem",
        now.unix_timestamp()
    );
    openssl.try_run(dir, &arguments)
}

#[test]
fn openssl_verifies_the_chain_and_both_lists_for_every_kind_of_key() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    for (root_key, issuing_key) in [
        (KeyAlgorithm::P256, KeyAlgorithm::P256),
        (KeyAlgorithm::P384, KeyAlgorithm::Ed25519),
        (KeyAlgorithm::Ed25519, KeyAlgorithm::P384),
        (KeyAlgorithm::Rsa2048, KeyAlgorithm::Rsa2048),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let options = HierarchyOptions {
            root_key,
            issuing_key,
            ..HierarchyOptions::default()
        };
        let (authority, _) = authority(&options);
        let certificate = sign_one(&authority, "keiri01");
        publish(&authority, dir.path(), NOW);
        let (success, text) = verify(&openssl, dir.path(), &certificate, NOW);
        assert!(success, "{root_key} over {issuing_key}: {text}");
        let text = openssl.run(
            dir.path(),
            "crl -in issuing.crl -noout -verify -CAfile issuing.pem",
        );
        assert!(text.contains("verify OK"), "{text}");
        let text = openssl.run(
            dir.path(),
            "crl -in root.crl -noout -verify -CAfile root.pem",
        );
        assert!(text.contains("verify OK"), "{text}");
    }
}

#[test]
fn openssl_sees_the_revocation_and_its_reason_and_spares_the_other() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (authority, _) = authority(&HierarchyOptions::default());
    let (revoked, spared) = (sign_one(&authority, "a"), sign_one(&authority, "b"));
    authority
        .revoke(revoked.serial(), RevocationReason::Superseded, NOW)
        .unwrap();
    publish(&authority, dir.path(), NOW);

    let (success, text) = verify(&openssl, dir.path(), &revoked, NOW);
    assert!(!success && text.contains("certificate revoked"), "{text}");
    let (success, text) = verify(&openssl, dir.path(), &spared, NOW);
    assert!(success, "{text}");
    let text = openssl.run(dir.path(), "crl -in issuing.crl -noout -text");
    assert!(
        text.contains(&revoked.serial().to_string().to_uppercase()),
        "{text}"
    );
    assert!(
        text.contains("Superseded") && !text.contains("Unspecified"),
        "{text}"
    );
}

#[test]
fn openssl_refuses_the_certificate_outside_its_validity() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (authority, _) = authority(&HierarchyOptions::default());
    let certificate = sign_one(&authority, "u");
    for (now, word) in [
        (
            certificate.not_before() - time::Duration::SECOND,
            "not yet valid",
        ),
        (certificate.not_after() + time::Duration::SECOND, "expired"),
    ] {
        publish(&authority, dir.path(), now);
        let (success, text) = verify(&openssl, dir.path(), &certificate, now);
        assert!(!success && text.contains(word), "{text}");
    }
}

#[test]
fn a_certificate_says_what_the_manual_shows() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (authority, _) = authority(&HierarchyOptions::default());
    let certificate = sign_one(&authority, "keiri01");
    fs::write(dir.path().join("client.pem"), certificate.pem()).unwrap();
    let text = openssl.run(
        dir.path(),
        "x509 -in client.pem -noout -text -nameopt sep_comma_plus_space,esc_msb -certopt no_pubkey,no_sigdump",
    );
    let text = text
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n");
    insta::with_settings!({filters => vec![
        (r"[0-9a-f]{2}(:[0-9a-f]{2}){15}", "[serial]"),
        (r"[0-9A-F]{2}(:[0-9A-F]{2}){19}", "[key identifier]"),
    ]}, { insta::assert_snapshot!(text) });
}

#[test]
fn the_authorities_certificates_say_that_they_are_for_tests_only() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (authority, _) = authority(&HierarchyOptions::default());
    publish(&authority, dir.path(), NOW);
    let texts = ["root.pem", "issuing.pem"].map(|file| {
        let text = openssl.run(
            dir.path(),
            &format!("x509 -in {file} -noout -text -nameopt sep_comma_plus_space -certopt no_pubkey,no_sigdump"),
        );
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    });
    insta::with_settings!({filters => vec![
        (r"[0-9a-f]{2}(:[0-9a-f]{2}){15}", "[serial]"),
        (r"[0-9A-F]{2}(:[0-9A-F]{2}){19}", "[key identifier]"),
    ]}, { insta::assert_snapshot!(texts.join("\n")) });
}
