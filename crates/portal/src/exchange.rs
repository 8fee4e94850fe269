//! One exchange, from the request's head to the answer's last byte, and what was asked to go wrong on its way.
//!
//! What happens within the bank meanwhile is the walk's ([`crate::walk`]); it leaves word here when the answer is not
//! to arrive. What an ending does to the connection is done in [`crate::listen`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::app::App;
use crate::fault::{Act, FaultStatus, FaultVerdict, Hit, Phase, Place};
use crate::form;
use crate::limits::Limits;
use crate::line::{Cut, Line};
use crate::origin::Origin;
use crate::partial::{Partial, lost};
use crate::status;

tokio::task_local! {
    /// The exchange that a command is carried out for; its work takes it along into blocking threads.
    static CURRENT: Exchange;
}

/// What became of an exchange within the bank: a rule that struck there and keeps the answer back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exchange(Arc<Mutex<Option<Hit>>>);

impl Exchange {
    /// The exchange that this work is done for, if it is one.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Does `work` for this exchange.
    pub(crate) fn within<R>(self, work: impl FnOnce() -> R) -> R {
        CURRENT.sync_scope(self, work)
    }

    /// Keeps the answer back; the first word counts.
    pub(crate) fn end_by(&self, hit: Hit) {
        self.ending().get_or_insert(hit);
    }

    fn ending(&self) -> MutexGuard<'_, Option<Hit>> {
        // Only whole values go in, so a thread that panicked has left it sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a phase ends that does not go on.
enum Ended {
    /// The client sees this instead.
    Answer(Box<Response>),
    /// The client sees that.
    Cut(Cut),
}

/// One customer's request at the bank's door.
pub(crate) struct Visit<'a> {
    pub(crate) app: &'a Arc<App>,
    pub(crate) origin: Origin,
    pub(crate) router: &'a Router,
    pub(crate) limits: &'a Limits,
    pub(crate) line: &'a Line,
}

impl Visit<'_> {
    /// Takes a request through all its phases. What is to be cut is told to the line, and no answer comes then.
    pub(crate) async fn carry(&self, request: Request<Body>) -> Response {
        let passed = self.attempt(request).await;
        // A bank that is gone answers nobody, whatever was still being written.
        let passed = self
            .app
            .alive()
            .map_or(Err(Ended::Cut(Cut::Crash)), |()| passed);
        match passed {
            Ok(answer) => answer,
            Err(Ended::Answer(answer)) => *answer,
            Err(Ended::Cut(how)) => {
                self.line.cut(how);
                std::future::pending().await
            }
        }
    }

    async fn attempt(&self, request: Request<Body>) -> Result<Response, Ended> {
        let exchange = Exchange::default();
        if self.app.faults().are_idle() {
            return self.asked(&exchange, request).await;
        }
        let (parts, body) = request.into_parts();
        let body = self.arrived(body).await?;
        let act = act_of(&parts, &body);
        let (body, copies) = self.received(&parts, body, act).await?;
        let answer = self
            .asked(&exchange, Request::from_parts(parts.clone(), body.whole()))
            .await?;
        if let Copies::Two = copies {
            let again = Request::from_parts(parts, body.whole());
            drop(self.asked(&exchange, again).await);
        }
        if let Received::Part(..) = body {
            return Err(Ended::Cut(Cut::Close));
        }
        self.sent(act, answer).await
    }

    /// The pages' own answer, unless something within the bank keeps it back.
    async fn asked(&self, exchange: &Exchange, request: Request<Body>) -> Result<Response, Ended> {
        let router = self.router.clone();
        let answer = CURRENT.scope(exchange.clone(), router.oneshot(request));
        let answer = match answer.await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let kept_back = exchange.ending().take();
        kept_back.map_or(Ok(answer), |hit| Err(ended(&hit)))
    }

    /// The request's body, whole. An act of administration is named in it, so it is read before anything strikes.
    async fn arrived(&self, body: Body) -> Result<Bytes, Ended> {
        let read = form::read_within(body, self.limits).await;
        read.map_err(|misfit| Ended::Answer(Box::new(status::of_misfit(misfit).into_response())))
    }

    async fn received(
        &self,
        parts: &Parts,
        body: Bytes,
        act: Option<Act>,
    ) -> Result<(Received, Copies), Ended> {
        let mut copies = Copies::One;
        let mut phases = vec![Phase::RequestHead];
        if parts.method == Method::POST {
            phases.push(Phase::RequestBody);
        }
        for phase in phases {
            let Some(hit) = self.strike(phase, |rule| concerns(rule, act)).await else {
                continue;
            };
            match hit.rule.verdict {
                FaultVerdict::Duplicate => copies = Copies::Two,
                FaultVerdict::Truncate { percent } => {
                    return Ok((Received::Part(body, percent), copies));
                }
                _ => return Err(self.done_for(&hit)),
            }
        }
        Ok((Received::Whole(body), copies))
    }

    /// The answer on its way out.
    async fn sent(&self, act: Option<Act>, answer: Response) -> Result<Response, Ended> {
        let delivers = act == Some(Act::Execute) && answer.status().is_success();
        let concerned = |rule| concerns(rule, act) || (delivers && rule == Act::Deliver);
        if let Some(hit) = self.strike(Phase::ResponseHead, concerned).await {
            return Err(self.done_for(&hit));
        }
        let struck = match self.strike(Phase::ResponseBody, concerned).await {
            Some(hit) => Some(hit),
            None => self.strike(Phase::Between, concerned).await,
        };
        let Some(hit) = struck else {
            return Ok(answer);
        };
        let percent = match (hit.rule.when, hit.rule.verdict) {
            (_, FaultVerdict::Truncate { percent }) => percent,
            (Phase::Between, _) => 100,
            _ => 0,
        };
        let (head, body) = answer.into_parts();
        // Our own pages are in memory and can't fail.
        let body = body.collect().await.unwrap_or_default().to_bytes();
        let body = Partial::of(&body, percent, self.line.clone(), cut_of(&hit));
        Ok(Response::from_parts(head, Body::new(body)))
    }

    async fn strike(&self, phase: Phase, concerns: impl Fn(Act) -> bool) -> Option<Hit> {
        let struck = self.app.strike(self.origin, Place::Phase(phase), concerns);
        if struck.delayed {
            // A failure is in the trail; the next command tells the bank again.
            let _ = self.app.let_time_pass().await;
        }
        struck.hit
    }

    fn done_for(&self, hit: &Hit) -> Ended {
        if let FaultVerdict::Crash { .. } = hit.rule.verdict {
            self.app.crash();
        }
        ended(hit)
    }
}

/// What arrived of a body.
enum Received {
    Whole(Bytes),
    Part(Bytes, u8),
}

impl Received {
    fn whole(&self) -> Body {
        match self {
            Self::Whole(bytes) => Body::from(bytes.clone()),
            Self::Part(bytes, percent) => lost(bytes, *percent),
        }
    }
}

/// How often a request arrives.
enum Copies {
    One,
    Two,
}

/// Whether a rule for `rule` holds for a page of `act`.
fn concerns(rule: Act, act: Option<Act>) -> bool {
    rule == Act::Any || Some(rule) == act
}

/// The step that a request is; an act of administration is named by its form.
fn act_of(parts: &Parts, body: &Bytes) -> Option<Act> {
    let path = parts.uri.path();
    let of_page = Act::of_page(&parts.method, path);
    if parts.method != Method::POST || of_page != Some(Act::ViewAdministration) {
        return of_page;
    }
    let named = url::form_urlencoded::parse(body).find(|(name, _)| name == "act");
    named.and_then(|(_, word)| Act::of_form(&word)).or(of_page)
}

fn ended(hit: &Hit) -> Ended {
    match hit.rule.verdict {
        FaultVerdict::Status(status) => Ended::Answer(Box::new(instead(status))),
        _ => Ended::Cut(cut_of(hit)),
    }
}

/// How a connection ends by a rule; whatever leaves no answer behind ends it.
pub(crate) fn cut_of(hit: &Hit) -> Cut {
    match hit.rule.verdict {
        FaultVerdict::Reset => Cut::Reset,
        FaultVerdict::Stall => Cut::Stall(hit.id),
        FaultVerdict::Crash { .. } => Cut::Crash,
        _ => Cut::Close,
    }
}

/// The answer of something in front of the bank: none of its screens.
fn instead(status: FaultStatus) -> Response {
    let status = match status {
        FaultStatus::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        FaultStatus::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
        FaultStatus::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
    };
    let words = status.canonical_reason().unwrap_or_default();
    (status, words).into_response()
}
