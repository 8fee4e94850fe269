//! One HTML file that holds a whole run and asks for nothing from outside: it opens offline, prints, and can be read
//! without a mouse, without colours and, for what failed, without JavaScript.
//!
//! Cases that failed are HTML at once. The others wait as pieces in a table, each piece stored once however many cases
//! share it, and are put together when somebody opens them.

mod case;
mod fragments;
mod list;
mod markup;
mod step;

use std::collections::BTreeMap;

use time::OffsetDateTime;

use self::fragments::Fragments;
use self::list::{Kind, Listed, Outline, entry, filters};
use self::markup::{escaped, escaped_json};
use crate::event::{CaseLeftOut, CaseName, CaseResult, CaseStart, RunEvent, StepEnd, Summary};
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
    cases: Vec<Listed>,
    summary: Summary,
    deselected: usize,
    driver: String,
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
            driver: String::new(),
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
            RunEvent::RunStarted {
                deselected, driver, ..
            } => {
                self.deselected = *deselected;
                self.driver = driver.to_string();
            }
            RunEvent::CaseLeftOut(row) => self.leave_out(row),
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
            let outline = &case.outline;
            let shown = outline.kind.is_bad() && at_once < AT_ONCE;
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
        let filters = filters(&self.cases);
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
        let kind = Kind::of(&result.verdict);
        self.list(&result.name, &start.tags, kind, result.duration_ms, &body);
    }

    fn leave_out(&mut self, row: &CaseLeftOut) {
        let because = escaped(&row.because);
        let body = vec![format!("<p>Left out by design: {because}</p>\n")];
        self.list(&row.name, &row.tags, Kind::LEFT_OUT, 0, &body);
    }

    fn list(
        &mut self,
        name: &CaseName,
        tags: &[String],
        kind: &'static Kind,
        duration_ms: u64,
        body: &[String],
    ) {
        let body = body.iter().map(|piece| self.fragments.keep(piece));
        self.cases.push(Listed {
            body: body.collect(),
            outline: Outline {
                name: name.clone(),
                tags: tags.to_vec(),
                kind,
                duration_ms,
            },
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
            ("Passed", self.summary.passed.to_string()),
            ("Flaky", self.summary.flaky.to_string()),
            ("Failed", self.summary.failed.to_string()),
            ("Broken", self.summary.broken.to_string()),
            ("Not begun", self.summary.skipped.to_string()),
            ("Left out by design", self.summary.left_out.to_string()),
            ("Not selected", self.deselected.to_string()),
            ("Driver", self.driver.clone()),
            ("Duration", seconds(self.summary.duration_ms)),
        ];
        if self.summary.not_checked > 0 {
            let unseen = self.summary.not_checked.to_string();
            facts.push(("Expectations not checked", unseen));
        }
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
        let bad = bad.filter(|(_, case)| case.outline.kind.is_bad());
        let links: String = bad
            .take(AT_ONCE)
            .map(|(number, case)| {
                let CaseName { id, ja, en, .. } = &case.outline.name;
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
