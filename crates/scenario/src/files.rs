//! [`Files`]: where the text of scenarios comes from, and what a scenario may `use`.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::model::Kept;
use crate::node::Node;
use crate::parse::{MAX_FILE_BYTES, parse};
use crate::read::Finder;
use crate::source::{At, SourceFile};

/// The files that are loaded, and the directories in which others may be used.
#[derive(Debug)]
pub(crate) struct Files {
    sources: Vec<SourceFile>,
    directories: Vec<PathBuf>,
    /// What was looked for on the disk, found or not.
    sought: RefCell<BTreeSet<PathBuf>>,
    disk: Disk,
}

/// Whether files that were not given can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disk {
    Readable,
    OutOfReach,
}

impl Files {
    /// Reads files, and directories of them; what can't be read is a mistake.
    pub(crate) fn gather<P: AsRef<Path>>(
        paths: impl IntoIterator<Item = P>,
        mistakes: &RefCell<Vec<Diagnostic>>,
    ) -> Self {
        let (mut files, mut directories) = (Vec::new(), Vec::new());
        for path in paths {
            let path = path.as_ref();
            if path.is_dir() {
                directories.push(path.to_owned());
            }
            gather(path, &mut files, mistakes);
        }
        let read = |path: &PathBuf| match read_file(path) {
            Ok(source) => Some(source),
            Err(diagnostic) => {
                mistakes.borrow_mut().push(*diagnostic);
                None
            }
        };
        Self {
            sources: files.iter().filter_map(read).collect(),
            directories,
            sought: RefCell::new(files.iter().cloned().collect()),
            disk: Disk::Readable,
        }
    }

    /// Texts that are at hand; they may use each other and nothing else.
    pub(crate) fn at_hand(sources: &[SourceFile]) -> Self {
        Self {
            sources: sources.to_vec(),
            directories: Vec::new(),
            sought: RefCell::default(),
            disk: Disk::OutOfReach,
        }
    }

    /// What a snapshot's file keeps.
    pub(crate) fn kept(&self, snapshot: &Path) -> Result<Kept, Box<Diagnostic>> {
        if self.disk == Disk::OutOfReach {
            return Ok(Kept::Anything);
        }
        self.sought.borrow_mut().insert(snapshot.to_owned());
        match snapshot.try_exists() {
            Ok(false) => Ok(Kept::Nothing),
            _ => read_file(snapshot).map(|source| Kept::Text(source.text().to_owned())),
        }
    }

    /// What was given.
    pub(crate) fn sources(&self) -> &[SourceFile] {
        &self.sources
    }

    /// The files on the disk that were given and that were used, also those that are wrong or not there.
    pub(crate) fn sought(self) -> BTreeSet<PathBuf> {
        self.sought.into_inner()
    }

    /// The name by which a file is known once, however it is reached.
    pub(crate) fn key(path: &Path) -> String {
        let mut parts: Vec<Component<'_>> = Vec::new();
        for part in path.components() {
            match (part, parts.last()) {
                (Component::CurDir, _) => {}
                (Component::ParentDir, Some(Component::Normal(_))) => {
                    parts.pop();
                }
                _ => parts.push(part),
            }
        }
        let path: PathBuf = parts.into_iter().collect();
        path.to_string_lossy().into_owned()
    }

    /// Whether `user` may use what lies at `wanted`: beside or below him, or in a directory that was loaded.
    fn within_reach(&self, user: &Path, wanted: &Path) -> bool {
        let beside = user.parent().unwrap_or(Path::new(""));
        let mut allowed = self
            .directories
            .iter()
            .map(PathBuf::as_path)
            .chain([beside]);
        match self.disk {
            Disk::OutOfReach => true,
            Disk::Readable => {
                // A link could lead out of the directory.
                let Ok(real) = wanted.canonicalize() else {
                    return false;
                };
                allowed.any(|directory| {
                    let directory = match directory.as_os_str().is_empty() {
                        true => Path::new("."),
                        false => directory,
                    };
                    directory
                        .canonicalize()
                        .is_ok_and(|directory| real.starts_with(directory))
                })
            }
        }
    }
}

impl Finder for Files {
    fn find(&self, wanted: &At<String>) -> Result<(String, Node), Box<Diagnostic>> {
        let place = Path::new(wanted.span.file().path());
        let span = wanted.span.clone();
        let wanted = place.parent().unwrap_or(Path::new("")).join(&wanted.value);
        let key = Self::key(&wanted);
        let mut sources = self.sources.iter();
        let given = sources.find(|source| Self::key(Path::new(source.path())) == key);
        if let Some(source) = given {
            return Ok((key, parse(source)?));
        }
        let refuse = |what: String| {
            let mend = "name a file beside the one that uses it, or in a directory that is loaded";
            Err(Box::new(Diagnostic::new(span, what).mend(mend)))
        };
        self.sought.borrow_mut().insert(PathBuf::from(&key));
        if self.disk == Disk::OutOfReach || !wanted.is_file() {
            return refuse(format!("there is no file {key} to use"));
        }
        if !self.within_reach(place, &wanted) {
            return refuse(format!("{key} is out of reach"));
        }
        let source = read_file(Path::new(&key))?;
        Ok((key, parse(&source)?))
    }
}

fn gather(path: &Path, files: &mut Vec<PathBuf>, mistakes: &RefCell<Vec<Diagnostic>>) {
    if !path.is_dir() {
        if !files.iter().any(|known| known == path) {
            files.push(path.to_owned());
        }
        return;
    }
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match entries {
        Ok(entries) => {
            let mut paths: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).collect();
            paths.sort();
            for path in paths {
                let yaml = path
                    .extension()
                    .is_some_and(|extension| extension == "yaml" || extension == "yml");
                // A link could lead in a circle; what it leads to is read where it really is.
                if (path.is_dir() && !path.is_symlink()) || (yaml && path.is_file()) {
                    gather(&path, files, mistakes);
                }
            }
        }
        Err(error) => mistakes.borrow_mut().push(unreadable(path, &error)),
    }
}

fn read_file(path: &Path) -> Result<SourceFile, Box<Diagnostic>> {
    let name = path.to_string_lossy();
    let bytes = read_bounded(path).map_err(|error| Box::new(unreadable(path, &error)))?;
    let Some(bytes) = bytes else {
        let what = format!("the file has more than {MAX_FILE_BYTES} bytes");
        let diagnostic = Diagnostic::of_file(&name, what).mend("split it");
        return Err(Box::new(diagnostic));
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(SourceFile::new(&name, &text)),
        Err(error) => Err(Box::new(not_utf8(&name, error.as_bytes()))),
    }
}

/// The bytes of a file; none when it is longer than a scenario may be, however long it really is.
fn read_bounded(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    if !std::fs::metadata(path)?.is_file() {
        let what = "it is not a file";
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, what));
    }
    let mut bytes = Vec::new();
    let bound = MAX_FILE_BYTES as u64 + 1;
    std::fs::File::open(path)?
        .take(bound)
        .read_to_end(&mut bytes)?;
    Ok((bytes.len() <= MAX_FILE_BYTES).then_some(bytes))
}

/// Names the encoding that the bytes look like, with the line at which they stop being UTF-8.
fn not_utf8(name: &str, bytes: &[u8]) -> Diagnostic {
    let sound = match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) => error.valid_up_to(),
    };
    let before = bytes.get(..sound).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let rest = bytes.get(sound..).unwrap_or_default();
    let looks_like = match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => "UTF-32",
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "UTF-16",
        _ if rest.iter().filter(|byte| **byte == 0).count() > 2 => "no text at all",
        // Two bytes of kanji in a row: the first from 0x81 to 0x9F is a control character in Latin-1.
        _ if matches!(rest, [0x81..=0x9F, 0x40..=0xFC, ..]) => "Shift_JIS",
        _ => "Latin-1 or Windows-1252",
    };
    let what = format!("line {line} is not UTF-8; the file looks like {looks_like}");
    Diagnostic::of_file(name, what).mend("save it as UTF-8")
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let what = format!("can't be read: {error}");
    Diagnostic::of_file(&path.to_string_lossy(), what)
        .mend("name scenario files in UTF-8, or directories of them")
}
