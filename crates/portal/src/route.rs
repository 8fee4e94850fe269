//! Which address leads to which page: one router an origin.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};

use crate::caller::{Caller, admit};
use crate::misfit::Misfit;
use crate::origin::Origin;
use crate::site::Shared;
use crate::{admin, execution, keyboard_page, logon, renewal, retrieval, status_page, unlock};

/// The origin of screens, retrieval and ID+PIN logon.
pub(crate) fn ib(site: &Shared) -> Router {
    at_work(&IB, site, Origin::Ib)
}

/// The origin that asks for a client certificate.
pub(crate) fn cert(site: &Shared) -> Router {
    at_work(&CERT, site, Origin::Cert)
}

// Put together once for all banks of a process: in memory a bank opens in less time than that takes.
static IB: LazyLock<Router<Shared>> = LazyLock::new(|| {
    let retrieval = Router::new()
        .route(
            "/retrieval",
            get(retrieval::user_form).post(retrieval::begin_user),
        )
        .route(
            "/retrieval/administrator",
            get(retrieval::administrator_form).post(retrieval::begin_administrator),
        )
        .route(
            "/retrieval/keyboard",
            get(keyboard_page::open).post(keyboard_page::press),
        );
    common()
        .merge(retrieval)
        .method_not_allowed_fallback(wrong_method)
});

static CERT: LazyLock<Router<Shared>> = LazyLock::new(|| {
    let renewal = Router::new().route("/renewal", get(renewal::notice).post(renewal::renew));
    common()
        .merge(renewal)
        .method_not_allowed_fallback(wrong_method)
});

/// What both origins have: the top, the doors, what is behind them, and the retrieval from m-RUN on.
fn common() -> Router<Shared> {
    Router::new()
        .route("/", get(status_page::top))
        .route("/assets/style.css", get(status_page::style))
        .route("/retrieval/run", get(execution::run))
        .route("/retrieval/request", post(execution::request))
        .route("/retrieval/cancelled", post(execution::cancelled))
        .route("/retrieval/installed", post(execution::installed))
        .route("/retrieval/close", post(retrieval::close))
        .route("/logon", get(logon::user_form).post(logon::log_on_user))
        .route(
            "/admin/logon",
            get(logon::administrator_form).post(logon::log_on_administrator),
        )
        .route("/logoff", post(logon::log_off))
        .route("/status", get(status_page::status))
        .route("/admin", get(admin::menu))
        .route("/admin/users", get(admin::users).post(admin::register))
        .route("/admin/users/{user}", get(admin::user).post(admin::act))
        .route("/admin/unlock", get(unlock::form).post(unlock::unlock))
        .fallback(not_found)
}

fn at_work(routes: &Router<Shared>, site: &Shared, origin: Origin) -> Router {
    let routes = routes.clone();
    routes
        .layer(from_fn_with_state((site.clone(), origin), admit))
        .with_state(site.clone())
}

async fn not_found(State(site): State<Shared>, caller: Caller) -> Response {
    site.misfit(&caller, Misfit::NotFound)
}

async fn wrong_method(State(site): State<Shared>, caller: Caller) -> Response {
    site.misfit(&caller, Misfit::WrongMethod)
}
