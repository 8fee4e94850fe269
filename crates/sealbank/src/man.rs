//! `sealbank man`: the help texts as manual pages.

use std::path::Path;

use clap::CommandFactory as _;

use crate::args::Arguments;
use crate::exit::{Exit, Failure};

/// Writes `sealbank.1`, `sealbank-run.1` and so on into `directory`.
pub(crate) fn write(directory: &Path) -> Result<Exit, Failure> {
    std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), directory))
        .map_err(|error| {
            Failure::internal(format!(
                "error: no manual pages could be written to {}: {error}",
                directory.display()
            ))
        })?;
    Ok(Exit::Success)
}
