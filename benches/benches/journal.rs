//! Committing entries: in memory and durably, in batches. The raw limit is a write and a sync of the same bytes.

use std::fs::File;
use std::io::Write;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sealbank_benches::NOW;
use sealbank_journal::{
    Append, Expected, Journal, MemoryJournal, NewEntry, SqliteJournal, StreamName,
};

const PAYLOAD: usize = 900;

fn append(journal: &dyn Journal, stream: &StreamName, batch: usize) {
    let entry = NewEntry {
        kind: "measured".into(),
        payload: vec![0x42; PAYLOAD],
    };
    let append = Append {
        stream: stream.clone(),
        expected: Expected::Any,
        recorded_at: NOW,
        entries: vec![entry; batch],
    };
    journal.append(append).expect("the journal takes entries");
}

fn commits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("commit");
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let stream = StreamName::new("bench").expect("the name is good");
    for batch in [1, 16, 256, 4096] {
        group.throughput(Throughput::Elements(batch as u64));
        let mut file = File::create(directory.path().join(format!("{batch}.raw")))
            .expect("a file can be made");
        let bytes = vec![0x42; PAYLOAD * batch];
        group.bench_function(BenchmarkId::new("raw-limit", batch), |bencher| {
            bencher.iter(|| {
                file.write_all(&bytes)
                    .and_then(|()| file.sync_data())
                    .expect("the disk takes bytes");
            });
        });
        let memory = MemoryJournal::new();
        group.bench_function(BenchmarkId::new("memory", batch), |bencher| {
            bencher.iter(|| append(&memory, &stream, batch));
        });
        let sqlite = SqliteJournal::open(directory.path().join(format!("{batch}.sqlite")))
            .expect("a journal can be made");
        group.bench_function(BenchmarkId::new("sqlite", batch), |bencher| {
            bencher.iter(|| append(&sqlite, &stream, batch));
        });
    }
    group.finish();
}

criterion_group!(benches, commits);
criterion_main!(benches);
