//! Where a passphrase comes from: a file, the environment, or the terminal. Never an argument, which would stand in
//! everybody's process list.

use std::io::{self, ErrorKind, IsTerminal as _};
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::house::unusable;
use super::terminal::Terminal;
use crate::exit::{Exit, Failure};

/// A kind of passphrase, and where its owner may put it.
#[derive(Debug)]
pub(super) struct Passphrase {
    /// What it protects.
    what: &'static str,
    variable: &'static str,
    option: &'static str,
}

/// That of the root's key.
pub(super) const ROOT: Passphrase = Passphrase {
    what: "the root's key",
    variable: "SEALBANK_ROOT_PASSPHRASE",
    option: "--passphrase-file",
};

/// That of the issuing key, if it has one.
pub(super) const ISSUING: Passphrase = Passphrase {
    what: "the issuing key",
    variable: "SEALBANK_CA_PASSPHRASE",
    option: "--ca-passphrase-file",
};

/// That of a certificate and its key on their way to their owner.
pub(super) const EXPORT: Passphrase = Passphrase {
    what: "the exported file",
    variable: "SEALBANK_EXPORT_PASSPHRASE",
    option: "--passphrase-file",
};

impl Passphrase {
    /// The passphrase in the file that is named, else in the environment; `None` if it is in neither.
    pub(super) fn given(&self, file: Option<&Path>) -> Result<Option<SecretString>, Failure> {
        match file {
            Some(path) => first_line(path).map(Some),
            None => Ok(std::env::var(self.variable).ok().map(SecretString::from)),
        }
    }

    /// The passphrase that something was protected with: given, or asked for.
    pub(super) fn known(&self, file: Option<&Path>) -> Result<SecretString, Failure> {
        match self.given(file)? {
            Some(passphrase) => Ok(passphrase),
            None => self.asked(|terminal| terminal.ask(&format!("Passphrase for {}: ", self.what))),
        }
    }

    /// The passphrase that something is to be protected with: given, or asked for twice.
    pub(super) fn chosen(&self, file: Option<&Path>) -> Result<SecretString, Failure> {
        if let Some(passphrase) = self.given(file)? {
            return Ok(passphrase);
        }
        let (passphrase, again) = self.asked(|terminal| {
            let passphrase = terminal.ask(&format!("New passphrase for {}: ", self.what))?;
            Ok((passphrase, terminal.ask("The same once more: ")?))
        })?;
        if passphrase.expose_secret() == again.expose_secret() {
            Ok(passphrase)
        } else {
            Err(Failure::bad_input(
                "error: the two passphrases are not the same; nothing was made",
            ))
        }
    }

    /// What a terminal answers.
    fn asked<T>(&self, ask: impl FnOnce(&mut Terminal) -> io::Result<T>) -> Result<T, Failure> {
        let mend = format!("help: set {}, or give {}", self.variable, self.option);
        if !io::stdin().is_terminal() {
            return Err(Failure::bad_input(format!(
                "error: there is no passphrase for {}, and no terminal to ask on\n{mend}",
                self.what
            )));
        }
        let answer = Terminal::open().and_then(|mut terminal| ask(&mut terminal));
        answer.map_err(|error| match error.kind() {
            ErrorKind::Interrupted => Failure {
                exit: Exit::Interrupted,
                message: format!(
                    "error: interrupted before there was a passphrase for {}; nothing was done",
                    self.what
                ),
            },
            _ => Failure::internal(format!(
                "error: the terminal gave no passphrase: {error}\n{mend}"
            )),
        })
    }
}

fn first_line(path: &Path) -> Result<SecretString, Failure> {
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| Failure::bad_input(unusable(path, "read", &error)))?;
    let line = text.lines().next().unwrap_or_default();
    Ok(line.into())
}
