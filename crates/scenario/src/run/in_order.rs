//! [`InOrder`]: tells of cases in the order of the files, whichever came to its end first.

use std::collections::BTreeMap;

use super::Run;
use super::dispatch::Tried;
use crate::case_run::CaseRun;
use crate::event::{CaseLeftOut, CaseName, CaseResult, CaseStart, RunEvent, Summary};
use crate::plan::{LeftOut, Title};
use crate::source::Span;

/// Tells of cases in their order, however they come in.
pub(super) struct InOrder<'c> {
    cases: &'c [Run],
    waiting: BTreeMap<usize, Tried>,
    next: usize,
}

impl<'c> InOrder<'c> {
    pub(super) fn new(cases: &'c [Run]) -> Self {
        Self {
            cases,
            waiting: BTreeMap::new(),
            next: 0,
        }
    }

    pub(super) fn hand_in(
        &mut self,
        index: usize,
        run: Tried,
        tell: &mut dyn FnMut(&RunEvent),
        summary: &mut Summary,
    ) {
        self.waiting.insert(index, run);
        while let Some(run) = self.waiting.remove(&self.next) {
            if let Some(case) = self.cases.get(self.next) {
                tell_case(case, run, tell, summary);
            }
            self.next += 1;
        }
    }

    pub(super) fn close(&mut self, tell: &mut dyn FnMut(&RunEvent), summary: &mut Summary) {
        while let Some(case) = self.cases.get(self.next) {
            let run = self
                .waiting
                .remove(&self.next)
                .unwrap_or_else(|| Tried::from(CaseRun::lost()));
            tell_case(case, run, tell, summary);
            self.next += 1;
        }
    }
}

/// A row that is left out by design.
pub(super) fn left_out(row: &LeftOut) -> RunEvent {
    RunEvent::CaseLeftOut(CaseLeftOut {
        name: name(row.id.clone(), &row.scene.title, &row.title, &row.case),
        tags: row.tags.iter().cloned().collect(),
        because: row.because.clone(),
    })
}

fn name(id: String, suite: &Title, title: &Title, place: &Span) -> CaseName {
    let (line, _) = place.line_and_column();
    CaseName {
        id,
        ja: format!("{} / {}", suite.ja, title.ja),
        en: format!("{} / {}", suite.en, title.en),
        path: place.file().path().to_owned(),
        line,
    }
}

fn tell_case(planned: &Run, tried: Tried, tell: &mut dyn FnMut(&RunEvent), summary: &mut Summary) {
    let case = &planned.case;
    let Tried { last: run, earlier } = tried;
    let written = case.place().block();
    let suite = &case.scene().title;
    let name = name(planned.id(), suite, case.title(), case.place());
    let not_checked = run.not_checked();
    summary.count(&run.verdict);
    summary.not_checked += not_checked;
    tell(&RunEvent::CaseStarted(CaseStart {
        name: name.clone(),
        number: planned.number,
        tags: case.tags().iter().cloned().collect(),
        end_line: written.last_line,
        source: written.text.to_owned(),
    }));
    for mut step in run.steps {
        if let RunEvent::StepFinished(end) = &mut step {
            end.case.clone_from(&name.id);
        }
        tell(&step);
    }
    tell(&RunEvent::CaseFinished(CaseResult {
        name,
        steps: case.steps().len(),
        verdict: run.verdict,
        not_checked,
        earlier,
        duration_ms: run.duration_ms,
    }));
}
