//! A step: one verb with what belongs to it, and what is expected.

use sealbank_bank::Settings;
use sealbank_workstation::Point;

use super::Reader;
use super::verbs::VERBS;
use crate::diagnostic::Diagnostic;
use crate::model::{Action, How, Interruption, PersonId, PlaceChange, Renewal, Step};
use crate::node::{Node, Value};
use crate::source::Span;

/// What may stand beside the verb.
pub(super) const SIBLINGS: [&str; 6] = ["expect", "fault", "interrupt", "note", "save", "with"];

/// What a verb with its arguments comes to.
pub(super) struct Deed {
    pub(super) actor: PersonId,
    pub(super) subject: PersonId,
    pub(super) place: PlaceChange,
    pub(super) action: Action,
}

impl Reader<'_> {
    /// Reads a list of steps; those that can't be read are left out, and complained about.
    pub(super) fn steps(&self, node: &Node, settings: &Settings) -> Vec<Step> {
        let node = self.resolved(node);
        let Value::List(items) = &node.value else {
            self.wrong::<()>(node, "a list of steps", "begin each step with `- `");
            return Vec::new();
        };
        let mut reader = self.with_scope(self.scope.clone());
        let mut steps = Vec::new();
        for item in items {
            let read = reader.step(item, settings).unwrap_or_default();
            if read.iter().any(|step| !step.saves.is_empty()) {
                reader = reader.with_saved(&read);
            }
            steps.extend(read);
        }
        steps
    }

    fn step(&self, node: &Node, settings: &Settings) -> Option<Vec<Step>> {
        let example = "write `- user.retrieve: { as: $taro }`";
        let Some(entries) = node.entries().filter(|entries| !entries.is_empty()) else {
            return self.wrong(node, "a step", example);
        };
        let is_verb = |key: &str| !SIBLINGS.contains(&key);
        let mut verbs = entries.iter().filter(|(key, _)| is_verb(&key.value));
        let Some((verb, arguments)) = verbs.next() else {
            let what = "the step has no verb";
            self.complain(Diagnostic::new(node.span.clone(), what).mend(example));
            return None;
        };
        for (second, _) in verbs {
            let what = format!("`{}` is the second verb of this step", second.value);
            let mend = "one step has one verb; begin another step with `- `";
            let known = VERBS.contains(&second.value.as_str());
            if known {
                self.complain(Diagnostic::new(second.span.clone(), what).mend(mend));
            } else {
                let known = SIBLINGS.into_iter();
                self.unknown(second, "beside its verb a step has no", known);
            }
        }
        let sibling = |name: &str| {
            entries
                .iter()
                .find(|(key, _)| key.value == name)
                .map(|(_, node)| node)
        };
        let note = sibling("note").and_then(|node| self.text(node));
        // Each part is read before any is given up, so that all mistakes are found.
        let checks = sibling("expect").map_or_else(Vec::new, |node| self.checks(node));
        let interruption = sibling("interrupt").map(|node| (node, self.interruption(node)));
        let faults = sibling("fault").map(|node| self.faults(node));
        let saves = sibling("save").map_or_else(Vec::new, |node| self.saves(node));
        let with = sibling("with");
        if let (true, Some(saved)) = (["flow", "rescue"].contains(&&*verb.value), saves.first()) {
            let what = format!("`{}` saves nothing itself", verb.value);
            let mend = "let a `check` behind it save";
            self.complain(Diagnostic::new(saved.name.span.clone(), what).mend(mend));
        }
        if ["flow", "rescue"].contains(&&*verb.value) {
            for name in ["interrupt", "fault"] {
                if let Some(node) = sibling(name) {
                    let what = format!(
                        "`{}` is several steps, and has no `{name}` itself",
                        verb.value
                    );
                    let mend = "put it at the step that is meant";
                    self.complain(Diagnostic::new(node.span.clone(), what).mend(mend));
                }
            }
        }
        if verb.value == "flow" {
            return self.call(verb, arguments, with, checks, settings);
        }
        if let Some(with) = with {
            let what = "only a flow is called with arguments";
            let mend = "write them behind the verb";
            self.complain(Diagnostic::new(with.span.clone(), what).mend(mend));
        }
        if verb.value == "rescue" {
            return self.rescue(verb, arguments, checks);
        }
        let deed = self.deed(verb, arguments, settings)?;
        let faults = match faults {
            None => Some(Vec::new()),
            Some(read) => read.and_then(|read| self.fitting_faults(read, verb, &deed.action)),
        };
        let interruption = match interruption {
            None => None,
            Some((node, read)) => Some(self.fitting(node, read?, &deed.action, settings)?),
        };
        let place = self.roster.person(deed.actor).place.changed(&deed.place);
        if deed.place != PlaceChange::default() {
            // A later `pc.use` may have moved him; then the driver says what is missing.
            self.place_must_be_there(&place, &verb.span);
        }
        Some(vec![Step {
            span: verb.span.clone(),
            actor: deed.actor,
            subject: deed.subject,
            place: deed.place,
            action: deed.action,
            interruption,
            faults: faults?,
            checks,
            saves,
            note: note.map(|note| note.value),
            flow: None,
            calls: Vec::new(),
        }])
    }

    /// Only a retrieval can be interrupted, and not everything can happen everywhere.
    fn fitting(
        &self,
        node: &Node,
        interruption: Interruption,
        action: &Action,
        settings: &Settings,
    ) -> Option<Interruption> {
        if !matches!(action, Action::Retrieve(_)) {
            let what = "only a retrieval or a renewal can be interrupted";
            let mend = "put it on user.retrieve, user.renew or administrator.retrieve";
            self.complain(Diagnostic::new(node.span.clone(), what).mend(mend));
            return None;
        }
        let Interruption { at, how } = &interruption;
        if let Err((what, mend)) = reachable(at.value, &how.value, action, settings) {
            self.complain(Diagnostic::new(at.span.clone(), what).mend(mend));
            return None;
        }
        if let Err(where_then) = how.value.possible_at(at.value) {
            let what = format!("this can't happen at {}", at.value);
            self.complain(Diagnostic::new(how.span.clone(), what).mend(where_then));
            return None;
        }
        Some(interruption)
    }

    /// The administrator of that person's contract; a contract that is never opened has none.
    pub(super) fn administrator_of(&self, who: PersonId, span: &Span) -> Option<PersonId> {
        let found = self.roster.administrator_of(who);
        if found.is_none() {
            let contract = &self.roster.person(who).contract;
            let what = format!("the contract {contract} is not open, so it has no administrator");
            let mend = "let somebody of it be registered from the start";
            self.complain(Diagnostic::new(span.clone(), what).mend(mend));
        }
        found
    }

    /// Whom a step is about that names nobody.
    pub(super) fn first_user(&self) -> Option<PersonId> {
        let mut users = self.roster.iter().filter(|(_, p)| !p.is_administrator());
        let anybody = || self.roster.iter().next();
        users.next().or_else(anybody).map(|(id, _)| id)
    }
}

/// Whether this retrieval or renewal comes to a point at all; if not, why, and how to mend it.
fn reachable(
    point: Point,
    how: &How,
    action: &Action,
    settings: &Settings,
) -> Result<(), (String, String)> {
    let Action::Retrieve(act) = action else {
        return Ok(());
    };
    if point == Point::Intermediate && act.renewal == Renewal::Yes {
        let what = "a renewal has no intermediate screen".to_owned();
        return Err((what, "it goes from form to execute".to_owned()));
    }
    let (popup, needed) = match point {
        Point::FirstPopup => ("first", 1),
        Point::SecondPopup => ("second", 2),
        _ => return Ok(()),
    };
    let shown = act.popups.unwrap_or(settings.popup_count);
    // Without a popup the point is a moment between two acts all the same, but there is nothing to cancel.
    if shown >= needed || (act.popups.is_none() && *how != How::Cancel) {
        return Ok(());
    }
    let plural = if shown == 1 { "popup is" } else { "popups are" };
    Err((
        format!("there is no {popup} popup: {shown} {plural} shown"),
        format!(
            "say `popups: {needed}` at the step or `popup-count: {needed}` in `settings`, or take another point"
        ),
    ))
}
