//! Signing certificates, one and in slices, beside the raw limit: one verification and one signature.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sealbank_benches::{NOW, RawLimit, authority, order, request};
use sealbank_ca::{CertificateRequest, KeyAlgorithm, Serial};
use sealbank_journal::{Journal, MemoryJournal, SqliteJournal};

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    let der = request();
    let raw = RawLimit::new(KeyAlgorithm::P256);
    group.bench_function("raw-limit", |bencher| {
        let mut turns = 0..;
        bencher.iter(|| raw.verify_and_sign(turns.next().unwrap_or_default()));
    });
    group.bench_function("parse", |bencher| {
        bencher.iter(|| CertificateRequest::parse(black_box(&der)));
    });
    group.bench_function("parse-and-verify", |bencher| {
        bencher.iter(|| {
            CertificateRequest::parse(black_box(&der)).and_then(CertificateRequest::verify)
        });
    });
    group.finish();
}

/// The draft alone, as the encoder makes it and reads it back. Slices are laid into a template instead; that is part of
/// the bulk run in `pipeline`.
fn drafts(criterion: &mut Criterion) {
    let authority = authority(KeyAlgorithm::P256, Arc::new(MemoryJournal::new()));
    let (request, subject, validity) = order(&request());
    let serial = Serial::random().expect("the system has randomness");
    criterion.bench_function("draft", |bencher| {
        bencher.iter(|| {
            let issuer = authority.issuer();
            let drafting = authority.profile();
            drafting.draft(issuer, serial, black_box(&request), &subject, validity)
        });
    });
}

fn signing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sign");
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    for slice in [1, 16, 256] {
        let orders: Vec<_> = (0..slice).map(|_| order(&request())).collect();
        group.throughput(Throughput::Elements(slice));
        let file = SqliteJournal::open(directory.path().join(format!("{slice}.sqlite")))
            .expect("a journal can be made");
        let journals: [(&str, Arc<dyn Journal>); 2] = [
            ("memory", Arc::new(MemoryJournal::new())),
            ("sqlite", Arc::new(file)),
        ];
        for (name, journal) in journals {
            let authority = authority(KeyAlgorithm::P256, journal);
            group.bench_function(BenchmarkId::new(name, slice), |bencher| {
                bencher.iter(|| authority.sign(&orders, NOW).expect("the orders are good"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, requests, drafts, signing);
criterion_main!(benches);
