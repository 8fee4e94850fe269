//! The flow `rescue`: 再発行（初期化）, a second retrieval, and a logon that works again.

use sealbank_bank::Condition;
use sealbank_workstation::Pick;

use super::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Action, AdministratorAct, BrowserAct, Check, Claim, LogonWay, PersonId, PlaceChange, Renewal,
    RetrieveAct, Step,
};
use crate::node::Node;
use crate::source::{At, Span};

impl Reader<'_> {
    /// 再発行（初期化） and a second retrieval, all of it expected to succeed (L3 to L6, L15).
    pub(super) fn rescue(
        &self,
        verb: &At<String>,
        arguments: &Node,
        checks: Vec<Check>,
    ) -> Option<Vec<Step>> {
        let fields = self.arguments_of(verb, arguments)?;
        let who = match fields.get("who") {
            Some(node) => self.person(node)?.value,
            None => self.first_user()?,
        };
        if self.roster.person(who).is_administrator() {
            let what = "an administrator is rescued by the bank's counter";
            let mend = "use counter.reinitialize, and administrator.retrieve after it";
            self.complain(Diagnostic::new(verb.span.clone(), what).mend(mend));
            return None;
        }
        let administrator = self.administrator_of(who, &verb.span)?;
        Some(flow(&verb.span, who, administrator, checks))
    }
}

/// The manual's one rescue, ending with a logon that works and is closed again.
fn flow(span: &Span, who: PersonId, administrator: PersonId, mut checks: Vec<Check>) -> Vec<Step> {
    let is = |condition| Claim::Condition(condition);
    let by_certificate = LogonWay::Certificate(Pick::Newest);
    let log_on = |way| Action::LogOn { way, pin: None };
    let retrieve = Action::Retrieve(RetrieveAct {
        renewal: Renewal::No,
        pin: None,
        popups: None,
        key: None,
    });
    let reinitialize = Action::Administer {
        act: AdministratorAct::Reinitialize,
        way: LogonWay::IdPin,
        confirmation: None,
    };
    let acts = [
        (reinitialize, Some(is(Condition::AwaitingRetrieval))),
        (log_on(LogonWay::IdPin), None),
        (Action::LogOff, None),
        (retrieve, Some(is(Condition::Usable))),
        (Action::Close, None),
        (Action::Browser(BrowserAct::CloseAll), None),
        (log_on(by_certificate), Some(Claim::Accepted(1))),
        (Action::LogOff, Some(is(Condition::Usable))),
    ];
    let last = acts.len() - 1;
    acts.into_iter()
        .enumerate()
        .map(|(index, (action, claim))| {
            let claim = claim.map(|claim| Check {
                span: span.clone(),
                claim,
            });
            let mut own: Vec<Check> = claim.into_iter().collect();
            if index == last {
                own.append(&mut checks);
            }
            Step {
                span: span.clone(),
                actor: match action {
                    Action::Administer { .. } => administrator,
                    _ => who,
                },
                subject: who,
                place: PlaceChange::default(),
                action,
                interruption: None,
                faults: Vec::new(),
                checks: own,
                saves: Vec::new(),
                note: None,
                flow: Some("rescue".to_owned()),
                calls: Vec::new(),
            }
        })
        .collect()
}
