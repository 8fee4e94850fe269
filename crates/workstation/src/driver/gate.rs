//! [`Gated`]: a stream whose reading side can be held back, and that knows when a whole HTTP
//! request has left.
//!
//! Holding a retrieval at "request sent" needs both: every byte of the request is written and
//! flushed, and no byte of the answer is looked at.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The end of an HTTP/1.1 head (RFC 9112, section 2.1).
const HEAD_END: &[u8; 4] = b"\r\n\r\n";

/// The shared state of one gated stream.
#[derive(Debug)]
pub(crate) struct Gate(Mutex<State>);

#[derive(Debug)]
struct State {
    reading: Reading,
    reader: Option<Waker>,
    head_matched: usize,
    body_left: usize,
    sent: Sent,
}

#[derive(Debug, PartialEq, Eq)]
enum Reading {
    HeldBack,
    Free,
}

#[derive(Debug, PartialEq, Eq)]
enum Sent {
    Partly,
    Written,
    Flushed,
}

impl Gate {
    /// A gate through which everything may come.
    pub(crate) fn open_wide() -> Self {
        Self(Mutex::new(State {
            reading: Reading::Free,
            reader: None,
            head_matched: 0,
            body_left: 0,
            sent: Sent::Partly,
        }))
    }

    /// Closes it before a request with a body of `body` bytes.
    pub(crate) fn close(&self, body: usize) {
        let mut state = self.state();
        state.reading = Reading::HeldBack;
        state.head_matched = 0;
        state.body_left = body;
        state.sent = Sent::Partly;
    }

    /// Lets the answer in.
    pub(crate) fn open(&self) {
        let mut state = self.state();
        state.reading = Reading::Free;
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }

    /// Whether every byte of the request has left.
    pub(crate) fn is_sent(&self) -> bool {
        self.state().sent == Sent::Flushed
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn observe(&mut self, mut written: &[u8]) {
        while let (true, Some((byte, rest))) =
            (self.head_matched < HEAD_END.len(), written.split_first())
        {
            let expected = HEAD_END.get(self.head_matched) == Some(byte);
            self.head_matched = match (expected, byte) {
                (true, _) => self.head_matched + 1,
                (false, b'\r') => 1,
                (false, _) => 0,
            };
            written = rest;
        }
        self.body_left = self.body_left.saturating_sub(written.len());
        if self.head_matched == HEAD_END.len() && self.body_left == 0 {
            self.sent = Sent::Written;
        }
    }
}

/// A stream with a gate before its reading side.
#[derive(Debug)]
pub(crate) struct Gated<S> {
    pub(crate) inner: S,
    pub(crate) gate: Arc<Gate>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Gated<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        {
            let mut state = self.gate.state();
            if state.reading == Reading::HeldBack {
                state.reader = Some(cx.waker().clone());
                return Poll::Pending;
            }
        }
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gated<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = std::task::ready!(Pin::new(&mut self.inner).poll_write(cx, buf))?;
        self.gate.state().observe(&buf[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(Pin::new(&mut self.inner).poll_flush(cx))?;
        let mut state = self.gate.state();
        if state.sent == Sent::Written {
            state.sent = Sent::Flushed;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn a_request_counts_as_sent_only_with_its_last_byte_flushed() {
        let (here, _there) = tokio::io::duplex(1024);
        let gate = Arc::new(Gate::open_wide());
        gate.close(3);
        let mut stream = Gated {
            inner: here,
            gate: Arc::clone(&gate),
        };
        for piece in ["POST / HTTP/1.1\r\nA: \r\r\n", "\r", "\n", "ab"] {
            stream.write_all(piece.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            assert!(!gate.is_sent(), "after {piece:?}");
        }
        stream.write_all(b"c").await.unwrap();
        assert!(!gate.is_sent(), "not flushed yet");
        stream.flush().await.unwrap();
        assert!(gate.is_sent());
    }

    #[tokio::test]
    async fn nothing_is_read_before_the_gate_opens() {
        let (here, mut there) = tokio::io::duplex(1024);
        let gate = Arc::new(Gate::open_wide());
        gate.close(0);
        let mut stream = Gated {
            inner: here,
            gate: Arc::clone(&gate),
        };
        there.write_all(b"x").await.unwrap();
        let early = tokio::select! {
            biased;
            byte = stream.read_u8() => Some(byte),
            () = std::future::ready(()) => None,
        };
        assert!(early.is_none());
        gate.open();
        assert_eq!(stream.read_u8().await.unwrap(), b'x');
    }
}
