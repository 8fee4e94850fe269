//! What a scenario can say beyond single expectations: saved values, comparisons, `always` and `after`.

use sealbank_scenario::{
    Failure, RunEvent, RunOptions, SourceFile, StepOutcome, Suite, Verdict, load_sources, run,
};

/// A bank with one user who may retrieve, and one case of these parts.
fn suite(case: &str) -> Suite {
    let text = format!(
        "scenario: made\nlet:\n  taro: {{ contract: \"99990000001\", user: keiri01, pin: Test0001 }}\n\
         before:\n  - admin.grant: {{}}\ncases:\n  made:\n{case}"
    );
    load_sources(&[SourceFile::new("made.yaml", &text)])
        .unwrap_or_else(|mistakes| panic!("\n{mistakes}"))
}

fn played(case: &str) -> (Verdict, Vec<StepOutcome>) {
    let (mut verdict, mut outcomes) = (None, Vec::new());
    run(
        &suite(case),
        &RunOptions::default(),
        &mut |event| match event {
            RunEvent::StepFinished(end) => outcomes.push(end.outcome),
            RunEvent::CaseFinished(result) => verdict = Some(result.verdict.clone()),
            _ => {}
        },
    )
    .expect("threads can be started");
    (verdict.expect("the case is told"), outcomes)
}

fn failure(case: &str) -> Failure {
    match played(case).0 {
        Verdict::Failed(failure) => *failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_serial_number_is_never_used_again() {
    let case = "    steps:\n      - user.retrieve: {}\n        save: { first: certificate.serial, end: certificate.not-after }\n      - rescue: {}\n      \
                - check: {}\n        expect: { certificate: { serial: { not: $first }, not-after: { at-least: $end } } }\n";
    assert_eq!(played(case).0, Verdict::Passed);
    let failure = failure(
        &case
            .replace("not: $first", "at-least: $first")
            .replace("{ at-least: $first }", "$first"),
    );
    let complaint = &failure.complaints[0];
    assert_eq!(complaint.about, "certificate.serial");
    assert!(complaint.expected.ends_with(" ($first)"), "{complaint:?}");
}

#[test]
fn what_is_not_there_can_not_be_saved() {
    let failure = failure(
        "    steps:\n      - check: {}\n        save: { first: certificate.serial }\n      - check: {}\n        expect: { certificate: { serial: $first } }\n",
    );
    assert_eq!(failure.complaints[0].about, "save first");
    assert_eq!(failure.complaints[0].place, "made.yaml:10:17");
}

#[test]
fn comparisons_fail_with_what_was_wanted_and_found() {
    for (expected, about, wanted, found) in [
        (
            "accepted-certificates: { at-most: 0 }",
            "accepted-certificates",
            "at most 0",
            "1",
        ),
        (
            "record: { generation: { at-least: 2 } }",
            "record.generation",
            "at least 2",
            "1",
        ),
        ("user: { not: usable }", "user", "not usable", "usable"),
        ("screen: { not: done }", "screen", "not m-DONE", "m-DONE"),
    ] {
        let failure = failure(&format!(
            "    steps:\n      - user.retrieve: {{}}\n        expect: {{ {expected} }}\n"
        ));
        let complaint = &failure.complaints[0];
        assert_eq!(
            (&*complaint.about, &*complaint.expected, &*complaint.actual),
            (about, wanted, found)
        );
    }
}

#[test]
fn an_invariant_names_the_step_after_which_it_broke_and_its_own_line() {
    let failure = failure(
        "    always: { certificates-ever: { at-most: 1 } }\n    steps:\n      - user.retrieve: {}\n      - rescue: {}\n",
    );
    let complaint = &failure.complaints[0];
    assert_eq!(complaint.about, "always certificates-ever");
    assert!(complaint.place.starts_with("made.yaml:8:"), "{complaint:?}");
    assert_eq!(failure.step, 6, "the second retrieval is the sixth step");
}

#[test]
fn after_always_runs_and_its_failure_is_told_beside_the_first() {
    let case = "    steps:\n      - user.retrieve: {}\n        save: { first: certificate.serial }\n      - user.log-on: {}\n      - rescue: {}\n    after:\n      \
                - check: {}\n        expect: { certificate: { serial: { not: $first } } }\n      - check: {}\n        expect: { user: usable }\n";
    let (verdict, outcomes) = played(case);
    let Verdict::Failed(failure) = verdict else {
        panic!("{verdict:?}")
    };
    let about: Vec<&str> = failure
        .complaints
        .iter()
        .map(|complaint| complaint.about.as_str())
        .collect();
    assert_eq!(about, ["outcome", "after, step 12: certificate.serial"]);
    assert_eq!(outcomes.last(), Some(&StepOutcome::Passed), "{outcomes:?}");
}

#[test]
fn a_case_that_passes_fails_by_its_after() {
    let failure = failure(
        "    steps:\n      - user.retrieve: {}\n    after:\n      - check: {}\n        expect: { user: stranded }\n",
    );
    assert_eq!((failure.step, &*failure.complaints[0].about), (3, "user"));
}
