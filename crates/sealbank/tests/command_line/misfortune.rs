//! What happens to a CA that nobody did anything wrong with: another process, another version, a lost file, a full disk,
//! a directory that can't be written to. Each is told, with its exit code, and nothing is lost.

use std::fs;
use std::process::Output;

use rusqlite::Connection;
use sealbank_journal::SqliteJournal;

use crate::house::{House, SUBJECT, request};
use crate::mask::masked;
use crate::{sealbank, seen};

/// Fails as `name` says, with this code.
fn told(house: &House, name: &str, output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{name}: {output:?}");
    let said = masked(&seen(output)).replace(house.path().to_str().unwrap(), "…");
    insta::assert_snapshot!(name, said);
}

#[test]
fn a_second_writer_is_refused_whatever_it_wants() {
    let house = House::founded();
    let serial = house.signed();
    let request = request("accepted.p256.pem");
    let held = SqliteJournal::open(house.path().join("ca/journal.sqlite")).unwrap();
    let commands: &[&[&str]] = &[
        &["sign", &request, "--subject", SUBJECT],
        &["revoke", &serial],
        &["crl"],
        &["crl", "--root"],
        &["ocsp", &request],
        &["ocsp", "--listen", "127.0.0.1:0"],
        &["renew-issuing"],
    ];
    for command in commands {
        told(&house, "second-writer", &house.ca(command), 3);
    }
    for command in [&["list"][..], &["show", &serial], &["audit"]] {
        house.done(command);
    }
    drop(held);
    house.done(&["crl"]);
    assert_eq!(
        house.json(&["audit"])["drafts"],
        1,
        "nothing came of the others"
    );
}

#[test]
fn a_journal_of_a_newer_program_is_left_alone() {
    let house = House::founded();
    let path = house.path().join("ca/journal.sqlite");
    let newer = "UPDATE journal_schema SET version = 99";
    Connection::open(path).unwrap().execute(newer, []).unwrap();
    for command in ["crl", "list", "audit"] {
        told(&house, "newer-journal", &house.ca(&[command]), 3);
    }
}

#[test]
fn a_lost_file_is_named() {
    let request = request("accepted.p256.pem");
    let sign = ["sign", &request, "--subject", SUBJECT];
    let cases: [(&str, &str, &[&str]); 5] = [
        ("lost-key", "issuing.key.pem", &sign),
        ("lost-certificate", "issuing.pem", &sign),
        ("lost-certificate-to-look", "issuing.pem", &["list"]),
        ("lost-root", "root.pem", &sign),
        ("lost-root-list", "root.crl.pem", &["crl"]),
    ];
    for (name, file, command) in cases {
        let house = House::founded();
        fs::remove_file(house.path().join("ca").join(file)).unwrap();
        told(&house, name, &house.ca(command), 3);
    }
}

#[test]
fn files_of_another_ca_are_noticed() {
    let house = House::founded();
    house.done(&["init", "--dir", "other"]);
    for file in ["issuing.pem", "issuing.key.pem"] {
        let (from, to) = (house.path().join("other"), house.path().join("ca"));
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
    told(&house, "foreign-files", &house.ca(&["crl"]), 3);
    told(&house, "foreign-files-to-look", &house.ca(&["list"]), 3);
}

/// A device that takes nothing, as a disk without room.
#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_nothing_that_was_signed_is_lost() {
    use std::os::unix::fs::FileTypeExt as _;

    let house = House::founded();
    let request = request("accepted.p256.pem");
    let sign = ["sign", &request, "--subject", SUBJECT];
    let to_full = [&sign[..], &["--out", "/dev/full"]].concat();
    told(&house, "full-out", &house.ca(&to_full), 3);
    told(
        &house,
        "full-list",
        &house.ca(&["crl", "--out", "/dev/full"]),
        3,
    );
    let output = sealbank()
        .arg("ca")
        .args(sign)
        .current_dir(house.path())
        .stdout(fs::File::options().write(true).open("/dev/full").unwrap())
        .output()
        .unwrap();
    told(&house, "full-stdout", &output, 3);
    let listed = house.json(&["list"]);
    let serials = listed.as_array().unwrap().iter();
    let serials: Vec<_> = serials.map(|it| it["serial"].as_str().unwrap()).collect();
    assert_eq!(serials.len(), 2, "both are on record");
    for serial in serials {
        assert!(
            house
                .done(&["show", serial, "--pem"])
                .starts_with("-----BEGIN")
        );
    }
    let device = fs::metadata("/dev/full").unwrap().file_type();
    assert!(device.is_char_device(), "it is written to, not replaced");
}

#[cfg(unix)]
#[test]
fn a_directory_that_can_t_be_written_to_is_told() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;

    let house = House::founded();
    house.signed();
    let open = |path: std::path::PathBuf, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    // Root writes everywhere; as somebody else it may not even write where everybody may read.
    let is_root = fs::metadata(house.path()).unwrap().uid() == 0;
    open(house.path().to_owned(), 0o755);
    for entry in fs::read_dir(house.path().join("ca")).unwrap() {
        open(entry.unwrap().path(), 0o444);
    }
    open(house.path().join("ca"), 0o555);
    let run = |arguments: &[&str]| {
        let mut command = sealbank();
        command.arg("ca").args(arguments).current_dir(house.path());
        if is_root {
            command.uid(65_534).gid(65_534);
        }
        command.output()
    };
    let Ok(output) = run(&["crl"]) else {
        eprintln!("passed over: nobody may run the program where it lies");
        return;
    };
    told(&house, "read-only", &output, 3);
    // Who only looks needs to write nothing: so a backup on a read-only disk can be audited.
    for look in ["list", "audit"] {
        let looked = run(&[look]).unwrap();
        assert!(looked.status.success(), "{look}: {looked:?}");
    }
    open(house.path().join("ca"), 0o755);
}
