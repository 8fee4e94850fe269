//! The raw limit of signing one certificate: one verification and one signature by the fastest
//! general library, and nothing else.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
    VerificationAlgorithm,
};
use sealbank_ca::KeyAlgorithm;

/// How many signatures there are to verify.
const SIGNED: usize = 4_096;

/// How many RSA keys made them: one takes some 60 ms to make.
const RSA_KEYS: usize = 16;

/// A key to sign with, and signatures to verify.
///
/// The signatures that are verified are many, as those of requests are: one that is verified again
/// and again teaches the processor its branches, and takes less time than it ever will in use.
pub struct RawLimit {
    key: Pair,
    signed: Vec<Signed>,
    random: SystemRandom,
}

enum Pair {
    P256(EcdsaKeyPair),
    Rsa2048(RsaKeyPair),
}

/// A message of a request's size, and its signature.
struct Signed {
    key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl RawLimit {
    /// The limit for requests and an authority with such keys.
    ///
    /// # Panics
    /// Where the system makes no keys, and for any kind of key but P-256 and RSA-2048.
    #[must_use]
    pub fn new(algorithm: KeyAlgorithm) -> Self {
        let keys = match algorithm {
            KeyAlgorithm::P256 => SIGNED,
            _ => RSA_KEYS,
        };
        let random = SystemRandom::new();
        let pairs: Vec<_> = (0..keys).map(|_| Pair::generate(algorithm)).collect();
        let signed = (0..SIGNED)
            .map(|number| {
                let pair = &pairs[number % keys];
                let message = [&number.to_be_bytes()[..], &[0x42; 200]].concat();
                Signed {
                    key: pair.public(),
                    signature: pair.sign(&random, &message),
                    message,
                }
            })
            .collect();
        Self {
            key: Pair::generate(algorithm),
            signed,
            random,
        }
    }

    /// One verification and one signature; `turn` chooses what is verified.
    ///
    /// # Panics
    /// Never: each signature is its key's own.
    pub fn verify_and_sign(&self, turn: usize) {
        let signed = &self.signed[turn % SIGNED];
        UnparsedPublicKey::new(self.key.verification(), &signed.key)
            .verify(&signed.message, &signed.signature)
            .expect("the signature is its key's own");
        // As long as a TBSCertificate.
        self.key.sign(&self.random, &[0x42; 600]);
    }
}

impl Pair {
    fn generate(algorithm: KeyAlgorithm) -> Self {
        let generated = match algorithm {
            KeyAlgorithm::P256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map(Self::P256)
            }
            KeyAlgorithm::Rsa2048 => RsaKeyPair::generate(KeySize::Rsa2048).map(Self::Rsa2048),
            other => panic!("the raw limit of {other} is not measured"),
        };
        generated.expect("the system makes keys")
    }

    fn public(&self) -> Vec<u8> {
        match self {
            Self::P256(pair) => pair.public_key().as_ref().to_vec(),
            Self::Rsa2048(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    fn verification(&self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::P256(_) => &ECDSA_P256_SHA256_ASN1,
            Self::Rsa2048(_) => &RSA_PKCS1_2048_8192_SHA256,
        }
    }

    fn sign(&self, random: &SystemRandom, message: &[u8]) -> Vec<u8> {
        let made = match self {
            Self::P256(pair) => pair
                .sign(random, message)
                .map(|signature| signature.as_ref().to_vec()),
            Self::Rsa2048(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, random, message, &mut signature)
                    .map(|()| signature)
            }
        };
        made.expect("a fresh key signs")
    }
}
