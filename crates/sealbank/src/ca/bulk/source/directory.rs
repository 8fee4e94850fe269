//! The files of a directory, in the order of their names: one request each.

use std::ffi::OsString;
use std::fs::{self, DirEntry, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{Kind, Measure, Source, read_request};
use crate::ca::bulk::entry::{Entry, Fault, Origin};

/// Lists a directory; `None` if there is no file in it. Files whose names begin with a dot, and directories, are
/// passed over.
pub(super) fn open(path: &Path) -> io::Result<Option<Source>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if is_request(&entry)? {
            names.push(entry.file_name());
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    names.sort_unstable();
    let measure = Measure::of(u64::try_from(names.len()).ok());
    let files = Files {
        directory: path.to_owned(),
        names: names.into_iter(),
        measure: measure.clone(),
    };
    Ok(Some(Source {
        kind: Kind::Named,
        entries: Box::new(files),
        measure,
    }))
}

fn is_request(entry: &DirEntry) -> io::Result<bool> {
    if entry.file_name().as_encoded_bytes().starts_with(b".") {
        return Ok(false);
    }
    let kind = entry.file_type()?;
    // A link to nowhere is a request that can't be read; it is told as such.
    Ok(kind.is_file() || kind.is_symlink() && !entry.path().is_dir())
}

struct Files {
    directory: PathBuf,
    names: std::vec::IntoIter<OsString>,
    measure: Measure,
}

impl Iterator for Files {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<io::Result<Entry>> {
        let name = self.names.next()?;
        self.measure.add(1);
        let path = self.directory.join(&name);
        let origin = Origin::File(name.to_string_lossy().into_owned());
        Some(Ok(match File::open(path).and_then(read_request) {
            Ok(bytes) => Entry::plain(origin, bytes),
            Err(error) => Entry {
                wish: Err(Fault::new("unreadable", error)),
                ..Entry::plain(origin, name.as_encoded_bytes().to_vec())
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_in_the_order_of_their_names_and_directories_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["b.pem", "a.der", ".hidden"] {
            fs::write(directory.path().join(name), name).unwrap();
        }
        fs::create_dir(directory.path().join("c")).unwrap();
        let source = open(directory.path()).unwrap().unwrap();
        assert_eq!(source.measure.total, Some(2));
        let entries: Vec<_> = source.entries.map(Result::unwrap).collect();
        let names: Vec<_> = entries.iter().map(|entry| entry.origin.stem()).collect();
        assert_eq!(names, [Some("a"), Some("b")]);
        assert_eq!(entries[0].bytes, b"a.der");
        assert_eq!(source.measure.read(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_can_not_be_read_is_an_entry_with_its_fault() {
        let directory = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("nowhere", directory.path().join("a.pem")).unwrap();
        let source = open(directory.path()).unwrap().unwrap();
        let entries: Vec<_> = source.entries.map(Result::unwrap).collect();
        assert_eq!(entries[0].wish.as_ref().unwrap_err().code, "unreadable");
    }

    #[test]
    fn a_directory_without_files_is_no_input() {
        let directory = tempfile::tempdir().unwrap();
        assert!(open(directory.path()).unwrap().is_none());
    }
}
