//! A certification request on its way in: bytes, then a [`CertificateRequest`] that is whole,
//! then a [`VerifiedRequest`] whose sender holds the key. What the requester wrote beside the
//! key is never looked at again.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use pkcs8::der::pem;
use serde::{Deserialize, Serialize};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer as _;

use crate::der::{self, tag};
use crate::proof::{self, Claim, SignatureScheme};
use crate::{CaError, PublicKey, RequestError, hex};

/// The largest request that is read, in bytes. One of an RSA-4096 key has some 1,700 in PEM.
pub const MAX_REQUEST_BYTES: usize = 16 * 1024;

/// The labels of RFC 7468 section 7 and of Microsoft's and older tools.
const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

/// A PKCS #10 request (RFC 2986) that is whole, in strict DER, and not yet believed.
///
/// ```
/// use sealbank_ca::{CertificateRequest, KeyAlgorithm};
///
/// # let bytes = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/requests/accepted.p256.pem"));
/// let verified = CertificateRequest::parse(bytes)?.verify()?;
/// assert_eq!(verified.public_key().algorithm(), KeyAlgorithm::P256);
///
/// let refusal = CertificateRequest::parse(b"-----BEGIN NONSENSE-----").unwrap_err();
/// assert_eq!(refusal.code(), "not-pem");
/// # Ok::<(), sealbank_ca::RequestError>(())
/// ```
#[derive(Debug, Clone)]
pub struct CertificateRequest {
    der: Vec<u8>,
    signed: Range<usize>,
    key: Range<usize>,
    algorithm: Range<usize>,
    signature: Range<usize>,
}

impl CertificateRequest {
    /// Reads one request, in PEM (one block and nothing else) or in DER.
    ///
    /// # Errors
    /// [`RequestError`]: too large, not PEM, not DER, followed by something, not a request.
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        if bytes.len() > MAX_REQUEST_BYTES {
            return Err(RequestError::TooLarge {
                found: bytes.len(),
                limit: MAX_REQUEST_BYTES,
            });
        }
        match bytes.first() {
            Some(&tag::SEQUENCE) => Self::parse_der(bytes.to_vec()),
            _ => Self::parse_der(decode_pem(bytes)?),
        }
    }

    /// Checks the requester's proof of possession (RFC 2986 section 3, note 2), after the strength
    /// of the key and of the digest.
    ///
    /// # Errors
    /// [`RequestError`]: a weak, unknown or malformed key, a weak or unknown signature algorithm,
    /// one that does not go with the key, or a signature that does not verify.
    pub fn verify(self) -> Result<VerifiedRequest, RequestError> {
        let verdict = Self::verify_all(std::slice::from_ref(&self)).pop();
        verdict.expect("one request has one verdict")
    }

    /// [`CertificateRequest::verify`] for many requests at once; the verdicts are in their order.
    pub fn verify_all(requests: &[Self]) -> Vec<Result<VerifiedRequest, RequestError>> {
        let read: Vec<_> = requests.iter().map(Self::read_key_and_scheme).collect();
        let claims: Vec<_> = requests
            .iter()
            .zip(&read)
            .filter_map(|(request, read)| {
                let (key, scheme) = read.as_ref().ok()?;
                Some(request.claim(key, *scheme))
            })
            .collect();
        let mut verdicts = proof::check(&claims).into_iter();
        read.into_iter()
            .zip(requests)
            .map(|(read, request)| {
                let (key, _) = read?;
                verdicts.next().expect("each claim has a verdict")?;
                Ok(VerifiedRequest {
                    digest: RequestDigest::of(&request.der),
                    key,
                })
            })
            .collect()
    }

    /// The request in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 over the DER, before anything is believed.
    pub fn digest(&self) -> RequestDigest {
        RequestDigest::of(&self.der)
    }

    fn parse_der(der: Vec<u8>) -> Result<Self, RequestError> {
        let (outer, rest) = der::check_sequence(&der)?;
        if !rest.is_empty() {
            return Err(RequestError::TrailingBytes { count: rest.len() });
        }
        check_structure(&der)?;

        let mut request = outer.open();
        let info = request.expect(tag::SEQUENCE, "a CertificationRequestInfo belongs here")?;
        let algorithm = request.expect(tag::SEQUENCE, "an AlgorithmIdentifier belongs here")?;
        let signature = request.expect(tag::BIT_STRING, "a signature belongs here")?;
        request.end()?;
        let bits = signature.whole_bytes()?;

        let mut fields = info.open();
        fields.expect(tag::INTEGER, "the version belongs here")?;
        fields.expect(tag::SEQUENCE, "the subject belongs here")?;
        let key = fields.expect(tag::SEQUENCE, "a SubjectPublicKeyInfo belongs here")?;
        fields.expect(tag::constructed(0), "the attributes belong here")?;
        fields.end()?;

        let range = |offset: usize, length: usize| offset..offset + length;
        let end = signature.offset + signature.whole.len();
        Ok(Self {
            signed: range(info.offset, info.whole.len()),
            key: range(key.offset, key.whole.len()),
            algorithm: range(algorithm.offset, algorithm.whole.len()),
            signature: range(end - bits.len(), bits.len()),
            der,
        })
    }

    pub(crate) fn read_key_and_scheme(&self) -> Result<(PublicKey, SignatureScheme), RequestError> {
        let key = PublicKey::from_spki_der(&self.der[self.key.clone()])?;
        let (algorithm, _) = der::check(&self.der[self.algorithm.clone()])?;
        Ok((key, SignatureScheme::read(algorithm)?))
    }

    pub(crate) fn claim<'a>(&'a self, key: &'a PublicKey, scheme: SignatureScheme) -> Claim<'a> {
        Claim {
            algorithm: key.algorithm(),
            key: key.raw(),
            scheme,
            message: &self.der[self.signed.clone()],
            signature: &self.der[self.signature.clone()],
        }
    }
}

/// Whether an independent parser takes it for a request, down to its attributes.
fn check_structure(der: &[u8]) -> Result<(), RequestError> {
    let (rest, request) =
        X509CertificationRequest::from_der(der).map_err(|problem| RequestError::NotARequest {
            problem: problem.to_string(),
        })?;
    if !rest.is_empty() {
        return Err(RequestError::TrailingBytes { count: rest.len() });
    }
    match request.certification_request_info.version.0 {
        0 => Ok(()),
        found => Err(RequestError::UnsupportedVersion { found }),
    }
}

/// The content of the one PEM block that `bytes` is (RFC 7468).
fn decode_pem(bytes: &[u8]) -> Result<Vec<u8>, RequestError> {
    let refuse = |problem: &str| RequestError::NotPem {
        problem: problem.to_owned(),
    };
    let text = bytes.trim_ascii();
    if !text.starts_with(b"-----BEGIN ") {
        return Err(refuse("it does not begin with -----BEGIN"));
    }
    if text
        .windows(11)
        .filter(|window| window == b"-----BEGIN ")
        .count()
        > 1
    {
        return Err(refuse("there is more than one block"));
    }
    let reason = |problem: pem::Error| refuse(&problem.to_string());
    let mut decoder = pem::Decoder::new_detect_wrap(text).map_err(reason)?;
    let label = decoder.type_label();
    if !LABELS.contains(&label) {
        return Err(RequestError::WrongLabel {
            found: label.to_owned(),
        });
    }
    let mut der = Vec::new();
    decoder.decode_to_end(&mut der).map_err(reason)?;
    Ok(der)
}

/// A request whose sender holds the private key. All that is left of it is the public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRequest {
    digest: RequestDigest,
    key: PublicKey,
}

impl VerifiedRequest {
    /// SHA-256 over the request's DER: what makes a request the same request.
    pub fn digest(&self) -> &RequestDigest {
        &self.digest
    }

    /// The key to certify.
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }
}

/// SHA-256 over the DER of a request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestDigest([u8; 32]);

impl RequestDigest {
    /// The digest of a request in DER.
    pub fn of(der: &[u8]) -> Self {
        Self(
            digest(&SHA256, der)
                .as_ref()
                .try_into()
                .expect("SHA-256 has 32 bytes"),
        )
    }

    /// The digest itself.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for RequestDigest {
    fn from(digest: [u8; 32]) -> Self {
        Self(digest)
    }
}

impl FromStr for RequestDigest {
    type Err = CaError;

    fn from_str(text: &str) -> Result<Self, CaError> {
        hex::decode(text)
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| CaError::Digest {
                text: text.to_owned(),
            })
    }
}

impl TryFrom<String> for RequestDigest {
    type Error = CaError;

    fn try_from(text: String) -> Result<Self, CaError> {
        text.parse()
    }
}

impl From<RequestDigest> for String {
    fn from(digest: RequestDigest) -> Self {
        digest.to_string()
    }
}

impl fmt::Display for RequestDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for RequestDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestDigest({self})")
    }
}
