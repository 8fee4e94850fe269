//! The procedure's invariants (section 5) as named checkers: of one moment ([`moment`]) and of one step ([`step`]).
//!
//! A checker says nothing when its invariant holds and what it saw when not. Where an invariant is promised only
//! under some settings, the checker says so at its head and asks the bank for them.

mod moment;
mod step;

use sealbank_bank::{Bank, Command, Decision, Member, Subscriber};
use time::OffsetDateTime;

use crate::world::contract;

/// What a checker saw.
pub(crate) type Verdict = Result<(), String>;

/// An invariant of one moment: its row and words, and its checker.
type OfAMoment = (&'static str, fn(&Moment<'_>) -> Verdict);

/// An invariant of one step: its row and words, and its checker.
type OfAStep = (&'static str, fn(&Step<'_>) -> Verdict);

/// The books at one moment.
pub(crate) struct Moment<'a> {
    pub(crate) bank: &'a Bank,
    pub(crate) now: OffsetDateTime,
}

/// One command and what it did.
pub(crate) struct Step<'a> {
    /// The books when the command came, with all that time had done to them by then.
    pub(crate) before: &'a Bank,
    pub(crate) command: &'a Command,
    pub(crate) now: OffsetDateTime,
    pub(crate) decision: &'a Decision,
    pub(crate) after: &'a Bank,
}

/// Every invariant of one moment, by its row.
pub(crate) const OF_A_MOMENT: &[OfAMoment] = &[
    ("V1 rescue", moment::v1_rescue),
    (
        "V3 at most one accepted certificate",
        moment::v3_at_most_one_accepted,
    ),
    ("V5 complete record", moment::v5_complete_record),
    ("V6 no half flip", moment::v6_no_half_flip),
    ("V7 exclusive methods", moment::v7_exclusive_methods),
    (
        "V12 safe abort: no claim without its session",
        moment::v12_no_claim_without_its_session,
    ),
    ("V13 closed outcome set", moment::v13_closed_outcome_set),
    ("V20 PIN guard", moment::v20_pin_guard),
    ("V23 time", moment::v23_no_logon_outside_validity),
];

/// Every invariant of one step, by its row.
pub(crate) const OF_A_STEP: &[OfAStep] = &[
    (
        "V5 complete record at logon",
        step::v5_a_logon_has_a_complete_record,
    ),
    (
        "V8 one grant, one certificate",
        step::v8_one_grant_one_certificate,
    ),
    ("V9 generations only grow", step::v9_generations_only_grow),
    (
        "V10 right name on the right key",
        step::v10_right_name_on_the_right_key,
    ),
    ("V11 isolation", step::v11_isolation),
    ("V12 safe abort", step::v12_safe_abort),
    (
        "V14 no downgrade without authority",
        step::v14_no_downgrade_without_authority,
    ),
    (
        "V17 what ended stays ended",
        step::v17_what_ended_stays_ended,
    ),
    (
        "V19 an ended session has no effect",
        step::v19_an_ended_session_has_no_effect,
    ),
    (
        "V20 suspended comes in by no door",
        step::v20_suspended_comes_in_by_no_door,
    ),
    (
        "V23 nothing late is claimed",
        step::v23_nothing_late_is_claimed,
    ),
    ("V25 audit", step::v25_one_entry_per_transition),
    (
        "V26 the same message twice is once",
        step::v26_twice_is_once,
    ),
];

/// What every invariant of one moment says, broken ones only.
pub(crate) fn judge_moment(moment: &Moment<'_>) -> Verdict {
    judge(
        OF_A_MOMENT
            .iter()
            .map(|(name, check)| (*name, check(moment))),
    )
}

/// What every invariant of one step says, broken ones only.
pub(crate) fn judge_step(step: &Step<'_>) -> Verdict {
    judge(OF_A_STEP.iter().map(|(name, check)| (*name, check(step))))
}

/// `command` at `now`: what was decided, and the books before (with time passed) and after.
pub(crate) fn decided(
    bank: &Bank,
    command: &Command,
    now: OffsetDateTime,
) -> (Bank, Decision, Bank) {
    let time = Command::PassTime {
        contract: command.contract().clone(),
    };
    let before = after_decision(bank, &bank.decide(&time, now));
    let decision = bank.decide(command, now);
    let after = after_decision(bank, &decision);
    (before, decision, after)
}

/// The books with `decision` written into them.
pub(crate) fn after_decision(bank: &Bank, decision: &Decision) -> Bank {
    let mut after = bank.clone();
    for event in &decision.events {
        after.apply(event).expect("what was decided fits the books");
    }
    after
}

/// All members of the world's one contract.
pub(crate) fn members(bank: &Bank) -> Vec<(Subscriber, &Member)> {
    bank.subscribers()
        .filter(|(subscriber, _)| subscriber.contract == contract())
        .collect()
}

/// Broken if `holds` is not true.
pub(crate) fn must(holds: bool, saw: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(saw()) }
}

fn judge<'a>(verdicts: impl Iterator<Item = (&'a str, Verdict)>) -> Verdict {
    let broken: Vec<String> = verdicts
        .filter_map(|(name, verdict)| Some(format!("{name}: {}", verdict.err()?)))
        .collect();
    must(broken.is_empty(), || broken.join("\n"))
}
