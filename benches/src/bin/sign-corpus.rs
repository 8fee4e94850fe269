//! Signs a corpus durably with the library and says how long it took, as a line of JSON:
//! `sign-corpus sign KEY BUNDLE JOURNAL OUT THREADS`, `sign-corpus raw KEY COUNT THREADS` for the raw
//! limit, or `sign-corpus naive BUNDLE OUT THREADS` for a plain loop over rcgen. KEY is the CA's: p256 or rsa2048.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use sealbank_benches::{Corpus, RawLimit, authority, bulk, naive};
use sealbank_ca::KeyAlgorithm;
use sealbank_journal::SqliteJournal;

/// What `BulkOptions::new` takes.
const SLICE: usize = 512;

const USAGE: &str = "usage: sign-corpus sign KEY BUNDLE JOURNAL OUT THREADS | raw KEY COUNT THREADS | naive BUNDLE OUT THREADS";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sign", key, bundle, journal, out, threads] => {
            sign(key.parse()?, bundle, journal, out, threads.parse()?)
        }
        ["raw", key, count, threads] => raw(key.parse()?, count.parse()?, threads.parse()?),
        ["naive", bundle, out, threads] => plain(bundle, out, threads.parse()?),
        _ => Err(USAGE.into()),
    }
}

/// From the file of requests to the file of certificates (DER, one after another).
fn sign(
    key: KeyAlgorithm,
    bundle: &str,
    journal: &str,
    out: &str,
    threads: NonZeroUsize,
) -> Result<(), Box<dyn Error>> {
    let authority = authority(key, Arc::new(SqliteJournal::open(journal)?));
    let begun = Instant::now();
    let corpus = Corpus::read(&std::fs::read_to_string(bundle)?);
    let mut out = BufWriter::new(File::create(out)?);
    let mut written = Ok(());
    let summary = bulk::sign(&authority, &corpus, threads, SLICE, &mut |der| {
        if written.is_ok() {
            written = out.write_all(der);
        }
    });
    written?;
    out.into_inner()?.sync_data()?;
    tell(summary.signed, summary.refused, begun)
}

fn raw(key: KeyAlgorithm, count: usize, threads: NonZeroUsize) -> Result<(), Box<dyn Error>> {
    let limit = RawLimit::new(key);
    let begun = Instant::now();
    bulk::raw(&limit, count, threads);
    tell(u64::try_from(count)?, 0, begun)
}

fn plain(bundle: &str, out: &str, threads: NonZeroUsize) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let signed = naive(&Corpus::read(&std::fs::read_to_string(bundle)?), threads);
    std::fs::write(out, signed.concat())?;
    tell(u64::try_from(signed.len())?, 0, begun)
}

fn tell(signed: u64, refused: u64, begun: Instant) -> Result<(), Box<dyn Error>> {
    let seconds = begun.elapsed().as_secs_f64();
    writeln!(
        std::io::stdout(),
        r#"{{"signed":{signed},"refused":{refused},"seconds":{seconds:.6}}}"#
    )?;
    Ok(())
}
