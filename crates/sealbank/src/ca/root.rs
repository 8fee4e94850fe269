//! Taking the root out of wherever it is locked away.

use sealbank_ca::{CaError, Root};

use super::args::{RootPlace, SigningPlace};
use super::house::{self, refused};
use super::passphrase;
use crate::exit::Failure;

/// The root with its key, until it is dropped.
pub(super) fn take_out(place: &SigningPlace, root: &RootPlace) -> Result<Root, Failure> {
    let dir = house::root_dir(&place.dir, root);
    if !dir.is_dir() {
        return Err(Failure::bad_input(format!(
            "error: there is no root in {}\nhelp: name the directory that it was put into with --root-dir",
            dir.display()
        )));
    }
    let passphrase = passphrase::ROOT.known(root.passphrase_file.as_deref())?;
    Root::open(&dir, &passphrase).map_err(|error| match error {
        CaError::Io { .. } => Failure::bad_input(format!(
            "error: {error}\nhelp: name the directory that the root was put into with --root-dir"
        )),
        other => refused(&other),
    })
}
