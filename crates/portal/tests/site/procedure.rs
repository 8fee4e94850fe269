//! The manual's 手順1 to 手順4 and the logon after it, with what may happen before 実行 (procedure, section 2a).

use rcgen::KeyPair;
use sealbank_bank::{Condition, Settings};

use crate::world::{
    Browser, CONTRACT, Certificate, HANAKO, HANAKO_PIN, Page, TARO, TARO_PIN, World, light,
    request_of,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_manuals_procedure_ends_in_a_logon_by_certificate() {
    let world = World::new().await;
    world.grant(TARO).await;
    let mut browser = world.browser();

    let top = browser.ib("/").await;
    assert_eq!(top.screen(), "m-TOP");
    let entry = top.link("利用者用電子証明書取得");
    let form = browser.get(&entry).await.unwrap();
    assert_eq!(form.screen(), "CIBMU921");

    let intermediate = browser.start_retrieval(TARO, TARO_PIN).await;
    assert_eq!(intermediate.screen(), "m-MID", "{}", intermediate.body);
    assert_eq!(
        intermediate.attribute("meta[http-equiv=refresh]", "content"),
        Some("0; url=/retrieval/run".to_owned())
    );
    let key = KeyPair::generate().unwrap();
    let delivered = browser.execute(&key).await;
    let certificate = Certificate::delivered(&delivered, &key);
    let done = post(&mut browser, &delivered, "/retrieval/installed", &[]).await;
    assert_eq!(done.screen(), "m-DONE");
    let information = done.text("dl[data-certificate]");
    for shown in [
        "The Higo Bank, Ltd",
        "The Higo Bank Internet Banking tBIB CA",
        "ZZTST99990000001 keiri01",
        "2032年04月01日 08時59分59秒",
    ] {
        assert!(information.contains(shown), "{shown}: {information}");
    }
    let closed = post(&mut browser, &done, "/retrieval/close", &[]).await;
    assert_eq!(closed.screen(), "m-CLOSED");
    assert!(
        closed
            .body
            .contains("開いているブラウザはすべて閉じてください")
    );
    assert_eq!(world.condition(TARO, true), Condition::Usable);

    let mut fresh = world.browser_with(&certificate);
    let logged_on = fresh.log_on_by_certificate(TARO_PIN).await;
    assert_eq!(
        logged_on.header("location"),
        "/status",
        "{}",
        logged_on.body
    );
    let status = fresh.cert("/status").await;
    assert_eq!(status.screen(), "m-STATUS");
    assert!(status.text("dl[data-status]").contains("電子証明書方式"));
    let by_id = world.browser().log_on(TARO, TARO_PIN).await;
    assert_eq!(by_id.codes(), ["MX-206"], "ID+PIN is closed (T19')");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_field_is_named_and_counts_no_pin() {
    let world = World::new().await;
    let mut browser = world.browser();
    let form = browser.ib("/retrieval").await;
    let again = post(&mut browser, &form, "/retrieval", &[("contract", CONTRACT)]).await;
    assert_eq!(again.screen(), "CIBMU921");
    assert_eq!(again.codes(), ["MX-101", "MX-101"]);
    assert_eq!(again.faulty_fields(), ["利用者ID", "利用者暗証番号"]);
    assert_eq!(again.status.as_u16(), 422);
    assert_eq!(
        again.attribute("input[name=contract]", "value").as_deref(),
        Some(CONTRACT)
    );
    assert!(world.member(TARO).pin_failures.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_before_execution_says_what_the_procedure_says() {
    let world = World::new().await;
    let refused = world.browser().start_retrieval(TARO, TARO_PIN).await;
    assert_eq!(refused.screen(), "m-ERR");
    assert_eq!(refused.codes(), ["MX-301"], "case 1");
    assert_eq!(world.last_reason(), "not-granted");

    world.grant(TARO).await;
    // Cases 4, 5 and 9 read the same; the trail tells them apart.
    for (user, pin, reason) in [
        (TARO, "Test0002", "wrong-pin"),
        ("nobody", TARO_PIN, "unknown-user"),
        ("no such id", TARO_PIN, "unknown-contract"),
    ] {
        let refused = world.browser().start_retrieval(user, pin).await;
        assert_eq!(refused.codes(), ["MX-201"], "{user}");
        assert_eq!(refused.status.as_u16(), 403, "{user}");
        assert_eq!(world.last_reason(), reason);
    }

    world.browser().start_retrieval(TARO, TARO_PIN).await;
    let second = world.browser().start_retrieval(TARO, TARO_PIN).await;
    assert_eq!(second.codes(), ["MX-304"], "cases 17 and 18");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_sent_twice_is_one_retrieval() {
    let world = World::new().await;
    world.grant(TARO).await;
    let mut browser = world.browser();
    let form = browser.ib("/retrieval").await;
    let fields = [("contract", CONTRACT), ("user", TARO), ("pin", TARO_PIN)];
    let first = post(&mut browser, &form, "/retrieval", &fields).await;
    // 更新 on m-MID posts the form again, now with the session's cookie (case 20).
    let second = post(&mut browser, &form, "/retrieval", &fields).await;
    assert_eq!(
        (first.screen(), second.screen()),
        ("m-MID".into(), "m-MID".into())
    );
    let delivered = browser.execute(&KeyPair::generate().unwrap()).await;
    assert_eq!(delivered.screen(), "m-PROC", "{}", delivered.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_typed_on_the_software_keyboard_never_comes_back_in_a_page() {
    let world = World::new().await;
    world.grant(TARO).await;
    let mut browser = world.browser();
    let form = browser.ib("/retrieval").await;
    let fields = [("contract", CONTRACT), ("user", TARO)];
    let origin = browser.site.ib.clone();
    let mut pairs = form.hidden("/retrieval");
    pairs.extend(fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut board = browser
        .post(&origin, "/retrieval/keyboard", &pairs)
        .await
        .unwrap();
    assert_eq!(board.screen(), "m-SWKB", "{}", board.body);
    for key in "Test0009".chars().map(String::from) {
        board = post(
            &mut browser,
            &board,
            "/retrieval/keyboard",
            &[("key", &key)],
        )
        .await;
    }
    board = post(
        &mut browser,
        &board,
        "/retrieval/keyboard",
        &[("act", "erase")],
    )
    .await;
    board = post(&mut browser, &board, "/retrieval/keyboard", &[("key", "1")]).await;
    assert!(board.body.contains("8文字"), "{}", board.body);
    assert!(!board.body.contains(TARO_PIN));
    let filled = post(
        &mut browser,
        &board,
        "/retrieval/keyboard",
        &[("act", "confirm")],
    )
    .await;
    assert_eq!(filled.screen(), "CIBMU921");
    assert!(filled.body.contains("入力済（ソフトウェアキーボード）"));
    assert!(!filled.body.contains(TARO_PIN));
    let intermediate = post(&mut browser, &filled, "/retrieval", &fields).await;
    assert_eq!(intermediate.screen(), "m-MID", "{}", intermediate.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_visitors_keyboard_is_out_of_reach() {
    let world = World::new().await;
    world.grant(TARO).await;
    let mut browser = world.browser();
    let board = browser.ib("/retrieval/keyboard").await;
    let stolen = board
        .hidden("/retrieval/keyboard")
        .into_iter()
        .find(|(name, _)| name == "keyboard")
        .unwrap();
    for key in TARO_PIN.chars().map(String::from) {
        post(
            &mut browser,
            &board,
            "/retrieval/keyboard",
            &[("key", &key)],
        )
        .await;
    }
    let mut thief = world.browser();
    let form = thief.ib("/retrieval").await;
    let fields = [
        ("contract", CONTRACT),
        ("user", TARO),
        ("keyboard", &stolen.1),
    ];
    let refused = post(&mut thief, &form, "/retrieval", &fields).await;
    assert_eq!(refused.faulty_fields(), ["利用者暗証番号"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_or_cancelling_before_the_request_leaves_the_grant() {
    let world = World::new().await;
    world.grant(TARO).await;
    for (action, fields) in [
        ("/retrieval/close", &[][..]),
        ("/retrieval/cancelled", &[][..]),
    ] {
        let mut browser = world.browser();
        browser.start_retrieval(TARO, TARO_PIN).await;
        let run = browser.ib("/retrieval/run").await;
        assert_eq!(world.condition(TARO, false), Condition::Retrieving);
        let closed = post(&mut browser, &run, action, fields).await;
        assert_eq!(closed.screen(), "m-CLOSED", "{action}: {}", closed.body);
        assert_eq!(world.condition(TARO, false), Condition::AwaitingRetrieval);
        let again = browser.ib("/retrieval/run").await;
        assert_eq!(again.codes(), ["MX-901"], "{action}: the session is over");
    }
    let closed = {
        let mut browser = world.browser();
        let form = browser.ib("/retrieval").await;
        post(&mut browser, &form, "/retrieval/close", &[]).await
    };
    assert_eq!(closed.screen(), "m-CLOSED", "閉じる on the form itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_the_second_popup_strands_the_user_and_reinitialisation_rescues_him() {
    let world = World::new().await;
    world.grant(TARO).await;
    let mut browser = world.browser();
    browser.start_retrieval(TARO, TARO_PIN).await;
    let delivered = browser.execute(&KeyPair::generate().unwrap()).await;
    let cancelled = post(&mut browser, &delivered, "/retrieval/cancelled", &[]).await;
    assert_eq!(cancelled.screen(), "m-CLOSED", "{}", cancelled.body);
    assert_eq!(world.condition(TARO, false), Condition::Stranded);
    let refused = world.browser().start_retrieval(TARO, TARO_PIN).await;
    assert_eq!(refused.codes(), ["MX-303"], "case 14");

    world.reinitialize(TARO).await;
    let mut browser = world.browser();
    let logged_on = browser.log_on(TARO, TARO_PIN).await;
    assert_eq!(logged_on.header("location"), "/status", "L5");
    let certificate = world.browser().retrieve(TARO, TARO_PIN).await;
    let mut fresh = world.browser_with(&certificate);
    let logged_on = fresh.log_on_by_certificate(TARO_PIN).await;
    assert_eq!(logged_on.header("location"), "/status", "L6");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_is_refused_and_the_same_one_only_answered_where_the_bank_resumes() {
    for (resumes, expected) in [(false, "m-ERR"), (true, "m-PROC")] {
        let settings = Settings {
            resume_by_csr_hash: resumes,
            ..light()
        };
        let world = World::with(settings).await;
        world.grant(TARO).await;
        let mut browser = world.browser();
        browser.start_retrieval(TARO, TARO_PIN).await;
        let run = browser.ib("/retrieval/run").await;
        let request = request_of(&KeyPair::generate().unwrap());
        let fields = [("request", request.as_str())];
        let first = post(&mut browser, &run, "/retrieval/request", &fields).await;
        assert_eq!(first.screen(), "m-PROC");
        let again = post(&mut browser, &run, "/retrieval/request", &fields).await;
        assert_eq!(again.screen(), expected, "resumes: {resumes}");
        let other = request_of(&KeyPair::generate().unwrap());
        let fields = [("request", other.as_str())];
        let second = post(&mut browser, &run, "/retrieval/request", &fields).await;
        assert_eq!(second.codes(), ["MX-404"], "case 28");
        assert_eq!(world.authority.certificates().len(), 1, "V8");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_users_logon_in_the_same_browser_never_gets_his_name_on_the_first_ones_key() {
    let world = World::new().await;
    world.grant(TARO).await;
    let mut browser = world.browser();
    browser.start_retrieval(TARO, TARO_PIN).await;
    let run = browser.ib("/retrieval/run").await;
    browser.log_on(HANAKO, HANAKO_PIN).await;
    let request = request_of(&KeyPair::generate().unwrap());
    let refused = post(
        &mut browser,
        &run,
        "/retrieval/request",
        &[("request", &request)],
    )
    .await;
    assert_eq!(refused.codes(), ["MX-405"], "case 50: {}", refused.body);
    assert_eq!(world.last_reason(), "not-a-retrieval");
    assert!(world.authority.certificates().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_request_leaves_the_retrieval_as_it_was() {
    let world = World::new().await;
    world.grant(TARO).await;
    let mut browser = world.browser();
    browser.start_retrieval(TARO, TARO_PIN).await;
    let run = browser.ib("/retrieval/run").await;
    let broken = request_of(&KeyPair::generate().unwrap()).replace('A', "B");
    for request in ["", "こんにちは", &broken] {
        let fields = [("request", request)];
        let refused = post(&mut browser, &run, "/retrieval/request", &fields).await;
        let code = refused.codes().pop().unwrap();
        assert!(["MX-401", "MX-402"].contains(&code.as_str()), "{code}");
    }
    let detail = world.portal.app().trail().pop().unwrap().detail.unwrap();
    assert!(
        detail.contains(": "),
        "the trail says exactly why: {detail}"
    );
    let delivered = browser.execute(&KeyPair::generate().unwrap()).await;
    assert_eq!(delivered.screen(), "m-PROC", "{}", delivered.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_refuses_leaves_the_grant() {
    let world = World::new().await;
    // A certificate of 365 days would outlive the authority, which ends with the year 2099.
    let late = time::macros::datetime!(2099-06-01 09:00 +09:00);
    world.portal.app().set_clock(late).await.unwrap();
    world.grant(TARO).await;
    let mut browser = world.browser();
    browser.start_retrieval(TARO, TARO_PIN).await;
    let refused = browser.execute(&KeyPair::generate().unwrap()).await;
    assert_eq!(refused.codes(), ["MX-501"], "case 40");
    assert_eq!(refused.status.as_u16(), 503);
    assert_eq!(world.condition(TARO, false), Condition::AwaitingRetrieval);
    assert!(world.authority.certificates().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retrieval_that_took_too_long_says_so_and_can_start_again() {
    let world = World::new().await;
    world.grant(TARO).await;
    let mut browser = world.browser();
    browser.start_retrieval(TARO, TARO_PIN).await;
    let app = world.portal.app();
    app.advance(time::Duration::minutes(11)).await.unwrap();
    let late = browser.ib("/retrieval/run").await;
    assert_eq!(late.codes(), ["MX-902"], "case 19");
    assert_eq!(world.condition(TARO, false), Condition::AwaitingRetrieval);
    assert_eq!(
        browser.start_retrieval(TARO, TARO_PIN).await.screen(),
        "m-MID"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_recommended_browsers_may_retrieve() {
    let settings = Settings {
        supported_browsers: vec!["RecommendedBrowser".to_owned()],
        ..light()
    };
    let world = World::with(settings).await;
    world.grant(TARO).await;
    let mut browser = world.browser();
    let refused = browser.start_retrieval(TARO, TARO_PIN).await;
    assert_eq!(refused.codes(), ["MX-103"], "L1");
    browser.agent = "Mozilla/5.0 RecommendedBrowser/9";
    assert_eq!(
        browser.start_retrieval(TARO, TARO_PIN).await.screen(),
        "m-MID"
    );
}

async fn post(browser: &mut Browser, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
    let origin = browser.site.ib.clone();
    browser.submit(&origin, page, action, fields).await
}
