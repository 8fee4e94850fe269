//! The verbs of retrieval, logon, administration, counter, clock and forms; those of the seat are in `seat_verbs`.

use sealbank_bank::{RevocationReason, Settings};
use sealbank_workstation::{Concealed, KeyAlgorithm, Pick};

use super::arguments::Arguments;
use super::step::Deed;
use super::{Fields, Reader};
use crate::diagnostic::Diagnostic;
use crate::model::{
    Action, AdministratorAct, ClockAct, CounterAct, LogonWay, PersonId, PlaceChange, Renewal,
    RetrieveAct,
};
use crate::node::Node;
use crate::source::At;

/// Every verb.
pub(super) const VERBS: [&str; 52] = [
    "user.retrieve",
    "user.renew",
    "user.log-on",
    "user.log-off",
    "user.close",
    "administrator.retrieve",
    "administrator.renew",
    "administrator.log-on",
    "administrator.log-off",
    "administrator.close",
    "admin.register",
    "admin.grant",
    "admin.reinitialize",
    "admin.revoke",
    "admin.lift-suspension",
    "admin.reset-pin",
    "admin.stop",
    "admin.deregister",
    "admin.unlock",
    "counter.grant",
    "counter.reinitialize",
    "counter.unlock",
    "counter.suspend-contract",
    "counter.resume-contract",
    "counter.cancel-contract",
    "browser.close-all",
    "browser.close-window",
    "browser.back",
    "browser.refresh",
    "browser.new-window",
    "pc.power-off",
    "pc.boot",
    "pc.switch-os-user",
    "pc.use",
    "pc.reset-os-password",
    "pc.restore-os-password",
    "pc.delete-certificate",
    "pc.clean-store",
    "pc.copy-certificate",
    "pc.set-clock-skew",
    "pc.surround",
    "clock.advance",
    "clock.set",
    "bank.restart",
    "form.open",
    "form.fill",
    "form.press",
    "form.follow",
    "form.wait",
    "check",
    "rescue",
    "flow",
];

/// Kinds of key.
pub(super) const KEYS: [(&str, KeyAlgorithm); 4] = [
    ("rsa2048", KeyAlgorithm::Rsa2048),
    ("p256", KeyAlgorithm::P256),
    ("p384", KeyAlgorithm::P384),
    ("ed25519", KeyAlgorithm::Ed25519),
];

/// How somebody logs on, and whether by certificate.
pub(super) const WAYS: [(&str, bool); 2] = [("id-pin", false), ("certificate", true)];

/// Reasons of 失効.
pub(super) const REASONS: [(&str, RevocationReason); 4] = [
    ("unspecified", RevocationReason::Unspecified),
    ("key-compromise", RevocationReason::KeyCompromise),
    ("superseded", RevocationReason::Superseded),
    (
        "cessation-of-operation",
        RevocationReason::CessationOfOperation,
    ),
];

impl Reader<'_> {
    /// What a verb with its arguments comes to.
    pub(super) fn deed(
        &self,
        verb: &At<String>,
        arguments: &Node,
        settings: &Settings,
    ) -> Option<Deed> {
        if !VERBS.contains(&verb.value.as_str()) {
            self.unknown(verb, "there is no verb", VERBS.into_iter());
            return None;
        }
        let (family, name) = verb.value.split_once('.').unwrap_or((&verb.value, ""));
        match family {
            "user" => self.user_verb(verb, name, arguments),
            "administrator" => self.administrator_verb(verb, name, arguments),
            "admin" => self.admin_verb(verb, name, arguments, settings),
            "counter" => self.counter_verb(verb, name, arguments),
            "clock" => self.clock_verb(name, arguments),
            "bank" => self
                .arguments_of(verb, arguments)
                .and_then(|_| self.by_nobody(Action::RestartBank)),
            "form" => self.form_verb(verb, name, arguments),
            "check" => {
                let fields = self.arguments_of(verb, arguments)?;
                let who = self.somebody_else(&fields, "who")?;
                Some(deed(who, Action::Check))
            }
            _ => self.seat_verb(verb, name, arguments),
        }
    }

    fn user_verb(&self, verb: &At<String>, name: &str, node: &Node) -> Option<Deed> {
        self.customer_verb(verb, name, node, |reader, fields| {
            reader.somebody_else(fields, "as")
        })
    }

    /// The same screens, worked by the administrator for himself.
    fn administrator_verb(&self, verb: &At<String>, name: &str, node: &Node) -> Option<Deed> {
        self.customer_verb(verb, name, node, |reader, fields| {
            let who = reader.somebody_else(fields, "as")?;
            reader.administrator_of(who, &verb.span)
        })
    }

    fn customer_verb(
        &self,
        verb: &At<String>,
        name: &str,
        node: &Node,
        who: impl Fn(&Self, &Fields<'_>) -> Option<PersonId>,
    ) -> Option<Deed> {
        let fields = self.arguments_of(verb, node)?;
        let place = self.place_of(
            fields.get("pc"),
            fields.get("profile"),
            fields.get("browser"),
        );
        let action = match name {
            "retrieve" => self.retrieve(&fields, Renewal::No),
            "renew" => self.retrieve(&fields, Renewal::Yes),
            "log-on" => self.log_on(&fields),
            "log-off" => Some(Action::LogOff),
            _ => Some(Action::Close),
        };
        let actor = who(self, &fields)?;
        Some(Deed {
            place: place?,
            ..deed(actor, action?)
        })
    }

    fn retrieve(&self, fields: &Fields<'_>, renewal: Renewal) -> Option<Action> {
        let popups = match fields.get("popups") {
            Some(node) => Some(self.number(node, 2)?.value),
            None => None,
        };
        let key = match fields.get("key") {
            Some(node) => Some(self.word(node, "kind of key", &KEYS)?.value),
            None => None,
        };
        Some(Action::Retrieve(RetrieveAct {
            renewal,
            pin: self.typed_pin(fields)?,
            popups: popups.and_then(|popups| u8::try_from(popups).ok()),
            key,
        }))
    }

    fn log_on(&self, fields: &Fields<'_>) -> Option<Action> {
        Some(Action::LogOn {
            way: self.way(fields)?,
            pin: self.typed_pin(fields)?,
        })
    }

    /// `with: certificate` and what is picked; by ID and PIN when nothing is said.
    fn way(&self, fields: &Fields<'_>) -> Option<LogonWay> {
        let pick = match fields.entry("pick") {
            None => None,
            Some((_, node)) => Some(match self.text(node)?.value {
                text if text == "newest" => Pick::Newest,
                text if text == "cancel" => Pick::Cancel,
                common_name => Pick::CommonName(common_name),
            }),
        };
        let by_certificate = match fields.get("with") {
            Some(node) => self.word(node, "logon method", &WAYS)?.value,
            None => false,
        };
        match (by_certificate, pick) {
            (true, pick) => Some(LogonWay::Certificate(pick.unwrap_or_default())),
            (false, None) => Some(LogonWay::IdPin),
            (false, Some(_)) => {
                let span = fields
                    .entry("pick")
                    .map_or(fields.span(), |(key, _)| &key.span);
                let what = "nothing is picked at a logon by ID and PIN";
                let mend = "add `with: certificate`, or leave `pick` out";
                self.complain(Diagnostic::new(span.clone(), what).mend(mend));
                None
            }
        }
    }

    /// What is typed may be any text: wrong PINs are what scenarios are about.
    #[expect(clippy::option_option, reason = "unreadable, not given, or given")]
    fn typed_pin(&self, fields: &Fields<'_>) -> Option<Option<Concealed>> {
        match fields.get("pin") {
            Some(node) => Some(Some(Concealed::new(self.text(node)?.value))),
            None => Some(None),
        }
    }

    fn admin_verb(
        &self,
        verb: &At<String>,
        name: &str,
        node: &Node,
        settings: &Settings,
    ) -> Option<Deed> {
        if name == "unlock" {
            let fields = self.arguments_of(verb, node)?;
            let who = self.somebody_else(&fields, "as")?;
            return Some(deed(who, Action::UnlockAdministrator));
        }
        let fields = self.arguments_of(verb, node)?;
        let way = self.way(&fields);
        let confirmation = match fields.get("confirmation") {
            Some(node) => self.text(node).map(|text| Some(Concealed::new(text.value))),
            None => Some(None),
        };
        let act = self.administrator_act(name, &fields, settings);
        let subject = self.somebody_else(&fields, "user")?;
        if self.roster.person(subject).is_administrator() {
            let what = "an administrator does this for users, not for himself";
            let mend = "use the verbs of counter";
            self.complain(Diagnostic::new(verb.span.clone(), what).mend(mend));
            return None;
        }
        Some(Deed {
            actor: self.administrator_of(subject, &verb.span)?,
            ..deed(
                subject,
                Action::Administer {
                    act: act?,
                    way: way?,
                    confirmation: confirmation?,
                },
            )
        })
    }

    fn administrator_act(
        &self,
        name: &str,
        fields: &Fields<'_>,
        settings: &Settings,
    ) -> Option<AdministratorAct> {
        Some(match name {
            "register" => AdministratorAct::Register,
            "grant" => AdministratorAct::Grant,
            "reinitialize" => AdministratorAct::Reinitialize,
            "revoke" => AdministratorAct::Revoke(match fields.get("reason") {
                Some(node) => self.word(node, "reason", &REASONS)?.value,
                None => RevocationReason::Unspecified,
            }),
            "lift-suspension" => AdministratorAct::LiftSuspension,
            "reset-pin" => {
                let pin = self.needed(fields, "pin", "Test0009")?;
                AdministratorAct::ResetPin(self.pin(pin, settings)?)
            }
            "stop" => AdministratorAct::Stop,
            _ => AdministratorAct::Deregister,
        })
    }

    fn counter_verb(&self, verb: &At<String>, name: &str, node: &Node) -> Option<Deed> {
        let fields = self.arguments_of(verb, node)?;
        let act = match name {
            "grant" => CounterAct::Grant,
            "reinitialize" => CounterAct::Reinitialize,
            "unlock" => CounterAct::Unlock,
            "suspend-contract" => CounterAct::SuspendContract,
            "resume-contract" => CounterAct::ResumeContract,
            _ => CounterAct::CancelContract,
        };
        let whom = self.somebody_else(&fields, "for")?;
        Some(deed(whom, Action::Counter(act)))
    }

    fn clock_verb(&self, name: &str, node: &Node) -> Option<Deed> {
        self.by_nobody(Action::Clock(match name {
            "advance" => ClockAct::Advance(self.duration(node)?.value),
            _ => ClockAct::Set(self.moment(node)?.value),
        }))
    }

    /// The arguments of a verb; those that it does not take are complained about.
    pub(super) fn arguments_of<'n>(
        &'n self,
        verb: &At<String>,
        node: &'n Node,
    ) -> Option<Fields<'n>> {
        self.fields(node, &verb.value, Arguments::of(&verb.value).keys())
    }

    /// The person named by `key`, or the first user.
    pub(super) fn somebody_else(&self, fields: &Fields<'_>, key: &str) -> Option<PersonId> {
        match fields.get(key) {
            Some(node) => Some(self.person(node)?.value),
            None => self.first_user(),
        }
    }

    fn by_nobody(&self, action: Action) -> Option<Deed> {
        Some(deed(self.first_user()?, action))
    }
}

pub(super) fn deed(who: PersonId, action: Action) -> Deed {
    Deed {
        actor: who,
        subject: who,
        place: PlaceChange::default(),
        action,
    }
}
