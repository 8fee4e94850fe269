//! The verbs of the seat: what is done with the browser and with the PC.

use sealbank_workstation::{
    Back, BankRoot, Component, InstallHonesty, KeyFlush, KeyProvider, Recommended, Resumption,
    Switch,
};

use super::arguments::words_of;
use super::step::Deed;
use super::verbs::deed;
use super::{Fields, Reader};
use crate::model::{Action, BrowserAct, EnvironmentChange, PcAct};
use crate::node::Node;
use crate::source::At;

/// Where 戻る takes its page from.
pub(super) const SOURCES: [(&str, Back); 2] = [("cache", Back::FromCache), ("bank", Back::Reload)];

/// How the OS user is switched.
pub(super) const SWITCHES: [(&str, Switch); 2] =
    [("fast", Switch::Fast), ("sign-off", Switch::SignOff)];

/// What can be otherwise around somebody, each with words of its own.
pub(super) const SURROUNDINGS: [&str; 7] = [
    "browser",
    "component",
    "keys",
    "install",
    "root",
    "flush",
    "tls-sessions",
];

const BROWSERS: [(&str, Recommended); 2] = [
    ("recommended", Recommended::Yes),
    ("unsupported", Recommended::No),
];
const COMPONENTS: [(&str, Component); 2] = [
    ("allowed", Component::Allowed),
    ("blocked", Component::Blocked),
];
const PROVIDERS: [(&str, KeyProvider); 2] = [
    ("working", KeyProvider::Working),
    ("failing", KeyProvider::Failing),
];
const INSTALLS: [(&str, InstallHonesty); 2] = [
    ("honest", InstallHonesty::Honest),
    ("silent-failure", InstallHonesty::SilentFailure),
];
const ROOTS: [(&str, BankRoot); 2] = [
    ("trusted", BankRoot::Trusted),
    ("removed", BankRoot::Removed),
];
const FLUSHES: [(&str, KeyFlush); 2] = [("at-once", KeyFlush::AtOnce), ("later", KeyFlush::Later)];
const SESSIONS: [(&str, Resumption); 2] =
    [("forgotten", Resumption::Off), ("resumed", Resumption::On)];

/// The words for one of the [`SURROUNDINGS`].
pub(super) fn surrounding_words(key: &str) -> Option<Vec<&'static str>> {
    match key {
        "browser" => Some(words_of(&BROWSERS)),
        "component" => Some(words_of(&COMPONENTS)),
        "keys" => Some(words_of(&PROVIDERS)),
        "install" => Some(words_of(&INSTALLS)),
        "root" => Some(words_of(&ROOTS)),
        "flush" => Some(words_of(&FLUSHES)),
        "tls-sessions" => Some(words_of(&SESSIONS)),
        _ => None,
    }
}

impl Reader<'_> {
    pub(super) fn seat_verb(&self, verb: &At<String>, name: &str, node: &Node) -> Option<Deed> {
        match verb.value.split_once('.') {
            Some(("browser", _)) => self.browser_verb(verb, name, node),
            _ => self.pc_verb(verb, name, node),
        }
    }

    fn browser_verb(&self, verb: &At<String>, name: &str, node: &Node) -> Option<Deed> {
        let fields = self.arguments_of(verb, node)?;
        let act = match name {
            "close-all" => BrowserAct::CloseAll,
            "close-window" => BrowserAct::CloseWindow,
            "refresh" => BrowserAct::Refresh,
            "new-window" => BrowserAct::NewWindow,
            _ => BrowserAct::Back(match fields.get("from") {
                Some(node) => self.word(node, "source", &SOURCES)?.value,
                None => Back::FromCache,
            }),
        };
        let who = self.somebody_else(&fields, "as")?;
        Some(deed(who, Action::Browser(act)))
    }

    fn pc_verb(&self, verb: &At<String>, name: &str, node: &Node) -> Option<Deed> {
        let fields = self.arguments_of(verb, node)?;
        let who = self.somebody_else(&fields, "as")?;
        let act = match name {
            "power-off" => PcAct::PowerOff,
            "boot" => PcAct::Boot,
            "switch-os-user" => self.switch(&fields)?,
            "use" => {
                let (pc, profile, browser) = (
                    fields.get("pc"),
                    fields.get("profile"),
                    fields.get("browser"),
                );
                let change = self.place_of(pc, profile, browser)?;
                let place = self.roster.person(who).place.changed(&change);
                self.place_must_be_there(&place, &verb.span)?;
                PcAct::Use(change)
            }
            "reset-os-password" => PcAct::ResetOsPassword,
            "restore-os-password" => PcAct::RestoreOsPassword,
            "delete-certificate" => PcAct::DeleteCertificate,
            "clean-store" => PcAct::CleanStore,
            "copy-certificate" => {
                let to = self.needed(&fields, "to", "{ pc: PC-B, profile: … }")?;
                let change = self.place_change(to)?;
                let to = self.roster.person(who).place.changed(&change);
                self.place_must_be_there(&to, &verb.span)?;
                PcAct::CopyCertificate { to }
            }
            "set-clock-skew" => {
                let by = self.needed(&fields, "by", "-400d")?;
                PcAct::SetClockSkew(self.duration(by)?.value)
            }
            _ => PcAct::Surround(self.surroundings(&fields)?),
        };
        Some(deed(who, Action::Pc(act)))
    }

    fn switch(&self, fields: &Fields<'_>) -> Option<PcAct> {
        let to = self.needed(fields, "to", r"'OFFICE\shacho'")?;
        let how = match fields.get("how") {
            Some(node) => self.word(node, "way to switch", &SWITCHES)?.value,
            None => Switch::Fast,
        };
        Some(PcAct::SwitchOsUser {
            to: self.os_profile(to)?,
            how,
        })
    }

    fn surroundings(&self, fields: &Fields<'_>) -> Option<EnvironmentChange> {
        Some(EnvironmentChange {
            browser: self.optional(fields, "browser", &BROWSERS)?,
            component: self.optional(fields, "component", &COMPONENTS)?,
            keys: self.optional(fields, "keys", &PROVIDERS)?,
            install: self.optional(fields, "install", &INSTALLS)?,
            root: self.optional(fields, "root", &ROOTS)?,
            flush: self.optional(fields, "flush", &FLUSHES)?,
            resumption: self.optional(fields, "tls-sessions", &SESSIONS)?,
        })
    }

    #[expect(clippy::option_option, reason = "unreadable, not given, or given")]
    fn optional<T: Clone>(
        &self,
        fields: &Fields<'_>,
        key: &str,
        table: &[(&str, T)],
    ) -> Option<Option<T>> {
        match fields.get(key) {
            Some(node) => self.word(node, key, table).map(|word| Some(word.value)),
            None => Some(None),
        }
    }
}
