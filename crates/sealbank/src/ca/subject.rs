//! Distinguished names as they are written on a command line: `O=…,OU=…,CN=…`, with a backslash before a comma or a
//! backslash that belongs to a part (as in RFC 4514 section 2.4).

use std::str::FromStr;

use sealbank_ca::Subject;

use crate::exit::Failure;

/// The parts of a subject that were given, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SubjectParts {
    organization: Option<String>,
    organizational_unit: Option<String>,
    common_name: Option<String>,
}

impl SubjectParts {
    /// The subject, if every part was given.
    pub(super) fn complete(&self) -> Result<Subject, Failure> {
        let part = |name: &str, part: &Option<String>| {
            part.clone().ok_or_else(|| {
                Failure::bad_input(format!(
                    "error: the subject has no {name}\nhelp: write all parts, as in --subject 'O=Example Bank,OU=Internet Banking,CN=ZZTST1 keiri01'"
                ))
            })
        };
        Subject::new(
            part("O", &self.organization)?,
            part("OU", &self.organizational_unit)?,
            part("CN", &self.common_name)?,
        )
        .map_err(|error| super::house::refused(&error))
    }

    /// Whether `subject` has exactly the parts that were given.
    pub(super) fn fits(&self, subject: &Subject) -> bool {
        let same = |part: &Option<String>, found| part.as_deref().is_none_or(|part| part == found);
        same(&self.organization, subject.organization())
            && same(&self.organizational_unit, subject.organizational_unit())
            && same(&self.common_name, subject.common_name())
    }
}

impl FromStr for SubjectParts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = Self::default();
        for pair in split(text)? {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| format!("{pair:?} is not a part such as CN=…"))?;
            let part = match name.trim().to_ascii_uppercase().as_str() {
                "O" => &mut parts.organization,
                "OU" => &mut parts.organizational_unit,
                "CN" => &mut parts.common_name,
                other => return Err(format!("there is no part {other}; use O, OU and CN")),
            };
            if part.replace(value.trim().to_owned()).is_some() {
                return Err(format!("{} is there twice", name.trim()));
            }
        }
        Ok(parts)
    }
}

/// Splits at commas that have no backslash before them, and takes the backslashes away.
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut pairs = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let pair = pairs.last_mut().expect("there is one from the beginning");
        match character {
            ',' => pairs.push(String::new()),
            '\\' => match characters.next() {
                Some(escaped @ (',' | '\\')) => pair.push(escaped),
                _ => return Err("a backslash stands only before a comma or a backslash".to_owned()),
            },
            other => pair.push(other),
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_any_order_and_hold_commas() {
        let parts: SubjectParts = r"CN=ZZTST1 keiri01, o=The Higo Bank\, Ltd,OU=a\\b=c"
            .parse()
            .unwrap();
        let subject = parts.complete().unwrap();
        assert_eq!(subject.organization(), "The Higo Bank, Ltd");
        assert_eq!(subject.organizational_unit(), r"a\b=c");
        assert_eq!(subject.common_name(), "ZZTST1 keiri01");
    }

    #[test]
    fn what_is_not_a_subject_is_refused_with_its_reason() {
        for (text, problem) in [
            ("", "is not a part"),
            ("keiri01", "is not a part"),
            ("CN=a,CN=b", "twice"),
            ("CN=a,C=JP", "no part C"),
            (r"CN=a\x", "backslash"),
            (r"CN=a\", "backslash"),
        ] {
            let found = text.parse::<SubjectParts>().unwrap_err();
            assert!(found.contains(problem), "{text:?}: {found}");
        }
        let incomplete: SubjectParts = "O=a,CN=b".parse().unwrap();
        assert!(incomplete.complete().unwrap_err().message.contains("no OU"));
    }

    #[test]
    fn only_the_given_parts_have_to_fit() {
        let subject = Subject::new("o", "u", "keiri01").unwrap();
        for (text, fits) in [
            ("CN=keiri01", true),
            ("O=o,OU=u,CN=keiri01", true),
            ("CN=keiri", false),
            ("O=x,CN=keiri01", false),
        ] {
            assert_eq!(
                text.parse::<SubjectParts>().unwrap().fits(&subject),
                fits,
                "{text}"
            );
        }
    }
}
