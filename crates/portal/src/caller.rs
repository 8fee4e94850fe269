//! Who sent a request: which door, which certificate, which cookies, which browser. And what every answer carries.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    SET_COOKIE, USER_AGENT, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use sealbank_bank::{Browser, Refusal, Serial, SessionId};

use crate::cookie::{BrowserRun, Jar, browser_run};
use crate::listen::Connection;
use crate::origin::Origin;
use crate::peer::Peer;
use crate::secret::{Purpose, Token};
use crate::site::{Shared, Site};

/// Who sent this request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) origin: Origin,
    pub(crate) peer: Option<Arc<Peer>>,
    pub(crate) visitor: Token,
    pub(crate) session: Option<Token>,
    pub(crate) browser: Browser,
    pub(crate) run: BrowserRun,
}

impl Caller {
    /// The session whose cookie he carries; whether it is open is for the bank to say.
    pub(crate) fn session(&self) -> Result<SessionId, Refusal> {
        let token = self.session.as_ref().ok_or(Refusal::NoSession)?;
        Ok(token.session())
    }

    /// The serial of the certificate that his connection proved.
    pub(crate) fn presented(&self) -> Option<&Serial> {
        self.peer.as_ref().map(|peer| &peer.serial)
    }

    /// The CSRF token of his forms.
    pub(crate) fn csrf(&self, site: &Site) -> Token {
        site.app.seal.derive(Purpose::Csrf, &[self.visitor])
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let caller = parts.extensions.get::<Self>().cloned();
        Ok(caller.expect("every route lies behind `admit`"))
    }
}

/// Lets a request in: finds out who sends it, and gives every answer its cookie and its headers.
pub(crate) async fn admit(
    State((site, origin)): State<(Shared, Origin)>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let (visitor, fresh) = match Jar::Visitor.read(origin, headers) {
        Some(visitor) => (visitor, None),
        None => match Token::random() {
            Ok(visitor) => (visitor, Some(Jar::Visitor.set(origin, &visitor))),
            Err(error) => {
                tracing::error!(%error, "no page without randomness");
                return http::StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        },
    };
    let caller = Caller {
        origin,
        peer: request
            .extensions()
            .get::<Connection>()
            .and_then(|connection| connection.peer.clone()),
        visitor,
        session: Jar::Session.read(origin, headers),
        browser: browser(&site, headers),
        run: browser_run(headers),
    };
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    let answered = response.headers_mut();
    if let Some(cookie) = fresh {
        answered.append(SET_COOKIE, cookie);
    }
    for (name, value) in SECURITY {
        answered.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// No script, no foreign content, no frame, no copy in any cache, no address told to others.
const SECURITY: [(HeaderName, &str); 5] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// Whether the browser is a recommended one (L1, setting `supported_browsers`).
fn browser(site: &Site, headers: &HeaderMap) -> Browser {
    let agent = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    let supported = site.app.bank(|bank| {
        let parts = &bank.settings().supported_browsers;
        parts.is_empty() || parts.iter().any(|part| agent.contains(part.as_str()))
    });
    if supported {
        Browser::Supported
    } else {
        Browser::Unsupported
    }
}
