//! A browser without a screen: TLS, cookies, forms. One connection a request.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, HandshakeKind, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use sealbank_portal::Portal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{CONTRACT, Page};

/// Both versions of TLS, each alone.
pub(crate) const TLS_VERSIONS: [&[&SupportedProtocolVersion]; 2] =
    [&[&rustls::version::TLS13], &[&rustls::version::TLS12]];

/// Where the bank is, and whom to trust.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) ib: String,
    pub(crate) cert: String,
    pub(crate) sockets: BTreeMap<String, SocketAddr>,
    pub(crate) root: CertificateDer<'static>,
    pub(crate) clock: sealbank_portal::Clock,
}

/// A certificate with its key, as a PC has it after the installation.
#[derive(Clone)]
pub(crate) struct Certificate {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) chain_pem: String,
    pub(crate) key_pem: String,
}

/// What went wrong on the wire: the whole chain of reasons.
#[derive(Debug)]
pub(crate) struct Fault(pub(crate) String);

pub(crate) struct Browser {
    pub(crate) site: Site,
    pub(crate) certificate: Option<Certificate>,
    pub(crate) versions: &'static [&'static SupportedProtocolVersion],
    pub(crate) cookies: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) agent: &'static str,
    pub(crate) extra: HeaderMap,
}

impl Site {
    pub(crate) fn of(portal: &Portal) -> Self {
        let addresses = portal.addresses();
        let (ib, cert) = (addresses.ib_url(), addresses.cert_url());
        Self {
            sockets: BTreeMap::from([(ib.clone(), addresses.ib), (cert.clone(), addresses.cert)]),
            ib,
            cert,
            root: portal.web_root().clone(),
            clock: portal.app().clock().clone(),
        }
    }

    pub(crate) fn host(origin: &str) -> &str {
        let host = origin.trim_start_matches("https://");
        host.split(':').next().unwrap()
    }
}

/// What rustls needs to know on the customer's side.
fn tls_client(
    site: &Site,
    certificate: Option<&Certificate>,
    versions: &[&'static SupportedProtocolVersion],
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(site.root.clone()).unwrap();
    let builder = ClientConfig::builder_with_details(
        Arc::new(aws_lc_rs::default_provider()),
        Arc::new(site.clock.clone()),
    )
    .with_protocol_versions(versions)
    .unwrap()
    .with_root_certificates(roots);
    match certificate {
        None => builder.with_no_client_auth(),
        Some(certificate) => {
            let key = PrivateKeyDer::from_pem_slice(certificate.key_pem.as_bytes()).unwrap();
            builder
                .with_client_auth_cert(certificate.chain.clone(), key)
                .unwrap()
        }
    }
}

impl Browser {
    pub(crate) fn new(site: Site, certificate: Option<Certificate>) -> Self {
        Self {
            site,
            certificate,
            versions: rustls::DEFAULT_VERSIONS,
            cookies: BTreeMap::new(),
            agent: "Mozilla/5.0 (test)",
            extra: HeaderMap::new(),
        }
    }

    pub(crate) async fn ib(&mut self, path: &str) -> Page {
        let url = format!("{}{path}", self.site.ib);
        self.get(&url).await.unwrap()
    }

    pub(crate) async fn cert(&mut self, path: &str) -> Page {
        let url = format!("{}{path}", self.site.cert);
        self.get(&url).await.unwrap()
    }

    pub(crate) async fn get(&mut self, url: &str) -> Result<Page, Fault> {
        self.send(Method::GET, url, String::new()).await
    }

    /// Fills the form of `page` that posts to `action`, and sends it.
    pub(crate) async fn submit(
        &mut self,
        origin: &str,
        page: &Page,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let mut pairs = page.hidden(action);
        pairs.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        self.post(origin, action, &pairs).await.unwrap()
    }

    pub(crate) async fn post(
        &mut self,
        origin: &str,
        path: &str,
        fields: &[(String, String)],
    ) -> Result<Page, Fault> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send(Method::POST, &format!("{origin}{path}"), body)
            .await
    }

    /// 手順1 to 手順4, up to m-DONE.
    pub(crate) async fn retrieve(&mut self, user: &str, pin: &str) -> Certificate {
        self.start_retrieval(user, pin).await;
        let key = KeyPair::generate().unwrap();
        let delivered = self.execute(&key).await;
        assert_eq!(delivered.screen(), "m-PROC", "{}", delivered.body);
        let certificate = Certificate::delivered(&delivered, &key);
        let origin = self.site.ib.clone();
        let done = self
            .submit(&origin, &delivered, "/retrieval/installed", &[])
            .await;
        assert_eq!(done.screen(), "m-DONE", "{}", done.body);
        certificate
    }

    /// CIBMU921 and 取得.
    pub(crate) async fn start_retrieval(&mut self, user: &str, pin: &str) -> Page {
        let form = self.ib("/retrieval").await;
        let origin = self.site.ib.clone();
        let fields = [("contract", CONTRACT), ("user", user), ("pin", pin)];
        self.submit(&origin, &form, "/retrieval", &fields).await
    }

    /// m-RUN and 実行, with a request for `key`.
    pub(crate) async fn execute(&mut self, key: &KeyPair) -> Page {
        let origin = self.site.ib.clone();
        self.execute_on(&origin, key).await
    }

    pub(crate) async fn execute_on(&mut self, origin: &str, key: &KeyPair) -> Page {
        let run = self.get(&format!("{origin}/retrieval/run")).await.unwrap();
        assert_eq!(run.screen(), "m-RUN", "{}", run.body);
        let request = request_of(key);
        self.submit(origin, &run, "/retrieval/request", &[("request", &request)])
            .await
    }

    /// Logon by ID and PIN.
    pub(crate) async fn log_on(&mut self, user: &str, pin: &str) -> Page {
        let origin = self.site.ib.clone();
        let form = self.ib("/logon").await;
        let fields = [("contract", CONTRACT), ("user", user), ("pin", pin)];
        self.submit(&origin, &form, "/logon", &fields).await
    }

    /// Logon by certificate and PIN.
    pub(crate) async fn log_on_by_certificate(&mut self, pin: &str) -> Page {
        let origin = self.site.cert.clone();
        let form = self.cert("/logon").await;
        self.submit(&origin, &form, "/logon", &[("pin", pin)]).await
    }

    /// One request over one connection; redirections are not followed.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        url: &str,
        body: String,
    ) -> Result<Page, Fault> {
        let (origin, request) = self.request(&method, url, body);
        let stream = self.connect(&origin).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(Fault::of)?;
        let driven = tokio::spawn(connection);
        let answer = match sender.send_request(request).await {
            Ok(answer) => answer,
            Err(error) => {
                // In TLS 1.3 a refused certificate shows only now, and the connection knows more.
                let connection = driven.await.unwrap();
                return Err(connection.err().map_or_else(|| Fault::of(error), Fault::of));
            }
        };
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(Fault::of)?.to_bytes();
        self.keep_cookies(&origin, &parts.headers);
        Ok(Page {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        })
    }

    pub(crate) async fn connect(&self, origin: &str) -> Result<TlsStream<TcpStream>, Fault> {
        self.connect_with(origin, &self.tls()).await
    }

    /// What a connection starts from; used again, it offers to resume the session.
    pub(crate) fn tls(&self) -> Arc<ClientConfig> {
        let certificate = self.certificate.as_ref();
        Arc::new(tls_client(&self.site, certificate, self.versions))
    }

    /// Asks the certificate origin over `config`: whether TLS resumed a session, and whether the page saw a
    /// certificate.
    pub(crate) async fn ask(&self, config: &Arc<ClientConfig>, path: &str) -> (bool, bool) {
        let mut stream = self.connect_with(&self.site.cert, config).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let resumed = stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed);
        (resumed, answer.contains("data-presented"))
    }

    async fn connect_with(
        &self,
        origin: &str,
        config: &Arc<ClientConfig>,
    ) -> Result<TlsStream<TcpStream>, Fault> {
        let name = ServerName::try_from(Site::host(origin).to_owned()).unwrap();
        let socket = TcpStream::connect(self.site.sockets[origin])
            .await
            .map_err(Fault::of)?;
        TlsConnector::from(Arc::clone(config))
            .connect(name, socket)
            .await
            .map_err(Fault::of)
    }

    pub(crate) fn request(
        &self,
        method: &Method,
        url: &str,
        body: String,
    ) -> (String, Request<Full<Bytes>>) {
        let origin = [&self.site.ib, &self.site.cert]
            .into_iter()
            .find(|origin| url.starts_with(origin.as_str()))
            .unwrap_or_else(|| panic!("{url} is not this bank"))
            .clone();
        let path = url[origin.len()..].to_owned();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", origin.trim_start_matches("https://"))
            .header("user-agent", self.agent)
            .header("connection", "close");
        if method == Method::POST {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .header("origin", &origin);
        }
        if let Some(cookies) = self.cookies.get(&origin) {
            let pairs: Vec<String> = cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header("cookie", pairs.join("; "));
        }
        let mut request = request.body(Full::from(body)).unwrap();
        request.headers_mut().extend(self.extra.clone());
        (origin, request)
    }

    fn keep_cookies(&mut self, origin: &str, headers: &HeaderMap) {
        let jar = self.cookies.entry(origin.to_owned()).or_default();
        for header in headers.get_all("set-cookie") {
            let text = header.to_str().unwrap();
            let cookie = cookie::Cookie::parse(text.to_owned()).unwrap();
            if cookie.max_age().is_some_and(time::Duration::is_zero) {
                jar.remove(cookie.name());
            } else {
                jar.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
    }
}

impl Certificate {
    /// What m-PROC delivered for `key`.
    pub(crate) fn delivered(page: &Page, key: &KeyPair) -> Self {
        let chain_pem = page.text("textarea[data-enrolment=certificates]");
        let chain = CertificateDer::pem_slice_iter(chain_pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .unwrap();
        assert_eq!(chain.len(), 3, "leaf, issuing authority, root");
        Self {
            chain,
            chain_pem,
            key_pem: key.serialize_pem(),
        }
    }
}

impl Fault {
    fn of(error: impl std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        Self(text)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A PKCS #10 request for `key`, as PEM.
pub(crate) fn request_of(key: &KeyPair) -> String {
    let params = CertificateParams::default();
    params.serialize_request(key).unwrap().pem().unwrap()
}
