//! The OCSP responder, with OpenSSL as judge and strangers at the door.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use sealbank_ca::{
    Authority, CaError, Certificate, Generation, HierarchyOptions, KeyAlgorithm,
    MAX_OCSP_REQUEST_BYTES, RenewalOptions, Responder, ResponderOptions, RevocationReason,
    audit_journal,
};
use sealbank_journal::MemoryJournal;
use support::{NOW, OpenSsl, authority, sign_in_bulk, sign_one, write_pem};
use time::Duration;

const MALFORMED: [u8; 5] = [0x30, 3, 0x0a, 1, 1];
const INTERNAL: [u8; 5] = [0x30, 3, 0x0a, 1, 2];
const UNAUTHORIZED: [u8; 5] = [0x30, 3, 0x0a, 1, 6];

fn responder(authority: &Authority) -> Responder<&Authority> {
    Responder::new(authority, &ResponderOptions::default(), NOW).unwrap()
}

fn publish(authority: &Authority, dir: &Path) {
    let root = authority.root_certificate();
    write_pem(&dir.join("root.pem"), "CERTIFICATE", root);
    let issuing = authority.issuing_certificate();
    write_pem(&dir.join("issuing.pem"), "CERTIFICATE", issuing);
}

/// A request by OpenSSL about these certificates.
fn ask(openssl: &OpenSsl, dir: &Path, certificates: &[&Certificate], options: &str) -> Vec<u8> {
    let mut arguments = "ocsp -issuer issuing.pem".to_owned();
    for (number, certificate) in certificates.iter().enumerate() {
        fs::write(dir.join(format!("{number}.pem")), certificate.pem()).unwrap();
        arguments += &format!(" {options} -cert {number}.pem");
    }
    openssl.run(dir, &format!("{arguments} -reqout request.der"));
    fs::read(dir.join("request.der")).unwrap()
}

/// What OpenSSL says of an answer to the request that it made last: first of its signature and
/// nonce, for which it takes the request, then of each certificate, for which it takes those.
fn judge(openssl: &OpenSsl, dir: &Path, answer: &[u8], certificates: usize, hash: &str) -> String {
    fs::write(dir.join("answer.der"), answer).unwrap();
    let about: String = (0..certificates)
        .map(|number| format!(" {hash} -cert {number}.pem"))
        .collect();
    ["-reqin request.der", &format!("-no_nonce{about}")]
        .map(|asked| openssl.run(dir, &verification(asked)))
        .concat()
}

/// The bank's clock is years away from OpenSSL's, which looks at thisUpdate by its own.
fn verification(asked: &str) -> String {
    format!(
        "ocsp -respin answer.der -issuer issuing.pem {asked} -CAfile root.pem \
         -verify_other issuing.pem -attime {} -validity_period 2000000000",
        NOW.unix_timestamp()
    )
}

#[test]
fn openssl_reads_good_revoked_and_unknown_in_one_answer_for_every_kind_of_key() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    for key in [
        KeyAlgorithm::P256,
        KeyAlgorithm::P384,
        KeyAlgorithm::Ed25519,
        KeyAlgorithm::Rsa2048,
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (authority, journal) = authority(&HierarchyOptions::default());
        let (good, revoked) = (sign_one(&authority, "a"), sign_one(&authority, "b"));
        let stranger = sign_one(&Authority::ephemeral().unwrap(), "c");
        authority
            .revoke(revoked.serial(), RevocationReason::KeyCompromise, NOW)
            .unwrap();
        publish(&authority, dir.path());
        let options = ResponderOptions {
            key,
            ..ResponderOptions::default()
        };
        let responder = Responder::new(&authority, &options, NOW).unwrap();
        let asked = [&*good, &*revoked, &*stranger];
        let request = ask(&openssl, dir.path(), &asked, "-sha256");
        let text = judge(
            &openssl,
            dir.path(),
            &responder.respond(&request, NOW),
            3,
            "-sha256",
        );
        for line in [
            "Response verify OK",
            "0.pem: good",
            "1.pem: revoked",
            "2.pem: unknown",
            "Reason: keyCompromise",
            "Revocation Time: Apr  1 00:00:00 2031 GMT",
        ] {
            assert!(text.contains(line), "{key}: {line}: {text}");
        }
        let seen = audit_journal(&*journal).unwrap();
        assert_eq!(seen.certificates, 3, "the responder's own is recorded");
    }
}

#[test]
fn a_nonce_comes_back_and_none_is_invented() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (authority, _) = authority(&HierarchyOptions::default());
    let certificate = sign_one(&authority, "a");
    publish(&authority, dir.path());
    let responder = responder(&authority);
    let other = ask(&openssl, dir.path(), &[&certificate], "-nonce");
    let request = ask(&openssl, dir.path(), &[&certificate], "-nonce");
    let nonce = &request[request.len() - 16..];
    let answer = responder.respond(&request, NOW);
    assert!(answer.windows(16).any(|bytes| bytes == nonce));
    let text = judge(&openssl, dir.path(), &answer, 1, "-sha1");
    assert!(text.contains("Response verify OK"), "{text}");

    let answer = responder.respond(&other, NOW);
    fs::write(dir.path().join("answer.der"), answer).unwrap();
    let (success, text) = openssl.try_run(dir.path(), &verification("-reqin request.der"));
    assert!(!success && text.contains("Nonce Verify error"), "{text}");

    let without = ask(&openssl, dir.path(), &[&certificate], "-no_nonce");
    let text = judge(
        &openssl,
        dir.path(),
        &responder.respond(&without, NOW),
        1,
        "-sha1",
    );
    assert!(text.contains("0.pem: good"), "{text}");
}

#[test]
fn the_responders_certificate_is_a_delegated_one_and_goes_the_way_of_all_others() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (authority, _) = authority(&HierarchyOptions::default());
    let responder = responder(&authority);
    let certificate = responder.certificate();
    assert!(authority.certificate(certificate.serial()).is_some());
    fs::write(dir.path().join("0.pem"), certificate.pem()).unwrap();
    let text = openssl.run(dir.path(), "x509 -in 0.pem -noout -text");
    for word in [
        "OCSP Signing",
        "OCSP No Check",
        "CA:FALSE",
        "Digital Signature",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(!text.contains("TLS Web Client"), "{text}");
}

#[test]
fn a_certificate_of_a_bulk_run_is_answered_for_as_any_other() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (authority, _) = authority(&HierarchyOptions::default());
    let (good, revoked) = (sign_in_bulk(&authority, "a"), sign_in_bulk(&authority, "b"));
    let reason = RevocationReason::Superseded;
    authority.revoke(revoked.serial(), reason, NOW).unwrap();
    publish(&authority, dir.path());
    let request = ask(&openssl, dir.path(), &[&good, &revoked], "-sha1");
    let answer = responder(&authority).respond(&request, NOW);
    let text = judge(&openssl, dir.path(), &answer, 2, "-sha1");
    assert!(text.contains("0.pem: good"), "{text}");
    assert!(text.contains("1.pem: revoked"), "{text}");
}

#[test]
fn a_request_about_strangers_alone_and_a_responder_past_its_time_are_refused() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (authority, other) = (
        authority(&HierarchyOptions::default()).0,
        Authority::ephemeral().unwrap(),
    );
    let certificate = sign_one(&authority, "a");
    publish(&authority, dir.path());
    let request = ask(&openssl, dir.path(), &[&certificate], "-sha1");
    let foreign = Responder::new(&other, &ResponderOptions::default(), NOW).unwrap();
    assert_eq!(foreign.respond(&request, NOW), UNAUTHORIZED);
    let responder = responder(&authority);
    let late = NOW + Duration::days(31);
    assert_eq!(responder.respond(&request, late), INTERNAL);
}

#[test]
fn every_cut_and_every_foreign_byte_is_answered_and_never_panics() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (authority, _) = authority(&HierarchyOptions::default());
    let certificate = sign_one(&authority, "a");
    publish(&authority, dir.path());
    let responder = Responder::new(Arc::new(authority), &ResponderOptions::default(), NOW).unwrap();
    let request = ask(&openssl, dir.path(), &[&certificate], "-nonce");
    for end in 0..request.len() {
        assert_eq!(responder.respond(&request[..end], NOW), MALFORMED, "{end}");
    }
    for place in 0..request.len() {
        let mut spoilt = request.clone();
        spoilt[place] ^= 0x41;
        let answer = responder.respond(&spoilt, NOW);
        let status = answer.iter().position(|byte| *byte == 0x0a).unwrap() + 2;
        assert!([0, 1, 6].contains(&answer[status]), "byte {place}");
    }
    let followed = [&request[..], &[0]].concat();
    assert_eq!(responder.respond(&followed, NOW), MALFORMED);
    let enormous = vec![0x30; MAX_OCSP_REQUEST_BYTES + 1];
    assert_eq!(responder.respond(&enormous, NOW), MALFORMED);
}

#[test]
fn a_responder_may_not_outlive_the_issuing_authority() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    let options = ResponderOptions {
        lifetime: Duration::days(26 * 365),
        ..ResponderOptions::default()
    };
    let refused = Responder::new(&authority, &options, NOW);
    assert!(
        matches!(refused, Err(CaError::OutlivesIssuer { .. })),
        "{refused:?}"
    );
    assert_eq!(audit_journal(&*journal).unwrap().drafts, 0);
}

#[test]
fn each_generation_answers_for_its_own_certificates_by_a_delegate_of_its_own() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let journal = Arc::new(MemoryJournal::new());
    let options = HierarchyOptions::default();
    let (mut authority, root) =
        Authority::in_memory_with_root(&options, journal.clone(), NOW).unwrap();
    let old = [sign_one(&authority, "a"), sign_in_bulk(&authority, "b")];
    authority
        .renew_issuing(&root, &RenewalOptions::default(), NOW)
        .unwrap();
    let new = [sign_one(&authority, "c"), sign_in_bulk(&authority, "d")];
    for revoked in [&old[1], &new[1]] {
        authority
            .revoke(revoked.serial(), RevocationReason::Superseded, NOW)
            .unwrap();
    }
    let responder = responder(&authority);
    for (generation, issuer) in authority.generations() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        write_pem(
            &dir.join("root.pem"),
            "CERTIFICATE",
            authority.root_certificate(),
        );
        write_pem(
            &dir.join("issuing.pem"),
            "CERTIFICATE",
            issuer.certificate(),
        );
        let (own, others) = match generation {
            Generation::FIRST => (&old, &new),
            _ => (&new, &old),
        };
        let request = ask(&openssl, dir, &[&own[0], &own[1]], "-sha256");
        let answer = responder.respond(&request, NOW);
        let text = judge(&openssl, dir, &answer, 2, "-sha256");
        for line in ["Response verify OK", "0.pem: good", "1.pem: revoked"] {
            assert!(text.contains(line), "{generation}: {line}: {text}");
        }
        // What the other has signed, asked for in this one's name.
        let asked = format!(
            "ocsp -issuer issuing.pem -serial 0x{} -reqout request.der",
            others[0].serial()
        );
        openssl.run(dir, &asked);
        let request = fs::read(dir.join("request.der")).unwrap();
        fs::write(dir.join("answer.der"), responder.respond(&request, NOW)).unwrap();
        let text = openssl.run(dir, "ocsp -respin answer.der -noverify -text");
        assert!(
            text.contains("Cert Status: unknown"),
            "{generation}: {text}"
        );
    }
    let seen = audit_journal(&*journal).unwrap();
    assert_eq!(seen.certificates, 6, "both delegates are recorded");
}

#[test]
fn a_delegate_ends_with_its_generation_and_none_is_made_for_one_that_has_ended() {
    let journal = Arc::new(MemoryJournal::new());
    let options = HierarchyOptions::default();
    let (mut authority, root) =
        Authority::in_memory_with_root(&options, journal.clone(), NOW).unwrap();
    let first_ends = authority.issuer().validity().not_after();
    let options = RenewalOptions {
        lifetime: Duration::days(1000),
        ..RenewalOptions::default()
    };
    let renewed_at = first_ends - Duration::days(1);
    authority
        .renew_issuing(&root, &options, renewed_at)
        .unwrap();
    let made = |now| {
        let before = audit_journal(&*journal).unwrap().certificates;
        Responder::new(&authority, &ResponderOptions::default(), now).unwrap();
        audit_journal(&*journal).unwrap().certificates - before
    };
    assert_eq!(made(renewed_at), 2);
    assert_eq!(made(first_ends + Duration::SECOND), 1);
}
