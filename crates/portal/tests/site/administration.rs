//! The administrator's screens, by ID+PIN and by certificate.

use sealbank_bank::{Account, AdminAct, Command, Condition, LogonMethod, Rights, Subscriber};

use crate::world::{
    ADMIN_PIN, Browser, CONFIRMATION, CONTRACT, Certificate, HANAKO, HANAKO_PIN, Page, TARO,
    TARO_PIN, World,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_registers_grants_and_reinitialises() {
    let world = World::new().await;
    let mut admin = administrator(&world).await;
    let status = admin.ib("/status").await;
    assert_eq!(status.screen(), "m-STATUS");
    assert_eq!(status.link("契約法人管理情報変更"), "/admin");
    let menu = admin.ib("/admin").await;
    assert_eq!(menu.screen(), "m-ADM-MENU");
    let users = admin.ib(&menu.link("利用者情報登録/変更")).await;
    assert_eq!(users.screen(), "m-ADM-USERS");

    let fields = [
        ("user", "eigyo01"),
        ("name", "見本 一郎"),
        ("pin", "Test0003"),
        ("rights", "reset-administrator"),
        ("confirmation", CONFIRMATION),
    ];
    let registered = post(&mut admin, &users, "/admin/users", &fields).await;
    assert_eq!(registered.screen(), "m-ADM-USER-RES", "{}", registered.body);
    let member = world.member("eigyo01");
    assert_eq!(
        (member.name.as_str(), member.rights),
        ("見本 一郎", Rights::ResetAdministrator)
    );

    let users = admin.ib("/admin/users").await;
    let path = users.link("eigyo01");
    let user = admin.ib(&path).await;
    assert_eq!(user.screen(), "m-ADM-ISSUE");
    let granted = act(&mut admin, "eigyo01", "grant").await;
    assert_eq!(granted.screen(), "m-ADM-USER-RES");
    assert_eq!(
        world.condition("eigyo01", false),
        Condition::AwaitingRetrieval
    );

    world.browser().retrieve("eigyo01", "Test0003").await;
    let user = admin.ib(&path).await;
    assert_eq!(user.screen(), "m-ADM-USER");
    assert!(
        user.text("dl[data-user]").contains("取得済"),
        "{}",
        user.body
    );
    assert_eq!(
        act(&mut admin, "eigyo01", "reinitialize").await.screen(),
        "m-ADM-USER-RES"
    );
    let member = world.member("eigyo01");
    assert_eq!(member.logon_method, LogonMethod::IdPin);
    let revoked: Vec<_> = member
        .revoked()
        .map(|(serial, _)| serial.to_string())
        .collect();
    let serial = revoked[0].parse().unwrap();
    assert!(
        world.authority.revocation(&serial).is_some(),
        "also at the authority"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_act_of_the_screen_reaches_the_books() {
    let world = World::new().await;
    let mut admin = administrator(&world).await;
    assert_eq!(
        act(&mut admin, TARO, "stop").await.screen(),
        "m-ADM-USER-RES"
    );
    assert_eq!(world.member(TARO).account, Account::StoppedByAdmin);
    act(&mut admin, TARO, "lift-suspension").await;
    assert_eq!(world.member(TARO).account, Account::Active);
    world.retrieved(TARO, TARO_PIN).await;
    let page = user_page(&mut admin, TARO).await;
    let fields = [
        ("act", "revoke"),
        ("reason", "key-compromise"),
        ("confirmation", CONFIRMATION),
    ];
    post(&mut admin, &page, &format!("/admin/users/{TARO}"), &fields).await;
    assert_eq!(world.condition(TARO, true), Condition::Revoked);
    let page = user_page(&mut admin, HANAKO).await;
    let fields = [
        ("act", "reset-pin"),
        ("pin", "Test0009"),
        ("confirmation", CONFIRMATION),
    ];
    post(
        &mut admin,
        &page,
        &format!("/admin/users/{HANAKO}"),
        &fields,
    )
    .await;
    let logged_on = world.browser().log_on(HANAKO, "Test0009").await;
    assert_eq!(logged_on.header("location"), "/status");
    act(&mut admin, HANAKO, "deregister").await;
    assert_eq!(world.member(HANAKO).account, Account::Deleted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_needs_the_confirmation_pin_and_the_right_fields() {
    let world = World::new().await;
    let mut admin = administrator(&world).await;
    let page = user_page(&mut admin, TARO).await;
    let action = format!("/admin/users/{TARO}");
    let missing = post(&mut admin, &page, &action, &[("act", "grant")]).await;
    assert_eq!(missing.faulty_fields(), ["契約法人確認暗証番号"]);
    let wrong = [("act", "grant"), ("confirmation", "Chigau001")];
    let refused = post(&mut admin, &page, &action, &wrong).await;
    assert_eq!(refused.codes(), ["MX-701"]);
    assert_eq!(world.condition(TARO, false), Condition::Fresh);

    let users = admin.ib("/admin/users").await;
    let fields = [
        ("user", "経理 02"),
        ("name", "見本"),
        ("pin", "123456"),
        ("confirmation", CONFIRMATION),
    ];
    let again = post(&mut admin, &users, "/admin/users", &fields).await;
    assert_eq!(again.screen(), "m-ADM-USERS");
    assert_eq!(again.faulty_fields(), ["利用者ID", "利用者暗証番号"]);
    assert_eq!(
        again.attribute("input[name=name]", "value").as_deref(),
        Some("見本")
    );
    let unknown = admin.ib("/admin/users/nobody").await;
    assert_eq!(unknown.codes(), ["MX-704"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_no_business_behind_the_administrators_door() {
    let world = World::new().await;
    let mut user = world.browser();
    user.log_on(TARO, TARO_PIN).await;
    for path in [
        "/admin",
        "/admin/users",
        "/admin/users/shacho",
        "/admin/unlock",
    ] {
        let refused = user.ib(path).await;
        assert_eq!(refused.codes(), ["MX-708"], "{path}");
    }
    let mut stranger = world.browser();
    for path in ["/admin", "/admin/users", "/admin/unlock", "/status"] {
        let refused = stranger.ib(path).await;
        assert_eq!(refused.codes(), ["MX-901"], "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_with_a_certificate_logs_on_at_the_other_origin() {
    let world = World::new().await;
    let subscriber = Subscriber::administrator(world.contract());
    world.perform(Command::CounterGrant { subscriber }).await;
    let certificate = retrieve_as_administrator(&world).await;
    let mut admin = world.browser_with(&certificate);
    let origin = admin.site.cert.clone();
    let form = admin.cert("/admin/logon").await;
    assert_eq!(form.screen(), "m-ADM-LOGON");
    assert!(form.body.contains("ZZTST99990000001"), "{}", form.body);
    let at_users_door = admin.log_on_by_certificate(ADMIN_PIN).await;
    assert_eq!(at_users_door.codes(), ["MX-602"]);
    let fields = [("pin", ADMIN_PIN)];
    let logged_on = admin.submit(&origin, &form, "/admin/logon", &fields).await;
    assert_eq!(
        logged_on.header("location"),
        "/status",
        "{}",
        logged_on.body
    );
    assert_eq!(admin.cert("/admin/users").await.screen(), "m-ADM-USERS");

    // The session's cookie alone, over a connection without the certificate, opens nothing.
    admin.certificate = None;
    let page = admin.cert("/admin/users").await;
    assert_eq!(page.codes(), ["MX-904"]);
    let by_id = log_on_administrator(&mut world.browser()).await;
    assert_eq!(by_id.codes(), ["MX-206"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_the_right_unlocks_the_administrator() {
    let world = World::new().await;
    let mut user = world.browser();
    user.log_on(HANAKO, HANAKO_PIN).await;
    let status = user.ib("/status").await;
    let path = status.link("契約法人利用中止解除・暗証番号再設定");
    for _ in 0..world.settings.pin_failure_limit {
        let mut guesser = world.browser();
        let form = guesser.ib("/admin/logon").await;
        let fields = [("contract", CONTRACT), ("pin", "Chigau001")];
        post(&mut guesser, &form, "/admin/logon", &fields).await;
    }
    let shut_out = world.browser().log_on(TARO, TARO_PIN).await;
    assert_eq!(shut_out.codes(), ["MX-204"], "T27");
    let form = user.ib(&path).await;
    assert_eq!(form.screen(), "m-ADM-UNLOCK", "{}", form.body);
    let empty = post(&mut user, &form, "/admin/unlock", &[]).await;
    assert_eq!(empty.faulty_fields(), ["利用者暗証番号"]);
    let unlocked = post(&mut user, &form, "/admin/unlock", &[("pin", HANAKO_PIN)]).await;
    assert_eq!(unlocked.screen(), "m-ADM-USER-RES", "{}", unlocked.body);
    let logged_on = log_on_administrator(&mut world.browser()).await;
    assert_eq!(logged_on.header("location"), "/status");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_pin_is_spoken_of_once_after_the_logon() {
    let world = World::new().await;
    let app = world.portal.app();
    app.advance(time::Duration::days(181)).await.unwrap();
    let mut user = world.browser();
    let notice = user.log_on(TARO, TARO_PIN).await;
    assert_eq!(notice.screen(), "m-PINAGE");
    assert_eq!(
        user.ib(&notice.link("メニューへ")).await.screen(),
        "m-STATUS"
    );
    let user = sealbank_bank::UserId::parse(TARO, &world.settings.user_id_format).unwrap();
    world.administer(AdminAct::Stop { user }).await;
}

async fn administrator(world: &World) -> Browser {
    let mut browser = world.browser();
    let logged_on = log_on_administrator(&mut browser).await;
    assert_eq!(
        logged_on.header("location"),
        "/status",
        "{}",
        logged_on.body
    );
    browser
}

async fn log_on_administrator(browser: &mut Browser) -> Page {
    let form = browser.ib("/admin/logon").await;
    let fields = [("contract", CONTRACT), ("pin", ADMIN_PIN)];
    post(browser, &form, "/admin/logon", &fields).await
}

async fn retrieve_as_administrator(world: &World) -> Certificate {
    let mut browser = world.browser();
    let form = browser.ib("/retrieval/administrator").await;
    assert!(form.body.contains("契約法人電子証明書取得"));
    let fields = [("contract", CONTRACT), ("pin", ADMIN_PIN)];
    let begun = post(&mut browser, &form, "/retrieval/administrator", &fields).await;
    assert_eq!(begun.screen(), "m-MID", "{}", begun.body);
    let key = rcgen::KeyPair::generate().unwrap();
    let delivered = browser.execute(&key).await;
    Certificate::delivered(&delivered, &key)
}

async fn user_page(admin: &mut Browser, user: &str) -> Page {
    admin.ib(&format!("/admin/users/{user}")).await
}

async fn act(admin: &mut Browser, user: &str, word: &str) -> Page {
    let page = user_page(admin, user).await;
    let fields = [("act", word), ("confirmation", CONFIRMATION)];
    post(admin, &page, &format!("/admin/users/{user}"), &fields).await
}

async fn post(browser: &mut Browser, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
    let origin = browser.site.ib.clone();
    browser.submit(&origin, page, action, fields).await
}
