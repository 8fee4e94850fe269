//! Whatever a client sends: forged, malformed, oversized, or merely strange.

use http::{HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::world::{CONTRACT, TARO, TARO_PIN, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_the_visitors_own_token_is_refused() {
    let world = World::new().await;
    let mut victim = world.browser();
    let mut attacker = world.browser();
    victim.ib("/logon").await;
    let stolen = attacker.ib("/logon").await.hidden("/logon");
    let origin = victim.site.ib.clone();
    let fields = |csrf: Vec<(String, String)>| {
        let typed = [("contract", CONTRACT), ("user", TARO), ("pin", TARO_PIN)];
        let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
        csrf.into_iter().chain(typed).collect::<Vec<_>>()
    };
    for csrf in [vec![], stolen, vec![("csrf".to_owned(), "0".repeat(64))]] {
        let refused = victim.post(&origin, "/logon", &fields(csrf)).await.unwrap();
        assert_eq!(refused.codes(), ["MX-901"]);
        assert_eq!(refused.status.as_u16(), 403);
        assert_eq!(world.last_reason(), "forged-form");
    }
    assert!(world.member(TARO).pin_failures.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_another_site_is_refused_even_with_the_token() {
    let world = World::new().await;
    let mut browser = world.browser();
    let form = browser.ib("/logon").await;
    let origin = browser.site.ib.clone();
    let fields = [("contract", CONTRACT), ("user", TARO), ("pin", TARO_PIN)];
    browser.extra.insert(
        HeaderName::from_static("origin"),
        HeaderValue::from_static("https://evil.test"),
    );
    let refused = browser.submit(&origin, &form, "/logon", &fields).await;
    assert_eq!(refused.codes(), ["MX-901"]);
    browser.extra.clear();
    let accepted = browser.submit(&origin, &form, "/logon", &fields).await;
    assert_eq!(accepted.header("location"), "/status");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers_and_guarded_cookies() {
    let world = World::new().await;
    let mut browser = world.browser();
    for path in ["/", "/retrieval", "/no/such/page", "/assets/style.css"] {
        let page = browser.ib(path).await;
        assert!(
            page.header("content-security-policy")
                .starts_with("default-src 'none'")
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
    }
    let logged_on = browser.log_on(TARO, TARO_PIN).await;
    let cookies = logged_on.cookies_set();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    for part in ["__Host-ib=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookies[0].contains(part), "{cookies:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logon_gives_a_new_session_and_keeps_no_old_one() {
    let world = World::new().await;
    let mut browser = world.browser();
    let origin = browser.site.ib.clone();
    let planted = "ab".repeat(32);
    let jar = browser.cookies.entry(origin.clone()).or_default();
    jar.insert("__Host-ib".to_owned(), planted.clone());
    browser.log_on(TARO, TARO_PIN).await;
    assert_ne!(browser.cookies[&origin]["__Host-ib"], planted);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_addresses_and_methods_get_a_page_too() {
    let world = World::new().await;
    let mut browser = world.browser();
    let origin = browser.site.ib.clone();
    let missing = browser.ib("/retrieval/nothing").await;
    assert_eq!(
        (missing.screen(), missing.status.as_u16()),
        ("m-ERR".into(), 404)
    );
    let wrong = browser.ib("/logoff").await;
    assert_eq!(
        (wrong.screen(), wrong.status.as_u16()),
        ("m-ERR".into(), 405)
    );
    let renewal = browser.ib("/renewal").await;
    assert_eq!(
        renewal.status.as_u16(),
        404,
        "renewal is the other origin's"
    );
    let huge = vec![("x".to_owned(), "y".repeat(70_000))];
    let refused = browser.post(&origin, "/logon", &huge).await.unwrap();
    assert_eq!(refused.status.as_u16(), 413);
    browser.extra.insert(
        HeaderName::from_static("content-type"),
        HeaderValue::from_static("text/plain"),
    );
    let refused = browser.post(&origin, "/logon", &[]).await.unwrap();
    assert_eq!(refused.status.as_u16(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_holds_no_secret() {
    let world = World::new().await;
    let certificate = world.retrieved(TARO, TARO_PIN).await;
    let mut browser = world.browser_with(&certificate);
    browser.log_on_by_certificate("Chigau002").await;
    browser.log_on_by_certificate(TARO_PIN).await;
    let trail = serde_json::to_string(&world.portal.app().trail()).unwrap();
    for cookies in browser.cookies.values() {
        assert!(
            cookies
                .values()
                .all(|value| !trail.contains(value.as_str()))
        );
    }
    for secret in [TARO_PIN, "Chigau002", "PRIVATE KEY"] {
        assert!(!trail.contains(secret), "{secret}");
    }
}

/// Paths, cookies and forms of any content: never a panic, never a 500, always one of our pages.
#[test]
fn nothing_that_is_sent_breaks_the_bank() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let mut runner = TestRunner::new(Config {
        cases: 32,
        failure_persistence: None,
        ..Config::default()
    });
    let paths = prop::sample::select(vec![
        "/",
        "/retrieval",
        "/retrieval/keyboard",
        "/retrieval/run",
        "/retrieval/request",
        "/retrieval/cancelled",
        "/retrieval/installed",
        "/retrieval/close",
        "/logon",
        "/admin/logon",
        "/logoff",
        "/status",
        "/admin",
        "/admin/users",
        "/admin/users/keiri01",
        "/admin/users/%FF",
        "/admin/unlock",
        "/renewal",
        "/%00",
        "/..;/",
    ]);
    let names = prop::sample::select(vec![
        "contract",
        "user",
        "pin",
        "nonce",
        "keyboard",
        "key",
        "act",
        "party",
        "request",
        "popup",
        "confirmation",
        "reason",
        "rights",
        "name",
    ]);
    let fields = prop::collection::vec((names, "\\PC{0,24}"), 0..6);
    let strategy = (paths, fields, "[ -~]{0,60}", any::<bool>(), any::<bool>());
    let outcome = runner.run(&strategy, |(path, fields, cookie, at_cert, posts)| {
        let page = runtime.block_on(async {
            let mut browser = world.browser();
            let origin = if at_cert {
                browser.site.cert.clone()
            } else {
                browser.site.ib.clone()
            };
            let url = format!("{origin}{path}");
            if !posts {
                let header = HeaderValue::from_str(&cookie).unwrap();
                browser
                    .extra
                    .insert(HeaderName::from_static("cookie"), header);
                return browser.send(Method::GET, &url, String::new()).await;
            }
            let form = browser.get(&format!("{origin}/")).await.unwrap();
            assert_eq!(form.screen(), "m-TOP");
            let logon = browser.ib("/logon").await;
            let mut pairs = logon.hidden("/logon");
            pairs.extend(fields.into_iter().map(|(n, v)| (n.to_owned(), v)));
            browser.post(&origin, path, &pairs).await
        });
        let page = page.unwrap();
        prop_assert!(page.status.as_u16() < 500, "{} {}", page.status, page.body);
        prop_assert!(!page.screen().is_empty(), "{}", page.body);
        Ok(())
    });
    outcome.unwrap();
}

/// Which address answers to which method, origin by origin, as a stranger finds it.
#[tokio::test(flavor = "multi_thread")]
async fn the_routes_are_those_of_the_reviewed_table() {
    let world = World::new().await;
    let mut browser = world.browser();
    let origins = [browser.site.ib.clone(), browser.site.cert.clone()];
    let mut sealed = Vec::new();
    for origin in &origins {
        let page = browser.get(&format!("{origin}/status")).await.unwrap();
        sealed.push((origin, page.hidden("/logoff")));
    }
    let mut table = String::new();
    for path in [
        "/",
        "/assets/style.css",
        "/retrieval",
        "/retrieval/administrator",
        "/retrieval/keyboard",
        "/retrieval/run",
        "/retrieval/request",
        "/retrieval/cancelled",
        "/retrieval/installed",
        "/retrieval/close",
        "/logon",
        "/admin/logon",
        "/logoff",
        "/status",
        "/renewal",
        "/admin",
        "/admin/users",
        "/admin/users/keiri01",
        "/admin/unlock",
    ] {
        table.push_str(&format!("{path:<26}"));
        for (origin, csrf) in &sealed {
            let url = format!("{origin}{path}");
            let got = browser.get(&url).await.unwrap();
            let posted = browser.post(origin, path, csrf).await.unwrap();
            for (method, page) in [("GET", got), ("POST", posted)] {
                let screen = if page.status == 404 || page.status == 405 {
                    "-".to_owned()
                } else {
                    page.screen()
                };
                table.push_str(&format!(" {method} {screen:<13}"));
            }
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}
