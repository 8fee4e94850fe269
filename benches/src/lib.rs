//! What the benches measure with: requests made by a recipe, and the raw limit that a figure is put beside.

pub mod bulk;
mod corpus;

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use sealbank_ca::{
    Authority, CertificateRequest, HierarchyOptions, Subject, Validity, VerifiedRequest,
};
use sealbank_journal::Journal;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

pub use corpus::{Corpus, Recipe};

/// The moment at which everything happens.
pub const NOW: OffsetDateTime = datetime!(2031-04-01 09:00 +09:00);

/// A P-256 request (PKCS#10, DER) as a user's PC sends it.
///
/// # Panics
/// Where the system makes no keys: a bench can't go on then.
#[must_use]
pub fn request() -> Vec<u8> {
    let key = rcgen::KeyPair::generate().expect("the system makes keys");
    let request = rcgen::CertificateParams::default()
        .serialize_request(&key)
        .expect("a request can be encoded");
    request.der().to_vec()
}

/// What the CA is asked for: the parsed and verified request, the subject, the validity.
///
/// # Panics
/// Never on what [`request`] makes.
#[must_use]
pub fn order(request: &[u8]) -> (VerifiedRequest, Subject, Validity) {
    let verified = CertificateRequest::parse(request)
        .and_then(CertificateRequest::verify)
        .expect("the recipe's requests are good");
    let subject = Subject::new(
        "The Higo Bank, Ltd",
        "The Higo Bank Internet Banking tBIB CA",
        "ZZTST99990000001 keiri01",
    )
    .expect("the manual's subject fits");
    let validity = Validity::new(NOW, NOW + Duration::days(365)).expect("a year is a validity");
    (verified, subject, validity)
}

/// A CA whose records go to `journal`.
///
/// # Panics
/// Where the system makes no keys.
#[must_use]
pub fn authority(journal: Arc<dyn Journal>) -> Authority {
    Authority::in_memory(&HierarchyOptions::default(), journal, NOW).expect("the system makes keys")
}

/// The raw limit of signing one certificate: one P-256 verification and one P-256 signature, nothing else.
pub struct RawLimit {
    key: EcdsaKeyPair,
    message: Vec<u8>,
    signature: Vec<u8>,
    random: SystemRandom,
}

impl RawLimit {
    /// A key, and a message of a certificate's size signed by it.
    ///
    /// # Panics
    /// Where the system makes no keys.
    #[must_use]
    pub fn new() -> Self {
        let random = SystemRandom::new();
        let key =
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("the system makes keys");
        let message = vec![0x42; 600];
        let signature = key
            .sign(&random, &message)
            .expect("a fresh key signs")
            .as_ref()
            .to_vec();
        Self {
            key,
            message,
            signature,
            random,
        }
    }

    /// One verification and one signature.
    ///
    /// # Panics
    /// Never: the signature is this key's own.
    pub fn verify_and_sign(&self) {
        let public =
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.key.public_key().as_ref());
        public
            .verify(&self.message, &self.signature)
            .expect("the signature is this key's own");
        self.key
            .sign(&self.random, &self.message)
            .expect("a fresh key signs");
    }
}

impl Default for RawLimit {
    fn default() -> Self {
        Self::new()
    }
}
