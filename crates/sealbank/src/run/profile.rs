//! [`Settled`]: what counts for a run, from the command line, the environment, `sealbank.toml` and what is built in.
//!
//! A flag counts before the environment, that before the chosen profile, that before the profile `default`. What is said
//! elsewhere than on the command line becomes the default of its flag, so that everything after it knows flags alone.

mod file;
mod key;
mod show;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use sealbank_scenario::{Diagnostic, Diagnostics, SourceFile, Span, Style, did_you_mean};

use self::file::{NAME, Profile, ProfileFile, Said};
use self::key::{KEYS, Key, TARGET};
use crate::args::Arguments;
use crate::exit::Failure;
use crate::run::args::{ProfileArguments, RunArguments};

/// The profile that counts where no other says something, and that need not be written.
const DEFAULT: &str = "default";

/// What counts for a run.
#[derive(Debug)]
pub(super) struct Settled {
    /// All of it.
    pub(super) arguments: RunArguments,
    /// The file that was read, if there is one.
    pub(super) file: Option<PathBuf>,
    profile: String,
    entries: Vec<Entry>,
}

/// What counts for one key.
#[derive(Debug)]
struct Entry {
    key: &'static Key,
    /// As the flag takes it; none where it is left away.
    value: Option<String>,
    origin: Origin,
}

/// Who said it.
#[derive(Debug, Clone)]
enum Origin {
    Flag(&'static str),
    Environment,
    Profile { name: String, place: Span },
    BuiltIn,
}

/// What is said beside the command line, by key.
type Aside = BTreeMap<&'static str, (Option<String>, Origin)>;

impl Settled {
    /// Looks up what the command line of this process leaves open.
    pub(super) fn of_this_process(given: &ProfileArguments) -> Result<Self, Failure> {
        Self::settle(given, std::env::args_os(), |name| std::env::var(name).ok())
    }

    /// The file that says more than the command line, or where one would have to be written.
    pub(super) fn path_or_place(given: &ProfileArguments) -> PathBuf {
        path(given).unwrap_or_else(|| PathBuf::from(NAME))
    }

    /// `words` are the command line as it was typed, from which `given` was read.
    fn settle(
        given: &ProfileArguments,
        words: impl IntoIterator<Item = OsString>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let path = path(given);
        let (file, mut mistakes) = path.as_deref().map(ProfileFile::read).unwrap_or_default();
        let from_environment = of_environment(variable, &mut mistakes);
        if let Some(mistakes) = Diagnostics::gather(mistakes) {
            return Err(Failure::bad_input(mistakes.render(Style::Coloured)));
        }
        // Empty variables are how scripts leave something away.
        let named = given.profile.as_deref().filter(|name| !name.is_empty());
        let profile = named.unwrap_or(DEFAULT);
        let mut aside = of_profile(&file, profile, path.as_deref())?;
        lay_over(&mut aside, from_environment);
        let words: Vec<OsString> = words.into_iter().collect();
        let mut matches = read(&aside, &words);
        if matches.value_source("driver") == Some(ValueSource::CommandLine) {
            forget_target(&mut aside);
            matches = read(&aside, &words);
        }
        let arguments =
            RunArguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        Ok(Self {
            arguments,
            file: path,
            profile: profile.to_owned(),
            entries: entries(&matches, &mut aside),
        })
    }
}

fn path(given: &ProfileArguments) -> Option<PathBuf> {
    let named = given.config.clone();
    let named = named.filter(|path| !path.as_os_str().is_empty());
    named.or_else(ProfileFile::find)
}

/// What the environment says.
fn of_environment(
    variable: impl Fn(&str) -> Option<String>,
    mistakes: &mut Vec<Diagnostic>,
) -> Aside {
    let mut said = Aside::new();
    for key in &KEYS {
        let name = key.variable();
        let Some(text) = variable(&name).filter(|text| !text.is_empty()) else {
            continue;
        };
        match key.value(&text) {
            Ok(value) => {
                said.insert(key.name, (value, Origin::Environment));
            }
            Err(unfit) => {
                let place = SourceFile::new(&name, &text).span(0..text.len());
                mistakes.push(Diagnostic::new(place, unfit.what).mend(unfit.mend));
            }
        }
    }
    said
}

/// What the profile of this name says, and the default one where it says nothing.
fn of_profile(file: &ProfileFile, name: &str, path: Option<&Path>) -> Result<Aside, Failure> {
    let mut said = Aside::new();
    if name != DEFAULT && !file.profiles.contains_key(name) {
        return Err(no_such_profile(file, name, path));
    }
    for name in [DEFAULT, name] {
        let profile = file.profiles.get(name).unwrap_or(&Profile::new()).clone();
        let nearer = profile.into_iter().map(|(key, Said { value, place })| {
            let name = name.to_owned();
            (key, (value, Origin::Profile { name, place }))
        });
        lay_over(&mut said, nearer.collect());
    }
    Ok(said)
}

/// What is said nearer counts before what was said so far; a driver puts a target aside, and the other way round.
fn lay_over(said: &mut Aside, nearer: Aside) {
    if nearer.contains_key("target") {
        said.remove("driver");
    } else if nearer.contains_key("driver") {
        forget_target(said);
    }
    said.extend(nearer);
}

fn forget_target(said: &mut Aside) {
    said.retain(|key, _| !TARGET.contains(key));
}

fn no_such_profile(file: &ProfileFile, name: &str, path: Option<&Path>) -> Failure {
    let Some(path) = path else {
        return Failure::bad_input(format!(
            "error: there is no profile `{name}`, because there is no {NAME}\nhelp: write one here or in a directory above, or name a file with --config"
        ));
    };
    let known = || file.profiles.keys().map(String::as_str);
    let mend = match did_you_mean(name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if file.profiles.is_empty() => format!("write [profile.{name}] in it"),
        None => format!("it has {}", known().collect::<Vec<_>>().join(", ")),
    };
    Failure::bad_input(format!(
        "error: there is no profile `{name}` in {}\nhelp: {mend}",
        path.display()
    ))
}

/// What the command line says to `run`, completed by what is said beside it.
fn read(aside: &Aside, words: &[OsString]) -> ArgMatches {
    let mut matches = with_defaults(aside)
        .try_get_matches_from(words)
        .unwrap_or_else(|error| error.exit());
    let (_run, matches) = matches
        .remove_subcommand()
        .expect("whoever settles a run was told to run");
    matches
}

/// The command line whose flags mean by default what is said beside it.
fn with_defaults(aside: &Aside) -> clap::Command {
    Arguments::command().mut_subcommand("run", |run| {
        let values = aside.iter().filter_map(|(name, (value, _))| {
            let key = Key::named(name)?;
            Some((key, value.clone()?))
        });
        values.fold(run, |run, (key, value)| {
            run.mut_arg(key.id(), |flag| flag.default_value(value))
        })
    })
}

/// What counts for every key, and who said it.
fn entries(matches: &ArgMatches, aside: &mut Aside) -> Vec<Entry> {
    let given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let entry = |key: &'static Key| {
        let id = key.id();
        let counts = || {
            let mut raw = matches.get_raw(&id)?;
            Some(raw.next()?.to_string_lossy().into_owned())
        };
        let (value, origin) = if key.name == "fail-fast" && given("no_fail_fast") {
            (None, Origin::Flag("no-fail-fast"))
        } else if given(&id) {
            (counts(), Origin::Flag(key.name))
        } else {
            let said = aside.remove(key.name);
            said.unwrap_or_else(|| (counts(), Origin::BuiltIn))
        };
        Entry { key, value, origin }
    };
    KEYS.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::Command;

    const FILE: &str = "\
[profile.default]
jobs = 2
retries = 1
driver = \"in-process\"
fail-fast = 5

[profile.ci]
jobs = 8
fail-fast = false
github = true
junit = \"report.xml\"
";

    fn settled(words: &[&str], variables: &[(&str, &str)]) -> Result<Settled, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(NAME);
        std::fs::write(&path, FILE).unwrap();
        settled_by(&path, words, variables).map_err(|message| {
            let here = format!("{}/", directory.path().display());
            message.replace(&here, "")
        })
    }

    fn settled_by(
        path: &Path,
        words: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<Settled, String> {
        let config = ["--config", path.to_str().unwrap()];
        let words = [&["sealbank", "run"][..], words, &config].concat();
        let Command::Run(run) = Arguments::try_parse_from(&words).unwrap().command else {
            panic!("`run` was said")
        };
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settled::settle(&run.profile, words.iter().map(OsString::from), variable)
            .map_err(|failure| failure.message)
    }

    fn value(settled: &Settled, key: &str) -> Option<String> {
        let mut entries = settled.entries.iter();
        let entry = entries.find(|entry| entry.key.name == key).unwrap();
        entry.value.clone()
    }

    #[test]
    fn a_flag_counts_before_the_environment_and_that_before_the_profiles() {
        let jobs = |words: &[&str], variables: &[(&str, &str)]| {
            let settled = settled(words, variables).unwrap();
            let jobs = settled.arguments.course.jobs.unwrap().get();
            assert_eq!(value(&settled, "jobs"), Some(jobs.to_string()));
            jobs
        };
        let environment = [("SEALBANK_JOBS", "16")];
        assert_eq!(jobs(&[], &[]), 2);
        assert_eq!(jobs(&[], &[("SEALBANK_JOBS", "")]), 2);
        assert_eq!(jobs(&["--profile", "ci"], &[]), 8);
        assert_eq!(jobs(&["--profile", "ci"], &environment), 16);
        assert_eq!(jobs(&["--profile", "ci", "--jobs", "32"], &environment), 32);
    }

    #[test]
    fn what_a_profile_leaves_open_the_default_one_says() {
        let settled = settled(&["--profile", "ci"], &[]).unwrap();
        assert_eq!(settled.arguments.course.retries, 1);
        assert_eq!(value(&settled, "driver").as_deref(), Some("in-process"));
        assert!(settled.arguments.reports.github);
        let junit = settled.arguments.reports.junit.unwrap();
        assert!(junit.is_absolute() && junit.ends_with("report.xml"));
    }

    #[test]
    fn of_driver_and_target_the_nearer_one_counts() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(NAME);
        let text = "[profile.default]\ndriver = 'both'\n[profile.staging]\ntarget = 'https://a.example'\ntrust = 'r.pem'\n\
                    [profile.both]\ntarget = 'https://a.example'\ndriver = 'http'\n";
        std::fs::write(&path, text).unwrap();
        let (_, mistakes) = ProfileFile::read(&path);
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(mistakes[0].to_string().contains("leave one of them away"));
        std::fs::write(&path, text.split("[profile.both]").next().unwrap()).unwrap();
        let counts = |words: &[&str], variables: &[(&str, &str)]| {
            let settled = settled_by(&path, words, variables).unwrap();
            (
                value(&settled, "driver").unwrap(),
                settled.arguments.target.target,
            )
        };
        let pair =
            |driver: &str, target: Option<&str>| (driver.to_owned(), target.map(str::to_owned));
        let staging = ["--profile", "staging"];
        assert_eq!(counts(&[], &[]), pair("both", None));
        assert_eq!(
            counts(&staging, &[]),
            pair("http", Some("https://a.example"))
        );
        let nearer = [&staging[..], &["--driver", "in-process"]].concat();
        assert_eq!(counts(&nearer, &[]), pair("in-process", None));
        let environment = [("SEALBANK_DRIVER", "in-process")];
        assert_eq!(counts(&staging, &environment), pair("in-process", None));
        let environment = [("SEALBANK_TARGET", "https://b.example")];
        assert_eq!(
            counts(&staging, &environment),
            pair("http", Some("https://b.example"))
        );
    }

    #[test]
    fn what_is_switched_off_later_is_off() {
        let limit = |words: &[&str], variables: &[(&str, &str)]| {
            let settled = settled(words, variables).unwrap();
            let course = &settled.arguments.course;
            (
                course.limit().map(std::num::NonZero::get),
                value(&settled, "fail-fast"),
            )
        };
        let three = || Some("3".to_owned());
        assert_eq!(limit(&[], &[]), (Some(5), Some("5".to_owned())));
        assert_eq!(limit(&["--profile", "ci"], &[]), (None, None));
        assert_eq!(limit(&["--no-fail-fast"], &[]), (None, None));
        assert_eq!(limit(&[], &[("SEALBANK_FAIL_FAST", "false")]), (None, None));
        let both = ["--no-fail-fast", "--fail-fast=3"];
        assert_eq!(limit(&both, &[]), (Some(3), three()));
        assert_eq!(
            limit(&["--profile", "ci", "--fail-fast=3"], &[]),
            (Some(3), three())
        );
        let environment = [("SEALBANK_GITHUB", "false")];
        let off = super::tests::settled(&["--profile", "ci"], &environment).unwrap();
        assert!(!off.arguments.reports.github);
    }

    #[test]
    fn who_said_what_is_shown_in_a_form_that_can_be_kept() {
        let words = [
            "--profile",
            "ci",
            "--lang",
            "en",
            "--json",
            "a \"b\".ndjson",
        ];
        let settled = settled(&words, &[("SEALBANK_TIMEOUT", "30s")]).unwrap();
        let here = settled.file.clone().unwrap();
        let here = format!("{}/", here.parent().unwrap().display());
        let shown = settled.show();
        let parsed = toml::de::DeTable::parse(&shown).unwrap();
        assert!(
            parsed.get_ref()["profile"].get_ref()["ci"]
                .get_ref()
                .is_table()
        );
        insta::assert_snapshot!(shown.replace(&here, ""));
    }

    #[test]
    fn names_and_values_that_are_wrong_are_told() {
        let unknown = settled(&["--profile", "cl"], &[]).unwrap_err();
        assert_eq!(
            unknown,
            "error: there is no profile `cl` in sealbank.toml\nhelp: did you mean `ci`?"
        );
        let variables = [("SEALBANK_DRIVER", "htp"), ("SEALBANK_RETRIES", "-1")];
        let wrong = settled(&[], &variables).unwrap_err();
        assert!(wrong.contains("SEALBANK_DRIVER:1:1"), "{wrong}");
        assert!(wrong.contains("did you mean `http`?"), "{wrong}");
        assert!(wrong.contains("2 mistakes; nothing was run"), "{wrong}");
    }
}
