//! Judging a step: what was claimed against what was seen.

mod fact;
mod outcome;
mod sight;
mod state;

use crate::model::{Action, Check, Claim, FormAct, Language, Renewal, Step};
use crate::observation::{Coming, Landed, Observation};
use crate::source::Span;

/// One claim that did not come true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// Where the claim stands.
    pub(crate) span: Span,
    /// What it is about.
    pub(crate) about: String,
    /// What was claimed.
    pub(crate) expected: String,
    /// What was seen.
    pub(crate) actual: String,
}

/// One claim that could not be judged, because what it is about can't be seen from outside the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unseen {
    /// Where the claim stands.
    pub(crate) span: Span,
    /// What it is about.
    pub(crate) about: String,
}

/// What judging came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Judgement {
    /// What did not come true.
    pub(crate) mismatches: Vec<Mismatch>,
    /// What could not be judged.
    pub(crate) unseen: Vec<Unseen>,
    /// How much was judged.
    pub(crate) judged: usize,
}

impl Judgement {
    fn mismatch(mismatch: Mismatch) -> Self {
        Self {
            mismatches: vec![mismatch],
            unseen: Vec::new(),
            judged: 1,
        }
    }

    /// The two together.
    pub(crate) fn add(&mut self, mut other: Self) {
        self.mismatches.append(&mut other.mismatches);
        self.unseen.append(&mut other.unseen);
        self.judged += other.judged;
    }
}

impl FromIterator<Self> for Judgement {
    fn from_iter<I: IntoIterator<Item = Self>>(all: I) -> Self {
        let mut sum = Self::default();
        all.into_iter().for_each(|one| sum.add(one));
        sum
    }
}

pub(crate) use fact::SavedValues;

/// What a claim comes to: nothing when it is true.
type Verdict = Option<(String, String, String)>;

/// Judges one step.
#[must_use]
pub(crate) fn judge(step: &Step, seen: &Observation, saved: &SavedValues) -> Judgement {
    if let Coming::DidNot(instead) = &seen.interruption {
        let span = step
            .interruption
            .as_ref()
            .map_or(&step.span, |interruption| &interruption.at.span);
        return Judgement::mismatch(Mismatch {
            span: span.clone(),
            about: "interruption".to_owned(),
            expected: "it comes about".to_owned(),
            actual: instead.clone(),
        });
    }
    let mut judgement: Judgement = idle_faults(step, seen).map(Judgement::mismatch).collect();
    if !judgement.mismatches.is_empty() {
        return judgement;
    }
    if step.must_succeed() {
        judgement.mismatches.extend(success(step, seen));
        judgement.judged += usize::from(seen.landed != Landed::Nowhere);
    }
    let checks = step.checks.iter();
    judgement.add(checks.map(|check| judged(check, seen, saved)).collect());
    judgement
}

/// The faults that never struck: what the step shows it would show without them.
fn idle_faults(step: &Step, seen: &Observation) -> impl Iterator<Item = Mismatch> {
    let faults = step.faults.iter().zip(&seen.hits);
    faults
        .filter(|(_, hits)| **hits == 0)
        .map(|(fault, _)| Mismatch {
            span: fault.span.clone(),
            about: "fault".to_owned(),
            expected: format!("{} strikes", fault.words(Language::English)),
            actual: format!("nothing came by there; the step ended on {}", seen.landed),
        })
}

/// Judges what has to hold after every step. Of a certificate or a record nothing is claimed before there is one.
#[must_use]
pub(crate) fn invariants(always: &[Check], seen: &Observation, saved: &SavedValues) -> Judgement {
    let applies = |claim: &Claim| match claim {
        claim if sight::hidden(claim, seen.sight, saved).is_some() => true,
        Claim::Certificate(_) => seen.facts.certificate.is_some(),
        Claim::Compared { fact, .. } if fact.name().starts_with("certificate.") => {
            seen.facts.certificate.is_some()
        }
        Claim::Compared { .. } => seen.facts.record.is_some(),
        Claim::Record(_) | Claim::Condition(_) | Claim::Accepted(_) | Claim::Ever(_) => {
            seen.facts.record.is_some()
        }
        _ => true,
    };
    let checks = always.iter().filter(|check| applies(&check.claim));
    let mut judgement: Judgement = checks.map(|check| judged(check, seen, saved)).collect();
    let abouts = judgement.mismatches.iter_mut().map(|one| &mut one.about);
    for about in abouts.chain(judgement.unseen.iter_mut().map(|one| &mut one.about)) {
        about.insert_str(0, "always ");
    }
    judgement
}

fn judged(check: &Check, seen: &Observation, saved: &SavedValues) -> Judgement {
    if let Claim::Meanwhile(checks) = &check.claim {
        return meanwhile(check, checks, seen, saved);
    }
    if let Some(about) = sight::hidden(&check.claim, seen.sight, saved) {
        let unseen = Unseen {
            span: check.span.clone(),
            about: about.to_owned(),
        };
        return Judgement {
            unseen: vec![unseen],
            ..Judgement::default()
        };
    }
    let verdict = outcome::verdict(&check.claim, seen)
        .or_else(|| state::verdict(&check.claim, &seen.facts))
        .or_else(|| fact::verdict(&check.claim, seen, saved));
    let mismatch = verdict.map(|(about, expected, actual)| Mismatch {
        span: check.span.clone(),
        about,
        expected,
        actual,
    });
    Judgement {
        mismatches: mismatch.into_iter().collect(),
        unseen: Vec::new(),
        judged: 1,
    }
}

/// The claims about the one who interrupted are judged as if his act had been the step.
fn meanwhile(
    check: &Check,
    checks: &[Check],
    seen: &Observation,
    saved: &SavedValues,
) -> Judgement {
    let Some(found) = &seen.meanwhile else {
        return Judgement::mismatch(Mismatch {
            span: check.span.clone(),
            about: "meanwhile".to_owned(),
            expected: "somebody interrupts".to_owned(),
            actual: "nobody did".to_owned(),
        });
    };
    let his = Observation {
        landed: found.landed.clone(),
        because: found.because.clone(),
        component: None,
        ..seen.clone()
    };
    checks
        .iter()
        .map(|check| judged(check, &his, saved))
        .collect()
}

/// A step that says nothing of its end has to succeed.
fn success(step: &Step, seen: &Observation) -> Option<Mismatch> {
    if let Action::Form(FormAct::Fill(_)) = step.action {
        // Typing into a form that was shown again with its complaints is no failure.
        return None;
    }
    let failed = match (&seen.component, &seen.landed) {
        (Some((_, said)), _) => Some(said.clone()),
        (None, Landed::TlsRefused { .. } | Landed::Lost(_) | Landed::Counter(Err(_))) => {
            Some(seen.landed.to_string())
        }
        (None, landed) if landed.refusal().is_some() => Some(landed.to_string()),
        (None, Landed::Screen(screen)) if screen.id() == "m-ERR" => Some(seen.landed.to_string()),
        (None, Landed::Screen(screen)) if !is_its_end(&step.action, screen.id()) => {
            Some(seen.landed.to_string())
        }
        _ => None,
    };
    failed.map(|actual| Mismatch {
        span: step.span.clone(),
        about: "outcome".to_owned(),
        expected: match &step.action {
            Action::Retrieve(act) if act.renewal == Renewal::Yes => {
                "the renewal completes (m-DONE)"
            }
            Action::Retrieve(_) => "the retrieval completes (m-DONE)",
            Action::LogOn { .. } => "the logon succeeds (m-STATUS)",
            _ => "it succeeds",
        }
        .to_owned(),
        actual: match &seen.because {
            Some(reason) => format!("{actual} (because: {reason})"),
            None => actual,
        },
    })
}

/// Whether a screen is one that an act ends on when it succeeds.
fn is_its_end(action: &Action, screen: &str) -> bool {
    match action {
        Action::Retrieve(_) => screen == "m-DONE",
        // A notice may stand before the status: of an old PIN, or of the certificate's coming end.
        Action::LogOn { .. } => matches!(screen, "m-STATUS" | "m-PINAGE" | "m-RENEW"),
        Action::Administer { .. } => screen == "m-ADM-USER-RES",
        Action::LogOff => screen == "m-CLOSED",
        _ => true,
    }
}
