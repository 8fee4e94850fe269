//! `/renewal` on the cert origin: m-RENEW and 更新 (T20), which leads to the same m-RUN as a retrieval.

use axum::extract::State;
use axum::response::Response;
use sealbank_bank::{Command, Refusal, SessionId, SessionKind};

use crate::answer::{Close, go_to, show, with_session};
use crate::caller::Caller;
use crate::error::Failure;
use crate::form::Form;
use crate::screens::{Moment, RenewalNotice};
use crate::secret::{Purpose, Token};
use crate::site::{Shared, Site};
use crate::visit::Inside;

/// GET: m-RENEW.
pub(crate) async fn notice(State(site): State<Shared>, caller: Caller) -> Response {
    let inside = match site.enter(&caller).await {
        Ok(inside) => inside,
        Err(page) => return *page,
    };
    match renewable(&site, &inside) {
        Ok(expires) => show(&RenewalNotice {
            page: site.page(&caller),
            expires,
        }),
        Err(refusal) => site.refusal(&caller, refusal, Close::Logon),
    }
}

/// POST: 更新. The logon ends with it; a retrieval goes on in its place.
pub(crate) async fn renew(State(site): State<Shared>, caller: Caller, _form: Form) -> Response {
    let Some(token) = retrieval_token(&site, &caller) else {
        return site.refusal(&caller, Refusal::NoSession, Close::Logon);
    };
    if has_begun(&site, &token.session()) {
        return with_session(go_to("/retrieval/run"), &caller, &token);
    }
    let inside = match site.enter(&caller).await {
        Ok(inside) => inside,
        Err(page) => return *page,
    };
    match begin(&site, &caller, &inside, token.session()).await {
        Ok(()) => with_session(go_to("/retrieval/run"), &caller, &token),
        // The same button pressed twice: the other press was first.
        Err(_) if has_begun(&site, &token.session()) => {
            with_session(go_to("/retrieval/run"), &caller, &token)
        }
        Err(failure) => site.failure(&caller, &failure, Close::Logon),
    }
}

/// The retrieval session that 更新 of this logon opens, however often it is pressed.
fn retrieval_token(site: &Site, caller: &Caller) -> Option<Token> {
    let session = caller.session?;
    let tokens = [caller.visitor, session];
    Some(site.app.seal.derive(Purpose::FormSession, &tokens))
}

fn has_begun(site: &Site, retrieval: &SessionId) -> bool {
    site.app.bank(|bank| bank.contract_of(retrieval).is_some())
}

async fn begin(
    site: &Site,
    caller: &Caller,
    inside: &Inside,
    retrieval: SessionId,
) -> Result<(), Failure> {
    let contract = inside.contract().clone();
    let session = inside.session;
    let renew = Command::Renew {
        contract: contract.clone(),
        session,
        retrieval,
    };
    let log_off = Command::LogOff { contract, session };
    let origin = caller.origin;
    let begun = site.app.detached(move |app| {
        app.walk(origin, &renew)?;
        // Its cookie is replaced, so nobody could log it off later.
        app.walk(origin, &log_off).map(|_| ())
    });
    begun.await
}

/// The end of the certificate, where it can be renewed now.
fn renewable(site: &Site, inside: &Inside) -> Result<Moment, Refusal> {
    if !matches!(inside.kind, SessionKind::Certificate { .. }) {
        return Err(Refusal::NotPermitted);
    }
    let now = site.app.clock().now();
    let in_window = site
        .app
        .bank(|bank| bank.in_renewal_window(&inside.member, now));
    match inside.member.accepted() {
        Some((_, facts)) if in_window => Ok(Moment(facts.not_after)),
        _ => Err(Refusal::OutsideRenewalWindow),
    }
}
