//! The verbs of forms: one field, button or link at a time.

use sealbank_workstation::Concealed;

use super::Reader;
use super::step::Deed;
use super::verbs::deed;
use crate::model::{Action, FormAct, Page, PlaceChange};
use crate::node::Node;
use crate::source::At;

/// Pages that can be opened.
pub(super) const PAGES: [(&str, Page); 3] = [
    ("top", Page::Top),
    ("status", Page::Status),
    ("certificate-status", Page::CertificateStatus),
];

/// What is opened, filled, pressed or followed.
pub(super) fn object(name: &str) -> Option<&'static str> {
    match name {
        "open" => Some("page"),
        "fill" => Some("fields"),
        "press" => Some("button"),
        "follow" => Some("link"),
        _ => None,
    }
}

impl Reader<'_> {
    /// `form.press: 取得`, or `form.press: { as: $taro, button: 取得 }`.
    pub(super) fn form_verb(&self, verb: &At<String>, name: &str, node: &Node) -> Option<Deed> {
        let object = object(name);
        let node = self.resolved(node);
        let short = node.scalar().is_some_and(|scalar| !scalar.is_null());
        let (actor, place, object_node) = if short && object.is_some() {
            (self.first_user()?, PlaceChange::default(), Some(node))
        } else {
            let fields = self.arguments_of(verb, node)?;
            let actor = self.somebody_else(&fields, "as")?;
            let place = self.place_of(
                fields.get("pc"),
                fields.get("profile"),
                fields.get("browser"),
            )?;
            let found = match object {
                Some(object) => Some(self.needed(&fields, object, "…")?),
                None => None,
            };
            (actor, place, found)
        };
        let act = match (name, object_node) {
            ("open", Some(node)) => FormAct::Open(self.page(node)?),
            ("fill", Some(node)) => FormAct::Fill(self.typed_fields(node)?),
            ("press", Some(node)) => FormAct::Press(self.text(node)?.value),
            ("follow", Some(node)) => FormAct::Follow(self.text(node)?.value),
            _ => FormAct::Wait,
        };
        Some(Deed {
            place,
            ..deed(actor, Action::Form(act))
        })
    }

    fn page(&self, node: &Node) -> Option<Page> {
        Some(self.word(node, "page", &PAGES)?.value)
    }

    fn typed_fields(&self, node: &Node) -> Option<Vec<(String, Concealed)>> {
        let node = self.resolved(node);
        let Some(entries) = node.entries() else {
            return self.wrong(
                node,
                "a map",
                "write labels with what is typed: { 契約法人ID: \"…\" }",
            );
        };
        let typed: Vec<_> = entries
            .iter()
            .filter_map(|(label, node)| {
                let text = self.text(node)?.value;
                Some((label.value.clone(), Concealed::new(text)))
            })
            .collect();
        (typed.len() == entries.len()).then_some(typed)
    }
}
