//! 更新 (T20) on the certificate origin.

use rcgen::KeyPair;
use sealbank_bank::{CertificateState, Condition};
use time::Duration;

use crate::world::{Browser, Certificate, Page, TARO, TARO_PIN, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_in_its_last_days_without_the_administrator() {
    let world = World::new().await;
    let old = world.retrieved(TARO, TARO_PIN).await;
    let app = world.portal.app();
    let mut browser = logged_on(&world, &old).await;
    assert!(
        !browser
            .cert("/status")
            .await
            .body
            .contains("電子証明書更新")
    );
    assert_eq!(
        browser.cert("/renewal").await.codes(),
        ["MX-306"],
        "too early"
    );

    app.advance(Duration::days(340)).await.unwrap();
    let mut browser = logged_on(&world, &old).await;
    let status = browser.cert("/status").await;
    let notice = browser.get(&status.link("電子証明書更新")).await.unwrap();
    assert_eq!(notice.screen(), "m-RENEW");
    let (kept, begun) = {
        let kept = browser.cookies.clone();
        (kept, post(&mut browser, &notice, "/renewal", &[]).await)
    };
    assert_eq!(begun.header("location"), "/retrieval/run", "{}", begun.body);

    // The button pressed twice: the second press still carries the logon's cookie.
    let now = std::mem::replace(&mut browser.cookies, kept);
    let twice = post(&mut browser, &notice, "/renewal", &[]).await;
    assert_eq!(twice.header("location"), "/retrieval/run", "{}", twice.body);
    assert_eq!(browser.cookies, now, "one session, however often");

    let origin = browser.site.cert.clone();
    let key = KeyPair::generate().unwrap();
    let delivered = browser.execute_on(&origin, &key).await;
    let new = Certificate::delivered(&delivered, &key);
    let done = post(&mut browser, &delivered, "/retrieval/installed", &[]).await;
    assert_eq!(done.screen(), "m-DONE", "{}", done.body);
    let closed = post(&mut browser, &done, "/retrieval/close", &[]).await;
    assert_eq!(closed.screen(), "m-CLOSED");

    let states: Vec<_> = world
        .member(TARO)
        .certificates
        .values()
        .map(|record| record.state)
        .collect();
    assert!(matches!(
        states[..],
        [CertificateState::Revoked(_), CertificateState::Confirmed]
    ));
    logged_on(&world, &new).await;
    let refused = world
        .browser_with(&old)
        .log_on_by_certificate(TARO_PIN)
        .await;
    assert_eq!(refused.codes(), ["MX-602"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_is_closed_leaves_the_old_certificate_in_use() {
    let world = World::new().await;
    let old = world.retrieved(TARO, TARO_PIN).await;
    world
        .portal
        .app()
        .advance(Duration::days(340))
        .await
        .unwrap();
    let mut browser = logged_on(&world, &old).await;
    let notice = browser.cert("/renewal").await;
    post(&mut browser, &notice, "/renewal", &[]).await;
    let run = browser.cert("/retrieval/run").await;
    let closed = post(&mut browser, &run, "/retrieval/close", &[]).await;
    assert_eq!(closed.screen(), "m-CLOSED");
    assert_eq!(world.condition(TARO, true), Condition::Usable);
    logged_on(&world, &old).await;
}

async fn logged_on(world: &World, certificate: &Certificate) -> Browser {
    let mut browser = world.browser_with(certificate);
    let page = browser.log_on_by_certificate(TARO_PIN).await;
    if page.screen() != "m-PINAGE" {
        assert_eq!(page.header("location"), "/status", "{}", page.body);
    }
    browser
}

async fn post(browser: &mut Browser, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
    let origin = browser.site.cert.clone();
    browser.submit(&origin, page, action, fields).await
}
