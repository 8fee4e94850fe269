//! Public keys that the authority certifies: which kinds, how strong, and in which form. Making
//! and using private keys is left to `key`, checking signatures to `proof`.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

use crate::der::{self, Element, Reader, tag};
use crate::{KeyAlgorithm, RequestError, oid};

/// A public key of a kind and strength that is certified.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: KeyAlgorithm,
    spki: Vec<u8>,
    /// What lies in the BIT STRING: a point, an Ed25519 key, or an `RSAPublicKey`.
    key: Vec<u8>,
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7) in strict DER.
    ///
    /// # Errors
    /// Which rule the key breaks: its encoding, its kind, its strength or its form.
    pub fn from_spki_der(spki: &[u8]) -> Result<Self, RequestError> {
        let (outer, rest) = der::check_sequence(spki)?;
        if !rest.is_empty() {
            return Err(RequestError::TrailingBytes { count: rest.len() });
        }
        let mut inside = outer.open();
        let algorithm = inside.expect(tag::SEQUENCE, "an AlgorithmIdentifier belongs here")?;
        let key = inside
            .expect(tag::BIT_STRING, "the key belongs here")?
            .whole_bytes()?;
        inside.end()?;
        let algorithm = classify(algorithm, key)?;
        Ok(Self {
            algorithm,
            spki: spki.to_vec(),
            key: key.to_vec(),
        })
    }

    /// What kind of key it is.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The `SubjectPublicKeyInfo`, as it was read.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// SHA-256 of the `SubjectPublicKeyInfo`.
    pub fn digest(&self) -> [u8; 32] {
        digest(&SHA256, &self.spki)
            .as_ref()
            .try_into()
            .expect("SHA-256 has 32 bytes")
    }

    /// The key as the library takes it.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.key
    }

    /// The subject key identifier: 160 bits of SHA-256 over the key (RFC 7093 section 2, method 1).
    pub(crate) fn identifier(&self) -> [u8; 20] {
        digest(&SHA256, &self.key).as_ref()[..20]
            .try_into()
            .expect("the slice has 20 bytes")
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PublicKey({}, {})",
            self.algorithm,
            crate::hex::encode(&self.digest())
        )
    }
}

fn classify(identifier: Element<'_>, key: &[u8]) -> Result<KeyAlgorithm, RequestError> {
    let mut inside = identifier.open();
    let algorithm = inside.expect(tag::OID, "the key's algorithm belongs here")?;
    match algorithm.content {
        oid::EC_PUBLIC_KEY => classify_curve(inside, key),
        oid::ED25519 => {
            inside.end()?;
            check_edwards(key)?;
            Ok(KeyAlgorithm::Ed25519)
        }
        oid::RSA => {
            if inside.rest() != [tag::NULL, 0] {
                return Err(malformed("the parameters of an RSA key are not NULL"));
            }
            classify_rsa(key)
        }
        unknown => Err(RequestError::UnknownKeyAlgorithm {
            oid: der::dotted(unknown),
        }),
    }
}

fn classify_curve(mut parameters: Reader<'_>, key: &[u8]) -> Result<KeyAlgorithm, RequestError> {
    if parameters.peek() != Some(tag::OID) {
        // RFC 5480 section 2.1.1: implicitCurve and specifiedCurve must not be used.
        return Err(malformed("the curve is not given by its name"));
    }
    let curve = parameters.next()?;
    parameters.end()?;
    let (algorithm, coordinate) = match curve.content {
        oid::P256 => (KeyAlgorithm::P256, 32),
        oid::P384 => (KeyAlgorithm::P384, 48),
        oid::P192 => return Err(weak("P-192", "P-256")),
        oid::P224 => return Err(weak("P-224", "P-256")),
        unknown => {
            return Err(RequestError::UnknownKeyAlgorithm {
                oid: der::dotted(unknown),
            });
        }
    };
    // The library would also take hybrid points; RFC 5480 section 2.2 forbids those, and leaves
    // compressed ones optional: one key has one form here.
    match key {
        [0x04, point @ ..] if point.len() == 2 * coordinate => Ok(algorithm),
        [0x02 | 0x03, ..] => Err(malformed("the point is compressed")),
        [0x06 | 0x07, ..] => Err(malformed("the point is in hybrid form")),
        _ => Err(malformed(
            "the point is neither of the curve's length nor uncompressed",
        )),
    }
}

fn classify_rsa(key: &[u8]) -> Result<KeyAlgorithm, RequestError> {
    let (outer, rest) =
        der::check_sequence(key).map_err(|_| malformed("the RSAPublicKey is not DER"))?;
    let mut inside = outer.open();
    let mut integer = || match inside.next() {
        Ok(Element {
            tag: tag::INTEGER,
            content,
            ..
        }) => Ok(content),
        _ => Err(malformed("the RSAPublicKey is not two integers")),
    };
    let (modulus, exponent) = (integer()?, integer()?);
    if outer.tag != tag::SEQUENCE || !rest.is_empty() || !inside.is_empty() {
        return Err(malformed("the RSAPublicKey is not two integers"));
    }
    if is_negative(modulus) || is_negative(exponent) {
        return Err(malformed("an integer of the RSAPublicKey is negative"));
    }
    if is_even(modulus) || is_even(exponent) {
        return Err(malformed("an integer of the RSAPublicKey is even"));
    }
    let bits = bit_length(modulus);
    if bits < 2048 {
        return Err(weak(&format!("RSA with {bits} bits"), "RSA with 2048 bits"));
    }
    if bit_length(exponent) < 17 {
        return Err(weak("RSA with a public exponent below 65537", "65537"));
    }
    if bit_length(exponent) > 33 {
        return Err(malformed("the public exponent has more than 33 bits"));
    }
    match bits {
        2048 => Ok(KeyAlgorithm::Rsa2048),
        3072 => Ok(KeyAlgorithm::Rsa3072),
        4096 => Ok(KeyAlgorithm::Rsa4096),
        bits => Err(RequestError::UnsupportedKeySize { bits }),
    }
}

fn is_negative(integer: &[u8]) -> bool {
    integer.first().is_some_and(|first| first & 0x80 != 0)
}

fn is_even(integer: &[u8]) -> bool {
    integer.last().is_none_or(|last| last & 1 == 0)
}

/// The length of a positive integer in minimal DER.
fn bit_length(integer: &[u8]) -> usize {
    let digits = integer.strip_prefix(&[0]).unwrap_or(integer);
    digits
        .first()
        .map_or(0, |first| digits.len() * 8 - first.leading_zeros() as usize)
}

/// The y coordinates of Ed25519's points of small order, as encoded without the sign bit, and
/// their encodings that are not reduced. With such a "key" anybody can sign: it proves nothing.
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

fn check_edwards(key: &[u8]) -> Result<(), RequestError> {
    let mut encoded: [u8; 32] = key
        .try_into()
        .map_err(|_| malformed("an Ed25519 key has 32 bytes"))?;
    encoded[31] &= 0x7f;
    if SMALL_ORDER.contains(&crate::hex::encode(&encoded).as_str()) {
        return Err(weak(
            "an Ed25519 point of small order",
            "a point of the prime order",
        ));
    }
    Ok(())
}

fn malformed(problem: &'static str) -> RequestError {
    RequestError::MalformedKey { problem }
}

fn weak(found: &str, least: &'static str) -> RequestError {
    RequestError::WeakKey {
        found: found.to_owned(),
        least,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spki(algorithm: &[&[u8]], key: &[u8]) -> Vec<u8> {
        let identifier = der::wrap(tag::SEQUENCE, algorithm);
        der::wrap(
            tag::SEQUENCE,
            &[&identifier, &der::wrap(tag::BIT_STRING, &[&[0], key])],
        )
    }

    fn named_curve(curve: &[u8], key: &[u8]) -> Vec<u8> {
        let oid = |content| der::wrap(tag::OID, &[content]);
        spki(&[&oid(oid::EC_PUBLIC_KEY), &oid(curve)], key)
    }

    fn rsa(bits: usize, exponent: &[u8]) -> Vec<u8> {
        let mut modulus = vec![0; bits.div_ceil(8) + 1];
        let top = (bits - 1) % 8;
        modulus[1] = 1 << top;
        *modulus.last_mut().unwrap() |= 1;
        let modulus = if top == 7 {
            &modulus[..]
        } else {
            &modulus[1..]
        };
        let key = [
            der::wrap(tag::INTEGER, &[modulus]),
            der::wrap(tag::INTEGER, &[exponent]),
        ];
        let key = der::wrap(tag::SEQUENCE, &[&key[0], &key[1]]);
        spki(&[&der::wrap(tag::OID, &[oid::RSA]), &[tag::NULL, 0]], &key)
    }

    const F4: &[u8] = &[1, 0, 1];

    #[test]
    fn each_unfit_key_is_refused_for_its_own_reason() {
        let point = |first: u8, length: usize| [vec![first], vec![7; length]].concat();
        let ed25519 = der::wrap(tag::OID, &[oid::ED25519]);
        let p521 = [0x2b, 0x81, 0x04, 0x00, 0x23];
        let cases = [
            (
                named_curve(oid::P256, &point(6, 64)),
                "malformed-key",
                "hybrid",
            ),
            (
                named_curve(oid::P256, &point(7, 64)),
                "malformed-key",
                "hybrid",
            ),
            (
                named_curve(oid::P384, &point(6, 96)),
                "malformed-key",
                "hybrid",
            ),
            (
                named_curve(oid::P256, &point(2, 32)),
                "malformed-key",
                "compressed",
            ),
            (
                named_curve(oid::P384, &point(3, 48)),
                "malformed-key",
                "compressed",
            ),
            (
                named_curve(oid::P256, &point(4, 96)),
                "malformed-key",
                "length",
            ),
            (named_curve(oid::P256, &[]), "malformed-key", "length"),
            (
                named_curve(&p521, &point(4, 132)),
                "unknown-key-algorithm",
                "1.3.132.0.35",
            ),
            (named_curve(oid::P224, &point(4, 56)), "weak-key", "P-224"),
            (spki(&[&ed25519], &[9; 31]), "malformed-key", "32 bytes"),
            (spki(&[&ed25519], &[0; 32]), "weak-key", "small order"),
            (
                spki(&[&ed25519, &[tag::NULL, 0]], &[9; 32]),
                "not-der",
                "nothing may",
            ),
            (rsa(1024, F4), "weak-key", "1024 bits"),
            (rsa(2047, F4), "weak-key", "2047 bits"),
            (rsa(2056, F4), "unsupported-key-size", "2056 bits"),
            (rsa(8192, F4), "unsupported-key-size", "8192 bits"),
            (rsa(2048, &[3]), "weak-key", "65537"),
            (rsa(2048, &[1, 0, 0]), "malformed-key", "even"),
            (rsa(2048, &[0xff, 0, 1]), "malformed-key", "negative"),
            (
                spki(&[&der::wrap(tag::OID, &[oid::RSA])], &[]),
                "malformed-key",
                "NULL",
            ),
            (
                spki(&[&der::wrap(tag::OID, &[oid::RSA_PSS])], &[]),
                "unknown-key-algorithm",
                "1.1.10",
            ),
        ];
        for (der, code, words) in cases {
            let refusal = PublicKey::from_spki_der(&der).unwrap_err();
            assert_eq!(refusal.code(), code, "{refusal}");
            assert!(refusal.to_string().contains(words), "{refusal}");
        }
    }

    #[test]
    fn the_three_rsa_sizes_are_told_by_their_modulus() {
        for (bits, algorithm) in [
            (2048, KeyAlgorithm::Rsa2048),
            (3072, KeyAlgorithm::Rsa3072),
            (4096, KeyAlgorithm::Rsa4096),
        ] {
            assert_eq!(
                PublicKey::from_spki_der(&rsa(bits, F4))
                    .unwrap()
                    .algorithm(),
                algorithm
            );
        }
    }
}
