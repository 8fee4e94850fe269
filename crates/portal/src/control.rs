//! The control listener: health, clock, revocation lists, trail, records, and the bank's counter; faults are in
//! [`crate::fault_control`], standings in [`crate::standing`].
//!
//! Plain HTTP on loopback, without a lock: for the tester, never for a customer. A web page opened on the same
//! machine must not reach it: every request that changes something needs the header `Sealbank-Control: 1`, which a
//! page can't send to another origin, and everything but what is public anyway answers only to a loopback `Host` (DNS
//! rebinding).

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::account::{self, ContractAccount, MemberAccount};
use crate::activity::Load;
use crate::counter::{self, Request as CounterRequest};
use crate::error::{Failure, PortalError};
use crate::fault_control;
use crate::form;
use crate::misfit::Misfit;
use crate::pem;
use crate::publication;
use crate::site::Shared;
use crate::standing;
use crate::status;
use crate::succession;

const GUARD: HeaderName = HeaderName::from_static("sealbank-control");

/// Everything that the control listener answers.
pub(crate) fn routes(site: &Shared) -> Router {
    let public = Router::new()
        .route("/health", get(health))
        .route("/crl/issuing.crl", get(issuing_list))
        .route("/crl/root.crl", get(root_list))
        .route("/ca/root.pem", get(root_pem))
        .route("/ca/chain.pem", get(chain_pem))
        .route("/ca/web.pem", get(web_pem));
    let private = Router::new()
        .route("/clock", get(read_clock).post(move_clock))
        .route("/trail", get(trail))
        .route("/trail/length", get(trail_length))
        .route("/record/{contract}", get(contract_record))
        .route("/record/{contract}/{user}", get(user_record))
        .route("/settled", get(settled))
        .route("/counter", post(at_the_counter))
        .merge(fault_control::routes())
        .merge(standing::routes())
        .merge(succession::routes())
        .layer(from_fn_with_state(site.clone(), guard));
    public
        .merge(private)
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "there is no such page") })
        .method_not_allowed_fallback(|| async {
            problem(
                StatusCode::METHOD_NOT_ALLOWED,
                "the page has another method",
            )
        })
        .with_state(site.clone())
}

/// Keeps web pages of the same machine out, and everybody once another bank takes this one's place.
async fn guard(State(site): State<Shared>, request: Request, next: Next) -> Response {
    if !asks_loopback(request.headers()) {
        return problem(
            StatusCode::FORBIDDEN,
            "ask by the host name localhost or 127.0.0.1",
        );
    }
    let marked = request.headers().get(&GUARD) == Some(&HeaderValue::from_static("1"));
    if !request.method().is_safe() && !marked {
        return problem(
            StatusCode::FORBIDDEN,
            "send the header `Sealbank-Control: 1`",
        );
    }
    if site.app.alive().is_err() {
        return problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "the bank has crashed, as a fault asked it to; ask again once it has started again",
        );
    }
    if site.succession.is_leaving() {
        return problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "another bank takes this one's place; ask again at once",
        );
    }
    next.run(request).await
}

fn asks_loopback(headers: &HeaderMap) -> bool {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

async fn health() -> &'static str {
    "ok\n"
}

/// GET `/settled`: answers once nothing is in flight and no customer is connected.
async fn settled(State(site): State<Shared>) -> &'static str {
    site.app.activity.until(Load::is_settled).await;
    "settled\n"
}

/// What the clock shows.
#[derive(Serialize)]
struct ClockFace {
    #[serde(with = "time::serde::rfc3339")]
    now: OffsetDateTime,
}

/// How the clock is moved.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum ClockMove {
    AdvanceSeconds(i64),
    #[serde(with = "time::serde::rfc3339")]
    Set(OffsetDateTime),
}

async fn read_clock(State(site): State<Shared>) -> Response {
    let now = site.app.clock().now();
    json(StatusCode::OK, &ClockFace { now })
}

async fn move_clock(State(site): State<Shared>, request: Request) -> Response {
    let wanted: ClockMove = match body(&site, request).await {
        Ok(wanted) => wanted,
        Err(refused) => return *refused,
    };
    let moved = match wanted {
        ClockMove::AdvanceSeconds(seconds) => site.app.advance(Duration::seconds(seconds)).await,
        ClockMove::Set(at) => site.app.set_clock(at).await,
    };
    match moved {
        Ok(now) => json(StatusCode::OK, &ClockFace { now }),
        Err(failure) => failed(&failure),
    }
}

/// POST `/counter`: what the bank's counter does on paper.
async fn at_the_counter(State(site): State<Shared>, request: Request) -> Response {
    let wanted: CounterRequest = match body(&site, request).await {
        Ok(wanted) => wanted,
        Err(refused) => return *refused,
    };
    match counter::serve(&site.app, wanted).await {
        Ok(()) => json(StatusCode::OK, &serde_json::json!({ "done": true })),
        Err(failure) => failed(&failure),
    }
}

/// How much of the trail is wanted.
#[derive(Deserialize)]
struct Stretch {
    last: Option<usize>,
    since: Option<usize>,
}

/// GET `/trail?since=N&last=M`: the newest entries after the first N that ever were, one line of JSON each.
async fn trail(State(site): State<Shared>, stretch: Query<Stretch>) -> Response {
    let entries = site.app.trail_since(stretch.since.unwrap_or_default());
    let skipped = entries
        .len()
        .saturating_sub(stretch.last.unwrap_or(usize::MAX));
    let mut lines = String::new();
    for entry in &entries[skipped..] {
        match serde_json::to_string(entry) {
            Ok(line) => lines.push_str(&line),
            Err(error) => return problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        }
        lines.push('\n');
    }
    typed("application/x-ndjson", lines.into_bytes())
}

/// GET `/trail/length`: how many entries there ever were.
async fn trail_length(State(site): State<Shared>) -> Response {
    let length = site.app.trail_noted();
    json(StatusCode::OK, &serde_json::json!({ "length": length }))
}

/// GET `/record/{contract}`.
async fn contract_record(
    State(site): State<Shared>,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let found: Option<ContractAccount> = path.ok().and_then(|Path(contract)| {
        let contract = site.app.contract_id(&contract).ok()?;
        site.app.bank(|bank| account::of_contract(bank, &contract))
    });
    found_or_not(found.as_ref())
}

/// GET `/record/{contract}/{user}`.
async fn user_record(
    State(site): State<Shared>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    let found: Option<MemberAccount> = path.ok().and_then(|Path((contract, user))| {
        let contract = site.app.contract_id(&contract).ok()?;
        site.app
            .bank(|bank| account::of_user(bank, &contract, &user))
    });
    found_or_not(found.as_ref())
}

async fn issuing_list(State(site): State<Shared>) -> Response {
    let app = site.app.clone();
    match app.detached(publication::issuing_list).await {
        Ok(der) => typed("application/pkix-crl", der),
        Err(failure) => failed(&failure),
    }
}

async fn root_list(State(site): State<Shared>) -> Response {
    let der = site.app.authority().root_crl().to_vec();
    typed("application/pkix-crl", der)
}

async fn root_pem(State(site): State<Shared>) -> Response {
    pem_file(pem::certificate(site.app.authority().root_certificate()))
}

async fn chain_pem(State(site): State<Shared>) -> Response {
    let chain = site.app.authority().chain();
    pem_file(chain.map(|authority| pem::certificate(authority)).concat())
}

async fn web_pem(State(site): State<Shared>) -> Response {
    pem_file(site.web.root_pem().to_owned())
}

fn pem_file(text: String) -> Response {
    typed("application/x-pem-file", text.into_bytes())
}

/// Reads a body of JSON within the site's limits.
pub(crate) async fn body<T: serde::de::DeserializeOwned>(
    site: &Shared,
    request: Request,
) -> Result<T, Box<Response>> {
    let bytes = form::read(request.into_body(), site)
        .await
        .map_err(|misfit: Misfit| Box::new(problem(status::of_misfit(misfit), misfit.reason())))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let mend = format!("the body is not what is read here: {error}");
        Box::new(problem(StatusCode::BAD_REQUEST, &mend))
    })
}

fn found_or_not<T: Serialize>(found: Option<&T>) -> Response {
    match found {
        Some(found) => json(StatusCode::OK, found),
        None => problem(StatusCode::NOT_FOUND, "nobody of that id is on the books"),
    }
}

fn failed(failure: &Failure) -> Response {
    match failure {
        Failure::Refused(refusal) => json(
            status::of_refusal(*refusal),
            &serde_json::json!({ "refused": { "reason": refusal.reason(), "code": refusal.code() } }),
        ),
        Failure::Failed(error @ (PortalError::Identifier(_) | PortalError::Pin { .. })) => {
            problem(StatusCode::BAD_REQUEST, &error.to_string())
        }
        Failure::Failed(error) => {
            problem(status::of_misfit(Misfit::Unavailable), &error.to_string())
        }
    }
}

pub(crate) fn problem(status: StatusCode, what: &str) -> Response {
    json(status, &serde_json::json!({ "problem": what }))
}

pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(mut bytes) => {
            bytes.push(b'\n');
            (status, typed("application/json", bytes)).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn typed(kind: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")];
    (headers, bytes).into_response()
}
