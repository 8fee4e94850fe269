//! [`schema`]: the language as JSON Schema (draft 2020-12), for editors that complete and explain while one writes.
//!
//! Keys and words are those of the reader's own tables. What they mean is said once, in the tables of
//! `docs/scenarios.md`. A schema can't say everything (which names are known, what fits together): `load` can.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::arguments::{Arguments, words};
use super::case::KEYS as CASE;
use super::compare::{ALWAYS_KEYS, RELATIONS};
use super::expectation::{CONDITIONS, KEYS as EXPECT, SCREENS};
use super::fault;
use super::flow::KINDS;
use super::header::KEYS as FILE;
use super::interruption::{PLAIN, WITH_VALUE};
use super::step::SIBLINGS;
use super::verbs::VERBS;
use crate::model::Fact;
use sealbank_portal::{Act, Phase};
use sealbank_workstation::Point;

const LANGUAGE: &str = include_str!("../../../../docs/scenarios.md");

/// The JSON Schema of scenario files.
///
/// ```
/// let schema = sealbank_scenario::schema();
/// assert!(schema["$defs"]["step"]["properties"]["user.retrieve"]["description"].is_string());
/// ```
#[must_use]
pub fn schema() -> Value {
    let said = descriptions();
    let steps = || json!({ "type": "array", "items": { "$ref": "#/$defs/step" } });
    let expectations = || json!({ "$ref": "#/$defs/expectations" });
    let file = object(&said, &FILE, |key| match key {
        "scenario" => json!({ "type": "string" }),
        "use" => json!({ "type": "array", "items": { "type": "string" } }),
        "before" | "after" => steps(),
        "always" => object(&said, &ALWAYS_KEYS, |_| json!({})),
        "cases" => json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/case" } }),
        "flows" => json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/flow" } }),
        "settings" | "profile" | "pcs" | "let" | "define" => json!({ "type": "object" }),
        _ => json!({}),
    });
    let case = object(&said, &CASE, |key| match key {
        "steps" | "after" => steps(),
        "for-each" => json!({ "type": "object" }),
        "always" => object(&said, &ALWAYS_KEYS, |_| json!({})),
        _ => json!({}),
    });
    let parts: Vec<&str> = VERBS.iter().chain(&SIBLINGS).copied().collect();
    let step = object(&said, &parts, |key| match key {
        "expect" => json!({ "anyOf": [expectations(), name()] }),
        "interrupt" => json!({ "$ref": "#/$defs/interruption" }),
        "fault" => {
            json!({ "anyOf": [fault_or_name(), { "type": "array", "items": fault_or_name() }] })
        }
        "save" => {
            let facts = Fact::ALL.map(|(name, _)| name);
            json!({ "type": "object", "additionalProperties": { "enum": facts } })
        }
        "note" => json!({ "type": "string" }),
        "with" => json!({ "type": "object" }),
        verb => arguments(verb),
    });
    let expect = object(&said, &EXPECT, |key| match key {
        "screen" => compared(screens()),
        "user" | "administrator" => compared(CONDITIONS.iter().map(|c| c.name())),
        "meanwhile" => expectations(),
        _ => json!({}),
    });
    let mut whole = file;
    whole["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    whole["title"] = json!("A scenario, or a file of flows and definitions that scenarios use");
    whole["$defs"] = json!({
        "case": case,
        "step": step,
        "expectations": expect,
        "flow": flow(),
        "interruption": interruption(),
        "fault": fault_rule(&said),
    });
    whole
}

/// What may stand behind a verb.
fn arguments(verb: &str) -> Value {
    let argument = |key: &str| match words(verb, key) {
        Some(words) => json!({ "anyOf": [{ "enum": words }, name()] }),
        None => json!({}),
    };
    let map = |keys: &[&'static str]| {
        let properties: Map<String, Value> = keys
            .iter()
            .map(|key| ((*key).to_owned(), argument(key)))
            .collect();
        json!({ "type": "object", "additionalProperties": false, "properties": properties })
    };
    match Arguments::of(verb) {
        Arguments::Map(keys) => json!({ "anyOf": [map(&keys), name()] }),
        Arguments::MapOrValue(keys) => {
            let value = match keys.last().map(|key| argument(key)) {
                Some(value) if value != json!({}) => value,
                _ => json!({ "type": "string" }),
            };
            json!({ "anyOf": [map(&keys), value] })
        }
        Arguments::Value => json!({ "type": "string" }),
    }
}

fn flow() -> Value {
    let kinds = KINDS.map(|(word, _)| word);
    let typed =
        json!({ "type": "object", "properties": { "type": { "enum": kinds }, "default": {} } });
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["steps"],
        "properties": {
            "parameters": {
                "type": "object",
                "additionalProperties": { "anyOf": [{ "enum": kinds }, typed] },
            },
            "steps": { "type": "array", "items": { "$ref": "#/$defs/step" } },
        },
    })
}

fn interruption() -> Value {
    let points = Point::ALL.iter().map(|point| point.name());
    let points: Vec<&str> = points.chain(["signed"]).collect();
    let plain = PLAIN.iter().map(|(word, _)| *word).collect::<Vec<_>>();
    let valued: Map<String, Value> = WITH_VALUE
        .iter()
        .map(|word| ((*word).to_owned(), json!({})))
        .collect();
    let valued = json!({ "type": "object", "additionalProperties": false, "properties": valued });
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["at", "how"],
        "properties": {
            "at": { "anyOf": [{ "enum": points }, name()] },
            "how": { "anyOf": [{ "enum": plain }, name(), valued] },
        },
    })
}

fn fault_or_name() -> Value {
    json!({ "anyOf": [{ "$ref": "#/$defs/fault" }, name()] })
}

fn fault_rule(said: &BTreeMap<&str, &str>) -> Value {
    let acts: Vec<&str> = Act::ALL.iter().map(|act| act.as_str()).collect();
    let phases: Vec<&str> = Phase::ALL.iter().map(|phase| phase.as_str()).collect();
    let plain = fault::PLAIN.map(|(word, _)| word);
    let valued: Map<String, Value> = fault::WITH_VALUE
        .iter()
        .map(|word| ((*word).to_owned(), json!({})))
        .collect();
    let valued = json!({ "type": "object", "additionalProperties": false, "properties": valued });
    let mut fault = object(said, &fault::KEYS, |key| match key {
        "during" => json!({ "anyOf": [{ "enum": acts }, name()] }),
        "when" => json!({ "anyOf": [{ "enum": phases }, name()] }),
        "do" => json!({ "anyOf": [{ "enum": plain }, name(), valued] }),
        _ => json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, name()] }),
    });
    fault["required"] = json!(["when", "do"]);
    fault
}

/// A map of these keys and no others, each with what the document says of it.
fn object(said: &BTreeMap<&str, &str>, keys: &[&str], value: impl Fn(&str) -> Value) -> Value {
    let property = |key: &&str| {
        let mut property = value(key);
        if let Some(text) = said.get(key) {
            property["description"] = json!(text);
        }
        ((*key).to_owned(), property)
    };
    let properties: Map<String, Value> = keys.iter().map(property).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// Every word and every id; where both are the same, once.
fn screens() -> impl Iterator<Item = &'static str> {
    SCREENS.iter().flat_map(|(word, id)| {
        let id = (id != word).then_some(*id);
        std::iter::once(*word).chain(id)
    })
}

/// One of some words, a name for one, or a comparison with one.
fn compared<'w>(words: impl Iterator<Item = &'w str>) -> Value {
    let words: Vec<&str> = words.collect();
    let relations: Map<String, Value> = RELATIONS
        .iter()
        .map(|(word, _)| ((*word).to_owned(), json!({})))
        .collect();
    let comparison =
        json!({ "type": "object", "additionalProperties": false, "properties": relations });
    json!({ "anyOf": [{ "enum": words }, name(), comparison] })
}

/// `$name`.
fn name() -> Value {
    json!({ "type": "string", "pattern": "^\\$" })
}

/// What the tables of the document say of each key: the last cell of the row that names it first.
fn descriptions() -> BTreeMap<&'static str, &'static str> {
    let mut said = BTreeMap::new();
    for line in LANGUAGE.lines() {
        let Some(row) = line
            .strip_prefix("| ")
            .and_then(|row| row.strip_suffix(" |"))
        else {
            continue;
        };
        if let (Some((keys, _)), Some((_, meaning))) =
            (row.split_once(" | "), row.rsplit_once(" | "))
        {
            for key in keys.split('`').skip(1).step_by(2) {
                said.entry(key).or_insert(meaning);
            }
        }
    }
    said
}
