//! Mutual-TLS handshakes as a certificate logon begins with: with the bank's certificate origin over
//! a socket, beside the raw limit, the same two sides of rustls in memory.

use std::net::SocketAddr;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use sealbank_bank::{BankProfile, Settings};
use sealbank_benches::NOW;
use sealbank_ca::{Authority, Certificate, CertificateRequest, Subject, Validity};
use sealbank_journal::MemoryJournal;
use sealbank_portal::{Clock, Faults, Limits, Listen, Portal, PortalOptions, Trail};
use time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A customer with his certificate.
struct Customer {
    certificate: Certificate,
    key: KeyPair,
}

impl Customer {
    fn new(authority: &Authority) -> Self {
        let key = KeyPair::generate().expect("the system makes keys");
        let request = CertificateParams::default()
            .serialize_request(&key)
            .expect("a request can be encoded");
        let request = CertificateRequest::parse(request.der())
            .and_then(CertificateRequest::verify)
            .expect("the request is good");
        let subject = Subject::new("Bank", "Internet Banking", "ZZTST1 keiri01");
        let validity = Validity::new(NOW, NOW + Duration::days(365));
        let order = (
            request,
            subject.expect("the subject fits"),
            validity.expect("a year is a validity"),
        );
        let signed = authority.sign(&[order], NOW).expect("the order is good");
        Self {
            certificate: (*signed[0]).clone(),
            key,
        }
    }

    fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.serialize_der()).expect("the key is in PKCS #8")
    }

    /// How he connects to a server that has its certificate from `root`.
    fn towards(&self, root: &CertificateDer<'static>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(root.clone()).expect("the root is a certificate");
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has all versions")
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![self.certificate.der().clone()], self.key())
            .expect("the key is the certificate's");
        config.resumption = rustls::client::Resumption::disabled();
        Arc::new(config)
    }
}

/// A whole handshake in memory.
fn shake(server: &Arc<ServerConfig>, client: &Arc<ClientConfig>, name: &ServerName<'static>) {
    let mut server = ServerConnection::new(Arc::clone(server)).expect("the configuration is good");
    let mut client =
        ClientConnection::new(Arc::clone(client), name.clone()).expect("the configuration is good");
    while client.is_handshaking() || server.is_handshaking() {
        let mut wire = Vec::new();
        client.write_tls(&mut wire).expect("memory takes all");
        server
            .read_tls(&mut wire.as_slice())
            .expect("memory is read");
        server.process_new_packets().expect("the client is known");
        let mut wire = Vec::new();
        server.write_tls(&mut wire).expect("memory takes all");
        client
            .read_tls(&mut wire.as_slice())
            .expect("memory is read");
        client.process_new_packets().expect("the server is known");
    }
}

/// A handshake over a socket, up to the server's first word after it: until then it may still refuse.
async fn call(address: SocketAddr, client: &Arc<ClientConfig>, name: &ServerName<'static>) {
    let tcp = TcpStream::connect(address)
        .await
        .expect("the bank is there");
    tcp.set_nodelay(true).expect("a socket takes options");
    let mut stream = TlsConnector::from(Arc::clone(client))
        .connect(name.clone(), tcp)
        .await
        .expect("the bank shakes hands");
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"GET / HTTP/1.1\r\n\r\n")
        .await
        .expect("the bank listens");
    let mut first = [0; 12];
    stream
        .read_exact(&mut first)
        .await
        .expect("the bank answers");
    assert!(first.starts_with(b"HTTP/1.1 "), "{first:?}");
}

fn handshakes(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let authority = Arc::new(Authority::ephemeral().expect("the system makes keys"));
    let customer = Customer::new(&authority);
    let portal = runtime.block_on(Portal::start(PortalOptions {
        settings: Settings::default(),
        profile: BankProfile::default(),
        journal: Arc::new(MemoryJournal::new()),
        authority: Arc::clone(&authority),
        clock: Clock::fixed(NOW),
        listen: Listen::default(),
        limits: Limits::default(),
        faults: Faults::default(),
        trail: Trail::default(),
    }));
    let portal = portal.expect("a bank can be opened");
    let name = |name: &str| ServerName::try_from(name.to_owned()).expect("it is a host's name");
    let mut group = criterion.benchmark_group("handshake");
    group.throughput(Throughput::Elements(1));

    let tls = authority.mutual_tls(&["localhost"], NOW);
    let tls = tls.expect("the names are names");
    let (server, client) = (
        tls.server_config(),
        tls.client_config(&customer.certificate, customer.key())
            .expect("the key is the certificate's"),
    );
    group.bench_function("raw-limit", |bencher| {
        bencher.iter(|| shake(&server, &client, &name("localhost")));
    });
    let client = customer.towards(portal.web_root());
    let (address, host) = (
        portal.addresses().cert,
        name(&portal.addresses().hosts.cert),
    );
    group.bench_function("certificate-origin", |bencher| {
        bencher.iter(|| runtime.block_on(call(address, &client, &host)));
    });
    group.finish();
    runtime.block_on(portal.shutdown());
}

criterion_group!(benches, handshakes);
criterion_main!(benches);
