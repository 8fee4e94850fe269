//! The certificate as a form with holes: everything that certificates of one issuer and profile
//! have in common is encoded once, by the same encoder that makes single certificates. What goes
//! into the holes is laid in byte for byte. Every template is compared with its encoder before it
//! is used.

use time::OffsetDateTime;
use time::macros::datetime;

use crate::der::{self, Reader, put_header, tag};
use crate::encoding::{self, CertificateForm, Usage};
use crate::issuer::Identity;
use crate::{CaError, DerFault, Issuer, Profile, PublicKey, Serial, Subject, Validity, hex};

/// A `TBSCertificate` without serial, validity, subject and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    /// The parts that every certificate shares, in order.
    parts: [Vec<u8>; Template::PARTS],
}

/// What one certificate puts into the holes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holes<'a> {
    pub(crate) serial: &'a Serial,
    /// validity, subject and subjectPublicKeyInfo, which follow each other.
    pub(crate) middle: &'a [u8],
    /// The content of the subject key identifier.
    pub(crate) key_identifier: &'a [u8; 20],
}

impl Template {
    /// version; signature's algorithm; issuer; extensions up to the subject key identifier; the
    /// rest of them.
    pub(crate) const PARTS: usize = 5;

    /// The template of an issuer's client certificates, proved on specimens to write what the
    /// encoder writes: keys, subjects and dates of all forms that differ in their encoding.
    pub(crate) fn new(issuer: &Issuer, profile: &Profile) -> Result<Self, CaError> {
        let key = issuer.public_key();
        let specimens = Specimen::all()?;
        let reference = specimens[0].encode(issuer.identity(), profile, key)?;
        let template = Self::cut(&reference, &key.identifier())?;
        for specimen in &specimens {
            specimen.must_agree(&template, issuer.identity(), profile, key)?;
        }
        Ok(template)
    }

    /// A template from its parts, as [`parts`](Self::parts) gave them.
    pub(crate) fn from_parts(parts: [Vec<u8>; Self::PARTS]) -> Self {
        Self { parts }
    }

    pub(crate) fn parts(&self) -> &[Vec<u8>; Self::PARTS] {
        &self.parts
    }

    /// Appends the `TBSCertificate` with these holes filled; `middle` begins at the offset that is
    /// returned.
    pub(crate) fn put_tbs(&self, holes: &Holes<'_>, out: &mut Vec<u8>) -> usize {
        let [version, algorithm, issuer, before, after] = &self.parts;
        let shared: usize = self.parts.iter().map(Vec::len).sum();
        let length = shared + 18 + holes.middle.len() + holes.key_identifier.len();
        put_header(out, tag::SEQUENCE, length);
        out.extend_from_slice(version);
        put_header(out, tag::INTEGER, 16);
        out.extend_from_slice(holes.serial.as_bytes());
        out.extend_from_slice(algorithm);
        out.extend_from_slice(issuer);
        let middle = out.len();
        out.extend_from_slice(holes.middle);
        out.extend_from_slice(before);
        out.extend_from_slice(holes.key_identifier);
        out.extend_from_slice(after);
        middle
    }

    /// Appends the certificate: the holes filled, and signed. Returns its `TBSCertificate`'s place.
    pub(crate) fn put_certificate(
        &self,
        holes: &Holes<'_>,
        signature: &[u8],
        out: &mut Vec<u8>,
    ) -> std::ops::Range<usize> {
        let algorithm = &self.parts[1];
        let shared: usize = self.parts.iter().map(Vec::len).sum();
        let tbs = shared + 18 + holes.middle.len() + holes.key_identifier.len();
        let tbs = der::header_length(tbs) + tbs;
        let bits = signature.len() + 1;
        let length = tbs + algorithm.len() + der::header_length(bits) + bits;
        put_header(out, tag::SEQUENCE, length);
        let begin = out.len();
        self.put_tbs(holes, out);
        let end = out.len();
        out.extend_from_slice(algorithm);
        put_header(out, tag::BIT_STRING, bits);
        out.push(0);
        out.extend_from_slice(signature);
        begin..end
    }

    /// Cuts a specimen at its holes.
    fn cut(tbs: &[u8], key_identifier: &[u8; 20]) -> Result<Self, CaError> {
        let (common, extensions) = fields(tbs).map_err(|fault| unfit(fault.to_string()))?;
        // The extension's identifier and its two wrappings stand before the key identifier.
        let ski = [&[6, 3, 0x55, 0x1d, 0x0e, 4, 22, 4, 20], &key_identifier[..]].concat();
        let end = extensions
            .windows(ski.len())
            .position(|window| window == ski)
            .map(|at| at + ski.len())
            .ok_or_else(|| unfit("it has no subject key identifier".to_owned()))?;
        let [version, algorithm, issuer] = common;
        let before = &extensions[..end - key_identifier.len()];
        let parts = [version, algorithm, issuer, before, &extensions[end..]];
        Ok(Self {
            parts: parts.map(<[u8]>::to_vec),
        })
    }
}

/// version, algorithm and issuer of a `TBSCertificate`, and its extensions.
fn fields(tbs: &[u8]) -> Result<([&[u8]; 3], &[u8]), DerFault> {
    let mut outer = Reader::new(tbs);
    let mut fields = outer
        .expect(tag::SEQUENCE, "a TBSCertificate belongs here")?
        .open();
    let version = fields.next()?.whole;
    fields.expect(tag::INTEGER, "the serial belongs here")?;
    let (algorithm, issuer) = (fields.next()?.whole, fields.next()?.whole);
    for _ in ["validity", "subject", "key"] {
        fields.expect(tag::SEQUENCE, "validity, subject and key belong here")?;
    }
    Ok(([version, algorithm, issuer], fields.rest()))
}

/// Appends a `Validity` (RFC 5280 section 4.1.2.5): `UTCTime` until 2049, `GeneralizedTime` after.
pub(crate) fn put_validity(validity: Validity, out: &mut Vec<u8>) {
    let ends = [validity.not_before(), validity.not_after()];
    let length: usize = ends.iter().map(|end| time_length(*end)).sum();
    put_header(out, tag::SEQUENCE, length);
    for end in ends {
        put_time(end, out);
    }
}

fn time_length(instant: OffsetDateTime) -> usize {
    if instant.year() < 2050 { 15 } else { 17 }
}

fn put_time(instant: OffsetDateTime, out: &mut Vec<u8>) {
    let year = instant.year().unsigned_abs();
    let (tag, century) = match time_length(instant) {
        15 => (tag::UTC_TIME, None),
        _ => (tag::GENERALIZED_TIME, Some(year / 100)),
    };
    put_header(out, tag, time_length(instant) - 2);
    let rest = [
        year % 100,
        u32::from(u8::from(instant.month())),
        u32::from(instant.day()),
        u32::from(instant.hour()),
        u32::from(instant.minute()),
        u32::from(instant.second()),
    ];
    for pair in century.into_iter().chain(rest) {
        let digits = u8::try_from(pair % 100).expect("two digits fit a byte");
        out.extend_from_slice(&[b'0' + digits / 10, b'0' + digits % 10]);
    }
    out.push(b'Z');
}

/// A certificate that nobody gets.
struct Specimen {
    serial: Serial,
    subject: Subject,
    validity: Validity,
}

impl Specimen {
    /// Subjects with lengths of one, two and three bytes, and dates on both sides of 2050.
    fn all() -> Result<Vec<Self>, CaError> {
        let wide = "取".repeat(64);
        let parts = ["a", "The Higo Bank Internet Banking tBIB CA", &wide];
        let dates = [
            (
                datetime!(1950-01-01 0:00 UTC),
                datetime!(2049-12-31 23:59:59 UTC),
            ),
            (
                datetime!(2031-04-01 9:08:07 UTC),
                datetime!(2050-01-01 0:00 UTC),
            ),
            (
                datetime!(2050-02-28 1:02:03 UTC),
                datetime!(9999-12-31 23:59:59 UTC),
            ),
        ];
        parts
            .into_iter()
            .flat_map(|part| dates.map(|dates| (part, dates)))
            .map(|(part, (not_before, not_after))| {
                Ok(Self {
                    serial: Serial::random()?,
                    subject: Subject::new(part, part, part)?,
                    validity: Validity::new(not_before, not_after)?,
                })
            })
            .collect()
    }

    fn encode(
        &self,
        issuer: &Identity,
        profile: &Profile,
        key: &PublicKey,
    ) -> Result<Vec<u8>, CaError> {
        encoding::certificate(&CertificateForm {
            serial: self.serial,
            issuer,
            validity: self.validity,
            subject: &self.subject.to_name(),
            key,
            usage: Usage::Client(profile),
        })
    }

    fn must_agree(
        &self,
        template: &Template,
        issuer: &Identity,
        profile: &Profile,
        key: &PublicKey,
    ) -> Result<(), CaError> {
        let mut middle = Vec::new();
        put_middle(self.validity, &self.subject, key.spki_der(), &mut middle);
        let holes = Holes {
            serial: &self.serial,
            middle: &middle,
            key_identifier: &key.identifier(),
        };
        let mut found = Vec::new();
        template.put_tbs(&holes, &mut found);
        let expected = self.encode(issuer, profile, key)?;
        if found == expected {
            return Ok(());
        }
        Err(CaError::Mismatch {
            what: "the template",
            field: "tbsCertificate",
            expected: hex::encode(&expected),
            found: hex::encode(&found),
        })
    }
}

/// Appends what goes into the middle hole.
pub(crate) fn put_middle(validity: Validity, subject: &Subject, spki: &[u8], out: &mut Vec<u8>) {
    put_validity(validity, out);
    subject.put_name(out);
    out.extend_from_slice(spki);
}

fn unfit(problem: String) -> CaError {
    CaError::Malformed {
        what: "the specimen of a certificate",
        problem,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Authority, HierarchyOptions, KeyAlgorithm};

    fn authority(issuing_key: KeyAlgorithm) -> Authority {
        let options = HierarchyOptions {
            issuing_key,
            ..HierarchyOptions::default()
        };
        let journal = std::sync::Arc::new(sealbank_journal::MemoryJournal::new());
        Authority::in_memory(&options, journal, datetime!(2031-04-01 0:00 UTC)).unwrap()
    }

    #[test]
    fn a_template_for_each_kind_of_issuer_survives_its_specimens() {
        for key in [
            KeyAlgorithm::P256,
            KeyAlgorithm::P384,
            KeyAlgorithm::Ed25519,
        ] {
            let authority = authority(key);
            let template = Template::new(authority.issuer(), authority.profile()).unwrap();
            let again = Template::from_parts(template.parts().clone());
            assert_eq!(again, template);
        }
    }

    #[test]
    fn a_template_of_another_profile_is_noticed() {
        let authority = authority(KeyAlgorithm::P256);
        let (issuer, key) = (authority.issuer(), authority.issuer().public_key());
        let template = Template::new(issuer, authority.profile()).unwrap();
        let other = Profile::default().with_policy("1.2.3").unwrap();
        for specimen in Specimen::all().unwrap() {
            let identity = issuer.identity();
            specimen
                .must_agree(&template, identity, authority.profile(), key)
                .unwrap();
            let refusal = specimen.must_agree(&template, identity, &other, key);
            assert!(matches!(refusal, Err(CaError::Mismatch { .. })));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_is_written_is_what_the_encoder_writes(
            part in "[^\\p{C}]{1,64}",
            begin in -631_152_000_i64..4_000_000_000,
            length in 1_i64..4_000_000_000,
        ) {
            let authority = Authority::ephemeral().unwrap();
            let template = Template::new(authority.issuer(), authority.profile()).unwrap();
            let at = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            let specimen = Specimen {
                serial: Serial::random().unwrap(),
                subject: Subject::new(part.clone(), "x".repeat(part.len().min(64)), "c").unwrap(),
                validity: Validity::new(at(begin), at(begin + length)).unwrap(),
            };
            let key = authority.issuer().public_key();
            specimen
                .must_agree(&template, authority.issuer().identity(), authority.profile(), key)
                .unwrap();
        }
    }
}
