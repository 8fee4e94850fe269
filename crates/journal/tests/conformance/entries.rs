//! Appending, reading, and what is refused.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread;

use proptest::prelude::*;
use sealbank_journal::{
    Expected, Head, JournalError, MAX_KIND, MAX_PAYLOAD, Position, Version, verify,
};
use time::macros::datetime;

use super::{append, exactly, on_every_backend, stream};

#[test]
fn an_empty_journal_has_the_genesis_head_and_nothing_to_read() {
    on_every_backend(|backend, journal| {
        assert_eq!(journal.head().unwrap(), Head::genesis(), "{backend}");
        assert_eq!(
            journal.version(&stream("a")).unwrap(),
            Version::NONE,
            "{backend}"
        );
        assert_eq!(journal.read(Position::START, 10).unwrap(), [], "{backend}");
        assert_eq!(journal.read(Position::new(7), 10).unwrap(), [], "{backend}");
        assert_eq!(verify(journal).unwrap().entries, 0, "{backend}");
    });
}

#[test]
fn what_is_appended_is_read_back_as_it_was() {
    on_every_backend(|backend, journal| {
        let appended = journal
            .append(append(
                "a",
                Expected::Any,
                &[("k", b"1"), ("取得", b"\0\xff")],
            ))
            .unwrap();
        assert_eq!(
            journal.read(Position::START, 10).unwrap(),
            appended,
            "{backend}"
        );
        let second = &appended[1];
        assert_eq!(second.position(), Position::new(2));
        assert_eq!(second.stream().as_str(), "a");
        assert_eq!(second.version(), Version::new(2));
        assert_eq!(
            second.recorded_at(),
            datetime!(2026-04-01 00:00:00.123456 UTC)
        );
        assert_eq!(second.kind(), "取得");
        assert_eq!(second.payload(), b"\0\xff");
        assert_eq!(second.previous(), appended[0].digest());
        assert_eq!(appended[0].previous(), Head::genesis().digest);
        let end = Head {
            position: second.position(),
            digest: second.digest(),
        };
        assert_eq!(journal.head().unwrap(), end);
    });
}

#[test]
fn both_backends_make_the_same_chain() {
    let heads = Mutex::new(BTreeSet::new());
    on_every_backend(|_, journal| {
        journal
            .append(append("a", Expected::Any, &[("k", b"1")]))
            .unwrap();
        journal
            .append(append("b", Expected::Any, &[("k", b"2")]))
            .unwrap();
        heads.lock().unwrap().insert(journal.head().unwrap().digest);
    });
    assert_eq!(heads.into_inner().unwrap().len(), 1);
}

#[test]
fn positions_are_global_and_versions_belong_to_a_stream() {
    on_every_backend(|backend, journal| {
        for name in ["a", "b", "a", "a", "b"] {
            journal
                .append(append(name, Expected::Any, &[("k", b"")]))
                .unwrap();
        }
        let found: Vec<_> = journal
            .read(Position::START, 10)
            .unwrap()
            .iter()
            .map(|e| {
                (
                    e.position().get(),
                    e.stream().to_string(),
                    e.version().get(),
                )
            })
            .collect();
        let due = [
            (1, "a", 1),
            (2, "b", 1),
            (3, "a", 2),
            (4, "a", 3),
            (5, "b", 2),
        ]
        .map(|(position, name, version)| (position, name.to_owned(), version));
        assert_eq!(found, due, "{backend}");
        assert_eq!(
            journal.version(&stream("a")).unwrap(),
            Version::new(3),
            "{backend}"
        );
    });
}

#[test]
fn reading_goes_on_after_any_position_in_pieces_of_any_size() {
    on_every_backend(|backend, journal| {
        for number in 0..20_u8 {
            journal
                .append(append("a", Expected::Any, &[("k", &[number])]))
                .unwrap();
        }
        for limit in [1, 3, 19, 20, 21, usize::MAX] {
            let mut reached = Position::START;
            let mut payloads = Vec::new();
            loop {
                let piece = journal.read(reached, limit).unwrap();
                assert!(piece.len() <= limit, "{backend}");
                let Some(last) = piece.last() else { break };
                reached = last.position();
                payloads.extend(piece.iter().map(|entry| entry.payload()[0]));
            }
            assert_eq!(
                payloads,
                (0..20).collect::<Vec<u8>>(),
                "{backend}, {limit} at a time"
            );
        }
        assert_eq!(journal.read(Position::START, 0).unwrap(), [], "{backend}");
        assert_eq!(
            journal.read(Position::new(u64::MAX), 1).unwrap(),
            [],
            "{backend}"
        );
    });
}

#[test]
fn an_append_for_another_version_is_refused_with_both_versions() {
    on_every_backend(|backend, journal| {
        journal
            .append(append("a", exactly(0), &[("k", b""), ("k", b"")]))
            .unwrap();
        for wrong in [0, 1, 3, u64::MAX] {
            let error = journal
                .append(append("a", exactly(wrong), &[("k", b"")]))
                .unwrap_err();
            let JournalError::Conflict {
                stream,
                expected,
                found,
            } = error
            else {
                panic!("{backend}: {error}");
            };
            assert_eq!(
                (stream.as_str(), expected.get(), found.get()),
                ("a", wrong, 2),
                "{backend}",
            );
        }
        assert_eq!(journal.head().unwrap().position.get(), 2, "{backend}");
        journal
            .append(append("a", exactly(2), &[("k", b"")]))
            .unwrap();
    });
}

#[test]
fn an_append_without_entries_only_checks_the_expectation() {
    on_every_backend(|backend, journal| {
        assert_eq!(
            journal.append(append("a", exactly(0), &[])).unwrap(),
            [],
            "{backend}"
        );
        assert!(
            journal.append(append("a", exactly(1), &[])).is_err(),
            "{backend}"
        );
        assert_eq!(journal.head().unwrap(), Head::genesis(), "{backend}");
    });
}

#[test]
fn entries_that_no_journal_may_hold_are_refused_with_everything_beside_them() {
    let long = "k".repeat(MAX_KIND + 1);
    let large = vec![0; MAX_PAYLOAD + 1];
    let cases: [(&str, &[u8], &str); 5] = [
        ("", b"", "it is empty"),
        (&long, b"", "it has 129 bytes"),
        ("a\0b", b"", "control character"),
        ("a\u{1b}[31m", b"", "control character"),
        ("k", &large, "16777217 bytes"),
    ];
    on_every_backend(|backend, journal| {
        for (kind, payload, why) in &cases {
            let both = append("a", Expected::Any, &[("good", b"good"), (kind, payload)]);
            let message = journal.append(both).unwrap_err().to_string();
            assert!(message.contains(why), "{backend}: {message}");
        }
        assert_eq!(journal.head().unwrap(), Head::genesis(), "{backend}");
    });
}

#[test]
fn of_many_who_decide_on_the_same_version_one_wins() {
    on_every_backend(|backend, journal| {
        let won = thread::scope(|scope| {
            let callers: Vec<_> = (0..16)
                .map(|_| {
                    scope.spawn(|| {
                        journal
                            .append(append("a", exactly(0), &[("k", b"")]))
                            .is_ok()
                    })
                })
                .collect();
            callers
                .into_iter()
                .map(|caller| caller.join().unwrap())
                .filter(|won| *won)
                .count()
        });
        assert_eq!(won, 1, "{backend}");
        assert_eq!(verify(journal).unwrap().entries, 1, "{backend}");
    });
}

#[test]
fn concurrent_appends_are_all_there_and_the_chain_holds() {
    on_every_backend(|backend, journal| {
        thread::scope(|scope| {
            for caller in 0..8_u8 {
                scope.spawn(move || {
                    let name = format!("caller/{caller}");
                    for number in 0..10 {
                        let pair: [(&str, &[u8]); 2] = [("k", &[number]), ("k", &[number])];
                        let number = u64::from(number);
                        journal
                            .append(append(&name, exactly(2 * number), &pair))
                            .unwrap();
                    }
                });
            }
        });
        let verified = verify(journal).unwrap();
        assert_eq!(verified.entries, 160, "{backend}");
        let entries = journal.read(Position::START, 200).unwrap();
        for pair in entries.chunks(2) {
            assert_eq!(
                pair[0].stream(),
                pair[1].stream(),
                "{backend}: an append was torn apart"
            );
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_kind_and_payload_comes_back_unchanged(
        appends in prop::collection::vec(
            prop::collection::vec(("\\PC{1,32}", prop::collection::vec(any::<u8>(), 0..64)), 0..4),
            1..6,
        )
    ) {
        on_every_backend(|backend, journal| {
            let mut due = Vec::new();
            for entries in &appends {
                let borrowed: Vec<_> =
                    entries.iter().map(|(kind, payload)| (kind.as_str(), payload.as_slice())).collect();
                journal.append(append("any", Expected::Any, &borrowed)).unwrap();
                due.extend(entries.iter().cloned());
            }
            let found: Vec<_> = journal
                .read(Position::START, usize::MAX)
                .unwrap()
                .iter()
                .map(|entry| (entry.kind().to_owned(), entry.payload().to_vec()))
                .collect();
            assert_eq!(found, due, "{backend}");
            assert_eq!(verify(journal).unwrap().entries, due.len() as u64, "{backend}");
        });
    }
}
