//! [`Summary`]: how a run ended, in numbers, and [`RunExit`]: what that means.

use serde::{Deserialize, Serialize};

use super::Verdict;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    /// Cases that passed at the first attempt.
    pub passed: usize,
    /// Cases that passed at a later one.
    pub flaky: usize,
    /// Cases that failed.
    pub failed: usize,
    /// Cases whose world failed.
    pub broken: usize,
    /// Cases that were not begun.
    pub skipped: usize,
    /// Rows that are left out by design.
    pub left_out: usize,
    /// Expectations that could not be checked from outside the bank, of cases that were played to the end or to a failure.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_checked: usize,
    /// How long it took, in real time.
    pub duration_ms: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands fields over by reference"
)]
pub(super) fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What a run's end means to whoever called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunExit {
    /// Every selected case passed, a flaky one in the end.
    Passed,
    /// A case failed.
    Failed,
    /// The world of a case failed.
    Broken,
    /// Nothing was selected, which is never green.
    NothingSelected,
}

impl Summary {
    /// What the end means.
    #[must_use]
    pub fn exit(&self) -> RunExit {
        if self.failed > 0 {
            RunExit::Failed
        } else if self.broken > 0 {
            RunExit::Broken
        } else if self.passed + self.flaky == 0 {
            RunExit::NothingSelected
        } else {
            RunExit::Passed
        }
    }

    pub(crate) fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Flaky => self.flaky += 1,
            Verdict::Failed(_) => self.failed += 1,
            Verdict::Broken { .. } => self.broken += 1,
            Verdict::Skipped => self.skipped += 1,
        }
    }
}

impl RunExit {
    /// The exit code: 0 passed, 1 failed, 3 the world failed, 4 nothing was selected. 2 is for files that can't be
    /// read, which is known before anything is run.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Broken => 3,
            Self::NothingSelected => 4,
        }
    }
}
