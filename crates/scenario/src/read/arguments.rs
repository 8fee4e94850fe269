//! Which arguments each verb takes, and which words can stand for them: for the reader, which refuses all others, and
//! for the schema, by which editors complete them.

use super::place::PLACE;
use super::{form_verbs, seat_verbs, verbs};

/// What stands behind a verb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Arguments {
    /// A map of these keys.
    Map(Vec<&'static str>),
    /// A map of these keys, or only the value of the last one.
    MapOrValue(Vec<&'static str>),
    /// One value.
    Value,
}

impl Arguments {
    /// Those of a verb.
    pub(super) fn of(verb: &str) -> Self {
        let map = |parts: &[&[&'static str]]| Self::Map(parts.concat());
        let (family, name) = verb.split_once('.').unwrap_or((verb, ""));
        match (family, name) {
            ("user" | "administrator", "retrieve") => {
                map(&[&["as", "pin", "popups", "key"], &PLACE])
            }
            ("user" | "administrator", "renew") => map(&[&["as", "popups", "key"], &PLACE]),
            ("user" | "administrator", "log-on") => map(&[&["as", "with", "pin", "pick"], &PLACE]),
            ("user" | "administrator", _) | ("pc", "use") => map(&[&["as"], &PLACE]),
            ("admin", "unlock") => map(&[&["as"]]),
            ("admin", "revoke") => map(&[&ON_HIS_SCREENS, &["reason"]]),
            ("admin", "reset-pin") => map(&[&ON_HIS_SCREENS, &["pin"]]),
            ("admin", _) => map(&[&ON_HIS_SCREENS]),
            ("counter", _) => map(&[&["for"]]),
            ("browser", "back") => map(&[&["as", "from"]]),
            ("pc", "switch-os-user") => map(&[&["as", "to", "how"]]),
            ("pc", "copy-certificate") => map(&[&["as", "to"]]),
            ("pc", "set-clock-skew") => map(&[&["as", "by"]]),
            ("pc", "surround") => map(&[&["as"], &seat_verbs::SURROUNDINGS]),
            ("browser" | "pc", _) => map(&[&["as"]]),
            ("form", name) => match form_verbs::object(name) {
                Some(object) => Self::MapOrValue([&["as"], &PLACE[..], &[object]].concat()),
                None => map(&[&["as"], &PLACE]),
            },
            ("bank", _) => map(&[]),
            ("check" | "rescue", _) => map(&[&["who"]]),
            _ => Self::Value,
        }
    }

    /// The keys, if it is a map.
    pub(super) fn keys(&self) -> &[&'static str] {
        match self {
            Self::Map(keys) | Self::MapOrValue(keys) => keys,
            Self::Value => &[],
        }
    }
}

/// What everything has that an administrator does on his screens.
const ON_HIS_SCREENS: [&str; 4] = ["user", "with", "pick", "confirmation"];

/// The words that can stand for an argument of a verb; none if it is something else than one of some words.
pub(super) fn words(verb: &str, argument: &str) -> Option<Vec<&'static str>> {
    match (verb, argument) {
        ("pc.surround", _) => seat_verbs::surrounding_words(argument),
        ("browser.back", "from") => Some(words_of(&seat_verbs::SOURCES)),
        ("pc.switch-os-user", "how") => Some(words_of(&seat_verbs::SWITCHES)),
        ("form.open", "page") => Some(words_of(&form_verbs::PAGES)),
        (_, "with") => Some(words_of(&verbs::WAYS)),
        (_, "key") => Some(words_of(&verbs::KEYS)),
        (_, "reason") => Some(words_of(&verbs::REASONS)),
        _ => None,
    }
}

/// The words of a table.
pub(super) fn words_of<T>(table: &[(&'static str, T)]) -> Vec<&'static str> {
    table.iter().map(|(word, _)| *word).collect()
}

#[cfg(test)]
mod tests {
    use super::super::verbs::VERBS;
    use super::*;

    #[test]
    fn every_word_is_of_an_argument_that_its_verb_has() {
        for verb in VERBS {
            let arguments = Arguments::of(verb);
            for key in ["with", "key", "reason", "from", "how", "page", "flush"] {
                let told = words(verb, key).is_some_and(|words| !words.is_empty());
                if arguments.keys().contains(&key) {
                    assert!(told, "{verb} {key}");
                }
            }
        }
        let only_values = VERBS.map(Arguments::of).into_iter();
        let only_values = only_values.filter(|arguments| *arguments == Arguments::Value);
        assert_eq!(only_values.count(), 3, "clock.advance, clock.set and flow");
    }
}
