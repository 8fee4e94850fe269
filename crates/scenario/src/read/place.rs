//! Seats: `{ pc: PC-B, profile: 'OFFICE\shacho', browser: B2 }`, checked against the PCs that are there.

use std::collections::BTreeSet;

use sealbank_workstation::ProfileName;

use super::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{Place, PlaceChange};
use crate::node::Node;
use crate::source::At;

/// What a seat is told by.
pub(super) const PLACE: [&str; 3] = ["pc", "profile", "browser"];

impl Reader<'_> {
    /// What is different about a seat.
    pub(super) fn place_change(&self, node: &Node) -> Option<PlaceChange> {
        let fields = self.fields(node, "a place", &PLACE)?;
        self.place_of(
            fields.get("pc"),
            fields.get("profile"),
            fields.get("browser"),
        )
    }

    pub(super) fn place_of(
        &self,
        pc: Option<&Node>,
        profile: Option<&Node>,
        browser: Option<&Node>,
    ) -> Option<PlaceChange> {
        let read = |node: Option<&Node>| match node {
            Some(node) => self.text(node).map(Some),
            None => Some(None),
        };
        let (pc, profile, browser) = (read(pc)?, read(profile)?, read(browser)?);
        if let Some(pc) = &pc {
            self.pc_must_be_there(pc)?;
        }
        if let Some(profile) = &profile {
            self.profile_must_be_there(pc.as_ref(), profile)?;
        }
        let value = |text: Option<At<String>>| text.map(|text| text.value);
        Some(PlaceChange {
            pc: value(pc),
            profile: value(profile),
            browser: value(browser),
        })
    }

    /// An OS profile that some PC has.
    pub(super) fn os_profile(&self, node: &Node) -> Option<ProfileName> {
        let profile = self.text(node)?;
        self.profile_must_be_there(None, &profile)?;
        Some(ProfileName::new(profile.value))
    }

    /// Where somebody then sits must exist: not every profile is on every PC.
    pub(super) fn place_must_be_there(
        &self,
        place: &Place,
        span: &crate::source::Span,
    ) -> Option<()> {
        let profiles = self.pcs.get(&place.pc)?;
        if profiles.contains(&place.profile) {
            return Some(());
        }
        let there: Vec<&str> = profiles.iter().map(String::as_str).collect();
        self.complain(
            Diagnostic::new(
                span.clone(),
                format!("{} has no OS profile `{}`", place.pc, place.profile),
            )
            .mend(format!(
                "it has {}; name one of them in `profile`, or add it under `pcs`",
                there.join(", ")
            )),
        );
        None
    }

    fn pc_must_be_there(&self, pc: &At<String>) -> Option<()> {
        if self.pcs.contains_key(&pc.value) {
            return Some(());
        }
        self.unknown(pc, "there is no PC", self.pcs.keys().map(String::as_str));
        None
    }

    fn profile_must_be_there(&self, pc: Option<&At<String>>, profile: &At<String>) -> Option<()> {
        let on = |name: &String| pc.is_none_or(|pc| pc.value == *name);
        let profiles: BTreeSet<&str> = self
            .pcs
            .iter()
            .filter(|(name, _)| on(name))
            .flat_map(|(_, profiles)| profiles.iter().map(String::as_str))
            .collect();
        if profiles.contains(profile.value.as_str()) {
            return Some(());
        }
        self.unknown(profile, "there is no OS profile", profiles.iter().copied());
        None
    }
}
