//! The verbs of the seat: what is done with the browser and with the PC.

use sealbank_workstation::{
    Back, BankRoot, Component, InstallHonesty, KeyFlush, KeyProvider, Recommended, Resumption,
    Switch,
};

use super::step::Deed;
use super::verbs::deed;
use super::{Fields, Reader};
use crate::model::{Action, BrowserAct, EnvironmentChange, PcAct};
use crate::node::Node;
use crate::source::At;

impl Reader<'_> {
    pub(super) fn seat_verb(&self, verb: &At<String>, name: &str, node: &Node) -> Option<Deed> {
        match verb.value.split_once('.') {
            Some(("browser", _)) => self.browser_verb(verb, name, node),
            _ => self.pc_verb(verb, name, node),
        }
    }

    fn browser_verb(&self, verb: &At<String>, name: &str, node: &Node) -> Option<Deed> {
        let known: &[&str] = match name {
            "back" => &["as", "from"],
            _ => &["as"],
        };
        let fields = self.fields(node, &verb.value, known)?;
        let sources = [("cache", Back::FromCache), ("bank", Back::Reload)];
        let act = match name {
            "close-all" => BrowserAct::CloseAll,
            "close-window" => BrowserAct::CloseWindow,
            "refresh" => BrowserAct::Refresh,
            "new-window" => BrowserAct::NewWindow,
            _ => BrowserAct::Back(match fields.get("from") {
                Some(node) => self.word(node, "source", &sources)?.value,
                None => Back::FromCache,
            }),
        };
        let who = self.somebody_else(&fields, "as")?;
        Some(deed(who, Action::Browser(act)))
    }

    fn pc_verb(&self, verb: &At<String>, name: &str, node: &Node) -> Option<Deed> {
        let known: &[&str] = match name {
            "switch-os-user" => &["as", "to", "how"],
            "use" => &["as", "pc", "profile", "browser"],
            "copy-certificate" => &["as", "to"],
            "set-clock-skew" => &["as", "by"],
            "surround" => &[
                "as",
                "browser",
                "component",
                "keys",
                "install",
                "root",
                "flush",
                "tls-sessions",
            ],
            _ => &["as"],
        };
        let fields = self.fields(node, &verb.value, known)?;
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
        let hows = [("fast", Switch::Fast), ("sign-off", Switch::SignOff)];
        let to = self.needed(fields, "to", r"'OFFICE\shacho'")?;
        let how = match fields.get("how") {
            Some(node) => self.word(node, "way to switch", &hows)?.value,
            None => Switch::Fast,
        };
        Some(PcAct::SwitchOsUser {
            to: self.os_profile(to)?,
            how,
        })
    }

    fn surroundings(&self, fields: &Fields<'_>) -> Option<EnvironmentChange> {
        let browsers = [
            ("recommended", Recommended::Yes),
            ("unsupported", Recommended::No),
        ];
        let components = [
            ("allowed", Component::Allowed),
            ("blocked", Component::Blocked),
        ];
        let keys = [
            ("working", KeyProvider::Working),
            ("failing", KeyProvider::Failing),
        ];
        let installs = [
            ("honest", InstallHonesty::Honest),
            ("silent-failure", InstallHonesty::SilentFailure),
        ];
        let roots = [
            ("trusted", BankRoot::Trusted),
            ("removed", BankRoot::Removed),
        ];
        let flushes = [("at-once", KeyFlush::AtOnce), ("later", KeyFlush::Later)];
        let sessions = [("forgotten", Resumption::Off), ("resumed", Resumption::On)];
        Some(EnvironmentChange {
            browser: self.optional(fields, "browser", &browsers)?,
            component: self.optional(fields, "component", &components)?,
            keys: self.optional(fields, "keys", &keys)?,
            install: self.optional(fields, "install", &installs)?,
            root: self.optional(fields, "root", &roots)?,
            flush: self.optional(fields, "flush", &flushes)?,
            resumption: self.optional(fields, "tls-sessions", &sessions)?,
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
