//! Links, redirects, back, forms: the browser's ordinary work.

use sealbank_workstation::{Back, Method, Outcome, Repost, WorkstationError};

use crate::world::World;

fn text(outcome: Outcome) -> String {
    outcome.into_screen("reading").unwrap().text().to_owned()
}

#[tokio::test]
async fn redirects_turn_a_post_into_a_get_or_keep_it_as_their_status_says() {
    let world = World::usual().await;
    let mut desk = world.desk();
    let url = world.site.ib.join("/post-form").unwrap();
    for (button, expected) in [("send", "POST hello"), ("again", "POST hello")] {
        desk.open(&url).await.unwrap();
        desk.fill("word", "hello").unwrap();
        assert_eq!(
            text(desk.press(button).await.unwrap()),
            expected,
            "{button}"
        );
    }
    let asked: Vec<Method> = world.trail.exchanges().iter().map(|e| e.method).collect();
    assert_eq!(
        asked,
        [
            Method::Get,
            Method::Post,
            Method::Get,
            Method::Post,
            Method::Post
        ]
    );
}

#[tokio::test]
async fn circles_and_strange_hosts_are_errors_that_say_so() {
    let world = World::usual().await;
    let mut desk = world.desk();
    let circle = world.site.ib.join("/circle").unwrap();
    let error = desk.open(&circle).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "/circle: more than 10 redirects in a row"
    );
    let leave = world.site.ib.join("/leave").unwrap();
    let error = desk.open(&leave).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no address is known for the host elsewhere.test; known hosts: cert.ib.bank.test, ib.bank.test"
    );
    let error = desk
        .open(&"http://ib.bank.test/".parse().unwrap())
        .await
        .unwrap_err();
    assert!(
        matches!(error, WorkstationError::NotHttps { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn back_shows_the_cached_page_unless_it_is_reloaded() {
    let world = World::usual().await;
    let mut desk = world.desk();
    for path in ["/post-form", "/status"] {
        desk.open(&world.site.ib.join(path).unwrap()).await.unwrap();
    }
    let before = world.bank.paths().len();
    let page = desk
        .back(Back::FromCache)
        .await
        .unwrap()
        .into_screen("back")
        .unwrap();
    assert_eq!((page.id(), world.bank.paths().len()), ("post-form", before));
    let error = desk.back(Back::FromCache).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no page before post-form in this window"
    );
    desk.open(&world.site.ib.join("/status").unwrap())
        .await
        .unwrap();
    desk.back(Back::Reload).await.unwrap();
    assert_eq!(world.bank.paths().last().unwrap(), "GET /post-form");
}

#[tokio::test]
async fn back_with_reload_sends_a_form_again() {
    let world = World::usual().await;
    let mut desk = world.desk();
    desk.open(&world.site.ib.join("/post-form").unwrap())
        .await
        .unwrap();
    desk.fill("word", "twice").unwrap();
    desk.press("send").await.unwrap();
    desk.open(&world.site.ib.join("/status").unwrap())
        .await
        .unwrap();
    assert_eq!(text(desk.back(Back::Reload).await.unwrap()), "POST twice");
    assert_eq!(
        text(desk.refresh(Repost::Confirm).await.unwrap()),
        "POST twice"
    );
    let posts = world
        .bank
        .paths()
        .iter()
        .filter(|path| *path == "POST /echo")
        .count();
    assert_eq!(posts, 3);
}

#[tokio::test]
async fn a_closed_window_can_not_be_worked_and_open_takes_a_new_one() {
    let world = World::usual().await;
    let mut desk = world.desk();
    desk.open(&world.site.ib).await.unwrap();
    desk.close_window();
    let error = desk.press("取得").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "window W1 of B1 is closed; open a page in a new one"
    );
    desk.open(&world.site.ib).await.unwrap();
    assert_eq!(desk.screen().unwrap().id(), "m-TOP");
    let error = desk.wait().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "m-TOP does not go on by itself; press a button or follow a link"
    );
}
