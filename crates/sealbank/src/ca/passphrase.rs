//! Where a passphrase comes from: a file, the environment, or the terminal. Never an argument, which would stand in
//! everybody's process list.

use std::io::IsTerminal as _;
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use super::house::unusable;
use crate::exit::Failure;

/// The variable that holds the passphrase of a root's key.
pub(super) const ROOT: &str = "SEALBANK_ROOT_PASSPHRASE";

/// A new passphrase for the root's key; on a terminal it is asked for twice.
pub(super) fn new_for_root(file: Option<&Path>) -> Result<SecretString, Failure> {
    if let Some(path) = file {
        return first_line(path);
    }
    if let Ok(passphrase) = std::env::var(ROOT) {
        return Ok(passphrase.into());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::bad_input(format!(
            "error: there is no passphrase for the root's key, and no terminal to ask on\nhelp: set {ROOT}, or give --passphrase-file"
        )));
    }
    let passphrase = ask("Passphrase for the root's key: ")?;
    let again = ask("The same once more: ")?;
    if passphrase.expose_secret() == again.expose_secret() {
        Ok(passphrase)
    } else {
        Err(Failure::bad_input(
            "error: the two passphrases are not the same; nothing was made",
        ))
    }
}

fn ask(question: &str) -> Result<SecretString, Failure> {
    rpassword::prompt_password(question)
        .map(SecretString::from)
        .map_err(|error| {
            Failure::internal(format!(
                "error: the terminal gave no passphrase: {error}\nhelp: set {ROOT}, or give --passphrase-file"
            ))
        })
}

fn first_line(path: &Path) -> Result<SecretString, Failure> {
    let text: SecretString = std::fs::read_to_string(path)
        .map_err(|error| Failure::bad_input(unusable(path, "read", &error)))?
        .into();
    let line = text.expose_secret().lines().next().unwrap_or_default();
    Ok(line.into())
}
