//! Typed records: committing, replaying, and remembering a head.

use std::borrow::Cow;

use sealbank_journal::{
    DecodeError, Durable, Expected, Journal, MemoryJournal, Position, Record, Version, commit,
    replay, replay_all, verify, verify_against,
};
use time::macros::datetime;

use super::{NOW, append, exactly, on_every_backend, stream};

#[derive(Debug, Clone, PartialEq, Eq)]
struct Note(String);

impl Record for Note {
    fn kind(&self) -> Cow<'static, str> {
        Cow::Borrowed("note")
    }

    fn encode(&self) -> Vec<u8> {
        self.0.clone().into_bytes()
    }

    fn decode(kind: &str, payload: &[u8]) -> Result<Self, DecodeError> {
        if kind != "note" {
            return Err(DecodeError::new(format!("{kind:?} is not a note")));
        }
        String::from_utf8(payload.to_vec())
            .map(Note)
            .map_err(|error| DecodeError::new(error.to_string()))
    }
}

#[test]
fn a_commit_hands_back_the_records_with_their_places() {
    on_every_backend(|backend, journal| {
        let notes = vec![Note("一".to_owned()), Note("二".to_owned())];
        let recorded = commit(journal, &stream("notes"), exactly(0), NOW, notes.clone()).unwrap();
        assert_eq!(recorded[1].position(), Position::new(2), "{backend}");
        assert_eq!(recorded[1].version(), Version::new(2), "{backend}");
        assert_eq!(
            recorded[1].recorded_at(),
            datetime!(2026-04-01 00:00:00.123456 UTC)
        );
        let replayed: Vec<_> = replay::<Note>(journal, |_| true)
            .map(|step| step.unwrap().1)
            .collect();
        assert_eq!(replayed, recorded, "{backend}");
        let values: Vec<_> = recorded.into_iter().map(Durable::into_inner).collect();
        assert_eq!(values, notes, "{backend}");
    });
}

#[test]
fn a_replay_gives_the_picked_streams_in_order_however_long_the_journal() {
    on_every_backend(|backend, journal| {
        for number in 0..11 {
            let name = if number % 2 == 0 { "even" } else { "odd" };
            let notes = (0..100)
                .map(|part| Note(format!("{number}.{part}")))
                .collect();
            commit(journal, &stream(name), Expected::Any, NOW, notes).unwrap();
        }
        let odd: Vec<_> = replay::<Note>(journal, |stream| stream.as_str() == "odd")
            .map(|step| step.unwrap().1.into_inner().0)
            .collect();
        let due: Vec<_> = [1, 3, 5, 7, 9]
            .iter()
            .flat_map(|number| (0..100).map(move |part| format!("{number}.{part}")))
            .collect();
        assert_eq!(odd, due, "{backend}");
    });
}

#[test]
fn a_replay_ends_with_the_first_entry_that_means_nothing() {
    on_every_backend(|backend, journal| {
        let entries: [(&str, &[u8]); 3] = [("note", b"1"), ("song", b"2"), ("note", b"3")];
        journal
            .append(append("a", Expected::Any, &entries))
            .unwrap();
        let mut steps = replay::<Note>(journal, |_| true);
        assert!(steps.next().unwrap().is_ok(), "{backend}");
        let message = steps.next().unwrap().unwrap_err().to_string();
        for part in ["entry 2", "kind song", "stream a", "\"song\" is not a note"] {
            assert!(message.contains(part), "{backend}: {message}");
        }
        assert!(steps.next().is_none(), "{backend}");
    });
}

#[test]
fn a_replay_of_all_gives_every_entry_once_and_each_is_read_as_what_it_is() {
    on_every_backend(|backend, journal| {
        let notes: Vec<_> = (0..100).map(|number| Note(number.to_string())).collect();
        let recorded = commit(journal, &stream("a"), Expected::Any, NOW, notes).unwrap();
        journal
            .append(append("b", Expected::Any, &[("song", b"la")]))
            .unwrap();
        let steps: Vec<_> = replay_all(journal).map(Result::unwrap).collect();
        let (song, notes) = steps.split_last().unwrap();
        let notes: Vec<_> = notes.iter().map(|it| it.read::<Note>().unwrap()).collect();
        assert_eq!(notes, recorded, "{backend}");
        assert_eq!(song.entry().payload(), b"la", "{backend}");
        let message = song.read::<Note>().unwrap_err().to_string();
        assert!(message.contains("entry 101"), "{backend}: {message}");
    });
}

#[test]
fn a_remembered_head_shows_that_a_whole_journal_was_replaced() {
    on_every_backend(|backend, journal| {
        journal
            .append(append("a", Expected::Any, &[("k", b"1"), ("k", b"2")]))
            .unwrap();
        let remembered = verify(journal).unwrap().head;
        journal
            .append(append("a", Expected::Any, &[("k", b"3")]))
            .unwrap();
        assert_eq!(
            verify_against(journal, remembered).unwrap().entries,
            3,
            "{backend}"
        );

        let rebuilt = MemoryJournal::new();
        rebuilt
            .append(append(
                "a",
                Expected::Any,
                &[("k", b"1"), ("k", b"!"), ("k", b"3")],
            ))
            .unwrap();
        let older = MemoryJournal::new();
        older
            .append(append("a", Expected::Any, &[("k", b"1")]))
            .unwrap();
        for replaced in [rebuilt, older, MemoryJournal::new()] {
            let message = verify_against(&replaced, remembered)
                .unwrap_err()
                .to_string();
            assert!(
                message.contains(&remembered.digest.to_string()),
                "{backend}: {message}"
            );
        }
    });
}
