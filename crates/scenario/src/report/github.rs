//! GitHub: an annotation at the line of each failure, and a summary of the run in Markdown.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::clean::{clean, one_line};
use super::columns;
use super::diff::diff;
use crate::event::{CaseResult, Complaint, Failure, RunEvent, Verdict};

/// GitHub shows no more than this of a step's summary, in bytes.
const LARGEST_SUMMARY: usize = 1 << 20;

/// Writes workflow commands as the run goes on, and gathers the step summary.
#[derive(Debug)]
pub struct Github<W> {
    out: W,
    failed: String,
    left_out: usize,
    driver: String,
    counts: String,
    trouble: Option<io::Error>,
}

impl<W: Write> Github<W> {
    /// Commands go to `out`, which has to be the standard output of the job.
    pub fn new(out: W) -> Self {
        Self {
            out,
            failed: String::new(),
            left_out: 0,
            driver: String::new(),
            counts: String::new(),
            trouble: None,
        }
    }

    /// Takes an event. The first error of writing is kept until [`Self::finish`].
    pub fn tell(&mut self, event: &RunEvent) {
        match event {
            RunEvent::CaseFinished(result) => self.case(result),
            RunEvent::RunFinished(summary) => {
                let (counts, ms) = (super::counts(summary), summary.duration_ms);
                self.counts = format!("{counts} in {}.{:03} s", ms / 1000, ms % 1000);
            }
            RunEvent::RunStarted { driver, .. } => self.driver = driver.to_string(),
            RunEvent::CaseLeftOut(_) | RunEvent::CaseStarted(_) | RunEvent::StepFinished(_) => {}
        }
    }

    /// The step summary, for the file that `GITHUB_STEP_SUMMARY` names.
    ///
    /// # Errors
    /// The first error of writing the commands.
    pub fn finish(self) -> io::Result<String> {
        if let Some(error) = self.trouble {
            return Err(error);
        }
        let Self { counts, driver, .. } = &self;
        let mut text = format!("## Scenarios: {counts}, driver {driver}\n");
        text.push_str(&self.failed);
        if self.left_out > 0 {
            let _infallible = writeln!(text, "\n… and {} more", self.left_out);
        }
        Ok(text)
    }

    fn case(&mut self, result: &CaseResult) {
        let (level, sign) = match result.verdict {
            Verdict::Passed | Verdict::Skipped => return,
            Verdict::Flaky => ("warning", "⚠️ flaky: "),
            Verdict::Failed(_) | Verdict::Broken { .. } => ("error", "❌ "),
        };
        let first = result.earlier.first().map(|attempt| &attempt.verdict);
        // Of what passed in the end, the first failure is the one to look at.
        let (command, shown) = match first.filter(|_| !result.verdict.is_bad()) {
            Some(earlier) => told(level, result, earlier),
            None => told(level, result, &result.verdict),
        };
        let tried = match result.attempts() {
            1 => String::new(),
            attempts => format!("Tried {attempts} times.\n\n"),
        };
        if self.trouble.is_none() {
            self.trouble = writeln!(self.out, "{command}").err();
        }
        let (id, title) = (markdown(&result.name.id), markdown(&result.name.en));
        let entry = format!("\n### {sign}{id}\n\n{title}\n\n{tried}{shown}");
        if self.failed.len() + entry.len() < LARGEST_SUMMARY / 2 {
            self.failed.push_str(&entry);
        } else {
            self.left_out += 1;
        }
    }
}

/// The command, and what the summary shows.
fn told(level: &str, result: &CaseResult, verdict: &Verdict) -> (String, String) {
    match verdict {
        Verdict::Failed(failure) => (of_failure(level, result, failure), shown(failure)),
        Verdict::Broken { error } => {
            let place = (result.name.path.as_str(), result.name.line, None);
            let command = command(level, place, &result.name.id, error);
            (command, fenced("", error))
        }
        Verdict::Passed | Verdict::Flaky | Verdict::Skipped => (String::new(), String::new()),
    }
}

fn of_failure(level: &str, result: &CaseResult, failure: &Failure) -> String {
    let message = format!("{}\nrepeat: {}", super::headline(failure), failure.repeat);
    let place = match failure.complaints.first().and_then(Complaint::position) {
        Some((path, line, column)) => (path, line, Some(column)),
        None => (result.name.path.as_str(), result.name.line, None),
    };
    command(level, place, &result.name.id, &message)
}

/// A workflow command; properties are escaped more strictly than the message.
fn command(
    level: &str,
    (file, line, column): (&str, usize, Option<usize>),
    title: &str,
    message: &str,
) -> String {
    let column = column.map_or_else(String::new, |column| format!(",col={column}"));
    let (file, title, message) = (property(file), property(title), data(message));
    format!("::{level} file={file},line={line}{column},title={title}::{message}")
}

fn data(text: &str) -> String {
    clean(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn shown(failure: &Failure) -> String {
    let mut text = format!("Step {}: {}\n\n", failure.step, markdown(&failure.en));
    for complaint in &failure.complaints {
        text.push_str(&fenced("text", &complaint.snippet));
        let lines = diff(&complaint.expected, &complaint.actual);
        let lines: Vec<String> = lines
            .into_iter()
            .map(|line| format!("{}{}", line.sign(), line.text()))
            .collect();
        text.push_str(&fenced("diff", &lines.join("\n")));
    }
    let trail: Vec<String> = failure.trail.iter().map(columns::line).collect();
    if !trail.is_empty() {
        let trail = fenced("text", &trail.join("\n"));
        text.push_str(&format!(
            "<details><summary>The last events</summary>\n\n{trail}\n</details>\n\n"
        ));
    }
    text + &fenced("sh", &failure.repeat)
}

/// A fenced block whose fence is longer than any in the text.
fn fenced(language: &str, text: &str) -> String {
    let text = clean(text);
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

/// Plain text in Markdown: whatever could mean something there is escaped.
fn markdown(text: &str) -> String {
    let mut escaped = String::new();
    for c in one_line(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            c if c.is_ascii_punctuation() && !matches!(c, '/' | '-' | ',' | '.' | ':') => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_not_be_ended_or_extended_from_inside() {
        assert_eq!(
            command(
                "error",
                ("a,b.yaml", 3, Some(5)),
                "x::y\n",
                "100%\n::warning::no"
            ),
            "::error file=a%2Cb.yaml,line=3,col=5,title=x%3A%3Ay%0A::100%25%0A::warning::no"
        );
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("", "a"), "```\na\n```\n");
        assert_eq!(fenced("", "````"), "`````\n````\n`````\n");
    }

    #[test]
    fn markdown_means_nothing_in_a_title() {
        assert_eq!(markdown("*a* [b](c)\n<img>"), r"\*a\* \[b\]\(c\) &lt;img\>");
    }
}
