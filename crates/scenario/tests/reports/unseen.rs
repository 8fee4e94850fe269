//! What could not be checked is told in every report, also of a case that passed.

use sealbank_scenario::report::{Detail, Html, Junit, Tap, Terminal, json_line};
use sealbank_scenario::{
    DriverName, EventStream, Language, NotChecked, RunEvent, StepOutcome, Summary, Verdict, merge,
};

use crate::story::{case, name, retrieval};
use crate::text;

/// One case that passed, of which one expectation could not be checked.
fn story() -> Vec<RunEvent> {
    let mut step = retrieval("made/unseen", StepOutcome::Passed);
    step.not_checked = vec![NotChecked {
        place: "made.yaml:6:28".to_owned(),
        about: "because".to_owned(),
        expected: "id-pin-closed".to_owned(),
    }];
    let name = name("made/unseen", "見えない", "Unseen", 4);
    let mut events = vec![RunEvent::RunStarted {
        version: 1,
        cases: 1,
        deselected: 0,
        driver: DriverName::Target("https://ib.bank.example".to_owned()),
        shard: None,
    }];
    events.extend(case(&name, vec![step], Verdict::Passed, 5));
    if let Some(RunEvent::CaseFinished(result)) = events.last_mut() {
        result.not_checked = 1;
    }
    events.push(RunEvent::RunFinished(Summary {
        passed: 1,
        not_checked: 1,
        duration_ms: 5,
        ..Summary::default()
    }));
    events
}

/// How often each report says so.
fn told() -> [(&'static str, String); 4] {
    let events = story();
    let mut terminal = Terminal::new(Vec::new(), Language::English, Detail::Steps);
    let (mut tap, mut junit) = (Tap::new(Vec::new()), Junit::default());
    let mut html = Html::new(Language::English);
    for event in &events {
        terminal.tell(event);
        tap.tell(event);
        junit.tell(event);
        html.tell(event);
    }
    [
        (
            "terminal",
            text(terminal.finish().expect("memory can be written")),
        ),
        ("tap", text(tap.finish().expect("memory can be written"))),
        ("junit", junit.finish().expect("the story can be told")),
        ("html", html.finish()),
    ]
}

#[test]
fn every_report_names_what_was_not_checked_with_its_place() {
    for (report, said) in told() {
        let line = "not checked: because: id-pin-closed (made.yaml:6:28)";
        assert_eq!(said.matches(line).count(), 1, "{report}: {said}");
        assert!(said.contains("target https://ib.bank.example"), "{report}");
    }
}

#[test]
fn the_end_of_a_run_says_how_much_was_not_checked() {
    let [terminal, tap, _, html] = told();
    let count = "1 passed, 1 of their expectations not checked";
    for (report, said) in [terminal, tap, html] {
        assert!(said.contains(count), "{report}: {said}");
    }
}

#[test]
fn what_was_not_checked_stays_so_when_reports_are_made_later() {
    let lines: Vec<String> = story().iter().map(json_line).collect();
    let stream = EventStream::read("part.ndjson", &lines.join("\n")).unwrap();
    assert_eq!(merge(vec![stream]).unwrap(), story());
}
