//! The command line as its users meet it: what the documents show is what it says, and so are its help and its errors.

#![expect(
    clippy::unwrap_used,
    reason = "a test that has nothing to go on with should stop"
)]

mod audit;
mod bulk;
mod ca;
mod documents;
mod export;
mod house;
mod keys;
mod mask;
mod misfortune;
mod ocsp;
mod profiles;
mod runs;
mod shots;
mod target;
mod terminal;
#[cfg(unix)]
mod watching;
mod words;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The binary, at the top of the workspace, as the documents have it.
fn sealbank() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealbank"));
    command.current_dir(workspace());
    command
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// What a person sees of it on a terminal without colours, wherever the workspace lies.
fn seen(output: &Output) -> String {
    let streams = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let here = format!("{}/", workspace().display());
    String::from_utf8(streams).unwrap().replace(&here, "")
}
