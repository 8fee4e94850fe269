//! The TLS and HTTP side of the fake bank: listeners on free ports, one service for all hosts.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls_pki_types::CertificateDer;
use sealbank_workstation::{PcClock, StandingClock};
use time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::bank::{Bank, Seen};
use crate::pki::{Pki, moment};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    Never,
    Optionally,
    Always,
    /// Always, and trusts only a stranger's root, but hints at nobody.
    ForAStrangers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    Tls12,
    Tls13,
}

/// What the acceptor keeps between connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tickets {
    No,
    Yes,
}

pub(crate) fn config(pki: &Pki, asks: Asks, speaks: Speaks, tickets: Tickets) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let clock = PcClock::new(Arc::new(StandingClock::at(moment())), Duration::ZERO);
    let version = match speaks {
        Speaks::Tls12 => &rustls::version::TLS12,
        Speaks::Tls13 => &rustls::version::TLS13,
    };
    let builder = ServerConfig::builder_with_details(Arc::clone(&provider), Arc::new(clock))
        .with_protocol_versions(&[version])
        .unwrap();
    let roots = |der| {
        let mut roots = RootCertStore::empty();
        roots.add(der).unwrap();
        Arc::new(roots)
    };
    let verifier =
        |der| WebPkiClientVerifier::builder_with_provider(roots(der), Arc::clone(&provider));
    let builder = match asks {
        Asks::Never => builder.with_no_client_auth(),
        Asks::Optionally => builder.with_client_cert_verifier(
            verifier(pki.root())
                .allow_unauthenticated()
                .build()
                .unwrap(),
        ),
        Asks::Always => builder.with_client_cert_verifier(verifier(pki.root()).build().unwrap()),
        Asks::ForAStrangers => builder.with_client_cert_verifier(
            verifier(Pki::named("TEST ONLY Stranger").root())
                .clear_root_hint_subjects()
                .build()
                .unwrap(),
        ),
    };
    let (chain, key) = pki.server();
    let mut config = builder.with_single_cert(chain, key).unwrap();
    if tickets == Tickets::No {
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
    }
    Arc::new(config)
}

/// Serves the fake bank on a free port.
pub(crate) async fn serve(config: Arc<ServerConfig>, bank: Arc<Bank>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let (acceptor, bank) = (TlsAcceptor::from(Arc::clone(&config)), Arc::clone(&bank));
            tokio::spawn(async move {
                let Ok(tls) = acceptor.accept(tcp).await else {
                    return;
                };
                let (_, session) = tls.get_ref();
                let peer = session
                    .peer_certificates()
                    .and_then(|chain| chain.first())
                    .cloned();
                let resumed = session.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
                let service = service_fn(move |request| {
                    answer(request, Arc::clone(&bank), peer.clone(), resumed)
                });
                // A connection that the client cuts ends here with an error; that is its point.
                let _cut = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(tls), service)
                    .await;
            });
        }
    });
    address
}

/// Answers every request on a free port with the same bytes, and closes.
pub(crate) async fn serve_raw(config: Arc<ServerConfig>, bytes: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let (acceptor, bytes) = (TlsAcceptor::from(Arc::clone(&config)), bytes.clone());
            tokio::spawn(async move {
                let Ok(mut tls) = acceptor.accept(tcp).await else {
                    return;
                };
                let mut head = [0; 4096];
                let _head = tls.read(&mut head).await;
                let _answer = tls.write_all(&bytes).await;
                let _close = tls.shutdown().await;
            });
        }
    });
    address
}

async fn answer(
    request: Request<Incoming>,
    bank: Arc<Bank>,
    peer: Option<CertificateDer<'static>>,
    resumed: bool,
) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return Ok(Response::new(Full::default()));
    };
    let header = |name: &str| {
        head.headers
            .get(name)
            .map(|v| v.to_str().unwrap().to_owned())
            .unwrap_or_default()
    };
    let seen = Seen {
        method: head.method.to_string(),
        host: header("host"),
        path: head.uri.path().to_owned(),
        origin: header("origin"),
        agent: header("user-agent"),
        cookie: header("cookie"),
        form: url::form_urlencoded::parse(&body.to_bytes())
            .into_owned()
            .collect(),
        peer,
        resumed,
    };
    Ok(bank.answer(seen).await)
}
