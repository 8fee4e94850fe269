//! The order of the authority: decide, record, sign, compare, record, release.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sealbank_ca::{
    Authority, CaError, Ceremony, CertificateRequest, Draft, HierarchyOptions, KeyAlgorithm,
    RevocationReason, Validity, audit_journal,
};
use sealbank_journal::{
    Append, Entry, Head, Journal, JournalError, Medium, MemoryJournal, Position, StreamName,
    Version, replay,
};
use support::{NOW, a_year, authority, entries, sign_one, subject, verified};
use time::Duration;
use time::macros::datetime;

#[test]
fn an_ephemeral_authority_signs_what_the_bank_says() {
    let authority = Authority::ephemeral().unwrap();
    let request = verified();
    let signed = authority
        .sign(&[(request.clone(), subject("keiri01"), a_year())], NOW)
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!(signed.subject(), &subject("keiri01"));
    assert_eq!(signed.public_key(), request.public_key());
    assert_eq!(signed.validity(), a_year());
    assert_eq!(signed.request(), request.digest());
    assert_eq!(
        authority.certificate(signed.serial()).as_ref(),
        Some(&signed)
    );
    assert_eq!(authority.find_by_request(request.digest()), [signed]);
}

#[test]
fn authorities_of_one_ceremony_share_a_root_and_nothing_else() {
    let ceremony = Ceremony::ephemeral().unwrap();
    let journals = [(); 2].map(|()| Arc::new(MemoryJournal::new()));
    let [one, other] = journals
        .each_ref()
        .map(|journal| ceremony.authority(Arc::clone(journal) as _).unwrap());
    assert_eq!(one.root_certificate(), ceremony.root_certificate());
    assert_eq!(other.root_certificate(), ceremony.root_certificate());

    let signed = sign_one(&one, "keiri01");
    let reason = RevocationReason::KeyCompromise;
    one.revoke(signed.serial(), reason, NOW).unwrap();
    assert!(other.certificate(signed.serial()).is_none());
    assert!(other.revoke(signed.serial(), reason, NOW).is_err());
    sign_one(&other, "keiri01");
    for journal in &journals {
        assert_eq!(audit_journal(journal.as_ref()).unwrap().certificates, 1);
    }

    let used = ceremony.authority(Arc::clone(&journals[0]) as _);
    assert!(matches!(used, Err(CaError::JournalInUse)));
}

#[test]
fn a_draft_is_recorded_before_its_certificate_and_a_slice_goes_through_two_commits() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    let requests: Vec<_> = (0..3)
        .map(|user| (verified(), subject(&format!("u{user}")), a_year()))
        .collect();
    let signed = authority.sign(&requests, NOW).unwrap();
    let kinds: Vec<_> = entries(&*journal)
        .iter()
        .map(|entry| entry.kind().to_owned())
        .collect();
    assert_eq!(
        kinds,
        [
            "ca-hierarchy",
            "ca-draft",
            "ca-draft",
            "ca-draft",
            "ca-certificate",
            "ca-certificate",
            "ca-certificate"
        ]
    );
    let users: Vec<_> = signed
        .iter()
        .map(|signed| signed.subject().common_name())
        .collect();
    assert_eq!(
        users,
        [
            "ZZTST99990000001 u0",
            "ZZTST99990000001 u1",
            "ZZTST99990000001 u2"
        ]
    );
    assert!(authority.sign(&[], NOW).unwrap().is_empty());
}

#[test]
fn a_certificate_may_not_outlive_its_issuer_and_nothing_is_recorded() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    let end = authority.issuer().validity().not_after();
    let to = |end| (verified(), subject("u"), Validity::new(NOW, end).unwrap());
    let refused = authority.sign(&[to(end), to(end + Duration::SECOND)], NOW);
    assert!(
        matches!(refused, Err(CaError::OutlivesIssuer { .. })),
        "{refused:?}"
    );
    assert_eq!(entries(&*journal).len(), 1);
    assert_eq!(authority.sign(&[to(end)], NOW).unwrap()[0].not_after(), end);
}

#[test]
fn an_issuing_authority_may_not_outlive_its_root() {
    let options = HierarchyOptions {
        issuing_lifetime: Duration::days(31 * 365),
        ..HierarchyOptions::default()
    };
    let refused = Authority::in_memory(&options, Arc::new(MemoryJournal::new()), NOW);
    assert!(
        matches!(refused, Err(CaError::OutlivesIssuer { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_second_authority_is_not_founded_on_the_same_journal() {
    let (_, journal) = authority(&HierarchyOptions::default());
    let refused = Authority::in_memory(&HierarchyOptions::default(), journal, NOW);
    assert!(matches!(refused, Err(CaError::JournalInUse)), "{refused:?}");
}

#[test]
fn threads_sign_at_the_same_time_and_no_serial_repeats() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    std::thread::scope(|scope| {
        for user in 0..4 {
            let authority = &authority;
            scope.spawn(move || {
                for _ in 0..5 {
                    sign_one(authority, &format!("u{user}"));
                }
            });
        }
    });
    let serials: BTreeSet<_> = authority
        .certificates()
        .iter()
        .map(|certificate| *certificate.serial())
        .collect();
    assert_eq!(serials.len(), 20);
    assert_eq!(audit_journal(&*journal).unwrap().certificates, 20);
}

#[test]
fn revoking_twice_returns_the_first_record() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    let serial = *sign_one(&authority, "u").serial();
    let first = authority
        .revoke(&serial, RevocationReason::Superseded, NOW)
        .unwrap();
    let later = NOW + Duration::DAY;
    let again = authority
        .revoke(&serial, RevocationReason::KeyCompromise, later)
        .unwrap();
    assert_eq!(first, again);
    assert_eq!(again.reason(), RevocationReason::Superseded);
    assert_eq!(authority.revocation(&serial), Some(first));
    assert_eq!(audit_journal(&*journal).unwrap().revocations, 1);
}

#[test]
fn an_unknown_serial_cannot_be_revoked() {
    let authority = Authority::ephemeral().unwrap();
    let serial = "4f000000000000000000000000000001".parse().unwrap();
    let refused = authority.revoke(&serial, RevocationReason::Unspecified, NOW);
    assert!(
        matches!(refused, Err(CaError::UnknownSerial { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_list_is_born_fresh_when_nothing_was_revoked_and_its_number_rises() {
    let authority = Authority::ephemeral().unwrap();
    assert!(authority.latest_crl().is_none());
    let first = authority.crl(NOW).unwrap();
    assert_eq!((first.number(), first.revoked().len()), (1, 0));
    assert_eq!(first.next_update() - first.this_update(), Duration::days(7));
    let second = authority.crl(NOW).unwrap();
    assert_eq!(second.number(), 2);
    assert_eq!(authority.latest_crl(), Some(second));
}

#[test]
fn a_revoked_certificate_stays_on_the_lists_until_one_of_after_its_expiry() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    let serial = *sign_one(&authority, "u").serial();
    authority
        .revoke(&serial, RevocationReason::CessationOfOperation, NOW)
        .unwrap();
    let expiry = a_year().not_after();
    let cases = [
        (NOW, 1, "while it is valid"),
        (expiry, 1, "in its last second"),
        (
            expiry + Duration::DAY,
            1,
            "once after its expiry (RFC 5280 section 3.3)",
        ),
        (expiry + Duration::days(2), 0, "no longer"),
        (
            NOW + Duration::DAY,
            1,
            "again, when the clock was moved back",
        ),
    ];
    for (now, listed, when) in cases {
        let list = authority.crl(now).unwrap();
        assert_eq!(list.revoked().len(), listed, "{when}");
    }
    assert_eq!(audit_journal(&*journal).unwrap().lists, 5);
}

#[test]
fn every_reason_is_written_and_read_back() {
    let authority = Authority::ephemeral().unwrap();
    for reason in RevocationReason::ALL {
        let serial = *sign_one(&authority, reason.name()).serial();
        authority.revoke(&serial, reason, NOW).unwrap();
    }
    let list = authority.crl(NOW).unwrap();
    let listed: BTreeSet<_> = list.revoked().iter().map(|entry| entry.reason).collect();
    assert_eq!(listed, RevocationReason::ALL.into());
}

#[test]
fn every_kind_of_key_signs_and_is_signed() {
    for (root_key, issuing_key) in [
        (KeyAlgorithm::P384, KeyAlgorithm::Ed25519),
        (KeyAlgorithm::Ed25519, KeyAlgorithm::P384),
        (KeyAlgorithm::Rsa2048, KeyAlgorithm::P256),
        (KeyAlgorithm::P256, KeyAlgorithm::Rsa2048),
    ] {
        let options = HierarchyOptions {
            root_key,
            issuing_key,
            ..HierarchyOptions::default()
        };
        let (authority, journal) = authority(&options);
        assert_eq!(authority.issuer().public_key().algorithm(), issuing_key);
        sign_one(&authority, "u");
        authority.crl(NOW).unwrap();
        assert_eq!(audit_journal(&*journal).unwrap().certificates, 1);
    }
}

#[test]
fn an_issuer_does_not_sign_the_draft_of_another_with_the_same_name() {
    let (ours, _) = authority(&HierarchyOptions::default());
    let (theirs, journal) = authority(&HierarchyOptions::default());
    sign_one(&theirs, "u");
    let drafts = replay::<Draft>(&*journal, |stream| stream.as_str() == "ca/drafts");
    let drafts: Vec<_> = drafts.map(|step| step.unwrap().1).collect();
    let refused = ours.issuer().sign(&drafts[0]);
    assert!(
        matches!(refused, Err(CaError::Mismatch { .. })),
        "{refused:?}"
    );
    assert_eq!(
        theirs.issuer().sign(&drafts[0]).unwrap().serial(),
        drafts[0].serial()
    );
}

#[test]
fn a_clock_that_certificates_cannot_write_stops_lists_and_revocations() {
    let authority = Authority::ephemeral().unwrap();
    let serial = *sign_one(&authority, "u").serial();
    for now in [
        datetime!(1949-12-31 0:00 UTC),
        datetime!(9999-12-31 23:59 -1),
    ] {
        assert!(authority.crl(now).is_err());
        let refused = authority.revoke(&serial, RevocationReason::Unspecified, now);
        assert!(matches!(refused, Err(CaError::Clock { .. })), "{refused:?}");
    }
    assert!(authority.revocation(&serial).is_none());
}

/// A journal that fails to record one kind of entry when told to: the process that dies, or the
/// disk that is full, between a draft and its certificate.
struct FailingJournal {
    inner: MemoryJournal,
    refuses: &'static str,
    failing: AtomicBool,
}

impl Journal for FailingJournal {
    fn append(&self, append: Append) -> Result<Vec<Entry>, JournalError> {
        let hit = append
            .entries
            .iter()
            .any(|entry| entry.kind == self.refuses);
        if hit && self.failing.load(Ordering::SeqCst) {
            let source = Arc::new(std::io::Error::other("no space left on device"));
            return Err(JournalError::Storage {
                medium: Medium::Memory,
                doing: "commit",
                source,
            });
        }
        self.inner.append(append)
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, JournalError> {
        self.inner.read(after, limit)
    }

    fn head(&self) -> Result<Head, JournalError> {
        self.inner.head()
    }

    fn version(&self, stream: &StreamName) -> Result<Version, JournalError> {
        self.inner.version(stream)
    }
}

fn failing(refuses: &'static str) -> (Authority, Arc<FailingJournal>) {
    let failing = AtomicBool::new(false);
    let journal = Arc::new(FailingJournal {
        inner: MemoryJournal::new(),
        refuses,
        failing,
    });
    let authority =
        Authority::in_memory(&HierarchyOptions::default(), journal.clone(), NOW).unwrap();
    journal.failing.store(true, Ordering::SeqCst);
    (authority, journal)
}

#[test]
fn a_certificate_that_could_not_be_recorded_is_never_released_and_its_draft_is_settled() {
    let (authority, journal) = failing("ca-certificate");
    let request = verified();
    let item = [(request.clone(), subject("u"), a_year())];
    assert!(matches!(
        authority.sign(&item, NOW),
        Err(CaError::Journal(_))
    ));
    assert!(authority.certificates().is_empty());
    assert!(authority.find_by_request(request.digest()).is_empty());

    journal.failing.store(false, Ordering::SeqCst);
    let settled = authority.settle(NOW).unwrap();
    assert_eq!(settled.len(), 1);
    assert_eq!(settled[0].request, *request.digest());
    assert!(authority.settle(NOW).unwrap().is_empty(), "settled once");

    let signed = authority.sign(&item, NOW).unwrap();
    assert_ne!(
        *signed[0].serial(),
        settled[0].serial,
        "the serial stays spent"
    );
    let audit = audit_journal(&*journal).unwrap();
    assert_eq!(
        (audit.drafts, audit.abandoned, audit.certificates),
        (2, 1, 1)
    );
}

#[test]
fn without_a_recorded_draft_nothing_is_signed() {
    let (authority, journal) = failing("ca-draft");
    assert!(
        authority
            .sign(&[(verified(), subject("u"), a_year())], NOW)
            .is_err()
    );
    assert_eq!(entries(&*journal).len(), 1);
    assert!(authority.settle(NOW).unwrap().is_empty());
}

#[test]
fn a_list_or_revocation_that_could_not_be_recorded_is_not_released() {
    let (authority, journal) = failing("ca-revocation-list");
    assert!(authority.crl(NOW).is_err());
    assert!(authority.latest_crl().is_none());
    journal.failing.store(false, Ordering::SeqCst);
    assert_eq!(authority.crl(NOW).unwrap().number(), 1);

    let (authority, _) = failing("ca-revocation");
    let serial = *sign_one(&authority, "u").serial();
    assert!(
        authority
            .revoke(&serial, RevocationReason::Unspecified, NOW)
            .is_err()
    );
    assert!(authority.revocation(&serial).is_none());
}

#[test]
fn the_same_request_signed_again_is_found_in_order() {
    let authority = Authority::ephemeral().unwrap();
    let item = [(verified(), subject("u"), a_year())];
    let first = authority.sign(&item, NOW).unwrap().pop().unwrap();
    let second = authority.sign(&item, NOW).unwrap().pop().unwrap();
    assert_eq!(
        authority.find_by_request(item[0].0.digest()),
        [first, second]
    );
}

#[test]
fn verdicts_on_a_slice_stay_with_their_requests() {
    let good = || CertificateRequest::parse(&support::request_der()).unwrap();
    let mut forged = support::request_der();
    // A byte of the last signature integer, so that the encoding stays whole.
    *forged.last_mut().unwrap() ^= 1;
    let forged = CertificateRequest::parse(&forged).unwrap();
    let (first, last) = (good(), good());
    let digests = [first.digest(), last.digest()];
    let verdicts = CertificateRequest::verify_all(&[first, forged, last]);
    assert_eq!(verdicts[0].as_ref().unwrap().digest(), &digests[0]);
    assert_eq!(verdicts[1].as_ref().unwrap_err().code(), "bad-signature");
    assert_eq!(verdicts[2].as_ref().unwrap().digest(), &digests[1]);
}
