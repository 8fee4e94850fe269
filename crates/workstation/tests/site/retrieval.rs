//! The retrieval, undisturbed and refused.

use sealbank_workstation::{
    AdministratorCredentials, Advance, BrowserName, Component, ComponentFailure, Entry,
    InstallError, InstallHonesty, KeyAlgorithm, KeyProvider, Outcome, Pick, Point, PopupAnswer,
    Recommended, Retrieval, RetrievalOptions, StoreState, UserCredentials,
};

use crate::world::{Setting, World, keiri, pin, taro};

#[tokio::test]
async fn the_manuals_four_steps_end_with_an_installed_certificate() {
    let world = World::usual().await;
    let mut desk = world.desk();
    let advance = desk
        .retrieve(taro(), RetrievalOptions::default())
        .await
        .unwrap();
    let Advance::Finished(done) = advance else {
        panic!("{advance:?}")
    };
    assert_eq!(done.id(), "m-DONE");
    assert_eq!(
        done.detail("certificate", "Common Name"),
        Some("ZZTST99990000001 keiri01")
    );
    assert_eq!(world.store(&keiri()), StoreState::Installed);
    let Outcome::Shown(closed) = desk.press("閉じる").await.unwrap() else {
        panic!("no page")
    };
    assert!(
        closed
            .text()
            .contains("開いているブラウザはすべて閉じてください")
    );
    insta::assert_snapshot!(world.fates().join("\n"));
}

#[tokio::test]
async fn every_point_can_be_held_and_has_done_exactly_its_acts() {
    let world = World::usual().await;
    for point in Point::ALL {
        let mut desk = world.desk();
        world
            .machine
            .with(|pc| pc.profile_mut(&keiri()).unwrap().store.wipe());
        let mut retrieval =
            Retrieval::begin(&mut desk, taro(), RetrievalOptions::default()).unwrap();
        let advance = retrieval.advance_to(point).await.unwrap();
        assert_eq!(retrieval.reached(), Some(point));
        assert_eq!(
            matches!(advance, Advance::Finished(_)),
            point == Point::Done
        );
        let pending = world
            .machine
            .with(|pc| pc.profile(&keiri()).unwrap().store.pending().count());
        let expected = usize::from((Point::KeyMade..Point::PendingRemoved).contains(&point));
        assert_eq!(pending, expected, "{point}");
        assert_eq!(
            world.store(&keiri()) == StoreState::Installed,
            point >= Point::Stored,
            "{point}"
        );
        let screen = match point {
            Point::Form => "CIBMU921",
            Point::Intermediate => "m-MID",
            Point::Execute | Point::FirstPopup | Point::KeyMade | Point::RequestSent => "m-RUN",
            Point::Done => "m-DONE",
            _ => "m-PROC",
        };
        assert_eq!(desk.screen().unwrap().id(), screen, "{point}");
        assert!(
            matches!(retrieval.resume().await.unwrap(), Advance::Finished(_)),
            "{point}"
        );
    }
}

#[tokio::test]
async fn cancelling_a_popup_posts_the_pages_own_form() {
    let first = RetrievalOptions {
        first: PopupAnswer::Cancel,
        ..RetrievalOptions::default()
    };
    let second = RetrievalOptions {
        second: PopupAnswer::Cancel,
        ..RetrievalOptions::default()
    };
    for (popups, options, expected, store) in [
        (2, &first, Some("中止 1"), StoreState::Nothing),
        (2, &second, Some("中止 2"), StoreState::KeyOnly),
        (1, &first, Some("中止 1"), StoreState::Nothing),
        (1, &second, None, StoreState::Installed),
        (0, &first, None, StoreState::Installed),
    ] {
        let options = RetrievalOptions {
            popups: Some(popups),
            ..options.clone()
        };
        let world = World::usual().await;
        let advance = world.desk().retrieve(taro(), options).await.unwrap();
        match (expected, &advance) {
            (Some(text), Advance::Cancelled(screen)) => assert!(screen.text().contains(text)),
            (None, Advance::Finished(_)) => {}
            (expected, found) => panic!("{popups} popups: {expected:?}, but {found:?}"),
        }
        assert_eq!(world.store(&keiri()), store, "{popups} popups");
    }
}

#[tokio::test]
async fn the_page_says_how_many_popups_appear() {
    for (popups, expected) in [(2, StoreState::KeyOnly), (1, StoreState::Installed)] {
        let world = World::new(Setting {
            popups,
            ..Setting::default()
        })
        .await;
        let options = RetrievalOptions {
            second: PopupAnswer::Cancel,
            ..RetrievalOptions::default()
        };
        world.desk().retrieve(taro(), options).await.unwrap();
        assert_eq!(world.store(&keiri()), expected, "{popups} popups");
    }
}

#[tokio::test]
async fn several_desks_are_driven_at_the_same_time() {
    let world = World::usual().await;
    let desks = [
        world.desk(),
        world
            .desk()
            .another_browser(BrowserName::new("B2"))
            .unwrap(),
    ];
    let running = desks.map(|mut desk| {
        tokio::spawn(async move { desk.retrieve(taro(), RetrievalOptions::default()).await })
    });
    for retrieval in running {
        let advance = retrieval.await.unwrap().unwrap();
        assert!(matches!(advance, Advance::Finished(_)), "{advance:?}");
    }
    let held = world
        .machine
        .with(|pc| pc.profile(&keiri()).unwrap().store.certificates().len());
    assert_eq!(held, 2);
}

#[tokio::test]
async fn a_refusal_is_the_banks_own_screen_and_ends_the_retrieval() {
    let world = World::usual().await;
    let mut desk = world.desk();
    let wrong = UserCredentials::new("99990000001", "keiri01", "Wrong001");
    let mut retrieval = Retrieval::begin(&mut desk, wrong, RetrievalOptions::default()).unwrap();
    let advance = retrieval.resume().await.unwrap();
    let Advance::Refused(screen) = advance else {
        panic!("{advance:?}")
    };
    assert_eq!(screen.refusal(), Some("MX-201"));
    let error = retrieval.resume().await.unwrap_err().to_string();
    assert_eq!(error, "the retrieval ended at form; begin a new one");
}

#[tokio::test]
async fn the_component_fails_honestly_or_not_as_the_pc_is_set_up() {
    type Mend = fn(&mut sealbank_workstation::Pc);
    let cases: [(Mend, Option<ComponentFailure>, StoreState); 4] = [
        (
            |pc| pc.environment.component = Component::Blocked,
            Some(ComponentFailure::Blocked),
            StoreState::Nothing,
        ),
        (
            |pc| pc.environment.keys = KeyProvider::Failing,
            Some(ComponentFailure::KeyGeneration),
            StoreState::Nothing,
        ),
        (
            sealbank_workstation::Pc::distrust_all,
            Some(ComponentFailure::Install(InstallError::Untrusted {
                delivered: 3,
                trusted: 0,
            })),
            StoreState::KeyOnly,
        ),
        (
            |pc| pc.environment.install = InstallHonesty::SilentFailure,
            None,
            StoreState::KeyOnly,
        ),
    ];
    for (set_up, expected, store) in cases {
        let world = World::usual().await;
        world.machine.with(set_up);
        let advance = world
            .desk()
            .retrieve(taro(), RetrievalOptions::default())
            .await
            .unwrap();
        match (expected, advance) {
            (Some(expected), Advance::ComponentFailed { failure, .. }) => {
                assert_eq!(failure, expected);
            }
            (None, Advance::Finished(screen)) => assert_eq!(screen.id(), "m-DONE"),
            (expected, found) => panic!("{expected:?}, but {found:?}"),
        }
        assert_eq!(world.store(&keiri()), store);
    }
}

#[tokio::test]
async fn an_administrator_retrieves_by_his_own_door() {
    let world = World::usual().await;
    let boss = AdministratorCredentials::new("99990000001", "Test0001");
    let advance = world
        .desk()
        .retrieve(boss, RetrievalOptions::default())
        .await
        .unwrap();
    assert!(matches!(advance, Advance::Finished(_)), "{advance:?}");
    assert!(
        world
            .bank
            .paths()
            .contains(&"POST /retrieval/administrator".to_owned())
    );
}

#[tokio::test]
async fn a_renewal_takes_the_same_walk_on_the_certificate_origin() {
    let world = World::usual().await;
    let mut desk = world.desk_with_certificate().await;
    desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap();
    let options = RetrievalOptions {
        algorithm: Some(KeyAlgorithm::Ed25519),
        ..RetrievalOptions::default()
    };
    let advance = desk.retrieve(Entry::Renewal, options).await.unwrap();
    assert!(matches!(advance, Advance::Finished(_)), "{advance:?}");
    let held = world
        .machine
        .with(|pc| pc.profile(&keiri()).unwrap().store.certificates().len());
    assert_eq!(held, 2, "the old certificate is not removed");
    assert!(world.bank.last().host.starts_with("cert."));
}

#[tokio::test]
async fn the_bank_learns_which_browser_it_is_and_where_a_form_came_from() {
    let world = World::new(Setting {
        popups: 0,
        ..Setting::default()
    })
    .await;
    world
        .machine
        .with(|pc| pc.environment.browser = Recommended::No);
    world
        .desk()
        .retrieve(taro(), RetrievalOptions::default())
        .await
        .unwrap();
    let last = world.bank.last();
    assert!(last.agent.contains("unsupported"), "{}", last.agent);
    assert_eq!(last.origin, world.site.ib.origin().ascii_serialization());
    assert_eq!(last.cookie, "__Host-session=retrieval");
}
