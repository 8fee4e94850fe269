//! Bytes that were flipped or cut off, and things at the path that never were a journal.

use std::fs;
use std::io::{Seek, SeekFrom, Write};

use sealbank_journal::{Damage, Journal, SqliteJournal, verify};

use super::{World, one};

type Prepare<'a> = &'a dyn Fn(&World);

#[test]
fn a_flipped_byte_anywhere_in_the_file_is_an_error_or_changes_nothing() {
    let world = World::new();
    let whole = fs::read(&world.path).unwrap();
    let head = SqliteJournal::open_read_only(&world.path)
        .unwrap()
        .head()
        .unwrap();
    let mut noticed = 0;
    for at in (0..whole.len()).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        fs::write(&world.path, &bytes).unwrap();
        match SqliteJournal::open_read_only(&world.path).and_then(|journal| verify(&journal)) {
            // Unused space of a page, a counter: what is recorded is as it was.
            Ok(verified) => assert_eq!(verified.head, head, "byte {at}"),
            Err(error) => {
                noticed += 1;
                assert!(
                    error.to_string().contains("bank.journal"),
                    "byte {at}: {error}"
                );
            }
        }
    }
    assert!(noticed > 0);
}

#[test]
fn a_file_that_was_cut_at_any_place_is_an_error() {
    let world = World::new();
    let whole = fs::read(&world.path).unwrap();
    for length in (0..whole.len()).step_by(1_021) {
        fs::write(&world.path, &whole[..length]).unwrap();
        let examined =
            SqliteJournal::open_read_only(&world.path).and_then(|journal| verify(&journal));
        let message = examined.unwrap_err().to_string();
        assert!(
            message.contains("bank.journal"),
            "{length} bytes: {message}"
        );
        assert!(SqliteJournal::open(&world.path).is_err(), "{length} bytes");
        assert_eq!(
            fs::read(&world.path).unwrap().len(),
            length,
            "the evidence was changed"
        );
    }
}

#[test]
fn a_torn_page_below_entries_names_the_last_one_that_can_be_read() {
    let world = World::without_entries();
    let journal = SqliteJournal::open(&world.path).unwrap();
    for number in 0..200 {
        journal.append(one("bank", number)).unwrap();
    }
    drop(journal);
    let leaf = leaf_with(&world, b"number 150");
    let mut file = fs::File::options().write(true).open(&world.path).unwrap();
    file.seek(SeekFrom::Start(leaf)).unwrap();
    file.write_all(&[0xff; 8]).unwrap();
    drop(file);
    let (damage, message) = world.damage();
    let Damage::Unreadable { after, .. } = damage else {
        panic!("{message}")
    };
    assert!((1..150).contains(&after.get()), "{message}");
}

/// Where the page with these bytes begins.
fn leaf_with(world: &World, bytes: &[u8]) -> u64 {
    const PAGE: usize = 4096;
    let whole = fs::read(&world.path).unwrap();
    let at = whole
        .windows(bytes.len())
        .position(|window| window == bytes)
        .unwrap();
    u64::try_from(at / PAGE * PAGE).unwrap()
}

#[test]
fn what_is_not_a_journal_is_refused_and_left_alone() {
    let foreign = |world: &World| world.sql("CREATE TABLE customer (name TEXT)");
    let newer = |world: &World| {
        drop(SqliteJournal::open(&world.path).unwrap());
        world.sql("UPDATE journal_schema SET version = 2");
    };
    let cases: [(Prepare<'_>, &str); 7] = [
        (
            &|world| fs::create_dir(&world.path).unwrap(),
            "it is a folder",
        ),
        (
            &|world| fs::write(&world.path, b"").unwrap(),
            "it is an empty file",
        ),
        (
            &|world| fs::write(&world.path, "取得\n".repeat(999)).unwrap(),
            "does not begin as an SQLite",
        ),
        (&foreign, "without a journal's tables"),
        (
            &newer,
            "schema version 2, but this program knows versions up to 1",
        ),
        (
            &|world| fs::write(world.folder.path().join("bank.journal-wal"), b"wal").unwrap(),
            "the write-ahead log beside it",
        ),
        (
            &|world| fs::create_dir(world.folder.path().join("bank.journal.lock")).unwrap(),
            "lock",
        ),
    ];
    for (prepare, why) in cases {
        let world = World::without_entries();
        prepare(&world);
        let before = fs::read(&world.path).ok();
        let message = SqliteJournal::open(&world.path).unwrap_err().to_string();
        assert!(message.contains(why), "{message}");
        assert!(message.contains("bank.journal"), "{message}");
        assert_eq!(
            fs::read(&world.path).ok(),
            before,
            "{why}: the file was changed"
        );
    }
}

#[test]
fn nothing_is_created_by_reading() {
    let world = World::without_entries();
    let message = SqliteJournal::open_read_only(&world.path)
        .unwrap_err()
        .to_string();
    assert!(message.contains("nothing is there"), "{message}");
    assert_eq!(fs::read_dir(world.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let world = World::without_entries();
    let message = SqliteJournal::open(world.folder.path().join("absent/journal"))
        .unwrap_err()
        .to_string();
    assert!(message.contains("absent/journal"), "{message}");
}

#[test]
fn what_an_interrupted_creation_left_is_swept_away() {
    let world = World::without_entries();
    fs::write(
        world.folder.path().join("bank.journal.new"),
        b"half a journal",
    )
    .unwrap();
    let journal = SqliteJournal::open(&world.path).unwrap();
    assert_eq!(verify(&journal).unwrap().entries, 0);
}
