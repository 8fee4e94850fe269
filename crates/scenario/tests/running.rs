//! Running: what a failure shows, what reports say, what is selected, and that nothing passes by doing nothing.

use std::num::NonZeroUsize;
use std::path::Path;

use sealbank_scenario::report::{Detail, Junit, Terminal, json_line};
use sealbank_scenario::{
    AfterFailure, Failure, Language, Order, PlannedCase, RunEvent, RunExit, RunOptions, Seed,
    Selection, SourceFile, StopSignal, Suite, Summary, Verdict, load_sources, run, run_until,
};

/// A bank with one user who may retrieve, and these steps.
fn steps(steps: &str) -> String {
    format!(
        "scenario: made\nlet:\n  taro: {{ contract: \"99990000001\", user: keiri01, pin: Test0001 }}\n\
         before:\n  - admin.grant: {{}}\ncases:\n  made:\n    steps:\n{steps}"
    )
}

fn suite(text: &str) -> Suite {
    load_sources(&[SourceFile::new("made.yaml", text)])
        .unwrap_or_else(|mistakes| panic!("\n{mistakes}"))
}

fn events(suite: &Suite, options: &RunOptions) -> (Summary, Vec<RunEvent>) {
    let mut events = Vec::new();
    let summary = run(suite, options, &mut |event| events.push(event.clone()))
        .expect("threads can be started");
    (summary, events)
}

fn only_failure(text: &str) -> Failure {
    let (_, events) = events(&suite(text), &RunOptions::default());
    let mut failures = events.into_iter().filter_map(|event| match event {
        RunEvent::CaseFinished(result) => match result.verdict {
            Verdict::Failed(failure) => Some(*failure),
            other => panic!("{other:?}"),
        },
        _ => None,
    });
    failures.next().expect("the only case fails")
}

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    std::fs::read_to_string(path.join(name)).expect("a shipped scenario can be read")
}

#[test]
fn a_broken_copy_of_a_shipped_scenario_fails_at_the_line_that_was_broken() {
    for (file, case, right, wrong) in [
        (
            "manual.yaml",
            "procedure",
            "CN: ZZTST99990000001 keiri01",
            "CN: ZZTST99990000001 keiri02",
        ),
        (
            "manual.yaml",
            "procedure",
            "generation: 1,",
            "generation: 2,",
        ),
        (
            "manual.yaml",
            "procedure",
            "[top, CIBMU921, intermediate",
            "[CIBMU921, top, intermediate",
        ),
        ("manual.yaml", "screens", "[実行, 閉じる]", "[実行, 取得]"),
        (
            "before-execute.yaml",
            "case-01",
            "because: not-granted",
            "because: grant-lapsed",
        ),
        (
            "after-completion.yaml",
            "case-64",
            "tls: refused-by-pc",
            "tls: unknown-ca",
        ),
        (
            "after-completion.yaml",
            "case-59",
            "choice: declined, user: usable",
            "choice: none, user: usable",
        ),
        (
            "interruptions.yaml",
            "network-lost",
            "user: stranded, store: key-only",
            "user: stranded, store: installed",
        ),
    ] {
        let text = shipped(file);
        // The last one: what stands there more than once belongs to the case at the end.
        let at = text
            .rfind(right)
            .unwrap_or_else(|| panic!("{file} has no {right}"));
        let line = text[..at].matches('\n').count() + 1;
        let broken = format!("{}{wrong}{}", &text[..at], &text[at + right.len()..]);
        let common = SourceFile::new("common.yaml", &shipped("common.yaml"));
        let broken = load_sources(&[SourceFile::new(file, &broken), common]).unwrap();
        let options = RunOptions {
            select: Selection::containing([case]),
            ..RunOptions::default()
        };
        let (summary, events) = events(&broken, &options);
        assert_eq!(summary.exit(), RunExit::Failed, "{file}: {wrong}");
        let failure = events.iter().find_map(|event| match event {
            RunEvent::CaseFinished(result) => match &result.verdict {
                Verdict::Failed(failure) => Some(failure),
                _ => None,
            },
            _ => None,
        });
        let complaint = &failure.unwrap().complaints[0];
        let place = format!("{file}:{line}:");
        assert!(
            complaint.place.starts_with(&place),
            "{wrong}: {complaint:?}"
        );
    }
}

#[test]
fn a_step_that_says_nothing_of_its_end_has_to_succeed() {
    for (step, actual) in [
        ("      - user.log-on: { pin: Wrong001 }\n", "MX-201"),
        ("      - user.retrieve: { pin: Wrong001 }\n", "MX-201"),
        ("      - user.log-on: { with: certificate }\n", "MX-601"),
        ("      - admin.grant: {}\n", "m-ADM-USER"),
        (
            "      - admin.reinitialize: { confirmation: Wrong001 }\n",
            "MX-701",
        ),
        ("      - counter.grant: {}\n", "already-granted"),
        (
            "      - pc.surround: { component: blocked }\n      - user.retrieve: {}\n",
            "blocked",
        ),
    ] {
        let failure = only_failure(&steps(step));
        let complaint = &failure.complaints[0];
        assert_eq!(complaint.about, "outcome", "{step}");
        assert!(complaint.actual.contains(actual), "{step}: {complaint:?}");
    }
}

#[test]
fn an_interruption_that_does_not_come_about_fails_the_case() {
    for (step, actual) in [
        (
            "      - user.retrieve: { pin: Wrong001 }\n        interrupt: { at: delivered, how: power-off }\n",
            "delivered was not reached",
        ),
        (
            "      - pc.surround: { component: blocked }\n      - user.retrieve: {}\n        interrupt: { at: key-made, how: back }\n",
            "key-made was not reached",
        ),
    ] {
        let failure = only_failure(&steps(step));
        let complaint = &failure.complaints[0];
        assert_eq!(complaint.about, "interruption", "{step}");
        assert!(complaint.actual.contains(actual), "{step}: {complaint:?}");
    }
}

#[test]
fn a_step_that_can_not_be_done_says_what_is_there_instead() {
    let failure = only_failure(&steps("      - form.open: top\n      - form.press: 実行\n"));
    let complaint = &failure.complaints[0];
    assert!(
        complaint.actual.contains("m-TOP has no button 「実行」"),
        "{complaint:?}"
    );
    assert_eq!(failure.step, 3);
}

#[test]
fn a_run_of_nothing_is_not_green() {
    let suite = suite(&steps("      - check: {}\n"));
    let options = RunOptions {
        select: Selection::containing(["no such case"]),
        ..RunOptions::default()
    };
    let (summary, _) = events(&suite, &options);
    assert_eq!(summary.exit(), RunExit::NothingSelected);
    assert_eq!(summary.exit().code(), 4);
}

#[test]
fn after_a_failure_no_further_case_begins_if_so_asked() {
    let text = steps("      - user.log-on: { pin: Wrong001 }\n");
    let text = format!("{text}  later:\n    steps: [ check: {{}} ]\n");
    let options = RunOptions {
        jobs: NonZeroUsize::new(1),
        after_failure: AfterFailure::StopAfter(NonZeroUsize::MIN),
        ..RunOptions::default()
    };
    let (summary, _) = events(&suite(&text), &options);
    assert_eq!((summary.failed, summary.skipped, summary.passed), (1, 1, 0));
}

/// Cases that fail, each in one step.
fn failing(names: &[&str]) -> Suite {
    let cases = names.iter().map(|name| {
        format!("  {name}:\n    steps: [ check: {{}}, user.log-on: {{ pin: Wrong001 }} ]\n")
    });
    suite(&format!(
        "scenario: made\nlet:\n  taro: {{ contract: \"99990000001\", user: keiri01, pin: Test0001 }}\ncases:\n{}",
        cases.collect::<String>()
    ))
}

fn verdicts(events: &[RunEvent]) -> Vec<(&str, &Verdict)> {
    let results = events.iter().filter_map(|event| match event {
        RunEvent::CaseFinished(result) => Some((result.name.id.as_str(), &result.verdict)),
        _ => None,
    });
    results.collect()
}

#[test]
fn the_number_of_failures_after_which_no_further_case_begins_can_be_said() {
    let options = RunOptions {
        jobs: NonZeroUsize::new(1),
        after_failure: AfterFailure::StopAfter(NonZeroUsize::new(2).unwrap()),
        ..RunOptions::default()
    };
    let (summary, _) = events(&failing(&["a", "b", "c", "d"]), &options);
    assert_eq!((summary.failed, summary.skipped), (2, 2));
}

#[test]
fn a_case_that_is_run_again_has_an_id_of_its_own_and_the_command_that_repeats_it_has_not() {
    let options = RunOptions {
        repeat: NonZeroUsize::new(2),
        ..RunOptions::default()
    };
    let (summary, events) = events(&failing(&["a", "b"]), &options);
    assert_eq!(summary.failed, 4);
    let verdicts = verdicts(&events);
    let ids: Vec<&str> = verdicts.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, ["made/a", "made/a#2", "made/b", "made/b#2"]);
    let Verdict::Failed(second) = verdicts[1].1 else {
        panic!("{verdicts:?}")
    };
    assert!(second.repeat.ends_with("--case 'made/a'"), "{second:?}");
    let steps = events.iter().filter(|event| match event {
        RunEvent::StepFinished(end) => end.case == "made/a#2",
        _ => false,
    });
    assert_eq!(steps.count(), 2);
}

#[test]
fn a_case_that_takes_too_long_fails_in_the_step_that_is_under_way() {
    let options = RunOptions {
        // Nobody can do a step in no time.
        timeout: Some(std::time::Duration::from_millis(1)),
        ..RunOptions::default()
    };
    let (summary, events) = events(&failing(&["a"]), &options);
    assert_eq!(summary.passed + summary.skipped, 0);
    let verdicts = verdicts(&events);
    let told = match verdicts[0].1 {
        Verdict::Failed(failure) => &failure.complaints[0].actual,
        Verdict::Broken { error } => error,
        other => panic!("{other:?}"),
    };
    assert!(told.contains("takes longer than 1ms"), "{told}");
}

#[test]
fn a_shuffled_run_begins_elsewhere_and_tells_the_same_story() {
    let suite = failing(&["a", "b", "c", "d", "e", "f"]);
    let options = |order| RunOptions {
        jobs: NonZeroUsize::new(1),
        order,
        after_failure: AfterFailure::StopAfter(NonZeroUsize::MIN),
        ..RunOptions::default()
    };
    let begun = |order| -> Vec<String> {
        let (_, events) = events(&suite, &options(order));
        let verdicts = verdicts(&events);
        assert!(verdicts.iter().map(|(id, _)| *id).is_sorted());
        let begun = verdicts
            .iter()
            .filter(|(_, verdict)| **verdict != Verdict::Skipped);
        begun.map(|(id, _)| (*id).to_owned()).collect()
    };
    assert_eq!(begun(Order::File), ["made/a"]);
    let shuffled = begun(Order::Random(Seed(3)));
    assert_eq!(shuffled, begun(Order::Random(Seed(3))));
    assert_ne!(shuffled, ["made/a"]);
}

#[test]
fn a_run_that_is_stopped_tells_of_every_case_and_comes_to_its_end() {
    let names: Vec<String> = (0..40).map(|n| format!("case-{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let suite = failing(&names);
    let options = RunOptions {
        jobs: NonZeroUsize::new(1),
        ..RunOptions::default()
    };
    let stop = StopSignal::default();
    let mut events = Vec::new();
    let summary = run_until(&stop, &suite, &options, &mut |event| {
        if let RunEvent::CaseFinished(_) = event {
            stop.stop();
        }
        events.push(event.clone());
    });
    let summary = summary.expect("threads can be started");
    assert_eq!(verdicts(&events).len(), 40);
    // Some may have come to their end before the word was heard; the last ones never begin.
    assert!(summary.failed >= 1 && summary.skipped >= 1, "{summary:?}");
    assert!(matches!(events.last(), Some(RunEvent::RunFinished(_))));
}

/// Everything that the reports show of a failure, with the real time taken out.
#[test]
fn the_reports_of_a_failure_hold_all_that_is_needed_to_understand_it() {
    let text = steps(
        "      - user.retrieve: {}\n        interrupt: { at: delivered, how: power-off }\n        expect:\n          user: usable\n          store: installed\n      - browser.close-all: {}\n",
    );
    let text = format!(
        "{text}  fine:\n    title: {{ ja: 確認, en: A look }}\n    steps: [ check: {{}} ]\n"
    );
    let suite = suite(&text);
    let (_, events) = events(&suite, &RunOptions::default());
    let mut terminal = Terminal::new(Vec::new(), Language::Japanese, Detail::Failures);
    let mut verbose = Terminal::new(Vec::new(), Language::English, Detail::Steps);
    let mut junit = Junit::default();
    let mut lines = String::new();
    for event in &events {
        terminal.tell(event);
        verbose.tell(event);
        junit.tell(event);
        lines.push_str(&json_line(event));
        lines.push('\n');
    }
    let shown = |report: Terminal<Vec<u8>>| String::from_utf8(report.finish().unwrap()).unwrap();
    insta::with_settings!({ filters => vec![
        (r"in \d+\.\d s", "in [TIME] s"),
        (r#"time="[0-9.]+""#, r#"time="[TIME]""#),
        (r#""duration-ms":\d+"#, r#""duration-ms":[TIME]"#),
        (r"\x1b\[[0-9;]*m", ""),
    ] }, {
        insta::assert_snapshot!("terminal", shown(terminal));
        insta::assert_snapshot!("terminal_steps", shown(verbose));
        insta::assert_snapshot!("junit", junit.finish().unwrap());
        insta::assert_snapshot!("json", lines);
    });
}

#[test]
fn two_runs_tell_the_same_story() {
    let text = shipped("regional-bank.yaml");
    let story = || -> Vec<String> {
        let suite = load_sources(&[SourceFile::new("regional-bank.yaml", &text)]).unwrap();
        let (_, events) = events(&suite, &RunOptions::default());
        events
            .iter()
            .map(|event| json_line(&event.without_volatile()))
            .collect()
    };
    assert_eq!(story(), story());
}

#[test]
fn rows_of_for_each_are_cases_of_their_own() {
    let text = shipped("interruptions.yaml");
    let common = SourceFile::new("common.yaml", &shipped("common.yaml"));
    let suite = load_sources(&[SourceFile::new("interruptions.yaml", &text), common]).unwrap();
    let ids: Vec<&str> = suite.cases().map(PlannedCase::id).collect();
    for id in [
        "interruptions/stranded[delivered,power-off]",
        "interruptions/stranded[request-sent,log-on-as:hanako]",
        "interruptions/first-popup-cancelled",
    ] {
        assert!(ids.contains(&id), "{id}: {ids:#?}");
    }
}

#[test]
fn a_failure_inside_of_a_flow_names_its_line_and_those_of_the_calls() {
    let text = "scenario: made\nflows:\n  inner:\n    parameters: { who: user }\n    steps:\n      - user.log-on: { as: $who, with: certificate }\n  \
                outer:\n    parameters: { who: user }\n    steps:\n      - flow: inner\n        with: { who: $who }\n\
                let:\n  taro: { contract: \"99990000001\", user: keiri01, pin: Test0001 }\n\
                cases:\n  made:\n    steps:\n      - flow: outer\n        with: { who: $taro }\n";
    let failure = only_failure(text);
    let complaint = &failure.complaints[0];
    assert_eq!(complaint.place, "made.yaml:6:9");
    assert_eq!(complaint.called_from, ["made.yaml:10:9", "made.yaml:17:9"]);
    assert!(
        complaint
            .snippet
            .contains("called from made.yaml:17:9: flow: outer"),
        "{}",
        complaint.snippet
    );
    assert!(failure.en.starts_with("[outer › inner] "), "{}", failure.en);
}
