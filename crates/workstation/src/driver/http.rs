//! One HTTP/1.1 exchange over one connection, in two halves: [`Flight::send`] and [`Flight::land`].
//!
//! Between the halves the whole request has left and nothing of the answer is read. Dropping a
//! flight closes its socket at once; no task runs in the background.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::alert::TlsAlert;
use crate::driver::gate::{Gate, Gated};

/// The largest answer that is read, in bytes.
pub(crate) const LARGEST_ANSWER: usize = 4 << 20;

/// How much is read in search of an alert after writing failed.
const LAST_WORDS: usize = 64 << 10;

type Stream = Gated<TlsStream<TcpStream>>;
type Answer = Pin<Box<dyn Future<Output = hyper::Result<Response<Incoming>>> + Send>>;

/// An exchange whose request has left.
pub(crate) struct Flight {
    connection: Connection<TokioIo<Stream>, Full<Bytes>>,
    answer: Answer,
    gate: Arc<Gate>,
    _sender: SendRequest<Full<Bytes>>,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// How an exchange broke.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The server sent a TLS alert.
    Alert(TlsAlert),
    /// The answer passes [`LARGEST_ANSWER`].
    TooLarge,
    /// Anything else.
    Lost(String),
}

impl Flight {
    /// Writes the whole request.
    pub(crate) async fn send(
        stream: TlsStream<TcpStream>,
        request: Request<Full<Bytes>>,
        body: usize,
    ) -> Result<Self, Broken> {
        let gate = Gate::closed(body);
        let io = TokioIo::new(Gated {
            inner: stream,
            gate: Arc::clone(&gate),
        });
        let (mut sender, mut connection) = http1::handshake(io)
            .await
            .map_err(|e| Broken::from_error(&e))?;
        let answer = Box::pin(sender.send_request(request));
        let written = poll_fn(|cx| match Pin::new(&mut connection).poll(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            Poll::Pending if gate.is_sent() => Poll::Ready(Ok(())),
            Poll::Pending => Poll::Pending,
        })
        .await;
        match written {
            Ok(()) if gate.is_sent() => Ok(Self {
                connection,
                answer,
                gate,
                _sender: sender,
            }),
            Ok(()) => Err(Broken::Lost(
                "the connection ended before the request was written".into(),
            )),
            Err(error) => Err(Broken::with_last_words(&error, connection).await),
        }
    }

    /// Reads the whole answer.
    pub(crate) async fn land(self) -> Result<Reply, Broken> {
        let Self {
            mut connection,
            answer,
            gate,
            _sender,
        } = self;
        gate.open();
        let mut reading = pin!(read(answer));
        let mut ended: Option<hyper::Result<()>> = None;
        let read = poll_fn(|cx| {
            if ended.is_none()
                && let Poll::Ready(end) = Pin::new(&mut connection).poll(cx)
            {
                ended = Some(end);
            }
            reading.as_mut().poll(cx)
        })
        .await;
        match (read, ended) {
            (Ok(reply), _) => Ok(reply),
            (Err(Broken::Lost(_)), Some(Err(error))) => {
                Err(Broken::with_last_words(&error, connection).await)
            }
            (Err(broken), _) => Err(broken),
        }
    }
}

impl Broken {
    pub(crate) fn from_error(error: &(dyn Error + 'static)) -> Self {
        TlsAlert::in_chain(error).map_or_else(|| Self::Lost(chain_of(error)), Self::Alert)
    }

    /// A server that refuses the client's certificate may close before the request is written;
    /// then writing fails, and its alert still waits to be read.
    async fn with_last_words(
        error: &hyper::Error,
        connection: Connection<TokioIo<Stream>, Full<Bytes>>,
    ) -> Self {
        let known = Self::from_error(error);
        if let Self::Alert(_) = known {
            return known;
        }
        let mut stream = connection.into_parts().io.into_inner().inner;
        let mut buffer = [0_u8; 1024];
        for _ in 0..LAST_WORDS / buffer.len() {
            match stream.read(&mut buffer).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return TlsAlert::in_chain(&error).map_or(known, Self::Alert),
            }
        }
        known
    }
}

async fn read(answer: Answer) -> Result<Reply, Broken> {
    let (head, body) = answer
        .await
        .map_err(|e| Broken::from_error(&e))?
        .into_parts();
    match Limited::new(body, LARGEST_ANSWER).collect().await {
        Ok(body) => Ok(Reply {
            status: head.status,
            headers: head.headers,
            body: body.to_bytes(),
        }),
        Err(error) if error.is::<LengthLimitError>() => Err(Broken::TooLarge),
        Err(error) => Err(Broken::from_error(error.as_ref())),
    }
}

/// The error and everything below it, in one line.
pub(crate) fn chain_of(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let part = error.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        next = error.source();
    }
    text
}
