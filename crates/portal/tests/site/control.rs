//! The control listener, by plain HTTP.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use sealbank_portal::Wish;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::world::{CONTRACT, HANAKO, TARO, TARO_PIN, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_can_be_read_and_moved() {
    let world = World::new().await;
    let (status, face) = ask(&world, Method::GET, "/clock", None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(face["now"], "2031-04-01T09:00:00+09:00");
    let by = json!({ "advance-seconds": 3600 });
    let (_, face) = ask(&world, Method::POST, "/clock", Some(by)).await;
    assert_eq!(face["now"], "2031-04-01T10:00:00+09:00");
    let to = json!({ "set": "2032-02-29T08:59:59+09:00" });
    let (_, face) = ask(&world, Method::POST, "/clock", Some(to)).await;
    assert_eq!(face["now"], "2032-02-29T08:59:59+09:00");
    let bad = json!({ "set": "tomorrow" });
    let (status, _) = ask(&world, Method::POST, "/clock", Some(bad)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counter_opens_contracts_and_rescues() {
    let world = World::new().await;
    let steps = [
        json!({ "open-contract": { "contract": "99990000002", "name": "架空工業株式会社",
            "pin": "Admin0002", "confirmation": "Kakunin02" } }),
        json!({ "register-user": { "contract": "99990000002", "administrator-pin": "Admin0002",
            "confirmation": "Kakunin02", "user": "U", "name": "見本 一郎", "pin": "Test0002" } }),
        json!({ "grant": { "contract": "99990000002", "user": "U" } }),
        json!({ "reinitialize": { "contract": "99990000002", "user": "U" } }),
        json!({ "suspend-contract": { "contract": "99990000002" } }),
        json!({ "resume-contract": { "contract": "99990000002" } }),
        json!({ "cancel-contract": { "contract": "99990000002" } }),
    ];
    for step in steps {
        let (status, answer) = ask(&world, Method::POST, "/counter", Some(step.clone())).await;
        assert_eq!(status, StatusCode::OK, "{step}: {answer}");
    }
    let (_, record) = ask(&world, Method::GET, "/record/99990000002", None).await;
    assert_eq!(record["status"], "cancelled");
    let refused = json!({ "unlock": { "contract": CONTRACT, "user": TARO } });
    let (status, answer) = ask(&world, Method::POST, "/counter", Some(refused)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(answer["refused"]["reason"], "not-suspended");
    let bad = json!({ "open-contract": { "contract": "1", "name": "x", "pin": "a", "confirmation": "b" } });
    let (status, answer) = ask(&world, Method::POST, "/counter", Some(bad)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        answer["problem"].as_str().unwrap().contains("契約法人ID"),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_set_listed_and_cleared_while_the_bank_is_open() {
    let world = World::new().await;
    let rules = [
        json!({ "during": "top", "when": "response-head", "do": { "status": 503 }, "times": 3, "ttl": 60 }),
        json!({ "when": "connect", "do": "reset" }),
        json!({ "during": "execute", "when": "before-commit", "do": { "crash": "torn" } }),
    ];
    for (rule, id) in rules.into_iter().zip(1..) {
        let (status, answer) = ask(&world, Method::POST, "/faults", Some(rule)).await;
        assert_eq!(
            (status, &answer["id"]),
            (StatusCode::CREATED, &json!(id)),
            "{answer}"
        );
    }
    let (status, _) = ask(&world, Method::DELETE, "/faults/2", None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(world.browser().ib("/").await.status.as_u16(), 503);
    let (_, listed) = ask(&world, Method::GET, "/faults", None).await;
    let first = json!({ "id": 1, "during": "top", "when": "response-head", "do": { "status": 503 }, "times": 3,
        "left": 2, "hits": 1, "until": "2031-04-01T09:01:00+09:00" });
    assert_eq!(listed["faults"][0], first);
    assert_eq!(listed["faults"].as_array().unwrap().len(), 2);
    let (status, _) = ask(&world, Method::DELETE, "/faults/2", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = ask(&world, Method::DELETE, "/faults", None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(world.faults.list().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_cannot_be_is_refused_by_control() {
    let world = World::new().await;
    for (rule, part) in [
        (
            json!({ "when": "connect", "do": "disk-full" }),
            "before-commit",
        ),
        (json!({ "when": "lunch", "do": "reset" }), "tls-handshake"),
        (
            json!({ "when": "response-head", "do": { "status": 404 } }),
            "body is not",
        ),
        (
            json!({ "when": "connect", "do": "reset", "times": 0 }),
            "nonzero",
        ),
    ] {
        let (status, answer) = ask(&world, Method::POST, "/faults", Some(rule.clone())).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{rule}");
        assert!(
            answer["problem"].as_str().unwrap().contains(part),
            "{rule}: {answer}"
        );
    }
    assert!(world.faults.list().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_tells_everything_but_secrets() {
    let world = World::new().await;
    world.retrieved(TARO, TARO_PIN).await;
    let path = format!("/record/{CONTRACT}/{TARO}");
    let (_, record) = ask(&world, Method::GET, &path, None).await;
    assert_eq!(record["method"], "certificate");
    assert_eq!(record["grant"], "consumed");
    assert_eq!(record["certificates"][0]["state"], "confirmed");
    let subject = &record["certificates"][0]["facts"]["subject"]["common-name"];
    assert_eq!(subject, "ZZTST99990000001 keiri01");
    let (_, contract) = ask(&world, Method::GET, &format!("/record/{CONTRACT}"), None).await;
    assert_eq!(contract["users"][HANAKO]["grant"], "none");
    let text = contract.to_string();
    assert!(!text.contains("hash") && !text.contains("salt"), "{text}");
    let standing = |keys: &str| format!("/standing/{CONTRACT}/{TARO}?keys={keys}");
    let (_, found) = ask(&world, Method::GET, &standing(""), None).await;
    assert_eq!(found["account"], record["account"]);
    assert_eq!(found["certificate"], "confirmed");
    assert_eq!(
        found["condition"], "stranded",
        "no PC is said to hold a key"
    );
    let key = found["accepted"][0].as_str().unwrap();
    let (_, found) = ask(&world, Method::GET, &standing(key), None).await;
    assert_eq!(found["condition"], "usable");
    let (_, found) = ask(&world, Method::GET, &format!("/standing/{CONTRACT}"), None).await;
    assert_eq!(found["condition"], "fresh");
    let (status, _) = ask(&world, Method::GET, "/standing/99990000001/nobody", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = ask(&world, Method::GET, "/record/99990000001/nobody", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_stands_on_the_next_list() {
    let world = World::new().await;
    let before = bytes(&world, "/crl/issuing.crl").await;
    assert_eq!(
        bytes(&world, "/crl/issuing.crl").await,
        before,
        "nothing changed"
    );
    world.retrieved(TARO, TARO_PIN).await;
    world.reinitialize(TARO).await;
    let after = bytes(&world, "/crl/issuing.crl").await;
    assert_ne!(after, before);
    assert_eq!(world.authority.latest_crl().unwrap().revoked().len(), 1);
    let app = world.portal.app();
    app.advance(time::Duration::days(6)).await.unwrap();
    assert_ne!(
        bytes(&world, "/crl/issuing.crl").await,
        after,
        "nextUpdate is near"
    );
    assert!(!bytes(&world, "/crl/root.crl").await.is_empty());
    for path in ["/ca/root.pem", "/ca/chain.pem", "/ca/web.pem"] {
        assert!(
            bytes(&world, path)
                .await
                .starts_with(b"-----BEGIN CERTIFICATE-----")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_one_line_of_json_an_entry() {
    let world = World::new().await;
    world.browser().start_retrieval(TARO, TARO_PIN).await;
    let text = String::from_utf8(bytes(&world, "/trail?last=2").await).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["what"], "begin-retrieval");
    assert_eq!(lines[1]["subscriber"], "99990000001/keiri01");
    assert_eq!(lines[1]["outcome"]["refused"]["reason"], "not-granted");
    assert_eq!(bytes(&world, "/health").await, b"ok\n");
    assert_eq!(bytes(&world, "/settled").await, b"settled\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_cannot_work_the_control_listener() {
    let world = World::new().await;
    let by = json!({ "advance-seconds": 60 }).to_string();
    let plain = request(Method::POST, "/clock", "localhost", &by)
        .body(Full::from(by.clone()))
        .unwrap();
    assert_eq!(
        send(&world, plain).await.0,
        StatusCode::FORBIDDEN,
        "no mark"
    );
    for (host, status) in [
        ("rebound.evil.test", StatusCode::FORBIDDEN),
        ("127.0.0.1.evil.test", StatusCode::FORBIDDEN),
        ("localhost:1", StatusCode::OK),
        ("[::1]:1", StatusCode::OK),
    ] {
        let asked = request(Method::GET, "/trail", host, "")
            .body(Full::default())
            .unwrap();
        assert_eq!(send(&world, asked).await.0, status, "{host}");
    }
    let list = request(Method::GET, "/crl/issuing.crl", "ca.sealbank.test", "")
        .body(Full::default())
        .unwrap();
    assert_eq!(
        send(&world, list).await.0,
        StatusCode::OK,
        "lists are public"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_bank_is_asked_for_only_where_somebody_opens_it() {
    let world = World::new().await;
    let opening = json!({ "start": "2033-04-01T09:00:00+09:00", "customers": [{
        "contract": { "contract": "99990000002", "name": "架空工業株式会社", "pin": "Admin0002", "confirmation": "Kakunin02" },
        "users": [{ "user": "U", "name": "見本 一郎", "pin": "Test0002" }] }] });
    let put = |opening: &Value| ask(&world, Method::PUT, "/bank", Some(opening.clone()));
    let (status, _) = put(&opening).await;
    assert_eq!(status, StatusCode::CONFLICT, "nobody opens one");
    let mut successors = world.portal.successors();
    for wrong in [
        json!({}),
        json!({ "start": "2033-04-01T09:00:00+09:00", "settings": { "popup-count": 9 } }),
    ] {
        let (status, answer) = put(&wrong).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}: {answer}");
    }
    let opens = async {
        let refused = successors.recv().await.unwrap();
        let Wish::Open(opening) = refused.wish() else {
            panic!("{refused:?}")
        };
        assert_eq!(opening.customers[0].users[0].user, "U");
        refused.is_refused("no room".to_owned());
        let again = successors.recv().await.unwrap();
        assert!(matches!(again.wish(), Wish::Restart), "{again:?}");
        again.takes_over();
    };
    let asks = async {
        let (status, answer) = put(&opening).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(answer["problem"], "no room");
        let (status, _) = ask(&world, Method::GET, "/clock", None).await;
        assert_eq!(status, StatusCode::OK, "the bank stays");
        let (status, _) = ask(&world, Method::POST, "/bank/restart", None).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        let (status, _) = ask(&world, Method::GET, "/clock", None).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "it leaves");
    };
    tokio::join!(opens, asks);
}

async fn ask(
    world: &World,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let body = body.map_or_else(String::new, |body| body.to_string());
    let request = request(method, path, "127.0.0.1", &body)
        .header("sealbank-control", "1")
        .body(Full::from(body))
        .unwrap();
    let (status, bytes) = send(world, request).await;
    (status, serde_json::from_slice(&bytes).unwrap())
}

async fn bytes(world: &World, path: &str) -> Vec<u8> {
    let request = request(Method::GET, path, "localhost", "")
        .body(Full::default())
        .unwrap();
    let (status, bytes) = send(world, request).await;
    assert_eq!(status, StatusCode::OK, "{path}");
    bytes
}

fn request(method: Method, path: &str, host: &str, body: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", host)
        .header("content-length", body.len())
}

async fn send(world: &World, request: Request<Full<Bytes>>) -> (StatusCode, Vec<u8>) {
    let socket = TcpStream::connect(world.portal.addresses().control)
        .await
        .unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(socket))
        .await
        .unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status, bytes.to_vec())
}
