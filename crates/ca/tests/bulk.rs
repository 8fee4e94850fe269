//! Bulk signing: the order of the input, one certificate a request, nothing lost and nothing
//! released that is not recorded, whatever fails.

#![expect(clippy::unwrap_used, reason = "also helpers of tests may fail a test")]

mod support;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sealbank_ca::{
    AuditBreak, Authority, Breach, BulkOptions, BulkOutcome, BulkRequest, BulkRun, BulkSummary,
    CaError, HierarchyOptions, Release, RequestDigest, RevocationReason, Serial, SignatureCheck,
    audit_journal,
};
use sealbank_journal::{
    Append, Entry, Head, Journal, JournalError, MemoryJournal, Position, StreamName, Version,
};
use secrecy::SecretString;
use support::{NOW, a_year, append, authority, copy, entries, request_der, subject};

/// What a run released, by position: `Ok` for a certificate, `Err` for the code of a refusal.
type Released = Vec<(u64, Result<(Serial, Vec<u8>, Release), &'static str>)>;

fn options(run: BulkRun) -> BulkOptions {
    BulkOptions {
        threads: NonZeroUsize::new(3).unwrap(),
        slice: 16,
        ..BulkOptions::new(run)
    }
}

/// The input of a run: some requests, over and over; every tenth is bad in one of three ways.
fn input(count: u64) -> Vec<BulkRequest<'static>> {
    let good: Vec<_> = (0..20).map(|_| request_der()).collect();
    let rsa = include_bytes!("../../../fixtures/requests/accepted.rsa2048.pem");
    (0..count)
        .map(|position| {
            let mut request = good[usize::try_from(position).unwrap() % good.len()].clone();
            let mut validity = a_year();
            match position % 30 {
                5 => *request.last_mut().unwrap() ^= 1,
                15 => request.push(0),
                25 => {
                    let begin = validity.not_before();
                    let end = begin + time::Duration::days(36_500);
                    validity = sealbank_ca::Validity::new(begin, end).unwrap();
                }
                7 => request = rsa.to_vec(),
                _ => {}
            }
            BulkRequest {
                position,
                request: Cow::Owned(request),
                subject: subject(&format!("user{position}")),
                validity,
            }
        })
        .collect()
}

fn is_bad(position: u64) -> bool {
    position % 10 == 5
}

fn sign(
    authority: &Authority,
    options: &BulkOptions,
    input: &[BulkRequest<'_>],
    released: &mut Released,
    most: usize,
) -> Result<BulkSummary, CaError> {
    authority.sign_bulk(
        input.iter().cloned().map(Ok),
        options,
        &mut |outcome| {
            released.push(match outcome {
                BulkOutcome::Signed(it) => {
                    (it.position, Ok((it.serial, it.der.to_vec(), it.release)))
                }
                BulkOutcome::Refused(it) => (it.position, Err(it.code())),
                _ => unreachable!("there are two outcomes"),
            });
            if released.len() < most {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        },
        NOW,
    )
}

#[test]
fn thousands_come_out_in_order_each_once_and_the_audit_finds_them_all() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    let (run, input) = (BulkRun::random().unwrap(), input(2_000));
    let options = BulkOptions {
        slice: 128,
        ..options(run)
    };
    let mut released = Vec::new();
    let summary = sign(&authority, &options, &input, &mut released, usize::MAX).unwrap();
    assert_eq!(
        (summary.signed, summary.again, summary.refused),
        (1_800, 0, 200)
    );

    let positions: Vec<_> = released.iter().map(|(position, _)| *position).collect();
    assert_eq!(positions, (0..2_000).collect::<Vec<_>>());
    let serials: BTreeSet<_> = released
        .iter()
        .filter_map(|(_, it)| Some(it.as_ref().ok()?.0))
        .collect();
    assert_eq!(serials.len(), 1_800);
    for (position, outcome) in &released {
        let code = ["bad-signature", "trailing-bytes", "outlives-issuer"];
        let code = code[usize::try_from(position % 30 / 10).unwrap()];
        assert_eq!(outcome.as_ref().err(), is_bad(*position).then_some(&code));
    }

    let audit = audit_journal(journal.as_ref()).unwrap();
    assert_eq!(
        (audit.drafts, audit.certificates, audit.refusals),
        (1_800, 1_800, 200)
    );
    let recorded: Vec<_> = authority
        .certificates_of_run(run)
        .map(Result::unwrap)
        .collect();
    let signed = released
        .iter()
        .filter_map(|(position, it)| Some((position, it.as_ref().ok()?)));
    for ((position, (serial, der, _)), certificate) in signed.zip(&recorded) {
        assert_eq!(certificate.serial(), serial);
        assert_eq!(&certificate.der()[..], der);
        let user = format!("ZZTST99990000001 user{position}");
        assert_eq!(certificate.subject().common_name(), user);
        assert_eq!(certificate.validity(), a_year());
    }
    assert_eq!(authority.recorded_certificates().count(), 1_800);
}

#[test]
fn every_kind_of_authority_signs_in_bulk_and_can_check_each_signature() {
    use sealbank_ca::KeyAlgorithm::{Ed25519, P384, Rsa2048};
    for issuing_key in [P384, Ed25519, Rsa2048] {
        let kind = HierarchyOptions {
            issuing_key,
            ..HierarchyOptions::default()
        };
        let (authority, journal) = authority(&kind);
        let options = BulkOptions {
            signatures: SignatureCheck::Every,
            ..options(BulkRun::random().unwrap())
        };
        let summary = sign(
            &authority,
            &options,
            &input(40),
            &mut Vec::new(),
            usize::MAX,
        )
        .unwrap();
        assert_eq!((summary.signed, summary.refused), (36, 4));
        assert_eq!(audit_journal(journal.as_ref()).unwrap().certificates, 36);
    }
}

#[test]
fn a_certificate_of_a_run_is_found_revoked_and_listed_as_any_other() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    let run = BulkRun::random().unwrap();
    let input = input(50);
    let mut released = Vec::new();
    sign(&authority, &options(run), &input, &mut released, usize::MAX).unwrap();
    let (serial, der, _) = released[33].1.clone().unwrap();

    let found = authority.find_certificate(&serial).unwrap().unwrap();
    assert_eq!(found.der()[..], der);
    let request = RequestDigest::of(&input[33].request);
    assert!(authority.find_in_run(run, &request).unwrap().is_some());
    authority
        .revoke(&serial, RevocationReason::Superseded, NOW)
        .unwrap();
    let list = authority.crl(NOW).unwrap();
    assert_eq!(
        list.revoked()
            .iter()
            .map(|it| it.serial)
            .collect::<Vec<_>>(),
        [serial]
    );
    assert_eq!(audit_journal(journal.as_ref()).unwrap().revocations, 1);

    let single = support::sign_one(&authority, "single");
    let found = authority
        .find_certificate(single.serial())
        .unwrap()
        .unwrap();
    assert_eq!(found, single);
    let other = authority_serial();
    assert!(authority.find_certificate(&other).unwrap().is_none());
}

fn authority_serial() -> Serial {
    let (other, _) = authority(&HierarchyOptions::default());
    *support::sign_one(&other, "other").serial()
}

/// A journal that takes so many appends and then fails for good.
struct Failing {
    inner: MemoryJournal,
    left: AtomicUsize,
}

impl Journal for Failing {
    fn append(&self, append: Append) -> Result<Vec<Entry>, JournalError> {
        let take = |left: usize| left.checked_sub(1);
        match self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
        {
            Ok(_) => self.inner.append(append),
            Err(_) => Err(JournalError::ReadOnly {
                medium: self.medium(),
            }),
        }
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

#[test]
fn a_journal_that_fails_at_any_append_loses_nothing_released_and_signs_nothing_twice() {
    let input = input(120);
    let passphrase = SecretString::from("secret");
    let dir = tempfile::tempdir().unwrap();
    let (home, root) = (dir.path().join("ca"), dir.path().join("root"));
    let journal = Arc::new(Failing {
        inner: MemoryJournal::new(),
        left: AtomicUsize::new(1),
    });
    let kind = HierarchyOptions::default();
    drop(Authority::create(&home, &root, &passphrase, &kind, journal.clone(), NOW).unwrap());

    let run = BulkRun::random().unwrap();
    let mut ever: BTreeMap<u64, Serial> = BTreeMap::new();
    for appends in (0..).chain([usize::MAX]).take(200) {
        // A new process: everything it knows it reads from the journal.
        journal.left.store(usize::MAX, Ordering::SeqCst);
        let authority = Authority::open(&home, journal.clone()).unwrap();
        authority.settle(NOW).unwrap();
        journal.left.store(appends, Ordering::SeqCst);
        let mut released = Vec::new();
        let outcome = sign(&authority, &options(run), &input, &mut released, usize::MAX);

        let in_order = released.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0);
        assert!(in_order && released.first().is_none_or(|first| first.0 == 0));
        for (position, outcome) in &released {
            let Ok((serial, _, release)) = outcome else {
                continue;
            };
            assert!(
                authority.find_certificate(serial).unwrap().is_some(),
                "{position}"
            );
            if let Some(before) = ever.insert(*position, *serial) {
                assert_eq!((before, Release::Again), (*serial, *release), "{position}");
            }
        }
        if outcome.is_ok() {
            break;
        }
    }
    let (authority, mut released) = (Authority::open(&home, journal.clone()).unwrap(), Vec::new());
    let summary = sign(&authority, &options(run), &input, &mut released, usize::MAX).unwrap();
    assert_eq!(
        (summary.signed, summary.again, summary.refused),
        (0, 108, 12)
    );
    assert_eq!(ever.len(), 108);
    let audit = audit_journal(journal.as_ref()).unwrap();
    assert_eq!(audit.certificates, 108);
    assert_eq!(audit.drafts, 108 + audit.abandoned);
}

#[test]
fn whoever_breaks_off_gets_the_rest_by_continuing_with_the_same_input_only() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    let (run, mut input) = (BulkRun::random().unwrap(), input(200));
    let mut released = Vec::new();
    let summary = sign(&authority, &options(run), &input, &mut released, 50).unwrap();
    assert_eq!((released.len(), summary.signed + summary.refused), (50, 49));
    assert!(
        authority.settle(NOW).unwrap().is_empty(),
        "what was begun was finished"
    );

    let mut again = Vec::new();
    // Other slices than before meet the same blocks.
    let other = BulkOptions {
        slice: 23,
        ..options(run)
    };
    let summary = sign(&authority, &other, &input, &mut again, usize::MAX).unwrap();
    assert_eq!(again.len(), 200);
    assert!(
        summary.again >= 45 && summary.signed + summary.again == 180,
        "{summary:?}"
    );
    for ((_, before), (_, after)) in released.iter().zip(&again) {
        assert_eq!(
            before.as_ref().ok().map(|it| &it.1),
            after.as_ref().ok().map(|it| &it.1)
        );
    }
    let audit = audit_journal(journal.as_ref()).unwrap();
    assert_eq!((audit.certificates, audit.refusals), (180, 20));

    input.swap(2, 3);
    (input[2].position, input[3].position) = (2, 3);
    let refusal = sign(
        &authority,
        &options(run),
        &input,
        &mut Vec::new(),
        usize::MAX,
    );
    assert!(
        matches!(refusal, Err(CaError::BulkInput { position: 2, .. })),
        "{refusal:?}"
    );
}

#[test]
fn an_input_that_ends_with_an_error_or_goes_backwards_is_released_up_to_there() {
    let (authority, _) = authority(&HierarchyOptions::default());
    let mut input = input(40);
    input[37].position = 36;
    let mut released = Vec::new();
    let run = BulkRun::random().unwrap();
    let refusal = sign(&authority, &options(run), &input, &mut released, usize::MAX);
    let expected = CaError::BulkOrder {
        last: 36,
        found: 36,
    }
    .to_string();
    assert_eq!(refusal.unwrap_err().to_string(), expected);
    assert_eq!(released.len(), 37);
}

#[test]
fn blocks_that_are_missing_repeated_or_exchanged_are_named_by_their_entry() {
    let (authority, journal) = authority(&HierarchyOptions::default());
    let one_thread = BulkOptions {
        threads: NonZeroUsize::MIN,
        ..options(BulkRun::random().unwrap())
    };
    sign(
        &authority,
        &one_thread,
        &input(16),
        &mut Vec::new(),
        usize::MAX,
    )
    .unwrap();
    let entries = entries(journal.as_ref());
    let [founding, drafts, certificates] = &entries[..] else {
        panic!("{} entries", entries.len());
    };
    let judge = |order: &[&Entry]| {
        let copied = MemoryJournal::new();
        order.iter().for_each(|entry| copy(&copied, entry));
        audit_journal(&copied)
    };
    judge(&[founding, drafts, certificates]).unwrap();
    for (order, position) in [
        (&[founding, certificates][..], 2),
        (&[founding, certificates, drafts], 2),
        (&[founding, drafts, certificates, certificates], 4),
        (&[founding, drafts, drafts], 3),
    ] {
        let found = judge(order).unwrap_err();
        assert_eq!(found.position(), Some(Position::new(position)), "{found}");
    }

    // One bit anywhere in the block of certificates.
    for at in (0..certificates.payload().len()).step_by(97) {
        let copied = MemoryJournal::new();
        copy(&copied, founding);
        copy(&copied, drafts);
        let mut payload = certificates.payload().to_vec();
        payload[at] ^= 1;
        let stream = certificates.stream().as_str();
        append(&copied, stream, certificates.kind(), payload);
        let found = audit_journal(&copied).unwrap_err();
        assert!(
            matches!(&found, AuditBreak::Entry { position, breach }
                if position.get() == 3 && !matches!(**breach, Breach::UnknownStream { .. })),
            "byte {at}: {found}"
        );
    }
}
