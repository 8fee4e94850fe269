//! Logon by certificate, and what every later request asks anew (procedure, section 2c).

use rcgen::{CertificateParams, KeyPair};
use sealbank_bank::{Settings, settings::TlsResumption};
use time::macros::datetime;

use crate::world::{Certificate, HANAKO, HANAKO_PIN, TARO, TARO_PIN, TLS_VERSIONS, World, light};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_the_page_says_what_to_do() {
    let world = World::new().await;
    let page = world.browser().cert("/logon").await;
    assert_eq!(page.screen(), "m-LOGON-CERT");
    assert_eq!(page.codes(), ["MX-601"]);
    assert!(page.body.contains("開いているブラウザをすべて閉じてから"));
    assert_eq!(world.last_reason(), "no-certificate");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_accepted_record_opens_a_session() {
    let world = World::new().await;
    let old = world.retrieved(TARO, TARO_PIN).await;
    world.reinitialize(TARO).await;
    let new = world.browser().retrieve(TARO, TARO_PIN).await;
    let refused = world
        .browser_with(&old)
        .log_on_by_certificate(TARO_PIN)
        .await;
    assert_eq!(refused.codes(), ["MX-602"], "case 74");
    assert_eq!(world.last_reason(), "revoked-certificate");
    let foreign = foreign_certificate("ZZTST99990000001 keiri01");
    let refused = world
        .browser_with(&foreign)
        .log_on_by_certificate(TARO_PIN)
        .await;
    assert_eq!(refused.codes(), ["MX-602"], "the name decides nothing");
    assert_eq!(world.last_reason(), "unknown-certificate");
    let accepted = world
        .browser_with(&new)
        .log_on_by_certificate(TARO_PIN)
        .await;
    assert_eq!(accepted.header("location"), "/status");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_the_certificate_that_opened_it() {
    let world = World::new().await;
    let certificate = world.retrieved(TARO, TARO_PIN).await;
    let mut browser = world.browser_with(&certificate);
    browser.log_on_by_certificate(TARO_PIN).await;
    assert_eq!(browser.cert("/status").await.screen(), "m-STATUS");
    world.reinitialize(TARO).await;
    let refused = browser.cert("/status").await;
    assert_eq!(refused.codes(), ["MX-901"], "case 75");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_without_its_certificate_opens_nothing() {
    let world = World::new().await;
    let certificate = world.retrieved(TARO, TARO_PIN).await;
    let other = world.retrieved(HANAKO, HANAKO_PIN).await;
    let mut browser = world.browser_with(&certificate);
    browser.log_on_by_certificate(TARO_PIN).await;
    for stolen in [None, Some(other)] {
        browser.certificate = stolen;
        assert_eq!(browser.cert("/status").await.codes(), ["MX-904"]);
    }
    browser.certificate = Some(certificate);
    assert_eq!(browser.cert("/status").await.screen(), "m-STATUS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_ends_at_0859_of_the_last_japanese_day() {
    let world = World::new().await;
    let certificate = world.retrieved(TARO, TARO_PIN).await;
    let app = world.portal.app();
    for (moment, code) in [
        (datetime!(2032-04-01 08:59:59 +09:00), None),
        (datetime!(2032-04-01 09:00 +09:00), Some("MX-603")),
    ] {
        app.set_clock(moment).await.unwrap();
        let page = world
            .browser_with(&certificate)
            .log_on_by_certificate(TARO_PIN)
            .await;
        assert_eq!(
            page.codes().first().map(String::as_str),
            code,
            "case 79: {moment}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_tls_session_does_not_outlive_the_revocation() {
    let settings = Settings {
        tls_resumption: TlsResumption::On,
        ..light()
    };
    let world = World::with(settings).await;
    let certificate = world.retrieved(TARO, TARO_PIN).await;
    let browser = world.browser_with(&certificate);
    let config = browser.tls();
    assert_eq!(browser.ask(&config, "/logon").await, (false, true));
    world.reinitialize(TARO).await;
    let (resumed, certified) = browser.ask(&config, "/logon").await;
    assert!(
        resumed && certified,
        "the session was resumed, certificate and all"
    );
    let refused = world
        .browser_with(&certificate)
        .log_on_by_certificate(TARO_PIN)
        .await;
    assert_eq!(refused.codes(), ["MX-602"], "case 76: the books decide");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_origin_resumes_no_session_by_default() {
    let world = World::new().await;
    let certificate = world.retrieved(TARO, TARO_PIN).await;
    for versions in TLS_VERSIONS {
        let mut browser = world.browser_with(&certificate);
        browser.versions = versions;
        let config = browser.tls();
        for _ in 0..2 {
            assert_eq!(browser.ask(&config, "/logon").await, (false, true));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_off_ends_the_session_at_the_bank_too() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_on(TARO, TARO_PIN).await;
    let second = world.browser().log_on(TARO, TARO_PIN).await;
    assert_eq!(second.codes(), ["MX-205"], "case 90");
    let kept = browser.cookies.clone();
    let status = browser.ib("/status").await;
    let origin = browser.site.ib.clone();
    let closed = browser.submit(&origin, &status, "/logoff", &[]).await;
    assert_eq!(closed.screen(), "m-CLOSED");
    browser.cookies = kept;
    assert_eq!(browser.ib("/status").await.codes(), ["MX-901"]);
    let again = world.browser().log_on(TARO, TARO_PIN).await;
    assert_eq!(again.header("location"), "/status");
}

#[tokio::test(flavor = "multi_thread")]
async fn activity_keeps_a_logon_alive_and_idleness_ends_it() {
    let world = World::new().await;
    let app = world.portal.app();
    let mut browser = world.browser();
    browser.log_on(TARO, TARO_PIN).await;
    for _ in 0..3 {
        app.advance(time::Duration::minutes(10)).await.unwrap();
        assert_eq!(browser.ib("/status").await.screen(), "m-STATUS");
    }
    app.advance(time::Duration::minutes(16)).await.unwrap();
    assert_eq!(browser.ib("/status").await.codes(), ["MX-902"], "case 80");
}

/// A certificate of nobody's authority that carries a customer's name.
pub(crate) fn foreign_certificate(common_name: &str) -> Certificate {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, common_name);
    params.not_before = rcgen::date_time_ymd(2030, 1, 1);
    params.not_after = rcgen::date_time_ymd(2040, 1, 1);
    let certificate = params.self_signed(&key).unwrap();
    Certificate {
        chain: vec![certificate.der().clone()],
        chain_pem: certificate.pem(),
        key_pem: key.serialize_pem(),
    }
}
