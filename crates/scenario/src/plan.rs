//! [`Suite`]: every case of every file, with all names resolved; made only when nothing is wrong anywhere.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealbank_bank::{BankProfile, Settings};
use time::OffsetDateTime;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Roster, Step};
use crate::parse::{MAX_FILE_BYTES, parse};
use crate::read::{self, Play};
use crate::source::SourceFile;

pub use crate::read::Title;

/// Cases, ready to be run, in the order of files and lines.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    cases: Vec<PlannedCase>,
    left_out: Vec<LeftOut>,
}

/// One case with the world it begins in.
#[derive(Debug, Clone)]
pub struct PlannedCase {
    id: String,
    title: Title,
    tags: BTreeSet<String>,
    scene: Arc<Scene>,
    steps: Vec<Step>,
    place: crate::source::Span,
}

/// A row of `for-each` that its author leaves out, so that nobody takes it for forgotten.
#[derive(Debug, Clone)]
pub struct LeftOut {
    /// The id that the case would have.
    pub id: String,
    /// The title of its case.
    pub title: Title,
    /// Why it makes no sense.
    pub because: String,
    /// Where that is written.
    pub place: crate::source::Span,
}

/// What all cases of a file have in common.
#[derive(Debug)]
pub struct Scene {
    /// The file's title.
    pub title: Title,
    /// When each case begins.
    pub start: OffsetDateTime,
    /// The bank's rules.
    pub settings: Settings,
    /// The bank's name and subject.
    pub profile: BankProfile,
    /// PCs with their OS profiles.
    pub pcs: BTreeMap<String, BTreeSet<String>>,
    /// Who takes part.
    pub roster: Roster,
}

/// Reads scenario files, and directories of them (`*.yaml`, `*.yml`, also below), and resolves everything.
///
/// # Errors
/// Every mistake of every file at once; nothing can be run then.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let suite = sealbank_scenario::load([concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/manual.yaml")])?;
/// assert!(suite.cases().all(|case| case.id().starts_with("manual/")));
/// # Ok(())
/// # }
/// ```
pub fn load<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Suite, Diagnostics> {
    let mistakes = RefCell::default();
    let mut files = Vec::new();
    for path in paths {
        gather(path.as_ref(), &mut files, &mistakes);
    }
    let sources: Vec<SourceFile> = files
        .iter()
        .filter_map(|path| read_file(path, &mistakes))
        .collect();
    resolve(&sources, mistakes)
}

/// The same for texts that are at hand.
///
/// # Errors
/// As [`load`].
pub fn load_sources(sources: &[SourceFile]) -> Result<Suite, Diagnostics> {
    resolve(sources, RefCell::default())
}

impl Suite {
    /// The cases.
    pub fn cases(&self) -> impl Iterator<Item = &PlannedCase> {
        self.cases.iter()
    }

    /// The rows that are left out by design, in the order of files and lines.
    pub fn left_out(&self) -> impl Iterator<Item = &LeftOut> {
        self.left_out.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }
}

impl PlannedCase {
    /// The id: scenario, case and row, such as `interruptions/forbidden[delivered,power-off]`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The title.
    #[must_use]
    pub fn title(&self) -> &Title {
        &self.title
    }

    /// Words by which it is chosen: those of its file and its own.
    #[must_use]
    pub fn tags(&self) -> &BTreeSet<String> {
        &self.tags
    }

    /// The world it begins in.
    #[must_use]
    pub fn scene(&self) -> &Arc<Scene> {
        &self.scene
    }

    /// Its steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The file it stands in.
    #[must_use]
    pub fn path(&self) -> &str {
        self.place.file().path()
    }

    /// Where its name stands.
    #[must_use]
    pub fn place(&self) -> &crate::source::Span {
        &self.place
    }
}

fn resolve(
    sources: &[SourceFile],
    mistakes: RefCell<Vec<Diagnostic>>,
) -> Result<Suite, Diagnostics> {
    let mut ids = BTreeMap::new();
    let mut suite = Suite::default();
    for source in sources {
        resolve_file(source, &mut suite, &mut ids, &mistakes);
    }
    match Diagnostics::gather(mistakes.into_inner()) {
        Some(diagnostics) => Err(diagnostics),
        None => Ok(suite),
    }
}

fn resolve_file(
    source: &SourceFile,
    suite: &mut Suite,
    ids: &mut BTreeMap<String, String>,
    mistakes: &RefCell<Vec<Diagnostic>>,
) {
    let node = match parse(source) {
        Ok(node) => node,
        Err(diagnostic) => {
            mistakes.borrow_mut().push(*diagnostic);
            return;
        }
    };
    let Some(header) = read::header(&node, mistakes) else {
        return;
    };
    let read = read::cases(&header, mistakes);
    let scene = Arc::new(Scene {
        title: header.title,
        start: header.start,
        settings: header.settings,
        profile: header.profile,
        pcs: header.pcs,
        roster: header.roster,
    });
    for case in read {
        let id = format!("{}/{}", header.id.value, case.name);
        let place = case.at.span.to_string();
        if let Some(before) = ids.insert(id.clone(), place) {
            let what = format!("there are two cases `{id}`; the other one is at {before}");
            let diagnostic = Diagnostic::new(case.at.span.clone(), what);
            mistakes
                .borrow_mut()
                .push(diagnostic.mend("give scenario, case and rows names of their own"));
        }
        match case.play {
            Play::Steps(steps) => suite.cases.push(PlannedCase {
                id,
                title: case.title,
                tags: case.tags,
                scene: Arc::clone(&scene),
                steps,
                place: case.at.span,
            }),
            Play::LeftOut { because } => suite.left_out.push(LeftOut {
                id,
                title: case.title,
                because: because.value,
                place: because.span,
            }),
        }
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
        Err(error) => complain(path, &error, mistakes),
    }
}

fn read_file(path: &Path, mistakes: &RefCell<Vec<Diagnostic>>) -> Option<SourceFile> {
    let name = path.to_string_lossy();
    match read_bounded(path) {
        Ok(Some(text)) => Some(SourceFile::new(&name, &text)),
        Ok(None) => {
            let what = format!("the file has more than {MAX_FILE_BYTES} bytes");
            let diagnostic = Diagnostic::of_file(&name, what).mend("split it");
            mistakes.borrow_mut().push(diagnostic);
            None
        }
        Err(error) => {
            complain(path, &error, mistakes);
            None
        }
    }
}

/// The text of a file; none when it is longer than a scenario may be, however long it really is.
fn read_bounded(path: &Path) -> std::io::Result<Option<String>> {
    if !std::fs::metadata(path)?.is_file() {
        let what = "it is not a file";
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, what));
    }
    let mut text = String::new();
    let bound = MAX_FILE_BYTES as u64 + 1;
    std::fs::File::open(path)?
        .take(bound)
        .read_to_string(&mut text)?;
    Ok((text.len() <= MAX_FILE_BYTES).then_some(text))
}

fn complain(path: &Path, error: &std::io::Error, mistakes: &RefCell<Vec<Diagnostic>>) {
    let diagnostic =
        Diagnostic::of_file(&path.to_string_lossy(), format!("can't be read: {error}"));
    mistakes
        .borrow_mut()
        .push(diagnostic.mend("name scenario files in UTF-8, or directories of them"));
}
