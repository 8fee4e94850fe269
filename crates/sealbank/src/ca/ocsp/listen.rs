//! The sockets of a responder: the accept loop with its limits, and its end.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use time::OffsetDateTime;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::desk::Desk;
use super::http::Asked;
use crate::ca::args::OcspArguments;
use crate::exit::{Exit, Failure};
use crate::serve::Stop;

/// How many connections are attended to at the same time; the others wait.
const CONNECTIONS: usize = 64;
/// How long a client may take for the head of a request.
const HEAD: Duration = Duration::from_secs(10);
/// How long a connection lasts at most.
const CONNECTION: Duration = Duration::from_secs(60);
/// How long the answers that are under way may take when the responder stops.
const DRAIN: Duration = Duration::from_secs(5);
/// How long the loop rests when the system has no file descriptors left.
const BREATH: Duration = Duration::from_millis(50);
/// The longest head of a request: a GET carries all in its path, 16 KiB of DER as base64 with every sign encoded.
const HEAD_BYTES: usize = 80 * 1024;

/// Answers all who ask, until it is told to stop.
pub(super) fn listen(arguments: &OcspArguments, address: SocketAddr) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::internal(format!("error: no threads could be started: {error}"))
        })?;
    runtime.block_on(async {
        // Whoever gets no port has nothing put on record.
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Failure::internal(format!("error: can't listen on {address}: {error}"))
        })?;
        let desk = Desk::open(arguments.clone(), OffsetDateTime::now_utc())?;
        let stop = Stop::listen().map_err(|error| {
            Failure::internal(format!("error: Ctrl-C can't be listened for: {error}"))
        })?;
        tell(arguments, &listener)?;
        let (end, heard) = watch::channel(false);
        let serving = tokio::spawn(serve(listener, Arc::new(desk), heard));
        stop.told().await;
        anstream::eprintln!("stopping: what is in flight is answered first");
        // Both end well or not at all: a responder that could not be told is gone already.
        let _ = end.send(true);
        let _ = serving.await;
        Ok(Exit::Success)
    })
}

/// Says where, on one line.
fn tell(arguments: &OcspArguments, listener: &TcpListener) -> Result<(), Failure> {
    let address = listener.local_addr().map_err(|error| {
        Failure::internal(format!("error: the address is not to be known: {error}"))
    })?;
    let url = format!("http://{address}");
    if arguments.json {
        let told = json!({ "url": url, "port": address.port() });
        anstream::println!("{told}");
    } else {
        anstream::println!("Answering OCSP requests on {url}. Ctrl-C stops it.");
    }
    Ok(())
}

/// Accepts until it is told to stop, then waits for those who are being answered.
async fn serve(listener: TcpListener, desk: Arc<Desk>, mut stop: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accept = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            () = told(&mut stop) => break,
            accepted = accept => accepted,
        };
        // Those that have ended leave their places in the set.
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let (desk, stop) = (Arc::clone(&desk), stop.clone());
                connections.spawn(async move {
                    attend(stream, desk, stop).await;
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    // Who takes longer than that is cut off.
    let _ = tokio::time::timeout(DRAIN, all).await;
}

/// One connection from its beginning to its end.
async fn attend(stream: TcpStream, desk: Arc<Desk>, mut stop: watch::Receiver<bool>) {
    let service = hyper::service::service_fn(|request| answer(Arc::clone(&desk), request));
    let mut served = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .half_close(true)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = tokio::time::sleep(CONNECTION) => return,
        () = told(&mut stop) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection was cut");
    }
}

/// Waits until the responder is told to stop, or is gone.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn answer(
    desk: Arc<Desk>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, tokio::task::JoinError> {
    let asked = match Asked::read(request).await {
        Ok(asked) => asked,
        Err(rejection) => return Ok(rejection.response()),
    };
    // The journal is read and the answer signed where nobody else waits.
    tokio::task::spawn_blocking(move || {
        let now = OffsetDateTime::now_utc();
        let answer = desk.answer(&asked.der, now);
        asked.answered(answer, now, desk.freshness())
    })
    .await
}
