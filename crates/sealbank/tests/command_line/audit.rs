//! `sealbank ca audit` over journals that somebody had his hands in: the entry is named.

use rusqlite::Connection;
use sealbank_journal::{Append, Expected, Journal as _, NewEntry, Position, SqliteJournal};

use crate::house::House;
use crate::mask::masked;
use crate::seen;

/// A CA whose journal has these entries: 1 the founding, 2 the first list, 3 a draft, 4 its certificate, 5 its
/// revocation, 6 the second list.
fn house() -> House {
    let house = House::founded();
    let serial = house.signed();
    house.done(&["revoke", &serial]);
    house.done(&["crl"]);
    house
}

impl House {
    /// The journal through SQLite alone, which knows of no chain.
    fn database(&self) -> Connection {
        Connection::open(self.path().join("ca/journal.sqlite")).unwrap()
    }
}

#[test]
fn what_was_done_to_a_journal_is_named_with_its_entry() {
    let cases = [
        (
            "tampered",
            "UPDATE journal_entry SET payload = CAST(replace(CAST(payload AS TEXT), 'unspecified', 'superseded') AS BLOB) WHERE position = 5",
            "entry 5",
        ),
        (
            "backdated",
            "UPDATE journal_entry SET recorded_at = recorded_at - 1 WHERE position = 3",
            "entry 3",
        ),
        (
            "truncated",
            "DELETE FROM journal_entry WHERE position = 6",
            "the last entry",
        ),
        (
            "cut-out",
            "DELETE FROM journal_entry WHERE position = 4",
            "entry 4",
        ),
        (
            "reordered",
            "UPDATE journal_entry SET position = -position WHERE position IN (3, 4);
             UPDATE journal_entry SET position = 7 + position WHERE position < 0",
            "entry 3",
        ),
        (
            "moved-to-another-stream",
            "UPDATE journal_entry SET stream = 'ca/elsewhere' WHERE position = 5",
            "entry 5",
        ),
    ];
    for (name, statements, named) in cases {
        let house = house();
        house.database().execute_batch(statements).unwrap();
        let output = house.ca(&["audit"]);
        assert_eq!(output.status.code(), Some(1), "{name}: {output:?}");
        let said = masked(&seen(&output)).replace(house.path().to_str().unwrap(), "…");
        assert!(said.contains(named), "{name}: {said}");
        insta::assert_snapshot!(format!("{name}"), said);
        let told = house.ca(&["audit", "--json"]);
        let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
        assert_eq!(told["sound"], false, "{name}");
    }
}

#[test]
fn an_entry_whose_links_are_whole_is_judged_by_what_it_says() {
    let house = house();
    let journal = SqliteJournal::open(house.path().join("ca/journal.sqlite")).unwrap();
    let entries = journal.read(Position::START, 10).unwrap();
    let again = &entries[3];
    let entry = NewEntry {
        kind: again.kind().to_owned().into(),
        payload: again.payload().to_vec(),
    };
    let copied = Append {
        stream: again.stream().clone(),
        expected: Expected::Any,
        recorded_at: again.recorded_at(),
        entries: vec![entry],
    };
    journal.append(copied).unwrap();
    drop(journal);
    let output = house.ca(&["audit"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    insta::assert_snapshot!("certified-twice", masked(&seen(&output)));
    let told = house.ca(&["audit", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["entry"], 7);
}

#[test]
fn a_sound_journal_is_told_with_its_rate() {
    let house = house();
    let told = house.json(&["audit"]);
    assert_eq!(told["sound"], true);
    assert_eq!(told["entries"], 6);
    assert_eq!(told["certificates"], 1);
    assert!(told["certificates-per-second"].as_u64().unwrap() > 0);
}
