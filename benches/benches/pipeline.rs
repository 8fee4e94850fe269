//! The whole pipeline of a bulk run: kinds of keys, slices, threads, durable or not, beside the raw
//! limit (P-256 verification and signature, nothing else) on as many threads.

use std::num::NonZeroUsize;
use std::sync::Arc;

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use sealbank_benches::{Corpus, Recipe, authority, bulk};
use sealbank_journal::{Journal, MemoryJournal, SqliteJournal};

const P256: Recipe = Recipe {
    p256: 2_048,
    rsa2048: 0,
    one_bad_in: 0,
    seed: 1,
};

const RECIPES: [(&str, Recipe); 3] = [
    ("p256", P256),
    (
        "rsa2048",
        Recipe {
            p256: 0,
            rsa2048: 2_048,
            ..P256
        },
    ),
    (
        "bad",
        Recipe {
            one_bad_in: 100,
            ..P256
        },
    ),
];

fn pipeline(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let corpora = RECIPES.map(|(name, recipe)| (name, Corpus::new(recipe)));
    for threads in [1, 2].map(|count| NonZeroUsize::new(count).expect("it is above zero")) {
        let mut group = criterion.benchmark_group(format!("pipeline-{threads}"));
        group.sampling_mode(SamplingMode::Flat).sample_size(10);
        group.throughput(Throughput::Elements(P256.p256 as u64));
        group.bench_function("raw-limit", |bencher| {
            bencher.iter(|| bulk::raw(P256.p256, threads));
        });
        for slice in [64, 512] {
            for (keys, corpus) in &corpora {
                let path = directory
                    .path()
                    .join(format!("{threads}-{slice}-{keys}.sqlite"));
                let file = SqliteJournal::open(path).expect("a journal can be made");
                let journals: [(&str, Arc<dyn Journal>); 2] = [
                    ("memory", Arc::new(MemoryJournal::new())),
                    ("sqlite", Arc::new(file)),
                ];
                for (name, journal) in journals {
                    let authority = authority(journal);
                    let id = BenchmarkId::new(format!("{keys}-{name}"), slice);
                    group.bench_function(id, |bencher| {
                        bencher
                            .iter(|| bulk::sign(&authority, corpus, threads, slice, &mut |_| {}));
                    });
                }
            }
        }
        group.finish();
    }
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
