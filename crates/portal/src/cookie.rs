//! The two cookies of an origin: who visits, and which session is open. And the mark that both origins share.
//!
//! The visitor's cookie exists before any logon, so that every form can carry a CSRF token; it opens nothing. The
//! session's is replaced at every logon and every retrieval. Both are opaque; a person opens both origins as
//! `localhost`, where cookies are shared by all ports, so their names differ from origin to origin.

use ::cookie::{Cookie, SameSite};
use http::header::{COOKIE, HeaderMap, HeaderValue};

use crate::listen::Hosts;
use crate::origin::Origin;
use crate::secret::Token;

/// What a cookie is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Jar {
    /// The browser, before and beside any session.
    Visitor,
    /// The open session.
    Session,
}

impl Jar {
    pub(crate) fn name(self, origin: Origin) -> &'static str {
        match (self, origin) {
            (Self::Visitor, Origin::Cert) => "__Host-cert-visitor",
            (Self::Session, Origin::Cert) => "__Host-cert",
            (Self::Visitor, _) => "__Host-ib-visitor",
            (Self::Session, _) => "__Host-ib",
        }
    }

    /// The token that the client carries; none where it carries anything else.
    pub(crate) fn read(self, origin: Origin, headers: &HeaderMap) -> Option<Token> {
        let name = self.name(origin);
        let sent = headers.get_all(COOKIE).iter();
        sent.filter_map(|value| value.to_str().ok())
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .find(|cookie| cookie.name() == name)
            .and_then(|cookie| Token::parse(cookie.value()))
    }

    /// Hands the client a token.
    pub(crate) fn set(self, origin: Origin, token: &Token) -> HeaderValue {
        header(&self.built(origin, token.to_text()).build())
    }

    /// Takes the client's token away.
    pub(crate) fn clear(self, origin: Origin) -> HeaderValue {
        let mut cookie = self.built(origin, String::new()).build();
        cookie.set_max_age(time::Duration::ZERO);
        header(&cookie)
    }

    /// No `Max-Age`: both end when all windows of the browser are closed.
    fn built(self, origin: Origin, value: String) -> ::cookie::CookieBuilder<'static> {
        Cookie::build((self.name(origin), value))
            .path("/")
            .secure(true)
            .http_only(true)
            .same_site(SameSite::Lax)
    }
}

/// The mark of a browser run in which a certificate was retrieved. It opens nothing and names nobody; it ends, like
/// every cookie here, when all windows are closed (L21).
const RETRIEVED: &str = "__Secure-retrieved";

/// Marks the caller's browser run. Both origins have to see the mark: it is set for the host of the screens, below
/// which the certificate origin lies, or for the one host that both share.
pub(crate) fn mark_retrieved(hosts: &Hosts) -> HeaderValue {
    let mut mark = Cookie::build((RETRIEVED, "1"))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax);
    if hosts.cert.ends_with(&format!(".{}", hosts.ib)) {
        mark = mark.domain(hosts.ib.clone());
    }
    header(&mark.build())
}

/// Whether a certificate was retrieved in the caller's browser run.
pub(crate) fn browser_run(headers: &HeaderMap) -> BrowserRun {
    let sent = headers.get_all(COOKIE).iter();
    let marked = sent
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .any(|cookie| cookie.name() == RETRIEVED);
    if marked {
        BrowserRun::Retrieved
    } else {
        BrowserRun::Fresh
    }
}

/// What happened since the browser's first window was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BrowserRun {
    /// No certificate was retrieved.
    Fresh,
    /// One was.
    Retrieved,
}

fn header(cookie: &Cookie<'_>) -> HeaderValue {
    HeaderValue::try_from(cookie.to_string())
        .expect("name, hexadecimal value and attributes are visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_bound_to_its_origin_and_out_of_reach_of_scripts() {
        let token = Token::random().unwrap();
        let set = Jar::Session.set(Origin::Ib, &token);
        let text = set.to_str().unwrap();
        assert!(text.starts_with(&format!("__Host-ib={}", token.to_text())));
        for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(text.contains(attribute), "{text}");
        }
        assert!(!text.contains("Domain"), "{text}");
        assert!(!text.contains("Max-Age"), "{text}");
        let cleared = Jar::Session.clear(Origin::Ib);
        assert!(cleared.to_str().unwrap().contains("Max-Age=0"));
    }

    #[test]
    fn the_names_of_all_cookies_differ() {
        let names = [Origin::Ib, Origin::Cert]
            .map(|origin| [Jar::Visitor.name(origin), Jar::Session.name(origin)]);
        let unique: std::collections::BTreeSet<_> = names.iter().flatten().collect();
        assert_eq!(unique.len(), 4);
        assert!(unique.iter().all(|name| name.starts_with("__Host-")));
    }

    #[test]
    fn what_is_no_token_is_no_cookie() {
        let token = Token::random().unwrap().to_text();
        let good = format!("a=b; __Host-ib={token}; c=d");
        let cases = [
            (good.as_str(), true),
            ("__Host-ib=", false),
            ("__Host-ib=zzz", false),
            ("__Host-ib", false),
            (";;;=;=", false),
            ("", false),
        ];
        for (text, found) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_str(text).unwrap());
            assert_eq!(
                Jar::Session.read(Origin::Ib, &headers).is_some(),
                found,
                "{text}"
            );
            assert!(Jar::Session.read(Origin::Cert, &headers).is_none());
            assert!(Jar::Visitor.read(Origin::Ib, &headers).is_none());
        }
    }

    #[test]
    fn both_origins_see_the_mark_of_a_retrieval() {
        let below = mark_retrieved(&Hosts::default());
        assert!(below.to_str().unwrap().contains("Domain=ib.bank.test"));
        // One host is one jar whatever the port; browsers take no Domain for it.
        let shared = mark_retrieved(&Hosts::localhost());
        assert!(!shared.to_str().unwrap().contains("Domain"));

        let mut headers = HeaderMap::new();
        assert_eq!(browser_run(&headers), BrowserRun::Fresh);
        headers.insert(
            COOKIE,
            HeaderValue::from_static("a=b; __Secure-retrieved=1"),
        );
        assert_eq!(browser_run(&headers), BrowserRun::Retrieved);
    }
}
