//! The HTML report: self-contained, escaped, and of a bounded size.

use sealbank_scenario::report::Html;
use sealbank_scenario::{Language, RunEvent, StepOutcome, Summary, Verdict};
use time::macros::datetime;

use crate::story::{HOSTILE, case, name, retrieval, story};

fn page(events: &[RunEvent]) -> String {
    let mut html = Html::new(Language::Japanese).began_at(datetime!(2026-11-23 02:44:05 UTC));
    events.iter().for_each(|event| html.tell(event));
    html.finish()
}

/// What a browser would see as markup, without style and script.
fn body(page: &str) -> &str {
    let (_, rest) = page.split_once("</head>").expect("the page has a head");
    let (body, _) = rest.split_once("<script>").expect("the page has a script");
    body
}

#[test]
fn the_report_of_the_story() {
    insta::assert_snapshot!("html", body(&page(&story())));
}

#[test]
fn nothing_is_asked_for_from_outside() {
    let page = page(&story());
    for reference in [
        " src=", "url(", "@import", "http:", "https:", "<link", "<iframe", "<object", "<base",
    ] {
        // The story says `src=` itself, as escaped text.
        let page = page.replace("&lt;img src=x", "");
        assert!(!page.contains(reference), "{reference}");
    }
    assert!(page.contains("default-src 'none'"));
    let targets = page.split("href=\"").skip(1);
    for target in targets {
        assert!(target.starts_with('#'), "{target:.40}");
    }
}

#[test]
fn what_a_case_says_never_becomes_markup() {
    let page = page(&story());
    assert_eq!(page.matches("<img").count(), 0);
    assert_eq!(page.matches("</script>").count(), 2, "its own two");
    assert!(!page.contains('\u{1b}') && !page.contains('\u{0}'));
    assert!(page.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"));
    assert!(!page.contains(HOSTILE));
}

#[test]
fn a_reader_without_a_mouse_or_colours_finds_everything() {
    let page = page(&story());
    let body = body(&page);
    for part in [
        "<header>",
        "<nav ",
        "<main>",
        "<footer>",
        "<h1>",
        "lang=\"ja\"",
        "<caption>",
        "aria-label=",
    ] {
        assert!(body.contains(part), "{part}");
    }
    for level in body
        .split("<h")
        .skip(1)
        .filter_map(|rest| rest.chars().next())
    {
        assert!(!('5'..='6').contains(&level));
    }
    // A verdict is a word before it is a colour.
    for word in ["failed", "broken", "flaky", "skipped", "left out", "passed"] {
        assert!(body.contains(&format!("</span> {word}</span>")), "{word}");
    }
    // Every control has a name.
    for control in body
        .split("<input")
        .skip(1)
        .chain(body.split("<select").skip(1))
    {
        assert!(control.contains("</label>"), "{control:.60}");
    }
}

#[test]
fn five_thousand_cases_store_what_they_share_once() {
    let mut events = vec![RunEvent::RunStarted {
        version: 1,
        cases: 5_000,
        deselected: 0,
        driver: sealbank_scenario::DriverName::Http,
        shard: None,
    }];
    for number in 0..5_000 {
        let id = format!("many/case[{number}]");
        let steps = vec![retrieval(&id, StepOutcome::Passed); 4];
        events.extend(case(
            &name(&id, "多数", "Many", 1),
            steps,
            Verdict::Passed,
            1,
        ));
    }
    events.push(RunEvent::RunFinished(Summary {
        passed: 5_000,
        ..Summary::default()
    }));
    let page = page(&events);
    assert_eq!(page.matches("<details class=\"case\"").count(), 5_000);
    assert_eq!(page.matches("ib.bank.test/retrieval · 200").count(), 1);
    assert!(page.len() < 6_000_000, "{} bytes", page.len());
}
