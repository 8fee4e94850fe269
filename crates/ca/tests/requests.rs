//! Requests of strangers: the corpus with its verdicts, and everything near a good request.

mod support;

use std::fs;
use std::path::Path;

use proptest::prelude::{ProptestConfig, any, prop, proptest};
use sealbank_ca::{
    CertificateRequest, KeyAlgorithm, MAX_REQUEST_BYTES, RequestError, VerifiedRequest,
};
use support::{OpenSsl, request_der};

fn judge(bytes: &[u8]) -> Result<VerifiedRequest, RequestError> {
    CertificateRequest::parse(bytes)?.verify()
}

fn verdict(bytes: &[u8]) -> &'static str {
    judge(bytes).map_or_else(|refusal| refusal.code(), |_| "accepted")
}

#[test]
fn every_request_of_the_corpus_gets_the_verdict_in_its_name() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/requests");
    let mut judged = 0;
    for entry in fs::read_dir(&corpus).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension == "md") {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let expected = name.split_once('.').unwrap().0;
        assert_eq!(verdict(&fs::read(&path).unwrap()), expected, "{name}");
        judged += 1;
    }
    assert!(judged >= 40, "the corpus has shrunk to {judged} requests");
}

#[test]
fn openssl_requests_of_every_kind_of_key_are_accepted() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    for (options, algorithm) in [
        ("ec -pkeyopt ec_paramgen_curve:P-256", KeyAlgorithm::P256),
        ("ec -pkeyopt ec_paramgen_curve:P-384", KeyAlgorithm::P384),
        ("ed25519", KeyAlgorithm::Ed25519),
        ("rsa:2048", KeyAlgorithm::Rsa2048),
        (
            "rsa:2048 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest",
            KeyAlgorithm::Rsa2048,
        ),
    ] {
        openssl.run(
            dir.path(),
            &format!(
                "req -new -nodes -batch -subj /CN=x -keyout key.pem -out req.pem -newkey {options}"
            ),
        );
        let pem = fs::read(dir.path().join("req.pem")).unwrap();
        assert_eq!(
            judge(&pem).unwrap().public_key().algorithm(),
            algorithm,
            "{options}"
        );
    }
}

#[test]
fn pem_and_der_of_a_request_are_the_same_request() {
    let der = request_der();
    let pem = pkcs8::der::pem::encode_string("CERTIFICATE REQUEST", pkcs8::LineEnding::CRLF, &der);
    assert_eq!(
        judge(pem.unwrap().as_bytes()).unwrap(),
        judge(&der).unwrap()
    );
}

#[test]
fn the_size_bound_holds_to_the_byte() {
    let mut bytes = vec![0; MAX_REQUEST_BYTES];
    assert_eq!(verdict(&bytes), "not-pem");
    bytes.push(0);
    assert_eq!(verdict(&bytes), "too-large");
}

#[test]
fn no_single_flipped_bit_leaves_a_request_acceptable() {
    let good = request_der();
    assert_eq!(verdict(&good), "accepted");
    for position in 0..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[position] ^= 1 << bit;
            assert_ne!(verdict(&bytes), "accepted", "byte {position}, bit {bit}");
        }
    }
}

#[test]
fn no_beginning_of_a_request_is_a_request() {
    let good = request_der();
    for length in 0..good.len() {
        assert_ne!(verdict(&good[..length]), "accepted", "{length} bytes");
    }
}

#[test]
fn refusals_read_as_sentences_that_tell_how_to_mend() {
    let refusals: Vec<_> = [
        &b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"[..],
        b"hello",
        &[0x30, 0x80, 0, 0],
        &[0x30, 0, 0],
        &[0x30, 0],
        &vec![0; MAX_REQUEST_BYTES + 1],
    ]
    .iter()
    .map(|bytes| judge(bytes).unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(refusals.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        assert_ne!(verdict(&bytes), "accepted");
    }

    #[test]
    fn a_request_with_a_piece_replaced_is_refused_without_a_panic(
        at in any::<prop::sample::Index>(),
        piece in prop::collection::vec(any::<u8>(), 1..12),
        removed in 0_usize..12,
    ) {
        let good = request_der();
        let at = at.index(good.len());
        let end = (at + removed).min(good.len());
        let mut bytes = good.clone();
        bytes.splice(at..end, piece);
        // The rare piece that changes nothing is still the good request.
        assert_eq!(verdict(&bytes) == "accepted", bytes == good);
    }

    #[test]
    fn text_in_a_pem_block_is_refused_without_a_panic(text in "[A-Za-z0-9+/= \r\n-]{0,300}") {
        let pem = format!("-----BEGIN CERTIFICATE REQUEST-----\n{text}\n-----END CERTIFICATE REQUEST-----\n");
        assert_ne!(verdict(pem.as_bytes()), "accepted");
    }
}
