//! Distinguished names as the bytes that they are: a name is copied into certificates and
//! revocation lists, never taken apart and put together again.

use std::fmt;

use x509_parser::prelude::{FromDer as _, X509Name};

use crate::der::{self, tag};
use crate::{CaError, Generation, oid};

/// A distinguished name (RFC 5280 section 4.1.2.4) in DER.
///
/// ```
/// use sealbank_ca::{Name, NameAttribute::*};
///
/// let name = Name::new(&[
///     (DomainComponent, "example"),
///     (OrganizationalUnit, "Signing"),
///     (OrganizationalUnit, "TEST ONLY"),
/// ])?;
/// assert_eq!(name.to_string(), "DC=example, OU=Signing, OU=TEST ONLY");
/// # Ok::<(), sealbank_ca::CaError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Vec<u8>);

/// The attributes that [`Name::new`] writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameAttribute {
    /// DC, as an `IA5String` (RFC 4519 section 2.4).
    DomainComponent,
    /// C, two capital letters, as a `PrintableString`.
    Country,
    /// O, as a `UTF8String`.
    Organization,
    /// OU, as a `UTF8String`.
    OrganizationalUnit,
    /// CN, as a `UTF8String`.
    CommonName,
}

impl Name {
    /// A name of these attributes in this order, each in an RDN of its own.
    ///
    /// # Errors
    /// [`CaError::Name`] for no attribute at all, or a value that its attribute cannot hold.
    pub fn new(attributes: &[(NameAttribute, &str)]) -> Result<Self, CaError> {
        if attributes.is_empty() {
            return Err(CaError::Name {
                problem: "it is empty".to_owned(),
            });
        }
        let rdns = attributes
            .iter()
            .map(|(attribute, value)| attribute.rdn(value))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self(der::wrap(tag::SEQUENCE, &[&rdns.concat()])))
    }

    /// Takes over a name that is already encoded.
    ///
    /// # Errors
    /// [`CaError::Name`] unless it is one distinguished name in strict DER.
    pub fn from_der(name: &[u8]) -> Result<Self, CaError> {
        let refuse = |problem: String| CaError::Name { problem };
        let (_, rest) = der::check_sequence(name).map_err(|fault| refuse(fault.to_string()))?;
        if !rest.is_empty() {
            return Err(refuse(format!("{} bytes follow it", rest.len())));
        }
        X509Name::from_der(name).map_err(|problem| refuse(problem.to_string()))?;
        Ok(Self(name.to_vec()))
    }

    /// The name of a later generation: this one with ` G2` behind the common name at its end, or
    /// with a common name `G2` of its own if there is none.
    pub(crate) fn of_generation(&self, generation: Generation) -> Result<Self, CaError> {
        let refuse = |problem: String| CaError::Name { problem };
        let broken = |fault: der::DerFault| refuse(fault.to_string());
        let (outer, _) = der::check(&self.0).map_err(broken)?;
        let mut reader = outer.open();
        let mut rdns = Vec::new();
        while !reader.is_empty() {
            rdns.push(reader.next().map_err(broken)?.whole);
        }
        let last = rdns.last().and_then(|rdn| common_name(rdn));
        let label = generation.to_string();
        let (rest, added) = match last {
            Some((string, value)) => {
                let value = format!("{value} {label}");
                if value.chars().count() > MAX_CHARACTERS {
                    let problem = format!("CN {value:?} has more than {MAX_CHARACTERS} characters");
                    return Err(refuse(problem));
                }
                let (_, rest) = rdns.split_last().expect("it has a last RDN");
                (rest, rdn(oid::COMMON_NAME, string, &value))
            }
            None => (&rdns[..], rdn(oid::COMMON_NAME, tag::UTF8_STRING, &label)),
        };
        let name = der::wrap(tag::SEQUENCE, &[&rest.concat(), &added]);
        Self::from_der(&name)
    }

    /// The name in DER.
    pub fn as_der(&self) -> &[u8] {
        &self.0
    }
}

impl NameAttribute {
    fn rdn(self, value: &str) -> Result<Vec<u8>, CaError> {
        let refuse = |problem| {
            Err(CaError::Name {
                problem: format!("{} {value:?} {problem}", self.label()),
            })
        };
        if value.is_empty() || value.chars().count() > MAX_CHARACTERS {
            return refuse("does not have 1 to 64 characters");
        }
        let (oid, string) = match self {
            Self::DomainComponent if !value.is_ascii() => return refuse("is not ASCII"),
            Self::DomainComponent => (oid::DOMAIN_COMPONENT, tag::IA5_STRING),
            Self::Country if !is_country(value) => return refuse("is not two capital letters"),
            Self::Country => (oid::COUNTRY, tag::PRINTABLE_STRING),
            Self::Organization => (oid::ORGANIZATION, tag::UTF8_STRING),
            Self::OrganizationalUnit => (oid::ORGANIZATIONAL_UNIT, tag::UTF8_STRING),
            Self::CommonName => (oid::COMMON_NAME, tag::UTF8_STRING),
        };
        Ok(rdn(oid, string, value))
    }

    fn label(self) -> &'static str {
        match self {
            Self::DomainComponent => "DC",
            Self::Country => "C",
            Self::Organization => "O",
            Self::OrganizationalUnit => "OU",
            Self::CommonName => "CN",
        }
    }
}

/// The upper bound of O, OU and CN (RFC 5280 appendix A.1).
pub(crate) const MAX_CHARACTERS: usize = 64;

/// A `RelativeDistinguishedName` of one attribute.
fn rdn(oid: &[u8], string: u8, value: &str) -> Vec<u8> {
    let oid = der::wrap(tag::OID, &[oid]);
    let value = der::wrap(string, &[value.as_bytes()]);
    der::wrap(tag::SET, &[&der::wrap(tag::SEQUENCE, &[&oid, &value])])
}

/// The type and the text of an RDN that is a common name, alone and in a string of which ASCII is
/// a part.
fn common_name(rdn: &[u8]) -> Option<(u8, &str)> {
    let mut rdn = der::check(rdn).ok()?.0.open();
    let mut attribute = rdn.next().ok()?.open();
    let (oid, value) = (attribute.next().ok()?, attribute.next().ok()?);
    let ascii = [tag::UTF8_STRING, tag::PRINTABLE_STRING, tag::IA5_STRING];
    let fits = rdn.is_empty() && oid.content == oid::COMMON_NAME && ascii.contains(&value.tag);
    let text = std::str::from_utf8(value.content).ok()?;
    fits.then_some((value.tag, text))
}

fn is_country(value: &str) -> bool {
    value.len() == 2 && value.bytes().all(|letter| letter.is_ascii_uppercase())
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = X509Name::from_der(&self.0).map_err(|_| fmt::Error)?;
        name.fmt(f)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_its_attribute_cannot_hold_is_refused() {
        let long = "x".repeat(65);
        for (attribute, value) in [
            (NameAttribute::DomainComponent, "例"),
            (NameAttribute::Country, "jp"),
            (NameAttribute::Country, "JPN"),
            (NameAttribute::Organization, ""),
            (NameAttribute::CommonName, long.as_str()),
        ] {
            assert!(
                Name::new(&[(attribute, value)]).is_err(),
                "{attribute:?} {value:?}"
            );
        }
        assert!(Name::new(&[]).is_err());
    }

    #[test]
    fn a_later_generation_is_told_by_the_common_name_at_the_end() {
        use NameAttribute::{CommonName, Organization};
        let of = |attributes: &[(NameAttribute, &str)]| {
            let name = Name::new(attributes).unwrap();
            name.of_generation(Generation::new(2).unwrap())
        };
        for (first, second) in [
            (
                &[(Organization, "o"), (CommonName, "例 CA")][..],
                "O=o, CN=例 CA G2",
            ),
            (&[(Organization, "o")], "O=o, CN=G2"),
            (
                &[(CommonName, "c"), (Organization, "o")],
                "CN=c, O=o, CN=G2",
            ),
        ] {
            assert_eq!(of(first).unwrap().to_string(), second);
        }
        assert!(of(&[(CommonName, &"x".repeat(61))]).is_ok());
        assert!(of(&[(CommonName, &"x".repeat(62))]).is_err());
    }

    #[test]
    fn only_a_whole_name_is_taken_over() {
        let name = Name::new(&[(NameAttribute::CommonName, "root")]).unwrap();
        assert_eq!(Name::from_der(name.as_der()).unwrap(), name);
        let followed = [name.as_der(), &[0]].concat();
        for der in [&b""[..], b"\x30\x80\x00\x00", b"\x02\x01\x00", &followed] {
            assert!(Name::from_der(der).is_err(), "{der:02x?}");
        }
    }
}
