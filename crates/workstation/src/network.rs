//! [`Network`]: a way to the bank that is no socket.
//!
//! A [`Site`](crate::Site) with a network of its own is reached over it, and over TCP and TLS otherwise. Everything
//! above is the same code: the picker, what browsers remember, kept connections, interruptions, alerts. What a
//! handshake decides is decided here too, by the same verifiers: the PC judges the server's certificate at its own
//! clock, then answers when the server asks for one.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use rustls::DistinguishedName;
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::alert::TlsAlert;
use crate::origin::Origin;

/// What comes later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries connections to the bank.
pub trait Network: fmt::Debug + Send + Sync {
    /// A connection to `origin` as far as the server's first words. A session that a ticket stands for is resumed if
    /// the server still knows it (RFC 8446, section 2.2).
    fn knock<'a>(
        &'a self,
        origin: &'a Origin,
        ticket: Option<Ticket>,
    ) -> Later<'a, Result<Box<dyn Greeting>, NoAnswer>>;
}

/// What the server says first. Dropped, the PC has broken the handshake off.
pub trait Greeting: Send {
    /// The server's certificate and those above it; none in a resumed session, where nothing is judged again.
    fn chain(&self) -> &[CertificateDer<'static>];

    /// Whose certificates the server asks for; none when it asks for none.
    fn asks(&self) -> Option<&[DistinguishedName]>;

    /// Answers with a certificate whose key was opened, or with an empty chain.
    ///
    /// # Errors
    /// The alert by which the server refuses.
    fn answer(self: Box<Self>, chain: Vec<CertificateDer<'static>>) -> Result<Entry, TlsAlert>;
}

/// An open connection.
pub struct Entry {
    /// What HTTP/1.1 is spoken over.
    pub channel: Box<dyn Channel>,
    /// By which the next connection resumes this session, if the server lets it.
    pub ticket: Option<Ticket>,
}

/// A session that can be resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Nobody answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer(pub String);

/// Bytes in both directions.
pub trait Channel: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Channel for S {}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("ticket", &self.ticket)
            .finish_non_exhaustive()
    }
}
