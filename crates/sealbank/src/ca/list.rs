//! `sealbank ca list`: certificates as a table, as JSON or as CSV.

use sealbank_ca::{Filter, Listed, Status};
use time::OffsetDateTime;

use super::args::{Form, ListArguments};
use super::{house, output};
use crate::exit::{Exit, Failure};

/// Lists the certificates that are asked for.
pub(super) fn list(arguments: &ListArguments) -> Result<Exit, Failure> {
    let authority = house::look_into(&arguments.place.dir)?;
    let filter = Filter {
        subject: arguments.subject.clone(),
        serial: arguments.serial,
        valid_at: arguments.valid_at,
        status: arguments.status,
    };
    let found = authority.list(&filter, OffsetDateTime::now_utc());
    let found = found.map_err(|error| house::refused(&error))?;
    let text = match arguments.form {
        Form { json: true, .. } => json(&found),
        Form { csv: true, .. } => csv(&found),
        Form { .. } => table(&found),
    };
    output::print(text.as_bytes())?;
    Ok(Exit::Success)
}

/// An array of objects.
pub(super) fn json(found: &[Listed]) -> String {
    let all: Vec<_> = found.iter().map(output::listed).collect();
    format!("{:#}\n", serde_json::Value::from(all))
}

/// RFC 4180.
pub(super) fn csv(found: &[Listed]) -> String {
    let mut text = "serial,status,not-before,not-after,organization,organizational-unit,common-name,reason,revoked-at\r\n".to_owned();
    for listed in found {
        let certificate = &listed.certificate;
        let subject = certificate.subject();
        let (reason, revoked_at) = match listed.status {
            Status::Revoked { reason, revoked_at } => (reason.name(), output::instant(revoked_at)),
            _ => ("", String::new()),
        };
        let fields = [
            &certificate.serial().to_string(),
            listed.status.kind().name(),
            &output::instant(certificate.not_before()),
            &output::instant(certificate.not_after()),
            subject.organization(),
            subject.organizational_unit(),
            subject.common_name(),
            reason,
            &revoked_at,
        ];
        text.push_str(&fields.map(field).join(","));
        text.push_str("\r\n");
    }
    text
}

/// A field, in quotation marks where it needs them.
fn field(value: &str) -> String {
    if value.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

fn table(found: &[Listed]) -> String {
    let mut text = String::new();
    for listed in found {
        let certificate = &listed.certificate;
        text.push_str(&format!(
            "{}  {:<13}  {}  {}\n",
            certificate.serial(),
            listed.status.kind().name(),
            output::instant(certificate.not_after()),
            certificate.subject().to_name()
        ));
    }
    text.push_str(&match found.len() {
        1 => "1 certificate\n".to_owned(),
        count => format!("{count} certificates\n"),
    });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_where_a_spreadsheet_would_split_it() {
        for (value, written) in [
            ("keiri01", "keiri01"),
            ("The Higo Bank, Ltd", "\"The Higo Bank, Ltd\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
        ] {
            assert_eq!(field(value), written);
        }
    }
}
