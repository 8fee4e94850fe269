//! The OCSP responder (RFC 6960): it answers whether a certificate is revoked, with a key and a
//! certificate of its own, in the issuing authority's place. Carrying the bytes over HTTP is left
//! to others.

mod query;
mod reply;

use std::borrow::Borrow;
use std::fmt;

use time::{Duration, OffsetDateTime};

use crate::encoding::{self, CertificateForm, Usage};
use crate::issuer::seal_with;
use crate::key::SoftwareKey;
use crate::ocsp::query::{CertId, IssuerHashes, Query, QueryFault};
use crate::ocsp::reply::{Answer, CertStatus, Refusal};
use crate::validity::writable;
use crate::{
    Authority, CaError, Certificate, Draft, Generation, Issuer, KeyAlgorithm, RequestDigest,
    Serial, SigningKey as _, Subject, Validity,
};

pub use query::MAX_OCSP_REQUEST_BYTES;

/// What a new responder is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponderOptions {
    /// Its kind of key.
    pub key: KeyAlgorithm,
    /// Its name.
    pub subject: Subject,
    /// How long its certificate holds from now on, at most as long as the issuing authority. That
    /// for an older generation ends with it.
    pub lifetime: Duration,
    /// By how much its certificate begins before now, for clocks that are behind.
    pub back_date: Duration,
    /// How long an answer is good for (nextUpdate).
    pub freshness: Duration,
}

impl Default for ResponderOptions {
    /// P-256, a certificate for thirty days, answers for an hour.
    fn default() -> Self {
        let subject = Subject::new("sealbank TEST ONLY", "OCSP", "OCSP responder TEST ONLY");
        Self {
            key: KeyAlgorithm::P256,
            subject: subject.expect("the default name is within bounds"),
            lifetime: Duration::days(30),
            back_date: Duration::hours(1),
            freshness: Duration::hours(1),
        }
    }
}

/// Answers OCSP requests about one authority's certificates, of all generations.
///
/// Only what a CA has itself authorised may answer for its certificates (RFC 6960 section 4.2.2.2),
/// so the responder has a key and a certificate (id-kp-OCSPSigning, id-pkix-ocsp-nocheck) from each
/// generation that still holds. They go the way of all others: drafted, recorded, signed, compared,
/// recorded. The keys live in this value alone, so every responder has certificates of its own.
///
/// ```
/// use sealbank_ca::{Authority, Responder, ResponderOptions};
/// use time::macros::datetime;
///
/// let now = datetime!(2031-04-01 09:00 +9);
/// let authority = Authority::ephemeral()?;
/// let responder = Responder::new(&authority, &ResponderOptions::default(), now)?;
/// let answer = responder.respond(b"nonsense", now);
/// assert_eq!(answer, [0x30, 3, 0x0a, 1, 1], "malformedRequest");
/// # Ok::<(), sealbank_ca::CaError>(())
/// ```
pub struct Responder<A> {
    authority: A,
    /// One for each generation that holds, newest first; never empty.
    delegates: Vec<Delegate>,
    freshness: Duration,
}

/// What answers for one generation.
struct Delegate {
    generation: Generation,
    issuer: IssuerHashes,
    key: SoftwareKey,
    certificate: Certificate,
}

impl<A: Borrow<Authority>> Responder<A> {
    /// A responder for an authority, given as a reference or as an `Arc`.
    ///
    /// # Errors
    /// [`CaError::OutlivesIssuer`], or why its certificate was not made or not recorded.
    pub fn new(
        authority: A,
        options: &ResponderOptions,
        now: OffsetDateTime,
    ) -> Result<Self, CaError> {
        let delegates = delegate(authority.borrow(), options, now)?;
        Ok(Self {
            delegates,
            freshness: options.freshness,
            authority,
        })
    }

    /// The answer to a request, both in DER: what goes between `application/ocsp-request` and
    /// `application/ocsp-response`.
    ///
    /// It never fails: what cannot be answered is refused with an OCSP error of its own, namely
    /// malformedRequest for anything but an OCSP request of at most
    /// [`MAX_OCSP_REQUEST_BYTES`], unauthorized for one about another authority's certificates
    /// alone, and internalError if nothing can be looked up or signed now. A request about
    /// certificates of several generations is answered for the newest of them, and with unknown for
    /// the others: one answer has one signer.
    pub fn respond(&self, request: &[u8], now: OffsetDateTime) -> Vec<u8> {
        match self.answer(request, now) {
            Ok(response) => response,
            Err(refusal) => refusal.encode(),
        }
    }

    /// The responder's own certificate from the newest generation.
    pub fn certificate(&self) -> &Certificate {
        let newest = self.delegates.first();
        &newest.expect("the newest generation has one").certificate
    }

    fn answer<'a>(&self, request: &'a [u8], now: OffsetDateTime) -> Result<Vec<u8>, Refusal> {
        let query = Query::parse(request).map_err(|_: QueryFault| Refusal::MalformedRequest)?;
        let mut delegates = self.delegates.iter();
        let delegate = delegates.find(|it| query.asks_about(&it.issuer));
        let delegate = delegate.ok_or(Refusal::Unauthorized)?;
        let this_update = writable(now).ok_or(Refusal::InternalError)?;
        let next_update = now.checked_add(self.freshness).and_then(writable);
        if !delegate.certificate.validity().contains(now) {
            return Err(Refusal::InternalError);
        }
        let single = |id: &CertId<'a>| {
            let status = match id.serial_at(&delegate.issuer) {
                Some(serial) => status(self.authority.borrow(), delegate.generation, &serial)?,
                None => CertStatus::Unknown,
            };
            Ok((id.whole(), status))
        };
        let answer = Answer {
            key: delegate.key.public_key(),
            this_update,
            next_update: next_update.ok_or(Refusal::InternalError)?,
            singles: query.ids().map(single).collect::<Result<_, Refusal>>()?,
            nonce: query.nonce(),
        };
        let certificates = reply::certificates(&delegate.certificate);
        let basic = seal_with(&delegate.key, &answer.encode(), &certificates)
            .map_err(|_: CaError| Refusal::InternalError)?;
        Ok(reply::successful(&basic))
    }
}

impl<A> fmt::Debug for Responder<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder")
            .field("delegates", &self.delegates.len())
            .finish_non_exhaustive()
    }
}

/// A key and a certificate from the newest generation, and from each older one that holds.
fn delegate(
    authority: &Authority,
    options: &ResponderOptions,
    now: OffsetDateTime,
) -> Result<Vec<Delegate>, CaError> {
    let off = || CaError::Clock { now };
    let begin = now.checked_sub(options.back_date).ok_or_else(off)?;
    let end = now.checked_add(options.lifetime).ok_or_else(off)?;
    let newest = authority.generation();
    let mut prepared = Vec::new();
    for (generation, issuer) in authority.generations() {
        let held = issuer.validity();
        let end = match generation {
            _ if generation == newest => end,
            _ if !held.contains(now) => continue,
            _ => end.min(held.not_after()),
        };
        let key = SoftwareKey::generate(options.key)?;
        let validity = Validity::new(begin, end)?;
        let draft = draft(authority, issuer, &key, &options.subject, validity)?;
        prepared.push((generation, issuer, key, draft));
    }
    let drafts = prepared.iter().map(|(.., draft)| draft.clone()).collect();
    let signed = authority.carry_through(drafts, now)?;
    let delegates = prepared.into_iter().zip(signed);
    let delegates = delegates.map(|((generation, issuer, key, _), certificate)| Delegate {
        generation,
        issuer: IssuerHashes::of(issuer),
        key,
        certificate: certificate.into_inner(),
    });
    Ok(delegates.rev().collect())
}

fn draft(
    authority: &Authority,
    issuer: &Issuer,
    key: &SoftwareKey,
    subject: &Subject,
    validity: Validity,
) -> Result<Draft, CaError> {
    issuer.admit(validity)?;
    let serial = authority.write_books().reserve_serial()?;
    let key = key.public_key();
    let tbs = encoding::certificate(&CertificateForm {
        serial,
        issuer: issuer.identity(),
        validity,
        subject: &subject.to_name(),
        key,
        usage: Usage::Responder,
    })?;
    // There is no request; the key stands for it, as it is new and of our own making.
    let draft = Draft::from_tbs(tbs, RequestDigest::of(key.spki_der()))?;
    draft
        .facts()
        .must_say(issuer.identity(), serial, key, subject, validity)?;
    Ok(draft)
}

/// What the authority knows of a serial that this generation may have given, to a single request or
/// in bulk.
fn status(
    authority: &Authority,
    generation: Generation,
    serial: &Serial,
) -> Result<CertStatus, Refusal> {
    let found = authority.find_certificate(serial);
    let found = found.map_err(|_: CaError| Refusal::InternalError)?;
    let signer = found.and_then(|certificate| authority.generation_of(&certificate));
    if signer != Some(generation) {
        return Ok(CertStatus::Unknown);
    }
    Ok(match authority.revocation(serial) {
        Some(revocation) => CertStatus::Revoked {
            revoked_at: revocation.revoked_at(),
            reason: revocation.reason(),
        },
        None => CertStatus::Good,
    })
}
