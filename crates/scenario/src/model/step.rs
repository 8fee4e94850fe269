//! [`Step`]: one line of a case, ready to be done.

use super::{Action, Check, Fault, Interruption, PersonId, PlaceChange, Saved};
use crate::event::InterruptionShown;
use crate::observation::Coming;
use crate::source::Span;

/// Somebody does something, and something is expected of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where it was written.
    pub span: Span,
    /// Who does it.
    pub actor: PersonId,
    /// Whom it is about: expectations on record, store and certificate are about him.
    pub subject: PersonId,
    /// Another seat than his own, for this step.
    pub place: PlaceChange,
    /// What he does.
    pub action: Action,
    /// What happens in the middle of it.
    pub interruption: Option<Interruption>,
    /// What goes wrong at the bank meanwhile.
    pub faults: Vec<Fault>,
    /// What has to be true afterwards.
    pub checks: Vec<Check>,
    /// What is saved of it for later steps.
    pub saves: Vec<Saved>,
    /// What the author notes about it.
    pub note: Option<String>,
    /// The flow that it is a part of, such as `rescue`.
    pub flow: Option<String>,
    /// Where the flows are called that lead to it, the innermost first.
    pub calls: Vec<Span>,
}

impl Step {
    /// What happened in the middle of it, if that came about.
    pub(crate) fn interrupted(&self, coming: &Coming) -> Option<InterruptionShown> {
        let interruption = self.interruption.as_ref()?;
        let how = interruption.how.value.name()?;
        (*coming == Coming::Came).then(|| InterruptionShown {
            at: interruption.at.value.name().to_owned(),
            how: how.to_owned(),
        })
    }

    /// Whether the step has to succeed because nothing else is said of its end.
    #[must_use]
    pub fn must_succeed(&self) -> bool {
        let told = self
            .checks
            .iter()
            .any(|check| check.claim.tells_the_outcome());
        !told && self.interruption.is_none() && self.faults.is_empty()
    }
}
