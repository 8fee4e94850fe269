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
    Authority, CaError, Certificate, Draft, KeyAlgorithm, RequestDigest, Serial, SigningKey as _,
    Subject, Validity,
};

pub use query::MAX_OCSP_REQUEST_BYTES;

/// What a new responder is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponderOptions {
    /// Its kind of key.
    pub key: KeyAlgorithm,
    /// Its name.
    pub subject: Subject,
    /// How long its certificate holds from now on, at most as long as the issuing authority.
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

/// Answers OCSP requests about one authority's certificates.
///
/// Its certificate (id-kp-OCSPSigning, id-pkix-ocsp-nocheck) goes the way of all others: drafted,
/// recorded, signed, compared, recorded. Its key lives in this value alone, so every responder has
/// a certificate of its own.
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
    key: SoftwareKey,
    certificate: Certificate,
    freshness: Duration,
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
        let key = SoftwareKey::generate(options.key)?;
        let off = || CaError::Clock { now };
        let validity = Validity::new(
            now.checked_sub(options.back_date).ok_or_else(off)?,
            now.checked_add(options.lifetime).ok_or_else(off)?,
        )?;
        let draft = draft(authority.borrow(), &key, &options.subject, validity)?;
        let mut signed = authority.borrow().carry_through(vec![draft], now)?;
        let certificate = signed.pop().expect("one draft gives one certificate");
        Ok(Self {
            key,
            certificate: certificate.into_inner(),
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
    /// alone, and internalError if nothing can be looked up or signed now.
    pub fn respond(&self, request: &[u8], now: OffsetDateTime) -> Vec<u8> {
        match self.answer(request, now) {
            Ok(response) => response,
            Err(refusal) => refusal.encode(),
        }
    }

    /// The responder's own certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn answer<'a>(&self, request: &'a [u8], now: OffsetDateTime) -> Result<Vec<u8>, Refusal> {
        let query = Query::parse(request).map_err(|_: QueryFault| Refusal::MalformedRequest)?;
        let authority = self.authority.borrow();
        let issuer = IssuerHashes::of(authority.issuer());
        if !query.asks_about(&issuer) {
            return Err(Refusal::Unauthorized);
        }
        let this_update = writable(now).ok_or(Refusal::InternalError)?;
        let next_update = now.checked_add(self.freshness).and_then(writable);
        if !self.certificate.validity().contains(now) {
            return Err(Refusal::InternalError);
        }
        let single = |id: &CertId<'a>| {
            let status = match id.serial_at(&issuer) {
                Some(serial) => status(authority, &serial)?,
                None => CertStatus::Unknown,
            };
            Ok((id.whole(), status))
        };
        let answer = Answer {
            key: self.key.public_key(),
            this_update,
            next_update: next_update.ok_or(Refusal::InternalError)?,
            singles: query.ids().map(single).collect::<Result<_, Refusal>>()?,
            nonce: query.nonce(),
        };
        let basic = seal_with(
            &self.key,
            &answer.encode(),
            &reply::certificates(&self.certificate),
        )
        .map_err(|_: CaError| Refusal::InternalError)?;
        Ok(reply::successful(&basic))
    }
}

impl<A> fmt::Debug for Responder<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder")
            .field("serial", self.certificate.serial())
            .finish_non_exhaustive()
    }
}

fn draft(
    authority: &Authority,
    key: &SoftwareKey,
    subject: &Subject,
    validity: Validity,
) -> Result<Draft, CaError> {
    let issuer = authority.issuer();
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

/// What the authority knows of a serial that it may have given, to a single request or in bulk.
fn status(authority: &Authority, serial: &Serial) -> Result<CertStatus, Refusal> {
    if let Some(revocation) = authority.revocation(serial) {
        return Ok(CertStatus::Revoked {
            revoked_at: revocation.revoked_at(),
            reason: revocation.reason(),
        });
    }
    match authority.find_certificate(serial) {
        Ok(Some(_)) => Ok(CertStatus::Good),
        Ok(None) => Ok(CertStatus::Unknown),
        Err(_) => Err(Refusal::InternalError),
    }
}
