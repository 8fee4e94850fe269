//! The subject of a client certificate: O, OU and CN, in the order of the manual. The bank says
//! what they are; the requester has no part in it.

use std::fmt;

use crate::der::{self, Reader, tag};
use crate::name::MAX_CHARACTERS;
use crate::{CaError, Name, NameAttribute, oid};

/// Who a client certificate is for.
///
/// ```
/// use sealbank_ca::Subject;
///
/// let subject = Subject::new(
///     "The Higo Bank, Ltd",
///     "The Higo Bank Internet Banking tBIB CA",
///     "ZZTST99990000001 keiri01",
/// )?;
/// assert_eq!(subject.common_name(), "ZZTST99990000001 keiri01");
/// # Ok::<(), sealbank_ca::CaError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The parts, each with [`END`] behind it: one allocation for each of a million requests, and the order of the parts.
    text: Box<str>,
}

/// What ends a part; no part holds a control character.
const END: char = '\0';

impl Subject {
    /// A subject of three parts, each of 1 to 64 characters (RFC 5280 appendix A.1) and none of
    /// them a control character.
    ///
    /// # Errors
    /// [`CaError::Subject`] names the part.
    pub fn new(
        organization: impl AsRef<str>,
        organizational_unit: impl AsRef<str>,
        common_name: impl AsRef<str>,
    ) -> Result<Self, CaError> {
        let parts = [
            ("organization", organization.as_ref()),
            ("organizational unit", organizational_unit.as_ref()),
            ("common name", common_name.as_ref()),
        ];
        let length = parts
            .iter()
            .map(|(_, value)| value.len() + END.len_utf8())
            .sum();
        let mut text = String::with_capacity(length);
        for (attribute, value) in parts {
            check(attribute, value)?;
            text.push_str(value);
            text.push(END);
        }
        Ok(Self { text: text.into() })
    }

    /// O.
    pub fn organization(&self) -> &str {
        self.parts()[0]
    }

    /// OU.
    pub fn organizational_unit(&self) -> &str {
        self.parts()[1]
    }

    /// CN.
    pub fn common_name(&self) -> &str {
        self.parts()[2]
    }

    fn parts(&self) -> [&str; 3] {
        let mut parts = self.text.split(END);
        [(); 3].map(|()| parts.next().expect("a subject has three parts"))
    }

    /// The name in a certificate.
    pub fn to_name(&self) -> Name {
        let [organization, organizational_unit, common_name] = self.parts();
        Name::new(&[
            (NameAttribute::Organization, organization),
            (NameAttribute::OrganizationalUnit, organizational_unit),
            (NameAttribute::CommonName, common_name),
        ])
        .expect("the parts were checked when the subject was made")
    }

    /// Appends [`to_name`](Self::to_name) in DER, without building it first.
    pub(crate) fn put_name(&self, out: &mut Vec<u8>) {
        let [organization, organizational_unit, common_name] = self.parts();
        let attributes = [
            (oid::ORGANIZATION, organization),
            (oid::ORGANIZATIONAL_UNIT, organizational_unit),
            (oid::COMMON_NAME, common_name),
        ];
        let element = |content: usize| der::header_length(content) + content;
        let pair = |value: &str| element(3) + element(value.len());
        let length = attributes
            .iter()
            .map(|(_, value)| element(element(pair(value))))
            .sum();
        der::put_header(out, tag::SEQUENCE, length);
        for (oid, value) in attributes {
            der::put_header(out, tag::SET, element(pair(value)));
            der::put_header(out, tag::SEQUENCE, pair(value));
            der::put_header(out, tag::OID, oid.len());
            out.extend_from_slice(oid);
            der::put_header(out, tag::UTF8_STRING, value.len());
            out.extend_from_slice(value.as_bytes());
        }
    }

    /// The subject that a name in a certificate stands for: exactly what
    /// [`to_name`](Self::to_name) writes.
    pub(crate) fn from_name(name: &[u8]) -> Result<Self, CaError> {
        let malformed = |problem: String| CaError::Malformed {
            what: "a subject",
            problem,
        };
        let [organization, unit, common_name] =
            read(name).map_err(|fault| malformed(fault.to_string()))?;
        let text = |bytes| {
            std::str::from_utf8(bytes)
                .map_err(|fault: std::str::Utf8Error| malformed(fault.to_string()))
        };
        Self::new(text(organization)?, text(unit)?, text(common_name)?)
    }
}

fn read(name: &[u8]) -> Result<[&[u8]; 3], crate::DerFault> {
    let mut outer = Reader::new(name);
    let mut rdns = outer
        .expect(tag::SEQUENCE, "a distinguished name belongs here")?
        .open();
    let mut value = |oid: &[u8]| {
        let mut rdn = rdns.expect(tag::SET, "O, OU and CN belong here")?.open();
        let mut pair = rdn
            .expect(tag::SEQUENCE, "an attribute belongs here")?
            .open();
        let kind = pair.expect(tag::OID, "the kind of the attribute belongs here")?;
        kind.must_hold(oid, "O, OU and CN belong here, in this order")?;
        let value = pair.expect(tag::UTF8_STRING, "a UTF8String belongs here")?;
        pair.end()?;
        rdn.end()?;
        Ok(value.content)
    };
    let values = [
        value(oid::ORGANIZATION)?,
        value(oid::ORGANIZATIONAL_UNIT)?,
        value(oid::COMMON_NAME)?,
    ];
    rdns.end()?;
    outer.end()?;
    Ok(values)
}

fn check(attribute: &'static str, value: &str) -> Result<(), CaError> {
    let problem = match value.chars().count() {
        0 => "is empty",
        1..=MAX_CHARACTERS if !value.chars().any(char::is_control) => return Ok(()),
        1..=MAX_CHARACTERS => "has a control character",
        _ => "has more than 64 characters",
    };
    Err(CaError::Subject {
        attribute,
        problem,
        value: value.to_owned(),
    })
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [organization, organizational_unit, common_name] = self.parts();
        f.debug_struct("Subject")
            .field("organization", &organization)
            .field("organizational_unit", &organizational_unit)
            .field("common_name", &common_name)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_survives_its_name() {
        let subject =
            Subject::new("肥後", "OU, with \"marks\"", "ZZTST99990000001 keiri01").unwrap();
        assert_eq!(
            Subject::from_name(subject.to_name().as_der()).unwrap(),
            subject
        );
        let mut name = Vec::new();
        subject.put_name(&mut name);
        assert_eq!(name, subject.to_name().as_der());
    }

    #[test]
    fn parts_are_bounded() {
        for (part, problem) in [
            ("", "empty"),
            (&*"x".repeat(65), "64"),
            ("a\nb", "control"),
            ("a\0", "control"),
        ] {
            for subject in [
                Subject::new(part, "u", "c"),
                Subject::new("o", part, "c"),
                Subject::new("o", "u", part),
            ] {
                assert!(subject.unwrap_err().to_string().contains(problem));
            }
        }
        assert!(Subject::new("o", "u", "取".repeat(64)).is_ok());
    }

    #[test]
    fn another_name_is_not_a_subject() {
        use NameAttribute::{CommonName, Organization, OrganizationalUnit};
        for attributes in [
            &[
                (OrganizationalUnit, "u"),
                (Organization, "o"),
                (CommonName, "c"),
            ][..],
            &[(Organization, "o"), (OrganizationalUnit, "u")],
            &[
                (Organization, "o"),
                (OrganizationalUnit, "u"),
                (CommonName, "c"),
                (CommonName, "d"),
            ],
        ] {
            let name = Name::new(attributes).unwrap();
            assert!(Subject::from_name(name.as_der()).is_err(), "{name}");
        }
    }
}
