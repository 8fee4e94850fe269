//! [`ProfileFile`]: `sealbank.toml`, found, read and judged whole, whichever profile of it is meant.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use sealbank_scenario::{Diagnostic, SourceFile, Span, did_you_mean};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::key::{KEYS, Key, Kind};

/// What the file is called where none is named.
pub(super) const NAME: &str = "sealbank.toml";

/// Longer ones were not written by a person.
const MAX_BYTES: u64 = 1024 * 1024;

/// Profiles by their names.
#[derive(Debug, Default)]
pub(super) struct ProfileFile {
    pub(super) profiles: BTreeMap<String, Profile>,
}

/// What a profile says, by key.
pub(super) type Profile = BTreeMap<&'static str, Said>;

/// One value of a profile.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// What the flag is given; none where it is left away.
    pub(super) value: Option<String>,
    /// Where the key stands.
    pub(super) place: Span,
}

impl ProfileFile {
    /// The file in the current directory, or in the nearest one above it that has one.
    pub(super) fn find() -> Option<PathBuf> {
        let here = std::env::current_dir().ok()?;
        let depth = here
            .ancestors()
            .position(|directory| directory.join(NAME).is_file())?;
        let up: PathBuf = std::iter::repeat_n("..", depth).collect();
        Some(up.join(NAME))
    }

    /// Reads it; every mistake of it comes along.
    pub(super) fn read(path: &Path) -> (Self, Vec<Diagnostic>) {
        let name = path.display().to_string();
        let source = match text(path) {
            Ok(text) => SourceFile::new(&name, &text),
            Err(error) => {
                let mistake = Diagnostic::of_file(&name, format!("can't be read: {error}"));
                let mend = "profiles are a file of TOML, which --config names, or sealbank.toml";
                return (Self::default(), vec![mistake.mend(mend)]);
            }
        };
        let mut reader = Reader {
            source: &source,
            directory: path.parent().unwrap_or(Path::new("")),
            mistakes: Vec::new(),
        };
        let profiles = reader.profiles();
        (Self { profiles }, reader.mistakes)
    }
}

fn text(path: &Path) -> std::io::Result<String> {
    let wrong = |what| std::io::Error::new(std::io::ErrorKind::InvalidInput, what);
    if !std::fs::metadata(path)?.is_file() {
        return Err(wrong("it is not a file"));
    }
    let mut text = String::new();
    let read = std::fs::File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)?;
    match read as u64 > MAX_BYTES {
        true => Err(wrong("it has more than a megabyte")),
        false => Ok(text),
    }
}

/// Walks through the file and gathers what is wrong.
struct Reader<'f> {
    source: &'f SourceFile,
    directory: &'f Path,
    mistakes: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn profiles(&mut self) -> BTreeMap<String, Profile> {
        let source = self.source.clone();
        let (root, errors) = DeTable::parse_recoverable(source.text());
        for error in &errors {
            let place = source.span(error.span().unwrap_or_default());
            self.mistakes.push(Diagnostic::new(place, error.message()));
        }
        if !errors.is_empty() {
            // What was read around a mistake of writing may not be what was meant.
            return BTreeMap::new();
        }
        let mut profiles = BTreeMap::new();
        for (key, value) in root.get_ref() {
            let table = value.get_ref().as_table();
            match (key.get_ref().as_ref(), table) {
                ("profile", Some(table)) => {
                    for (name, value) in table {
                        if let Some(profile) = self.profile(name, value) {
                            profiles.insert(name.get_ref().to_string(), profile);
                        }
                    }
                }
                ("profile", None) => self.wrong(
                    key,
                    "`profile` holds profiles".to_owned(),
                    "write [profile.default]".to_owned(),
                ),
                (other, _) => {
                    let mend = match Key::named(other) {
                        Some(_) => "write it under [profile.default]",
                        None => "write [profile.default], and its keys below it",
                    };
                    self.wrong(key, format!("there is no `{other}` here"), mend.to_owned());
                }
            }
        }
        profiles
    }

    fn profile(
        &mut self,
        name: &Spanned<impl AsRef<str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<Profile> {
        let Some(table) = value.get_ref().as_table() else {
            let name_of = name.get_ref().as_ref();
            let mend = match Key::named(name_of) {
                Some(_) => "write it under [profile.default]".to_owned(),
                None => format!("write [profile.{name_of}], and its keys below it"),
            };
            self.wrong(name, format!("`{name_of}` is no profile"), mend);
            return None;
        };
        let mut profile = Profile::new();
        if let (Some((target, _)), true) =
            (table.get_key_value("target"), table.contains_key("driver"))
        {
            let what = "`target` and `driver` both say with which bank people deal";
            self.wrong(target, what.to_owned(), "leave one of them away".to_owned());
        }
        for (key, value) in table {
            if let Some((name, said)) = self.said(key, value) {
                profile.insert(name, said);
            }
        }
        Some(profile)
    }

    fn said(
        &mut self,
        name: &Spanned<impl AsRef<str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<(&'static str, Said)> {
        let name_of = name.get_ref().as_ref();
        let Some(key) = Key::named(name_of) else {
            let known = || KEYS.iter().map(|key| key.name);
            let mend = match did_you_mean(name_of, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if Key::is_flag(name_of) => {
                    format!("--{name_of} is said on the command line alone")
                }
                None => format!("the keys are {}", known().collect::<Vec<_>>().join(", ")),
            };
            self.wrong(name, format!("no profile has a key `{name_of}`"), mend);
            return None;
        };
        let Some(text) = written(key.kind, value.get_ref()) else {
            let found = words(value.get_ref());
            let what = format!("`{}` takes {}, not {found}", key.name, key.kind.words());
            let mend = format!("write {} = {}", key.name, key.example);
            self.wrong(value, what, mend);
            return None;
        };
        match key.value(&text) {
            Ok(said) => {
                let said = Said {
                    value: said.map(|text| self.seen_from_here(key, text)),
                    place: self.source.span(name.span()),
                };
                Some((key.name, said))
            }
            Err(unfit) => {
                self.wrong(value, unfit.what, unfit.mend);
                None
            }
        }
    }

    /// A path in the file is one from the file.
    fn seen_from_here(&self, key: &Key, text: String) -> String {
        match key.kind {
            Kind::Path if text != "-" => self.directory.join(text).display().to_string(),
            _ => text,
        }
    }

    fn wrong<T>(&mut self, at: &Spanned<T>, what: String, mend: String) {
        let place = self.source.span(at.span());
        self.mistakes.push(Diagnostic::new(place, what).mend(mend));
    }
}

/// A value in the words of the flag, if it is of the right kind.
fn written(kind: Kind, value: &DeValue<'_>) -> Option<String> {
    match (kind, value) {
        (Kind::Number | Kind::Limit, DeValue::Integer(number)) => {
            // One that no flag could hold is left to the flag to refuse.
            let read = i128::from_str_radix(number.as_str(), number.radix());
            Some(read.map_or_else(|_| number.as_str().to_owned(), |read| read.to_string()))
        }
        (Kind::Switch | Kind::Limit, DeValue::Boolean(on)) => Some(on.to_string()),
        (Kind::Word | Kind::Path, DeValue::String(text)) => Some(text.to_string()),
        _ => None,
    }
}

/// What stands where something else should.
fn words(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a moment",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (ProfileFile, String) {
        let directory = tempfile::tempdir().unwrap();
        read_in(directory.path(), text)
    }

    fn read_in(directory: &Path, text: &str) -> (ProfileFile, String) {
        let path = directory.join(NAME);
        std::fs::write(&path, text).unwrap();
        let (file, mistakes) = ProfileFile::read(&path);
        let here = format!("{}/", directory.display());
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        (file, mistakes.join("\n").replace(&here, ""))
    }

    #[test]
    fn values_are_taken_as_the_flag_takes_them() {
        let text = "[profile.ci]\njobs = 0x10\nfail-fast = true\ndriver = 'both'\ngithub = false\n\
                    [profile.slow-one]\nfail-fast = false\nseed = 1_000\n";
        let (file, mistakes) = read(text);
        assert_eq!(mistakes, "");
        let value = |profile: &str, key: &str| file.profiles[profile][key].value.clone();
        assert_eq!(value("ci", "jobs").as_deref(), Some("16"));
        assert_eq!(value("ci", "fail-fast").as_deref(), Some("1"));
        assert_eq!(value("ci", "driver").as_deref(), Some("both"));
        assert_eq!(value("ci", "github").as_deref(), Some("false"));
        assert_eq!(value("slow-one", "fail-fast"), None);
        assert_eq!(value("slow-one", "seed").as_deref(), Some("1000"));
        let place = &file.profiles["slow-one"]["seed"].place;
        assert_eq!(place.line_and_column(), (8, 1));
    }

    #[test]
    fn a_path_is_seen_from_its_file_and_standard_output_is_itself() {
        let directory = tempfile::tempdir().unwrap();
        let text = "[profile.default]\njunit = 'out/r.xml'\njson = '-'\n";
        let (file, mistakes) = read_in(directory.path(), text);
        assert_eq!(mistakes, "");
        let profile = &file.profiles["default"];
        let beside = directory.path().join("out/r.xml");
        assert_eq!(profile["junit"].value, Some(beside.display().to_string()));
        assert_eq!(profile["json"].value.as_deref(), Some("-"));
    }

    #[test]
    fn every_mistake_is_named_at_its_place_in_one_go() {
        let text = "jobs = 3\n[profiles.ci]\n[profile]\nretries = 1\n[profile.ci]\njbos = 4\njobs = \"4\"\n\
                    driver = \"inprocess\"\nretries = -1\nsomething = 1\nshard = \"1/2\"\ngithub = 1979-05-27\n";
        insta::assert_snapshot!(read(text).1);
    }

    #[test]
    fn what_is_not_toml_is_told_with_its_place() {
        insta::assert_snapshot!(read("[profile.ci]\njobs = \ndriver = \"both\n").1);
    }
}
