//! [`Sight`]: which files a run comes from, and where to look for changes of them.
//!
//! A file is looked at through its directory, because editors write a new file and move it over the old one. Paths are
//! compared as the system tells them, with links resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use notify::RecursiveMode;

/// What a watching run looks at.
#[derive(Debug)]
pub(super) struct Sight {
    files: BTreeSet<PathBuf>,
    /// Directories of scenarios, in which files may come and go.
    roots: Vec<PathBuf>,
    directories: BTreeMap<PathBuf, RecursiveMode>,
}

impl Sight {
    /// `given` are files and directories of scenarios, there or not; `files` is what else a run comes from.
    pub(super) fn new(
        given: impl IntoIterator<Item = PathBuf>,
        files: impl IntoIterator<Item = PathBuf>,
    ) -> Self {
        let mut sight = Self {
            files: BTreeSet::new(),
            roots: Vec::new(),
            directories: BTreeMap::new(),
        };
        for path in given {
            match path.canonicalize() {
                Ok(directory) if directory.is_dir() => {
                    // It may be removed and made again.
                    sight.look_at(&path);
                    let whole = RecursiveMode::Recursive;
                    sight.directories.insert(directory.clone(), whole);
                    sight.roots.push(directory);
                }
                _ => sight.look_at(&path),
            }
        }
        for file in files {
            sight.look_at(&file);
        }
        sight
    }

    /// Whether a change at `path` is one of what a run comes from.
    pub(super) fn holds(&self, path: &Path) -> bool {
        let yaml = path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        let in_roots = self.roots.iter().any(|root| path.starts_with(root));
        (yaml && in_roots) || self.files.iter().any(|file| file.starts_with(path))
    }

    /// The directories to look at, each alone or with all below it.
    pub(super) fn directories(&self) -> impl Iterator<Item = (&Path, RecursiveMode)> {
        let directories = self.directories.iter();
        directories.map(|(directory, mode)| (directory.as_path(), *mode))
    }

    /// How much that is, for whoever waits.
    pub(super) fn words(&self) -> String {
        match self.files.iter().filter(|file| file.is_file()).count() {
            1 => "1 file".to_owned(),
            count => format!("{count} files"),
        }
    }

    /// A file through its directory, or, if that is not there, through the nearest one above that is.
    fn look_at(&mut self, path: &Path) {
        let Ok(path) = std::path::absolute(path) else {
            return;
        };
        let there = path.ancestors().skip(1).find_map(|directory| {
            let real = directory.canonicalize().ok()?;
            Some((real, path.strip_prefix(directory).ok()?))
        });
        if let Some((directory, rest)) = there {
            self.files.insert(directory.join(rest));
            let alone = RecursiveMode::NonRecursive;
            self.directories.entry(directory).or_insert(alone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_comes_from_its_files_and_from_what_lies_in_its_directories() {
        let house = tempfile::tempdir().unwrap();
        let here = house.path().canonicalize().unwrap();
        std::fs::create_dir_all(here.join("scenarios/deep")).unwrap();
        std::fs::create_dir_all(here.join("elsewhere")).unwrap();
        let given = ["scenarios", "elsewhere/one.yaml", "later"].map(|name| here.join(name));
        let files = ["elsewhere/used.yaml", "sealbank.toml"].map(|name| here.join(name));
        let sight = Sight::new(given, files);
        for (name, holds) in [
            ("scenarios/new.yaml", true),
            ("scenarios/deep/new.yml", true),
            ("scenarios/notes.txt", false),
            ("scenarios", true),
            ("elsewhere/one.yaml", true),
            ("elsewhere/used.yaml", true),
            ("elsewhere/other.yaml", false),
            // Moved away with all that is in it.
            ("elsewhere", true),
            ("later", true),
            ("sealbank.toml", true),
            ("report.xml", false),
        ] {
            assert_eq!(sight.holds(&here.join(name)), holds, "{name}");
        }
        let directories: Vec<_> = sight.directories().collect();
        assert_eq!(
            directories,
            [
                (here.as_path(), RecursiveMode::NonRecursive),
                (&here.join("elsewhere"), RecursiveMode::NonRecursive),
                (&here.join("scenarios"), RecursiveMode::Recursive),
            ]
        );
    }

    #[test]
    fn where_a_directory_is_missing_the_one_above_is_looked_at() {
        let house = tempfile::tempdir().unwrap();
        let here = house.path().canonicalize().unwrap();
        let sight = Sight::new([here.join("a/b/c.yaml")], []);
        assert!(sight.holds(&here.join("a")) && !sight.holds(&here.join("b")));
        let directories: Vec<_> = sight.directories().collect();
        assert_eq!(directories, [(here.as_path(), RecursiveMode::NonRecursive)]);
        assert_eq!(sight.words(), "0 files");
    }
}
