//! How handlers answer: a screen, a refusal, a misfit, a redirection, and the cookies with it.

use axum::response::{Html, IntoResponse, Response};
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use sealbank_bank::Refusal;

use crate::caller::Caller;
use crate::cookie::Jar;
use crate::error::Failure;
use crate::misfit::Misfit;
use crate::screens::{Alert, ErrorScreen, Page, Screen};
use crate::secret::Token;
use crate::site::Site;
use crate::status;
use crate::trail::{Note, Outcome};

/// Where 閉じる of an error leads.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Close {
    /// It gives up a retrieval.
    Retrieval,
    /// It logs off.
    Logon,
}

impl Close {
    fn path(self) -> &'static str {
        match self {
            Self::Retrieval => "/retrieval/close",
            Self::Logon => "/logoff",
        }
    }
}

impl Site {
    /// What every page shows.
    pub(crate) fn page(&self, caller: &Caller) -> Page {
        Page {
            bank: self.app.bank(|bank| bank.profile().name.clone()),
            csrf: caller.csrf(self).to_text(),
            ib: self.addresses.ib_url(),
            cert: self.addresses.cert_url(),
            alerts: Vec::new(),
        }
    }

    /// m-ERR for what the bank refused, or could not record.
    pub(crate) fn failure(&self, caller: &Caller, failure: &Failure, close: Close) -> Response {
        match failure {
            Failure::Refused(refusal) => self.refusal(caller, *refusal, close),
            // The walk has noted the error itself; the customer learns nothing of it.
            Failure::Failed(_) => self.error(
                caller,
                misfit_alert(Misfit::Unavailable),
                close,
                status::of_misfit(Misfit::Unavailable),
            ),
        }
    }

    /// m-ERR for a refusal.
    pub(crate) fn refusal(&self, caller: &Caller, refusal: Refusal, close: Close) -> Response {
        self.error(caller, alert(refusal), close, status::of_refusal(refusal))
    }

    /// m-ERR for a request that is wrong by itself; noted here, because no command was.
    pub(crate) fn misfit(&self, caller: &Caller, misfit: Misfit) -> Response {
        self.app.note(Note {
            at: self.app.clock().now(),
            origin: caller.origin,
            what: "request",
            subscriber: None,
            outcome: Outcome::Refused {
                reason: misfit.reason().to_owned(),
                code: Some(misfit.code().to_owned()),
            },
            detail: None,
        });
        self.error(
            caller,
            misfit_alert(misfit),
            Close::Logon,
            status::of_misfit(misfit),
        )
    }

    fn error(&self, caller: &Caller, alert: Alert, close: Close, status: StatusCode) -> Response {
        let screen = ErrorScreen {
            page: self.page(caller).with_alert(alert),
            close: close.path(),
        };
        (status, show(&screen)).into_response()
    }
}

/// A refusal as a message without a field.
pub(crate) fn alert(refusal: Refusal) -> Alert {
    Alert {
        code: Some(refusal.code()),
        field: None,
        text: refusal.text().to_owned(),
    }
}

/// A refusal of one field.
pub(crate) fn field_alert(refusal: Refusal, label: &'static str) -> Alert {
    Alert {
        field: Some(label),
        ..alert(refusal)
    }
}

fn misfit_alert(misfit: Misfit) -> Alert {
    Alert {
        code: Some(misfit.code()),
        field: None,
        text: misfit.text().to_owned(),
    }
}

/// A screen.
pub(crate) fn show(screen: &impl Screen) -> Response {
    Html(screen.html()).into_response()
}

/// A form again, with its errors.
pub(crate) fn show_again(screen: &impl Screen) -> Response {
    let status = status::of_refusal(Refusal::FieldMissing);
    (status, show(screen)).into_response()
}

/// Another page, to be fetched by GET (RFC 9110, section 15.4.4).
pub(crate) fn go_to(path: &'static str) -> Response {
    (
        StatusCode::SEE_OTHER,
        [(LOCATION, HeaderValue::from_static(path))],
    )
        .into_response()
}

/// Hands the session's cookie with the answer.
pub(crate) fn with_session(mut response: Response, caller: &Caller, token: &Token) -> Response {
    let cookie = Jar::Session.set(caller.origin, token);
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

/// Takes the session's cookie away with the answer.
pub(crate) fn without_session(mut response: Response, caller: &Caller) -> Response {
    let cookie = Jar::Session.clear(caller.origin);
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}
