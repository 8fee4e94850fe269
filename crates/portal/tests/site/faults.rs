//! What was asked to go wrong: where it strikes, what the customer sees, and what the books say after it.

use std::num::NonZeroU32;

use rcgen::KeyPair;
use sealbank_bank::Condition;
use sealbank_portal::{Act, FaultRule, FaultStatus, FaultVerdict, Faults, Phase, Torn};
use time::Duration;

use crate::world::{Browser, Page, TARO, TARO_PIN, World, request_of};

pub(crate) const ONCE: NonZeroU32 = NonZeroU32::MIN;
pub(crate) const CRASH: FaultVerdict = FaultVerdict::Crash { torn: Torn::No };
pub(crate) const TORN: FaultVerdict = FaultVerdict::Crash { torn: Torn::Yes };
pub(crate) const HALF: FaultVerdict = FaultVerdict::Truncate { percent: 50 };
pub(crate) const BUSY: FaultVerdict = FaultVerdict::Status(FaultStatus::ServiceUnavailable);
pub(crate) const WAIT: FaultVerdict = FaultVerdict::Delay(Duration::seconds(40));

/// What the customer has of 実行.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// m-PROC with the certificate.
    Delivery,
    /// A page with this status.
    Status(u16),
    /// No page, or only a part of one.
    Nothing,
}

/// A rule during 実行, what the customer sees, and what the books say then.
type Row = (Act, Phase, FaultVerdict, Seen, Condition);

/// Everything that can go wrong during 実行, and cannot be told from outside by anything but the books.
fn rows() -> Vec<Row> {
    use Condition::{Retrieving, Stranded};
    use Seen::{Delivery, Nothing, Status};
    let mut rows = Vec::new();
    let mut add = |act, phase, list: &[(FaultVerdict, Seen, Condition)]| {
        rows.extend(
            list.iter()
                .map(|(verdict, seen, condition)| (act, phase, *verdict, *seen, *condition)),
        );
    };
    let lost = |condition| move |verdict| (verdict, Nothing, condition);
    let (before, after) = (lost(Retrieving), lost(Stranded));
    let [reset, close, stall] = [
        FaultVerdict::Reset,
        FaultVerdict::Close,
        FaultVerdict::Stall,
    ];
    let delayed = (WAIT, Delivery, Stranded);
    for phase in [Phase::Connect, Phase::TlsHandshake] {
        add(
            Act::Execute,
            phase,
            &[
                delayed,
                before(reset),
                before(close),
                before(stall),
                before(CRASH),
            ],
        );
    }
    let refused = (BUSY, Status(503), Retrieving);
    let twice = (FaultVerdict::Duplicate, Delivery, Stranded);
    add(
        Act::Execute,
        Phase::RequestHead,
        &[
            delayed,
            before(reset),
            before(close),
            before(stall),
            refused,
            before(CRASH),
            twice,
        ],
    );
    add(
        Act::Execute,
        Phase::RequestBody,
        &[
            delayed,
            before(reset),
            before(close),
            before(HALF),
            before(stall),
            refused,
            before(CRASH),
            twice,
        ],
    );
    let full = (FaultVerdict::DiskFull, Status(503), Retrieving);
    let unheard = (FaultVerdict::CaTimesOut, Status(503), Retrieving);
    let wrong = (
        FaultVerdict::CaErrs,
        Status(502),
        Condition::AwaitingRetrieval,
    );
    let denied = (
        FaultVerdict::CaRefuses,
        Status(503),
        Condition::AwaitingRetrieval,
    );
    add(
        Act::Execute,
        Phase::BeforeCommit,
        &[
            delayed,
            before(reset),
            before(close),
            before(stall),
            refused,
            before(CRASH),
            before(TORN),
            full,
            denied,
            unheard,
            wrong,
        ],
    );
    let answered = (BUSY, Status(503), Stranded);
    add(
        Act::Execute,
        Phase::AfterCommit,
        &[
            delayed,
            after(reset),
            after(close),
            after(stall),
            answered,
            before(CRASH),
            denied,
            unheard,
            wrong,
        ],
    );
    add(
        Act::Record,
        Phase::BeforeCommit,
        &[
            delayed,
            before(reset),
            before(close),
            before(stall),
            refused,
            before(CRASH),
            before(TORN),
            full,
        ],
    );
    add(
        Act::Record,
        Phase::AfterCommit,
        &[
            delayed,
            after(reset),
            after(close),
            after(stall),
            answered,
            after(CRASH),
        ],
    );
    let unmarked = (BUSY, Status(503), Stranded);
    let unsent = (FaultVerdict::DiskFull, Status(503), Stranded);
    add(
        Act::Deliver,
        Phase::BeforeCommit,
        &[
            delayed,
            after(reset),
            after(close),
            after(stall),
            unmarked,
            after(CRASH),
            after(TORN),
            unsent,
        ],
    );
    for act in [Act::Execute, Act::Deliver] {
        add(
            act,
            Phase::ResponseHead,
            &[
                delayed,
                after(reset),
                after(close),
                after(stall),
                answered,
                after(CRASH),
            ],
        );
        add(
            act,
            Phase::ResponseBody,
            &[
                delayed,
                after(reset),
                after(close),
                after(HALF),
                after(stall),
                after(CRASH),
            ],
        );
        let after_all = |verdict| (verdict, Delivery, Stranded);
        add(
            act,
            Phase::Between,
            &[
                delayed,
                after_all(reset),
                after_all(close),
                after_all(CRASH),
            ],
        );
    }
    add(
        Act::Deliver,
        Phase::AfterCommit,
        &[
            delayed,
            after(reset),
            after(close),
            after(stall),
            answered,
            after(CRASH),
        ],
    );
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_on_the_way_to_the_bank_leaves_its_books_alone() {
    play(&[
        Phase::Connect,
        Phase::TlsHandshake,
        Phase::RequestHead,
        Phase::RequestBody,
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_before_the_record_was_never_decided() {
    play(&[Phase::BeforeCommit]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_after_the_record_loses_the_answer_and_nothing_else() {
    play(&[Phase::AfterCommit]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_on_the_way_back_strands_the_customer() {
    play(&[Phase::ResponseHead, Phase::ResponseBody, Phase::Between]).await;
}

/// Plays the rows of these phases, one after the other, with the same people.
async fn play(phases: &[Phase]) {
    let mut world = World::new().await;
    for row in rows().into_iter().filter(|row| phases.contains(&row.1)) {
        world.ready(TARO).await;
        world = played(world, row).await;
    }
}

async fn played(world: World, row: Row) -> World {
    let (during, when, verdict, seen, condition) = row;
    let mut browser = world.browser();
    browser.start_retrieval(TARO, TARO_PIN).await;
    let run = browser.ib("/retrieval/run").await;
    let started = world.clock.now();
    let rule = FaultRule::new(during, when, verdict, ONCE).unwrap();
    let id = world.faults.set(rule.clone(), None);
    let page = execute(&mut browser, &run, &world.faults).await;
    assert_eq!(as_seen(page), seen, "{row:?}");
    assert_eq!(world.faults.hits(id), 1, "{row:?}");
    world.faults.clear_all();
    if let FaultVerdict::Crash { .. } = verdict {
        world.portal.crashed().await;
    } else {
        world.portal.settled().await;
        assert!(!world.portal.has_crashed(), "{row:?}");
    }
    let passed = match verdict {
        FaultVerdict::Delay(by) => by,
        _ => Duration::ZERO,
    };
    assert_eq!(world.clock.now() - started, passed, "{row:?}");
    assert_eq!(world.condition(TARO, false), condition, "{row:?}");
    let told = world
        .portal
        .app()
        .trail()
        .into_iter()
        .find(|entry| entry.what == "fault");
    let detail = told.and_then(|entry| entry.detail).unwrap();
    assert!(detail.starts_with(&rule.to_string()), "{row:?}: {detail}");
    let stranded = condition == Condition::Stranded;
    // Whatever was left open is settled by then, and whatever was recorded is still there.
    let world = world.restarted().await;
    assert_eq!(
        world.condition(TARO, false) == Condition::Stranded,
        stranded,
        "{row:?}"
    );
    world
}

/// 実行; whoever gets no answer because the bank holds it back hangs up.
pub(crate) async fn execute(browser: &mut Browser, run: &Page, faults: &Faults) -> Option<Page> {
    let mut fields = run.hidden("/retrieval/request");
    let request = request_of(&KeyPair::generate().unwrap());
    fields.push(("request".to_owned(), request));
    let origin = browser.site.ib.clone();
    let stalls = faults
        .list()
        .iter()
        .any(|state| state.rule.verdict == FaultVerdict::Stall);
    let held_back = async {
        while !stalls || faults.list().iter().all(|state| state.hits == 0) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        answer = browser.post(&origin, "/retrieval/request", &fields) => answer.ok(),
        () = held_back => None,
    }
}

pub(crate) fn as_seen(page: Option<Page>) -> Seen {
    match page {
        None => Seen::Nothing,
        Some(page) if page.status.is_success() => {
            assert_eq!(page.screen(), "m-PROC");
            Seen::Delivery
        }
        Some(page) => Seen::Status(page.status.as_u16()),
    }
}
