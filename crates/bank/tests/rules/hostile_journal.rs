//! A journal from elsewhere, altered, torn or out of order: the bank says what does not fit, and never panics.

use proptest::prelude::*;
use sealbank_bank::{Bank, BankProfile, Event, Inconsistency, Settings};
use time::Duration;

use crate::world::{World, light, user};

/// The journal of a full life: granted, retrieved, renewed, locked, re-initialised, deleted.
fn journal() -> Vec<Event> {
    let mut world = World::new();
    let held = world.equip("keiri01");
    let logon = world.wait(Duration::days(345)).log_on_with(&held).unwrap();
    let retrieval = world.renew(logon).unwrap();
    world.deliver_in(retrieval).unwrap();
    world.confirm(retrieval).unwrap();
    world.lock(&user("keiri01"));
    world.lift("keiri01").unwrap();
    world.reinitialize("keiri01").unwrap();
    world.wait(Duration::days(81)).pass_time().unwrap();
    world.deregister("keiri01").unwrap();
    world.log
}

fn replay<'a>(events: impl IntoIterator<Item = &'a Event>) -> Result<Bank, Inconsistency> {
    Bank::replayed(light(Settings::default()), BankProfile::default(), events)
}

fn json(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .map(|event| serde_json::to_string(event).unwrap())
        .collect()
}

#[test]
fn an_honest_journal_is_replayed_through_its_written_form() {
    let written = json(&journal());
    let read: Vec<Event> = written
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read, journal());
    assert_eq!(replay(&read), replay(&journal()));
    assert!(replay(&read).is_ok());
}

#[test]
fn a_moment_with_a_fraction_of_a_second_is_replayed_to_the_same_books() {
    let mut world = World::new();
    world.wait(Duration::milliseconds(350));
    world.equip("keiri01");
    world.log_on("nobody").unwrap_err();
    let written = json(&world.log);
    let read: Vec<Event> = written
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(replay(&read).as_ref(), Ok(&world.bank), "V25");
}

#[test]
fn a_missing_entry_is_found_by_the_facts_of_the_next() {
    let events = journal();
    let mut noticed = 0;
    for missing in 0..events.len() - 1 {
        let rest = events
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != missing);
        noticed += usize::from(replay(rest.map(|(_, event)| event)).is_err());
    }
    // What leaves no trace in the facts (a logon or logoff, a notice) is the hash chain's to notice.
    let traceless = |event: &&Event| event.before == event.after;
    let traced = events.iter().filter(|event| !traceless(event)).count();
    assert!(
        noticed >= traced - 1,
        "{noticed} of {traced} entries were missed"
    );
}

#[test]
fn an_entry_twice_or_two_exchanged_are_found() {
    let events = journal();
    for index in 0..events.len() - 1 {
        if events[index].before == events[index].after {
            continue;
        }
        let mut twice = events.clone();
        twice.insert(index, events[index].clone());
        assert!(replay(&twice).is_err(), "twice: {:?}", events[index]);
        if events[index].after == events[index + 1].before {
            let mut exchanged = events.clone();
            exchanged.swap(index, index + 1);
            assert!(
                replay(&exchanged).is_err(),
                "exchanged: {:?}",
                events[index]
            );
        }
    }
}

#[test]
fn an_altered_fact_is_named_and_the_books_stay_as_they_were() {
    let events = journal();
    for index in 0..events.len() {
        let mut bank = replay(&events[..index]).unwrap();
        let untouched = bank.clone();
        let mut altered = events[index].clone();
        match &mut altered.after {
            Some(facts) => facts.pin_failures += 1,
            None => altered.before = events[1].before.clone().or_else(|| events[0].after.clone()),
        }
        let error = bank.apply(&altered).unwrap_err();
        assert_eq!(error.change, events[index].change.name());
        assert_eq!(bank, untouched);
    }
}

#[test]
fn an_unknown_field_anywhere_is_refused() {
    for line in json(&journal()) {
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        for pointer in objects(&value, String::new()) {
            // The name of a variant is not a record: `{"granted": {…}, "extra": 1}` names two variants.
            let mut altered = value.clone();
            let object = altered
                .pointer_mut(&pointer)
                .unwrap()
                .as_object_mut()
                .unwrap();
            object.insert("unheard-of".to_owned(), serde_json::Value::from(1));
            let read = serde_json::from_value::<Event>(altered);
            assert!(read.is_err(), "`unheard-of` at {pointer:?} of {line}");
        }
    }
}

fn objects(value: &serde_json::Value, at: String) -> Vec<String> {
    let Some(object) = value.as_object() else {
        return Vec::new();
    };
    let inner = object
        .iter()
        .flat_map(|(name, value)| objects(value, format!("{at}/{name}")));
    let mut found: Vec<String> = inner.collect();
    found.push(at);
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn entries_in_any_order_are_replayed_or_refused(order in Just(journal()).prop_shuffle()) {
        if let Err(error) = replay(&order) {
            prop_assert!(!error.to_string().is_empty());
        } else {
            prop_assert_eq!(replay(&order), replay(&journal()));
        }
    }

    #[test]
    fn a_damaged_line_is_read_or_refused(
        line in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let written = json(&journal());
        let mut damaged = line.get(&written).clone().into_bytes();
        let place = place.index(damaged.len());
        damaged[place] = byte;
        if let Ok(event) = serde_json::from_slice::<Event>(&damaged) {
            let events = journal();
            let mut bank = replay(&events[..line.index(events.len())]).unwrap();
            let before = bank.clone();
            if bank.apply(&event).is_err() {
                prop_assert_eq!(bank, before);
            }
        }
    }
}

#[test]
fn moments_at_the_ends_of_the_calendar_are_survived() {
    for end in [
        time::macros::datetime!(9999-12-31 23:59:59 UTC),
        time::macros::datetime!(-9999-01-01 00:00 UTC),
    ] {
        let mut world = World::new();
        let held = world.equip("keiri01");
        world.now = end;
        world.pass_time().unwrap();
        // Whether he comes in is the clock's matter; that there is an answer is the bank's.
        let _ = world.log_on_with(&held);
        let visit = world.bank.visit(&held.retrieval, None, end).map(|_| ());
        assert_eq!(visit, Err(sealbank_bank::Refusal::NoSession));
        world.reinitialize("keiri01").unwrap();
        let _ = world.retrieve("keiri01");
    }
}
