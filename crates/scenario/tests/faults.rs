//! Faults of a step: they strike, they are counted, and nothing of them is left behind.

use sealbank_scenario::{
    FaultShown, RunEvent, RunOptions, SourceFile, StepEnd, StepOutcome, Verdict, load_sources, run,
};

/// What came of one case of these parts, at a bank with one user who may retrieve.
fn played(case: &str) -> (Verdict, Vec<StepEnd>) {
    let text = format!(
        "scenario: made\nlet:\n  taro: {{ contract: \"99990000001\", user: keiri01, pin: Test0001 }}\n\
         flows:\n  struck:\n    parameters: {{ so: fault, when: phase, what: verdict }}\n    steps:\n      \
         - user.log-on: {{}}\n        fault: $so\n      \
         - user.log-on: {{}}\n        fault: {{ when: $when, do: $what }}\n        expect: {{ screen: connection-lost }}\n\
         before:\n  - admin.grant: {{}}\ncases:\n  used: {{ steps: [ {{ flow: struck, with: {{ so: {{ when: connect, do: close }}, when: connect, what: reset }} }} ] }}\n  \
         made:\n{case}"
    );
    let suite = load_sources(&[SourceFile::new("made.yaml", &text)])
        .unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    let (mut verdict, mut ends) = (None, Vec::new());
    run(&suite, &RunOptions::default(), &mut |event| match event {
        RunEvent::StepFinished(end) if end.case == "made/made" => ends.push((**end).clone()),
        RunEvent::CaseFinished(result) if result.name.id == "made/made" => {
            verdict = Some(result.verdict.clone());
        }
        RunEvent::CaseFinished(result) => {
            assert_eq!(result.verdict, Verdict::Passed, "{}", result.name.id);
        }
        _ => {}
    })
    .expect("threads can be started");
    (verdict.expect("the case is told"), ends)
}

#[test]
fn a_fault_that_never_strikes_fails_the_case() {
    let (verdict, ends) = played(
        "    steps:\n      - user.retrieve: {}\n        interrupt: { at: form, how: close-browser }\n        \
         fault: { during: confirm, when: before-commit, do: reset }\n",
    );
    let Verdict::Failed(failure) = verdict else {
        panic!("{verdict:?}");
    };
    let complaint = &failure.complaints[0];
    assert_eq!(complaint.about, "fault");
    let written = complaint.snippet.contains("during: confirm");
    assert!(written, "{complaint:?}");
    assert_eq!(ends[1].faults[0].hits, 0);
}

#[test]
fn no_rule_survives_its_step() {
    let (verdict, ends) = played(
        "    steps:\n      - user.log-on: {}\n        fault: { when: response-head, do: { status: 503 }, times: 5 }\n        \
         expect: { status: 503 }\n      - browser.close-all: {}\n      - clock.advance: 1h\n      - user.log-on: {}\n",
    );
    assert_eq!(verdict, Verdict::Passed);
    let [fault] = ends[1].faults.as_slice() else {
        panic!("{ends:?}");
    };
    let expected = FaultShown {
        during: "log-on".to_owned(),
        when: "response-head".to_owned(),
        verdict: "status: 503".to_owned(),
        times: 5,
        hits: 1,
    };
    assert_eq!(*fault, expected);
    assert!(
        ends[1].en.ends_with("(struck 1 of 5 times)"),
        "{}",
        ends[1].en
    );
    let trail = &ends[1].trail;
    let told = |line: &str| line.starts_with("fault: status: 503 during log-on at response-head");
    assert!(trail.iter().any(|line| told(&line.text)), "{trail:?}");
}

#[test]
fn a_step_that_fails_leaves_no_rule_behind_either() {
    let (verdict, ends) = played(
        "    steps:\n      - user.log-on: {}\n        fault: { when: request-head, do: reset, times: 5 }\n        \
         expect: { screen: status }\n    after:\n      - browser.close-all: {}\n      - clock.advance: 1h\n      - user.log-on: {}\n",
    );
    assert!(matches!(verdict, Verdict::Failed(_)), "{verdict:?}");
    let outcomes: Vec<StepOutcome> = ends.iter().skip(1).map(|end| end.outcome).collect();
    let passed = StepOutcome::Passed;
    assert_eq!(outcomes, [StepOutcome::Failed, passed, passed, passed]);
}
