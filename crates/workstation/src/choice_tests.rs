//! Tests of the picker and of the browser's memory for it.

use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;
use crate::fixture::Authority;

fn origin() -> Origin {
    Origin::of(&"https://cert.ib.bank.test:8443/logon".parse().unwrap())
}

fn candidates() -> &'static [Candidate] {
    static CANDIDATES: OnceLock<Vec<Candidate>> = OnceLock::new();
    CANDIDATES.get_or_init(|| {
        let authority = Authority::shared();
        ["keiri01", "shacho", "keiri01"]
            .map(|name| {
                let (certificate, _) = authority.client(name);
                Candidate {
                    fingerprint: certificate.fingerprint(),
                    common_name: name.to_owned(),
                    serial: certificate.serial().to_owned(),
                    issuer_common_name: certificate.issuer_common_name().map(ToOwned::to_owned),
                    issuers: vec![certificate.issuer().to_vec()],
                }
            })
            .to_vec()
    })
}

fn give(index: usize) -> Answer {
    Answer::Give(Choice::Certificate(candidates()[index].fingerprint))
}

fn ask(remembered: Choice, offered: &[Candidate], policies: &[AutoSelect], pick: &Pick) -> Answer {
    let origin = origin();
    let situation = Situation {
        origin: &origin,
        remembered,
        candidates: offered,
        policies,
        pick,
    };
    decide(&situation, &[])
}

#[test]
fn the_person_picks_by_what_the_picker_shows() {
    let all = candidates();
    let cases = [
        ("newest", Pick::Newest, give(0)),
        ("by name", Pick::CommonName("shacho".into()), give(1)),
        (
            "by name takes the newest of two",
            Pick::CommonName("keiri01".into()),
            give(0),
        ),
        (
            "by serial",
            Pick::Serial(format!("00:{}", all[2].serial.to_uppercase())),
            give(2),
        ),
        ("cancel", Pick::Cancel, Answer::Give(Choice::Declined)),
    ];
    for (name, pick, expected) in cases {
        assert_eq!(ask(Choice::Unasked, all, &[], &pick), expected, "{name}");
    }
}

#[test]
fn an_empty_store_is_answered_silently_with_none() {
    assert_eq!(
        ask(Choice::Unasked, &[], &[], &Pick::Newest),
        Answer::Give(Choice::None)
    );
    assert_eq!(
        ask(Choice::Unasked, &[], &[], &Pick::Cancel),
        Answer::Give(Choice::None)
    );
}

#[test]
fn a_certificate_that_is_not_offered_is_named_with_what_is() {
    let answer = ask(
        Choice::Unasked,
        candidates(),
        &[],
        &Pick::CommonName("hanako".into()),
    );
    let Answer::NotOffered { offered } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(offered.len(), 3);
    assert!(offered[1].starts_with("shacho (serial "), "{offered:?}");
}

#[test]
fn the_servers_hints_narrow_the_picker() {
    let (origin, pick) = (origin(), Pick::Newest);
    let situation = Situation {
        origin: &origin,
        remembered: Choice::Unasked,
        candidates: candidates(),
        policies: &[],
        pick: &pick,
    };
    let known = candidates()[0].issuers[0].as_slice();
    assert_eq!(decide(&situation, &[known]), give(0));
    assert_eq!(
        decide(&situation, &[b"another authority"]),
        Answer::Give(Choice::None)
    );
}

#[test]
fn a_policy_answers_before_the_person_does() {
    let by_subject = AutoSelect {
        subject: Some("shacho".into()),
        ..AutoSelect::default()
    };
    let by_issuer = AutoSelect {
        issuer: Some("TEST ONLY Issuing".into()),
        ..AutoSelect::default()
    };
    let other_site = AutoSelect {
        origin: Some(Origin::of(&"https://other.test/".parse().unwrap())),
        ..AutoSelect::default()
    };
    let declined = Answer::Give(Choice::Declined);
    for (policy, expected) in [
        (by_subject, give(1)),
        (by_issuer, give(0)),
        (other_site, declined),
    ] {
        assert_eq!(
            ask(Choice::Unasked, candidates(), &[policy], &Pick::Cancel),
            expected
        );
    }
}

#[test]
fn deleting_the_remembered_certificate_makes_the_browser_choose_again() {
    let all = candidates();
    let remembered = Choice::Certificate(all[0].fingerprint);
    assert_eq!(ask(remembered, &all[1..2], &[], &Pick::Newest), give(1));
}

fn any_pick() -> impl Strategy<Value = Pick> {
    prop_oneof![
        Just(Pick::Newest),
        Just(Pick::Cancel),
        Just(Pick::CommonName("shacho".into())),
        Just(Pick::CommonName("nobody".into())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// V22: a remembered None or Declined is given again whatever the store and the person do,
    /// until the cache is cleared; after that the person is asked.
    #[test]
    fn a_remembered_refusal_lasts_until_all_windows_are_closed(
        declined in any::<bool>(),
        picks in prop::collection::vec((any_pick(), 0_usize..=3), 1..8),
    ) {
        let refusal = if declined { Choice::Declined } else { Choice::None };
        let mut cache = ChoiceCache::default();
        cache.remember(origin(), refusal);
        for (pick, count) in picks {
            let answer = ask(cache.of(&origin()), &candidates()[..count], &[], &pick);
            prop_assert_eq!(&answer, &Answer::Give(refusal));
            if let Answer::Give(choice) = answer { cache.remember(origin(), choice); }
        }
        cache.clear();
        prop_assert_eq!(ask(cache.of(&origin()), candidates(), &[], &Pick::Newest), give(0));
    }
}
