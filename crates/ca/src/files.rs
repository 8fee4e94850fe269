//! Files that appear whole or not at all. What lies in them is for `keystore` to know.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use pkcs8::der::pem;
use sealbank_journal::JournalError;
use zeroize::Zeroizing;

use crate::CaError;

/// Files that were written and are removed again unless they are kept.
pub(crate) struct NewFiles(Vec<PathBuf>);

impl NewFiles {
    /// Writes files where nothing is, or none of them.
    pub(crate) fn write(files: &[(PathBuf, &str, Readers)]) -> Result<Self, CaError> {
        if let Some((path, ..)) = files.iter().find(|(path, ..)| path.exists()) {
            return Err(CaError::Exists { path: path.clone() });
        }
        let mut written = Self(Vec::new());
        for (path, content, readers) in files {
            write_new(path, content, *readers)?;
            written.0.push(path.clone());
        }
        Ok(written)
    }

    /// No file at all.
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    /// Keeps the files, unless the journal has certainly not recorded what they belong to.
    pub(crate) fn keep_unless_refused<T>(
        mut self,
        recorded: Result<T, CaError>,
    ) -> Result<T, CaError> {
        let perhaps_recorded = matches!(
            recorded,
            Ok(_) | Err(CaError::Journal(JournalError::Closed { .. }))
        );
        if perhaps_recorded {
            self.0.clear();
        }
        recorded
    }
}

impl Drop for NewFiles {
    fn drop(&mut self) {
        for path in &self.0 {
            // There is nobody to tell, and a file that stays is noticed by the next attempt.
            let _ = fs::remove_file(path);
        }
    }
}

/// Who may read a file.
#[derive(Clone, Copy)]
pub(crate) enum Readers {
    Everybody,
    Owner,
}

/// Writes beside the place, syncs, and links into place, which fails if something is there.
fn write_new(path: &Path, content: &str, readers: Readers) -> Result<(), CaError> {
    let draft = write_draft(path, content, readers)?;
    let written = fs::hard_link(&draft, path).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => CaError::Exists {
            path: path.to_owned(),
        },
        _ => failure(path, "write the file")(source),
    });
    let removed = fs::remove_file(&draft).map_err(failure(&draft, "remove the draft"));
    written.and(removed)
}

/// The same in the place of what is there: a reader finds the old file or the new one.
pub(crate) fn replace(path: &Path, content: &str) -> Result<(), CaError> {
    let draft = write_draft(path, content, Readers::Everybody)?;
    fs::rename(&draft, path).map_err(failure(path, "replace the file"))
}

/// Gives a file another name, under which nothing is yet.
pub(crate) fn rename_new(from: &Path, to: &Path) -> Result<(), CaError> {
    match fs::hard_link(from, to) {
        Err(source) if source.kind() == ErrorKind::NotFound && to.exists() => Ok(()),
        Err(source) if source.kind() != ErrorKind::AlreadyExists => {
            Err(failure(to, "write the file")(source))
        }
        // It has both names if a process ended in between; another file may not be there.
        Err(_) if !same_content(from, to)? => Err(CaError::Exists {
            path: to.to_owned(),
        }),
        _ => fs::remove_file(from).map_err(failure(from, "rename the file")),
    }
}

fn same_content(one: &Path, other: &Path) -> Result<bool, CaError> {
    let read = |path: &Path| {
        let content = fs::read(path).map_err(failure(path, "read the file"))?;
        Ok::<_, CaError>(Zeroizing::new(content))
    };
    Ok(read(one)? == read(other)?)
}

/// Moves a file out of the way, beside its place, where it replaces what was there.
pub(crate) fn set_aside(path: &Path) -> Result<(), CaError> {
    match fs::rename(path, path.with_extension("pem.unrecorded")) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(failure(path, "set the file aside")(source))
        }
        _ => Ok(()),
    }
}

fn remove_if_there(path: &Path) -> Result<(), CaError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(failure(path, "remove the file")(source))
        }
        _ => Ok(()),
    }
}

/// Makes names in directories durable.
pub(crate) fn sync(directories: &[&Path]) -> Result<(), CaError> {
    for directory in directories {
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(failure(directory, "sync the directory"))?;
    }
    Ok(())
}

pub(crate) fn make_directory(path: &Path) -> Result<PathBuf, CaError> {
    fs::create_dir_all(path).map_err(failure(path, "make the directory"))?;
    path.canonicalize()
        .map_err(failure(path, "resolve the directory"))
}

/// The content of a file that is one PEM block with this label.
pub(crate) fn read_pem(path: &Path, label: &str) -> Result<Vec<u8>, CaError> {
    let (found, der) = read_pem_block(path)?;
    if found == label {
        return Ok(der.to_vec());
    }
    let problem = format!("it is labelled {found:?} instead of {label:?}");
    Err(malformed_file(path, &problem))
}

/// The label and the content of a file that is one PEM block.
pub(crate) fn read_pem_block(path: &Path) -> Result<(String, Zeroizing<Vec<u8>>), CaError> {
    let text = Zeroizing::new(fs::read(path).map_err(failure(path, "read the file"))?);
    let (label, der) =
        pem::decode_vec(&text).map_err(|problem| malformed_file(path, &problem.to_string()))?;
    Ok((label.to_owned(), Zeroizing::new(der)))
}

pub(crate) fn malformed_file(path: &Path, problem: &str) -> CaError {
    CaError::Malformed {
        what: "a file of the authority",
        problem: format!("{}: {problem}", path.display()),
    }
}

/// The content in a file beside its place, on the disk.
fn write_draft(path: &Path, content: &str, readers: Readers) -> Result<PathBuf, CaError> {
    let draft = path.with_extension("pem.new");
    // Only a process that ended halfway leaves one behind, and it was never in place.
    remove_if_there(&draft)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(match readers {
            Readers::Everybody => 0o644,
            Readers::Owner => 0o600,
        });
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = options
        .open(&draft)
        .map_err(failure(&draft, "create the file"))?;
    let filled = file
        .write_all(content.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(failure(path, "write the file"));
    if filled.is_err() {
        // The first failure is the one to tell.
        let _ = fs::remove_file(&draft);
    }
    filled.map(|()| draft)
}

fn failure(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> CaError {
    let path = path.to_owned();
    move |source| CaError::Io {
        path,
        doing,
        source,
    }
}
