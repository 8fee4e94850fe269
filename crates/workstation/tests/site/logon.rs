//! Certificate logon: the picker, the browser's memory of it, and TLS refusals.

use sealbank_workstation::{
    BrowserName, ChoiceMemory, Outcome, Pick, Refuser, Resumption, RetrievalOptions, Switch,
    TlsAlert, WorkstationError,
};
use time::Duration;

use crate::server::{Asks, Speaks, Tickets};
use crate::world::{Setting, World, administrator, keiri, pin, taro};

fn shown(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Shown(screen) => [Some(screen.id()), screen.refusal()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" "),
        Outcome::TlsRefused { alert, by, .. } => format!("{:?} {by:?}", alert.map(TlsAlert::name)),
    }
}

#[tokio::test]
async fn a_certificate_and_the_pin_lead_to_the_status_screen() {
    for speaks in [Speaks::Tls12, Speaks::Tls13] {
        let world = World::new(Setting {
            speaks,
            ..Setting::default()
        })
        .await;
        let mut desk = world.desk_with_certificate().await;
        let pick = Pick::CommonName("ZZTST99990000001 keiri01".into());
        let outcome = desk.log_on_certificate(pick, &pin()).await.unwrap();
        assert_eq!(shown(&outcome), "m-STATUS", "{speaks:?}");
        assert!(world.trail.exchanges().last().unwrap().presented.is_some());
        assert_eq!(shown(&desk.log_off().await.unwrap()), "m-CLOSED");
    }
}

#[tokio::test]
async fn a_browser_that_was_not_closed_goes_on_sending_nothing() {
    let world = World::usual().await;
    let mut desk = world.desk();
    assert_eq!(
        shown(&desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap()),
        "m-ERR MX-601"
    );
    desk.retrieve(taro(), RetrievalOptions::default())
        .await
        .unwrap();
    assert_eq!(
        shown(&desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap()),
        "m-ERR MX-601"
    );
    let mut other = desk.another_browser(BrowserName::new("B2")).unwrap();
    assert_eq!(
        shown(
            &other
                .log_on_certificate(Pick::Newest, &pin())
                .await
                .unwrap()
        ),
        "m-STATUS"
    );
    desk.close_all_windows();
    assert_eq!(
        shown(&desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap()),
        "m-STATUS"
    );
}

#[tokio::test]
async fn a_cancelled_picker_stays_cancelled_until_the_browser_is_closed() {
    let world = World::usual().await;
    let mut desk = world.desk_with_certificate().await;
    for pick in [Pick::Cancel, Pick::Newest] {
        assert_eq!(
            shown(&desk.log_on_certificate(pick, &pin()).await.unwrap()),
            "m-ERR MX-601"
        );
    }
    desk.close_window();
    assert_eq!(
        shown(&desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap()),
        "m-STATUS"
    );
}

#[tokio::test]
async fn a_certificate_that_is_not_offered_is_an_error_and_nothing_is_remembered() {
    let world = World::usual().await;
    let mut desk = world.desk_with_certificate().await;
    let pick = Pick::CommonName("hanako".into());
    let error = desk.log_on_certificate(pick, &pin()).await.unwrap_err();
    assert!(
        matches!(&error, WorkstationError::NotOffered { offered, .. } if offered.contains("keiri01")),
        "{error}"
    );
    assert_eq!(
        shown(&desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap()),
        "m-STATUS"
    );
}

#[tokio::test]
async fn another_os_user_has_nothing_to_offer() {
    let world = World::usual().await;
    let mut desk = world.desk_with_certificate().await;
    desk.switch_os_user(&administrator(), Switch::Fast).unwrap();
    assert_eq!(
        shown(&desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap()),
        "m-ERR MX-601"
    );
}

#[tokio::test]
async fn a_key_that_can_not_be_opened_is_listed_and_fails_the_handshake() {
    let world = World::usual().await;
    let mut desk = world.desk_with_certificate().await;
    world
        .machine
        .with(|pc| pc.profile_mut(&keiri()).unwrap().store.reset_os_password());
    let outcome = desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap();
    let locked = Refuser::Pc {
        reason: "unexpected error: the OS profile can't open the certificate's key".into(),
    };
    assert!(
        matches!(&outcome, Outcome::TlsRefused { alert: None, by, .. } if *by == locked),
        "{outcome:?}"
    );
    world.machine.with(|pc| {
        pc.profile_mut(&keiri())
            .unwrap()
            .store
            .restore_os_password();
    });
    assert_eq!(
        shown(&desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap()),
        "m-STATUS"
    );
}

#[tokio::test]
async fn a_pc_clock_outside_the_validity_offers_nothing() {
    let world = World::usual().await;
    let mut desk = world.desk_with_certificate().await;
    for (skew, expected) in [
        (400, "m-ERR MX-601"),
        (-1, "m-ERR MX-601"),
        (300, "m-STATUS"),
    ] {
        world.machine.with(|pc| pc.skew = Duration::days(skew));
        desk.close_all_windows();
        let outcome = desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap();
        assert_eq!(shown(&outcome), expected, "{skew} days");
    }
}

#[tokio::test]
async fn a_server_whose_certificate_does_not_hold_on_the_pcs_clock_is_refused_by_the_pc() {
    let world = World::usual().await;
    let mut desk = world.desk();
    let top = world.site.ib.clone();
    for (skew, refused) in [(-400, true), (0, false), (3900, true)] {
        world.machine.with(|pc| pc.skew = Duration::days(skew));
        let outcome = desk.open(&top).await.unwrap();
        let by_pc = matches!(
            &outcome,
            Outcome::TlsRefused {
                alert: None,
                by: Refuser::Pc { .. },
                ..
            }
        );
        assert_eq!(by_pc, refused, "{skew} days: {outcome:?}");
    }
}

#[tokio::test]
async fn a_tls_alert_is_found_in_both_protocol_versions() {
    let cases = [
        (Speaks::Tls13, Asks::Always, "certificate-required"),
        (Speaks::Tls12, Asks::Always, "certificate-required"),
        (Speaks::Tls13, Asks::ForAStrangers, "unknown-ca"),
        (Speaks::Tls12, Asks::ForAStrangers, "unknown-ca"),
    ];
    for (speaks, asks, expected) in cases {
        let world = World::new(Setting {
            speaks,
            asks,
            ..Setting::default()
        })
        .await;
        let mut desk = match asks {
            Asks::ForAStrangers => world.desk_with_certificate().await,
            _ => world.desk(),
        };
        let outcome = desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap();
        let Outcome::TlsRefused {
            alert: Some(alert),
            by: Refuser::Server,
            ..
        } = &outcome
        else {
            panic!("{speaks:?} {asks:?}: {outcome:?}");
        };
        assert_eq!(alert.name(), expected, "{speaks:?} {asks:?}");
        assert!(matches!(
            desk.screen(),
            Err(WorkstationError::NoPage { .. })
        ));
        assert!(world.fates().last().unwrap().contains(&alert.to_string()));
    }
}

#[tokio::test]
async fn a_browser_like_chromium_forgets_a_choice_that_an_alert_refused() {
    for (memory, expected) in [
        (ChoiceMemory::UntilClosed, false),
        (ChoiceMemory::ForgottenOnAlert, true),
    ] {
        let world = World::new(Setting {
            asks: Asks::Always,
            ..Setting::default()
        })
        .await;
        let mut desk = world.desk();
        world.machine.with(|pc| {
            pc.profile_mut(&keiri())
                .unwrap()
                .browser(&desk.seat().browser.clone())
                .memory = memory;
        });
        desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap();
        desk.retrieve(taro(), RetrievalOptions::default())
            .await
            .unwrap();
        let outcome = desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap();
        assert_eq!(
            shown(&outcome) == "m-STATUS",
            expected,
            "{memory:?}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn sessions_are_resumed_only_by_a_browser_that_is_told_to() {
    for (resumption, expected) in [(Resumption::Off, false), (Resumption::On, true)] {
        let world = World::new(Setting {
            tickets: Tickets::Yes,
            ..Setting::default()
        })
        .await;
        let mut desk = world.desk();
        world.machine.with(|pc| {
            pc.profile_mut(&keiri())
                .unwrap()
                .browser(&desk.seat().browser.clone())
                .resumption = resumption;
        });
        let url = world.site.cert.join("/status").unwrap();
        desk.open(&url).await.unwrap();
        desk.open(&url).await.unwrap();
        assert_eq!(world.bank.last().resumed, expected, "{resumption:?}");
        desk.close_all_windows();
        desk.open(&url).await.unwrap();
        assert!(
            !world.bank.last().resumed,
            "closing all windows forgets the sessions"
        );
    }
}

#[tokio::test]
async fn the_trail_holds_no_pin_no_cookie_and_no_key() {
    let world = World::usual().await;
    let mut desk = world.desk_with_certificate().await;
    desk.log_on_certificate(Pick::Newest, &pin()).await.unwrap();
    desk.log_on_id_pin("99990000001", "keiri01", &pin())
        .await
        .unwrap();
    let said = format!(
        "{:?} {} {desk:?}",
        world.trail.exchanges(),
        world.fates().join("\n")
    );
    for secret in [
        "Test0001",
        "=retrieval",
        "PRIVATE KEY",
        "BEGIN CERTIFICATE REQUEST",
        "csrf",
    ] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
}
