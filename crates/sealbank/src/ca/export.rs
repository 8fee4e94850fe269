//! `sealbank ca export`: a certificate with its chain and its private key in one file, for a browser.

use sealbank_ca::CaError;
use serde_json::json;
use zeroize::Zeroizing;

use super::args::ExportArguments;
use super::house::{self, refused, unusable};
use super::{passphrase, revoke};
use crate::exit::{Exit, Failure};
use crate::file;

/// Writes the file.
pub(super) fn export(arguments: &ExportArguments) -> Result<Exit, Failure> {
    let key_file = &arguments.key;
    let key = std::fs::read_to_string(key_file)
        .map(Zeroizing::new)
        .map_err(|error| Failure::bad_input(unusable(key_file, "read", &error)))?;
    let authority = house::look_into(&arguments.place.dir)?;
    let found = revoke::named(&authority, &arguments.certificate)?;
    let [certificate] = found.as_slice() else {
        return Err(Failure::bad_input(format!(
            "error: {} has {} certificates, and a file is for one\nhelp: name the serial of the one that is meant",
            arguments.certificate,
            found.len()
        )));
    };
    let passphrase = passphrase::EXPORT.chosen(arguments.passphrase_file.as_deref())?;
    let file = authority
        .export(certificate, &key, &passphrase)
        .map_err(|error| told(arguments, &error))?;
    file::replace_private(&arguments.out, &file)?;
    let (serial, subject) = (certificate.serial(), certificate.subject().to_name());
    if arguments.json {
        let made = json!({
            "path": arguments.out, "serial": serial.to_string(), "subject": subject.to_string(), "chain": 2,
        });
        anstream::println!("{made:#}");
    } else {
        let path = arguments.out.display();
        anstream::println!("{path}: {serial}  {subject}, with its key and its chain");
    }
    Ok(Exit::Success)
}

/// What the user gave is named, not what the library calls it.
fn told(arguments: &ExportArguments, error: &CaError) -> Failure {
    let (key, certificate) = (arguments.key.display(), &arguments.certificate);
    match error {
        CaError::Mismatch { .. } => Failure::bad_input(format!(
            "error: {key} is not the private key of {certificate}\nhelp: give the key that its request was made with"
        )),
        CaError::Malformed { problem, .. } | CaError::Key { problem, .. } => {
            Failure::bad_input(format!(
                "error: {key} can't be used: {problem}\nhelp: openssl pkcs8 -topk8 -nodes -in {key} -out key.pem writes the form that is read"
            ))
        }
        other => refused(other),
    }
}
