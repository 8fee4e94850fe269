//! OCSP responses (RFC 6960 section 4.2), laid by hand.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use time::OffsetDateTime;

use super::query::NONCE;
use crate::der::{self, tag};
use crate::{Certificate, PublicKey, RevocationReason};

const OCTET_STRING: u8 = 0x04;
const ENUMERATED: u8 = 0x0a;
const GENERALIZED_TIME: u8 = 0x18;

/// id-pkix-ocsp-basic, RFC 6960 section 4.2.1.
const BASIC: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];

/// An answer that nobody signs (`OCSPResponseStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    MalformedRequest = 1,
    InternalError = 2,
    Unauthorized = 6,
}

/// `CertStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CertStatus {
    Good,
    Revoked {
        revoked_at: OffsetDateTime,
        reason: RevocationReason,
    },
    Unknown,
}

/// `ResponseData`: what is signed.
pub(super) struct Answer<'a> {
    pub(super) key: &'a PublicKey,
    pub(super) this_update: OffsetDateTime,
    pub(super) next_update: OffsetDateTime,
    /// Each `CertID` as it was sent, and the answer to it.
    pub(super) singles: Vec<(&'a [u8], CertStatus)>,
    pub(super) nonce: Option<&'a [u8]>,
}

impl Refusal {
    pub(super) fn encode(self) -> Vec<u8> {
        der::wrap(tag::SEQUENCE, &[&der::wrap(ENUMERATED, &[&[self as u8]])])
    }
}

impl Answer<'_> {
    pub(super) fn encode(&self) -> Vec<u8> {
        let produced_at = time(self.this_update);
        let next_update = der::wrap(tag::constructed(0), &[&time(self.next_update)]);
        let singles: Vec<_> = self
            .singles
            .iter()
            .map(|(id, status)| {
                let parts = [id, &status.encode()[..], &produced_at, &next_update];
                der::wrap(tag::SEQUENCE, &parts)
            })
            .collect();
        // byKey: SHA-1 over the key without its algorithm, whatever else is hashed how.
        let key = digest(&SHA1_FOR_LEGACY_USE_ONLY, self.key.raw());
        let key = der::wrap(OCTET_STRING, &[key.as_ref()]);
        let extensions = self.nonce.map(|nonce| {
            let kind = der::wrap(tag::OID, &[NONCE]);
            let value = der::wrap(OCTET_STRING, &[nonce]);
            let extension = der::wrap(tag::SEQUENCE, &[&kind, &value]);
            der::wrap(
                tag::constructed(1),
                &[&der::wrap(tag::SEQUENCE, &[&extension])],
            )
        });
        der::wrap(
            tag::SEQUENCE,
            &[
                &der::wrap(tag::constructed(2), &[&key]),
                &produced_at,
                &der::wrap(tag::SEQUENCE, &[&singles.concat()]),
                extensions.as_deref().unwrap_or_default(),
            ],
        )
    }
}

impl CertStatus {
    fn encode(self) -> Vec<u8> {
        match self {
            Self::Good => der::wrap(tag::primitive(0), &[]),
            Self::Unknown => der::wrap(tag::primitive(2), &[]),
            Self::Revoked { revoked_at, reason } => {
                let reason = match reason {
                    // As in a revocation list, no reason is no field.
                    RevocationReason::Unspecified => Vec::new(),
                    given => {
                        let code = der::wrap(ENUMERATED, &[&[given.code()]]);
                        der::wrap(tag::constructed(0), &[&code])
                    }
                };
                der::wrap(tag::constructed(1), &[&time(revoked_at), &reason])
            }
        }
    }
}

/// The responder's certificate, as a `BasicOCSPResponse` carries it.
pub(super) fn certificates(certificate: &Certificate) -> Vec<u8> {
    let list = der::wrap(tag::SEQUENCE, &[certificate.der()]);
    der::wrap(tag::constructed(0), &[&list])
}

/// The `OCSPResponse` around a signed answer.
pub(super) fn successful(basic: &[u8]) -> Vec<u8> {
    let kind = der::wrap(tag::OID, &[BASIC]);
    let bytes = der::wrap(tag::SEQUENCE, &[&kind, &der::wrap(OCTET_STRING, &[basic])]);
    der::wrap(
        tag::SEQUENCE,
        &[
            &der::wrap(ENUMERATED, &[&[0]]),
            &der::wrap(tag::constructed(0), &[&bytes]),
        ],
    )
}

/// `GeneralizedTime`, of an instant in whole seconds of UTC.
fn time(instant: OffsetDateTime) -> Vec<u8> {
    let (date, clock) = (instant.date(), instant.time());
    let text = format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    );
    der::wrap(GENERALIZED_TIME, &[text.as_bytes()])
}
