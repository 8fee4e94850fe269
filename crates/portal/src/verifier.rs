//! What TLS asks about a client's certificate on the certificate origin.
//!
//! Possession of the key is always proved (`CertificateVerify`). With `tls_client_auth: optional` every well-formed
//! certificate passes and the application decides and explains; with `required` the handshake itself refuses, by
//! the alert that fits (setting `tls_alerts`). Either way the bank's books decide, and again with every request.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};
use sealbank_bank::settings::{TlsAlerts, TlsClientAuth};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::app::App;
use crate::origin::Origin;
use crate::peer::{Peer, Standing};
use crate::trail::{Note, Outcome};

/// The certificate origin's verifier.
#[derive(Debug)]
pub(crate) struct BooksVerifier {
    app: Arc<App>,
    demand: TlsClientAuth,
    alerts: TlsAlerts,
    hints: Vec<DistinguishedName>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl BooksVerifier {
    pub(crate) fn new(app: &Arc<App>, algorithms: WebPkiSupportedAlgorithms) -> Self {
        let (demand, alerts) = app.bank(|bank| {
            let settings = bank.settings();
            (settings.tls_client_auth, settings.tls_alerts)
        });
        let hints = app.authority().chain();
        Self {
            demand,
            alerts,
            hints: hints.into_iter().filter_map(subject_of).collect(),
            algorithms,
            app: Arc::clone(app),
        }
    }

    /// Judges as strictly as the setting asks.
    fn judge(&self, certificate: &CertificateDer<'_>) -> Result<(), (CertificateError, Refused)> {
        let Some(peer) = Peer::parse(certificate) else {
            return Err((CertificateError::BadEncoding, Refused::malformed()));
        };
        if self.demand == TlsClientAuth::Optional {
            return Ok(());
        }
        let standing = self.app.standing(&peer);
        let error = match &standing {
            Standing::Accepted(_) => return Ok(()),
            Standing::Foreign => CertificateError::UnknownIssuer,
            Standing::NotYetValid => CertificateError::NotValidYet,
            Standing::Expired => CertificateError::Expired,
            Standing::Revoked => CertificateError::Revoked,
            // Of rustls' errors this is one that becomes alert 42 (bad_certificate).
            Standing::NotOnTheBooks => CertificateError::BadEncoding,
        };
        Err((error, Refused::standing(&standing, &peer)))
    }
}

/// A refused certificate, for the trail.
struct Refused {
    reason: &'static str,
    detail: Option<String>,
}

impl Refused {
    fn malformed() -> Self {
        Self {
            reason: "bad-certificate",
            detail: None,
        }
    }

    fn standing(standing: &Standing, peer: &Peer) -> Self {
        Self {
            reason: standing.reason(),
            detail: Some(format!("serial {}", peer.serial)),
        }
    }
}

impl ClientCertVerifier for BooksVerifier {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        self.demand == TlsClientAuth::Required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let Err((error, refused)) = self.judge(end_entity) else {
            return Ok(ClientCertVerified::assertion());
        };
        self.app.note(Note {
            at: self.app.clock().now(),
            origin: Origin::Cert,
            what: "handshake",
            subscriber: None,
            outcome: Outcome::turned_away(refused.reason),
            detail: refused.detail,
        });
        Err(Error::InvalidCertificate(match self.alerts {
            TlsAlerts::Precise => error,
            TlsAlerts::Uniform => CertificateError::BadEncoding,
        }))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The subject of a certificate, as TLS names authorities.
fn subject_of(certificate: &CertificateDer<'_>) -> Option<DistinguishedName> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    Some(DistinguishedName::from(parsed.subject().as_raw().to_vec()))
}
