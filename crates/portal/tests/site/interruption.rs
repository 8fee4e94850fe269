//! What the wire may do to the bank: cuts, silence, shutdown.

use std::time::Duration;

use http::Method;
use rcgen::KeyPair;
use sealbank_bank::Condition;
use tokio::io::AsyncWriteExt;

use crate::world::{Browser, Page, TARO, TARO_PIN, World, request_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_sender_hangs_up_is_carried_to_its_end() {
    let world = World::new().await;
    world.grant(TARO).await;
    let mut browser = world.browser();
    browser.start_retrieval(TARO, TARO_PIN).await;
    let run = browser.ib("/retrieval/run").await;
    let (head, body) = raw_request(&browser, &run);
    let mut stream = browser.connect(&browser.site.ib).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    drop(stream);
    world.portal.settled().await;
    assert_eq!(world.condition(TARO, false), Condition::Stranded, "case 29");
    assert_eq!(world.member(TARO).grant.name(), "consumed");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_request_does_nothing() {
    let world = World::new().await;
    world.grant(TARO).await;
    let mut browser = world.browser();
    browser.start_retrieval(TARO, TARO_PIN).await;
    let run = browser.ib("/retrieval/run").await;
    let (head, body) = raw_request(&browser, &run);
    let mut stream = browser.connect(&browser.site.ib).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let half = &body.as_bytes()[..body.len() / 2];
    stream.write_all(half).await.unwrap();
    stream.flush().await.unwrap();
    drop(stream);
    world.portal.settled().await;
    assert_eq!(world.condition(TARO, false), Condition::Retrieving);
    assert!(world.authority.certificates().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_client_keeps_nobody_else_from_coming_in() {
    let world = World::new().await;
    let site = world.site();
    let silent = tokio::net::TcpStream::connect(site.sockets[&site.ib])
        .await
        .unwrap();
    assert_eq!(world.browser().ib("/").await.screen(), "m-TOP");
    drop(silent);
    world.portal.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_closes_idle_connections_and_listens_no_more() {
    let world = World::new().await;
    let browser = world.browser();
    let idle = browser.connect(&browser.site.ib).await.unwrap();
    let url = format!("{}/", browser.site.ib);
    let shutdown = tokio::time::timeout(Duration::from_secs(9), world.portal.shutdown());
    assert!(
        shutdown.await.is_ok(),
        "an idle connection is no reason to wait"
    );
    drop(idle);
    let mut late = browser;
    assert!(late.get(&url).await.is_err());
}

/// 実行 as bytes.
fn raw_request(browser: &Browser, run: &Page) -> (String, String) {
    let mut fields = run.hidden("/retrieval/request");
    let request = request_of(&KeyPair::generate().unwrap());
    fields.push(("request".to_owned(), request));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let url = format!("{}/retrieval/request", browser.site.ib);
    let (_, request) = browser.request(&Method::POST, &url, body.clone());
    let mut head = "POST /retrieval/request HTTP/1.1\r\n".to_owned();
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    head += &format!("content-length: {}\r\n\r\n", body.len());
    (head, body)
}
