//! The report for people: quiet while all is well, everything needed to understand a failure when not.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::clean::clean;
use super::columns;
use super::diff::{DiffLine, diff, has_lines};
use super::slow::Slow;
use crate::event::{
    CaseResult, Complaint, Failure, RunEvent, RunExit, StepEnd, StepOutcome, Summary, Verdict,
};
use crate::model::Language;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default();
const DIM: Style = Style::new().dimmed();

/// How many failures the end of the report repeats in full; of the others it names the cases.
const REPEATED: usize = 20;

/// How much is shown of what went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Detail {
    /// Only failures and the end.
    #[default]
    Failures,
    /// Every case with its steps.
    Steps,
    /// The same, and what bank, wire and PCs did during each step.
    Trails,
}

/// Writes as the run goes on. Colours are ANSI sequences; give it a stream that strips them where they can't be shown.
#[derive(Debug)]
pub struct Terminal<W> {
    out: W,
    language: Language,
    detail: Detail,
    width: Option<usize>,
    cases: usize,
    failures: Failures,
    flaky: Vec<String>,
    slow: Slow,
    trouble: Option<io::Error>,
}

/// What is said again at the end.
#[derive(Debug, Default)]
struct Failures {
    shown: Vec<String>,
    ids: Vec<String>,
}

impl<W: Write> Terminal<W> {
    /// A report to `out`, which has no width of its own: nothing stands side by side.
    pub fn new(out: W, language: Language, detail: Detail) -> Self {
        Self {
            out,
            language,
            detail,
            width: None,
            cases: 0,
            failures: Failures::default(),
            flaky: Vec::new(),
            slow: Slow::default(),
            trouble: None,
        }
    }

    /// The same for a terminal with so many columns: where they are enough, the parties stand side by side.
    #[must_use]
    pub fn with_width(self, columns: usize) -> Self {
        Self {
            width: Some(columns),
            ..self
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
                cases,
                deselected,
                driver,
                ..
            } => {
                self.cases = *cases;
                let rest = match deselected {
                    0 => String::new(),
                    n => format!(" ({n} not selected)"),
                };
                let noun = plural(*cases, "case");
                writeln!(self.out, "{cases} {noun}{rest}, driver {driver}")
            }
            RunEvent::CaseLeftOut(_) | RunEvent::CaseStarted(_) => Ok(()),
            RunEvent::StepFinished(end) => match self.detail {
                Detail::Failures => Ok(()),
                Detail::Steps | Detail::Trails => self.step(end),
            },
            RunEvent::CaseFinished(result) => self.case(result),
            RunEvent::RunFinished(summary) => self.end(summary),
        }
    }

    fn step(&mut self, end: &StepEnd) -> io::Result<()> {
        let words = self.pick(&end.ja, &end.en);
        let mark = mark(end.outcome);
        writeln!(self.out, "  {mark} {:>2}  {words}", end.step)?;
        for line in super::not_checked(end) {
            writeln!(self.out, "           {WARN}{line}{WARN:#}")?;
        }
        if self.detail < Detail::Trails {
            return Ok(());
        }
        let width = self.width.map(|width| width.saturating_sub(11));
        for line in columns::trail(&end.trail, width) {
            writeln!(self.out, "           {DIM}{}{DIM:#}", clean(&line))?;
        }
        Ok(())
    }

    fn case(&mut self, result: &CaseResult) -> io::Result<()> {
        self.slow.hear(&result.name.id, result.duration_ms);
        // Colours are ours alone: what a page or a file says must not steer the terminal.
        let title = clean(self.pick(&result.name.ja, &result.name.en));
        let id = &result.name.id;
        let shown = match &result.verdict {
            Verdict::Passed if self.detail >= Detail::Steps => {
                return writeln!(self.out, "{GOOD}PASS{GOOD:#} {id}  {title}\n");
            }
            Verdict::Passed | Verdict::Skipped => return Ok(()),
            Verdict::Flaky => return self.flaky(result),
            Verdict::Failed(failure) => {
                let head = format!("{BAD}FAIL{BAD:#} {id}  {title}\n");
                head + &tried(result) + &self.failure(failure, result.steps)
            }
            Verdict::Broken { error } => {
                let error = clean(error);
                format!(
                    "{BAD}BROKEN{BAD:#} {id}  {title}\n{}  {error}\n",
                    tried(result)
                )
            }
        };
        write!(self.out, "\n{shown}")?;
        self.failures.ids.push(id.clone());
        if self.failures.shown.len() < REPEATED {
            self.failures.shown.push(shown);
        }
        Ok(())
    }

    /// What passed in the end is told once, with what went wrong before.
    fn flaky(&mut self, result: &CaseResult) -> io::Result<()> {
        let id = &result.name.id;
        let title = clean(self.pick(&result.name.ja, &result.name.en));
        let attempts = result.attempts();
        let mut text = format!("\n{WARN}FLAKY{WARN:#} {id}  {title}\n");
        text.push_str(&format!("  passed at attempt {attempts}\n"));
        for (number, attempt) in (1..).zip(&result.earlier) {
            let why = super::reason(&attempt.verdict);
            text.push_str(&format!("  attempt {number}: {why}\n"));
        }
        self.flaky.push(id.clone());
        self.out.write_all(text.as_bytes())
    }

    fn failure(&self, failure: &Failure, steps: usize) -> String {
        let words = self.pick(&failure.ja, &failure.en);
        let mut text = format!("  step {} of {steps}: {words}\n", failure.step);
        for complaint in &failure.complaints {
            text.push_str(&self::complaint(complaint));
        }
        if !failure.trail.is_empty() {
            text.push_str("  the last events:\n");
        }
        let width = self.width.map(|width| width.saturating_sub(2));
        for line in columns::trail(&failure.trail, width) {
            text.push_str(&format!("  {DIM}{}{DIM:#}\n", clean(&line)));
        }
        text + &format!("  repeat: {}\n", failure.repeat)
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        self.say_again()?;
        for id in &self.flaky {
            writeln!(self.out, "{WARN}flaky{WARN:#}  {id}")?;
        }
        for line in self.slow.lines() {
            writeln!(self.out, "{WARN}slow{WARN:#}  {line}")?;
        }
        let style = if summary.exit() == RunExit::Passed {
            GOOD
        } else {
            BAD
        };
        let counts = super::counts(summary);
        let (seconds, tenths) = (summary.duration_ms / 1000, summary.duration_ms % 1000 / 100);
        writeln!(self.out, "{style}{counts}{style:#} in {seconds}.{tenths} s")
    }

    /// What failed long ago has scrolled away; where there was only one case, it still stands there.
    fn say_again(&mut self) -> io::Result<()> {
        let Failures { shown, ids } = std::mem::take(&mut self.failures);
        if ids.is_empty() || self.cases == 1 {
            return Ok(());
        }
        writeln!(self.out, "\n{BAD}failures:{BAD:#}")?;
        for failure in &shown {
            write!(self.out, "\n{failure}")?;
        }
        writeln!(self.out, "\nfailed:")?;
        for id in &ids {
            writeln!(self.out, "  {id}")?;
        }
        Ok(())
    }

    fn pick<'a>(&self, ja: &'a str, en: &'a str) -> &'a str {
        match self.language {
            Language::Japanese => ja,
            Language::English => en,
        }
    }
}

fn complaint(complaint: &Complaint) -> String {
    let mut text = String::new();
    let shown = clean(&complaint.snippet);
    // The calls follow in a style of their own.
    let lines = shown.lines();
    for line in lines.take_while(|line| !line.starts_with("called from ")) {
        text.push_str(&snippet_line(line));
    }
    for place in &complaint.called_from {
        text.push_str(&format!("  {DIM}called from {place}{DIM:#}\n"));
    }
    let (expected, found) = (clean(&complaint.expected), clean(&complaint.actual));
    if !has_lines(&expected, &found) {
        text.push_str(&format!("  {GOOD}- expected: {expected}{GOOD:#}\n"));
        text.push_str(&format!("  {BAD}+ found:    {found}{BAD:#}\n"));
        return text;
    }
    text.push_str(&format!(
        "  {GOOD}- expected{GOOD:#}\n  {BAD}+ found{BAD:#}\n"
    ));
    for line in diff(&expected, &found) {
        let style = match line {
            DiffLine::Same(_) => Style::new(),
            DiffLine::Expected(_) => GOOD,
            DiffLine::Found(_) => BAD,
        };
        let (sign, said) = (line.sign(), line.text());
        text.push_str(&format!("  {style}{sign} {said}{style:#}\n"));
    }
    text
}

/// A line of a snippet; the carets stand out.
fn snippet_line(line: &str) -> String {
    match line.split_once("| ") {
        Some((margin, said)) if said.trim_start().starts_with('^') => {
            format!("  {margin}| {BAD}{said}{BAD:#}\n")
        }
        _ => format!("  {line}\n"),
    }
}

/// How often a case was tried, if it was more than once.
fn tried(result: &CaseResult) -> String {
    match result.attempts() {
        1 => String::new(),
        attempts => format!("  failed at each of {attempts} attempts; this is the last one\n"),
    }
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
