//! Mutual TLS for tests: rustls configurations that stand on this authority's certificates and
//! lists. The server's own certificate comes from an authority of its own that is forgotten at
//! once, because this one signs for clients alone.

use std::fmt;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, DistinguishedName, RootCertStore, ServerConfig};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use time::{Duration, OffsetDateTime};

use crate::issuer::Identity;
use crate::{Authority, CaError, Certificate};

/// Both sides of mutual TLS: a server that asks for certificates of one authority, and clients
/// that have them.
///
/// It stands at the instant that it was made for: certificates are judged at that time, and by the
/// revocation lists of then. After a revocation make another.
///
/// ```
/// use sealbank_ca::{Authority, CertificateRequest, Subject, Validity};
/// use time::{Duration, macros::datetime};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now = datetime!(2031-04-01 09:00 +9);
/// let authority = Authority::ephemeral()?;
/// let key = rcgen::KeyPair::generate()?;
/// let request = rcgen::CertificateParams::default().serialize_request(&key)?;
/// let request = CertificateRequest::parse(request.der())?.verify()?;
/// let subject = Subject::new("Example Bank", "Internet Banking", "ZZTST1 keiri01")?;
/// let validity = Validity::new(now, now + Duration::days(365))?;
/// let certificate = authority.sign(&[(request, subject, validity)], now)?.remove(0);
///
/// let tls = authority.mutual_tls(&["localhost"], now)?;
/// let server = rustls::ServerConnection::new(tls.server_config())?;
/// let client = tls.client_config(&certificate, key.into())?;
/// let client = rustls::ClientConnection::new(client, "localhost".try_into()?)?;
/// # let _ = (server, client);
/// # Ok(())
/// # }
/// ```
pub struct MutualTls {
    server: Arc<ServerConfig>,
    server_root: CertificateDer<'static>,
    /// The issuing certificates, which clients send along.
    issuing: Vec<(Identity, CertificateDer<'static>)>,
    instant: Instant,
}

impl Authority {
    /// Both sides of mutual TLS as of now. The server presents a certificate for `names`, host
    /// names or addresses, that holds for a year around now; it refuses clients without a
    /// certificate of this authority, of whichever generation, and those that are revoked or not
    /// valid now. It resumes no session, because a resumed one skips that check.
    ///
    /// A new revocation list of each generation is recorded for it.
    ///
    /// # Errors
    /// As [`crls`](Self::crls); [`CaError::Tls`] for a name that is none, or if there is no
    /// randomness.
    pub fn mutual_tls(&self, names: &[&str], now: OffsetDateTime) -> Result<MutualTls, CaError> {
        let instant = Instant::at(now)?;
        let presented = Presented::make(names, now)?;
        let mut server = ServerConfig::builder_with_details(provider(), Arc::new(instant))
            .with_safe_default_protocol_versions()
            .map_err(failure)?
            .with_client_cert_verifier(self.verifier(now)?)
            .with_single_cert(vec![presented.certificate], presented.key)
            .map_err(failure)?;
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
        let issuing = self
            .generations()
            .map(|(_, issuer)| (issuer.identity().clone(), issuer.certificate().clone()));
        Ok(MutualTls {
            server: Arc::new(server),
            server_root: presented.root,
            issuing: issuing.collect(),
            instant,
        })
    }

    fn verifier(&self, now: OffsetDateTime) -> Result<Arc<dyn ClientCertVerifier>, CaError> {
        let roots = trusting(self.root_certificate())?;
        let lists = self.crls(now)?;
        let lists = lists.iter().map(|(_, list)| list.der().clone());
        // Clients choose a certificate by who signed it, and look no further than that.
        let names = self.generations().map(|(_, issuer)| issuer.name().as_der());
        let hints = names.map(|name| DistinguishedName::from(name.to_vec()));
        WebPkiClientVerifier::builder_with_provider(roots, provider())
            .with_crls(lists.chain([self.root_crl().clone()]))
            .enforce_revocation_expiration()
            .add_root_hint_subjects(hints)
            .build()
            .map_err(failure)
    }
}

impl MutualTls {
    /// The server's side.
    pub fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }

    /// The side of a client that has this certificate and its private key. A certificate of
    /// another authority is sent without a chain, for tests of its refusal.
    ///
    /// # Errors
    /// [`CaError::Tls`] if the key cannot be read, or is not the certificate's.
    pub fn client_config(
        &self,
        certificate: &Certificate,
        key: PrivateKeyDer<'static>,
    ) -> Result<Arc<ClientConfig>, CaError> {
        let facts = certificate.facts();
        let issuing = self.issuing.iter().filter(|(it, _)| facts.is_of(it));
        let mut chain = vec![certificate.der().clone()];
        chain.extend(issuing.map(|(_, issuing)| issuing.clone()));
        let config = self
            .client()?
            .with_client_auth_cert(chain, key)
            .map_err(failure)?;
        Ok(without_sessions(config))
    }

    /// The side of a client that has no certificate.
    ///
    /// # Errors
    /// [`CaError::Tls`].
    pub fn client_config_without_certificate(&self) -> Result<Arc<ClientConfig>, CaError> {
        Ok(without_sessions(self.client()?.with_no_client_auth()))
    }

    /// What a client must trust to believe the server.
    pub fn server_root(&self) -> &CertificateDer<'static> {
        &self.server_root
    }

    fn client(
        &self,
    ) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>, CaError> {
        let builder = ClientConfig::builder_with_details(provider(), Arc::new(self.instant));
        let builder = builder
            .with_safe_default_protocol_versions()
            .map_err(failure)?;
        Ok(builder.with_root_certificates(trusting(&self.server_root)?))
    }
}

impl fmt::Debug for MutualTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MutualTls")
            .field("instant", &self.instant)
            .finish_non_exhaustive()
    }
}

/// A clock that stands.
#[derive(Debug, Clone, Copy)]
struct Instant(UnixTime);

impl Instant {
    fn at(now: OffsetDateTime) -> Result<Self, CaError> {
        let seconds = u64::try_from(now.unix_timestamp()).map_err(|_| CaError::Clock { now })?;
        let since = std::time::Duration::from_secs(seconds);
        Ok(Self(UnixTime::since_unix_epoch(since)))
    }
}

impl TimeProvider for Instant {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

/// What the server presents, and who signed it.
struct Presented {
    root: CertificateDer<'static>,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Presented {
    fn make(names: &[&str], now: OffsetDateTime) -> Result<Self, CaError> {
        let half = Duration::days(183);
        let off = || CaError::Clock { now };
        let dated = |common_name: &str, names: Vec<String>| {
            let mut parameters = CertificateParams::new(names).map_err(failure)?;
            let name = &mut parameters.distinguished_name;
            *name = rcgen::DistinguishedName::new();
            name.push(DnType::OrganizationName, "sealbank TEST ONLY");
            name.push(DnType::CommonName, common_name);
            parameters.not_before = now.checked_sub(half).ok_or_else(off)?;
            parameters.not_after = now.checked_add(half).ok_or_else(off)?;
            Ok::<_, CaError>(parameters)
        };
        let mut root = dated("sealbank test server CA TEST ONLY", Vec::new())?;
        root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let mut server = dated("sealbank test server TEST ONLY", names)?;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.use_authority_key_identifier_extension = true;

        let (root_key, key) = (
            KeyPair::generate().map_err(failure)?,
            KeyPair::generate().map_err(failure)?,
        );
        let root_certificate = root.self_signed(&root_key).map_err(failure)?;
        let issuer = rcgen::Issuer::new(root, root_key);
        let certificate = server.signed_by(&key, &issuer).map_err(failure)?;
        Ok(Self {
            root: root_certificate.der().clone(),
            certificate: certificate.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        })
    }
}

/// The one that the rest of the crate signs with, whatever the process has installed.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn trusting(root: &CertificateDer<'static>) -> Result<Arc<RootCertStore>, CaError> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).map_err(failure)?;
    Ok(Arc::new(roots))
}

fn without_sessions(mut config: ClientConfig) -> Arc<ClientConfig> {
    config.resumption = Resumption::disabled();
    Arc::new(config)
}

fn failure(problem: impl fmt::Display) -> CaError {
    CaError::Tls {
        problem: problem.to_string(),
    }
}
