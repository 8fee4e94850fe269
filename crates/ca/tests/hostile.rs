//! Mutants of every request of the corpus: none makes the CA panic, and a single request and the
//! same one in a bulk run get the same verdict.
//!
//! Mutants come from a fixed seed, so that what failed once fails again.

#![expect(clippy::unwrap_used, reason = "also helpers of tests may fail a test")]

mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealbank_ca::{
    Authority, BulkOptions, BulkOutcome, BulkRequest, BulkRun, CertificateRequest,
    MAX_REQUEST_BYTES,
};
use support::{NOW, a_year, subject};

/// How many mutants are judged.
const MUTANTS: usize = 20_000;

/// Larger fixtures hold one point about size each, and would take all the time.
const MOST_BYTES: usize = 16_384;

const SEED: u64 = 20_310_401;

#[test]
fn a_mutant_gets_the_same_verdict_alone_and_in_a_bulk_run_and_makes_neither_panic() {
    let fixtures = fixtures();
    let mut random = SplitMix(SEED);
    let mutants: Vec<_> = (0..MUTANTS)
        .map(|number| {
            let donor = &fixtures[random.below(fixtures.len())];
            mutant(&fixtures[number % fixtures.len()], donor, &mut random)
        })
        .collect();
    let alone: Vec<_> = mutants.iter().map(|bytes| verdict(bytes)).collect();
    let among_many = verdicts_in_bulk(&mutants);
    assert_eq!(among_many.len(), MUTANTS);
    for (number, mutant) in mutants.iter().enumerate() {
        assert_eq!(
            alone[number],
            among_many[number],
            "mutant {number}: {}",
            mutant.escape_ascii()
        );
    }
    assert_reaches_every_stage(&alone);
}

/// A fuzzer found it: within an element of another class nothing was checked.
#[test]
fn a_request_in_pem_is_a_sequence_and_nothing_else() {
    let der = include_bytes!("../../../fixtures/requests/accepted.p256.der");
    let parse = |outer| {
        let mut der = der.to_vec();
        der[0] = outer;
        let text = STANDARD.encode(der);
        let lines: Vec<_> = text.as_bytes().chunks(64).collect();
        let pem = [
            &b"-----BEGIN CERTIFICATE REQUEST-----\n"[..],
            &lines.join(&b'\n'),
            b"\n-----END CERTIFICATE REQUEST-----\n",
        ];
        CertificateRequest::parse(&pem.concat())
    };
    let taken: Vec<_> = (0..=u8::MAX)
        .filter(|outer| parse(*outer).is_ok())
        .collect();
    assert_eq!(taken, [0x30]);
}

/// Mutants that all fail at the first octet would prove nothing.
fn assert_reaches_every_stage(verdicts: &[String]) {
    let mut counts = BTreeMap::<&str, usize>::new();
    for verdict in verdicts {
        *counts.entry(verdict).or_default() += 1;
    }
    for stage in [
        "accepted",
        "bad-signature",
        "malformed-key",
        "not-der",
        "not-pem",
    ] {
        assert!(
            counts.get(stage).is_some_and(|count| *count >= 20),
            "{stage} is hardly reached: {counts:?}"
        );
    }
}

fn fixtures() -> Vec<Vec<u8>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/requests");
    let mut paths: Vec<_> = fs::read_dir(corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending != "md"))
        .collect();
    paths.sort();
    let contents = paths.iter().map(|path| fs::read(path).unwrap());
    contents.filter(|bytes| bytes.len() <= MOST_BYTES).collect()
}

fn verdict(bytes: &[u8]) -> String {
    CertificateRequest::parse(bytes)
        .and_then(CertificateRequest::verify)
        .map_or_else(|refusal| refusal.code(), |_| "accepted")
        .to_owned()
}

fn verdicts_in_bulk(requests: &[Vec<u8>]) -> Vec<String> {
    let authority = Authority::ephemeral().unwrap();
    let options = BulkOptions {
        threads: NonZeroUsize::new(2).unwrap(),
        ..BulkOptions::new(BulkRun::from([7; 16]))
    };
    let validity = a_year();
    let input = (0..).zip(requests).map(|(position, request)| {
        Ok(BulkRequest {
            position,
            request: Cow::Borrowed(request.as_slice()),
            subject: subject("keiri01"),
            validity,
        })
    });
    let mut verdicts = Vec::with_capacity(requests.len());
    let mut take = |outcome: BulkOutcome<'_>| {
        verdicts.push(match outcome {
            BulkOutcome::Signed(_) => "accepted".to_owned(),
            BulkOutcome::Refused(refusal) => refusal.code().to_owned(),
            other => panic!("no such outcome is known: {other:?}"),
        });
        ControlFlow::Continue(())
    };
    authority
        .sign_bulk(input, &options, &mut take, NOW)
        .unwrap();
    verdicts
}

/// One to three changes; every sixteenth is none, so that good requests stay among the others.
fn mutant(seed: &[u8], donor: &[u8], random: &mut SplitMix) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    if random.below(16) == 0 {
        return bytes;
    }
    for _ in 0..=random.below(3) {
        mutate(&mut bytes, donor, random);
    }
    bytes.truncate(MAX_REQUEST_BYTES + 1);
    bytes
}

fn mutate(bytes: &mut Vec<u8>, donor: &[u8], random: &mut SplitMix) {
    let place = random.below(bytes.len() + 1);
    let rest = bytes.len() - place;
    match random.below(7) {
        // A bit flips.
        0 | 1 if rest > 0 => bytes[place] ^= 1 << random.below(8),
        // The end is missing.
        2 => bytes.truncate(place),
        // Octets are missing from the middle.
        3 => drop(bytes.drain(place..place + random.below(rest.min(64) + 1))),
        // A piece of another request stands here.
        4 => {
            let from = random.below(donor.len() + 1);
            let until = from + random.below((donor.len() - from).min(256) + 1);
            drop(bytes.splice(place..place, donor[from..until].iter().copied()));
        }
        // A length that is one off, long where short will do, indefinite, or enormous.
        5 => edit_a_length(bytes, random),
        // Any octet.
        _ if rest > 0 => bytes[place] = random.octet(),
        _ => bytes.push(random.octet()),
    }
}

/// Changes the octet after something that looks like the tag of a DER value.
fn edit_a_length(bytes: &mut Vec<u8>, random: &mut SplitMix) {
    const TAGS: [u8; 7] = [0x30, 0x31, 0x02, 0x03, 0x06, 0x0C, 0xA0];
    let places: Vec<_> = bytes
        .iter()
        .zip(1..bytes.len())
        .filter_map(|(octet, next)| TAGS.contains(octet).then_some(next))
        .collect();
    if places.is_empty() {
        return;
    }
    let place = places[random.below(places.len())];
    match random.below(5) {
        0 => bytes[place] = bytes[place].wrapping_add(1),
        1 => bytes[place] = bytes[place].wrapping_sub(1),
        2 => bytes.insert(place, 0x81),
        3 => bytes[place] = 0x80,
        _ => drop(bytes.splice(place..=place, [0x84, 0xFF, 0xFF, 0xFF, 0xFF])),
    }
}

/// `SplitMix64`: a seed's sequence, the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap();
        usize::try_from(self.next() % bound).unwrap()
    }

    fn octet(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}
