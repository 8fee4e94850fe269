//! `sealbank ca init`: founding a CA.

use std::path::PathBuf;
use std::sync::Arc;

use sealbank_ca::{Authority, CaError, HierarchyOptions};
use sealbank_journal::SqliteJournal;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::args::InitArguments;
use super::house::{ISSUING_FILE, LIST_FILE, refused, unusable};
use super::{output, passphrase};
use crate::exit::{Exit, Failure};
use crate::serve::JOURNAL_FILE;

/// Founds the CA, and makes its first revocation list.
pub(super) fn init(arguments: &InitArguments) -> Result<Exit, Failure> {
    let dir = &arguments.place.dir;
    let root_dir = arguments.root_dir.clone().unwrap_or_else(|| beside(dir));
    let issuing = dir.join(ISSUING_FILE);
    if issuing.exists() {
        return Err(refused(&CaError::Exists { path: issuing }));
    }
    let passphrase = passphrase::new_for_root(arguments.passphrase_file.as_deref())?;
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
    let founded = Authority::create(
        dir,
        &root_dir,
        &passphrase,
        &options,
        Arc::new(journal),
        now,
    )
    .and_then(|authority| authority.crl(now));
    let list = founded.map_err(|error| refused(&error))?;
    output::replace(&dir.join(LIST_FILE), list.pem().as_bytes())?;
    tell(arguments, &root_dir);
    Ok(Exit::Success)
}

/// The directory with `-root` at the end of its name.
fn beside(dir: &std::path::Path) -> PathBuf {
    let mut name = dir.file_name().unwrap_or("ca".as_ref()).to_owned();
    name.push("-root");
    dir.with_file_name(name)
}

fn tell(arguments: &InitArguments, root_dir: &std::path::Path) {
    let dir = &arguments.place.dir;
    let (root_key, key) = (arguments.root_key, arguments.key);
    if arguments.json {
        let made = json!({
            "dir": dir, "root-dir": root_dir, "root-key": root_key.name(), "key": key.name(),
        });
        anstream::println!("{made:#}");
        return;
    }
    let (dir, root_dir) = (dir.display(), root_dir.display());
    anstream::println!("The CA is founded. Its names say TEST ONLY.");
    anstream::println!("  issuing CA   {dir} ({key})");
    anstream::println!("  root         {root_dir} ({root_key}), its key encrypted; put it away");
    anstream::println!("  lists        {dir}/root.crl.pem, {dir}/{LIST_FILE}");
}
