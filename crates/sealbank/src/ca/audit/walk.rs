//! A walk over a journal up to where it ended at the beginning, and how far it is.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use indicatif::HumanCount;
use sealbank_journal::{Entry, Journal, JournalError, Position};

/// How many entries are fetched at a time: few enough that blocks of certificates fit in memory.
const BLOCK: usize = 64;

/// How often a long walk tells how far it is.
const PERIOD: Duration = Duration::from_secs(1);

/// All entries of a journal, each link of its chain checked.
pub(super) struct Walk<'a> {
    journal: &'a dyn Journal,
    end: Position,
    after: Position,
    fetched: VecDeque<Entry>,
    pace: Pace,
    /// After an error nothing else comes.
    broken: bool,
}

/// When to tell.
struct Pace {
    began: Instant,
    told: Instant,
}

impl<'a> Walk<'a> {
    pub(super) fn over(journal: &'a dyn Journal, end: Position, now: Instant) -> Self {
        Self {
            journal,
            end,
            after: Position::START,
            fetched: VecDeque::new(),
            pace: Pace {
                began: now,
                told: now,
            },
            broken: false,
        }
    }

    fn fetch(&mut self) -> Result<(), JournalError> {
        let block = self.journal.read(self.after, BLOCK)?;
        self.fetched.extend(block);
        Ok(())
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<Entry, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken || self.after >= self.end {
            return None;
        }
        // Whoever comes for the next entry has judged the one before, which may be a block of many certificates.
        if let Some(line) = self.pace.line(self.after, self.end, Instant::now()) {
            anstream::eprintln!("{line}");
        }
        if self.fetched.is_empty()
            && let Err(error) = self.fetch()
        {
            self.broken = true;
            return Some(Err(error));
        }
        let entry = self.fetched.pop_front()?;
        self.after = entry.position();
        Some(Ok(entry))
    }
}

impl Pace {
    /// What to tell, if it is time to.
    fn line(&mut self, done: Position, end: Position, now: Instant) -> Option<String> {
        if now.saturating_duration_since(self.told) < PERIOD {
            return None;
        }
        self.told = now;
        let (done, all) = (done.get(), end.get());
        let passed = now.saturating_duration_since(self.began).as_micros();
        let left = passed * u128::from(all.saturating_sub(done)) / u128::from(done.max(1));
        Some(format!(
            "{} of {} entries audited, {} s left",
            HumanCount(done),
            HumanCount(all),
            left.div_ceil(1_000_000)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_walk_says_nothing_and_a_long_one_a_line_a_second() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut pace = Pace {
            began: begin,
            told: begin,
        };
        let mut line =
            |done, millis| pace.line(Position::new(done), Position::new(4_000), at(millis));
        assert_eq!(line(64, 999), None);
        let first = line(1_000, 2_000).unwrap();
        assert_eq!(first, "1,000 of 4,000 entries audited, 6 s left");
        assert_eq!(line(1_064, 2_500), None);
        assert!(line(2_000, 3_000).is_some());
    }
}
