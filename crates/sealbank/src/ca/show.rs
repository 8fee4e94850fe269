//! `sealbank ca show`: everything about single certificates.

use sealbank_ca::{Listed, Status};
use time::OffsetDateTime;

use super::args::ShowArguments;
use super::{house, list, output, revoke};
use crate::exit::{Exit, Failure};

/// Shows the certificates that are named.
pub(super) fn show(arguments: &ShowArguments) -> Result<Exit, Failure> {
    let now = OffsetDateTime::now_utc();
    let authority = house::look_into(&arguments.place.dir)?;
    let mut found = Vec::new();
    for name in &arguments.certificates {
        let named = revoke::named(&authority, name)?.into_iter();
        found.extend(named.map(|certificate| authority.standing(certificate, now)));
    }
    let text = if arguments.pem {
        found
            .iter()
            .map(|listed| listed.certificate.pem())
            .collect()
    } else if arguments.form.json {
        list::json(&found)
    } else if arguments.form.csv {
        list::csv(&found)
    } else {
        let paragraphs: Vec<_> = found.iter().map(paragraph).collect();
        paragraphs.join("\n")
    };
    output::print(text.as_bytes())?;
    Ok(Exit::Success)
}

fn paragraph(listed: &Listed) -> String {
    let certificate = &listed.certificate;
    let status = match listed.status {
        Status::Revoked { reason, revoked_at } => {
            format!("revoked {} ({reason})", output::instant(revoked_at))
        }
        other => other.kind().name().to_owned(),
    };
    format!(
        "serial      {}\nsubject     {}\nissuer      {}\nstatus      {status}\nvalid from  {}\nvalid until {}\nkey         {}\nrequest     SHA-256 {}\n",
        certificate.serial(),
        certificate.subject().to_name(),
        certificate.issuer(),
        output::instant(certificate.not_before()),
        output::instant(certificate.not_after()),
        certificate.public_key().algorithm(),
        certificate.request(),
    )
}
