//! A bank that answers badly: too much, broken, or nothing at all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sealbank_workstation::{Desk, Outcome, Site, WorkstationError};
use tokio::net::TcpListener;

use crate::pki::HOSTS;
use crate::server::{Asks, Speaks, Tickets, config, serve_raw};
use crate::world::World;

/// What a desk gets from a server that answers with `bytes`.
async fn answered_with(bytes: &[u8]) -> Result<Outcome, WorkstationError> {
    let world = World::usual().await;
    let tls = config(&world.bank.pki, Asks::Never, Speaks::Tls13, Tickets::No);
    let address = serve_raw(tls, bytes.to_vec()).await;
    let site = Site {
        addresses: BTreeMap::from([(HOSTS[2].to_owned(), address)]),
        ..(*world.site).clone()
    };
    let clock = Arc::clone(&world.clock);
    let mut desk = Desk::sit_down(
        Arc::clone(&world.machine),
        Arc::new(site),
        clock,
        world.trail.clone(),
    )?;
    let outcome = desk
        .open(&"https://raw.bank.test/page?secret=1".parse().unwrap())
        .await;
    assert_eq!(
        world.trail.exchanges().len(),
        1,
        "good or bad, it is written down"
    );
    assert!(
        !format!("{:?}", world.trail).contains("secret"),
        "without the query"
    );
    outcome
}

#[tokio::test]
async fn broken_answers_are_errors_of_the_connection() {
    let cases: [(&str, &[u8]); 6] = [
        ("no answer at all", b""),
        ("no HTTP", b"SSH-2.0-OpenSSH\r\n\r\n"),
        ("cut in the head", b"HTTP/1.1 200 OK\r\nContent-"),
        (
            "cut in the body",
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        ),
        (
            "broken chunk size",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        ),
        (
            "cut in a chunk",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        ),
    ];
    for (name, bytes) in cases {
        let outcome = answered_with(bytes).await;
        assert!(
            matches!(&outcome, Err(WorkstationError::Connection { .. })),
            "{name}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn odd_but_whole_answers_are_shown() {
    let cases: [(&str, &[u8], u16); 4] = [
        (
            "plain text",
            b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops",
            500,
        ),
        (
            "no UTF-8",
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfe<",
            200,
        ),
        (
            "a redirect to nowhere",
            b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n",
            302,
        ),
        (
            "chunks",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
            200,
        ),
    ];
    for (name, bytes, status) in cases {
        let outcome = answered_with(bytes).await;
        assert!(
            matches!(&outcome, Ok(Outcome::Shown(page)) if page.status() == status),
            "{name}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let world = World::usual().await;
    let url = world.site.ib.join("/huge").unwrap();
    let error = world.desk().open(&url).await.unwrap_err();
    assert!(
        matches!(
            error,
            WorkstationError::AnswerTooLarge {
                limit: 4_194_304,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_never_speaks_is_given_up_and_a_closed_port_is_named() {
    let world = World::usual().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut site = (*world.site).clone();
    site.patience = Duration::from_millis(20);
    site.addresses
        .insert(HOSTS[0].to_owned(), silent.local_addr().unwrap());
    let site = Arc::new(site);
    let (machine, clock) = (Arc::clone(&world.machine), Arc::clone(&world.clock));
    let mut desk = Desk::sit_down(machine, Arc::clone(&site), clock, world.trail.clone()).unwrap();
    let error = desk.open(&site.ib).await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("TLS handshake: nothing came within 20ms"),
        "{error}"
    );
    drop(silent);
    let error = desk.open(&site.ib).await.unwrap_err();
    assert!(
        matches!(
            error,
            WorkstationError::Connection {
                stage: "connecting",
                ..
            }
        ),
        "{error}"
    );
}
