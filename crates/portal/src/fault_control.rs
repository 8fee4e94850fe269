//! Faults by control: what is to go wrong is listed, set and cleared while the bank is open.

use std::num::NonZeroU32;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{delete, get};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use time::Duration;

use crate::control::{body, json, problem};
use crate::fault::{Act, FaultId, FaultRule, FaultState, FaultVerdict, Phase};
use crate::site::Shared;

/// What the control listener answers about faults.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/faults", get(list).post(set).delete(clear_all))
        .route("/faults/{id}", delete(clear))
}

/// A rule as it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default = "any")]
    during: Act,
    when: Phase,
    #[serde(rename = "do")]
    verdict: FaultVerdict,
    #[serde(default = "once")]
    times: NonZeroU32,
    /// For how long it holds, in seconds of the bank's clock.
    #[serde(default)]
    ttl: Option<u32>,
}

/// All rules.
#[derive(Serialize)]
struct Listed {
    faults: Vec<FaultState>,
}

fn any() -> Act {
    Act::Any
}

fn once() -> NonZeroU32 {
    NonZeroU32::MIN
}

/// GET `/faults`.
async fn list(State(site): State<Shared>) -> Response {
    let faults = site.app.faults().list();
    json(StatusCode::OK, &Listed { faults })
}

/// POST `/faults`.
async fn set(State(site): State<Shared>, request: Request) -> Response {
    let wanted: Wanted = match body(&site, request).await {
        Ok(wanted) => wanted,
        Err(refused) => return *refused,
    };
    let Wanted {
        during,
        when,
        verdict,
        times,
        ttl,
    } = wanted;
    let rule = match FaultRule::new(during, when, verdict, times) {
        Ok(rule) => rule,
        Err(impossible) => return problem(StatusCode::BAD_REQUEST, &impossible.to_string()),
    };
    let now = site.app.clock().now();
    let until = ttl.map(|seconds| now.saturating_add(Duration::seconds(seconds.into())));
    let id = site.app.faults().set(rule, until);
    json(StatusCode::CREATED, &serde_json::json!({ "id": id }))
}

/// DELETE `/faults`.
async fn clear_all(State(site): State<Shared>) -> Response {
    site.app.faults().clear_all();
    json(StatusCode::OK, &serde_json::json!({ "done": true }))
}

/// DELETE `/faults/{id}`.
async fn clear(State(site): State<Shared>, path: Result<Path<u64>, PathRejection>) -> Response {
    let known = path.is_ok_and(|Path(id)| site.app.faults().clear(FaultId::from_number(id)));
    if known {
        json(StatusCode::OK, &serde_json::json!({ "done": true }))
    } else {
        let mend = "there is no such rule; GET /faults lists those that there are";
        problem(StatusCode::NOT_FOUND, mend)
    }
}
