//! Distinguished names as they are written on a command line: `O=…,OU=…,CN=…`, with a backslash before a comma or a
//! backslash that belongs to a part (as in RFC 4514 section 2.4); and as they are written in JSON.

use std::str::FromStr;

use sealbank_ca::{Authority, Subject};
use serde::{Deserialize, Serialize};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::x509::AttributeTypeAndValue;

const EXAMPLE: &str = "'O=Example Bank,OU=Internet Banking,CN=ZZTST1 keiri01'";

/// The parts of a subject that were given, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubjectParts {
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    organization: Option<String>,
    #[serde(rename = "ou", default, skip_serializing_if = "Option::is_none")]
    organizational_unit: Option<String>,
    #[serde(rename = "cn", default, skip_serializing_if = "Option::is_none")]
    common_name: Option<String>,
}

/// What a subject has where nothing was given: O is the O of the issuing CA, OU is its CN, as in the certificates of a
/// bank, whose OU names the CA.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Defaults {
    organization: Option<String>,
    organizational_unit: Option<String>,
}

impl Defaults {
    /// Those of this CA.
    pub(super) fn of(authority: &Authority) -> Self {
        let Ok((_, certificate)) = X509Certificate::from_der(authority.issuing_certificate())
        else {
            return Self::default();
        };
        let name = certificate.subject();
        let text = |value: Option<&AttributeTypeAndValue<'_>>| {
            value.and_then(|value| value.as_str().ok().map(str::to_owned))
        };
        Self {
            organization: text(name.iter_organization().next()),
            organizational_unit: text(name.iter_common_name().next()),
        }
    }
}

impl SubjectParts {
    /// The subject, with the defaults where a part was not given; otherwise what is wrong with it.
    pub(super) fn complete(&self, defaults: &Defaults) -> Result<Subject, String> {
        let [organization, organizational_unit, common_name] = self.parts(defaults)?;
        Subject::new(organization, organizational_unit, common_name)
            .map_err(|error| error.to_string())
    }

    /// O, OU and CN, with the defaults where one was not given.
    pub(super) fn parts<'a>(&'a self, defaults: &'a Defaults) -> Result<[&'a str; 3], String> {
        let part = |name: &str, given: &'a Option<String>, default: &'a Option<String>| {
            given
                .as_deref()
                .or(default.as_deref())
                .ok_or_else(|| format!("the subject has no {name}; write it, as in {EXAMPLE}"))
        };
        Ok([
            part("O", &self.organization, &defaults.organization)?,
            part(
                "OU",
                &self.organizational_unit,
                &defaults.organizational_unit,
            )?,
            part("CN", &self.common_name, &None)?,
        ])
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
        let subject = parts.complete(&Defaults::default()).unwrap();
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
    }

    #[test]
    fn what_was_not_given_is_the_issuing_ca_s() {
        let authority = Authority::ephemeral().unwrap();
        let defaults = Defaults::of(&authority);
        let only_cn: SubjectParts = "CN=b".parse().unwrap();
        let subject = only_cn.complete(&defaults).unwrap();
        assert_eq!(subject.organization(), "sealbank TEST ONLY");
        assert_eq!(
            subject.organizational_unit(),
            "sealbank issuing CA TEST ONLY"
        );
        assert_eq!(subject.common_name(), "b");
        let without_cn: SubjectParts = "O=a,OU=b".parse().unwrap();
        assert!(
            without_cn
                .complete(&defaults)
                .unwrap_err()
                .contains("no CN")
        );
        let problem = only_cn.complete(&Defaults::default()).unwrap_err();
        assert!(problem.contains("no O;"), "{problem}");
    }

    #[test]
    fn json_has_the_parts_by_name() {
        let parts: SubjectParts = serde_json::from_str(r#"{"ou":"b","cn":"c, d"}"#).unwrap();
        assert_eq!(parts, r"OU=b,CN=c\, d".parse().unwrap());
        assert_eq!(
            serde_json::to_string(&parts).unwrap(),
            r#"{"ou":"b","cn":"c, d"}"#
        );
        assert!(serde_json::from_str::<SubjectParts>(r#"{"c":"JP"}"#).is_err());
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
