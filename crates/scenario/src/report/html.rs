//! One HTML file that holds a whole run and asks for nothing from outside: it opens offline, prints, and can be read
//! without a mouse, without colours and, for what failed, without JavaScript.
//!
//! Cases that failed are HTML at once. The others wait as pieces in a table, each piece stored once however many cases
//! share it, and are put together when somebody opens them.

mod case;
mod fragments;
mod markup;
mod step;

use std::collections::BTreeMap;

use time::OffsetDateTime;

use self::fragments::Fragments;
use self::markup::{escaped, escaped_json};
use crate::event::{CaseResult, CaseStart, RunEvent, StepEnd, Summary, Verdict};
use crate::model::Language;

/// As many failed cases are HTML at once; with more, a browser would take too long to open the file.
const AT_ONCE: usize = 200;

/// Gathers a run for an HTML report.
#[derive(Debug)]
pub struct Html {
    language: Language,
    began: Option<OffsetDateTime>,
    fragments: Fragments,
    open: Option<(CaseStart, Vec<StepEnd>)>,
    cases: Vec<Case>,
    summary: Summary,
    deselected: usize,
}

/// One case, ready to be shown.
#[derive(Debug)]
struct Case {
    result: Outline,
    body: Vec<usize>,
}

/// What the list says of a case.
#[derive(Debug)]
struct Outline {
    id: String,
    ja: String,
    en: String,
    path: String,
    line: usize,
    verdict: &'static Kind,
    duration_ms: u64,
}

/// How a verdict looks: a word, a sign, and a name for the style sheet; never a colour alone.
#[derive(Debug)]
struct Kind {
    word: &'static str,
    sign: &'static str,
}

const PASSED: Kind = Kind {
    word: "passed",
    sign: "✓",
};
const FAILED: Kind = Kind {
    word: "failed",
    sign: "✗",
};
const BROKEN: Kind = Kind {
    word: "broken",
    sign: "⚠",
};
const SKIPPED: Kind = Kind {
    word: "skipped",
    sign: "–",
};

impl Kind {
    const ALL: [&'static Self; 4] = [&FAILED, &BROKEN, &SKIPPED, &PASSED];

    fn of(verdict: &Verdict) -> &'static Self {
        match verdict {
            Verdict::Passed => &PASSED,
            Verdict::Failed(_) => &FAILED,
            Verdict::Broken { .. } => &BROKEN,
            Verdict::Skipped => &SKIPPED,
        }
    }

    fn is_bad(&self) -> bool {
        self.word == FAILED.word || self.word == BROKEN.word
    }
}

impl Html {
    /// A report that shows titles and steps in `language` first; a reader can change it where scripts run.
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self {
            language,
            began: None,
            fragments: Fragments::default(),
            open: None,
            cases: Vec::new(),
            summary: Summary::default(),
            deselected: 0,
        }
    }

    /// Says when the run began, in real time; nothing is said of it otherwise.
    #[must_use]
    pub fn began_at(self, now: OffsetDateTime) -> Self {
        Self {
            began: Some(now),
            ..self
        }
    }

    /// Takes an event.
    pub fn tell(&mut self, event: &RunEvent) {
        match event {
            RunEvent::RunStarted { deselected, .. } => self.deselected = *deselected,
            RunEvent::CaseStarted(start) => self.open = Some((start.clone(), Vec::new())),
            RunEvent::StepFinished(end) => {
                if let Some((_, steps)) = &mut self.open {
                    steps.push((**end).clone());
                }
            }
            RunEvent::CaseFinished(result) => self.close(result),
            RunEvent::RunFinished(summary) => self.summary = summary.clone(),
        }
    }

    /// The report.
    #[must_use]
    pub fn finish(&self) -> String {
        let mut lazy = Fragments::default();
        let mut at_once = 0;
        let mut list = String::new();
        let mut bodies = Vec::new();
        for (number, case) in self.cases.iter().enumerate() {
            let outline = &case.result;
            let shown = outline.verdict.is_bad() && at_once < AT_ONCE;
            let body = if shown {
                at_once += 1;
                case.body
                    .iter()
                    .map(|piece| self.fragments.get(*piece))
                    .collect()
            } else {
                let pieces = case
                    .body
                    .iter()
                    .map(|piece| lazy.keep(self.fragments.get(*piece)));
                bodies.push((number, pieces.collect::<Vec<_>>()));
                String::new()
            };
            list.push_str(&entry(number, outline, &body));
        }
        let (head, failures) = (self.head(), self.failures());
        let filters = self.filters();
        let store = store(&lazy, &bodies);
        let language = match self.language {
            Language::Japanese => "ja",
            Language::English => "en",
        };
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\" data-words=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
             <title>sealbank: {title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#cases\">To the cases</a>\n{head}{failures}<main>\n\
             <h2 id=\"cases\" tabindex=\"-1\">Cases</h2>\n{filters}<div class=\"list\">\n{list}</div>\n</main>\n\
             <footer><p>Fictional, TEST ONLY: no real bank, company or person.</p></footer>\n\
             <script type=\"application/json\" id=\"store\">{store}</script>\n<script>\n{script}</script>\n</body>\n</html>\n",
            title = escaped(&super::counts(&self.summary)),
            style = include_str!("html/page.css"),
            script = include_str!("html/page.js"),
        )
    }

    fn close(&mut self, result: &CaseResult) {
        let Some((start, steps)) = self.open.take() else {
            return;
        };
        let body = case::body(&start, &steps, result);
        let body = body
            .iter()
            .map(|piece| self.fragments.keep(piece))
            .collect();
        let name = &result.name;
        self.cases.push(Case {
            result: Outline {
                id: name.id.clone(),
                ja: name.ja.clone(),
                en: name.en.clone(),
                path: name.path.clone(),
                line: name.line,
                verdict: Kind::of(&result.verdict),
                duration_ms: result.duration_ms,
            },
            body,
        });
    }

    fn head(&self) -> String {
        let verdict = match self.summary.exit() {
            crate::event::RunExit::Passed => "All passed",
            crate::event::RunExit::Failed => "Failed",
            crate::event::RunExit::Broken => "Broken",
            crate::event::RunExit::NothingSelected => "Nothing was run",
        };
        let mut facts = vec![
            ("Cases", self.cases.len().to_string()),
            ("Passed", self.summary.passed.to_string()),
            ("Failed", self.summary.failed.to_string()),
            ("Broken", self.summary.broken.to_string()),
            ("Not begun", self.summary.skipped.to_string()),
            ("Not selected", self.deselected.to_string()),
            ("Duration", seconds(self.summary.duration_ms)),
        ];
        if let Some(began) = self.began {
            let at = began.to_offset(time::UtcOffset::UTC);
            facts.push((
                "Began (UTC)",
                format!("{} {}", at.date(), super::columns::clock(at)),
            ));
        }
        let facts: String = facts
            .iter()
            .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n"))
            .collect();
        let mood = if self.summary.exit() == crate::event::RunExit::Passed {
            "good"
        } else {
            "bad"
        };
        format!(
            "<header>\n<h1>Scenario run: <span class=\"{mood}\">{verdict}</span></h1>\n<dl class=\"facts\">\n{facts}</dl>\n</header>\n"
        )
    }

    /// Links to what failed, so that nobody has to look for it.
    fn failures(&self) -> String {
        let bad = self.cases.iter().enumerate();
        let bad = bad.filter(|(_, case)| case.result.verdict.is_bad());
        let links: String = bad
            .take(AT_ONCE)
            .map(|(number, case)| {
                let Outline { id, ja, en, .. } = &case.result;
                let words = markup::words(ja, en);
                format!(
                    "<li><a href=\"#c{number}\">{}</a> {words}</li>\n",
                    escaped(id)
                )
            })
            .collect();
        if links.is_empty() {
            return String::new();
        }
        format!(
            "<nav aria-labelledby=\"failures\">\n<h2 id=\"failures\">Failures</h2>\n<ul>\n{links}</ul>\n</nav>\n"
        )
    }

    fn filters(&self) -> String {
        let mut files: BTreeMap<&str, usize> = BTreeMap::new();
        for case in &self.cases {
            *files.entry(&case.result.path).or_default() += 1;
        }
        let files: String = files
            .iter()
            .map(|(path, count)| {
                let path = escaped(path);
                format!("<option value=\"{path}\">{path} ({count})</option>")
            })
            .collect();
        let verdicts: String = Kind::ALL
            .iter()
            .filter_map(|kind| {
                let word = kind.word;
                let count = self.cases.iter().filter(|c| c.result.verdict.word == word).count();
                (count > 0).then(|| {
                    format!("<label><input type=\"checkbox\" name=\"verdict\" value=\"{word}\" checked> {word} ({count})</label>\n")
                })
            })
            .collect();
        format!(
            "<form class=\"filters\" role=\"search\" aria-label=\"Filter the cases\" hidden>\n\
             <fieldset><legend>Verdict</legend>\n{verdicts}</fieldset>\n\
             <label>Text <input type=\"search\" name=\"text\" placeholder=\"id or title\"></label>\n\
             <label>File <select name=\"file\"><option value=\"\">all</option>{files}</select></label>\n\
             <label>Words <select name=\"words\"><option value=\"ja\" lang=\"ja\">日本語</option><option value=\"en\">English</option></select></label>\n\
             <button type=\"button\" name=\"close\">Close all</button>\n\
             <output role=\"status\"></output>\n</form>\n\
             <noscript><p>Without JavaScript there are no filters, and only the cases that failed can be opened.</p></noscript>\n"
        )
    }
}

/// A case in the list.
fn entry(number: usize, outline: &Outline, body: &str) -> String {
    let Outline {
        id,
        ja,
        en,
        path,
        line,
        verdict,
        duration_ms,
    } = outline;
    let Kind { word, sign } = verdict;
    let (open, lazy) = if body.is_empty() {
        ("", " data-lazy")
    } else {
        (" open", "")
    };
    let (id, path, took) = (escaped(id), escaped(path), seconds(*duration_ms));
    let words = markup::words(ja, en);
    format!(
        "<details class=\"case\" id=\"c{number}\" data-verdict=\"{word}\" data-file=\"{path}\"{lazy}{open}>\n\
         <summary><span class=\"verdict {word}\"><span aria-hidden=\"true\">{sign}</span> {word}</span>\
         <h3><code>{id}</code> {words}</h3><span class=\"meta\">{path}:{line} · {took}</span></summary>\n\
         <div class=\"body\">{body}</div>\n</details>\n"
    )
}

/// What the script puts together: the pieces, and which ones each case is made of.
fn store(pieces: &Fragments, bodies: &[(usize, Vec<usize>)]) -> String {
    let cases: BTreeMap<String, &Vec<usize>> = bodies
        .iter()
        .map(|(number, pieces)| (format!("c{number}"), pieces))
        .collect();
    let store = serde_json::json!({ "pieces": pieces.all(), "cases": cases });
    escaped_json(&store.to_string())
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03} s", ms / 1000, ms % 1000)
}
