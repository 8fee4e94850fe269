//! The textual encoding of certificates (RFC 7468) that the portal hands out but did not make.

use pkcs8::LineEnding;
use pkcs8::der::pem;
use rustls_pki_types::CertificateDer;

/// A certificate as one PEM block.
pub(crate) fn certificate(der: &CertificateDer<'_>) -> String {
    pem::encode_string("CERTIFICATE", LineEnding::LF, der)
        .expect("anything shorter than 2 GiB has a PEM form")
}
