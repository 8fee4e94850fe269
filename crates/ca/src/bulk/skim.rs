//! A quick look at a request. The usual kind (P-256, ECDSA with SHA-256, no attributes) is walked
//! once and kept as slices; whatever is not exactly that goes the long way of
//! [`CertificateRequest`](crate::CertificateRequest), which alone refuses. So the quick look never
//! has to say why not, and never says yes where the long way says no.

use crate::der::{DerFault, Element, Reader, tag};
use crate::proof::{Claim, Hash, SignatureScheme};
use crate::{KeyAlgorithm, MAX_REQUEST_BYTES, oid};

/// `SubjectPublicKeyInfo` of a P-256 key up to its 64 bytes of coordinates.
const SPKI: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];
const SPKI_LENGTH: usize = 91;
const POINT_LENGTH: usize = 65;
const VERSION: &[u8] = &[tag::INTEGER, 1, 0];
const NO_ATTRIBUTES: &[u8] = &[tag::constructed(0), 0];

/// The parts of a request that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Skim<'a> {
    pub(super) spki: &'a [u8],
    signed: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Skim<'a> {
    /// A request of the usual kind; `None` for any other, good or bad.
    pub(super) fn of(der: &'a [u8]) -> Option<Self> {
        if der.len() > MAX_REQUEST_BYTES {
            return None;
        }
        Self::walk(der).ok().flatten()
    }

    /// The proof of possession to be checked.
    pub(super) fn claim(&self) -> Claim<'a> {
        Claim {
            algorithm: KeyAlgorithm::P256,
            key: self.point(),
            scheme: SignatureScheme::Ecdsa(Hash::Sha256),
            message: self.signed,
            signature: self.signature,
        }
    }

    /// The key, without what says that it is one of P-256.
    pub(super) fn point(&self) -> &'a [u8] {
        &self.spki[SPKI_LENGTH - POINT_LENGTH..]
    }

    fn walk(der: &'a [u8]) -> Result<Option<Self>, DerFault> {
        let mut reader = Reader::new(der);
        let mut request = reader.expect(tag::SEQUENCE, "")?.open();
        reader.end()?;
        let info = request.expect(tag::SEQUENCE, "")?;
        let mut algorithm = request.expect(tag::SEQUENCE, "")?.open();
        let signature = request.expect(tag::BIT_STRING, "")?.whole_bytes()?;
        request.end()?;
        let identifier = algorithm.expect(tag::OID, "")?;
        identifier.must_hold(oid::ECDSA_SHA256, "")?;
        algorithm.end()?;

        let mut fields = info.open();
        let version = fields.next()?;
        let subject = fields.expect(tag::SEQUENCE, "")?;
        let spki = fields.next()?.whole;
        let attributes = fields.next()?;
        fields.end()?;
        let usual = version.whole == VERSION
            && attributes.whole == NO_ATTRIBUTES
            && spki.len() == SPKI_LENGTH
            && spki.starts_with(SPKI)
            && is_usual_name(&subject)?;
        Ok(usual.then_some(Self {
            spki,
            signed: info.whole,
            signature,
        }))
    }
}

/// Whether a name is in strict DER and made of RDNs with one `UTF8String` or `PrintableString` each.
fn is_usual_name(name: &Element<'_>) -> Result<bool, DerFault> {
    name.check(1)?;
    let mut rdns = name.open();
    while !rdns.is_empty() {
        let mut rdn = rdns.expect(tag::SET, "")?.open();
        let mut pair = rdn.expect(tag::SEQUENCE, "")?.open();
        pair.expect(tag::OID, "")?;
        let value = pair.next()?;
        pair.end()?;
        rdn.end()?;
        if !matches!(value.tag, tag::UTF8_STRING | tag::PRINTABLE_STRING) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::CertificateRequest;

    const REQUEST: &[u8] = include_bytes!("../../../../fixtures/requests/accepted.p256.der");

    /// What the quick look takes, the long way takes, with the same key and the same claim.
    fn agree(der: &[u8]) -> bool {
        let Some(skim) = Skim::of(der) else {
            return false;
        };
        let request = CertificateRequest::parse(der).unwrap();
        let (key, scheme) = request.read_key_and_scheme().unwrap();
        let (long, quick) = (request.claim(&key, scheme), skim.claim());
        assert_eq!(skim.spki, key.spki_der());
        assert_eq!(
            (
                long.algorithm,
                long.key,
                long.scheme,
                long.message,
                long.signature
            ),
            (
                quick.algorithm,
                quick.key,
                quick.scheme,
                quick.message,
                quick.signature
            ),
        );
        true
    }

    #[test]
    fn whatever_is_taken_at_once_is_taken_the_long_way_too() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/requests");
        let mut taken = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            taken += usize::from(agree(&std::fs::read(file.unwrap().path()).unwrap()));
        }
        assert!(taken > 0, "the usual kind is among the fixtures");
        let made = rcgen::CertificateParams::default();
        let key = rcgen::KeyPair::generate().unwrap();
        assert!(agree(made.serialize_request(&key).unwrap().der()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn no_mutation_is_taken_at_once_and_refused_the_long_way(
            changes in prop::collection::vec((0..REQUEST.len(), any::<u8>()), 1..4),
            cut in prop::option::of(0..REQUEST.len()),
            more in prop::collection::vec(any::<u8>(), 0..3),
        ) {
            let mut der = REQUEST.to_vec();
            for (at, byte) in changes {
                der[at] = byte;
            }
            der.truncate(cut.unwrap_or(der.len()));
            der.extend(more);
            agree(&der);
        }

        #[test]
        fn no_single_structural_change_is_taken_at_once_and_refused_the_long_way(
            at in 0..80_usize, byte in any::<u8>(),
        ) {
            let mut der = REQUEST.to_vec();
            der[at] = byte;
            agree(&der);
        }
    }
}
