//! `/` and `/status`: where a visitor comes from, and where a logon leads to.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use sealbank_bank::{LogonMethod, Rights, SessionKind};

use crate::answer::show;
use crate::caller::Caller;
use crate::screens::{Moment, Offer, STYLE, StatusScreen, TopScreen};
use crate::site::{Shared, Site};
use crate::visit::Inside;

/// GET `/`: m-TOP.
pub(crate) async fn top(State(site): State<Shared>, caller: Caller) -> Response {
    let page = site.page(&caller);
    show(&TopScreen { page })
}

/// GET `/assets/style.css`.
pub(crate) async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// GET `/status`: m-STATUS.
pub(crate) async fn status(State(site): State<Shared>, caller: Caller) -> Response {
    match site.enter(&caller).await {
        Ok(inside) => show(&status_screen(&site, &caller, &inside)),
        Err(page) => *page,
    }
}

fn status_screen(site: &Site, caller: &Caller, inside: &Inside) -> StatusScreen {
    let now = site.app.clock().now();
    let renewable = site
        .app
        .bank(|bank| bank.in_renewal_window(&inside.member, now));
    let by_certificate = matches!(inside.kind, SessionKind::Certificate { .. });
    StatusScreen {
        page: site.page(caller),
        contract: inside.contract().to_string(),
        user: inside.user(),
        method: if by_certificate {
            LogonMethod::Certificate
        } else {
            LogonMethod::IdPin
        },
        expires: inside
            .member
            .accepted()
            .map(|(_, facts)| Moment(facts.not_after)),
        renewal: offered(renewable && by_certificate),
        unlock: offered(inside.member.rights == Rights::ResetAdministrator),
    }
}

fn offered(made: bool) -> Offer {
    if made { Offer::Made } else { Offer::Withheld }
}
