//! The story that all reports tell, with fixed durations and every field filled.

use sealbank_scenario::{
    AlertShown, Attempt, CaseLeftOut, CaseName, CaseResult, CaseStart, CertificateShown, Complaint,
    DriverName, Failure, FieldShown, Filled, NeedShown, Party, RunEvent, ScreenShown, SourceFile,
    StepEnd, StepOutcome, Summary, TrailLine, Verdict,
};
use time::OffsetDateTime;
use time::macros::datetime;

/// What somebody might write to take over a report.
pub(crate) const HOSTILE: &str =
    "</script><img src=x onerror=alert(1)> \u{1b}[31m\u{0}`#` ::error::";

const SOURCE: &str = "  hostile:\n    steps:\n      - user.retrieve: {}\n        expect:\n          screen: |\n            m-DONE\n            ZZTST";

pub(crate) const AT: OffsetDateTime = datetime!(2031-04-01 09:00:00 +09:00);

pub(crate) fn story() -> Vec<RunEvent> {
    let mut events = vec![RunEvent::RunStarted {
        version: 1,
        cases: 5,
        deselected: 2,
        driver: DriverName::InProcess,
        shard: None,
    }];
    events.push(RunEvent::CaseLeftOut(CaseLeftOut {
        name: name("made/senseless", "無意味", "Senseless", 40),
        tags: vec!["slow".to_owned()],
        because: "閉じる is on no screen there".to_owned(),
    }));
    let fine = name("made/fine", "確認", "A look", 10);
    events.extend(case(
        &fine,
        vec![retrieval("made/fine", StepOutcome::Passed)],
        Verdict::Passed,
        12,
    ));
    let hostile = name("made/hostile", HOSTILE, HOSTILE, 3);
    let mut after = retrieval("made/hostile", StepOutcome::Skipped);
    (after.step, after.at, after.certificate) = (2, None, None);
    (after.screens, after.trail) = (Vec::new(), Vec::new());
    let steps = vec![retrieval("made/hostile", StepOutcome::Failed), after];
    events.extend(case(&hostile, steps, failed(), 1_234));
    let broken = name("made/broken", "壊れた", "Broken", 20);
    let error = "step 1 at made.yaml:21:9: the bank failed: no port".to_owned();
    events.extend(case(&broken, Vec::new(), Verdict::Broken { error }, 3));
    let skipped = name("made/skipped", "残り", "The rest", 30);
    events.extend(case(&skipped, Vec::new(), Verdict::Skipped, 0));
    let flaky = name("made/flaky", "気まぐれ", "Flaky", 35);
    let steps = vec![retrieval("made/flaky", StepOutcome::Passed)];
    events.extend(case(&flaky, steps, Verdict::Flaky, 9));
    if let Some(RunEvent::CaseFinished(result)) = events.last_mut() {
        result.earlier = earlier();
    }
    events.push(RunEvent::RunFinished(Summary {
        passed: 1,
        flaky: 1,
        left_out: 1,
        failed: 1,
        broken: 1,
        skipped: 1,
        not_checked: 0,
        duration_ms: 1_260,
    }));
    events
}

/// A case with its steps.
pub(crate) fn case(
    name: &CaseName,
    steps: Vec<StepEnd>,
    verdict: Verdict,
    duration_ms: u64,
) -> Vec<RunEvent> {
    let mut events = vec![RunEvent::CaseStarted(CaseStart {
        name: name.clone(),
        number: 1,
        tags: vec!["quick".to_owned()],
        end_line: name.line + 6,
        source: SOURCE.to_owned(),
    })];
    let count = steps.len();
    events.extend(
        steps
            .into_iter()
            .map(|end| RunEvent::StepFinished(Box::new(end))),
    );
    events.push(RunEvent::CaseFinished(CaseResult {
        name: name.clone(),
        steps: count,
        verdict,
        not_checked: 0,
        earlier: Vec::new(),
        duration_ms,
    }));
    events
}

pub(crate) fn name(id: &str, ja: &str, en: &str, line: usize) -> CaseName {
    CaseName {
        id: id.to_owned(),
        ja: format!("組 / {ja}"),
        en: format!("set / {en}"),
        path: "made.yaml".to_owned(),
        line,
    }
}

/// A retrieval with a screen, a certificate and a trail of all parties.
pub(crate) fn retrieval(case: &str, outcome: StepOutcome) -> StepEnd {
    StepEnd {
        case: case.to_owned(),
        step: 1,
        ja: "keiri01: 手順1〜4 電子証明書の取得".to_owned(),
        en: "keiri01: retrieves the certificate (steps 1 to 4)".to_owned(),
        note: Some("L20 & L23".to_owned()),
        place: "made.yaml:5:9".to_owned(),
        outcome,
        faults: Vec::new(),
        interrupted: None,
        transitions: Vec::new(),
        at: Some(AT),
        screens: vec![screen()],
        certificate: Some(certificate()),
        snapshots: Vec::new(),
        not_checked: Vec::new(),
        trail: trail(),
    }
}

fn screen() -> ScreenShown {
    let field = |label: &str, need, filled| FieldShown {
        label: label.to_owned(),
        need,
        filled,
    };
    ScreenShown {
        at: AT,
        seat: r"PC-A OFFICE\keiri01/B1/W1".to_owned(),
        id: "CIBMU921".to_owned(),
        title: "利用者電子証明書取得".to_owned(),
        address: "ib.bank.test/retrieval".to_owned(),
        status: 200,
        alerts: vec![AlertShown {
            code: Some("MX-101".to_owned()),
            field: Some("利用者ID".to_owned()),
            text: HOSTILE.to_owned(),
        }],
        texts: vec![
            "「取得」ボタンを押してください。".to_owned(),
            HOSTILE.to_owned(),
        ],
        fields: vec![
            field(
                "契約法人ID",
                NeedShown::Required,
                Filled::Text("99990000001".to_owned()),
            ),
            field("利用者暗証番号", NeedShown::Required, Filled::Masked),
            field("証明書署名要求", NeedShown::Optional, Filled::Long),
            field("利用者名", NeedShown::Optional, Filled::Empty),
            field("管理者リセット権限", NeedShown::Optional, Filled::Ticked),
            field("同意", NeedShown::Optional, Filled::Unticked),
        ],
        buttons: vec!["取得".to_owned(), HOSTILE.to_owned()],
        links: vec!["トップページへ".to_owned()],
    }
}

fn certificate() -> CertificateShown {
    CertificateShown {
        subject: vec![
            ("O".to_owned(), "The Higo Bank, Ltd".to_owned()),
            ("CN".to_owned(), "ZZTST99990000001 keiri01".to_owned()),
        ],
        issuer: "sealbank issuing CA TEST ONLY".to_owned(),
        serial: "0a1b".to_owned(),
        not_before: datetime!(2031-03-31 23:50:00 UTC),
        not_after: datetime!(2032-03-31 23:59:59 UTC),
        usages: vec!["client-auth".to_owned()],
        key: "matches".into(),
        standing: "accepted".into(),
    }
}

fn trail() -> Vec<TrailLine> {
    let line = |seconds, party, text: &str| TrailLine {
        at: AT + time::Duration::seconds(seconds),
        party,
        text: text.to_owned(),
    };
    vec![
        line(0, Party::Pc, r"PC-A OFFICE\keiri01/B1/W1: presses 「取得」"),
        line(0, Party::Bank, "begin-retrieval 99990000001/keiri01: done"),
        line(
            0,
            Party::Wire,
            r"PC-A OFFICE\keiri01/B1/W1: POST ib.bank.test/retrieval -> 200 m-MID",
        ),
        line(86_400, Party::Bank, "visit: refused: session-timed-out"),
    ]
}

/// An attempt that failed and one that broke.
fn earlier() -> Vec<Attempt> {
    let error = "step 1 at made.yaml:36:9: the bank failed: no port".to_owned();
    let broken = Verdict::Broken { error };
    [(failed(), 30), (broken, 4)]
        .map(|(verdict, duration_ms)| Attempt {
            verdict,
            duration_ms,
        })
        .into()
}

/// One complaint of many lines and one of a single line.
fn failed() -> Verdict {
    let text = format!("scenario: made\ncases:\n{SOURCE}\n");
    let file = SourceFile::new("made.yaml", &text);
    let complaint = |value: &str, about: &str, expected: &str, actual: &str| {
        let at = text.find(value).expect("the value stands in the source");
        let span = file.span(at..at + value.len());
        Complaint {
            place: span.to_string(),
            about: about.to_owned(),
            expected: expected.to_owned(),
            actual: actual.to_owned(),
            called_from: Vec::new(),
            snippet: format!("{about}\n --> {span}\n  | {value}\n  | ^ expected here"),
        }
    };
    Verdict::Failed(Box::new(Failure {
        step: 1,
        ja: "keiri01: 手順1〜4 電子証明書の取得".to_owned(),
        en: "keiri01: retrieves the certificate (steps 1 to 4)".to_owned(),
        complaints: vec![
            complaint(
                "m-DONE",
                "screen",
                "m-DONE\nZZTST\nend",
                "m-ERR\nZZTST\nend",
            ),
            complaint("ZZTST", "text", "ZZTST", HOSTILE),
        ],
        trail: trail(),
        repeat: "sealbank run made.yaml --case 'made/hostile'".to_owned(),
    }))
}

/// Every key of every object, also below.
pub(crate) fn keys(value: &serde_json::Value, hear: &mut impl FnMut(&str)) {
    match value {
        serde_json::Value::Object(members) => {
            for (key, value) in members {
                hear(key);
                keys(value, hear);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| keys(item, hear)),
        _ => {}
    }
}
