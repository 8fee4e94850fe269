//! What is read from a file or from standard input, and no more of it than anything sensible has.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::house::unusable;
use crate::exit::Failure;

/// A file, or as much of it as shows that it is larger than `limit` bytes; `-` is standard input.
pub(super) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let enough = u64::try_from(limit).expect("a length fits 64 bits") + 1;
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(enough).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(enough).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::bad_input(unusable(path, "read", &error)))?;
    Ok(bytes)
}
