//! An offline certification authority for tests: request, draft, record, sign, release.
//!
//! It signs client certificates in-process, without a server, and keeps one order that the types
//! enforce. A request is parsed ([`CertificateRequest`]) and its sender's possession of the key
//! is proved ([`VerifiedRequest`]); of all that he wrote only the public key survives. A [`Draft`]
//! is decided and recorded in a journal. Only a recorded draft can be signed ([`Issuer::sign`]);
//! the result is read back, compared with the draft and recorded in turn, and only a recorded
//! [`Certificate`] leaves. A crash therefore leaves a record and never a mystery.
//!
//! # Example
//!
//! ```
//! use sealbank_ca::{Authority, CertificateRequest, Subject, Validity};
//! use time::macros::datetime;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = datetime!(2031-04-01 09:00 +9);
//! let authority = Authority::ephemeral()?;
//! # let bytes = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/requests/accepted.p256.pem"));
//! let request = CertificateRequest::parse(bytes)?.verify()?;
//! let subject = Subject::new("The Higo Bank, Ltd", "Internet Banking", "ZZTST1 keiri01")?;
//! let validity = Validity::new(now, now + time::Duration::days(365))?;
//! let certificates = authority.sign(&[(request, subject, validity)], now)?;
//! assert_eq!(certificates[0].subject().common_name(), "ZZTST1 keiri01");
//! assert!(certificates[0].pem().starts_with("-----BEGIN CERTIFICATE-----"));
//! # Ok(())
//! # }
//! ```
//!
//! # What is deliberately absent
//!
//! No clock: time comes in as `now`. No network: revocation lists are made here and published
//! by others, and a [`Responder`] answers bytes with bytes. No import of anything that a requester
//! asks for: no subject, no extension.

mod algorithm;
mod audit;
mod authority;
mod books;
mod breach;
mod bulk;
mod certificate;
mod crl;
mod der;
mod draft;
mod encoding;
mod error;
#[cfg(feature = "pkcs12")]
mod export;
mod facts;
mod files;
mod founding;
mod generation;
mod hex;
mod hierarchy;
mod issuer;
mod key;
mod keystore;
mod lineage;
mod lists;
mod name;
mod ocsp;
mod oid;
mod profile;
mod proof;
mod protection;
mod public_key;
mod record;
mod renewal;
mod request;
mod revocation;
mod root;
mod serial;
mod standing;
mod subject;
mod template;
#[cfg(feature = "rustls")]
mod tls;
mod validity;

pub use algorithm::KeyAlgorithm;
pub use audit::{AuditBreak, CaAudit, audit, audit_journal};
pub use authority::{Authority, Settled};
pub use breach::Breach;
pub use bulk::{
    BulkCertificate, BulkOptions, BulkOutcome, BulkRefusal, BulkRequest, BulkRun, BulkSummary,
    Release, SignatureCheck,
};
pub use certificate::Certificate;
pub use crl::{ListEntry, RevocationList};
pub use der::DerFault;
pub use draft::Draft;
pub use error::{CaError, RequestError};
pub use generation::Generation;
pub use hierarchy::HierarchyOptions;
pub use issuer::Issuer;
pub use key::SigningKey;
pub use keystore::Keystore;
pub use name::{Name, NameAttribute};
pub use ocsp::{MAX_OCSP_REQUEST_BYTES, Responder, ResponderOptions};
pub use profile::Profile;
pub use protection::KeyProtection;
pub use public_key::PublicKey;
pub use renewal::RenewalOptions;
pub use request::{CertificateRequest, MAX_REQUEST_BYTES, RequestDigest, VerifiedRequest};
pub use revocation::{Revocation, RevocationReason};
pub use root::Root;
pub use serial::Serial;
pub use standing::{Filter, Listed, Status, StatusKind};
pub use subject::Subject;
#[cfg(feature = "rustls")]
pub use tls::MutualTls;
pub use validity::Validity;
