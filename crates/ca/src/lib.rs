//! An offline certification authority for tests, as a library: request, draft, record, sign,
//! release.
//!
//! It signs client certificates in-process, without a server. A test gets a whole authority, root
//! and issuing CA, in one line and a certificate in a few more; a mock bank gets one that survives
//! `kill -9`, continues a bulk run of a million, and proves afterwards from its records alone that
//! it kept its order. Nothing that it signs is for anything but tests, and its names say so.
//!
//! # Example
//!
//! ```
//! use rcgen::{CertificateParams, KeyPair};
//! use sealbank_ca::{Authority, CertificateRequest, Subject, Validity};
//! use time::{Duration, macros::datetime};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = datetime!(2031-04-01 09:00 +9);
//! let authority = Authority::ephemeral()?;
//!
//! let key = KeyPair::generate()?; // the requester's, who keeps it
//! let request = CertificateParams::default().serialize_request(&key)?;
//!
//! let request = CertificateRequest::parse(request.der())?.verify()?;
//! let subject = Subject::new("Example Bank", "Internet Banking", "ZZTST1 keiri01")?;
//! let validity = Validity::new(now, now + Duration::days(365))?;
//! let certificate = authority.sign(&[(request, subject, validity)], now)?.remove(0);
//!
//! assert_eq!(certificate.subject().common_name(), "ZZTST1 keiri01");
//! assert!(certificate.pem().starts_with("-----BEGIN CERTIFICATE-----"));
//! # Ok(())
//! # }
//! ```
//!
//! # The one order
//!
//! The types enforce it. A request is parsed ([`CertificateRequest`]) and its sender's possession
//! of the key is proved ([`VerifiedRequest`]); of all that he wrote only the public key survives. A
//! [`Draft`] is decided and recorded in a journal. Only a recorded draft can be signed
//! ([`Issuer::sign`] takes nothing else); the result is read back by another parser, compared with
//! the draft and recorded in turn, and only a recorded [`Certificate`] leaves. A crash therefore
//! leaves a record and never a mystery: [`Authority::settle`] says what was begun and not ended.
//!
//! # What it does
//!
//! | to | ask |
//! |---|---|
//! | have an authority for one test | [`Authority::ephemeral`], [`Authority::in_memory`] |
//! | have one for each of many tests | [`Ceremony::ephemeral`], [`Ceremony::authority`] |
//! | have one that lasts, its issuing key plain or under a passphrase | [`Authority::create_in`], [`Authority::open_in`], [`Keystore`], [`KeyProtection`] |
//! | keep the keys in hardware | [`SigningKey`], [`Authority::open_with_keys`] |
//! | sign single requests; what became of one | [`Authority::sign`], [`Authority::find_by_request`] |
//! | sign a stream of them, and continue after a crash | [`Authority::sign_bulk`] |
//! | revoke, and publish lists | [`Authority::revoke`], [`Authority::crl`], [`Authority::crls`] |
//! | answer OCSP | [`Responder`] |
//! | renew the issuing CA, or the root's list | [`Root`], [`Authority::renew_issuing`], [`Authority::renew_root_crl`] |
//! | look | [`Authority::list`], [`Filter`], [`Authority::standing`] |
//! | prove the order from the journal alone | [`audit_journal`] |
//! | give a certificate with its key to a browser | feature `pkcs12`: `Authority::export` |
//! | have mutual TLS in a test | feature `rustls`: `Authority::mutual_tls` |
//!
//! | feature | default | brings |
//! |---|---|---|
//! | `pkcs12` | no | PKCS #12 files of a certificate, its chain and its key |
//! | `rustls` | no | server and client configurations of rustls that stand on the authority |
//!
//! # Generations
//!
//! The issuing CA is renewed in [`Generation`]s: each has a name (`… G2`), a key and revocation
//! lists of its own. New certificates come from the newest, older ones go on being revoked and
//! listed by the generation that signed them. The root signs a generation and is put away again.
//!
//! # Errors
//!
//! [`RequestError`] is the authority saying no to a request; each reason has a stable
//! [`code`](RequestError::code). [`CaError`] is the authority failing, or being asked for what it
//! must not do. Messages say what disagreed and how to mend it. Nothing that comes from outside
//! makes it panic: requests, OCSP queries, files and journals are read as strictly as they are
//! written.
//!
//! # Types of others
//!
//! The API speaks in its own types and in those of four crates: [`rustls_pki_types`] for DER that
//! TLS libraries take, [`time`] because every instant comes in from outside, [`sealbank_journal`]
//! for where records go and for the [`Durable`](sealbank_journal::Durable) that proves them, and
//! [`secrecy`] for passphrases, so that none is printed or left in memory. With feature `rustls`
//! it hands out that crate's configurations too.
//!
//! # What is deliberately absent
//!
//! No clock: time comes in as `now`. No network: revocation lists are made here and published
//! by others, and a [`Responder`] answers bytes with bytes. No import of anything that a requester
//! asks for: no subject, no extension. No server certificates, no certificateHold, no delta lists.

mod algorithm;
mod audit;
mod authority;
mod books;
mod breach;
mod bulk;
mod ceremony;
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
mod refusal;
mod refused;
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
pub use ceremony::Ceremony;
pub use certificate::Certificate;
pub use crl::{ListEntry, RevocationList};
pub use der::DerFault;
pub use draft::Draft;
pub use error::CaError;
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
pub use refusal::RequestError;
pub use refused::RefusedRequest;
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
