//! What goes into a request besides the form, and what an answer does besides showing a page.

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE, USER_AGENT,
};
use http::{Request, StatusCode};
use http_body_util::Full;
use url::{Position, Url};

use crate::concealed::Concealed;
use crate::driver::http::Reply;
use crate::driver::passage::Log;
use crate::driver::{Courier, lost};
use crate::environment::Recommended;
use crate::error::WorkstationError;
use crate::form::{Method, Submission};
use crate::origin::Origin;
use crate::wire::{Exchange, Fate};

impl Courier {
    pub(super) fn request(
        &self,
        submission: &Submission,
    ) -> Result<(Request<Full<Bytes>>, usize), WorkstationError> {
        let Submission { method, url, body } = submission;
        let now = self.clock.now();
        let (cookies, from) = self.browser(|browser| {
            let page = browser
                .window(self.seat.window)
                .and_then(|window| window.page.as_ref());
            (
                browser.cookies().header(url, now),
                page.map(|page| page.url.clone()),
            )
        })?;
        let recommended = self.machine.with(|pc| pc.environment.browser);
        let mut request = Request::builder()
            .method(method.to_string().as_str())
            .uri(&url[Position::BeforePath..Position::AfterQuery])
            .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
            .header(USER_AGENT, user_agent(recommended))
            .header(ACCEPT, "text/html")
            .header(ACCEPT_LANGUAGE, "ja");
        if let Some(cookies) = cookies {
            request = request.header(COOKIE, cookies.expose());
        }
        if *method == Method::Post {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            if let Some(from) = from {
                request = request.header(ORIGIN, from.origin().ascii_serialization());
            }
        }
        let body = Bytes::from(body.as_ref().map_or("", Concealed::expose).to_owned());
        let length = body.len();
        let request = request
            .body(Full::new(body))
            .map_err(|error| lost(&Origin::of(url), "making the request", error.to_string()))?;
        Ok((request, length))
    }

    pub(super) fn log(&self, submission: &Submission, origin: &Origin) -> Log {
        Log(Exchange {
            at: self.clock.now(),
            pc: self.machine.with(|pc| pc.name().to_owned()),
            seat: self.seat.to_string(),
            origin: origin.clone(),
            method: submission.method,
            path: submission.url.path().to_owned(),
            presented: None,
            fate: Fate::Failed {
                detail: "not sent".to_owned(),
            },
        })
    }

    pub(super) fn keep_cookies(&self, reply: &Reply, url: &Url) -> Result<(), WorkstationError> {
        let now = self.clock.now();
        self.browser(|browser| {
            for header in reply.headers.get_all(SET_COOKIE) {
                if let Ok(header) = header.to_str() {
                    browser.cookies_mut().take(header, url, now);
                }
            }
        })
    }
}

fn user_agent(recommended: Recommended) -> &'static str {
    match recommended {
        Recommended::Yes => "Mozilla/5.0 (sealbank workstation; recommended)",
        Recommended::No => "Mozilla/5.0 (sealbank workstation; unsupported)",
    }
}

/// Where an answer sends the browser (RFC 9110, section 15.4).
pub(super) fn redirect(reply: &Reply, asked: &Submission) -> Option<Submission> {
    let target = reply.headers.get(LOCATION)?.to_str().ok()?;
    let url = asked.url.join(target).ok()?;
    match reply.status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => {
            Some(Submission::visit(url))
        }
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => Some(Submission {
            url,
            ..asked.clone()
        }),
        _ => None,
    }
}
