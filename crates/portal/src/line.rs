//! A connection's socket, which can be cut: with a reset, without a word, or never.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::fault::FaultId;

/// How a connection ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// With a reset.
    Reset,
    /// Without TLS saying so.
    Close,
    /// When the client hangs up, or this rule is cleared; until then nothing more comes.
    Stall(FaultId),
    /// With the bank.
    Crash,
}

/// Where a connection is told to end: by those who speak on it, to those who keep it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    told: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// To be cut once what was written is on its way.
    last_words: Option<Cut>,
    cut: Option<Cut>,
    resets: bool,
}

impl Line {
    /// Cuts the connection now.
    pub(crate) fn cut(&self, how: Cut) {
        self.state().cut.get_or_insert(how);
        self.0.told.notify_one();
    }

    /// Cuts the connection once everything that was written is on its way.
    pub(crate) fn cut_after_these_words(&self, how: Cut) {
        self.state().last_words.get_or_insert(how);
    }

    /// Waits until the connection is to be cut; for the one who keeps it.
    pub(crate) async fn is_cut(&self) {
        while self.state().cut.is_none() {
            self.0.told.notified().await;
        }
    }

    /// How the connection is to be cut, now or after its last words.
    pub(crate) fn how(&self) -> Option<Cut> {
        let state = self.state();
        state.cut.or(state.last_words)
    }

    /// Has the socket send a reset when it is dropped.
    pub(crate) fn reset_at_the_end(&self) {
        self.state().resets = true;
    }

    pub(crate) fn flushed(&self) {
        let how = self.state().last_words.take();
        if let Some(how) = how {
            self.cut(how);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment, so a thread that panicked has left the state sound.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The socket itself.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) tcp: TcpStream,
    pub(crate) line: Line,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(context, into)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.tcp).poll_flush(context))?;
        self.line.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.line.state().resets {
            // Without it the connection is closed all the same, only more politely.
            let _ = self.tcp.set_zero_linger();
        }
    }
}
