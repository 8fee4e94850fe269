//! TAP, version 14 (testanything.org): one test point a case, with what is needed to understand a failure in its YAML
//! block.

use std::io::{self, Write};

use super::clean::{clean, one_line};
use super::columns;
use crate::event::{CaseResult, RunEvent, Verdict};

/// Writes TAP as the run goes on.
#[derive(Debug)]
pub struct Tap<W> {
    out: W,
    number: usize,
    trouble: Option<io::Error>,
}

impl<W: Write> Tap<W> {
    /// A report to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            number: 0,
            trouble: None,
        }
    }

    /// Takes an event. The first error of writing is kept until [`Self::finish`].
    pub fn tell(&mut self, event: &RunEvent) {
        if self.trouble.is_none() {
            self.trouble = self.write(event).err();
        }
    }

    /// Hands the stream back.
    ///
    /// # Errors
    /// The first error of writing.
    pub fn finish(self) -> io::Result<W> {
        match self.trouble {
            Some(error) => Err(error),
            None => Ok(self.out),
        }
    }

    fn write(&mut self, event: &RunEvent) -> io::Result<()> {
        match event {
            RunEvent::RunStarted { cases, driver, .. } => {
                writeln!(self.out, "TAP version 14\n1..{cases}\n# driver: {driver}")
            }
            RunEvent::CaseFinished(result) => {
                self.number += 1;
                let point = point(self.number, result) + &attempts(result);
                self.out.write_all(point.as_bytes())
            }
            RunEvent::RunFinished(summary) => {
                writeln!(self.out, "# {}", super::counts(summary))
            }
            // A test point would count as one that is fine.
            RunEvent::CaseLeftOut(row) => {
                let (id, because) = (one_line(&row.name.id), one_line(&row.because));
                writeln!(self.out, "# left out by design: {id}: {because}")
            }
            RunEvent::StepFinished(end) => {
                let mut lines = super::not_checked(end);
                lines.try_for_each(|line| writeln!(self.out, "# {line}"))
            }
            RunEvent::CaseStarted(_) => Ok(()),
        }
    }
}

fn point(number: usize, result: &CaseResult) -> String {
    let id = escaped(&result.name.id);
    let said = |ok: &str, directive: &str| format!("{ok} {number} - {id}{directive}\n");
    match &result.verdict {
        Verdict::Passed | Verdict::Flaky => {
            said("ok", "") + &block(&[("duration_ms", &result.duration_ms.to_string())])
        }
        Verdict::Skipped => said("ok", " # SKIP not begun after a failure"),
        Verdict::Broken { error } => {
            said("not ok", "") + &block(&[("message", error), ("severity", "error")])
        }
        Verdict::Failed(failure) => {
            let mut lines = vec![
                ("message".to_owned(), super::headline(failure)),
                ("severity".to_owned(), "fail".to_owned()),
            ];
            if let Some(first) = failure.complaints.first() {
                lines.push(("at".to_owned(), first.place.clone()));
                lines.push(("wanted".to_owned(), first.expected.clone()));
                lines.push(("found".to_owned(), first.actual.clone()));
            }
            lines.push(("repeat".to_owned(), failure.repeat.clone()));
            let pairs: Vec<(&str, &str)> = lines
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect();
            let trail = failure.trail.iter().map(|line| {
                let line = quoted(&columns::line(line));
                format!("    - {line}\n")
            });
            let trail: String = trail.collect();
            let mut text = block(&pairs);
            if !trail.is_empty() {
                // The list goes before the end of the block.
                text.truncate(text.len() - END.len());
                text.push_str(&format!("  trail:\n{trail}{END}"));
            }
            said("not ok", "") + &text
        }
    }
}

/// A comment for each attempt before the last one.
fn attempts(result: &CaseResult) -> String {
    let word = match result.verdict {
        Verdict::Flaky => "flaky",
        _ => "tried again",
    };
    let all = result.attempts();
    let earlier = (1..).zip(&result.earlier);
    let earlier = earlier.map(|(number, attempt)| {
        let why = super::reason(&attempt.verdict);
        format!("# {word}: attempt {number} of {all}: {why}\n")
    });
    earlier.collect()
}

const END: &str = "  ...\n";

/// A YAML block; every text is quoted, which JSON's strings are in YAML 1.2 too.
fn block(pairs: &[(&str, &str)]) -> String {
    let lines = pairs.iter().map(|(key, value)| {
        let value = match value.parse::<u64>() {
            Ok(number) => number.to_string(),
            Err(_) => quoted(value),
        };
        format!("  {key}: {value}\n")
    });
    format!("  ---\n{}{END}", lines.collect::<String>())
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(clean(text).as_ref()).to_string()
}

/// A description on one line: `#` would begin a directive, and `\` an escape.
fn escaped(text: &str) -> String {
    one_line(text).replace('\\', r"\\").replace('#', r"\#")
}
