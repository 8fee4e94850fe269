//! A case in HTML: why it failed, its steps, and beside them the lines as they are written.

use std::collections::BTreeSet;

use super::markup::{escaped, words};
use super::step;
use crate::event::{Attempt, CaseResult, CaseStart, Complaint, Failure, StepEnd, Verdict};
use crate::report::diff::{DiffLine, diff};

/// The pieces of a case, in their order.
pub(super) fn body(start: &CaseStart, steps: &[StepEnd], result: &CaseResult) -> Vec<String> {
    let mut pieces = Vec::new();
    match &result.verdict {
        Verdict::Failed(failure) => pieces.push(why("Why it failed", failure, Some(result.steps))),
        Verdict::Broken { error } => pieces.push(format!(
            "<section class=\"why\"><h4>Why it is broken</h4><p>{}</p></section>\n",
            escaped(error)
        )),
        Verdict::Skipped => {
            pieces.push("<p>It was not begun, because a case before it failed.</p>\n".to_owned());
        }
        Verdict::Passed | Verdict::Flaky => {}
    }
    pieces.extend(before(&result.earlier, result.attempts()));
    pieces.push("<div class=\"beside\">\n".to_owned());
    if !steps.is_empty() {
        pieces.push("<section><h4>Steps</h4>\n<ol class=\"steps\">\n".to_owned());
        pieces.extend(steps.iter().flat_map(step::pieces));
        pieces.push("</ol></section>\n".to_owned());
    }
    pieces.push(written(start, &lines_that_failed(start, &result.verdict)));
    pieces.push("</div>\n".to_owned());
    pieces
}

/// The attempts before the last one, whose steps are those that are shown.
fn before(earlier: &[Attempt], attempts: usize) -> Option<String> {
    let tried: String = (1..)
        .zip(earlier)
        .map(|(number, attempt)| match &attempt.verdict {
            Verdict::Failed(failure) => {
                let title = format!("Why attempt {number} of {attempts} failed");
                why(&title, failure, None)
            }
            other => {
                let error = escaped(&crate::report::reason(other));
                format!("<section class=\"why\"><h4>Why attempt {number} of {attempts} broke</h4><p>{error}</p></section>\n")
            }
        })
        .collect();
    (!tried.is_empty()).then_some(tried)
}

fn why(title: &str, failure: &Failure, steps: Option<usize>) -> String {
    let Failure {
        step,
        ja,
        en,
        complaints,
        trail,
        repeat,
    } = failure;
    let said = words(ja, en);
    let of = steps.map_or_else(String::new, |steps| format!(" of {steps}"));
    let complaints: String = complaints.iter().map(complaint).collect();
    let timeline = if trail.is_empty() {
        String::new()
    } else {
        step::timeline("The last events", trail)
    };
    let repeat = escaped(repeat);
    format!(
        "<section class=\"why\"><h4>{title}</h4>\n<p>Step {step}{of}: {said}</p>\n{complaints}{timeline}\
         <p class=\"repeat\">Repeat: <code>{repeat}</code> \
         <button type=\"button\" class=\"copy\" data-copy=\"{repeat}\" hidden>Copy the command</button></p>\n</section>\n"
    )
}

fn complaint(complaint: &Complaint) -> String {
    let lines: String = diff(&complaint.expected, &complaint.actual)
        .into_iter()
        .map(|line| {
            let (sign, text) = (line.sign(), escaped(line.text()));
            match line {
                DiffLine::Same(_) => format!("{sign} {text}\n"),
                DiffLine::Expected(_) => format!("<del>{sign} {text}</del>\n"),
                DiffLine::Found(_) => format!("<ins>{sign} {text}</ins>\n"),
            }
        })
        .collect();
    format!(
        "<div class=\"complaint\"><pre class=\"snippet\" tabindex=\"0\" role=\"group\" aria-label=\"Where it is claimed\">{}</pre>\n\
         <p class=\"meta\">- expected, + found</p>\n<pre class=\"diff\" tabindex=\"0\" role=\"group\" aria-label=\"Expected and found\">{lines}</pre></div>\n",
        escaped(&complaint.snippet)
    )
}

/// The lines of the case, the failing ones marked.
fn written(start: &CaseStart, failing: &BTreeSet<usize>) -> String {
    let lines: String = (start.name.line..)
        .zip(start.source.lines())
        .map(|(number, line)| {
            let line = escaped(line);
            if failing.contains(&number) {
                format!("<mark><span class=\"number\">{number:>4} ✗ </span>{line}</mark>\n")
            } else {
                format!("<span class=\"number\">{number:>4}   </span>{line}\n")
            }
        })
        .collect();
    let (path, first, last) = (escaped(&start.name.path), start.name.line, start.end_line);
    format!(
        "<section class=\"written\"><h4>As it is written</h4>\n<p class=\"meta\">{path}, lines {first} to {last}</p>\n\
         <pre class=\"yaml\" tabindex=\"0\" role=\"group\" aria-label=\"The lines of the case\">{lines}</pre></section>\n"
    )
}

/// Lines of this case that something was complained about; a step of `before` stands elsewhere.
fn lines_that_failed(start: &CaseStart, verdict: &Verdict) -> BTreeSet<usize> {
    let Verdict::Failed(failure) = verdict else {
        return BTreeSet::new();
    };
    let positions = failure.complaints.iter().filter_map(Complaint::position);
    let here = positions.filter(|(path, ..)| *path == start.name.path);
    here.map(|(_, line, _)| line).collect()
}
