//! The PC's side of TLS: trusting the server at the PC's clock, and answering when it asks for a
//! client certificate.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::client::{ResolvesClientCert, Resumption as Sessions, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{ClientConfig, RootCertStore, SignatureAlgorithm, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};

use crate::browser::Resumption;
use crate::choice::{Answer, AutoSelect, Candidate, Choice, Pick, Situation, decide};
use crate::clock::PcClock;
use crate::error::WorkstationError;
use crate::key::PrivateKey;
use crate::network::Ticket;
use crate::origin::Origin;

/// What a browser can present at one moment.
#[derive(Debug, Default)]
pub(crate) struct Wallet {
    pub(crate) remembered: Choice,
    pub(crate) offered: Vec<Offered>,
    pub(crate) policies: Vec<AutoSelect>,
    pub(crate) pick: Pick,
}

/// A certificate that the picker may list.
#[derive(Debug)]
pub(crate) struct Offered {
    pub(crate) candidate: Candidate,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    /// `None`: the profile can't open it; it is listed, and the handshake fails (case 64).
    pub(crate) key: Option<PrivateKey>,
}

/// A TLS configuration with the person behind it.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) verifier: Arc<WebPkiServerVerifier>,
    pub(crate) clock: PcClock,
    pub(crate) person: Arc<Person>,
    /// Where it is no TLS that resumes.
    pub(crate) session: Session,
}

/// How long a session can be resumed: as long as rustls lets it be.
const SESSION: Duration = Duration::days(1);

/// The session that the next connection over a [`Network`](crate::Network) resumes.
#[derive(Debug)]
pub(crate) struct Session {
    resumption: Resumption,
    kept: Mutex<Option<(Ticket, OffsetDateTime)>>,
}

impl Session {
    /// Its ticket, if it is young enough by the PC's clock.
    pub(crate) fn ticket(&self, clock: &PcClock) -> Option<Ticket> {
        let (ticket, since) = (*self.kept())?;
        ((clock.now() - since).abs() <= SESSION).then_some(ticket)
    }

    pub(crate) fn keep(&self, ticket: Option<Ticket>, clock: &PcClock) {
        if self.resumption == Resumption::On {
            *self.kept() = ticket.map(|ticket| (ticket, clock.now()));
        }
    }

    fn kept(&self) -> MutexGuard<'_, Option<(Ticket, OffsetDateTime)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers the server's request for a certificate as a browser and the person before it do.
#[derive(Debug)]
pub(crate) struct Person {
    origin: Origin,
    wallet: Mutex<Wallet>,
    answer: Mutex<Option<Answer>>,
}

impl Line {
    /// A line to `origin` for a browser that trusts `roots`.
    pub(crate) fn new(
        origin: Origin,
        roots: &[CertificateDer<'static>],
        clock: PcClock,
        resumption: Resumption,
    ) -> Result<Self, WorkstationError> {
        let setup = |e: rustls::Error| WorkstationError::TlsSetup {
            detail: e.to_string(),
        };
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(root.clone()).map_err(setup)?;
        }
        let person = Arc::new(Person {
            origin,
            wallet: Mutex::default(),
            answer: Mutex::default(),
        });
        let provider = provider();
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(&provider))
                .build()
                .map_err(|e| WorkstationError::TlsSetup {
                    detail: e.to_string(),
                })?;
        let mut config = ClientConfig::builder_with_details(provider, Arc::new(clock.clone()))
            .with_safe_default_protocol_versions()
            .map_err(setup)?
            .with_webpki_verifier(Arc::clone(&verifier))
            .with_client_cert_resolver(Arc::clone(&person) as Arc<dyn ResolvesClientCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.resumption = match resumption {
            Resumption::Off => Sessions::disabled(),
            Resumption::On => Sessions::in_memory_sessions(32),
        };
        Ok(Self {
            config: Arc::new(config),
            verifier,
            clock,
            person,
            session: Session {
                resumption,
                kept: Mutex::default(),
            },
        })
    }
}

/// The cryptography of a browser, which prefers AES-128-GCM with SHA-256 in TLS 1.3.
fn provider() -> Arc<CryptoProvider> {
    let mut provider = aws_lc_rs::default_provider();
    let preferred = aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256;
    provider
        .cipher_suites
        .sort_by_key(|suite| suite.suite() != preferred.suite());
    Arc::new(provider)
}

impl Person {
    /// Puts the wallet on the table before a connection is made.
    pub(crate) fn prepare(&self, wallet: Wallet) {
        *self.wallet.lock().unwrap_or_else(PoisonError::into_inner) = wallet;
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What was answered since [`Self::prepare`]; `None` when the server did not ask.
    pub(crate) fn answered(&self) -> Option<Answer> {
        self.answer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl ResolvesClientCert for Person {
    fn resolve(&self, hints: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let wallet = self.wallet.lock().unwrap_or_else(PoisonError::into_inner);
        let candidates: Vec<Candidate> = wallet
            .offered
            .iter()
            .map(|offered| offered.candidate.clone())
            .collect();
        let situation = Situation {
            origin: &self.origin,
            remembered: wallet.remembered,
            candidates: &candidates,
            policies: &wallet.policies,
            pick: &wallet.pick,
        };
        let answer = decide(&situation, hints);
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer.clone());
        let Answer::Give(Choice::Certificate(chosen)) = answer else {
            return None;
        };
        let offered = wallet
            .offered
            .iter()
            .find(|o| o.candidate.fingerprint == chosen)?;
        let signing = match &offered.key {
            Some(key) => {
                aws_lc_rs::sign::any_supported_type(&PrivateKeyDer::Pkcs8(key.pkcs8())).ok()?
            }
            None => Arc::new(LockedKey),
        };
        Some(Arc::new(CertifiedKey::new(offered.chain.clone(), signing)))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// A key that is there and can't be opened.
#[derive(Debug)]
struct LockedKey;

impl SigningKey for LockedKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .first()
            .map(|scheme| Box::new(LockedSigner(*scheme)) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

#[derive(Debug)]
struct LockedSigner(SignatureScheme);

impl Signer for LockedSigner {
    fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Err(rustls::Error::General(
            "the OS profile can't open the certificate's key".into(),
        ))
    }

    fn scheme(&self) -> SignatureScheme {
        self.0
    }
}
