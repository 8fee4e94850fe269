//! The forms in which a certificate is written.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealbank_ca::BulkCertificate;
use serde::Serialize;
use serde_json::Value;

use super::requests::Slip;

/// Characters of base64 in a line (RFC 7468 section 3).
const LINE: usize = 64;

/// How an entry of the output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Pem,
    Der,
    Ndjson,
}

/// A line of the output in JSON.
#[derive(Serialize)]
struct Line<'a> {
    position: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    serial: String,
    subject: Parts<'a>,
    certificate: &'a str,
}

/// A subject, with the names that it has in the input.
#[derive(Serialize)]
struct Parts<'a> {
    o: &'a str,
    ou: &'a str,
    cn: &'a str,
}

/// Appends the certificate in PEM (RFC 7468 section 5).
pub(super) fn put_pem(der: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"-----BEGIN CERTIFICATE-----\n");
    // At once and then line by line: the encoder is quick on long inputs only.
    for line in STANDARD.encode(der).as_bytes().chunks(LINE) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend_from_slice(b"-----END CERTIFICATE-----\n");
}

/// Appends a line of JSON about the certificate.
pub(super) fn put_line(
    slip: &Slip,
    certificate: &BulkCertificate<'_>,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let mut pem = Vec::new();
    put_pem(certificate.der, &mut pem);
    let subject = slip
        .subject
        .as_ref()
        .map_err(|fault| io::Error::other(fault.reason.clone()))?;
    let line = Line {
        position: certificate.position,
        id: slip.id.as_ref(),
        serial: certificate.serial.to_string(),
        subject: Parts {
            o: subject.organization(),
            ou: subject.organizational_unit(),
            cn: subject.common_name(),
        },
        certificate: str::from_utf8(&pem).expect("PEM is ASCII"),
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject as _;

    use super::*;

    #[test]
    fn pem_is_read_back_as_what_it_was() {
        for length in [0, 1, 47, 48, 49, 96, 700] {
            let der: Vec<u8> = (0..length).map(|byte: u32| byte.to_le_bytes()[0]).collect();
            let mut pem = Vec::new();
            put_pem(&der, &mut pem);
            let text = str::from_utf8(&pem).unwrap();
            assert!(text.lines().all(|line| line.len() <= 64));
            assert_eq!(CertificateDer::from_pem_slice(&pem).unwrap().as_ref(), der);
        }
    }
}
