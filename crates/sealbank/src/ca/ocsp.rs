//! `sealbank ca ocsp`: answers whether certificates are revoked, to a request in a file or to anybody over HTTP.
//!
//! | room | what it does |
//! |---|---|
//! | `desk` | answers, and keeps up with what others put on record |
//! | `delegate` | the key that signs answers, and the states of the CA that it was shown |
//! | `loan` | a journal that is given back |
//! | `http` | what goes into a request and comes out of an answer over HTTP |
//! | `listen` | the sockets |

mod delegate;
mod desk;
mod http;
mod listen;
mod loan;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealbank_ca::{MAX_OCSP_REQUEST_BYTES, Responder, ResponderOptions};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::args::OcspArguments;
use super::house::{self, refused};
use super::input;
use super::output;
use crate::exit::{Exit, Failure};
use crate::file;

/// Answers one request, or all that come.
pub(super) fn ocsp(arguments: &OcspArguments) -> Result<Exit, Failure> {
    match arguments.listen {
        Some(address) => listen::listen(arguments, address),
        None => answer(arguments),
    }
}

fn options(arguments: &OcspArguments) -> ResponderOptions {
    ResponderOptions {
        freshness: Duration::minutes(arguments.minutes.into()),
        ..ResponderOptions::default()
    }
}

fn answer(arguments: &OcspArguments) -> Result<Exit, Failure> {
    let path = arguments.request.as_deref().unwrap_or(Path::new("-"));
    let request = input::read(path, MAX_OCSP_REQUEST_BYTES)?;
    let now = OffsetDateTime::now_utc();
    let authority = house::open(&arguments.place, now)?;
    let responder = Responder::new(&authority, &options(arguments), now);
    let responder = responder.map_err(|error| refused(&error))?;
    let answer = responder.respond(&request, now);
    let (out, status) = (arguments.out.as_path(), status(&answer));
    let on_stdout = out == Path::new("-");
    if !on_stdout {
        file::replace(out, &answer)?;
    }
    if arguments.json {
        let written = (!on_stdout).then_some(out);
        let told =
            json!({ "status": status, "answer": STANDARD.encode(&answer), "written": written });
        anstream::println!("{told:#}");
    } else {
        if on_stdout {
            output::print(&answer)?;
        }
        anstream::eprintln!("{}: {status}", path.display());
    }
    Ok(match status {
        SUCCESSFUL => Exit::Success,
        _ => Exit::Failed,
    })
}

/// The status of an answer with something signed in it.
const SUCCESSFUL: &str = "successful";

/// The `OCSPResponseStatus` of an answer (RFC 6960 section 4.2.1); one that is not successful is nothing else.
fn status(answer: &[u8]) -> &'static str {
    match answer {
        [0x30, 3, 0x0a, 1, 1] => "malformedRequest",
        [0x30, 3, 0x0a, 1, 2] => "internalError",
        [0x30, 3, 0x0a, 1, 3] => "tryLater",
        [0x30, 3, 0x0a, 1, 6] => "unauthorized",
        _ => SUCCESSFUL,
    }
}
