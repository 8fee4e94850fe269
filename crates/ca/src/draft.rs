//! A certificate that is decided and not yet signed.

use x509_parser::certificate::TbsCertificate;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension, X509Extension};

use crate::facts::{self, Facts, same};
use crate::issuer::Identity;
use crate::{CaError, Profile, PublicKey, RequestDigest, Serial, Subject, Validity};

/// The `TBSCertificate` to be signed, and the request that it answers.
///
/// Only a recorded one can be signed: [`Issuer::sign`](crate::Issuer::sign) takes a
/// `Durable<Draft>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    tbs: Vec<u8>,
    request: RequestDigest,
    facts: Facts,
}

impl Draft {
    pub(crate) fn from_tbs(tbs: Vec<u8>, request: RequestDigest) -> Result<Self, CaError> {
        let facts = Facts::read(&facts::parse_tbs(&tbs)?)?;
        Ok(Self {
            tbs,
            request,
            facts,
        })
    }

    /// The serial that the certificate will have.
    pub fn serial(&self) -> &Serial {
        &self.facts.serial
    }

    /// The request that it answers.
    pub fn request(&self) -> &RequestDigest {
        &self.request
    }

    /// Whom it is for.
    pub fn subject(&self) -> &Subject {
        &self.facts.subject
    }

    /// How long it will hold.
    pub fn validity(&self) -> Validity {
        self.facts.validity
    }

    /// The key that it certifies.
    pub fn public_key(&self) -> &PublicKey {
        &self.facts.key
    }

    /// The bytes to be signed.
    pub fn tbs_der(&self) -> &[u8] {
        &self.tbs
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether it is a certificate for signing OCSP answers, and for nothing else.
    pub(crate) fn is_for_responder(&self) -> bool {
        let only_ocsp = |extension: &X509Extension<'_>| match extension.parsed_extension() {
            ParsedExtension::ExtendedKeyUsage(usage) => {
                usage.ocsp_signing && !usage.client_auth && !usage.any
            }
            _ => false,
        };
        facts::parse_tbs(&self.tbs).is_ok_and(|tbs| tbs.extensions().iter().any(only_ocsp))
    }

    /// Refuses any extension but those of the profile, each with its content and criticality.
    pub(crate) fn must_follow(&self, profile: &Profile, issuer: &Identity) -> Result<(), CaError> {
        let tbs = facts::parse_tbs(&self.tbs)?;
        let expected = expected_extensions(profile, issuer, self.public_key());
        same("the draft", "extensions", &expected, &read_extensions(&tbs))
    }
}

/// Extensions in words: comparable, and readable where they differ.
fn expected_extensions(profile: &Profile, issuer: &Identity, key: &PublicKey) -> Vec<String> {
    let mut expected = vec![
        format!(
            "authorityKeyIdentifier {}",
            crate::hex::encode(&issuer.key_identifier)
        ),
        "keyUsage critical Digital Signature".to_owned(),
        "extKeyUsage clientAuth".to_owned(),
        format!("cRLDistributionPoints {}", profile.crl_url()),
        format!(
            "subjectKeyIdentifier {}",
            crate::hex::encode(&key.identifier())
        ),
        "basicConstraints critical CA:FALSE".to_owned(),
        format!(
            "authorityInfoAccess 1.3.6.1.5.5.7.48.1 {} 1.3.6.1.5.5.7.48.2 {}",
            profile.ocsp_url(),
            profile.issuer_url()
        ),
        format!("certificatePolicies {}", profile.policy()),
    ];
    expected.sort();
    expected
}

fn read_extensions(tbs: &TbsCertificate<'_>) -> Vec<String> {
    let mut read: Vec<_> = tbs.extensions().iter().map(describe).collect();
    read.sort();
    read
}

fn describe(extension: &X509Extension<'_>) -> String {
    let critical = if extension.critical { "critical " } else { "" };
    match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(aki)
            if aki.authority_cert_issuer.is_none() && aki.authority_cert_serial.is_none() =>
        {
            let identifier = aki.key_identifier.as_ref().map_or(&[][..], |found| found.0);
            format!(
                "authorityKeyIdentifier {critical}{}",
                crate::hex::encode(identifier)
            )
        }
        ParsedExtension::SubjectKeyIdentifier(ski) => {
            format!(
                "subjectKeyIdentifier {critical}{}",
                crate::hex::encode(ski.0)
            )
        }
        ParsedExtension::KeyUsage(usage) => format!("keyUsage {critical}{usage}"),
        ParsedExtension::ExtendedKeyUsage(_) if only_client_auth(extension) => {
            format!("extKeyUsage {critical}clientAuth")
        }
        ParsedExtension::BasicConstraints(constraints) if !constraints.ca => {
            format!("basicConstraints {critical}CA:FALSE")
        }
        ParsedExtension::CRLDistributionPoints(points) => {
            let urls = points.iter().map(|point| match &point.distribution_point {
                Some(DistributionPointName::FullName(names)) => urls(names),
                other => format!("{other:?}"),
            });
            format!(
                "cRLDistributionPoints {critical}{}",
                urls.collect::<Vec<_>>().join(" ")
            )
        }
        ParsedExtension::AuthorityInfoAccess(access) => {
            let places = access
                .accessdescs
                .iter()
                .map(|place| format!("{} {}", place.access_method, urls([&place.access_location])));
            let places = places.collect::<Vec<_>>().join(" ");
            format!("authorityInfoAccess {critical}{places}")
        }
        ParsedExtension::CertificatePolicies(policies) => {
            let policies = policies
                .iter()
                .map(|policy| match &policy.policy_qualifiers {
                    None => policy.policy_id.to_id_string(),
                    Some(qualifiers) => format!("{} {qualifiers:?}", policy.policy_id),
                });
            format!(
                "certificatePolicies {critical}{}",
                policies.collect::<Vec<_>>().join(" ")
            )
        }
        other => format!("{} {critical}{other:?}", extension.oid),
    }
}

/// SEQUENCE of the one purpose id-kp-clientAuth (RFC 5280 section 4.2.1.12).
fn only_client_auth(extension: &X509Extension<'_>) -> bool {
    extension.value
        == [
            0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02,
        ]
}

fn urls<'a>(names: impl IntoIterator<Item = &'a GeneralName<'a>>) -> String {
    let urls = names.into_iter().map(|name| match name {
        GeneralName::URI(url) => (*url).to_owned(),
        other => format!("{other:?}"),
    });
    urls.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::{Authority, CertificateRequest};

    const REQUEST: &[u8] = include_bytes!("../../../fixtures/requests/accepted.p256.der");

    #[test]
    fn a_draft_that_departs_from_its_decision_in_anything_is_noticed() {
        let authority = Authority::ephemeral().unwrap();
        let (issuer, profile) = (authority.issuer(), Profile::default());
        let identity = issuer.identity();
        let request = CertificateRequest::parse(REQUEST)
            .unwrap()
            .verify()
            .unwrap();
        let subject = Subject::new("o", "ou", "cn").unwrap();
        let end = datetime!(2032-04-01 0:00 UTC);
        let validity = Validity::new(datetime!(2031-04-01 0:00 UTC), end).unwrap();
        let serial = Serial::random().unwrap();
        let draft = profile
            .draft(issuer, serial, &request, &subject, validity)
            .unwrap();

        let facts = draft.facts();
        let key = request.public_key();
        let (other_serial, other) = (
            Serial::random().unwrap(),
            Subject::new("o", "ou", "cm").unwrap(),
        );
        let longer = Validity::new(validity.not_before(), end + time::Duration::SECOND).unwrap();
        facts
            .must_say(identity, serial, key, &subject, validity)
            .unwrap();
        facts
            .must_say(identity, other_serial, key, &subject, validity)
            .unwrap_err();
        facts
            .must_say(identity, serial, issuer.public_key(), &subject, validity)
            .unwrap_err();
        facts
            .must_say(identity, serial, key, &other, validity)
            .unwrap_err();
        facts
            .must_say(identity, serial, key, &subject, longer)
            .unwrap_err();

        draft.must_follow(&profile, identity).unwrap();
        for other in [
            Profile::default().with_crl_url("http://elsewhere.test/"),
            Profile::default().with_ocsp_url("http://elsewhere.test/"),
            Profile::default().with_issuer_url("http://elsewhere.test/"),
            Profile::default().with_policy("1.2.3"),
        ] {
            draft.must_follow(&other.unwrap(), identity).unwrap_err();
        }
    }
}
