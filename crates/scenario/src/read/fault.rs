//! `fault: { during, when, do, times }`, alone or in a list.

use std::num::NonZeroU32;

use sealbank_portal::{Act, FaultRule, FaultStatus, FaultVerdict, Phase, Torn};

use super::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{Action, AdministratorAct, BrowserAct, Fault, Renewal, RetrieveAct};
use crate::node::{Node, Value};
use crate::source::{At, Span};

pub(super) const KEYS: [&str; 4] = ["during", "when", "do", "times"];
/// Verdicts that need nothing more said.
pub(super) const PLAIN: [(&str, FaultVerdict); 9] = [
    ("reset", FaultVerdict::Reset),
    ("close", FaultVerdict::Close),
    ("stall", FaultVerdict::Stall),
    ("duplicate", FaultVerdict::Duplicate),
    ("crash", FaultVerdict::Crash { torn: Torn::No }),
    ("disk-full", FaultVerdict::DiskFull),
    ("ca-refuses", FaultVerdict::CaRefuses),
    ("ca-times-out", FaultVerdict::CaTimesOut),
    ("ca-errs", FaultVerdict::CaErrs),
];
pub(super) const WITH_VALUE: [&str; 4] = ["delay", "truncate", "status", "crash"];
/// What a retrieval comes by, in its order.
const RETRIEVAL: [Act; 5] = [
    Act::OpenRetrieval,
    Act::Execute,
    Act::Record,
    Act::Deliver,
    Act::Confirm,
];
/// What a renewal comes by, in its order.
const RENEWAL: [Act; 5] = [
    Act::Renew,
    Act::Execute,
    Act::Record,
    Act::Deliver,
    Act::Confirm,
];
/// How often one rule may strike in one step.
const MOST_TIMES: u32 = 1_000;

/// A fault as it is written, before it is known whether the step comes by there.
pub(super) struct Written {
    span: Span,
    during: Option<At<Act>>,
    when: At<Phase>,
    verdict: At<FaultVerdict>,
    times: NonZeroU32,
}

impl Reader<'_> {
    /// One fault, or several in a list; none when one of them can't be read.
    pub(super) fn faults(&self, node: &Node) -> Option<Vec<Written>> {
        let items = self.items(node);
        if items.is_empty() {
            let mend = "write `fault: { during: execute, when: after-commit, do: reset }`";
            return self.wrong(node, "a fault, or several", mend);
        }
        // Each is read before any is given up, so that all mistakes are found.
        let read: Vec<Option<Written>> = items.iter().map(|item| self.fault(item)).collect();
        read.into_iter().collect()
    }

    fn fault(&self, node: &Node) -> Option<Written> {
        let fields = self.fields(node, "a fault", &KEYS)?;
        let during = fields.get("during").map(|node| self.act_of_the_bank(node));
        let when = self.needed(&fields, "when", "after-commit");
        let when = when.and_then(|node| self.phase(node));
        let verdict = self.needed(&fields, "do", "reset");
        let verdict = verdict.and_then(|node| self.verdict(node));
        let times = match fields.get("times") {
            Some(node) => self.times(node),
            None => Some(NonZeroU32::MIN),
        };
        Some(Written {
            span: fields.span().clone(),
            during: match during {
                Some(read) => Some(read?),
                None => None,
            },
            when: when?,
            verdict: verdict?,
            times: times?,
        })
    }

    fn act_of_the_bank(&self, node: &Node) -> Option<At<Act>> {
        let table: Vec<(&str, Act)> = Act::ALL.iter().map(|act| (act.as_str(), *act)).collect();
        self.word(node, "business step of the bank", &table)
    }

    pub(super) fn phase(&self, node: &Node) -> Option<At<Phase>> {
        let phases = Phase::ALL.iter();
        let table: Vec<(&str, Phase)> = phases.map(|phase| (phase.as_str(), *phase)).collect();
        self.word(node, "phase", &table)
    }

    pub(super) fn verdict(&self, node: &Node) -> Option<At<FaultVerdict>> {
        let node = self.resolved(node);
        let Value::Map(entries) = &node.value else {
            if let Some(word) = node.scalar().map(|scalar| scalar.text.as_str())
                && let Some(mend) = needs_a_value(word)
            {
                let what = format!("`{word}` alone says too little");
                self.complain(Diagnostic::new(node.span.clone(), what).mend(mend));
                return None;
            }
            return self.word(node, "fault", &PLAIN);
        };
        let [(key, value)] = entries.as_slice() else {
            let mend = "write one of delay, truncate, status, crash with its value";
            return self.wrong(node, "one verdict", mend);
        };
        let verdict = match key.value.as_str() {
            "delay" => FaultVerdict::Delay(self.delay(value)?),
            "truncate" => FaultVerdict::Truncate {
                percent: self.percent(value)?,
            },
            "status" => FaultVerdict::Status(self.fault_status(value)?),
            "crash" => FaultVerdict::Crash {
                torn: self
                    .word(value, "way to crash", &[("torn", Torn::Yes)])?
                    .value,
            },
            _ => {
                let plain = PLAIN.iter().map(|(word, _)| *word);
                let valued = WITH_VALUE.iter().copied().filter(|word| *word != "crash");
                self.unknown(key, "there is no fault", plain.chain(valued));
                return None;
            }
        };
        Some(At {
            value: verdict,
            span: node.span.clone(),
        })
    }

    fn delay(&self, node: &Node) -> Option<time::Duration> {
        let delay = self.duration(node)?;
        if delay.value.is_negative() {
            return self.wrong(self.resolved(node), "a delay", "write how long: 40s");
        }
        Some(delay.value)
    }

    /// A status that a server gives which can't do more (RFC 9110, section 15; RFC 6585, section 4).
    fn fault_status(&self, node: &Node) -> Option<FaultStatus> {
        let numbers: Vec<(String, FaultStatus)> = FaultStatus::ALL
            .iter()
            .map(|status| (status.to_string(), *status))
            .collect();
        let table: Vec<(&str, FaultStatus)> = numbers
            .iter()
            .map(|(number, status)| (number.as_str(), *status))
            .collect();
        Some(self.word(node, "status", &table)?.value)
    }

    /// `50%`: how much of it still comes.
    fn percent(&self, node: &Node) -> Option<u8> {
        let node = self.resolved(node);
        let written = node
            .scalar()
            .and_then(|scalar| scalar.text.strip_suffix('%'));
        let percent = written.and_then(|digits| digits.parse::<u8>().ok());
        match percent.filter(|percent| *percent < 100) {
            Some(percent) => Some(percent),
            None => self.wrong(
                node,
                "a percentage",
                "write how much of it comes, from 0% to 99%: 50%",
            ),
        }
    }

    fn times(&self, node: &Node) -> Option<NonZeroU32> {
        let number = self.number(node, MOST_TIMES)?;
        let times = NonZeroU32::new(number.value);
        if times.is_none() {
            let what = "a fault that strikes no time shows nothing";
            let mend = "write 1 or more, or take it away";
            self.complain(Diagnostic::new(number.span, what).mend(mend));
        }
        times
    }
}

fn needs_a_value(word: &str) -> Option<&'static str> {
    match word {
        "delay" => Some("say how long: `{ delay: 40s }`"),
        "truncate" => Some("say how much of it comes: `{ truncate: 50% }`"),
        "status" => Some("say which: `{ status: 503 }`"),
        _ => None,
    }
}

impl Reader<'_> {
    /// The faults of a step that comes by where they strike; each that can't be is told with its reason.
    pub(super) fn fitting_faults(
        &self,
        written: Vec<Written>,
        verb: &At<String>,
        action: &Action,
    ) -> Option<Vec<Fault>> {
        let acts = match acts_of(action) {
            Ok(acts) => acts,
            Err(reason) => {
                for written in &written {
                    let what = format!("`{}` can't have a fault: {reason}", verb.value);
                    let mend = "put it at a step that asks the bank for a page";
                    self.complain(Diagnostic::new(written.span.clone(), what).mend(mend));
                }
                return None;
            }
        };
        // Each is judged before any is given up, so that all mistakes are found.
        let fitting: Vec<Option<Fault>> = written
            .into_iter()
            .map(|written| self.fitting_fault(written, verb, acts))
            .collect();
        fitting.into_iter().collect()
    }

    fn fitting_fault(&self, written: Written, verb: &At<String>, acts: &[Act]) -> Option<Fault> {
        let during = match (&written.during, acts) {
            (Some(during), _) if during.value == Act::Any || acts.contains(&during.value) => {
                during.value
            }
            (Some(during), _) => {
                let what = format!("`{}` never comes by {}", verb.value, during.value);
                let mend = format!("it comes by: {}", list(acts));
                self.complain(Diagnostic::new(during.span.clone(), what).mend(mend));
                return None;
            }
            (None, [only]) => *only,
            (None, _) => {
                let what = format!("`{}` is several business steps of the bank", verb.value);
                let mend = format!("say `during`, one of: {}", list(acts));
                self.complain(Diagnostic::new(written.span.clone(), what).mend(mend));
                return None;
            }
        };
        let Written {
            when,
            verdict,
            times,
            span,
            ..
        } = written;
        match FaultRule::new(during, when.value, verdict.value, times) {
            Ok(rule) => Some(Fault { span, rule }),
            Err(impossible) => {
                let place = when.span.to(&verdict.span);
                self.complain(Diagnostic::new(place, impossible.reason).mend(impossible.mend));
                None
            }
        }
    }
}

fn list(acts: &[Act]) -> String {
    let words: Vec<&str> = acts.iter().map(|act| act.as_str()).collect();
    words.join(", ")
}

/// By which business steps of the bank an action comes, of its own accord; why none of them can be disturbed.
fn acts_of(action: &Action) -> Result<&'static [Act], &'static str> {
    Ok(match action {
        Action::Retrieve(RetrieveAct {
            renewal: Renewal::No,
            ..
        }) => &RETRIEVAL,
        Action::Retrieve(_) => &RENEWAL,
        Action::LogOn { .. } => &[Act::LogOn],
        Action::LogOff => &[Act::LogOff],
        Action::Administer { act, .. } => match act {
            AdministratorAct::Register => &[Act::Register],
            AdministratorAct::Grant => &[Act::Grant],
            AdministratorAct::Reinitialize => &[Act::Reinitialise],
            AdministratorAct::Revoke(_) => &[Act::Revoke],
            AdministratorAct::LiftSuspension => &[Act::LiftSuspension],
            AdministratorAct::ResetPin(_) => &[Act::ResetPin],
            AdministratorAct::Stop => &[Act::Stop],
            AdministratorAct::Deregister => &[Act::Deregister],
        },
        Action::UnlockAdministrator => &[Act::Unlock],
        Action::Close
        | Action::Form(_)
        | Action::Browser(BrowserAct::Back(_) | BrowserAct::Refresh) => &[Act::Any],
        Action::Browser(_) | Action::Pc(_) => return Err("nothing of it reaches the bank"),
        Action::Counter(_) => return Err("what is done on paper comes over no wire"),
        Action::Clock(_) => return Err("the clock is no customer of the bank"),
        Action::RestartBank => return Err("a bank that stops in order has nothing under way"),
        Action::Check => return Err("nothing is done"),
    })
}
