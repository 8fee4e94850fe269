//! The audit finds each break of the authority's rules, and names the entry.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use sealbank_ca::{
    AuditBreak, Breach, CertificateRequest, HierarchyOptions, RequestDigest, RevocationReason,
    audit, audit_journal,
};
use sealbank_journal::{Entry, MemoryJournal};
use support::{NOW, append, authority, copy, entries, sign_one};
use time::Duration;

/// A history with one of everything, in this order:
/// 1 hierarchy, 2 draft a, 3 certificate a, 4 draft b, 5 certificate b, 6 list 1, 7 revocation a,
/// 8 list 2, 9 revocation b, 10 list 3.
fn history() -> Vec<Entry> {
    let (authority, journal) = authority(&HierarchyOptions::default());
    let (a, b) = (sign_one(&authority, "a"), sign_one(&authority, "b"));
    authority.crl(NOW).unwrap();
    authority
        .revoke(a.serial(), RevocationReason::Superseded, NOW)
        .unwrap();
    authority.crl(NOW).unwrap();
    authority
        .revoke(b.serial(), RevocationReason::KeyCompromise, NOW)
        .unwrap();
    authority.crl(NOW).unwrap();
    entries(&*journal)
}

/// Audits a journal of these entries of a history, by their numbers.
fn audit_of(history: &[Entry], order: &[usize]) -> Result<(), (u64, Breach)> {
    let journal = MemoryJournal::new();
    for number in order {
        copy(&journal, &history[number - 1]);
    }
    break_of(&journal)
}

fn break_of(journal: &MemoryJournal) -> Result<(), (u64, Breach)> {
    match audit_journal(journal) {
        Ok(_) => Ok(()),
        Err(AuditBreak::Entry { position, breach }) => Err((position.get(), *breach)),
        Err(AuditBreak::Journal(error)) => panic!("{error}"),
    }
}

#[test]
fn an_orderly_history_passes_and_is_counted() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    sign_one(&authority, "a");
    append(
        &*journal,
        "bank/users",
        "user-registered",
        b"of no concern".to_vec(),
    );
    let seen = audit_journal(&*journal).unwrap();
    assert_eq!((seen.entries, seen.drafts, seen.certificates), (4, 1, 1));
    let again = audit(entries(&*journal).into_iter().map(Ok)).unwrap();
    assert_eq!(again, seen);
    audit_of(&history(), &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).unwrap();
}

#[test]
fn every_omission_repetition_and_reversal_is_found_at_its_entry() {
    type Expected = fn(&Breach) -> bool;
    let cases: [(&[usize], u64, Expected); 13] = [
        (&[2], 1, |breach| matches!(breach, Breach::NotFounded)),
        (&[1, 1], 2, |breach| matches!(breach, Breach::FoundedTwice)),
        (&[1, 3], 2, |breach| {
            matches!(breach, Breach::NoOpenDraft { .. })
        }),
        (&[1, 3, 2], 2, |breach| {
            matches!(breach, Breach::NoOpenDraft { .. })
        }),
        (&[1, 2, 2], 3, |breach| {
            matches!(breach, Breach::SerialReused { .. })
        }),
        (&[1, 2, 3, 2], 4, |breach| {
            matches!(breach, Breach::SerialReused { .. })
        }),
        (&[1, 2, 3, 3], 4, |breach| {
            matches!(breach, Breach::NoOpenDraft { .. })
        }),
        (&[1, 2, 7], 3, |breach| {
            matches!(breach, Breach::RevokedWithoutCertificate { .. })
        }),
        (&[1, 2, 3, 7, 7], 5, |breach| {
            matches!(breach, Breach::RevokedTwice { .. })
        }),
        (&[1, 2, 3, 4, 5, 6, 7, 9, 8], 9, |breach| {
            matches!(breach, Breach::NotListed { .. })
        }),
        (&[1, 6, 6], 3, |breach| {
            matches!(breach, Breach::NumberOutOfTurn { .. })
        }),
        (&[1, 2, 3, 4, 5, 6, 7, 9, 10], 9, |breach| {
            matches!(breach, Breach::NumberOutOfTurn { .. })
        }),
        (&[1, 2, 3, 6, 8], 5, |breach| {
            matches!(breach, Breach::ListedWrongly { .. })
        }),
    ];
    let history = history();
    for (order, position, expected) in cases {
        let (found, breach) = audit_of(&history, order).unwrap_err();
        assert_eq!(found, position, "{order:?}: {breach}");
        assert!(expected(&breach), "{order:?}: {breach}");
    }
}

#[test]
fn a_time_without_a_list_is_counted_and_breaks_no_rule() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    for days in [0, 7, 15, 30] {
        authority.crl(NOW + Duration::days(days)).unwrap();
    }
    let seen = audit_journal(&*journal).unwrap();
    assert_eq!((seen.lists, seen.lapses), (4, 2));
}

#[test]
fn a_certificate_that_a_list_has_named_after_its_end_may_leave_the_next() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    let certificate = sign_one(&authority, "a");
    let after = certificate.not_after() + Duration::days(1);
    authority
        .revoke(certificate.serial(), RevocationReason::Superseded, NOW)
        .unwrap();
    assert_eq!(authority.crl(after).unwrap().revoked().len(), 1);
    let next = authority.crl(after + Duration::days(1)).unwrap();
    assert!(next.revoked().is_empty());
    audit_journal(&*journal).unwrap();
}

#[test]
fn a_recorded_refusal_is_counted() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    let sent = b"-----BEGIN NONSENSE-----";
    let reason = CertificateRequest::parse(sent).unwrap_err();
    let recorded = authority.refuse(sent, &reason, NOW).unwrap();
    assert_eq!(recorded.code(), "not-pem");
    assert_eq!(recorded.request(), &RequestDigest::of(sent));
    assert_eq!(audit_journal(&*journal).unwrap().refusals, 1);
}

#[test]
fn what_another_authority_of_the_same_name_made_is_found() {
    let (ours, theirs) = (history(), history());
    for (theirs, expected) in [(&theirs[1], "ForeignDraft"), (&theirs[5], "Signature")] {
        let journal = MemoryJournal::new();
        copy(&journal, &ours[0]);
        copy(&journal, theirs);
        let (position, breach) = break_of(&journal).unwrap_err();
        assert_eq!(position, 2);
        assert!(format!("{breach:?}").starts_with(expected), "{breach}");
    }
}

#[test]
fn a_certificate_whose_signature_does_not_verify_is_found() {
    let history = history();
    let journal = MemoryJournal::new();
    copy(&journal, &history[0]);
    copy(&journal, &history[1]);
    let mut record: serde_json::Value = serde_json::from_slice(history[2].payload()).unwrap();
    let mut certificate = record["certificate"].as_str().unwrap().to_owned();
    let last = certificate.pop().unwrap();
    certificate.push(if last == '0' { '1' } else { '0' });
    record["certificate"] = certificate.into();
    let payload = serde_json::to_vec(&record).unwrap();
    append(&journal, "ca/certificates", "ca-certificate", payload);
    let (position, breach) = break_of(&journal).unwrap_err();
    assert_eq!(position, 3);
    assert!(matches!(breach, Breach::Signature(_)), "{breach}");
}

#[test]
fn a_certificate_that_is_not_its_draft_is_found() {
    let history = history();
    let journal = MemoryJournal::new();
    copy(&journal, &history[0]);
    copy(&journal, &history[1]);
    // Another request than the draft answers.
    let mut record: serde_json::Value = serde_json::from_slice(history[2].payload()).unwrap();
    record["request"] = "00".repeat(32).into();
    append(
        &journal,
        "ca/certificates",
        "ca-certificate",
        serde_json::to_vec(&record).unwrap(),
    );
    let (position, breach) = break_of(&journal).unwrap_err();
    assert_eq!(position, 3);
    assert!(matches!(breach, Breach::NotTheDraft { .. }), "{breach}");
}

#[test]
fn an_abandoned_draft_may_not_be_signed_after_all() {
    let history = history();
    let serial = {
        let record: serde_json::Value = serde_json::from_slice(history[6].payload()).unwrap();
        record["serial"].as_str().unwrap().to_owned()
    };
    let journal = MemoryJournal::new();
    copy(&journal, &history[0]);
    copy(&journal, &history[1]);
    let abandoned = format!("{{\"serial\":\"{serial}\"}}").into_bytes();
    append(&journal, "ca/abandoned", "ca-draft-abandoned", abandoned);
    break_of(&journal).unwrap();
    copy(&journal, &history[2]);
    let (position, breach) = break_of(&journal).unwrap_err();
    assert_eq!(position, 4);
    assert!(matches!(breach, Breach::NoOpenDraft { .. }), "{breach}");
}

#[test]
fn what_the_authority_cannot_have_written_is_found() {
    let history = history();
    for (stream, kind, payload, word) in [
        ("ca/abandoned", "ca-draft-abandoned", "not JSON", "expected"),
        (
            "ca/abandoned",
            "ca-draft-abandoned",
            "{\"serial\":\"00\"}",
            "serial",
        ),
        (
            "ca/abandoned",
            "ca-draft-abandoned",
            "{\"serial\":\"4f\",\"extra\":1}",
            "serial",
        ),
        ("ca/abandoned", "something-new", "{}", "ca-draft-abandoned"),
        (
            "ca/drafts",
            "ca-draft",
            "{\"request\":\"00\",\"tbs\":\"3000\"}",
            "digest",
        ),
        ("ca/certificates", "ca-certificate", "{}", "request"),
        (
            "ca/lists",
            "ca-revocation-list",
            "{\"list\":\"3000\"}",
            "revocation list",
        ),
        ("ca/secrets", "ca-secret", "{}", "no stream"),
    ] {
        let journal = MemoryJournal::new();
        copy(&journal, &history[0]);
        append(&journal, stream, kind, payload.as_bytes().to_vec());
        let (position, breach) = break_of(&journal).unwrap_err();
        assert_eq!(position, 2, "{breach}");
        assert!(breach.to_string().contains(word), "{stream}: {breach}");
    }
}

#[test]
fn an_altered_byte_of_any_record_is_found() {
    let history = history();
    for number in 1..=history.len() {
        let journal = MemoryJournal::new();
        for entry in &history[..number - 1] {
            copy(&journal, entry);
        }
        let entry = &history[number - 1];
        let mut payload = entry.payload().to_vec();
        // A digit in the middle of the DER, or of the serial.
        let at = if payload.len() > 400 {
            payload.len() / 2
        } else {
            payload.len() - 70
        };
        payload[at] = if payload[at] == b'7' { b'6' } else { b'7' };
        append(&journal, entry.stream().as_str(), entry.kind(), payload);
        for entry in &history[number..] {
            copy(&journal, entry);
        }
        // An altered draft may still be one; then its certificate is not what it says.
        let (position, breach) = break_of(&journal).unwrap_err();
        let number = u64::try_from(number).unwrap();
        assert!(
            (number..=number + 1).contains(&position),
            "{number}: {position}: {breach}"
        );
    }
}
