//! Flows: named lists of steps with typed parameters, and their calls.

use std::collections::BTreeSet;

use sealbank_bank::Settings;

use super::compare::saved_names;
use super::scope::{MAX_PIECES, Scope, mentions};
use super::shelf::FlowId;
use super::{Fields, Reader};
use crate::diagnostic::Diagnostic;
use crate::model::{Check, Step};
use crate::node::Node;
use crate::source::{At, Span};

/// How deep flows may call flows.
const MAX_CALLS: usize = 16;
/// What one step weighs among the pieces that a file may come to.
const STEP_WEIGHT: usize = 4;

/// A parameter of a flow.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: At<String>,
    pub(super) kind: Kind,
    pub(super) default: Option<Node>,
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Point,
    Interruption,
    Fault,
    Phase,
    Verdict,
    Text,
    Number,
    Duration,
    Moment,
    Screen,
    Refusal,
    Reason,
    Condition,
    Expectations,
}

/// The words for what a parameter takes; a PIN is any text, because wrong ones are what scenarios are about.
pub(super) const KINDS: [(&str, Kind); 16] = [
    ("user", Kind::User),
    ("point", Kind::Point),
    ("interruption", Kind::Interruption),
    ("fault", Kind::Fault),
    ("phase", Kind::Phase),
    ("verdict", Kind::Verdict),
    ("pin", Kind::Text),
    ("text", Kind::Text),
    ("number", Kind::Number),
    ("duration", Kind::Duration),
    ("moment", Kind::Moment),
    ("screen", Kind::Screen),
    ("refusal", Kind::Refusal),
    ("reason", Kind::Reason),
    ("condition", Kind::Condition),
    ("expectations", Kind::Expectations),
];

/// A call that is being read.
#[derive(Debug, Clone)]
pub(super) struct Call {
    flow: FlowId,
    name: String,
    span: Span,
}

impl Reader<'_> {
    /// `parameters: { who: user, days: { type: duration, default: 1d } }`.
    pub(super) fn parameters(&self, fields: &Fields<'_>) -> Vec<Parameter> {
        let Some(node) = fields.get("parameters") else {
            return Vec::new();
        };
        let Some(entries) = node.entries() else {
            self.wrong::<()>(
                node,
                "a map",
                "write `parameters: { who: user, at: point }`",
            );
            return Vec::new();
        };
        entries
            .iter()
            .filter_map(|(name, node)| self.parameter(name, node))
            .collect()
    }

    fn parameter(&self, name: &At<String>, node: &Node) -> Option<Parameter> {
        let (kind, default) = if node.entries().is_some_and(|entries| !entries.is_empty()) {
            let fields = self.fields(node, "a parameter", &["type", "default"])?;
            let kind = self.needed(&fields, "type", "duration")?;
            (kind, fields.get("default").cloned())
        } else {
            (node, None)
        };
        let kind = self.word(kind, "type of parameter", &KINDS)?.value;
        if let Some(default) = &default {
            self.fits(kind, default);
        }
        Some(Parameter {
            name: name.clone(),
            kind,
            default,
        })
    }

    /// A flow mentions its parameters, all of them, and definitions: never anything of whoever calls it.
    pub(super) fn flow_mentions(
        &self,
        steps: &Node,
        parameters: &[Parameter],
        definitions: &Scope,
    ) {
        let mentioned = mentions(steps);
        for parameter in parameters {
            if !mentioned.contains(&parameter.name.value) {
                let mend = "mention it in the steps, or take it away";
                self.unused(&parameter.name, "the parameter", mend);
            }
        }
        self.saved_in_vain(steps, &mentioned);
        let own = parameters.iter().map(|parameter| &parameter.name.value);
        let saved = saved_names(steps).into_iter().map(|name| &name.value);
        let known: BTreeSet<&String> = own.chain(saved).chain(definitions.keys()).collect();
        let names = known.iter().map(|name| format!("${name}"));
        let names: Vec<String> = names.collect();
        steps.each(&mut |piece| {
            let name = piece.variable().and_then(|name| name.split('.').next());
            let Some(name) = name.filter(|name| !known.contains(&(*name).to_owned())) else {
                return;
            };
            let value = format!("${name}");
            let span = piece.span.clone();
            let known = names.iter().map(String::as_str);
            self.unknown(&At { value, span }, "the flow knows nothing called", known);
        });
    }

    /// `- flow: name` with its arguments: the flow's steps, the expectations being about the last of them.
    pub(super) fn call(
        &self,
        verb: &At<String>,
        name: &Node,
        with: Option<&Node>,
        mut checks: Vec<Check>,
        settings: &Settings,
    ) -> Option<Vec<Step>> {
        let name = self.text(name)?;
        let (shelf, file) = self.shelf?;
        let known = shelf.flows_of(file)?;
        let Some(id) = known.get(&name.value).copied() else {
            if known.is_empty() {
                let what = format!("there is no flow `{}`", name.value);
                let mend = "write it under `flows`, or `use` the file that has it";
                self.complain(Diagnostic::new(name.span, what).mend(mend));
            } else {
                self.unknown(&name, "there is no flow", known.keys().map(String::as_str));
            }
            return None;
        };
        let flow = shelf.flow(id)?;
        self.may_call(id, &name)?;
        if !self.spend(STEP_WEIGHT, MAX_PIECES, &name.span) {
            return None;
        }
        let mut scope = shelf.definitions_of(flow.home);
        let arguments = self.arguments(&name, with, &flow.parameters)?;
        scope.extend(
            arguments
                .into_iter()
                .map(|(name, node)| (name, node.into())),
        );
        let mut inner = self.with_scope(scope);
        inner.shelf = Some((shelf, flow.home));
        inner.calls.push(Call {
            flow: id,
            name: name.value.clone(),
            span: verb.span.to(&name.span),
        });
        let mut steps = inner.steps(&flow.steps, settings);
        if !self.spend(steps.len() * STEP_WEIGHT, MAX_PIECES, &name.span) {
            return None;
        }
        let call = verb.span.to(&name.span);
        for step in &mut steps {
            step.calls.push(call.clone());
            step.flow = Some(match step.flow.take() {
                Some(inner) => format!("{} › {inner}", name.value),
                None => name.value.clone(),
            });
        }
        if let Some(last) = steps.last_mut() {
            last.checks.append(&mut checks);
        }
        Some(steps)
    }

    /// Where the flows are called that lead here.
    pub(super) fn places_of_calls(&self) -> Vec<&Span> {
        self.calls.iter().map(|call| &call.span).collect()
    }

    /// A flow that calls itself never ends.
    fn may_call(&self, id: FlowId, name: &At<String>) -> Option<()> {
        if let Some(first) = self.calls.iter().position(|call| call.flow == id) {
            let names = self.calls.iter().skip(first).map(|call| call.name.as_str());
            let round: Vec<&str> = names.chain([name.value.as_str()]).collect();
            let what = format!("flows call each other in a circle: {}", round.join(" → "));
            let mend = "let none of them call one that calls it";
            self.complain(Diagnostic::new(name.span.clone(), what).mend(mend));
            return None;
        }
        if self.calls.len() < MAX_CALLS {
            return Some(());
        }
        let outermost = self.calls.first().map(|call| call.span.to_string());
        let what = format!(
            "more than {MAX_CALLS} flows call one another in a row, beginning at {}",
            outermost.unwrap_or_default()
        );
        let mend = "call the flow that has the steps";
        self.complain(Diagnostic::new(name.span.clone(), what).mend(mend));
        None
    }

    /// Every argument, settled where it is written and of its parameter's type.
    fn arguments(
        &self,
        flow: &At<String>,
        with: Option<&Node>,
        parameters: &[Parameter],
    ) -> Option<Vec<(String, Node)>> {
        let known: Vec<&str> = parameters.iter().map(|p| p.name.value.as_str()).collect();
        let given = match with {
            Some(node) => Some(self.fields(node, &format!("the flow `{}`", flow.value), &known)?),
            None => None,
        };
        let mut arguments = Vec::new();
        let mut sound = true;
        for Parameter {
            name,
            kind,
            default,
        } in parameters
        {
            let name = &name.value;
            let written = given.as_ref().and_then(|fields| fields.get(name));
            let Some(node) = written.or(default.as_ref()) else {
                let what = format!("the flow `{}` needs `{name}`", flow.value);
                let mend = format!("add `with: {{ {name}: … }}`, {}", kind.words());
                self.complain(Diagnostic::new(flow.span.clone(), what).mend(mend));
                sound = false;
                continue;
            };
            let node = self.settled(node);
            sound &= self.fits(*kind, &node);
            arguments.push((name.clone(), node));
        }
        sound.then_some(arguments)
    }

    /// Whether a value is of a type; why not is complained about.
    fn fits(&self, kind: Kind, node: &Node) -> bool {
        match kind {
            Kind::User => self.person(node).is_some(),
            Kind::Point => self.point(node).is_some(),
            Kind::Interruption => self.how(node).is_some(),
            Kind::Fault => self.faults(node).is_some(),
            Kind::Phase => self.phase(node).is_some(),
            Kind::Verdict => self.verdict(node).is_some(),
            Kind::Text => self.text(node).is_some(),
            Kind::Number => self.number(node, 1_000_000).is_some(),
            Kind::Duration => self.duration(node).is_some(),
            Kind::Moment => self.moment(node).is_some(),
            Kind::Screen => self.screen(node).is_some(),
            Kind::Refusal => self.refusal_code(node).is_some(),
            Kind::Reason => self.reason(node).is_some(),
            Kind::Condition => self.condition(node).is_some(),
            Kind::Expectations => {
                let before = self.mistakes.borrow().len();
                self.checks(node);
                self.mistakes.borrow().len() == before
            }
        }
    }
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::User => "a person: $taro",
            Self::Point => "a point: delivered",
            Self::Interruption => "a way to interrupt: power-off",
            Self::Fault => "a fault: { during: execute, when: after-commit, do: reset }",
            Self::Phase => "a phase: after-commit",
            Self::Verdict => "what goes wrong: reset",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Duration => "a duration: 366d",
            Self::Moment => "a moment: 2031-04-01T09:00:00+09:00",
            Self::Screen => "a screen: done",
            Self::Refusal => "a code: MX-303",
            Self::Reason => "an inner reason: already-retrieved",
            Self::Condition => "a condition: usable",
            Self::Expectations => "expectations: { screen: done }",
        }
    }
}
