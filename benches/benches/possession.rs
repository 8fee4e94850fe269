//! Parsing requests, and the proof of possession for each kind of key, beside the raw limit: the
//! library's bare verification of as many signatures.

use std::hint::black_box;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256,
    UnparsedPublicKey, VerificationAlgorithm,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rcgen::{
    CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
    PKCS_RSA_SHA256, PublicKeyData as _, SignatureAlgorithm, SigningKey as _,
};
use sealbank_ca::CertificateRequest;

/// How many requests are looked at together.
const SLICE: usize = 64;

/// How many RSA keys made them: one takes some 60 ms to make.
const RSA_KEYS: usize = 4;

struct Kind {
    name: &'static str,
    keys: usize,
    make: &'static SignatureAlgorithm,
    verify: &'static dyn VerificationAlgorithm,
}

fn kinds() -> [Kind; 4] {
    [
        Kind {
            name: "p256",
            keys: SLICE,
            make: &PKCS_ECDSA_P256_SHA256,
            verify: &ECDSA_P256_SHA256_ASN1,
        },
        Kind {
            name: "p384",
            keys: SLICE,
            make: &PKCS_ECDSA_P384_SHA384,
            verify: &ECDSA_P384_SHA384_ASN1,
        },
        Kind {
            name: "ed25519",
            keys: SLICE,
            make: &PKCS_ED25519,
            verify: &ED25519,
        },
        Kind {
            name: "rsa2048",
            keys: RSA_KEYS,
            make: &PKCS_RSA_SHA256,
            verify: &RSA_PKCS1_2048_8192_SHA256,
        },
    ]
}

/// A public key, and a message of a request's size signed with the private one.
struct Signed {
    key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Kind {
    fn keys(&self) -> Vec<KeyPair> {
        (0..self.keys)
            .map(|_| KeyPair::generate_for(self.make).expect("the system makes keys"))
            .collect()
    }
}

fn signed(keys: &[KeyPair]) -> Vec<Signed> {
    let sign = |number: usize| {
        let key = &keys[number % keys.len()];
        let message = [&number.to_be_bytes()[..], &[0x42; 200]].concat();
        Signed {
            key: key.der_bytes().to_vec(),
            signature: key.sign(&message).expect("a fresh key signs"),
            message,
        }
    };
    (0..SLICE).map(sign).collect()
}

fn requests(keys: &[KeyPair]) -> Vec<(Vec<u8>, String)> {
    let request = |number: usize| {
        let request = CertificateParams::default()
            .serialize_request(&keys[number % keys.len()])
            .expect("a request can be encoded");
        let pem = request.pem().expect("a request can be written in PEM");
        (request.der().to_vec(), pem)
    };
    (0..SLICE).map(request).collect()
}

fn possession(criterion: &mut Criterion) {
    for kind in kinds() {
        let keys = kind.keys();
        let (signed, requests) = (signed(&keys), requests(&keys));
        let parse = |bytes: &[u8]| CertificateRequest::parse(bytes).expect("the request is good");
        let parsed: Vec<_> = requests.iter().map(|(der, _)| parse(der)).collect();
        let mut group = criterion.benchmark_group(format!("possession-{}", kind.name));
        group.throughput(Throughput::Elements(SLICE as u64));
        group.bench_function("raw-limit", |bencher| {
            bencher.iter(|| {
                for Signed {
                    key,
                    message,
                    signature,
                } in &signed
                {
                    UnparsedPublicKey::new(kind.verify, key)
                        .verify(message, signature)
                        .expect("the signature is its key's own");
                }
            });
        });
        group.bench_function("verify-all", |bencher| {
            bencher.iter(|| CertificateRequest::verify_all(black_box(&parsed)));
        });
        group.bench_function("parse-der", |bencher| {
            bencher.iter(|| {
                requests
                    .iter()
                    .for_each(|(der, _)| drop(parse(black_box(der))));
            });
        });
        group.bench_function("parse-pem", |bencher| {
            bencher.iter(|| {
                requests
                    .iter()
                    .for_each(|(_, pem)| drop(parse(black_box(pem.as_bytes()))));
            });
        });
        group.finish();
    }
}

criterion_group!(benches, possession);
criterion_main!(benches);
