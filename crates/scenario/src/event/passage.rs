//! What a step went through, for whoever counts what a run has covered: [`TransitionShown`] and [`InterruptionShown`].

use sealbank_bank::{Standing, Transition};
use serde::{Deserialize, Serialize};

/// A row of the transition table that somebody took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TransitionShown {
    /// The row, such as `T04`.
    pub row: Transition,
    /// Where he stood on the bank's books before.
    pub from: Standing,
}

/// An interruption that came about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct InterruptionShown {
    /// At which point of the retrieval.
    pub at: String,
    /// What interrupted it, as it is written; without names of people.
    pub how: String,
}
