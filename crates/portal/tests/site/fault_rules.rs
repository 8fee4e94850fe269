//! The rules of what is to go wrong: how often and how long they hold, what they outlast, and which can't be.

use std::num::NonZeroU32;
use std::sync::Arc;

use rcgen::KeyPair;
use sealbank_bank::Condition;
use sealbank_ca::{Authority, HierarchyOptions};
use sealbank_journal::{Journal, SqliteJournal};
use sealbank_portal::{Act, FaultRule, FaultVerdict, ImpossibleFault, Phase};
use time::Duration;

use crate::faults::{BUSY, CRASH, HALF, ONCE, Seen, TORN, WAIT, as_seen, execute};
use crate::world::{TARO, TARO_PIN, World, light};

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_strikes_so_often_and_only_during_its_step() {
    let world = World::new().await;
    let twice = NonZeroU32::new(2).unwrap();
    let rule = FaultRule::new(Act::OpenRetrieval, Phase::ResponseHead, BUSY, twice).unwrap();
    let id = world.faults.set(rule, None);
    let mut statuses = Vec::new();
    for path in ["/", "/retrieval", "/logon", "/retrieval", "/retrieval"] {
        statuses.push(world.browser().ib(path).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 503, 200, 503, 200]);
    assert_eq!(world.faults.hits(id), 2);
    assert_eq!(world.faults.list()[0].left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_ends_when_its_time_is_over() {
    let world = World::new().await;
    let rule = FaultRule::new(Act::Top, Phase::ResponseHead, BUSY, NonZeroU32::MAX).unwrap();
    let until = world.clock.now() + Duration::seconds(60);
    let id = world.faults.set(rule, Some(until));
    assert_eq!(world.browser().ib("/").await.status.as_u16(), 503);
    world.clock.advance(Duration::seconds(60));
    assert_eq!(world.browser().ib("/").await.status.as_u16(), 200);
    assert_eq!(world.faults.hits(id), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cleared_rule_lets_go_of_whom_it_held() {
    let world = World::new().await;
    let rule = FaultRule::new(Act::Top, Phase::RequestHead, FaultVerdict::Stall, ONCE).unwrap();
    let id = world.faults.set(rule, None);
    let mut browser = world.browser();
    let url = format!("{}/", browser.site.ib);
    let held = tokio::spawn(async move { browser.get(&url).await });
    while world.faults.hits(id) == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!held.is_finished(), "nobody answers him");
    assert!(world.faults.clear(id));
    assert!(
        held.await.unwrap().is_err(),
        "his connection ends without an answer"
    );
    world.portal.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_arrives_twice_is_done_once() {
    let world = World::new().await;
    let mut browser = world.browser();
    let form = browser.ib("/logon").await;
    let rule = FaultRule::new(
        Act::LogOn,
        Phase::RequestBody,
        FaultVerdict::Duplicate,
        ONCE,
    )
    .unwrap();
    world.faults.set(rule, None);
    let origin = browser.site.ib.clone();
    let fields = [
        ("contract", crate::world::CONTRACT),
        ("user", TARO),
        ("pin", TARO_PIN),
    ];
    let answer = browser.submit(&origin, &form, "/logon", &fields).await;
    assert_eq!(answer.header("location"), "/status");
    let trail = world.portal.app().trail();
    let log_ons = trail
        .iter()
        .filter(|entry| entry.what == "log-on" && entry.origin.name() == "ib");
    assert_eq!(log_ons.count(), 2, "{trail:#?}");
    assert_eq!(browser.ib("/status").await.status.as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_was_signed_and_never_heard_of_is_disowned_at_the_next_start() {
    let world = World::new().await;
    world.ready(TARO).await;
    let mut browser = world.browser();
    browser.start_retrieval(TARO, TARO_PIN).await;
    let rule = FaultRule::new(
        Act::Execute,
        Phase::AfterCommit,
        FaultVerdict::CaTimesOut,
        ONCE,
    )
    .unwrap();
    world.faults.set(rule, None);
    let answer = browser.execute(&KeyPair::generate().unwrap()).await;
    assert_eq!(answer.status.as_u16(), 503);
    let serial = *world.authority.certificates()[0].serial();
    assert!(world.authority.revocation(&serial).is_none());
    let world = world.restarted().await;
    assert!(world.authority.revocation(&serial).is_some(), "case 39");
    assert_eq!(world.condition(TARO, false), Condition::AwaitingRetrieval);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_crashed_goes_on_from_its_file_with_its_rules() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.journal");
    let (keys, root) = (folder.path().join("ca"), folder.path().join("root"));
    let start = time::macros::datetime!(2031-04-01 00:00 UTC);
    let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::open(&path).unwrap());
    let (options, passphrase) = (HierarchyOptions::default(), "test only".into());
    let authority = Authority::create(&keys, &root, &passphrase, &options, journal.clone(), start);
    let world = World::peopled(light(), journal, Arc::new(authority.unwrap())).await;
    world.ready(TARO).await;
    let faults = world.faults.clone();
    let torn = faults.set(
        FaultRule::new(Act::Record, Phase::BeforeCommit, TORN, ONCE).unwrap(),
        None,
    );
    let busy = faults.set(
        FaultRule::new(Act::Top, Phase::ResponseHead, BUSY, ONCE).unwrap(),
        None,
    );
    let mut browser = world.browser();
    browser.start_retrieval(TARO, TARO_PIN).await;
    let run = browser.ib("/retrieval/run").await;
    assert_eq!(
        as_seen(execute(&mut browser, &run, &faults).await),
        Seen::Nothing
    );
    faults.crashed().await;
    assert_eq!(
        world.authority.certificates().len(),
        1,
        "signed, but not on the bank's books"
    );
    let nobody = browser.get(&format!("{}/", browser.site.ib)).await;
    assert!(nobody.is_err(), "its doors are shut");
    let listen = world.portal.listen_again();
    drop(world);

    let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::open(&path).unwrap());
    let authority = Arc::new(Authority::open(&keys, journal.clone()).unwrap());
    let world = World::open_with(light(), journal, authority, listen, faults.clone());
    let world = world.await.unwrap();
    assert!(!world.portal.has_crashed());
    assert_eq!(world.condition(TARO, false), Condition::AwaitingRetrieval);
    assert_eq!((faults.hits(torn), faults.hits(busy)), (1, 0));
    assert_eq!(
        world.browser().ib("/").await.status.as_u16(),
        503,
        "its rules go on"
    );
    world.browser().retrieve(TARO, TARO_PIN).await;
    assert_eq!(world.condition(TARO, true), Condition::Usable);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_carried_out_by_a_bank_that_has_crashed() {
    let world = World::new().await;
    let rule = FaultRule::new(Act::Grant, Phase::BeforeCommit, CRASH, ONCE).unwrap();
    world.faults.set(rule, None);
    let subscriber = world.subscriber(TARO);
    let grant = sealbank_bank::Command::CounterGrant { subscriber };
    for _ in 0..2 {
        let failure = world.portal.app().perform(grant.clone()).await.unwrap_err();
        assert!(failure.to_string().contains("crashed"), "{failure}");
    }
    world.portal.crashed().await;
    let world = world.restarted().await;
    assert_eq!(world.condition(TARO, false), Condition::Fresh);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_of_the_administrator_is_known_by_its_form() {
    let world = World::new().await;
    let rule = FaultRule::new(Act::Grant, Phase::RequestHead, BUSY, ONCE).unwrap();
    let id = world.faults.set(rule, None);
    let mut browser = world.browser();
    let origin = browser.site.ib.clone();
    let form = browser.ib("/admin/logon").await;
    let fields = [
        ("contract", crate::world::CONTRACT),
        ("pin", crate::world::ADMIN_PIN),
    ];
    browser
        .submit(&origin, &form, "/admin/logon", &fields)
        .await;
    let address = format!("/admin/users/{TARO}");
    let page = browser.ib(&address).await;
    assert_eq!(world.faults.hits(id), 0, "looking is not granting");
    let confirmation = ("confirmation", crate::world::CONFIRMATION);
    for (act, status) in [("stop", 200), ("grant", 503)] {
        let answer = browser
            .submit(&origin, &page, &address, &[("act", act), confirmation])
            .await;
        assert_eq!(answer.status.as_u16(), status, "{act}: {}", answer.body);
    }
    assert_eq!(world.faults.hits(id), 1);
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    let verdicts = [
        WAIT,
        FaultVerdict::Delay(Duration::seconds(-1)),
        FaultVerdict::Reset,
        FaultVerdict::Close,
        HALF,
        FaultVerdict::Truncate { percent: 100 },
        FaultVerdict::Stall,
        BUSY,
        FaultVerdict::Duplicate,
        CRASH,
        TORN,
        FaultVerdict::DiskFull,
        FaultVerdict::CaRefuses,
        FaultVerdict::CaTimesOut,
        FaultVerdict::CaErrs,
    ];
    let mut lines = Vec::new();
    for during in [Act::Execute, Act::Record, Act::Deliver, Act::Top, Act::Any] {
        for when in Phase::ALL {
            for verdict in verdicts {
                let answer = match FaultRule::new(during, *when, verdict, ONCE) {
                    Ok(_) => "possible".to_owned(),
                    Err(ImpossibleFault { reason, mend }) => format!("{reason}; {mend}"),
                };
                lines.push(format!("{during} / {when} / {verdict}: {answer}"));
            }
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn an_unknown_word_names_the_known_ones() {
    let problem = "log-in".parse::<Act>().unwrap_err().to_string();
    assert!(problem.contains("log-on, log-off"), "{problem}");
    for act in Act::ALL {
        assert_eq!(act.as_str().parse::<Act>().unwrap(), *act);
    }
}
