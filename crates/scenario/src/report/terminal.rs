//! The report for people: quiet while all is well, everything needed to understand a failure when not.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::diagnostic;
use crate::event::{
    CaseResult, Failure, Party, RunEvent, StepOutcome, Summary, TrailLine, Verdict,
};
use crate::model::Language;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// How much is shown of what went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Only failures and the end.
    #[default]
    Failures,
    /// Every case with its steps.
    Steps,
}

/// Writes as the run goes on. Colours are ANSI sequences; give it a stream that strips them where they can't be shown.
#[derive(Debug)]
pub struct Terminal<W> {
    out: W,
    language: Language,
    detail: Detail,
    failed: Vec<String>,
    trouble: Option<io::Error>,
}

impl<W: Write> Terminal<W> {
    /// A report to `out`.
    pub fn new(out: W, language: Language, detail: Detail) -> Self {
        Self {
            out,
            language,
            detail,
            failed: Vec::new(),
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
            RunEvent::RunStarted {
                cases, deselected, ..
            } => {
                let rest = match deselected {
                    0 => String::new(),
                    n => format!(" ({n} not selected)"),
                };
                writeln!(self.out, "{cases} {}{rest}", plural(*cases, "case"))
            }
            RunEvent::CaseStarted(_) => Ok(()),
            RunEvent::StepFinished(end) => match self.detail {
                Detail::Failures => Ok(()),
                Detail::Steps => {
                    let words = self.pick(&end.ja, &end.en);
                    let mark = mark(end.outcome);
                    writeln!(self.out, "  {mark} {:>2}  {words}", end.step)
                }
            },
            RunEvent::CaseFinished(result) => self.case(result),
            RunEvent::RunFinished(summary) => self.end(summary),
        }
    }

    fn case(&mut self, result: &CaseResult) -> io::Result<()> {
        let title = self.pick(&result.name.ja, &result.name.en).to_owned();
        let id = &result.name.id;
        match &result.verdict {
            Verdict::Passed if self.detail == Detail::Steps => {
                writeln!(self.out, "{GOOD}PASS{GOOD:#} {id}  {title}\n")
            }
            Verdict::Passed | Verdict::Skipped => Ok(()),
            Verdict::Failed(failure) => {
                self.failed.push(id.clone());
                writeln!(self.out, "\n{BAD}FAIL{BAD:#} {id}  {title}")?;
                self.failure(failure, result.steps)
            }
            Verdict::Broken { error } => {
                self.failed.push(id.clone());
                writeln!(self.out, "\n{BAD}BROKEN{BAD:#} {id}  {title}\n  {error}")
            }
        }
    }

    fn failure(&mut self, failure: &Failure, steps: usize) -> io::Result<()> {
        let words = self.pick(&failure.ja, &failure.en).to_owned();
        writeln!(self.out, "  step {} of {steps}: {words}", failure.step)?;
        for complaint in &failure.complaints {
            let style = diagnostic::Style::Coloured;
            let shown =
                diagnostic::snippet(&complaint.span, &complaint.about, "expected here", style);
            writeln!(self.out, "{}", indented(&shown))?;
            writeln!(
                self.out,
                "  {GOOD}- expected: {}{GOOD:#}",
                complaint.expected
            )?;
            writeln!(self.out, "  {BAD}+ found:    {}{BAD:#}", complaint.actual)?;
        }
        if !failure.trail.is_empty() {
            writeln!(self.out, "  the last events:")?;
        }
        for line in &failure.trail {
            writeln!(self.out, "  {DIM}{}{DIM:#}", trail_line(line))?;
        }
        writeln!(self.out, "  repeat: {}", failure.repeat)
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let Summary {
            passed,
            failed,
            broken,
            skipped,
            duration_ms,
        } = summary;
        if !self.failed.is_empty() {
            writeln!(self.out, "\nfailed:")?;
        }
        for id in &self.failed {
            writeln!(self.out, "  {id}")?;
        }
        let style = if *failed + *broken == 0 && *passed > 0 {
            GOOD
        } else {
            BAD
        };
        let mut parts = vec![format!("{passed} passed")];
        for (count, word) in [
            (failed, "failed"),
            (broken, "broken"),
            (skipped, "not begun"),
        ] {
            if *count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        let (seconds, tenths) = (duration_ms / 1000, duration_ms % 1000 / 100);
        let parts = parts.join(", ");
        writeln!(self.out, "{style}{parts}{style:#} in {seconds}.{tenths} s")
    }

    fn pick<'a>(&self, ja: &'a str, en: &'a str) -> &'a str {
        match self.language {
            Language::Japanese => ja,
            Language::English => en,
        }
    }
}

/// One event of a trail on one line.
pub(super) fn trail_line(line: &TrailLine) -> String {
    let party = match line.party {
        Party::Bank => "bank",
        Party::Wire => "wire",
        Party::Pc => "pc",
    };
    let time = line.at.time();
    let (hour, minute, second) = time.as_hms();
    format!(
        "{} {hour:02}:{minute:02}:{second:02} {party}  {}",
        line.at.date(),
        line.text
    )
}

fn mark(outcome: StepOutcome) -> String {
    match outcome {
        StepOutcome::Passed => format!("{GOOD}ok{GOOD:#}  "),
        StepOutcome::Failed => format!("{BAD}FAIL{BAD:#}"),
        StepOutcome::Skipped => format!("{DIM}-{DIM:#}   "),
    }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        noun.to_owned()
    } else {
        format!("{noun}s")
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}
