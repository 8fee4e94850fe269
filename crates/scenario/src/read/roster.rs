//! `let`: who takes part.

use std::collections::{BTreeMap, BTreeSet};

use sealbank_bank::{ContractId, NewPin, Rights, Settings, UserId};
use sealbank_workstation::Concealed;

use super::scope::mentions;
use super::{Fields, Reader};
use crate::diagnostic::Diagnostic;
use crate::model::{Person, Place, Presence, Role, Roster};
use crate::node::Node;
use crate::source::At;

const KEYS: [&str; 8] = [
    "contract",
    "user",
    "pin",
    "confirmation",
    "name",
    "rights",
    "registered",
    "at",
];
/// PINs of the administrators that a scenario does not name.
const ADMINISTRATOR_PIN: &str = "Admin0001";
const CONFIRMATION_PIN: &str = "Kakunin01";
const BROWSER: &str = "B1";

/// PCs with their OS profiles.
pub(super) type Pcs = BTreeMap<String, BTreeSet<String>>;

impl Reader<'_> {
    /// Reads everybody. PCs that people need and nobody wrote down are added to `pcs`.
    pub(super) fn people(&self, node: &Node, settings: &Settings, pcs: &mut Pcs) -> Option<Roster> {
        let example = "write `taro: { contract: \"99990000001\", user: keiri01, pin: Test0001 }`";
        let Some(entries) = node.entries().filter(|entries| !entries.is_empty()) else {
            return self.wrong(node, "a map of people", example);
        };
        let mut roster = Roster::default();
        for (name, entry) in entries {
            if roster.find(&name.value).is_some() {
                let what = format!("`{}` is there already", name.value);
                let mend = "give each person a name of his own";
                self.complain(Diagnostic::new(name.span.clone(), what).mend(mend));
                continue;
            }
            let users = roster
                .iter()
                .filter(|(_, person)| !person.is_administrator())
                .count();
            roster.enter(self.somebody(name, entry, settings, users, pcs));
        }
        add_administrators(&mut roster, pcs);
        Some(roster)
    }

    /// Who is in `let` and never mentioned; the first user and administrators act without being named.
    pub(super) fn idle_people(&self, file: &Node, fields: &Fields<'_>, roster: &Roster) {
        let mentioned = mentions(file);
        let first = roster.iter().find(|(_, person)| !person.is_administrator());
        for (name, _) in fields
            .get("let")
            .and_then(Node::entries)
            .unwrap_or_default()
        {
            let idle = roster.iter().any(|(id, person)| {
                let acts = person.is_administrator() || first.is_some_and(|(first, _)| first == id);
                person.name == name.value && !acts
            });
            if idle && !mentioned.contains(&name.value) {
                let mend = "let him do something, or take him away";
                self.unused(name, "the person", mend);
            }
        }
    }

    /// What can't be read of him is filled up: his name is known to the steps all the same.
    fn somebody(
        &self,
        name: &At<String>,
        node: &Node,
        settings: &Settings,
        users: usize,
        pcs: &mut Pcs,
    ) -> Person {
        let mut person = Person {
            name: name.value.clone(),
            contract: String::new(),
            role: Role::User {
                user: name.value.clone(),
                rights: Rights::Ordinary,
            },
            title: name.value.clone(),
            pin: Concealed::default(),
            place: home(None, &name.value, users),
            presence: Presence::FromTheStart,
        };
        if let Some(fields) = self.fields(node, &format!("${}", name.value), &KEYS) {
            self.particulars(&fields, settings, users, pcs, &mut person);
        }
        settle(pcs, &person.place);
        person
    }

    fn particulars(
        &self,
        fields: &Fields<'_>,
        settings: &Settings,
        users: usize,
        pcs: &mut Pcs,
        person: &mut Person,
    ) {
        let presences = [
            ("from-the-start", Presence::FromTheStart),
            ("later", Presence::Later),
        ];
        let contract = self.needed(fields, "contract", "\"99990000001\"");
        let pin = self.needed(fields, "pin", "Test0001");
        person.contract = contract
            .and_then(|node| self.contract(node, settings))
            .unwrap_or_default();
        person.pin = pin
            .and_then(|node| self.pin(node, settings))
            .unwrap_or_default();
        if let Some(role) = self.role(fields, settings) {
            person.role = role;
        }
        if let Some(title) = fields.get("name").and_then(|node| self.text(node)) {
            person.title = title.value;
        }
        if let Some(node) = fields.get("registered")
            && let Some(presence) = self.word(node, "way of being registered", &presences)
        {
            person.presence = presence.value;
        }
        let name = person.user().unwrap_or_default().to_owned();
        person.place = home(Some(&person.role), &name, users);
        if let Some(place) = fields
            .get("at")
            .and_then(|node| self.own_place(node, &person.place, pcs))
        {
            person.place = place;
        }
    }

    /// A user has a 利用者ID, an administrator a 契約法人確認暗証番号.
    fn role(&self, fields: &Fields<'_>, settings: &Settings) -> Option<Role> {
        let rights = [
            ("ordinary", Rights::Ordinary),
            ("reset-administrator", Rights::ResetAdministrator),
        ];
        match (fields.get("user"), fields.get("confirmation")) {
            (Some(user), None) => {
                let user = self.text(user)?;
                if let Err(error) = UserId::parse(&user.value, &settings.user_id_format) {
                    self.complain(Diagnostic::new(user.span, error.to_string()));
                    return None;
                }
                let rights = match fields.get("rights") {
                    Some(node) => self.word(node, "right", &rights)?.value,
                    None => Rights::Ordinary,
                };
                Some(Role::User {
                    user: user.value,
                    rights,
                })
            }
            (None, Some(confirmation)) => Some(Role::Administrator {
                confirmation: self.pin(confirmation, settings)?,
            }),
            _ => {
                let what = "a user has `user`, an administrator has `confirmation`";
                self.complain(
                    Diagnostic::new(fields.span().clone(), what).mend("write one of the two"),
                );
                None
            }
        }
    }

    fn contract(&self, node: &Node, settings: &Settings) -> Option<String> {
        let contract = self.text(node)?;
        match ContractId::parse(&contract.value, &settings.contract_id_format) {
            Ok(_) => Some(contract.value),
            Err(error) => {
                self.complain(Diagnostic::new(contract.span, error.to_string()));
                None
            }
        }
    }

    /// A PIN that the bank would take; never repeated in a message beyond the line itself.
    pub(super) fn pin(&self, node: &Node, settings: &Settings) -> Option<Concealed> {
        let pin = self.text(node)?;
        match NewPin::parse(&pin.value, &settings.pin_format) {
            Ok(_) => Some(Concealed::new(pin.value)),
            Err(error) => {
                let mend = "a wrong PIN is given at the step that types it";
                self.complain(Diagnostic::new(pin.span, error.to_string()).mend(mend));
                None
            }
        }
    }

    /// `at` in `let` may name PCs and profiles that are new.
    fn own_place(&self, node: &Node, home: &Place, pcs: &mut Pcs) -> Option<Place> {
        let fields = self.fields(node, "a place", &["pc", "profile", "browser"])?;
        let text = |key: &str, default: &str| match fields.get(key) {
            Some(node) => self.text(node).map(|text| text.value),
            None => Some(default.to_owned()),
        };
        let place = Place {
            pc: text("pc", &home.pc)?,
            profile: text("profile", &home.profile)?,
            browser: text("browser", &home.browser)?,
        };
        settle(pcs, &place);
        Some(place)
    }
}

fn add_administrators(roster: &mut Roster, pcs: &mut Pcs) {
    let contracts: BTreeSet<String> = roster
        .iter()
        .filter(|(_, person)| person.presence == Presence::FromTheStart)
        .map(|(_, person)| person.contract.clone())
        .collect();
    for contract in contracts {
        let there =
            |(_, person): (_, &Person)| person.is_administrator() && person.contract == contract;
        if roster.iter().any(there) {
            continue;
        }
        let role = Role::Administrator {
            confirmation: Concealed::new(CONFIRMATION_PIN),
        };
        let place = home(Some(&role), "", 0);
        settle(pcs, &place);
        roster.enter(Person {
            name: format!("administrator-{contract}"),
            title: format!("契約法人 {contract}"),
            contract,
            role,
            pin: Concealed::new(ADMINISTRATOR_PIN),
            place,
            presence: Presence::FromTheStart,
        });
    }
}

/// Where somebody sits when nothing is said: each user at a PC of his own, administrators at `PC-ADM`.
fn home(role: Option<&Role>, user: &str, users: usize) -> Place {
    let (pc, profile) = if let Some(Role::Administrator { .. }) = role {
        ("PC-ADM".to_owned(), r"OFFICE\kanri".to_owned())
    } else {
        let letter = u8::try_from(users % 26).map_or('Z', |n| char::from(b'A' + n));
        let pc = match users / 26 {
            0 => format!("PC-{letter}"),
            round => format!("PC-{letter}{round}"),
        };
        (pc, format!(r"OFFICE\{user}"))
    };
    Place {
        pc,
        profile,
        browser: BROWSER.to_owned(),
    }
}

fn settle(pcs: &mut Pcs, place: &Place) {
    pcs.entry(place.pc.clone())
        .or_default()
        .insert(place.profile.clone());
}
