//! One HTTP/1.1 exchange over one connection, in two halves: [`Flight::send`] and [`Flight::land`].
//!
//! Between the halves the whole request has left and nothing of the answer is read. Dropping a
//! flight closes its socket at once; no task runs in the background. A connection that is still good
//! after its answer is [`Idle`] until the next flight.

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

use crate::alert::TlsAlert;
use crate::driver::gate::{Gate, Gated};
use crate::network::Channel;

/// The largest answer that is read, in bytes.
pub(crate) const LARGEST_ANSWER: usize = 4 << 20;

/// How much is read in search of an alert after writing failed.
const LAST_WORDS: usize = 64 << 10;

type Stream = Gated<Box<dyn Channel>>;
type Answer = Pin<Box<dyn Future<Output = hyper::Result<Response<Incoming>>> + Send>>;

/// An exchange whose request has left.
pub(crate) struct Flight {
    idle: Idle,
    answer: Answer,
}

/// A connection that nothing is under way on.
pub(crate) struct Idle {
    /// On the heap, because it is moved through many futures, which would all have to hold it.
    connection: Box<Connection<TokioIo<Stream>, Full<Bytes>>>,
    sender: SendRequest<Full<Bytes>>,
    gate: Arc<Gate>,
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

impl Idle {
    /// A connection over a fresh stream.
    pub(crate) async fn over(stream: Box<dyn Channel>) -> Result<Self, Broken> {
        let gate = Arc::new(Gate::open_wide());
        let io = TokioIo::new(Gated {
            inner: stream,
            gate: Arc::clone(&gate),
        });
        let (sender, connection) = http1::handshake(io)
            .await
            .map_err(|e| Broken::from_error(&e))?;
        Ok(Self {
            connection: Box::new(connection),
            sender,
            gate,
        })
    }

    /// Whether the server has not hung up since.
    pub(crate) async fn is_good(&mut self) -> bool {
        let Self {
            connection, sender, ..
        } = self;
        poll_fn(|cx| {
            let ended = Pin::new(&mut *connection).poll(cx).is_ready();
            let ready = matches!(sender.poll_ready(cx), Poll::Ready(Ok(())));
            Poll::Ready(!ended && ready)
        })
        .await
    }

    /// Writes the whole request, whose body has so many bytes.
    pub(crate) async fn send(
        mut self,
        request: Request<Full<Bytes>>,
        body: usize,
    ) -> Result<Flight, Broken> {
        self.gate.close(body);
        let answer = Box::pin(self.sender.send_request(request));
        let (connection, gate) = (&mut self.connection, &self.gate);
        let written = poll_fn(|cx| match Pin::new(&mut *connection).poll(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            Poll::Pending if gate.is_sent() => Poll::Ready(Ok(())),
            Poll::Pending => Poll::Pending,
        })
        .await;
        match written {
            Ok(()) if self.gate.is_sent() => Ok(Flight { idle: self, answer }),
            Ok(()) => Err(Broken::Lost(
                "the connection ended before the request was written".into(),
            )),
            Err(error) => Err(Broken::with_last_words(&error, *self.connection).await),
        }
    }
}

impl Flight {
    /// Reads the whole answer; the connection comes back with it if it is still good.
    pub(crate) async fn land(self) -> Result<(Reply, Option<Idle>), Broken> {
        let Self { mut idle, answer } = self;
        idle.gate.open();
        let connection = &mut idle.connection;
        let mut reading = pin!(read(answer));
        let mut ended: Option<hyper::Result<()>> = None;
        let read = poll_fn(|cx| {
            if ended.is_none()
                && let Poll::Ready(end) = Pin::new(&mut *connection).poll(cx)
            {
                ended = Some(end);
            }
            reading.as_mut().poll(cx)
        })
        .await;
        match (read, ended) {
            (Ok(reply), None) if idle.is_good().await => Ok((reply, Some(idle))),
            (Ok(reply), _) => Ok((reply, None)),
            (Err(Broken::Lost(_)), Some(Err(error))) => {
                Err(Broken::with_last_words(&error, *idle.connection).await)
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
