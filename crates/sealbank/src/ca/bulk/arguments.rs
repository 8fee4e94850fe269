//! The words of `sealbank ca sign` that are about many requests at once.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `sealbank ca sign --bulk`
#[derive(Debug, Args)]
#[command(next_help_heading = "Many requests at once")]
pub(crate) struct BulkArguments {
    /// Sign every request of this input: a PEM bundle, NDJSON, one request in DER, a directory of
    /// requests in files, or `-` for a bundle or NDJSON on standard input.
    #[arg(long, value_name = "INPUT", conflicts_with = "requests")]
    pub(crate) bulk: Option<PathBuf>,
    /// How to write the certificates [default: by the name of --out].
    #[arg(long, requires = "bulk")]
    pub(crate) format: Option<Format>,
    /// Where to list what was rejected, as NDJSON [default: --out with `.rejects.ndjson` at its end].
    #[arg(long, value_name = "FILE", requires = "bulk")]
    pub(crate) rejects: Option<PathBuf>,
    /// Stop at the first request that is rejected.
    #[arg(long, requires = "bulk")]
    pub(crate) strict: bool,
    /// Go on with the run that was cut off, with its subject and days; what it signed is released again.
    #[arg(long, requires = "bulk", conflicts_with = "abandon")]
    pub(crate) resume: bool,
    /// Give up the run that was cut off, and begin anew; what it signed stays on record.
    #[arg(long, requires = "bulk")]
    pub(crate) abandon: bool,
    /// How many threads check and sign [default: one for each processor].
    #[arg(long, value_name = "N", requires = "bulk")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// How many requests are put on record together, 1 to 4096 [default: 512].
    #[arg(long, value_name = "N", requires = "bulk", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) slice: Option<u16>,
}

/// How certificates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One file, PEM blocks one after the other.
    Pem,
    /// A directory, SERIAL.pem for each.
    PemDir,
    /// A directory, SERIAL.der for each.
    DerDir,
    /// One file, for each a line of JSON with position, id, serial, subject and certificate.
    Ndjson,
}
