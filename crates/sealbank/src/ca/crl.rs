//! `sealbank ca crl`: new revocation lists, in files that are replaced as wholes.

use std::path::{Path, PathBuf};

use sealbank_ca::{Authority, Generation, RevocationList};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::args::CrlArguments;
use super::house::{self, refused};
use super::{output, root};
use crate::exit::{Exit, Failure};
use crate::file;

/// The latest revocation list of the issuing CA's newest generation within the directory.
pub(super) const LIST_FILE: &str = "issuing.crl.pem";

/// The root's latest revocation list within the directory.
pub(super) const ROOT_LIST_FILE: &str = "root.crl.pem";

/// Signs lists and writes them.
pub(super) fn crl(arguments: &CrlArguments) -> Result<Exit, Failure> {
    let now = OffsetDateTime::now_utc();
    let lists = if arguments.root {
        vec![root_list(arguments, now)?]
    } else {
        issuing_lists(arguments, now)?
    };
    if arguments.out.as_deref() == Some(Path::new("-")) {
        for (_, list) in &lists {
            output::print(&content(arguments, list))?;
        }
        return Ok(Exit::Success);
    }
    let mut told = Vec::new();
    for (name, list) in &lists {
        let path = path(arguments, name);
        file::replace(&path, &content(arguments, list))?;
        if !arguments.json {
            say(&path, list);
        }
        told.push(facts(&path, list));
    }
    if arguments.json {
        let told = json!({ "lists": told });
        anstream::println!("{told:#}");
    }
    Ok(Exit::Success)
}

/// A new list of each generation that needs one, in the directory.
pub(super) fn publish(
    authority: &Authority,
    dir: &Path,
    now: OffsetDateTime,
) -> Result<Vec<PathBuf>, Failure> {
    let lists = authority.crls(now).map_err(|error| refused(&error))?;
    let newest = authority.generation();
    let mut paths = Vec::new();
    for (generation, list) in lists {
        let path = dir.join(file_name(generation, newest));
        file::replace(&path, list.pem().as_bytes())?;
        paths.push(path);
    }
    Ok(paths)
}

/// The lists that are asked for, each with the name of its file in PEM.
fn issuing_lists(
    arguments: &CrlArguments,
    now: OffsetDateTime,
) -> Result<Vec<(String, RevocationList)>, Failure> {
    if arguments.root_place.root_dir.is_some() || arguments.root_place.passphrase_file.is_some() {
        return Err(Failure::bad_input(
            "error: the root is not needed for the lists of the issuing CA\nhelp: leave out --root-dir and --passphrase-file, or ask for the root's own list with --root",
        ));
    }
    let authority = house::open(&arguments.place, now)?;
    let newest = authority.generation();
    let lists = match (arguments.generation, &arguments.out) {
        (None, None) => authority.crls(now),
        (asked, _) => {
            let generation = asked.unwrap_or(newest);
            let list = authority.crl_of(generation, now);
            list.map(|list| vec![(generation, list)])
        }
    };
    let lists = lists.map_err(|error| refused(&error))?.into_iter();
    Ok(lists
        .map(|(generation, list)| (file_name(generation, newest), list.into_inner()))
        .collect())
}

/// A new list of the root; the authority writes `root.crl.pem` itself.
fn root_list(
    arguments: &CrlArguments,
    now: OffsetDateTime,
) -> Result<(String, RevocationList), Failure> {
    let root = root::take_out(&arguments.place, &arguments.root_place)?;
    let mut authority = house::open(&arguments.place, now)?;
    let list = authority.renew_root_crl(&root, now);
    let list = list.map_err(|error| refused(&error))?.clone();
    Ok((ROOT_LIST_FILE.to_owned(), list))
}

/// The newest generation's has the plain name, as its certificate has.
fn file_name(generation: Generation, newest: Generation) -> String {
    if generation == newest {
        LIST_FILE.to_owned()
    } else {
        LIST_FILE.replacen("issuing", &format!("issuing-{}", generation.number()), 1)
    }
}

fn path(arguments: &CrlArguments, name: &str) -> PathBuf {
    let ending = if arguments.der { "der" } else { "pem" };
    let default = || arguments.place.dir.join(name).with_extension(ending);
    arguments.out.clone().unwrap_or_else(default)
}

fn content(arguments: &CrlArguments, list: &RevocationList) -> Vec<u8> {
    if arguments.der {
        list.der().to_vec()
    } else {
        list.pem().into_bytes()
    }
}

fn say(path: &Path, list: &RevocationList) {
    anstream::println!(
        "{}: list number {}, {} revoked, next by {}",
        path.display(),
        list.number(),
        list.revoked().len(),
        output::instant(list.next_update())
    );
}

fn facts(path: &Path, list: &RevocationList) -> Value {
    json!({
        "path": path,
        "issuer": list.issuer().to_string(),
        "number": list.number(),
        "this-update": output::instant(list.this_update()),
        "next-update": output::instant(list.next_update()),
        "revoked": list.revoked().len(),
    })
}
