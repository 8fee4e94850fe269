//! The list of cases, and the form by which it is filtered.

use std::collections::BTreeMap;

use super::markup::{escaped, words};
use super::seconds;
use crate::event::{CaseName, Verdict};

/// One case, ready to be shown.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) outline: Outline,
    /// The numbers of the pieces that it is made of.
    pub(super) body: Vec<usize>,
}

/// What the list says of a case.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) name: CaseName,
    pub(super) tags: Vec<String>,
    pub(super) kind: &'static Kind,
    pub(super) duration_ms: u64,
}

/// How a verdict looks: a word, a sign, and a name for the style sheet; never a colour alone.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    word: &'static str,
    sign: &'static str,
    class: &'static str,
}

impl Kind {
    const FAILED: &'static Self = &Self::new("failed", "✗", "failed");
    const BROKEN: &'static Self = &Self::new("broken", "⚠", "broken");
    const FLAKY: &'static Self = &Self::new("flaky", "↻", "flaky");
    const SKIPPED: &'static Self = &Self::new("skipped", "–", "skipped");
    /// A row that makes no sense, by its author's word.
    pub(super) const LEFT_OUT: &'static Self = &Self::new("left out", "∅", "left-out");
    const PASSED: &'static Self = &Self::new("passed", "✓", "passed");

    const ALL: [&'static Self; 6] = [
        Self::FAILED,
        Self::BROKEN,
        Self::FLAKY,
        Self::SKIPPED,
        Self::LEFT_OUT,
        Self::PASSED,
    ];

    const fn new(word: &'static str, sign: &'static str, class: &'static str) -> Self {
        Self { word, sign, class }
    }

    pub(super) fn of(verdict: &Verdict) -> &'static Self {
        match verdict {
            Verdict::Passed => Self::PASSED,
            Verdict::Flaky => Self::FLAKY,
            Verdict::Failed(_) => Self::FAILED,
            Verdict::Broken { .. } => Self::BROKEN,
            Verdict::Skipped => Self::SKIPPED,
        }
    }

    pub(super) fn is_bad(&self) -> bool {
        self == Self::FAILED || self == Self::BROKEN
    }
}

/// A case in the list.
pub(super) fn entry(number: usize, outline: &Outline, body: &str) -> String {
    let Outline {
        name,
        tags,
        kind,
        duration_ms,
    } = outline;
    let Kind { word, sign, class } = kind;
    let (open, lazy) = if body.is_empty() {
        ("", " data-lazy")
    } else {
        (" open", "")
    };
    let CaseName {
        id, ja, en, line, ..
    } = name;
    let (id, path, took) = (escaped(id), escaped(&name.path), seconds(*duration_ms));
    let words = words(ja, en);
    let shown: String = tags
        .iter()
        .map(|tag| format!(" #{}", escaped(tag)))
        .collect();
    let tags = escaped(&tags.join(" "));
    format!(
        "<details class=\"case\" id=\"c{number}\" data-verdict=\"{class}\" data-file=\"{path}\" data-tags=\"{tags}\"{lazy}{open}>\n\
         <summary><span class=\"verdict {class}\"><span aria-hidden=\"true\">{sign}</span> {word}</span>\
         <h3><code>{id}</code> {words}</h3><span class=\"meta\">{path}:{line} · {took}{shown}</span></summary>\n\
         <div class=\"body\">{body}</div>\n</details>\n"
    )
}

/// The form; what no case has can't be chosen.
pub(super) fn filters(cases: &[Listed]) -> String {
    let outlines = || cases.iter().map(|case| &case.outline);
    let files = options(outlines().map(|outline| outline.name.path.as_str()));
    let tags = options(outlines().flat_map(|outline| outline.tags.iter().map(String::as_str)));
    let tags = if tags.is_empty() {
        tags
    } else {
        format!(
            "<label>Tag <select name=\"tag\"><option value=\"\">all</option>{tags}</select></label>\n"
        )
    };
    let verdicts: String = Kind::ALL
        .iter()
        .filter_map(|kind| {
            let Kind { word, class, .. } = kind;
            let count = outlines().filter(|outline| outline.kind == *kind).count();
            (count > 0).then(|| {
                format!("<label><input type=\"checkbox\" name=\"verdict\" value=\"{class}\" checked> {word} ({count})</label>\n")
            })
        })
        .collect();
    format!(
        "<form class=\"filters\" role=\"search\" aria-label=\"Filter the cases\" hidden>\n\
         <fieldset><legend>Verdict</legend>\n{verdicts}</fieldset>\n\
         <label>Text <input type=\"search\" name=\"text\" placeholder=\"id or title\"></label>\n\
         <label>File <select name=\"file\"><option value=\"\">all</option>{files}</select></label>\n{tags}\
         <label>Words <select name=\"words\"><option value=\"ja\" lang=\"ja\">日本語</option><option value=\"en\">English</option></select></label>\n\
         <button type=\"button\" name=\"close\">Close all</button>\n\
         <output role=\"status\"></output>\n</form>\n\
         <noscript><p>Without JavaScript there are no filters, and only the cases that failed can be opened.</p></noscript>\n"
    )
}

/// An option for each different word, with how often it is there.
fn options<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    let options = counts.iter().map(|(word, count)| {
        let word = escaped(word);
        format!("<option value=\"{word}\">{word} ({count})</option>")
    });
    options.collect()
}
