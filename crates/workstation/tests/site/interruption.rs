//! The operations that the manual forbids (L19), and what is left of them on the PC.

use sealbank_workstation::{
    Advance, Back, ComponentFailure, KeyFlush, Outcome, Point, Repost, RetrievalOptions,
    StoreState, Switch, WorkstationError,
};

use crate::bank::News;
use crate::world::{Setting, World, administrator, keiri, pin, taro};

#[tokio::test]
async fn a_held_request_has_wholly_arrived_and_dropping_it_cuts_the_connection() {
    for (point, path) in [
        (Point::RequestSent, "/retrieval/request"),
        (Point::ConfirmationSent, "/retrieval/installed"),
    ] {
        let mut world = World::new(Setting {
            hangs: Some(path),
            ..Setting::default()
        })
        .await;
        let mut desk = world.desk();
        let retrieval = world.held_at(&mut desk, point).await;
        assert_eq!(
            world.news.recv().await,
            Some(News::Arrived(path.to_owned()))
        );
        if point == Point::RequestSent {
            let request = world.bank.last().form["request"].clone();
            assert_eq!(
                request.replace("\r\n", "\n"),
                retrieval.request().unwrap().pem().replace("\r\n", "\n")
            );
        }
        assert!(world.machine.holds(desk.seat()));
        drop(retrieval);
        assert_eq!(world.news.recv().await, Some(News::Gone));
        assert!(
            world
                .fates()
                .last()
                .unwrap()
                .ends_with(&format!("cut at {point}"))
        );
    }
}

#[tokio::test]
async fn every_forbidden_operation_cuts_the_held_request_and_strands_the_key() {
    for how in [
        "back",
        "refresh",
        "close-window",
        "close-all",
        "power-off",
        "sign-off",
        "cut",
    ] {
        let hangs = Some("/retrieval/request");
        let mut world = World::new(Setting {
            hangs,
            ..Setting::default()
        })
        .await;
        let mut desk = world.desk();
        let mut retrieval = world.held_at(&mut desk, Point::RequestSent).await;
        assert!(matches!(world.news.recv().await, Some(News::Arrived(_))));
        match how {
            "back" => assert!(
                matches!(desk.back(Back::FromCache).await.unwrap(), Outcome::Shown(page) if page.id() == "m-MID")
            ),
            "refresh" => assert!(
                matches!(desk.refresh(Repost::Confirm).await.unwrap(), Outcome::Shown(page) if page.id() == "m-RUN")
            ),
            "close-window" => desk.close_window(),
            "close-all" => desk.close_all_windows(),
            "power-off" => desk.power_off(),
            "sign-off" => desk
                .switch_os_user(&administrator(), Switch::SignOff)
                .unwrap(),
            _ => retrieval.cut(),
        }
        assert_eq!(world.news.recv().await, Some(News::Gone), "{how}");
        assert_eq!(world.store(&keiri()), StoreState::KeyOnly, "{how}");
        let error = retrieval.resume().await.unwrap_err();
        let expected = WorkstationError::Abandoned {
            point: Point::RequestSent,
        };
        assert_eq!(error, expected, "{how}");
        let over = WorkstationError::RetrievalOver {
            point: Point::RequestSent,
        };
        assert_eq!(retrieval.resume().await.unwrap_err(), over, "{how}");
    }
}

#[tokio::test]
async fn a_delivered_page_that_is_gone_can_not_install_any_more() {
    let world = World::usual().await;
    let mut desk = world.desk();
    let mut retrieval = world.held_at(&mut desk, Point::Delivered).await;
    desk.back(Back::FromCache).await.unwrap();
    let error = retrieval.resume().await.unwrap_err();
    assert!(
        matches!(
            error,
            WorkstationError::OtherScreen {
                point: Point::SecondPopup,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(world.store(&keiri()), StoreState::KeyOnly);
}

#[tokio::test]
async fn refreshing_the_delivered_page_posts_the_same_request_again() {
    let world = World::usual().await;
    let mut desk = world.desk();
    let _retrieval = world.held_at(&mut desk, Point::Delivered).await;
    let first = world.bank.last().form;
    let declined = desk.refresh(Repost::Decline).await.unwrap_err();
    assert!(
        matches!(declined, WorkstationError::RepostDeclined { .. }),
        "{declined}"
    );
    desk.refresh(Repost::Confirm).await.unwrap();
    assert_eq!(world.bank.last().form, first);
    assert_eq!(
        world
            .bank
            .paths()
            .iter()
            .filter(|p| *p == "POST /retrieval/request")
            .count(),
        2
    );
}

#[tokio::test]
async fn another_os_user_in_front_gets_a_certificate_without_its_key() {
    let world = World::usual().await;
    let mut desk = world.desk();
    let mut retrieval = world.held_at(&mut desk, Point::RequestSent).await;
    desk.switch_os_user(&administrator(), Switch::Fast).unwrap();
    let advance = retrieval.resume().await.unwrap();
    assert!(
        matches!(
            &advance,
            Advance::ComponentFailed {
                failure: ComponentFailure::NoMatchingRequest,
                ..
            }
        ),
        "{advance:?}"
    );
    assert_eq!(
        world.store(&administrator()),
        StoreState::CertificateWithoutKey
    );
    assert_eq!(world.store(&keiri()), StoreState::KeyOnly);
}

#[tokio::test]
async fn another_users_logon_in_the_same_browser_takes_the_session_away() {
    let world = World::usual().await;
    let mut desk = world.desk();
    let mut retrieval = world.held_at(&mut desk, Point::KeyMade).await;
    let mut other = desk.another_window().unwrap();
    other
        .log_on_id_pin("99990000001", "hanako", &pin())
        .await
        .unwrap();
    let url = world.site.ib.clone();
    world.machine.with(|pc| {
        let browser = pc
            .profile_mut(&keiri())
            .unwrap()
            .browser(&desk.seat().browser.clone());
        browser.cookies_mut().take(
            "__Host-session=hanako; Path=/; Secure",
            &url,
            crate::pki::moment(),
        );
    });
    let advance = retrieval.resume().await.unwrap();
    assert!(
        matches!(&advance, Advance::Refused(page) if page.refusal() == Some("MX-901")),
        "{advance:?}"
    );
    assert_eq!(world.store(&keiri()), StoreState::KeyOnly);
}

#[tokio::test]
async fn a_key_that_never_reached_the_disk_is_gone_after_a_power_cut() {
    let world = World::usual().await;
    world
        .machine
        .with(|pc| pc.environment.flush = KeyFlush::Later);
    let mut desk = world.desk();
    let _retrieval = world.held_at(&mut desk, Point::KeyMade).await;
    desk.power_off();
    assert_eq!(world.store(&keiri()), StoreState::Nothing);
    let error = desk.open(&world.site.ib).await.unwrap_err();
    assert_eq!(error.to_string(), "PC-A is switched off; boot it first");
    desk.boot().unwrap();
    let advance = desk
        .retrieve(taro(), RetrievalOptions::default())
        .await
        .unwrap();
    assert!(matches!(advance, Advance::Finished(_)), "{advance:?}");
}
