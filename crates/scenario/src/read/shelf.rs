//! [`Shelf`]: the flows and definitions of all files that are read, each file seeing its own and those that it uses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Reader;
use super::flow::Parameter;
use super::scope::{Scope, calls, mentions};
use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::source::At;

/// What a file holds that is there to be used by others.
pub(crate) const COMMON_KEYS: [&str; 3] = ["use", "define", "flows"];
pub(super) const FLOW_KEYS: [&str; 2] = ["parameters", "steps"];
/// How far files may use files that use files.
const MAX_USES: usize = 8;

/// All flows, and what each file sees of them.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    flows: Vec<Flow>,
    files: Vec<InSight>,
    places: BTreeMap<String, FileId>,
}

/// A file on the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId(usize);

/// A flow on the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlowId(usize);

/// A named list of steps.
#[derive(Debug)]
pub(crate) struct Flow {
    pub(super) parameters: Vec<Parameter>,
    pub(super) steps: Node,
    pub(super) home: FileId,
}

/// What counts in one file.
#[derive(Debug, Clone, Default)]
struct InSight {
    flows: BTreeMap<String, FlowId>,
    definitions: Scope,
    /// The names of those definitions that stand in the file itself.
    own: BTreeSet<String>,
}

/// Where used files come from.
pub(crate) trait Finder {
    /// The file that is called so by the one in which that is written, with the name by which it is known once.
    ///
    /// # Errors
    /// What is wrong, and how to mend it.
    fn find(&self, wanted: &At<String>) -> Result<(String, Node), Box<Diagnostic>>;
}

impl Shelf {
    /// What a flow is.
    pub(super) fn flow(&self, id: FlowId) -> Option<&Flow> {
        self.flows.get(id.0)
    }

    /// The flows that a file can call.
    pub(super) fn flows_of(&self, file: FileId) -> Option<&BTreeMap<String, FlowId>> {
        self.files.get(file.0).map(|file| &file.flows)
    }

    /// The definitions that count in a file.
    pub(super) fn definitions_of(&self, file: FileId) -> Scope {
        let file = self.files.get(file.0);
        file.map(|file| file.definitions.clone())
            .unwrap_or_default()
    }

    /// Whether a file is here already, because another one uses it.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    /// Takes a file in, with all that it uses. `circle` are the files that are being taken in, the outermost first.
    pub(crate) fn take_in(
        &mut self,
        key: &str,
        file: &Node,
        finder: &dyn Finder,
        reader: &Reader<'_>,
        circle: &mut Vec<String>,
    ) -> FileId {
        let mut sight = InSight::default();
        circle.push(key.to_owned());
        let entry = |name: &str| {
            let mut entries = file.entries().unwrap_or_default().iter();
            entries.find(|(key, _)| key.value == name).map(|(_, n)| n)
        };
        for path in entry("use").map_or(&[][..], |node| reader.items(node)) {
            if let Some(used) = self.used(path, finder, reader, circle) {
                self.add(used, path, reader, &mut sight);
            }
        }
        if let Some(node) = entry("define") {
            define(node, reader, &mut sight);
        }
        let home = FileId(self.files.len());
        self.files.push(InSight::default());
        if let Some(node) = entry("flows") {
            self.read_flows(node, reader, home, &mut sight);
        }
        if circle.len() > 1 || is_common(file) {
            // What is only there to be used holds nothing else, and knows nobody of `let`.
            reader.fields(file, "a file that others use", &COMMON_KEYS);
            for definition in sight
                .own
                .iter()
                .filter_map(|name| sight.definitions.get(name))
            {
                for name in mentions(definition) {
                    reader.undefined(&definition.span, &name);
                }
            }
        } else {
            all_used(file, reader);
        }
        if let Some(place) = self.files.get_mut(home.0) {
            *place = sight;
        }
        circle.pop();
        self.places.insert(key.to_owned(), home);
        home
    }

    fn used(
        &mut self,
        path: &Node,
        finder: &dyn Finder,
        reader: &Reader<'_>,
        circle: &mut Vec<String>,
    ) -> Option<FileId> {
        let wanted = reader.text(path)?;
        let (key, node) = match finder.find(&wanted) {
            Ok(found) => found,
            Err(diagnostic) => {
                reader.complain(*diagnostic);
                return None;
            }
        };
        if let Some(first) = circle.iter().position(|file| *file == key) {
            let round: Vec<&str> = circle
                .iter()
                .skip(first)
                .chain([&key])
                .map(String::as_str)
                .collect();
            let what = format!("files use each other in a circle: {}", round.join(" → "));
            let mend = "put what both need into a third file";
            reader.complain(Diagnostic::new(wanted.span, what).mend(mend));
            return None;
        }
        if let Some(known) = self.places.get(&key) {
            return Some(*known);
        }
        if circle.len() >= MAX_USES {
            let what = format!("more than {MAX_USES} files use one another in a row");
            let mend = "use the file that holds the flow itself";
            reader.complain(Diagnostic::new(wanted.span, what).mend(mend));
            return None;
        }
        Some(self.take_in(&key, &node, finder, reader, circle))
    }

    /// Puts what a used file holds itself into sight; what that file uses stays its own affair.
    fn add(&self, used: FileId, path: &Node, reader: &Reader<'_>, sight: &mut InSight) {
        let Some(found) = self.files.get(used.0) else {
            return;
        };
        let twice = |name: &str| {
            let what = format!("`{name}` is there already, from another file");
            let mend = "give one of the two another name";
            reader.complain(Diagnostic::new(path.span.clone(), what).mend(mend));
        };
        for (name, id) in &found.flows {
            let own = self.flow(*id).is_some_and(|flow| flow.home == used);
            if own
                && sight
                    .flows
                    .insert(name.clone(), *id)
                    .is_some_and(|before| before != *id)
            {
                twice(name);
            }
        }
        for (name, node) in &found.definitions {
            if !found.own.contains(name) {
                continue;
            }
            let before = sight.definitions.insert(name.clone(), Arc::clone(node));
            if before.is_some_and(|before| before != *node) {
                twice(name);
            }
        }
    }

    fn read_flows(&mut self, node: &Node, reader: &Reader<'_>, home: FileId, sight: &mut InSight) {
        let Some(entries) = node.entries() else {
            let mend =
                "write `flows: { interrupted: { parameters: { at: point }, steps: [ … ] } }`";
            reader.wrong::<()>(node, "a map of flows", mend);
            return;
        };
        for (name, node) in entries {
            let Some(fields) = reader.fields(node, "a flow", &FLOW_KEYS) else {
                continue;
            };
            let parameters = reader.parameters(&fields);
            let Some(steps) = reader.needed(&fields, "steps", "[ … ]") else {
                continue;
            };
            reader.flow_mentions(steps, &parameters, &sight.definitions);
            let id = FlowId(self.flows.len());
            self.flows.push(Flow {
                parameters,
                steps: steps.clone(),
                home,
            });
            if sight.flows.insert(name.value.clone(), id).is_some() {
                let what = format!("there is a flow `{}` already", name.value);
                let mend = "give each flow a name of its own";
                reader.complain(Diagnostic::new(name.span.clone(), what).mend(mend));
            }
        }
    }
}

/// What a scenario defines for itself has to be used by it.
fn all_used(file: &Node, reader: &Reader<'_>) {
    let (names, flows) = (mentions(file), calls(file));
    for (section, node) in file.entries().unwrap_or_default() {
        for (name, _) in node.entries().unwrap_or_default() {
            if section.value == "define" && !names.contains(&name.value) {
                let mend = "mention it with a dollar sign, or take it away";
                reader.unused(name, "the definition", mend);
            }
            if section.value == "flows" && !flows.contains(&name.value) {
                let mend = "call it by `- flow: …`, or take it away";
                reader.unused(name, "the flow", mend);
            }
        }
    }
}

/// Whether a file is there to be used by others: it has flows or definitions, and neither name nor cases.
pub(crate) fn is_common(node: &Node) -> bool {
    let has = |key: &str| {
        let mut entries = node.entries().unwrap_or_default().iter();
        entries.any(|(found, _)| found.value == key)
    };
    (has("flows") || has("define")) && !has("scenario") && !has("cases")
}

/// A definition may mention those above it, so none can turn in a circle.
fn define(node: &Node, reader: &Reader<'_>, sight: &mut InSight) {
    let Some(entries) = node.entries() else {
        let mend = "write `define: { half-a-year: 183d }`";
        reader.wrong::<()>(node, "a map of names and values", mend);
        return;
    };
    for (name, value) in entries {
        if sight.definitions.contains_key(&name.value) {
            let what = format!("`{}` is defined already", name.value);
            let mend = "give each definition a name of its own";
            reader.complain(Diagnostic::new(name.span.clone(), what).mend(mend));
            continue;
        }
        let filled = reader.with_scope(sight.definitions.clone()).filled(value);
        sight
            .definitions
            .insert(name.value.clone(), Arc::new(filled));
        sight.own.insert(name.value.clone());
    }
}
