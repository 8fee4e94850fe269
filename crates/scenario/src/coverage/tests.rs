//! What counts as a visit, and what is said of what was not visited.

use sealbank_bank::{Standing, Transition};

use super::*;
use crate::event::{
    CaseName, CaseResult, CaseStart, FaultShown, InterruptionShown, StepOutcome, TransitionShown,
};

/// A case `made/NAME` with one step that comes by one cell of each grid.
fn case(name: &str, verdict: Verdict) -> Vec<RunEvent> {
    let name = CaseName {
        id: format!("made/{name}"),
        ja: String::new(),
        en: String::new(),
        path: "made.yaml".to_owned(),
        line: 1,
    };
    let start = CaseStart {
        name: name.clone(),
        number: 1,
        tags: vec!["case-29".to_owned(), "slow".to_owned()],
        end_line: 9,
        source: String::new(),
    };
    let result = CaseResult {
        name,
        steps: 1,
        verdict,
        not_checked: 0,
        earlier: Vec::new(),
        duration_ms: 1,
    };
    vec![
        RunEvent::CaseStarted(start),
        RunEvent::StepFinished(Box::new(step(1))),
        RunEvent::CaseFinished(result),
    ]
}

fn step(hits: u32) -> StepEnd {
    StepEnd {
        case: "made/made".to_owned(),
        step: 1,
        ja: String::new(),
        en: String::new(),
        note: None,
        place: "made.yaml:2:1".to_owned(),
        outcome: StepOutcome::Passed,
        faults: vec![FaultShown {
            during: "execute".to_owned(),
            when: "after-commit".to_owned(),
            verdict: "delay: 40s".to_owned(),
            times: 1,
            hits,
        }],
        interrupted: Some(InterruptionShown {
            at: "delivered".to_owned(),
            how: "close-browser".to_owned(),
        }),
        transitions: vec![TransitionShown {
            row: Transition::Claimed,
            from: Standing::Awaiting,
        }],
        at: None,
        screens: Vec::new(),
        certificate: None,
        snapshots: Vec::new(),
        not_checked: Vec::new(),
        trail: Vec::new(),
    }
}

fn of(events: impl IntoIterator<Item = RunEvent>) -> Coverage {
    let mut coverage = Coverage::default();
    events.into_iter().for_each(|event| coverage.tell(&event));
    coverage
}

/// Every cell that was come by, with how often and by whom first.
fn visited(coverage: &Coverage) -> Vec<String> {
    let grids = coverage.grids();
    let cells = grids.iter().flat_map(|grid| &grid.cells);
    let visited = cells.filter_map(|cell| match &cell.state {
        CellState::Visited(Visits { count, case }) => {
            Some(format!("{}: {count}, {case}", cell.name()))
        }
        _ => None,
    });
    visited.collect()
}

fn failed() -> Verdict {
    Verdict::Broken {
        error: "no port".to_owned(),
    }
}

#[test]
fn a_passed_case_has_been_where_its_steps_came_by_and_where_its_tags_say() {
    let coverage = of([case("one", Verdict::Passed), case("two", Verdict::Flaky)].concat());
    assert_eq!(
        visited(&coverage),
        [
            "T04 × awaiting: 2, made/one",
            "close-browser × delivered: 2, made/one",
            "case-29: 2, made/one",
            "delay × after-commit: 2, made/one",
        ]
    );
}

#[test]
fn a_case_that_did_not_pass_has_been_nowhere() {
    for verdict in [failed(), Verdict::Skipped] {
        let coverage = of(case("one", verdict));
        assert!(visited(&coverage).is_empty());
    }
}

#[test]
fn what_a_failed_case_came_by_is_not_the_next_ones() {
    let mut events = case("one", failed());
    let mut next = case("two", Verdict::Passed);
    next.remove(1);
    events.extend(next);
    assert_eq!(visited(&of(events)), ["case-29: 1, made/two"]);
}

#[test]
fn a_fault_that_never_struck_was_not_met() {
    let mut events = case("one", Verdict::Passed);
    events[1] = RunEvent::StepFinished(Box::new(step(0)));
    let visited = visited(&of(events));
    assert!(
        !visited.iter().any(|cell| cell.contains("delay")),
        "{visited:?}"
    );
}

#[test]
fn whoever_comes_by_where_nobody_can_is_told_as_a_contradiction() {
    let mut events = case("one", Verdict::Passed);
    let mut end = step(1);
    end.transitions[0].from = Standing::Deregistered;
    events[1] = RunEvent::StepFinished(Box::new(end));
    let coverage = of(events);
    let grids = coverage.grids();
    let contradicted: Vec<String> = grids[0].contradicted().map(Cell::name).collect();
    assert_eq!(contradicted, ["T04 × deregistered"]);
    assert_eq!(grids[0].figures.contradicted, 1);
    assert_eq!(grids[0].figures.visited, 0);
    let text = coverage.text(Language::English);
    assert!(
        text.contains("T04 × deregistered: by made/one, although 取得 needs"),
        "{text}"
    );
}

#[test]
fn too_little_names_what_is_missing() {
    let coverage = of(case("one", Verdict::Passed));
    assert_eq!(coverage.shortfall(0), None);
    let shortfall = coverage.shortfall(90).unwrap();
    assert_eq!(shortfall.figures.visited, 4);
    let message = shortfall.to_string();
    assert!(
        message.starts_with("coverage is 0%: 4 visited of"),
        "{message}"
    );
    assert!(message.contains("at least 90% is asked for"), "{message}");
    assert!(
        message.contains("missing cases: case-01, case-02,"),
        "{message}"
    );
    assert!(!message.contains("case-29"), "{message}");
}

#[test]
fn the_figures_add_up() {
    for grid in of(case("one", Verdict::Passed)).grids() {
        let figures = grid.figures;
        assert_eq!(figures.visited + figures.missing, figures.possible);
        assert_eq!(figures.possible + figures.impossible, grid.cells.len());
        assert_eq!(figures.visited, 1);
    }
}

#[test]
fn the_printed_grids() {
    let coverage = of(case("one", Verdict::Passed));
    insta::assert_snapshot!(coverage.text(Language::English));
}

#[test]
fn the_document_says_its_version_and_each_cell_what_is_known_of_it() {
    let coverage = of(case("one", Verdict::Passed));
    let document: serde_json::Value = serde_json::from_str(&coverage.json()).unwrap();
    assert_eq!(document["version"], COVERAGE_VERSION);
    let cell = |grid: usize, row: &str, column: &str| {
        let cells = document["grids"][grid]["cells"].as_array().unwrap();
        let mut found = cells
            .iter()
            .filter(|cell| cell["row"] == row && cell["column"] == column);
        found.next().unwrap().to_string()
    };
    assert_eq!(
        cell(0, "T04", "awaiting"),
        r#"{"case":"made/one","column":"awaiting","count":1,"row":"T04","state":"visited"}"#
    );
    assert_eq!(
        cell(0, "T04", "expired"),
        r#"{"column":"expired","row":"T04","state":"missing"}"#
    );
    assert_eq!(
        cell(1, "cancel", "form"),
        r#"{"column":"form","reason":"キャンセル is on the popups: at first-popup or second-popup","row":"cancel","source":"L18, T08, T14'","state":"impossible"}"#
    );
}
