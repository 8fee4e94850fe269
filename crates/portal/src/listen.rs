//! The sockets: where the portal listens, and the accept loop with its limits.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::activity::Kind;
use crate::app::App;
use crate::error::PortalError;
use crate::exchange::{Visit, cut_of};
use crate::fault::{Act, Phase, Place};
use crate::limits::Limits;
use crate::line::{Cut, Line, Wire};
use crate::origin::Origin;
use crate::peer::Peer;
use crate::trail::{Note, Outcome};
use crate::web_ca::WebCa;

/// Where the portal listens, and how its pages call it.
#[derive(Debug, Clone)]
pub struct Listen {
    /// The origin of screens and retrieval.
    pub ib: SocketAddr,
    /// The origin that asks for a client certificate.
    pub cert: SocketAddr,
    /// The control listener; loopback only.
    pub control: SocketAddr,
    /// The host names that links use.
    pub hosts: Hosts,
    /// The web server's certificates; none: new ones. A bank that starts again keeps them, so that the PCs that
    /// trusted it still do.
    pub web: Option<Arc<WebCa>>,
}

/// The host names of the two origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    /// Of the origin of screens and retrieval.
    pub ib: String,
    /// Of the origin that asks for a client certificate.
    pub cert: String,
}

impl Default for Hosts {
    fn default() -> Self {
        Self {
            ib: "ib.bank.test".to_owned(),
            cert: "cert.ib.bank.test".to_owned(),
        }
    }
}

impl Hosts {
    /// Both origins as `localhost`, for a person with a browser and without entries for `.test` names.
    #[must_use]
    pub fn localhost() -> Self {
        Self {
            ib: "localhost".to_owned(),
            cert: "localhost".to_owned(),
        }
    }

    pub(crate) fn check(&self) -> Result<(), PortalError> {
        for (origin, host) in [(Origin::Ib, &self.ib), (Origin::Cert, &self.cert)] {
            let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
            let fits = (1..=253).contains(&host.len()) && host.chars().all(letter);
            if !fits {
                let found = host.chars().take(60).collect();
                return Err(PortalError::HostName { origin, found });
            }
        }
        Ok(())
    }
}

impl Default for Listen {
    /// Free ports on 127.0.0.1, and the procedure's host names.
    fn default() -> Self {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            ib: free,
            cert: free,
            control: free,
            hosts: Hosts::default(),
            web: None,
        }
    }
}

/// What the pages know of the connection that they are asked over.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// The certificate that was proved in its handshake.
    pub(crate) peer: Option<Arc<Peer>>,
}

/// One listener, and who attends to those who come in by it.
pub(crate) struct Door {
    pub(crate) listener: TcpListener,
    pub(crate) keeper: Keeper,
}

/// Attends to connections, each from its handshake to its end.
pub(crate) struct Keeper {
    pub(crate) origin: Origin,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) router: Router,
    pub(crate) app: Arc<App>,
    pub(crate) limits: Limits,
}

/// How long the loop rests when the system has no file descriptors left.
const BREATH: Duration = Duration::from_millis(50);
/// How long a client whose handshake was refused may take to read why.
const FAREWELL: Duration = Duration::from_secs(2);

impl Door {
    pub(crate) async fn bind(
        origin: Origin,
        address: SocketAddr,
    ) -> Result<TcpListener, PortalError> {
        TcpListener::bind(address)
            .await
            .map_err(|source| PortalError::Listen {
                origin,
                address,
                source,
            })
    }

    /// Accepts until `stop` says so, or its sender is gone. The listener closes with that, whatever connections
    /// there still are.
    pub(crate) async fn serve(self, mut stop: watch::Receiver<bool>) {
        let Self { listener, keeper } = self;
        let open = keeper.app.activity.begin(Kind::Door);
        let slots = Arc::new(Semaphore::new(keeper.limits.connections));
        let keeper = Arc::new(keeper);
        loop {
            let accept = async {
                let slot = Arc::clone(&slots).acquire_owned().await;
                (slot, listener.accept().await)
            };
            let (slot, accepted) = tokio::select! {
                () = told(&mut stop) => break,
                () = keeper.app.bell.rings() => break,
                accepted = accept => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    let busy = keeper.app.activity.begin(keeper.kind());
                    let (keeper, stop) = (Arc::clone(&keeper), stop.clone());
                    tokio::spawn(async move {
                        tokio::select! {
                            () = keeper.attend(stream, stop) => {}
                            () = keeper.app.bell.rings() => {}
                        }
                        // Whoever waits for the end of all connections may open the same journal next.
                        drop(keeper);
                        drop((slot, busy));
                    });
                }
                Err(error) => {
                    tracing::warn!(origin = keeper.origin.name(), %error, "cannot accept");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
        drop(listener);
        drop(open);
    }
}

impl Keeper {
    fn kind(&self) -> Kind {
        match self.origin {
            Origin::Ib | Origin::Cert => Kind::Connection,
            Origin::Control | Origin::Bank => Kind::Control,
        }
    }

    /// One connection from its handshake to its end.
    async fn attend(&self, stream: TcpStream, stop: watch::Receiver<bool>) {
        // An answer waits for nothing: small packets at once.
        let _ = stream.set_nodelay(true);
        let line = Line::default();
        let wire = Wire {
            tcp: stream,
            line: line.clone(),
        };
        if let Some(how) = self.strike(Phase::Connect).await {
            return self.end(wire, &line, how).await;
        }
        let Some(tls) = &self.tls else {
            return self.speak_http(wire, None, line, stop).await;
        };
        if let Some(how) = self.at_the_handshake(&wire).await {
            return self.end(wire, &line, how).await;
        }
        let handshake = tls.accept(wire).into_fallible();
        match tokio::time::timeout(self.limits.handshake, handshake).await {
            Ok(Ok(stream)) => {
                let presented = stream.get_ref().1.peer_certificates();
                let peer = presented
                    .and_then(<[_]>::first)
                    .and_then(Peer::parse)
                    .map(Arc::new);
                self.speak_http(stream, peer, line, stop).await;
            }
            Ok(Err((error, stream))) => {
                self.note_refusal(&error);
                let _ = tokio::time::timeout(FAREWELL, take_leave(stream)).await;
            }
            Err(_) => self.note_handshake("handshake-timed-out", None),
        }
    }

    pub(crate) async fn speak_http<S>(
        &self,
        stream: S,
        peer: Option<Arc<Peer>>,
        line: Line,
        mut stop: watch::Receiver<bool>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let connection = Connection { peer };
        let service = hyper::service::service_fn(|request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(connection.clone());
            self.answer(request, &line)
        });
        let mut served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head)
            // Whoever sent a whole request and hung up is served all the same: the work is not dropped with him.
            .half_close(true)
            .max_buf_size(self.limits.head_bytes)
            .serve_connection(TokioIo::new(stream), service);
        let end = tokio::select! {
            ended = &mut served => Some(ended),
            () = line.is_cut() => None,
            () = tokio::time::sleep(self.limits.connection) => return,
            () = told(&mut stop) => {
                Pin::new(&mut served).graceful_shutdown();
                tokio::select! {
                    ended = &mut served => Some(ended),
                    () = line.is_cut() => None,
                    () = tokio::time::sleep(self.limits.drain) => return,
                }
            }
        };
        if let Some(Err(error)) = end {
            tracing::debug!(origin = self.origin.name(), %error, "a connection was cut");
        }
        // Also where the last words were on their way and the client was gone before they were flushed.
        if let Some(how) = line.how() {
            let stream = served.into_parts().io.into_inner();
            self.end(stream, &line, how).await;
        }
    }

    async fn answer(&self, request: Request<Body>, line: &Line) -> Result<Response, Infallible> {
        let answer = match self.origin {
            Origin::Ib | Origin::Cert => {
                let visit = Visit {
                    app: &self.app,
                    origin: self.origin,
                    router: &self.router,
                    limits: &self.limits,
                    line,
                };
                visit.carry(request).await
            }
            Origin::Control | Origin::Bank => self.router.clone().oneshot(request).await?,
        };
        Ok(answer)
    }

    /// What strikes before anybody knows what the connection is for.
    pub(crate) async fn strike(&self, phase: Phase) -> Option<Cut> {
        if matches!(self.origin, Origin::Control | Origin::Bank) {
            return None;
        }
        let concerns = |act: Act| act.lives_at(self.origin);
        let struck = self.app.strike(self.origin, Place::Phase(phase), concerns);
        if struck.delayed {
            // A failure is in the trail; the next command tells the bank again.
            let _ = self.app.let_time_pass().await;
        }
        struck.hit.as_ref().map(cut_of)
    }

    /// What strikes once the client has begun to speak; it has not if it says nothing in time.
    async fn at_the_handshake(&self, wire: &Wire) -> Option<Cut> {
        if self.app.faults().are_idle() {
            return None;
        }
        let begun = tokio::time::timeout(self.limits.handshake, wire.tcp.peek(&mut [0])).await;
        match begun {
            Ok(Ok(1)) => self.strike(Phase::TlsHandshake).await,
            _ => None,
        }
    }

    /// Ends a connection before its time.
    pub(crate) async fn end<S>(&self, mut stream: S, line: &Line, how: Cut)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match how {
            Cut::Close => {}
            Cut::Reset => line.reset_at_the_end(),
            Cut::Crash => self.app.crash(),
            Cut::Stall(rule) => {
                let hung_up = async {
                    let mut unheard = [0; 1024];
                    while !matches!(stream.read(&mut unheard).await, Ok(0) | Err(_)) {}
                };
                tokio::select! {
                    () = hung_up => {}
                    () = self.app.faults().cleared(rule) => {}
                }
            }
        }
    }

    fn note_refusal(&self, error: &std::io::Error) {
        let inner = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match inner {
            // Noted by the verifier, who knows why.
            Some(rustls::Error::InvalidCertificate(_)) => {}
            Some(rustls::Error::NoCertificatesPresented) => {
                self.note_handshake("no-certificate", None);
            }
            _ => self.note_handshake("handshake-failed", Some(error.to_string())),
        }
    }

    pub(crate) fn note_handshake(&self, reason: &str, detail: Option<String>) {
        self.app.note(Note {
            at: self.app.clock().now(),
            origin: self.origin,
            what: "handshake",
            subscriber: None,
            outcome: Outcome::turned_away(reason),
            detail,
        });
    }
}

/// Waits until the portal is told to stop, or is gone.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Closes a refused connection so that the alert arrives: with unread bytes left, the system would send a reset
/// that overtakes it. In TLS 1.3 the client has sent its request by then.
async fn take_leave(mut stream: Wire) {
    let _ = stream.shutdown().await;
    let mut rest = [0; 1024];
    while let Ok(count) = stream.read(&mut rest).await {
        if count == 0 {
            break;
        }
    }
}
