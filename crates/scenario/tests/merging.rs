//! Merging: the parts of a run tell together what one machine would have told, and nothing else is taken for a run.

use sealbank_scenario::report::json_line;
use sealbank_scenario::{
    EventStream, MergeError, PlannedCase, RunEvent, RunOptions, Selection, Shard, SourceFile,
    Suite, load_sources, merge, run,
};

const TEXT: &str = "scenario: s\nlet:\n  taro: { contract: \"99990000001\", user: keiri01, pin: Test0001 }\n\
    cases:\n  rows:\n    for-each: { after: [1h, 2h, 3h] }\n    skip: { after: 2h, because: as long as it is wide }\n    \
    steps:\n      - clock.advance: $after\n  \
    fails:\n    steps:\n      - user.log-on: { pin: Wrong001 }\n  \
    passes:\n    steps:\n      - check: {}\n";

fn suite() -> Suite {
    load_sources(&[SourceFile::new("s.yaml", TEXT)])
        .unwrap_or_else(|mistakes| panic!("\n{mistakes}"))
}

/// What a run of these cases tells, as it is written.
fn written(suite: &Suite, select: Selection, shard: Option<Shard>) -> String {
    let options = RunOptions {
        select,
        shard,
        ..RunOptions::default()
    };
    let mut text = String::new();
    run(suite, &options, &mut |event| {
        text.push_str(&json_line(event));
        text.push('\n');
    })
    .expect("threads can be started");
    text
}

/// The streams of the parts.
fn parts(suite: &Suite) -> Vec<String> {
    ["1/2", "2/2"]
        .map(|part| {
            let shard: Shard = part.parse().expect("it is of the form k/n");
            let ids = suite.cases().map(PlannedCase::id);
            let mut ids = shard.choose(ids, &Default::default());
            if shard.part() == 1 {
                ids.extend(suite.left_out().map(|row| row.id.clone()));
            }
            written(suite, Selection::default().among(ids), Some(shard))
        })
        .into()
}

fn read(texts: &[&str]) -> Vec<EventStream> {
    let texts = (1..).zip(texts);
    texts
        .map(|(number, text)| {
            EventStream::read(&format!("part-{number}"), text).expect("the run ended")
        })
        .collect()
}

fn story(events: &[RunEvent]) -> Vec<String> {
    let events = events.iter().map(RunEvent::without_volatile);
    events.map(|event| json_line(&event)).collect()
}

#[test]
fn the_parts_tell_together_what_one_machine_would_have_told() {
    let suite = suite();
    let whole = written(&suite, Selection::default(), None);
    let whole = merge(read(&[&whole])).unwrap();
    assert_eq!(
        whole
            .iter()
            .filter(|event| matches!(event, RunEvent::CaseFinished(_)))
            .count(),
        4
    );
    let parts = parts(&suite);
    // Also when they are named in another order.
    let merged = merge(read(&[&parts[1], &parts[0]])).unwrap();
    assert_eq!(story(&merged), story(&whole));
}

#[test]
fn an_event_that_is_read_is_written_as_it_was() {
    let text = written(&suite(), Selection::default(), None);
    for line in text.lines() {
        let event: RunEvent = serde_json::from_str(line).unwrap();
        assert_eq!(json_line(&event), line);
    }
}

#[test]
fn what_is_not_the_parts_of_one_run_is_refused() {
    let suite = suite();
    let parts = parts(&suite);
    let whole = written(&suite, Selection::default(), None);
    let told = |texts: &[&str]| -> Vec<String> {
        let mistakes = merge(read(texts)).unwrap_err();
        mistakes.iter().map(ToString::to_string).collect()
    };
    let missing = told(&[&parts[0]]);
    assert_eq!(
        missing,
        ["part 2/2 is missing; add its file, or run it with --shard 2/2"]
    );
    let twice = told(&[&parts[0], &parts[1], &parts[1]]);
    assert!(
        twice.len() == 2 && twice[0].contains("is also at part-2:"),
        "{twice:?}"
    );
    let not_a_part = told(&[&parts[0], &parts[1], &whole]);
    assert!(
        not_a_part[0].contains("part-3 is a whole run"),
        "{not_a_part:?}"
    );
    let of_three = parts[1].replace("\"shard\":\"2/2\"", "\"shard\":\"2/3\"");
    let divided = told(&[&parts[0], &of_three]);
    assert!(
        divided[0].contains("part-2 is part 2/3, but part-1 is part 1/2"),
        "{divided:?}"
    );
    let larger = parts[1].replace("\"deselected\":", "\"deselected\":1");
    let other = told(&[&parts[0], &larger]);
    assert!(other[0].contains("cases in all"), "{other:?}");
    let indoors = parts[1].replace("\"driver\":\"http\"", "\"driver\":\"in-process\"");
    let by_another = told(&[&parts[0], &indoors]);
    assert!(
        by_another[0].contains("part-2 was run by driver in-process, but part-1 by driver http"),
        "{by_another:?}"
    );
}

#[test]
fn a_stream_that_is_not_whole_is_told_with_its_line() {
    let text = written(&suite(), Selection::containing(["passes"]), None);
    let error = |text: &str| EventStream::read("a.ndjson", text).unwrap_err();
    let lines = text.lines().count();
    let name = || "a.ndjson".to_owned();
    let cut = &text[..text.len() - 5];
    let line = lines;
    assert_eq!(error(cut), MergeError::CutOff { name: name(), line });
    let (begin, _) = text.trim_end().rsplit_once('\n').unwrap();
    let line = lines - 1;
    assert_eq!(
        error(&format!("{begin}\n")),
        MergeError::Unended { name: name(), line }
    );
    let line = lines + 1;
    assert_eq!(
        error(&format!("{text}{text}")),
        MergeError::OutOfPlace { name: name(), line }
    );
    let newer = text.replace("\"version\":1", "\"version\":99");
    assert_eq!(
        error(&newer),
        MergeError::Version {
            name: name(),
            found: 99
        }
    );
    assert!(matches!(
        error("no JSON\n"),
        MergeError::NoEvent { line: 1, .. }
    ));
    assert!(matches!(error(""), MergeError::Unended { line: 0, .. }));
}
