//! [`InOrder`]: tells of cases in the order of the files, whichever came to its end first.

use std::collections::BTreeMap;

use super::Run;
use crate::case_run::CaseRun;
use crate::event::{CaseName, CaseResult, CaseStart, RunEvent, Summary};

/// Tells of cases in their order, however they come in.
pub(super) struct InOrder<'c> {
    cases: &'c [Run],
    waiting: BTreeMap<usize, CaseRun>,
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
        run: CaseRun,
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
                .unwrap_or_else(CaseRun::lost);
            tell_case(case, run, tell, summary);
            self.next += 1;
        }
    }
}

fn tell_case(planned: &Run, run: CaseRun, tell: &mut dyn FnMut(&RunEvent), summary: &mut Summary) {
    let case = &planned.case;
    let title = case.title();
    let suite = &case.scene().title;
    let written = case.place().block();
    let name = CaseName {
        id: planned.id(),
        ja: format!("{} / {}", suite.ja, title.ja),
        en: format!("{} / {}", suite.en, title.en),
        path: case.path().to_owned(),
        line: written.first_line,
    };
    summary.count(&run.verdict);
    tell(&RunEvent::CaseStarted(CaseStart {
        name: name.clone(),
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
        duration_ms: run.duration_ms,
    }));
}
