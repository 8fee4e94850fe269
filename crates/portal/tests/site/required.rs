//! `tls_client_auth: required`: TLS itself refuses, by the alert that fits (setting `tls_alerts`).

use sealbank_bank::Settings;
use sealbank_bank::settings::{TlsAlerts, TlsClientAuth};
use time::Duration;

use crate::logon::foreign_certificate;
use crate::world::{Certificate, TARO, TARO_PIN, TLS_VERSIONS, World, light};

fn required(alerts: TlsAlerts) -> Settings {
    Settings {
        tls_client_auth: TlsClientAuth::Required,
        tls_alerts: alerts,
        ..light()
    }
}

/// What the client hears when it opens the logon page, in both versions of TLS.
async fn heard(world: &World, certificate: Option<&Certificate>) -> [String; 2] {
    let mut heard = Vec::new();
    for versions in TLS_VERSIONS {
        let mut browser = world.browser();
        browser.certificate = certificate.cloned();
        browser.versions = versions;
        let url = format!("{}/logon", browser.site.cert);
        heard.push(match browser.get(&url).await {
            Ok(page) => page.screen(),
            Err(fault) => fault.to_string(),
        });
    }
    heard.try_into().unwrap()
}

fn all_contain(heard: &[String; 2], what: &str) {
    assert!(
        heard.iter().all(|text| text.contains(what)),
        "{what}: {heard:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_has_its_alert() {
    let world = World::with(required(TlsAlerts::Precise)).await;
    all_contain(&heard(&world, None).await, "CertificateRequired");
    assert_eq!(world.last_reason(), "no-certificate");

    let foreign = foreign_certificate("ZZTST99990000001 keiri01");
    all_contain(&heard(&world, Some(&foreign)).await, "UnknownCA");
    assert_eq!(world.last_reason(), "unknown-ca");

    let certificate = world.retrieved(TARO, TARO_PIN).await;
    all_contain(&heard(&world, Some(&certificate)).await, "m-LOGON-CERT");

    let app = world.portal.app();
    app.advance(Duration::days(-1)).await.unwrap();
    all_contain(
        &heard(&world, Some(&certificate)).await,
        "CertificateExpired",
    );
    assert_eq!(world.last_reason(), "not-yet-valid");
    app.advance(Duration::days(1)).await.unwrap();

    world.reinitialize(TARO).await;
    all_contain(
        &heard(&world, Some(&certificate)).await,
        "CertificateRevoked",
    );
    assert_eq!(world.last_reason(), "revoked-certificate");

    let certificate = world.browser().retrieve(TARO, TARO_PIN).await;
    app.advance(Duration::days(367)).await.unwrap();
    all_contain(
        &heard(&world, Some(&certificate)).await,
        "CertificateExpired",
    );
    assert_eq!(world.last_reason(), "expired-certificate");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_on_the_books_is_bad() {
    let world = World::with(required(TlsAlerts::Precise)).await;
    let stray = signed_behind_the_banks_back(&world);
    all_contain(&heard(&world, Some(&stray)).await, "BadCertificate");
    assert_eq!(world.last_reason(), "unknown-certificate");
}

#[tokio::test(flavor = "multi_thread")]
async fn uniform_alerts_tell_no_reason() {
    let world = World::with(required(TlsAlerts::Uniform)).await;
    let certificate = world.retrieved(TARO, TARO_PIN).await;
    world.reinitialize(TARO).await;
    all_contain(&heard(&world, None).await, "CertificateRequired");
    all_contain(&heard(&world, Some(&certificate)).await, "BadCertificate");
    assert_eq!(
        world.last_reason(),
        "revoked-certificate",
        "the trail still knows"
    );
    let foreign = foreign_certificate("x");
    all_contain(&heard(&world, Some(&foreign)).await, "BadCertificate");
}

/// An orphan: the authority signed it, the bank never heard of it.
fn signed_behind_the_banks_back(world: &World) -> Certificate {
    use sealbank_ca::{CertificateRequest, Subject, Validity};

    let key = rcgen::KeyPair::generate().unwrap();
    let request = crate::world::request_of(&key);
    let request = CertificateRequest::parse(request.as_bytes()).unwrap();
    let subject = Subject::new("O", "OU", "ZZTST99990000001 keiri01").unwrap();
    let now = world.clock.now();
    let validity = Validity::new(now - Duration::HOUR, now + Duration::days(365)).unwrap();
    let order = (request.verify().unwrap(), subject, validity);
    let signed = world.authority.sign(&[order], now).unwrap();
    Certificate {
        chain: vec![signed[0].der().clone()],
        chain_pem: signed[0].pem(),
        key_pem: key.serialize_pem(),
    }
}
