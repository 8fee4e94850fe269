//! Rows that were changed with other tools: the file is sound, the chain is not.

use sealbank_journal::{Damage, Journal, Position, SqliteJournal, verify};

use super::{ENTRIES, World, one};

#[test]
fn a_whole_journal_verifies_and_survives_being_closed_and_opened() {
    let world = World::new();
    let journal = SqliteJournal::open(&world.path).unwrap();
    assert_eq!(verify(&journal).unwrap().entries, ENTRIES);
    journal.append(one("bank", 6)).unwrap();
    let head = journal.head().unwrap();
    drop(journal);
    let journal = SqliteJournal::open_read_only(&world.path).unwrap();
    assert_eq!(verify(&journal).unwrap().head, head);
}

#[test]
fn an_altered_value_in_any_column_names_the_entry_and_both_digests() {
    let changes = [
        "stream = 'bang'",
        "version = version + 100",
        "recorded_at = recorded_at + 1",
        "kind = 'noteD'",
        "payload = CAST('number 8' AS BLOB)",
        "payload = x''",
        "previous = zeroblob(32)",
        "digest = zeroblob(32)",
    ];
    for change in changes {
        let world = World::new();
        world.sql(&format!(
            "UPDATE journal_entry SET {change} WHERE position = 3"
        ));
        let (damage, message) = world.damage();
        let Damage::Altered {
            position,
            recorded,
            computed,
        } = damage
        else {
            panic!("{change}: {message}");
        };
        assert_eq!(position, Position::new(3), "{change}");
        for part in ["entry 3", &recorded.to_string(), &computed.to_string()] {
            assert!(message.contains(part), "{change}: {message}");
        }
    }
}

#[test]
fn a_value_of_another_type_or_range_names_the_entry_and_the_column() {
    let cases = [
        ("stream", "'Not A Name'", "'N' is not allowed"),
        ("stream", "x'00'", "text is due, Blob is there"),
        ("version", "-1", "-1 is negative"),
        ("version", "'many'", "a number is due, Text is there"),
        ("recorded_at", "9223372036854775807", "is not a time"),
        ("recorded_at", "1.5", "a number is due, Real is there"),
        ("kind", "CAST(x'ff' AS TEXT)", "invalid utf-8"),
        ("payload", "'text'", "bytes is due, Text is there"),
        ("previous", "x'00'", "a digest of 1 bytes"),
        ("digest", "zeroblob(33)", "a digest of 33 bytes"),
    ];
    for (column, value, why) in cases {
        let world = World::new();
        world.sql(&format!(
            "UPDATE journal_entry SET {column} = {value} WHERE position = 4"
        ));
        let (damage, message) = world.damage();
        assert!(matches!(damage, Damage::Value { .. }), "{message}");
        for part in ["entry 4", column, why] {
            assert!(message.contains(part), "{column} = {value}: {message}");
        }
    }
}

#[test]
fn a_deleted_entry_is_missing() {
    for gone in 1..ENTRIES {
        let world = World::new();
        world.sql(&format!(
            "DELETE FROM journal_entry WHERE position = {gone}"
        ));
        let due = Damage::Missing {
            expected: Position::new(gone),
            found: Position::new(gone + 1),
        };
        assert_eq!(world.damage().0, due);
    }
}

#[test]
fn swapped_entries_are_noticed_at_the_first_of_them() {
    let world = World::new();
    world.sql(
        "UPDATE journal_entry SET position = 99 WHERE position = 2;
         UPDATE journal_entry SET position = 2 WHERE position = 4;
         UPDATE journal_entry SET position = 4 WHERE position = 99;",
    );
    let (damage, message) = world.damage();
    assert!(
        matches!(damage, Damage::Altered { position, .. } if position == Position::new(2)),
        "{message}",
    );
}

#[test]
fn a_cut_off_or_lengthened_tail_disagrees_with_the_head() {
    let copy = "INSERT INTO journal_entry
        SELECT 7, stream, 99, recorded_at, kind, payload, previous, digest
        FROM journal_entry WHERE position = 6";
    let cases = [
        ("DELETE FROM journal_entry WHERE position = 6", 6, 5),
        ("DELETE FROM journal_entry WHERE position > 2", 6, 2),
        ("DELETE FROM journal_entry", 6, 0),
        ("UPDATE journal_head SET position = 3", 3, 6),
        (copy, 6, 7),
    ];
    for (change, head, last) in cases {
        let world = World::new();
        world.sql(change);
        let (damage, message) = world.damage();
        let Damage::Tail {
            head: found_head,
            last: found_last,
        } = damage
        else {
            panic!("{change}: {message}");
        };
        assert_eq!(
            (found_head.position.get(), found_last.position.get()),
            (head, last),
            "{change}"
        );
    }
}

#[test]
fn a_head_that_was_never_written_is_reported() {
    for change in [
        "DELETE FROM journal_head",
        "UPDATE journal_head SET position = -1",
        "UPDATE journal_head SET digest = x'00'",
        "UPDATE journal_head SET digest = 'text'",
    ] {
        let world = World::new();
        world.sql(change);
        let (damage, message) = world.damage();
        assert!(
            matches!(damage, Damage::Value { .. }),
            "{change}: {message}"
        );
        assert!(message.contains("journal_head"), "{change}: {message}");
    }
}

#[test]
fn an_entry_that_was_rewritten_with_a_digest_of_its_own_does_not_link() {
    let world = World::new();
    // The forger recomputes everything about entry 3 but cannot reach into entry 4.
    let forged = {
        let folder = tempfile::tempdir().unwrap();
        let journal = SqliteJournal::open(folder.path().join("forger")).unwrap();
        for number in [0, 1, 8] {
            let name = if number % 2 == 0 { "bank" } else { "ca" };
            journal.append(one(name, number)).unwrap();
        }
        journal.read(Position::new(2), 1).unwrap().remove(0)
    };
    world.sql(&format!(
        "UPDATE journal_entry SET payload = CAST('number 8' AS BLOB), digest = x'{}'
         WHERE position = 3",
        forged.digest(),
    ));
    let (damage, message) = world.damage();
    let Damage::Unlinked {
        position, expected, ..
    } = damage
    else {
        panic!("{message}")
    };
    assert_eq!((position, expected), (Position::new(4), forged.digest()));
}
