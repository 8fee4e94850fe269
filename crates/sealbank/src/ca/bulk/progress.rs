//! How far a run is, for people: a bar on a terminal, a line a second elsewhere.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::source::Measure;

/// How often a bar is drawn anew.
const FRAME: Duration = Duration::from_millis(100);

/// How often a line is written.
const LINE: Duration = Duration::from_secs(1);

/// What a run has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) signed: u64,
    /// Signed by an earlier part of the run, and released again.
    pub(super) again: u64,
    pub(super) rejected: u64,
}

/// Where progress is told.
pub(super) struct Progress {
    screen: Screen,
    pace: Pace,
    measure: Measure,
}

enum Screen {
    Bar(ProgressBar),
    Lines,
    /// A program waits for the summary, and nobody looks.
    Nobody,
}

/// When to tell, and what had been done when it was told last.
struct Pace {
    period: Duration,
    told: Instant,
    done: u64,
}

impl Counts {
    /// Outcomes of any kind.
    pub(super) fn done(&self) -> u64 {
        self.signed + self.again + self.rejected
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} signed", HumanCount(self.signed))?;
        if self.again > 0 {
            write!(f, ", {} released again", HumanCount(self.again))?;
        }
        write!(f, ", {} rejected", HumanCount(self.rejected))
    }
}

/// Who hears of progress where there is no terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    People,
    Programs,
}

impl Progress {
    pub(super) fn new(measure: Measure, audience: Audience, now: Instant) -> Self {
        let screen = if io::stderr().is_terminal() {
            Screen::Bar(bar(measure.total))
        } else if audience == Audience::People {
            Screen::Lines
        } else {
            Screen::Nobody
        };
        let period = match screen {
            Screen::Bar(_) => FRAME,
            Screen::Lines | Screen::Nobody => LINE,
        };
        Self {
            screen,
            pace: Pace {
                period,
                told: now,
                done: 0,
            },
            measure,
        }
    }

    /// Tells how far it is, if it is time to.
    pub(super) fn tick(&mut self, counts: &Counts, now: Instant) {
        let Some(rate) = self.pace.due(counts.done(), now) else {
            return;
        };
        let status = format!("{counts}, {}/s", HumanCount(rate));
        match &self.screen {
            Screen::Bar(bar) => {
                bar.set_position(self.measure.read());
                bar.set_message(status);
            }
            Screen::Lines => anstream::eprintln!("{status}"),
            Screen::Nobody => {}
        }
    }

    /// Tells something else without disturbing the bar.
    pub(super) fn note(&self, note: &str) {
        match &self.screen {
            Screen::Bar(bar) => bar.suspend(|| anstream::eprintln!("{note}")),
            Screen::Lines | Screen::Nobody => anstream::eprintln!("{note}"),
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Screen::Bar(bar) = &self.screen {
            bar.finish_and_clear();
        }
    }
}

impl Pace {
    /// The outcomes a second since it was told last; `None` before it is time to tell.
    fn due(&mut self, done: u64, now: Instant) -> Option<u64> {
        let passed = now.saturating_duration_since(self.told);
        if passed < self.period {
            return None;
        }
        let more = u128::from(done - self.done);
        let rate = more * 1_000_000 / passed.as_micros().max(1);
        (self.told, self.done) = (now, done);
        Some(u64::try_from(rate).unwrap_or(u64::MAX))
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (
            ProgressBar::new(total),
            "{bar:30.green} {percent:>3}%  {msg}  {eta} left",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {elapsed}  {msg}"),
    };
    let style = ProgressStyle::with_template(template);
    bar.with_style(style.expect("the template is one of two that are written here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_since_it_was_told_last() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut pace = Pace {
            period: LINE,
            told: begin,
            done: 0,
        };
        assert_eq!(pace.due(500, at(999)), None);
        assert_eq!(pace.due(6_000, at(1_500)), Some(4_000));
        assert_eq!(pace.due(9_000, at(2_000)), None);
        assert_eq!(pace.due(9_000, at(2_500)), Some(3_000));
    }

    #[test]
    fn what_was_released_again_is_told_apart() {
        let mut counts = Counts {
            signed: 12_288,
            again: 0,
            rejected: 3,
        };
        assert_eq!(counts.to_string(), "12,288 signed, 3 rejected");
        counts.again = 1_000;
        assert_eq!(
            counts.to_string(),
            "12,288 signed, 1,000 released again, 3 rejected"
        );
        assert_eq!(counts.done(), 13_291);
    }
}
