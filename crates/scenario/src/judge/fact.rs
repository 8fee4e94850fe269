//! Facts: read from what was seen, compared, and saved for later steps.

use std::collections::BTreeMap;

use super::sight::is_hidden;
use super::{Mismatch, Verdict};
use crate::model::{Claim, Fact, Operand, Reading, Saved, Step};
use crate::observation::Observation;

/// What the steps of a case have saved so far.
#[derive(Debug, Default)]
pub(crate) struct SavedValues(BTreeMap<String, Reading>);

impl SavedValues {
    /// Whether a value was saved under this name.
    pub(super) fn holds(&self, kept: &Saved) -> bool {
        self.0.contains_key(&kept.key)
    }

    /// Saves what a step saves; what is not there to be saved is a mismatch, unless it can't be seen.
    pub(crate) fn keep(&mut self, step: &Step, seen: &Observation) -> Vec<Mismatch> {
        let mut missing = Vec::new();
        for saved in &step.saves {
            match read(saved.fact, seen) {
                Some(reading) => {
                    self.0.insert(saved.key.clone(), reading);
                }
                None if is_hidden(saved.fact, seen.sight) => {}
                None => missing.push(Mismatch {
                    span: saved.name.span.clone(),
                    about: format!("save {}", saved.name.value),
                    expected: format!("{} to be saved", saved.fact.name()),
                    actual: format!("there is none; {}", seen.landed),
                }),
            }
        }
        missing
    }
}

/// A comparison. One with a value that was never saved says nothing: the reader lets no step mention a value before the
/// step that saves it, so only what runs after a failed case comes here without one.
pub(super) fn verdict(claim: &Claim, seen: &Observation, saved: &SavedValues) -> Verdict {
    let Claim::Compared {
        fact,
        relation,
        with,
    } = claim
    else {
        return None;
    };
    let (wanted, name) = match with {
        Operand::Written(reading) => (reading, String::new()),
        Operand::Saved(kept) => (saved.0.get(&kept.key)?, format!(" (${})", kept.name.value)),
    };
    let found = read(*fact, seen);
    if found
        .as_ref()
        .is_some_and(|found| relation.holds(found, wanted))
    {
        return None;
    }
    let found = found.map_or_else(
        || format!("none; {}", seen.landed),
        |found| found.to_string(),
    );
    let wanted = format!("{}{name}", relation.words(wanted));
    Some((fact.name().to_owned(), wanted, found))
}

fn read(fact: Fact, seen: &Observation) -> Option<Reading> {
    let text = |text: &str| Some(Reading::Text(text.to_owned()));
    let number = |number: usize| u64::try_from(number).ok().map(Reading::Number);
    let record = seen.facts.record.as_ref();
    let certificate = seen.facts.certificate.as_ref();
    match fact {
        Fact::Screen => text(seen.landed.screen_id()?),
        Fact::Refused => text(seen.landed.refusal()?),
        Fact::Because => text(seen.because.as_deref()?),
        Fact::Condition => text(record?.condition.name()),
        Fact::Accepted => number(record?.accepted),
        Fact::Ever => number(record?.ever),
        Fact::Serial => text(&certificate?.serial),
        Fact::CommonName => {
            let mut subject = certificate?.subject.iter();
            text(&subject.find(|(name, _)| name == "CN")?.1)
        }
        Fact::NotBefore => Some(Reading::Moment(certificate?.not_before)),
        Fact::NotAfter => Some(Reading::Moment(certificate?.not_after)),
        Fact::Account => text(&record?.account),
        Fact::Method => text(&record?.method),
        Fact::Grant => text(&record?.grant),
        Fact::Generation => Some(Reading::Number(record?.generation.into())),
        Fact::OnTheBooks => text(&record?.certificate),
        Fact::PinFailures => Some(Reading::Number(record?.pin_failures.into())),
    }
}
