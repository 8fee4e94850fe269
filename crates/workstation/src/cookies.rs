//! [`CookieJar`]: the cookies of one browser (RFC 6265, and the `__Host-` prefix of RFC 6265bis).

use std::collections::BTreeMap;
use std::fmt;

use cookie::Cookie;
use time::OffsetDateTime;
use url::Url;

use crate::concealed::Concealed;

/// More than any honest site sets; a hostile one can't fill the memory.
const MOST_COOKIES: usize = 256;

/// The cookies of one browser, by host, path and name.
#[derive(Clone, Default)]
pub struct CookieJar(BTreeMap<Key, Kept>);

type Key = (String, String, String);

#[derive(Clone)]
struct Kept {
    value: Concealed,
    secure: bool,
    reach: Reach,
    expires: Option<OffsetDateTime>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    ThisHost,
    Subdomains,
}

impl CookieJar {
    /// Takes one `Set-Cookie` header that `url` answered with at `now`; what the rules forbid is
    /// dropped silently, as a browser does.
    pub fn take(&mut self, header: &str, url: &Url, now: OffsetDateTime) {
        let (Ok(cookie), Some(host)) = (Cookie::parse(header), url.host_str()) else {
            return;
        };
        if !is_allowed(&cookie, url) {
            return;
        }
        let domain = cookie
            .domain()
            .map(|d| d.trim_start_matches('.').to_ascii_lowercase());
        let (owner, reach) = match domain {
            None => (host.to_owned(), Reach::ThisHost),
            Some(domain) if covers(&domain, host) && domain.contains('.') => {
                (domain, Reach::Subdomains)
            }
            Some(_) => return,
        };
        let path = cookie
            .path()
            .filter(|p| p.starts_with('/'))
            .map_or_else(|| default_path(url), ToOwned::to_owned);
        let expires = match (cookie.max_age(), cookie.expires_datetime()) {
            (Some(age), _) => Some(now.saturating_add(age)),
            (None, date) => date,
        };
        let key = (owner, path, cookie.name().to_owned());
        if expires.is_some_and(|end| end <= now) {
            self.0.remove(&key);
        } else if self.0.len() < MOST_COOKIES || self.0.contains_key(&key) {
            let secure = cookie.secure() == Some(true);
            self.0.insert(
                key,
                Kept {
                    value: cookie.value().into(),
                    secure,
                    reach,
                    expires,
                },
            );
        }
    }

    /// The `Cookie` header for a request to `url` at `now`; none when there is nothing to send.
    #[must_use]
    pub fn header(&self, url: &Url, now: OffsetDateTime) -> Option<Concealed> {
        let host = url.host_str()?;
        let mut sent: Vec<(&Key, &Kept)> = self
            .0
            .iter()
            .filter(|((owner, path, _), kept)| {
                let reaches = match kept.reach {
                    Reach::ThisHost => owner == host,
                    Reach::Subdomains => covers(owner, host),
                };
                reaches
                    && path_matches(path, url.path())
                    && (!kept.secure || url.scheme() == "https")
                    && kept.expires.is_none_or(|end| now < end)
            })
            .collect();
        // Longer paths first (RFC 6265, section 5.4).
        sent.sort_by_key(|((_, path, _), _)| std::cmp::Reverse(path.len()));
        let pairs: Vec<String> = sent
            .into_iter()
            .map(|((_, _, name), kept)| format!("{name}={}", kept.value.expose()))
            .collect();
        (!pairs.is_empty()).then(|| Concealed::new(pairs.join("; ")))
    }

    /// All windows were closed: cookies without an expiry end with the session.
    pub fn end_session(&mut self) {
        self.0.retain(|_, kept| kept.expires.is_some());
    }

    /// The names of the cookies kept for `host`, without their values.
    #[must_use]
    pub fn names(&self, host: &str) -> Vec<&str> {
        self.0
            .keys()
            .filter(|(owner, _, _)| owner == host)
            .map(|(_, _, name)| name.as_str())
            .collect()
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn is_allowed(cookie: &Cookie<'_>, url: &Url) -> bool {
    let secure = cookie.secure() == Some(true);
    let host_prefix = cookie.name().starts_with("__Host-");
    let secure_prefix = cookie.name().starts_with("__Secure-");
    let held_prefix = !host_prefix || (cookie.domain().is_none() && cookie.path() == Some("/"));
    held_prefix
        && (secure || !(host_prefix || secure_prefix))
        && (!secure || url.scheme() == "https")
}

fn covers(domain: &str, host: &str) -> bool {
    host == domain
        || host
            .strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.'))
}

fn default_path(url: &Url) -> String {
    match url.path().rsplit_once('/') {
        Some(("", _)) | None => "/".to_owned(),
        Some((directory, _)) => directory.to_owned(),
    }
}

fn path_matches(cookie: &str, request: &str) -> bool {
    request == cookie
        || request
            .strip_prefix(cookie)
            .is_some_and(|rest| cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::moment;
    use time::Duration;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn sent(jar: &CookieJar, to: &str) -> String {
        jar.header(&url(to), moment())
            .map_or_else(String::new, |h| h.expose().to_owned())
    }

    #[test]
    fn a_cookie_goes_only_where_its_rules_allow() {
        let from = "https://ib.bank.test:8443/retrieval/run";
        let cases = [
            (
                "__Host-s=1; Path=/; Secure; HttpOnly; SameSite=Strict",
                "https://ib.bank.test:9/x",
                "__Host-s=1",
            ),
            (
                "__Host-s=1; Path=/; Secure",
                "https://cert.ib.bank.test/",
                "",
            ),
            ("__Host-s=1; Path=/", "https://ib.bank.test/", ""),
            (
                "__Host-s=1; Path=/; Secure; Domain=bank.test",
                "https://ib.bank.test/",
                "",
            ),
            (
                "a=1; Domain=bank.test",
                "https://cert.ib.bank.test/retrieval/x",
                "a=1",
            ),
            (
                "a=1; Domain=other.test",
                "https://ib.bank.test/retrieval",
                "",
            ),
            ("a=1; Domain=test", "https://ib.bank.test/retrieval", ""),
            ("a=1", "https://ib.bank.test/retrieval/keyboard", "a=1"),
            ("a=1", "https://ib.bank.test/retrievals", ""),
            ("a=1; Path=/; Secure", "http://ib.bank.test/", ""),
            ("a=1; Path=/; Max-Age=0", "https://ib.bank.test/", ""),
            ("garbage", "https://ib.bank.test/", ""),
        ];
        for (header, to, expected) in cases {
            let mut jar = CookieJar::default();
            jar.take(header, &url(from), moment());
            assert_eq!(sent(&jar, to), expected, "{header} to {to}");
        }
    }

    #[test]
    fn the_same_cookie_is_replaced_and_an_expired_one_removed() {
        let mut jar = CookieJar::default();
        let site = url("https://ib.bank.test/");
        jar.take("s=old; Path=/", &site, moment());
        jar.take("s=new; Path=/", &site, moment());
        assert_eq!(sent(&jar, "https://ib.bank.test/"), "s=new");
        jar.take("s=; Path=/; Max-Age=0", &site, moment());
        assert_eq!(sent(&jar, "https://ib.bank.test/"), "");
    }

    #[test]
    fn closing_all_windows_ends_session_cookies_only() {
        let mut jar = CookieJar::default();
        let site = url("https://ib.bank.test/");
        jar.take("s=1; Path=/", &site, moment());
        jar.take("keep=1; Path=/; Max-Age=60", &site, moment());
        jar.end_session();
        assert_eq!(sent(&jar, "https://ib.bank.test/"), "keep=1");
        assert!(jar.header(&site, moment() + Duration::minutes(2)).is_none());
    }

    #[test]
    fn neither_a_flood_nor_a_printout_hurts() {
        let mut jar = CookieJar::default();
        let site = url("https://ib.bank.test/");
        for number in 0..1000 {
            jar.take(&format!("c{number}=secret; Path=/"), &site, moment());
        }
        assert_eq!(jar.names("ib.bank.test").len(), MOST_COOKIES);
        assert!(!format!("{jar:?}").contains("secret"));
    }
}
