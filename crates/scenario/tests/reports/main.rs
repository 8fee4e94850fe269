//! Every report over one fixed story: a case that passed, one that failed, one that broke, and one that was not begun.

mod html;
mod junit;
mod story;
mod unseen;

use sealbank_scenario::report::{Detail, Github, Tap, Terminal, json_line};
use sealbank_scenario::{Language, RunEvent};

use story::story;

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("reports are UTF-8")
}

fn terminal(language: Language, detail: Detail, width: Option<usize>) -> String {
    let mut report = Terminal::new(Vec::new(), language, detail);
    if let Some(width) = width {
        report = report.with_width(width);
    }
    story().iter().for_each(|event| report.tell(event));
    text(report.finish().expect("memory can be written"))
}

#[test]
fn a_wide_terminal_has_the_parties_side_by_side() {
    let shown = terminal(Language::Japanese, Detail::Failures, Some(140));
    insta::with_settings!({ filters => vec![(r"\x1b\[[0-9;]*m", "")] }, {
        insta::assert_snapshot!("terminal_wide", shown);
    });
}

#[test]
fn a_pipe_gets_one_list_and_every_step_when_asked() {
    let shown = terminal(Language::English, Detail::Steps, None);
    insta::with_settings!({ filters => vec![(r"\x1b\[[0-9;]*m", "")] }, {
        insta::assert_snapshot!("terminal_pipe", shown);
    });
}

#[test]
fn nothing_that_is_said_steers_the_terminal() {
    let shown = terminal(Language::English, Detail::Steps, Some(140));
    assert!(!shown.contains('\u{0}'));
    assert!(
        !shown.contains(&story::HOSTILE[..50]),
        "its own colour came through"
    );
    assert!(shown.contains("onerror=alert(1)>"));
}

#[test]
fn a_run_of_one_case_says_its_failure_once() {
    let mut events = story();
    if let Some(RunEvent::RunStarted { cases, .. }) = events.first_mut() {
        *cases = 1;
    }
    let mut report = Terminal::new(Vec::new(), Language::English, Detail::Failures);
    for event in &events {
        report.tell(event);
    }
    let shown = text(report.finish().unwrap());
    assert_eq!(shown.matches("repeat: ").count(), 1, "{shown}");
}

#[test]
fn tap_has_a_point_a_case_and_says_why() {
    let mut report = Tap::new(Vec::new());
    story().iter().for_each(|event| report.tell(event));
    insta::assert_snapshot!("tap", text(report.finish().unwrap()));
}

#[test]
fn github_gets_annotations_and_a_summary() {
    let mut commands = Vec::new();
    let mut report = Github::new(&mut commands);
    story().iter().for_each(|event| report.tell(event));
    let summary = report.finish().unwrap();
    let commands = text(commands);
    assert!(
        commands
            .lines()
            .all(|line| line.starts_with("::error file=") || line.starts_with("::warning file="))
    );
    insta::assert_snapshot!("github", format!("{commands}\n{summary}"));
}

#[test]
fn the_events_are_lines_of_json_with_nothing_but_what_is_documented() {
    let lines: Vec<String> = story().iter().map(json_line).collect();
    let document = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/scenarios.md"
    ))
    .unwrap();
    let events = document.split("## Events").nth(1).unwrap();
    let mut unknown = Vec::new();
    for line in &lines {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        story::keys(&value, &mut |key| {
            if !events.contains(&format!("`{key}`")) {
                unknown.push(key.to_owned());
            }
        });
    }
    assert!(unknown.is_empty(), "not described: {unknown:?}");
    insta::assert_snapshot!("json", lines.join("\n"));
}
