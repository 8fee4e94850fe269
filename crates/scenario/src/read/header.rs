//! The head of a scenario file: what it is called, which bank it is played against, who takes part.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use sealbank_bank::settings::KeyAlgorithm;
use sealbank_bank::{BankProfile, PinCost, Settings};
use serde::Serialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use time::macros::datetime;

use super::Reader;
use super::roster::Pcs;
use crate::diagnostic::Diagnostic;
use crate::model::Roster;
use crate::node::Node;
use crate::source::At;

/// When every scenario begins unless it says otherwise: a Tuesday morning in Japan.
const START: OffsetDateTime = datetime!(2031-04-01 09:00:00 +09:00);
pub(super) const KEYS: [&str; 15] = [
    "scenario", "title", "tags", "use", "define", "flows", "start", "settings", "profile", "pcs",
    "let", "always", "before", "after", "cases",
];

/// What stands before the cases.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) id: At<String>,
    pub(crate) title: Title,
    pub(crate) tags: BTreeSet<String>,
    pub(crate) start: OffsetDateTime,
    pub(crate) settings: Settings,
    pub(crate) profile: BankProfile,
    pub(crate) pcs: Pcs,
    pub(crate) roster: Roster,
    pub(crate) always: Option<Node>,
    pub(crate) before: Option<Node>,
    pub(crate) after: Option<Node>,
    pub(crate) cases: Node,
}

/// A title in two languages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Title {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// Reads the head of a file. What can't be read has its default then, so that the rest is read all the same.
pub(crate) fn header(node: &Node, mistakes: &RefCell<Vec<Diagnostic>>) -> Option<Header> {
    let (nobody, no_pcs) = (Roster::default(), BTreeMap::new());
    let reader = Reader::new(mistakes, &nobody, &no_pcs);
    let fields = reader.fields(node, "a scenario", &KEYS)?;
    let id = reader
        .needed(&fields, "scenario", "interrupted-retrieval")
        .and_then(|node| reader.identifier(node))
        .unwrap_or_else(|| At {
            value: "unnamed".to_owned(),
            span: fields.span().clone(),
        });
    let title = match fields.get("title") {
        Some(node) => reader.title(node).unwrap_or_default(),
        None => Title::same(&id.value),
    };
    let tags = fields.get("tags").map(|node| reader.tags(node));
    let start = fields.get("start").and_then(|node| reader.moment(node));
    let settings = reader.settings(fields.get("settings")).unwrap_or_else(base);
    let profile = fields
        .get("profile")
        .and_then(|node| reader.overridden("profile", node, &BankProfile::default()));
    let mut pcs = fields
        .get("pcs")
        .map_or_else(Pcs::new, |node| reader.pcs(node));
    let people = "{ taro: { contract: \"99990000001\", user: keiri01, pin: Test0001 } }";
    let roster = reader
        .needed(&fields, "let", people)
        .and_then(|node| reader.people(node, &settings, &mut pcs));
    if let Some(roster) = &roster {
        reader.idle_people(node, &fields, roster);
    }
    let cases = reader.needed(&fields, "cases", "{ manual: { steps: [ … ] } }");
    Some(Header {
        id,
        title,
        tags: tags.unwrap_or_default(),
        start: start.map_or(START, |at| at.value),
        settings,
        profile: profile.unwrap_or_default(),
        pcs,
        roster: roster?,
        always: fields.get("always").cloned(),
        before: fields.get("before").cloned(),
        after: fields.get("after").cloned(),
        cases: cases?.clone(),
    })
}

/// Scenarios play with small keys and cheap PIN hashes unless they ask for others.
fn base() -> Settings {
    Settings {
        key_algorithm: KeyAlgorithm::P256,
        pin_cost: PinCost::LIGHT,
        ..Settings::default()
    }
}

impl Title {
    /// A title that reads the same in both languages.
    pub(super) fn same(text: &str) -> Self {
        Self {
            ja: text.to_owned(),
            en: text.to_owned(),
        }
    }
}

impl Reader<'_> {
    /// A name that can stand in a case's id and in a command line.
    pub(super) fn identifier(&self, node: &Node) -> Option<At<String>> {
        let text = self.text(node)?;
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.value.chars().count() <= 80
            && text.value.chars().all(fits)
            && !text.value.is_empty()
        {
            return Some(text);
        }
        self.complain(
            Diagnostic::new(text.span, format!("`{}` can't be a name", text.value))
                .mend("use at most 80 letters, digits, `-`, `_` and `.`"),
        );
        None
    }

    pub(super) fn title(&self, node: &Node) -> Option<Title> {
        let node = self.resolved(node);
        if node.entries().is_none() {
            return Some(Title::same(&self.text(node)?.value));
        }
        let fields = self.fields(node, "a title", &["ja", "en"])?;
        let ja = self.needed(&fields, "ja", "取得の中断")?;
        let en = self.needed(&fields, "en", "Interrupted retrieval")?;
        Some(Title {
            ja: self.text(ja)?.value,
            en: self.text(en)?.value,
        })
    }

    fn settings(&self, node: Option<&Node>) -> Option<Settings> {
        let node = node?;
        let base = base();
        let settings = self.overridden("settings", node, &base)?;
        match settings.validated() {
            Ok(settings) => Some(settings),
            Err(errors) => {
                for error in errors {
                    let at = node
                        .entries()
                        .into_iter()
                        .flatten()
                        .find(|(key, _)| key.value == error.setting);
                    let span = at.map_or(&node.span, |(_, value)| &value.span);
                    self.complain(Diagnostic::new(span.clone(), error.to_string()));
                }
                None
            }
        }
    }

    /// `base` with the entries of a map in place of its own; each is tried alone, so that each has its message.
    fn overridden<T>(&self, what: &str, node: &Node, base: &T) -> Option<T>
    where
        T: Serialize + DeserializeOwned,
    {
        let Ok(serde_json::Value::Object(base)) = serde_json::to_value(base) else {
            return self.wrong(node, "a map", format!("{what} can't be set"));
        };
        let known: Vec<&str> = base.keys().map(String::as_str).collect();
        let fields = self.fields(node, what, &known)?;
        let mut all = base.clone();
        let mut sound = true;
        for (key, value) in fields.entries {
            if !base.contains_key(&key.value) {
                sound = false;
                continue;
            }
            let mut alone = base.clone();
            alone.insert(key.value.clone(), value.to_json());
            all.insert(key.value.clone(), value.to_json());
            if let Err(error) = serde_json::from_value::<T>(alone.into()) {
                sound = false;
                let example = base.get(&key.value).map(ToString::to_string);
                self.complain(
                    Diagnostic::new(value.span.clone(), format!("`{}`: {error}", key.value)).mend(
                        format!("a value like its default: {}", example.unwrap_or_default()),
                    ),
                );
            }
        }
        sound
            .then(|| serde_json::from_value(all.into()).ok())
            .flatten()
    }

    /// `pcs`: a map from PCs to lists of OS profiles.
    fn pcs(&self, node: &Node) -> Pcs {
        let Some(entries) = node.entries() else {
            self.wrong::<()>(node, "a map", r"write `PC-A: ['OFFICE\keiri01']`");
            return Pcs::new();
        };
        entries
            .iter()
            .map(|(pc, profiles)| {
                let profiles: BTreeSet<String> = self.texts(profiles).into_iter().collect();
                (pc.value.clone(), profiles)
            })
            .collect()
    }
}
