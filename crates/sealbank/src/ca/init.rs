//! `sealbank ca init`: founding a CA.

use std::path::Path;
use std::sync::Arc;

use sealbank_ca::{Authority, CaError, HierarchyOptions, KeyProtection, Keystore};
use sealbank_journal::SqliteJournal;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::args::InitArguments;
use super::crl::{self, LIST_FILE, ROOT_LIST_FILE};
use super::house::{self, ISSUING_FILE, refused, unusable};
use super::passphrase;
use crate::exit::{Exit, Failure};
use crate::serve::JOURNAL_FILE;

/// Founds the CA, and makes its first revocation list.
pub(super) fn init(arguments: &InitArguments) -> Result<Exit, Failure> {
    let dir = &arguments.place.dir;
    let root_dir = house::root_dir(dir, &arguments.root);
    let issuing = dir.join(ISSUING_FILE);
    if issuing.exists() {
        return Err(refused(&CaError::Exists { path: issuing }));
    }
    let passphrase = passphrase::ROOT.chosen(arguments.root.passphrase_file.as_deref())?;
    let protection = protection(arguments)?;
    std::fs::create_dir_all(dir)
        .map_err(|error| Failure::internal(unusable(dir, "made", &error)))?;
    let options = HierarchyOptions {
        root_key: arguments.root_key,
        issuing_key: arguments.key,
        list_lifetime: Duration::days(arguments.crl_days.into()),
        ..HierarchyOptions::default()
    };
    let now = OffsetDateTime::now_utc();
    let journal =
        SqliteJournal::open(dir.join(JOURNAL_FILE)).map_err(|error| refused(&error.into()))?;
    let authority = Authority::create_in(
        Keystore::new(dir).protected_by(protection.clone()),
        &root_dir,
        &passphrase,
        &options,
        Arc::new(journal),
        now,
    );
    crl::publish(&authority.map_err(|error| refused(&error))?, dir, now)?;
    tell(arguments, &root_dir, &protection);
    Ok(Exit::Success)
}

/// The issuing key is encrypted if there is a passphrase for it.
fn protection(arguments: &InitArguments) -> Result<KeyProtection, Failure> {
    let file = arguments.ca_passphrase_file.as_deref();
    let passphrase = if arguments.encrypt_key {
        Some(passphrase::ISSUING.chosen(file)?)
    } else {
        passphrase::ISSUING.given(file)?
    };
    Ok(passphrase.map_or(KeyProtection::Plain, KeyProtection::Passphrase))
}

fn tell(arguments: &InitArguments, root_dir: &Path, protection: &KeyProtection) {
    let dir = &arguments.place.dir;
    let (root_key, key) = (arguments.root_key, arguments.key);
    let encrypted = matches!(protection, KeyProtection::Passphrase(_));
    if arguments.json {
        let made = json!({
            "dir": dir, "root-dir": root_dir, "root-key": root_key.name(), "key": key.name(),
            "key-encrypted": encrypted,
        });
        anstream::println!("{made:#}");
        return;
    }
    let (dir, root_dir) = (dir.display(), root_dir.display());
    let sealed = if encrypted { ", its key encrypted" } else { "" };
    anstream::println!("The CA is founded. Its names say TEST ONLY.");
    anstream::println!("  issuing CA   {dir} ({key}){sealed}");
    anstream::println!("  root         {root_dir} ({root_key}), its key encrypted; put it away");
    anstream::println!("  lists        {dir}/{ROOT_LIST_FILE}, {dir}/{LIST_FILE}");
}
