//! Installing what the bank delivered: the component's `InstallResponse` (procedure T14).
//!
//! The chain is judged first, with rustls' own path building at the PC's clock; only a chain that
//! leads to a root the PC trusts reaches the store. Whether the key is there is the store's
//! business.

use std::sync::Arc;

use rustls::server::WebPkiClientVerifier;
use rustls::{CertificateError, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use thiserror::Error;
use time::OffsetDateTime;

use crate::certificate::Certificate;
use crate::clock::unix_time;

/// A delivered chain, leaf first, that leads to a root this PC trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedChain {
    leaf: Certificate,
    above: Vec<CertificateDer<'static>>,
}

impl TrustedChain {
    /// Judges the PEM text of a delivered chain at `now` on the PC's clock.
    ///
    /// # Errors
    /// [`InstallError`] says which of the component's checks failed (case 44).
    pub fn judge(
        pem: &str,
        trusted: &[CertificateDer<'static>],
        now: OffsetDateTime,
    ) -> Result<Self, InstallError> {
        let chain = CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| InstallError::Unreadable {
                detail: e.to_string(),
            })?;
        let (leaf, above) = chain.split_first().ok_or(InstallError::Empty)?;
        let parsed = Certificate::parse(leaf.clone()).map_err(|e| InstallError::Unreadable {
            detail: e.to_string(),
        })?;
        verify(leaf, above, trusted, now)?;
        Ok(Self {
            leaf: parsed,
            above: above.to_vec(),
        })
    }

    /// The customer's own certificate.
    #[must_use]
    pub fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// The certificates above it, as delivered.
    #[must_use]
    pub fn above(&self) -> &[CertificateDer<'static>] {
        &self.above
    }
}

/// Why the component refused to install (codes as Windows shows them).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InstallError {
    /// The page carried no certificate.
    #[error("the page delivered no certificate; the bank's answer is incomplete")]
    Empty,
    /// The bytes are no certificate.
    #[error("the delivered certificate can't be read: {detail}")]
    Unreadable {
        /// What the parser said.
        detail: String,
    },
    /// No path leads to a root that this PC trusts (`CERT_E_CHAINING`, `CERT_E_UNTRUSTEDROOT`).
    #[error(
        "0x800B0109: the chain of {delivered} certificates leads to none of this PC's {trusted} \
         trusted roots; let the PC trust the bank's root and retrieve again"
    )]
    Untrusted {
        /// How many certificates were delivered.
        delivered: usize,
        /// How many roots the PC trusts.
        trusted: usize,
    },
    /// The PC's clock lies outside the chain's validity (`CERT_E_EXPIRED`, case 77).
    #[error(
        "0x800B0101: at {now} on the PC's clock the chain is outside its validity; set the clock"
    )]
    OutsideValidity {
        /// What the PC's clock showed.
        now: OffsetDateTime,
    },
    /// It may not log a client on (`CERT_E_WRONG_USAGE`).
    #[error("0x800B0110: the certificate's extended key usage does not allow client logon")]
    WrongUsage,
    /// Anything else that path building refused.
    #[error("0x800B010A: the chain does not hold: {detail}")]
    BrokenChain {
        /// What path building said.
        detail: String,
    },
}

fn verify(
    leaf: &CertificateDer<'_>,
    above: &[CertificateDer<'_>],
    trusted: &[CertificateDer<'static>],
    now: OffsetDateTime,
) -> Result<(), InstallError> {
    let untrusted = || InstallError::Untrusted {
        delivered: above.len() + 1,
        trusted: trusted.len(),
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(trusted.iter().cloned());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|_no_roots| untrusted())?;
    match verifier.verify_client_cert(leaf, above, unix_time(now)) {
        Ok(_verified) => Ok(()),
        Err(rustls::Error::InvalidCertificate(reason)) => Err(match reason {
            CertificateError::UnknownIssuer => untrusted(),
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => InstallError::OutsideValidity { now },
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                InstallError::WrongUsage
            }
            other => InstallError::BrokenChain {
                detail: other.to_string(),
            },
        }),
        Err(other) => Err(InstallError::BrokenChain {
            detail: other.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Authority, Usage, moment};
    use crate::key::{KeyAlgorithm, PrivateKey};
    use time::Duration;

    /// Name, chain in PEM, trusted roots, moment, judgement.
    type Case<'a> = (
        &'a str,
        &'a str,
        Vec<CertificateDer<'static>>,
        OffsetDateTime,
        Result<(), InstallError>,
    );

    #[test]
    fn only_a_chain_that_holds_on_this_pc_is_trusted() {
        let bank = Authority::new();
        let stranger = Authority::named("TEST ONLY Stranger");
        let namesake = Authority::new();
        let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
        let good = bank.sign(&key, "ZZTST99990000001 keiri01", Usage::ClientLogon);
        let server = bank.sign(&key, "ZZTST99990000001 keiri01", Usage::ServerOnly);
        let now = moment();
        let late = now + Duration::days(4000);
        let early = now - Duration::days(400);
        let alone: String = good
            .split_inclusive("-----END CERTIFICATE-----\n")
            .take(1)
            .collect();
        let untrusted = |delivered, trusted| InstallError::Untrusted { delivered, trusted };
        let cases: Vec<Case<'_>> = vec![
            ("a good chain", &good, vec![bank.root()], now, Ok(())),
            (
                "no trusted root at all",
                &good,
                vec![],
                now,
                Err(untrusted(3, 0)),
            ),
            (
                "another bank's root",
                &good,
                vec![stranger.root()],
                now,
                Err(untrusted(3, 1)),
            ),
            (
                "another root of the same name",
                &good,
                vec![namesake.root()],
                now,
                Err(InstallError::BrokenChain {
                    detail: "BadSignature".into(),
                }),
            ),
            (
                "the leaf without its issuer",
                &alone,
                vec![bank.root()],
                now,
                Err(untrusted(1, 1)),
            ),
            (
                "a fast clock",
                &good,
                vec![bank.root()],
                late,
                Err(InstallError::OutsideValidity { now: late }),
            ),
            (
                "a slow clock",
                &good,
                vec![bank.root()],
                early,
                Err(InstallError::OutsideValidity { now: early }),
            ),
            (
                "a server's certificate",
                &server,
                vec![bank.root()],
                now,
                Err(InstallError::WrongUsage),
            ),
            (
                "an empty answer",
                "",
                vec![bank.root()],
                now,
                Err(InstallError::Empty),
            ),
        ];
        for (name, pem, roots, at, expected) in cases {
            assert_eq!(
                TrustedChain::judge(pem, &roots, at).map(|_| ()),
                expected,
                "{name}"
            );
        }
    }

    #[test]
    fn rubbish_in_certificate_clothes_is_unreadable() {
        let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let judged = TrustedChain::judge(pem, &[], moment());
        assert!(
            matches!(judged, Err(InstallError::Unreadable { .. })),
            "{judged:?}"
        );
    }
}
