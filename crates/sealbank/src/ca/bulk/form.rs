//! The forms in which a certificate is written.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealbank_ca::BulkCertificate;
use serde::Serialize;
use serde_json::Value;

use super::requests::Slip;

/// Bytes whose base64 fills a line of 64 characters (RFC 7468 section 3).
const BYTES_PER_LINE: usize = 48;

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
    let mut text = [0; BYTES_PER_LINE / 3 * 4];
    for bytes in der.chunks(BYTES_PER_LINE) {
        let length = STANDARD
            .encode_slice(bytes, &mut text)
            .expect("48 bytes are 64 characters");
        out.extend_from_slice(&text[..length]);
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
