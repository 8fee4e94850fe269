//! Scenario cases per second over real TLS and without sockets, each with a bank of its own: nothing
//! but that bank, a grant and a retrieval in it, and the manual's whole procedure.

use std::num::NonZeroUsize;

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use sealbank_scenario::{Drivers, RunExit, RunOptions, SourceFile, Suite, load_sources, run};

/// How many cases are run together.
const CASES: usize = 8;

/// What each case does.
const STORIES: [(&str, &str); 3] = [
    ("a-bank", "check: {}"),
    ("retrieval", "user.retrieve: {}"),
    ("rescue", "rescue: {}"),
];

fn suite(step: &str) -> Suite {
    let before = if step.starts_with("check") {
        String::new()
    } else {
        "before:\n  - admin.grant: {}\n".to_owned()
    };
    let rows: Vec<_> = (0..CASES).map(|row| format!("\"{row}\"")).collect();
    let text = format!(
        "scenario: bench\nlet:\n  taro: {{ contract: \"99990000001\", user: keiri01, pin: Test0001 }}\n{before}cases:\n  one:\n    for-each:\n      row: [{}]\n    steps:\n      - {step}\n        note: $row\n",
        rows.join(", ")
    );
    match load_sources(&[SourceFile::new("bench.yaml", &text)]) {
        Ok(suite) => suite,
        Err(mistakes) => panic!("{mistakes:?}\n{text}"),
    }
}

fn scenarios(criterion: &mut Criterion) {
    play(criterion, "scenario", &Drivers::Http);
    play(criterion, "scenario-in-process", &Drivers::InProcess);
}

fn play(criterion: &mut Criterion, name: &str, drivers: &Drivers) {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.throughput(Throughput::Elements(CASES as u64));
    for (story, step) in STORIES {
        let suite = suite(step);
        for jobs in [1, 2].map(NonZeroUsize::new) {
            let options = RunOptions {
                jobs,
                drivers: drivers.clone(),
                ..RunOptions::default()
            };
            let id = BenchmarkId::new(story, jobs.map_or(0, NonZeroUsize::get));
            group.bench_function(id, |bencher| {
                bencher.iter(|| {
                    let summary =
                        run(&suite, &options, &mut |_| {}).expect("threads can be started");
                    assert_eq!(summary.exit(), RunExit::Passed);
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, scenarios);
criterion_main!(benches);
