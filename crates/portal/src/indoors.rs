//! The door inside the house: the same connections without sockets, TLS records and listeners.
//!
//! What a handshake decides is decided by the same verifier, and HTTP/1.1 is spoken by the same keeper, over a pipe.
//! What is encrypted and who listens is left out, and nothing else.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use rustls::crypto::aws_lc_rs;
use rustls::server::danger::ClientCertVerifier;
use rustls::{AlertDescription, DistinguishedName, Error};
use rustls_pki_types::{CertificateDer, UnixTime};
use sealbank_bank::settings::TlsResumption;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::sync::watch;

use crate::activity::{Busy, Kind};
use crate::fault::Phase;
use crate::line::Line;
use crate::listen::Keeper;
use crate::origin::Origin;
use crate::peer::Peer;
use crate::route;
use crate::site::Shared;
use crate::verifier::BooksVerifier;

/// How many bytes wait in each direction of a pipe: more than any page.
const PIPE: usize = 256 << 10;

/// A portal's door for those in the same process. Clones are the same door.
#[derive(Clone)]
pub struct Indoors(Arc<Inner>);

struct Inner {
    site: Shared,
    ib: Arc<Keeper>,
    cert: Arc<Keeper>,
    verifier: BooksVerifier,
    sessions: Option<Sessions>,
    stop: watch::Receiver<bool>,
}

/// The sessions of the certificate origin that can be resumed, with what their handshakes proved.
#[derive(Default)]
struct Sessions {
    known: Mutex<BTreeMap<u64, Option<Arc<Peer>>>>,
    last: AtomicU64,
}

/// A handshake as far as the server's first words. Dropped before [`Knock::enter`], it was broken off.
pub struct Knock {
    house: Arc<Inner>,
    keeper: Arc<Keeper>,
    busy: Option<Busy>,
    line: Line,
    resumed: Option<(u64, Option<Arc<Peer>>)>,
    chain: Vec<CertificateDer<'static>>,
}

/// The bank does not answer: it is gone, or it was asked to break off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the bank does not answer at this door; it has stopped, or a fault rule breaks connections off"
)]
pub struct NobodyThere;

impl Indoors {
    pub(crate) fn new(site: &Shared, stop: watch::Receiver<bool>) -> Self {
        let keeper = |origin, router| {
            Arc::new(Keeper {
                origin,
                tls: None,
                router,
                app: Arc::clone(&site.app),
                limits: site.limits,
            })
        };
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        let resumption = site.app.bank(|bank| bank.settings().tls_resumption);
        Self(Arc::new(Inner {
            ib: keeper(Origin::Ib, route::ib(site)),
            cert: keeper(Origin::Cert, route::cert(site)),
            verifier: BooksVerifier::new(&site.app, algorithms),
            sessions: (resumption != TlsResumption::Off).then(Sessions::default),
            site: Arc::clone(site),
            stop,
        }))
    }

    /// Connects to one of the two origins, and to resume the session that `ticket` stands for if it is known still.
    ///
    /// # Errors
    /// [`NobodyThere`] when the bank has stopped or crashed, when there is no such door, or when a rule strikes at
    /// [`Phase::Connect`] or [`Phase::TlsHandshake`].
    pub async fn knock(&self, origin: Origin, ticket: Option<u64>) -> Result<Knock, NobodyThere> {
        let house = &self.0;
        let keeper = match origin {
            Origin::Ib => &house.ib,
            Origin::Cert => &house.cert,
            Origin::Control | Origin::Bank => return Err(NobodyThere),
        };
        if *house.stop.borrow() || house.site.app.bell.has_rung() {
            return Err(NobodyThere);
        }
        let busy = house.site.app.activity.begin(Kind::Connection);
        let line = Line::default();
        for phase in [Phase::Connect, Phase::TlsHandshake] {
            if let Some(how) = keeper.strike(phase).await {
                // Nothing was said yet, and whoever gives up waiting drops this.
                let (_client, server) = tokio::io::duplex(1);
                keeper.end(server, &line, how).await;
                return Err(NobodyThere);
            }
        }
        let sessions = house.sessions.as_ref().filter(|_| origin == Origin::Cert);
        let resumed = sessions.zip(ticket).and_then(|(sessions, ticket)| {
            let peer = sessions.known().get(&ticket).cloned()?;
            Some((ticket, peer))
        });
        let chain = match resumed {
            Some(_) => Vec::new(),
            None => house.site.web.server_chain(),
        };
        Ok(Knock {
            house: Arc::clone(house),
            keeper: Arc::clone(keeper),
            busy: Some(busy),
            line,
            resumed,
            chain,
        })
    }
}

impl Knock {
    /// The web server's certificate; none in a resumed session.
    #[must_use]
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// Whose certificates are asked for; none where none is.
    #[must_use]
    pub fn asks(&self) -> Option<&[DistinguishedName]> {
        let asks = self.keeper.origin == Origin::Cert && self.resumed.is_none();
        asks.then(|| self.house.verifier.root_hint_subjects())
    }

    /// Presents a certificate with those above it, or none. The caller has opened its key.
    ///
    /// The other end of the pipe is served until one side ends it. With it comes the ticket of a session that can be
    /// resumed.
    ///
    /// # Errors
    /// The alert by which the certificate is refused, or its absence.
    pub fn enter(
        mut self,
        chain: &[CertificateDer<'_>],
    ) -> Result<(DuplexStream, Option<u64>), AlertDescription> {
        let busy = self.busy.take();
        let (peer, ticket) = match self.resumed.take() {
            Some((ticket, peer)) => (peer, Some(ticket)),
            None => {
                let peer = self.judge(chain)?.map(Arc::new);
                let sessions = self.house.sessions.as_ref();
                let sessions = sessions.filter(|_| self.keeper.origin == Origin::Cert);
                let ticket = sessions.map(|sessions| sessions.open(peer.clone()));
                (peer, ticket)
            }
        };
        let (client, server) = tokio::io::duplex(PIPE);
        let (keeper, line) = (Arc::clone(&self.keeper), self.line.clone());
        let stop = self.house.stop.clone();
        let pipe = Pipe {
            inner: server,
            line: line.clone(),
        };
        tokio::spawn(async move {
            tokio::select! {
                () = keeper.speak_http(pipe, peer, line, stop) => {}
                () = keeper.app.bell.rings() => {}
            }
            // Whoever waits for the end of all connections may open the same journal next.
            drop(keeper);
            drop(busy);
        });
        Ok((client, ticket))
    }

    /// What TLS 1.3 decides about the client's certificate.
    fn judge(&self, chain: &[CertificateDer<'_>]) -> Result<Option<Peer>, AlertDescription> {
        if self.asks().is_none() {
            return Ok(None);
        }
        let verifier = &self.house.verifier;
        let Some((leaf, above)) = chain.split_first() else {
            if verifier.client_auth_mandatory() {
                self.keeper.note_handshake("no-certificate", None);
                return Err(AlertDescription::CertificateRequired);
            }
            return Ok(None);
        };
        let now = self.keeper.app.clock().now().unix_timestamp();
        let seconds = u64::try_from(now).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        match verifier.verify_client_cert(leaf, above, now) {
            Ok(_) => Ok(Peer::parse(leaf)),
            Err(Error::InvalidCertificate(error)) => Err(AlertDescription::from(error)),
            Err(_) => Err(AlertDescription::InternalError),
        }
    }
}

impl Drop for Knock {
    fn drop(&mut self) {
        if self.busy.is_some() {
            let detail = Some("the client broke off".to_owned());
            self.keeper.note_handshake("handshake-failed", detail);
        }
    }
}

impl Sessions {
    fn open(&self, peer: Option<Arc<Peer>>) -> u64 {
        let ticket = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.known().insert(ticket, peer);
        ticket
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<u64, Option<Arc<Peer>>>> {
        // Every change is one insertion, so a thread that panicked has left it sound.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Indoors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Indoors").finish_non_exhaustive()
    }
}

/// The bank's end of a pipe, which can be cut as a socket can.
struct Pipe {
    inner: DuplexStream,
    line: Line,
}

impl AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, into)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.inner).poll_flush(context))?;
        self.line.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
