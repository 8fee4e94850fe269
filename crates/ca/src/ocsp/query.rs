//! OCSP requests (RFC 6960 section 4.1), read as strictly as anything that strangers send.

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use crate::der::{self, DerFault, Element, Reader, tag};
use crate::{Issuer, Serial, oid};

/// The longest OCSP request that is read (16 KiB): some two hundred certificates.
pub const MAX_OCSP_REQUEST_BYTES: usize = 16 * 1024;

const OCTET_STRING: u8 = 0x04;

/// id-pkix-ocsp-nonce, RFC 8954 section 2.1.
pub(super) const NONCE: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02];

/// What a request asks.
pub(super) struct Query<'a> {
    ids: Vec<CertId<'a>>,
    nonce: Option<&'a [u8]>,
}

/// A certificate, named by hashes of its issuer and by its serial.
pub(super) struct CertId<'a> {
    whole: &'a [u8],
    hash: &'a [u8],
    issuer_name: &'a [u8],
    issuer_key: &'a [u8],
    serial: &'a [u8],
}

/// How requests may name an issuer: by SHA-1, as nearly all do, or by SHA-256.
pub(super) struct IssuerHashes([(&'static [u8], digest::Digest, digest::Digest); 2]);

/// Why something is not an OCSP request.
#[derive(Debug)]
pub(super) enum QueryFault {
    TooLarge,
    NotDer,
    NothingAsked,
    /// Two extensions of one kind, or an extension that must be understood and is not.
    Extension,
    /// A nonce of another length than RFC 8954 allows.
    Nonce,
}

impl From<DerFault> for QueryFault {
    fn from(_: DerFault) -> Self {
        Self::NotDer
    }
}

impl<'a> Query<'a> {
    pub(super) fn parse(request: &'a [u8]) -> Result<Self, QueryFault> {
        if request.len() > MAX_OCSP_REQUEST_BYTES {
            return Err(QueryFault::TooLarge);
        }
        let (outer, rest) = der::check(request)?;
        if outer.tag != tag::SEQUENCE || !rest.is_empty() {
            return Err(QueryFault::NotDer);
        }
        let mut outer = outer.open();
        let signed = outer.expect(tag::SEQUENCE, "a TBSRequest belongs here")?;
        // A signature (optionalSignature) may be there; nothing depends on who asks.
        if outer.peek() == Some(tag::constructed(0)) {
            outer.next()?;
        }
        outer.end()?;
        Self::read(signed.open())
    }

    fn read(mut fields: Reader<'a>) -> Result<Self, QueryFault> {
        // The one version is the default, which DER leaves out; so `[0]` is refused.
        if fields.peek() == Some(tag::constructed(1)) {
            fields.next()?;
        }
        let mut list = fields
            .expect(tag::SEQUENCE, "the list of requests belongs here")?
            .open();
        let mut ids = Vec::new();
        while !list.is_empty() {
            let mut single = list.expect(tag::SEQUENCE, "a Request belongs here")?.open();
            ids.push(CertId::read(
                single.expect(tag::SEQUENCE, "a CertID belongs here")?,
            )?);
            if single.peek() == Some(tag::constructed(0)) {
                extensions(single.next()?)?;
            }
            single.end()?;
        }
        if ids.is_empty() {
            return Err(QueryFault::NothingAsked);
        }
        let nonce = match fields.peek() {
            Some(found) if found == tag::constructed(2) => extensions(fields.next()?)?,
            _ => None,
        };
        fields.end()?;
        Ok(Self { ids, nonce })
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &CertId<'a>> {
        self.ids.iter()
    }

    /// The content of the nonce extension, to be echoed byte for byte.
    pub(super) fn nonce(&self) -> Option<&'a [u8]> {
        self.nonce
    }

    /// Whether any certificate that it asks about could be this issuer's.
    pub(super) fn asks_about(&self, issuer: &IssuerHashes) -> bool {
        self.ids.iter().any(|id| issuer.is_named_by(id))
    }
}

impl<'a> CertId<'a> {
    fn read(id: Element<'a>) -> Result<Self, QueryFault> {
        let mut fields = id.open();
        let mut algorithm = fields
            .expect(tag::SEQUENCE, "the hash algorithm belongs here")?
            .open();
        let hash = algorithm.expect(tag::OID, "the hash algorithm belongs here")?;
        if algorithm.peek() == Some(tag::NULL) {
            algorithm.next()?;
        }
        algorithm.end()?;
        let issuer_name = fields.expect(OCTET_STRING, "the hash of a name belongs here")?;
        let issuer_key = fields.expect(OCTET_STRING, "the hash of a key belongs here")?;
        let serial = fields.expect(tag::INTEGER, "a serial belongs here")?;
        fields.end()?;
        Ok(Self {
            whole: id.whole,
            hash: hash.content,
            issuer_name: issuer_name.content,
            issuer_key: issuer_key.content,
            serial: serial.content,
        })
    }

    /// The `CertID` as it was sent.
    pub(super) fn whole(&self) -> &'a [u8] {
        self.whole
    }

    /// The serial, if it is one that this issuer could have given.
    pub(super) fn serial_at(&self, issuer: &IssuerHashes) -> Option<Serial> {
        issuer
            .is_named_by(self)
            .then(|| Serial::from_bytes(self.serial).ok())
            .flatten()
    }
}

impl IssuerHashes {
    pub(super) fn of(issuer: &Issuer) -> Self {
        let (name, key) = (issuer.name().as_der(), issuer.public_key().raw());
        let sha1 = |bytes| digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes);
        let sha256 = |bytes| digest::digest(&SHA256, bytes);
        Self([
            (oid::SHA1, sha1(name), sha1(key)),
            (oid::SHA256, sha256(name), sha256(key)),
        ])
    }

    fn is_named_by(&self, id: &CertId<'_>) -> bool {
        self.0.iter().any(|(hash, name, key)| {
            *hash == id.hash && name.as_ref() == id.issuer_name && key.as_ref() == id.issuer_key
        })
    }
}

/// Walks over extensions, refuses those that must be understood and are not, and finds the nonce.
fn extensions(wrapped: Element<'_>) -> Result<Option<&[u8]>, QueryFault> {
    let mut wrapped = wrapped.open();
    let mut list = wrapped
        .expect(tag::SEQUENCE, "extensions belong here")?
        .open();
    wrapped.end()?;
    let mut nonce = None;
    while !list.is_empty() {
        let mut extension = list
            .expect(tag::SEQUENCE, "an extension belongs here")?
            .open();
        let kind = extension.expect(tag::OID, "the extension's kind belongs here")?;
        let critical = extension.peek() == Some(tag::BOOLEAN);
        if critical {
            extension.next()?;
        }
        let value = extension.expect(OCTET_STRING, "the extension's value belongs here")?;
        extension.end()?;
        match kind.content {
            NONCE if nonce.is_some() => return Err(QueryFault::Extension),
            NONCE => nonce = Some(checked_nonce(value.content)?),
            _ if critical => return Err(QueryFault::Extension),
            _ => {}
        }
    }
    Ok(nonce)
}

/// `Nonce ::= OCTET STRING (SIZE (1..32))` (RFC 8954 section 2.1).
fn checked_nonce(value: &[u8]) -> Result<&[u8], QueryFault> {
    let mut reader = Reader::new(value);
    let nonce = reader.expect(OCTET_STRING, "a nonce belongs here")?;
    reader.end()?;
    match nonce.content.len() {
        1..=32 => Ok(value),
        _ => Err(QueryFault::Nonce),
    }
}
