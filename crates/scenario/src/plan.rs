//! [`Suite`]: every case of every file, with all names resolved; made only when nothing is wrong anywhere.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealbank_bank::{BankProfile, Settings};
use time::OffsetDateTime;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files::Files;
use crate::model::{Check, Claim, Kept, Roster, SnapshotClaim, Step};
use crate::node::Node;
use crate::parse::parse;
use crate::read::{self, FileId, Play, Script, Shelf};
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
    script: Script,
    place: crate::source::Span,
}

/// A row of `for-each` that its author leaves out, so that nobody takes it for forgotten.
#[derive(Debug, Clone)]
pub struct LeftOut {
    /// The id that the case would have.
    pub id: String,
    /// The title of its case.
    pub title: Title,
    /// Words by which it would be chosen.
    pub tags: BTreeSet<String>,
    /// What its file has in common.
    pub scene: Arc<Scene>,
    /// Where its case's name stands.
    pub case: crate::source::Span,
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
    load_with_files(paths).0
}

/// The same, and the files that it comes from: those that were given and those that they use, also where one is wrong or
/// not there. A change of one of them, or of what lies in a directory that was given, can change what is loaded.
pub fn load_with_files<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
) -> (Result<Suite, Diagnostics>, BTreeSet<PathBuf>) {
    let mistakes = RefCell::default();
    let files = Files::gather(paths, &mistakes);
    (resolve(&files, mistakes), files.sought())
}

/// The same for texts that are at hand. Nothing is kept beside them, so their snapshots are taken and not compared.
///
/// # Errors
/// As [`load`].
pub fn load_sources(sources: &[SourceFile]) -> Result<Suite, Diagnostics> {
    resolve(&Files::at_hand(sources), RefCell::default())
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

    /// The files that its snapshots are kept in, also those that are not there.
    #[must_use]
    pub fn snapshot_files(&self) -> BTreeSet<PathBuf> {
        let steps = self.cases.iter().flat_map(|case| {
            let script = &case.script;
            script.steps.iter().chain(&script.after)
        });
        let claims = steps.flat_map(|step| &step.checks);
        claims
            .filter_map(|check| match &check.claim {
                Claim::Snapshot(claim) => Some(claim.file.clone()),
                _ => None,
            })
            .collect()
    }

    /// The same with every snapshot taken anew: none of them fails, and what was taken is told in
    /// [`StepEnd::snapshots`](crate::StepEnd::snapshots).
    #[must_use]
    pub fn with_new_snapshots(mut self) -> Self {
        for claim in self.snapshots() {
            claim.kept = Kept::Anything;
        }
        self
    }

    fn snapshots(&mut self) -> impl Iterator<Item = &mut SnapshotClaim> {
        let steps = self.cases.iter_mut().flat_map(|case| {
            let script = &mut case.script;
            script.steps.iter_mut().chain(&mut script.after)
        });
        steps
            .flat_map(|step| &mut step.checks)
            .filter_map(|check| match &mut check.claim {
                Claim::Snapshot(claim) => Some(claim),
                _ => None,
            })
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
        &self.script.steps
    }

    /// Steps that are done after the others, whatever became of them.
    #[must_use]
    pub fn after(&self) -> &[Step] {
        &self.script.after
    }

    /// What has to hold after every step.
    #[must_use]
    pub fn always(&self) -> &[Check] {
        &self.script.always
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

fn resolve(files: &Files, mistakes: RefCell<Vec<Diagnostic>>) -> Result<Suite, Diagnostics> {
    let mut ids = BTreeMap::new();
    let mut suite = Suite::default();
    let mut shelf = Shelf::default();
    for source in files.sources() {
        let key = Files::key(Path::new(source.path()));
        if shelf.has(&key) {
            continue;
        }
        match parse(source) {
            Ok(node) => {
                let file = read::take_in(&mut shelf, &key, &node, files, &mistakes);
                if !read::is_common(&node) {
                    resolve_file(&node, (&shelf, file), &mut suite, &mut ids, &mistakes);
                }
            }
            Err(diagnostic) => mistakes.borrow_mut().push(*diagnostic),
        }
    }
    let mut kept: BTreeMap<PathBuf, Kept> = BTreeMap::new();
    for claim in suite.snapshots() {
        if !kept.contains_key(&claim.file) {
            let found = files.kept(&claim.file).unwrap_or_else(|diagnostic| {
                mistakes.borrow_mut().push(*diagnostic);
                Kept::Nothing
            });
            kept.insert(claim.file.clone(), found);
        }
        if let Some(found) = kept.get(&claim.file) {
            claim.kept.clone_from(found);
        }
    }
    match Diagnostics::gather(mistakes.into_inner()) {
        Some(diagnostics) => Err(diagnostics),
        None => Ok(suite),
    }
}

fn resolve_file(
    node: &Node,
    (shelf, file): (&Shelf, FileId),
    suite: &mut Suite,
    ids: &mut BTreeMap<String, String>,
    mistakes: &RefCell<Vec<Diagnostic>>,
) {
    let Some(header) = read::header(node, mistakes) else {
        return;
    };
    let read = read::cases(&header, shelf, file, mistakes);
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
            Play::Steps(script) => suite.cases.push(PlannedCase {
                id,
                title: case.title,
                tags: case.tags,
                scene: Arc::clone(&scene),
                script: *script,
                place: case.at.span,
            }),
            Play::LeftOut { because } => suite.left_out.push(LeftOut {
                id,
                title: case.title,
                tags: case.tags,
                scene: Arc::clone(&scene),
                case: case.at.span,
                because: because.value,
                place: because.span,
            }),
        }
    }
}
