//! [`Control`]: the control listener of a bank that is running, asked over plain HTTP.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls_pki_types::CertificateDer;
use sealbank_bank::Refusal;
use sealbank_portal::{FaultRule, Opening, Standing, TrailEntry};
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use url::Url;

use crate::target::certificates;

/// How long the listener may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it is left alone between two questions whether it is there.
const BREATH: Duration = Duration::from_millis(1);

/// How long a connection is waited for where the bank may be gone. A SYN that comes while nobody listens, from a port
/// whose last connection the bank has closed just before, is answered like one of that connection, and TCP tries again
/// only after a second (RFC 9293, 3.10.7.4; RFC 6298, 2.1).
const GLANCE: Duration = Duration::from_millis(100);

/// Asks a control listener.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    url: Url,
    /// Asks all it is asked over one connection, as long as the listener keeps it.
    client: Client<HttpConnector, Full<Bytes>>,
    /// How long an answer may take.
    patience: Duration,
    /// Whether the bank may be gone for a while, with its listener.
    may_be_gone: bool,
}

/// The listener did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    /// Nobody answers.
    #[error(
        "the control listener at {url} does not answer: {why}; is the bank open, and --control right?"
    )]
    Silent {
        /// Where it was sought.
        url: String,
        /// What happened.
        why: String,
    },
    /// Somebody else uses the bank.
    #[error(
        "the bank of {url} did not come to rest within {waited:?}; close other browsers that are connected to it"
    )]
    Busy {
        /// Where its control listener is.
        url: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// It answers something else.
    #[error("the control listener at {url} said {status} to {path}: {said}")]
    Unwilling {
        /// Where it is.
        url: String,
        /// What was asked.
        path: String,
        /// The status.
        status: StatusCode,
        /// The beginning of the answer.
        said: String,
    },
}

/// What the clock shows.
#[derive(Deserialize)]
struct ClockFace {
    #[serde(with = "time::serde::rfc3339")]
    now: OffsetDateTime,
}

/// How long the trail is.
#[derive(Deserialize)]
struct TrailLength {
    length: usize,
}

/// The number of a rule.
#[derive(Deserialize)]
struct Numbered {
    id: u64,
}

/// How often a rule struck.
#[derive(Deserialize)]
struct Struck {
    id: u64,
    hits: u32,
}

/// All rules.
#[derive(Deserialize)]
struct Listed {
    faults: Vec<Struck>,
}

/// The counter's no.
#[derive(Deserialize)]
struct SaidNo {
    refused: Reason,
}

#[derive(Deserialize)]
struct Reason {
    reason: String,
}

impl Control {
    pub(crate) fn at(url: &Url) -> Self {
        Self {
            url: url.clone(),
            client: client(None),
            patience: PATIENCE,
            may_be_gone: false,
        }
    }

    /// From now on, whether the bank may be gone for a while; what changes nothing is asked until it is back.
    pub(crate) fn expect_gaps(&mut self, may_be_gone: bool) {
        if self.may_be_gone != may_be_gone {
            self.client = client(may_be_gone.then_some(GLANCE));
        }
        self.may_be_gone = may_be_gone;
    }

    /// The roots that the bank publishes: that of its web servers, and that of its customers' certificates.
    pub(crate) async fn roots(&self) -> Result<Vec<CertificateDer<'static>>, ControlError> {
        let mut roots = Vec::new();
        for path in ["/ca/web.pem", "/ca/root.pem"] {
            let pem = self.fine(Method::GET, path, None).await?;
            let found = certificates(&pem);
            roots.extend(found.map_err(|error| self.odd(path, &error.to_string()))?);
        }
        Ok(roots)
    }

    /// Another bank takes the place of the one that is open; it is there when this returns.
    pub(crate) async fn replace(&self, opening: &Opening) -> Result<(), ControlError> {
        let wanted = serde_json::to_value(opening);
        let wanted = wanted.map_err(|error| self.odd("/bank", &error.to_string()))?;
        self.fine(Method::PUT, "/bank", Some(&wanted)).await?;
        self.opened().await
    }

    /// The bank stops, and starts again on its journal; it is there when this returns.
    pub(crate) async fn restart(&self) -> Result<(), ControlError> {
        self.fine(Method::POST, "/bank/restart", None).await?;
        self.opened().await
    }

    /// Waits for the bank that takes the place of the one before.
    async fn opened(&self) -> Result<(), ControlError> {
        let mut patient = self.clone();
        patient.expect_gaps(true);
        patient.now().await.map(|_now| ())
    }

    /// What the bank's clock shows.
    pub(crate) async fn now(&self) -> Result<OffsetDateTime, ControlError> {
        let face: ClockFace = self.read(Method::GET, "/clock", None).await?;
        Ok(face.now)
    }

    /// Moves the bank's clock ahead, by whole seconds.
    pub(crate) async fn advance(&self, by: time::Duration) -> Result<OffsetDateTime, ControlError> {
        let wanted = json!({ "advance-seconds": by.whole_seconds() });
        let face: ClockFace = self.read(Method::POST, "/clock", Some(&wanted)).await?;
        Ok(face.now)
    }

    /// Sets the bank's clock.
    pub(crate) async fn set_clock(
        &self,
        at: OffsetDateTime,
    ) -> Result<OffsetDateTime, ControlError> {
        let moment = at.format(&time::format_description::well_known::Rfc3339);
        let moment = moment.map_err(|error| self.odd("/clock", &error.to_string()))?;
        let wanted = json!({ "set": moment });
        let face: ClockFace = self.read(Method::POST, "/clock", Some(&wanted)).await?;
        Ok(face.now)
    }

    /// Waits until nobody is connected and nothing is being worked on.
    pub(crate) async fn settled(&self) -> Result<(), ControlError> {
        let rest = tokio::time::timeout(self.patience, self.answer(Method::GET, "/settled", None));
        let url = self.url.to_string();
        match rest.await {
            Err(_elapsed) => Err(ControlError::Busy {
                url,
                waited: self.patience,
            }),
            Ok(Err(why)) => Err(ControlError::Silent { url, why }),
            Ok(Ok((status, said))) if !status.is_success() => {
                Err(self.unwilling("/settled", status, &said))
            }
            Ok(Ok(_)) => Ok(()),
        }
    }

    /// Something at the bank's counter, and whether it was done.
    pub(crate) async fn counter(
        &self,
        wanted: &Value,
    ) -> Result<Result<(), Refusal>, ControlError> {
        let (status, said) = self.ask(Method::POST, "/counter", Some(wanted)).await?;
        if status.is_success() {
            return Ok(Ok(()));
        }
        let refusal = serde_json::from_slice::<SaidNo>(&said).ok().and_then(|no| {
            let mut all = Refusal::ALL.iter().copied();
            all.find(|refusal| refusal.reason() == no.refused.reason)
        });
        refusal
            .map(Err)
            .ok_or_else(|| self.unwilling("/counter", status, &said))
    }

    /// How the books stand to somebody, where the PCs hold these keys; none when he is not on them.
    pub(crate) async fn standing(
        &self,
        contract: &str,
        user: Option<&str>,
        keys: &[String],
    ) -> Result<Option<Standing>, ControlError> {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(["standing", contract]).extend(user);
        }
        url.query_pairs_mut().append_pair("keys", &keys.join(","));
        let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        let (status, said) = self.ask(Method::GET, &path, None).await?;
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::OK => serde_json::from_slice(&said)
                .map(Some)
                .map_err(|error| self.odd(&path, &error.to_string())),
            _ => Err(self.unwilling(&path, status, &said)),
        }
    }

    /// How many entries the bank's trail ever had.
    pub(crate) async fn trail_length(&self) -> Result<usize, ControlError> {
        let trail: TrailLength = self.read(Method::GET, "/trail/length", None).await?;
        Ok(trail.length)
    }

    /// What stands on the bank's trail after its first `mark` entries, oldest first.
    pub(crate) async fn trail_since(&self, mark: usize) -> Result<Vec<TrailEntry>, ControlError> {
        let path = format!("/trail?since={mark}");
        let said = self.fine(Method::GET, &path, None).await?;
        let entries = serde_json::Deserializer::from_slice(&said).into_iter();
        let entries: Result<Vec<_>, _> = entries.collect();
        entries.map_err(|error| self.odd(&path, &error.to_string()))
    }

    /// Sets a fault; its number.
    pub(crate) async fn arm(&self, rule: &FaultRule) -> Result<u64, ControlError> {
        let wanted = serde_json::to_value(rule);
        let wanted = wanted.map_err(|error| self.odd("/faults", &error.to_string()))?;
        let set: Numbered = self.read(Method::POST, "/faults", Some(&wanted)).await?;
        Ok(set.id)
    }

    /// How often the faults of these numbers struck, in their order.
    pub(crate) async fn hits(&self, ids: &[u64]) -> Result<Vec<u32>, ControlError> {
        let listed: Listed = self.read(Method::GET, "/faults", None).await?;
        let of = |id: &u64| {
            let mut faults = listed.faults.iter();
            faults.find(|fault| fault.id == *id).map(|fault| fault.hits)
        };
        let hits: Option<Vec<u32>> = ids.iter().map(of).collect();
        hits.ok_or_else(|| self.odd("/faults", "somebody else cleared a fault of this step"))
    }

    /// Clears a fault.
    pub(crate) async fn clear(&self, id: u64) -> Result<(), ControlError> {
        let path = format!("/faults/{id}");
        self.fine(Method::DELETE, &path, None).await.map(|_| ())
    }

    async fn read<T: for<'a> Deserialize<'a>>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, ControlError> {
        let said = self.fine(method, path, body).await?;
        serde_json::from_slice(&said).map_err(|error| self.odd(path, &error.to_string()))
    }

    /// An answer that has to be a yes.
    async fn fine(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Bytes, ControlError> {
        let (status, said) = self.ask(method, path, body).await?;
        if status.is_success() {
            return Ok(said);
        }
        Err(self.unwilling(path, status, &said))
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Bytes), ControlError> {
        let answer = tokio::time::timeout(self.patience, self.answer(method, path, body)).await;
        answer
            .unwrap_or_else(|_elapsed| {
                Err(format!("no answer to {path} after {:?}", self.patience))
            })
            .map_err(|why| ControlError::Silent {
                url: self.url.to_string(),
                why,
            })
    }

    /// The answer to a request; where the bank may be gone for a while, that of the one that is back. The error is in
    /// words.
    async fn answer(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Bytes), String> {
        let asks_again = self.may_be_gone && method.is_safe();
        loop {
            let answer = self.exchange(method.clone(), path, body).await;
            // Between two banks nobody listens, or the old one says that it leaves.
            let is_of_none = answer.as_ref().map_or(true, |(status, _)| {
                *status == StatusCode::SERVICE_UNAVAILABLE
            });
            if !(asks_again && is_of_none) {
                return answer;
            }
            tokio::time::sleep(BREATH).await;
        }
    }

    /// One request; the error is in words.
    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Bytes), String> {
        let url = self.url.join(path).map_err(|e| cause(&e))?;
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(CONTENT_TYPE, "application/json")
            .header("sealbank-control", "1")
            .body(Full::new(body))
            .map_err(|e| cause(&e))?;
        let answer = self.client.request(request).await.map_err(|e| cause(&e))?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|e| cause(&e))?;
        Ok((status, body.to_bytes()))
    }

    fn unwilling(&self, path: &str, status: StatusCode, said: &[u8]) -> ControlError {
        let said = String::from_utf8_lossy(said);
        ControlError::Unwilling {
            url: self.url.to_string(),
            path: path.to_owned(),
            status,
            said: said.chars().take(200).collect::<String>().trim().to_owned(),
        }
    }

    /// It said yes, and something that no control listener says.
    fn odd(&self, path: &str, what: &str) -> ControlError {
        self.unwilling(path, StatusCode::OK, what.as_bytes())
    }
}

/// A client that keeps its connections, and waits for one no longer than this.
fn client(connect: Option<Duration>) -> Client<HttpConnector, Full<Bytes>> {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(connect);
    Client::builder(TokioExecutor::new()).build(connector)
}

/// The error at the bottom: `Connection refused`, not the client's words above it.
fn cause(error: &(dyn Error + 'static)) -> String {
    let mut lowest = error;
    while let Some(below) = lowest.source() {
        lowest = below;
    }
    lowest.to_string()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A listener that takes connections and says nothing.
    async fn mute() -> (TcpListener, Control) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let control = Control {
            patience: Duration::from_millis(1),
            ..Control::at(&format!("http://{address}").parse().unwrap())
        };
        (listener, control)
    }

    #[tokio::test]
    async fn a_bank_that_somebody_else_uses_is_busy_and_one_that_says_nothing_is_silent() {
        let (_listener, control) = mute().await;
        let rest = control.settled().await;
        assert!(matches!(rest, Err(ControlError::Busy { .. })), "{rest:?}");
        let now = control.now().await;
        assert!(matches!(now, Err(ControlError::Silent { .. })), "{now:?}");
    }
}
