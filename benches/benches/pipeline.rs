//! The whole pipeline of a bulk run: kinds of keys, slices, threads, durable or not, beside the raw
//! limit (a verification and a signature with such keys, nothing else) on as many threads.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use sealbank_benches::{Corpus, RawLimit, Recipe, authority, bulk};
use sealbank_ca::KeyAlgorithm;
use sealbank_journal::{Journal, MemoryJournal, SqliteJournal};

/// Requests in each corpus.
const COUNT: usize = 2_048;

const P256: Recipe = Recipe {
    p256: COUNT,
    rsa2048: 0,
    one_bad_in: 0,
    seed: 1,
};

/// Corpora, with the kind of key that the CA signs with.
const RECIPES: [(&str, KeyAlgorithm, Recipe); 3] = [
    ("p256", KeyAlgorithm::P256, P256),
    (
        "rsa2048",
        KeyAlgorithm::Rsa2048,
        Recipe {
            p256: 0,
            rsa2048: COUNT,
            ..P256
        },
    ),
    (
        "p256-bad",
        KeyAlgorithm::P256,
        Recipe {
            one_bad_in: 100,
            ..P256
        },
    ),
];

fn pipeline(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    for (name, key, recipe) in RECIPES {
        let corpus = Corpus::new(recipe);
        let raw = RawLimit::new(key);
        for threads in [1, 2].map(|count| NonZeroUsize::new(count).expect("it is above zero")) {
            let mut group = criterion.benchmark_group(format!("pipeline-{name}-{threads}"));
            group.sampling_mode(SamplingMode::Flat).sample_size(10);
            group.throughput(Throughput::Elements(COUNT as u64));
            group.bench_function("raw-limit", |bencher| {
                bencher.iter(|| bulk::raw(&raw, COUNT, threads));
            });
            for slice in [64, 512] {
                for (medium, journal) in
                    journals(directory.path(), &group_file(name, threads, slice))
                {
                    let authority = authority(key, journal);
                    group.bench_function(BenchmarkId::new(medium, slice), |bencher| {
                        bencher
                            .iter(|| bulk::sign(&authority, &corpus, threads, slice, &mut |_| {}));
                    });
                }
            }
            group.finish();
        }
    }
}

fn group_file(name: &str, threads: NonZeroUsize, slice: usize) -> String {
    format!("{name}-{threads}-{slice}.sqlite")
}

fn journals(directory: &Path, file: &str) -> [(&'static str, Arc<dyn Journal>); 2] {
    let durable = SqliteJournal::open(directory.join(file)).expect("a journal can be made");
    [
        ("memory", Arc::new(MemoryJournal::new())),
        ("sqlite", Arc::new(durable)),
    ]
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
