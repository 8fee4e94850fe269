//! [`FaultRule`]: one thing that is to go wrong, and how often.

use std::fmt;
use std::num::NonZeroU32;

use serde::Serialize;

use super::possible::{ImpossibleFault, impossible};
use super::{Act, FaultVerdict, Phase};

/// "During this step, at this phase, do that, so many times."
///
/// ```
/// use std::num::NonZeroU32;
/// use sealbank_portal::{Act, FaultRule, FaultVerdict, Phase};
///
/// let once = NonZeroU32::MIN;
/// let rule = FaultRule::new(Act::Deliver, Phase::AfterCommit, FaultVerdict::Reset, once)?;
/// assert_eq!(rule.to_string(), "reset during deliver at after-commit");
///
/// let impossible = FaultRule::new(Act::LogOn, Phase::Connect, FaultVerdict::DiskFull, once);
/// assert!(impossible.is_err(), "nothing is recorded when a connection comes in");
/// # Ok::<(), sealbank_portal::ImpossibleFault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FaultRule {
    /// During which step.
    pub during: Act,
    /// At which phase of it.
    pub when: Phase,
    /// What goes wrong.
    #[serde(rename = "do")]
    pub verdict: FaultVerdict,
    /// How often, before the rule is used up.
    pub times: NonZeroU32,
}

impl FaultRule {
    /// A rule that can strike.
    ///
    /// # Errors
    /// [`ImpossibleFault`] says why the step has no such phase, or why the phase can't go wrong like that.
    pub fn new(
        during: Act,
        when: Phase,
        verdict: FaultVerdict,
        times: NonZeroU32,
    ) -> Result<Self, ImpossibleFault> {
        match impossible(during, when, verdict) {
            Some(problem) => Err(problem),
            None => Ok(Self {
                during,
                when,
                verdict,
                times,
            }),
        }
    }
}

impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} during {} at {}",
            self.verdict, self.during, self.when
        )
    }
}
