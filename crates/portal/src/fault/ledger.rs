//! [`Faults`]: the rules that hold, how often each struck, and whether one of them has ended the bank.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use time::OffsetDateTime;
use tokio::sync::watch;

use super::{Act, FaultRule, FaultVerdict, Phase};

/// The rules of a running bank; clones share them.
///
/// Hand the same to the bank that starts again after a crash, and rules and counts go on with it.
///
/// ```
/// use std::num::NonZeroU32;
/// use sealbank_portal::{Act, FaultRule, Faults, FaultVerdict, Phase};
///
/// let faults = Faults::default();
/// let rule = FaultRule::new(Act::LogOn, Phase::ResponseHead, FaultVerdict::Close, NonZeroU32::MIN)?;
/// let id = faults.set(rule, None);
/// assert_eq!(faults.list()[0].left, 1);
/// assert_eq!(faults.hits(id), 0);
/// faults.clear(id);
/// assert!(faults.list().is_empty());
/// # Ok::<(), sealbank_portal::ImpossibleFault>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rules: Mutex<Rules>,
    /// Counts the changes, for whoever waits for a rule to go.
    changed: watch::Sender<u64>,
    life: watch::Sender<Life>,
}

#[derive(Debug, Default)]
struct Rules {
    last: u64,
    by_id: BTreeMap<FaultId, FaultState>,
}

/// Which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FaultId(u64);

/// A rule, and what became of it so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FaultState {
    /// Which.
    pub id: FaultId,
    /// What it says.
    #[serde(flatten)]
    pub rule: FaultRule,
    /// How often it can still strike.
    pub left: u32,
    /// How often it struck.
    pub hits: u32,
    /// When it ends by itself, on the bank's clock.
    #[serde(
        with = "time::serde::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub until: Option<OffsetDateTime>,
}

/// Where something can strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// At a phase of an exchange.
    Phase(Phase),
    /// Where the authority is asked.
    Authority,
}

/// How the bank of these rules is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    Alive,
    Crashed,
}

/// A rule that struck.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) id: FaultId,
    pub(crate) rule: FaultRule,
    pub(crate) left: u32,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            rules: Mutex::default(),
            changed: watch::Sender::new(0),
            life: watch::Sender::new(Life::Alive),
        }
    }
}

impl Faults {
    /// Lets `rule` hold, until it is used up, cleared, or the bank's clock shows `until`.
    pub fn set(&self, rule: FaultRule, until: Option<OffsetDateTime>) -> FaultId {
        let mut rules = self.rules();
        rules.last += 1;
        let id = FaultId(rules.last);
        let state = FaultState {
            id,
            left: rule.times.get(),
            rule,
            hits: 0,
            until,
        };
        rules.by_id.insert(id, state);
        id
    }

    /// Takes a rule away; says whether it was there. Exchanges that it held end.
    pub fn clear(&self, id: FaultId) -> bool {
        let found = self.rules().by_id.remove(&id).is_some();
        self.0.changed.send_modify(|changes| *changes += 1);
        found
    }

    /// Takes all rules away.
    pub fn clear_all(&self) {
        self.rules().by_id.clear();
        self.0.changed.send_modify(|changes| *changes += 1);
    }

    /// All rules in the order in which they were set, those that are used up among them.
    #[must_use]
    pub fn list(&self) -> Vec<FaultState> {
        self.rules().by_id.values().cloned().collect()
    }

    /// How often a rule struck; 0 for one that was cleared.
    #[must_use]
    pub fn hits(&self, id: FaultId) -> u32 {
        self.rules().by_id.get(&id).map_or(0, |state| state.hits)
    }

    /// Waits until a rule has ended the bank: its doors are shut, nothing is worked on. A bank that starts with these
    /// rules begins anew.
    pub async fn crashed(&self) {
        // The sender lives as long as `self`, so the wait ends by the condition alone.
        let _ = self
            .0
            .life
            .subscribe()
            .wait_for(|life| *life == Life::Crashed)
            .await;
    }

    /// What strikes here: delays, and after them at most one thing that ends the moment.
    pub(crate) fn strike(
        &self,
        place: Place,
        now: OffsetDateTime,
        concerns: impl Fn(Act) -> bool,
    ) -> Vec<Hit> {
        let mut hits = Vec::new();
        for state in self.rules().by_id.values_mut() {
            let ripe = state.left > 0 && state.until.is_none_or(|until| now < until);
            if !ripe || place_of(&state.rule) != place || !concerns(state.rule.during) {
                continue;
            }
            state.left -= 1;
            state.hits += 1;
            hits.push(Hit {
                id: state.id,
                rule: state.rule.clone(),
                left: state.left,
            });
            if !matches!(state.rule.verdict, FaultVerdict::Delay(_)) {
                break;
            }
        }
        hits
    }

    /// Whether no rule can strike any more.
    pub(crate) fn are_idle(&self) -> bool {
        self.rules().by_id.values().all(|state| state.left == 0)
    }

    /// Waits until a rule is taken away.
    pub(crate) async fn cleared(&self, id: FaultId) {
        let mut changed = self.0.changed.subscribe();
        let gone = |_: &u64| !self.rules().by_id.contains_key(&id);
        // The sender lives as long as `self`, so the wait ends by the condition alone.
        let _ = changed.wait_for(gone).await;
    }

    /// A bank starts, or has ended by a rule.
    pub(crate) fn mark(&self, life: Life) {
        self.0.life.send_replace(life);
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        // Rules change whole, so a thread that panicked has left them sound.
        self.0.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaultId {
    /// The rule that was called so in a list.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn place_of(rule: &FaultRule) -> Place {
    if rule.verdict.is_the_authoritys() {
        Place::Authority
    } else {
        Place::Phase(rule.when)
    }
}
