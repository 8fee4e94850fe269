//! [`Key`]: what a profile and the environment may say, each under the name of the flag that says the same.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Command};

use crate::run::args::RunArguments;

/// Something that a profile may say: the flag `--name`, the variable `SEALBANK_NAME`, the key `name`.
#[derive(Debug)]
pub(super) struct Key {
    /// The flag without its dashes.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// A value as it is written in a profile.
    pub(super) example: &'static str,
}

/// How its value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number.
    Number,
    /// A text.
    Word,
    /// A text that names a file, seen from the file that says it.
    Path,
    /// `true` or `false`.
    Switch,
    /// A whole number, or `true` for 1, or `false` for none.
    Limit,
}

/// Why a value can't be used, and how to mend it.
#[derive(Debug)]
pub(super) struct Unfit {
    pub(super) what: String,
    pub(super) mend: String,
}

const fn key(name: &'static str, kind: Kind, example: &'static str) -> Key {
    Key {
        name,
        kind,
        example,
    }
}

/// Every key, in the order in which they are shown.
pub(super) static KEYS: [Key; 26] = [
    key("driver", Kind::Word, "\"in-process\""),
    key("target", Kind::Word, "\"https://ib.bank.example:8443\""),
    key(
        "target-cert",
        Kind::Word,
        "\"https://cert.bank.example:8444\"",
    ),
    key("trust", Kind::Path, "\"roots.pem\""),
    key("control", Kind::Word, "\"http://127.0.0.1:8445\""),
    key("fresh", Kind::Switch, "true"),
    key("jobs", Kind::Number, "4"),
    key("fail-fast", Kind::Limit, "3"),
    key("repeat", Kind::Number, "2"),
    key("retries", Kind::Number, "1"),
    key("flaky-result", Kind::Word, "\"fail\""),
    key("timeout", Kind::Word, "\"30s\""),
    key("order", Kind::Word, "\"random\""),
    key("seed", Kind::Number, "7"),
    key("check-determinism", Kind::Switch, "true"),
    key("junit", Kind::Path, "\"report.xml\""),
    key("json", Kind::Path, "\"events.ndjson\""),
    key("tap", Kind::Path, "\"report.tap\""),
    key("html", Kind::Path, "\"report.html\""),
    key("github", Kind::Switch, "true"),
    key("coverage", Kind::Switch, "true"),
    key("coverage-out", Kind::Path, "\"coverage.json\""),
    key("fail-under", Kind::Number, "100"),
    key("verbose", Kind::Switch, "true"),
    key("lang", Kind::Word, "\"en\""),
    key("color", Kind::Word, "\"never\""),
];

/// What says with which bank people deal; `driver` says it too, so that the nearer of them counts.
pub(super) const TARGET: [&str; 5] = ["target", "target-cert", "trust", "control", "fresh"];

impl Key {
    /// The key of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// Whether there is a flag of this name, be it a key or not.
    pub(super) fn is_flag(name: &str) -> bool {
        let run = RunArguments::augment_args(Command::new("run"));
        run.get_arguments()
            .any(|flag| flag.get_long() == Some(name))
    }

    /// What clap knows the flag by.
    pub(super) fn id(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The environment variable.
    pub(super) fn variable(&self) -> String {
        format!("SEALBANK_{}", self.id().to_uppercase())
    }

    /// What the flag would be given for `text`, which nobody has looked at; none where the flag would be left away.
    /// The flag itself judges, so that both mean the same.
    pub(super) fn value(&self, text: &str) -> Result<Option<String>, Unfit> {
        match (self.kind, text) {
            (Kind::Switch, "true" | "false") => return Ok(Some(text.to_owned())),
            (Kind::Switch, _) => {
                return Err(Unfit {
                    what: format!("`{text}` is no value of `{}`", self.name),
                    mend: "write true or false".to_owned(),
                });
            }
            (Kind::Limit, "false") => return Ok(None),
            (Kind::Limit, "true") => return Ok(Some("1".to_owned())),
            (Kind::Limit | Kind::Number | Kind::Word | Kind::Path, _) => {}
        }
        RunArguments::augment_args(Command::new("run"))
            .no_binary_name(true)
            .try_get_matches_from([OsString::from(format!("--{}={text}", self.name))])
            .map_err(|error| self.unfit(text, &error))?;
        Ok(Some(text.to_owned()))
    }

    fn unfit(&self, text: &str, error: &clap::Error) -> Unfit {
        let possible = match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(values)) => values.as_slice(),
            _ => &[],
        };
        let known = possible.iter().map(String::as_str);
        let mend = match sealbank_scenario::did_you_mean(text, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if possible.is_empty() => format!("write {} = {}", self.name, self.example),
            None => format!("write one of {}", possible.join(", ")),
        };
        let why = match (error.kind(), std::error::Error::source(error)) {
            (ErrorKind::ValueValidation, Some(why)) => format!(": {why}"),
            _ => String::new(),
        };
        Unfit {
            what: format!("`{text}` is no value of `{}`{why}", self.name),
            mend,
        }
    }
}

impl Kind {
    /// In words, for whoever wrote something else.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Number => "a whole number",
            Self::Word => "a text",
            Self::Path => "a file's path",
            Self::Switch => "true or false",
            Self::Limit => "a whole number, true or false",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_a_flag_that_takes_its_example() {
        for key in &KEYS {
            let example = key.example.trim_matches('"');
            let value = key.value(example);
            assert_eq!(value.unwrap().as_deref(), Some(example), "{}", key.name);
        }
    }

    #[test]
    fn what_the_flag_refuses_is_refused() {
        for (name, text, what, mend) in [
            ("driver", "inprocess", "is no value", "`in-process`"),
            ("driver", "telepathy", "is no value", "one of http"),
            ("jobs", "0", "zero", "jobs = 4"),
            ("jobs", "-1", "invalid digit", "jobs = 4"),
            ("timeout", "5", "with its unit", "timeout = \"30s\""),
            ("fail-fast", "often", "invalid digit", "fail-fast = 3"),
            ("github", "1", "is no value", "true or false"),
            ("junit", "", "is no value", "junit = \"report.xml\""),
        ] {
            let unfit = Key::named(name).unwrap().value(text).unwrap_err();
            assert!(unfit.what.contains(what), "{unfit:?}");
            assert!(unfit.mend.contains(mend), "{unfit:?}");
        }
    }

    #[test]
    fn a_limit_can_be_switched() {
        let limit = |text| Key::named("fail-fast").unwrap().value(text).unwrap();
        assert_eq!(limit("false"), None);
        assert_eq!(limit("true").as_deref(), Some("1"));
        assert_eq!(limit("3").as_deref(), Some("3"));
    }
}
