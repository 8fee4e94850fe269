//! The certificate that a client presented, and how it stands with the bank: one judgement for the TLS
//! handshake, the logon page and the trail.

use rustls_pki_types::CertificateDer;
use sealbank_bank::{CertificateState, Fingerprint, Refusal, Serial, Subscriber};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::app::App;
use crate::secret::sha256;

/// A certificate whose private key the client proved to have.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Its serial number.
    pub(crate) serial: Serial,
    /// SHA-256 of its `SubjectPublicKeyInfo`.
    pub(crate) public_key: Fingerprint,
    /// Its subject's Common Name, as it is shown on the logon page.
    pub(crate) common_name: String,
    der: CertificateDer<'static>,
}

/// How a certificate stands with the bank now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The bank's books accept it as this subscriber's.
    Accepted(Subscriber),
    /// The bank's authority did not sign it.
    Foreign,
    /// Its validity has not begun.
    NotYetValid,
    /// It is past its end.
    Expired,
    /// It stands as revoked.
    Revoked,
    /// The authority signed it, but the bank never wrote it into its books.
    NotOnTheBooks,
}

impl Peer {
    /// Reads a presented certificate; none where it is not one that the bank could have on its books.
    pub(crate) fn parse(der: &CertificateDer<'_>) -> Option<Self> {
        let (rest, certificate) = X509Certificate::from_der(der).ok()?;
        if !rest.is_empty() {
            return None;
        }
        let common_name = certificate
            .subject()
            .iter_common_name()
            .next()
            .and_then(|name| name.as_str().ok())
            .unwrap_or_default();
        let hex = |octets: &[u8]| -> String {
            octets.iter().map(|octet| format!("{octet:02x}")).collect()
        };
        Some(Self {
            serial: hex(certificate.raw_serial()).parse().ok()?,
            public_key: Fingerprint(sha256(certificate.public_key().raw)),
            common_name: common_name.to_owned(),
            der: der.clone().into_owned(),
        })
    }
}

impl Standing {
    /// The inner reason, for the trail.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Foreign => "unknown-ca",
            Self::NotYetValid => Refusal::NotYetValid.reason(),
            Self::Expired => Refusal::ExpiredCertificate.reason(),
            Self::Revoked => Refusal::RevokedCertificate.reason(),
            Self::NotOnTheBooks => Refusal::UnknownCertificate.reason(),
        }
    }
}

impl App {
    /// How `peer` stands now. The books decide, not a revocation list (V3, case 89); of the authority it is asked
    /// only whether these very bytes are its own.
    pub(crate) fn standing(&self, peer: &Peer) -> Standing {
        let signed = peer
            .serial
            .to_string()
            .parse()
            .ok()
            .and_then(|serial| self.authority().certificate(&serial));
        let Some(signed) = signed.filter(|signed| *signed.der() == peer.der) else {
            return Standing::Foreign;
        };
        let now = self.clock().now();
        if now.unix_timestamp() > signed.not_after().unix_timestamp() {
            return Standing::Expired;
        }
        if now < signed.not_before() {
            return Standing::NotYetValid;
        }
        self.bank(|bank| {
            let Some((subscriber, facts)) = bank.find_certificate(&peer.serial) else {
                return Standing::NotOnTheBooks;
            };
            let state = bank.member(&subscriber).and_then(|member| {
                let mut records = member.certificates.values();
                let record = records.find(|record| record.facts.as_ref() == Some(facts));
                record.map(|record| record.state)
            });
            match state {
                Some(
                    CertificateState::Signed
                    | CertificateState::Delivered
                    | CertificateState::Confirmed,
                ) => Standing::Accepted(subscriber),
                Some(CertificateState::Revoked(_)) => Standing::Revoked,
                Some(CertificateState::Expired) => Standing::Expired,
                Some(CertificateState::Requested) | None => Standing::NotOnTheBooks,
            }
        })
    }
}
