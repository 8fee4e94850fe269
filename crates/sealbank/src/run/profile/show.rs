//! `--show-config`: what counts for a run and who said it, in the form of a profile.

use std::fmt;

use toml::Value;

use super::key::{Key, Kind};
use super::{Entry, NAME, Origin, Settled};

/// Where the origins begin, unless a value is longer.
const COLUMN: usize = 32;

impl Settled {
    /// Every value with its origin behind it; it can be kept as a profile.
    pub(in crate::run) fn show(&self) -> String {
        let file = match &self.file {
            Some(path) => path.display().to_string(),
            None => format!("no {NAME}"),
        };
        let mut text = format!("# {file}\n[profile.{}]\n", name(&self.profile));
        for Entry { key, value, origin } in &self.entries {
            let line = match (value, key.kind) {
                (Some(value), _) => format!("{} = {}", key.name, written(key, value)),
                (None, Kind::Limit) => format!("{} = false", key.name),
                (None, _) => format!("# {}: not set", key.name),
            };
            text.push_str(&format!("{line:<COLUMN$}  # {}\n", origin.of(key)));
        }
        text
    }
}

/// A profile's name as a key, in quotes where it needs them.
fn name(profile: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    match profile.chars().all(bare) && !profile.is_empty() {
        true => profile.to_owned(),
        false => Value::from(profile).to_string(),
    }
}

fn written(key: &Key, value: &str) -> String {
    match key.kind {
        Kind::Number | Kind::Switch | Kind::Limit => value.to_owned(),
        Kind::Word | Kind::Path => Value::from(value).to_string(),
    }
}

impl Origin {
    fn of<'o>(&'o self, key: &'o Key) -> impl fmt::Display + 'o {
        fmt::from_fn(move |f| match self {
            Self::Flag(flag) => write!(f, "--{flag}"),
            Self::Environment => f.write_str(&key.variable()),
            Self::Profile { name, place } => write!(f, "profile {name}, {place}"),
            Self::BuiltIn => f.write_str("built-in"),
        })
    }
}
