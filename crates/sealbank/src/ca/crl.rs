//! `sealbank ca crl`: a new revocation list, in a file that is replaced as a whole.

use std::path::Path;

use serde_json::json;
use time::OffsetDateTime;

use super::args::CrlArguments;
use super::house::{self, LIST_FILE, refused};
use super::output;
use crate::exit::{Exit, Failure};

/// Signs the list and writes it.
pub(super) fn crl(arguments: &CrlArguments) -> Result<Exit, Failure> {
    let now = OffsetDateTime::now_utc();
    let authority = house::open(&arguments.place, now)?;
    let list = authority.crl(now).map_err(|error| refused(&error))?;
    let content = if arguments.der {
        list.der().to_vec()
    } else {
        list.pem().into_bytes()
    };
    let path = arguments.out.clone().unwrap_or_else(|| {
        let name = Path::new(LIST_FILE);
        let ending = if arguments.der { "der" } else { "pem" };
        arguments.place.dir.join(name.with_extension(ending))
    });
    if path == Path::new("-") {
        output::print(&content)?;
        return Ok(Exit::Success);
    }
    output::replace(&path, &content)?;
    let (number, entries) = (list.number(), list.revoked().len());
    let (from, until) = (list.this_update(), list.next_update());
    let (from, until) = (output::instant(from), output::instant(until));
    if arguments.json {
        let made = json!({
            "path": path, "number": number, "this-update": from, "next-update": until, "revoked": entries,
        });
        anstream::println!("{made:#}");
    } else {
        let path = path.display();
        anstream::println!("{path}: list number {number}, {entries} revoked, next by {until}");
    }
    Ok(Exit::Success)
}
