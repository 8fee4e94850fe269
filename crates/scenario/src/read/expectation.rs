//! `expect`: what has to be true after a step.

use sealbank_bank::{Condition, Refusal};
use sealbank_workstation::StoreState;

use super::{Fields, Reader};
use crate::diagnostic::Diagnostic;
use crate::model::{
    Check, ChoiceKind, Claim, ComponentKind, PersonId, Place, RecordClaim, TlsClaim,
};
use crate::node::Node;
use crate::observation::CONNECTION_LOST;
use crate::source::{At, Span};

pub(super) const KEYS: [&str; 24] = [
    "screen",
    "status",
    "refused",
    "because",
    "tls",
    "component",
    "field-error",
    "text",
    "fields",
    "required",
    "buttons",
    "links",
    "passes",
    "shows",
    "certificate",
    "record",
    "store",
    "user",
    "choice",
    "accepted-certificates",
    "certificates-ever",
    "meanwhile",
    "administrator",
    "snapshot",
];

/// The procedure's screens by plain names, beside their ids, and the browser's own error page.
pub(super) const SCREENS: [(&str, &str); 22] = [
    ("top", "m-TOP"),
    ("form", "CIBMU921"),
    ("keyboard", "m-SWKB"),
    ("intermediate", "m-MID"),
    ("execute", "m-RUN"),
    ("processing", "m-PROC"),
    ("done", "m-DONE"),
    ("error", "m-ERR"),
    ("logon-id", "m-LOGON-ID"),
    ("logon-certificate", "m-LOGON-CERT"),
    ("status", "m-STATUS"),
    ("renewal", "m-RENEW"),
    ("pin-age", "m-PINAGE"),
    ("admin-logon", "m-ADM-LOGON"),
    ("admin-menu", "m-ADM-MENU"),
    ("admin-users", "m-ADM-USERS"),
    ("admin-user", "m-ADM-USER"),
    ("admin-issue", "m-ADM-ISSUE"),
    ("admin-result", "m-ADM-USER-RES"),
    ("admin-unlock", "m-ADM-UNLOCK"),
    ("closed", "m-CLOSED"),
    ("connection-lost", CONNECTION_LOST),
];

pub(super) const CONDITIONS: [Condition; 13] = [
    Condition::Fresh,
    Condition::AwaitingRetrieval,
    Condition::Retrieving,
    Condition::Lapsed,
    Condition::Voided,
    Condition::Unconfirmed,
    Condition::Usable,
    Condition::Stranded,
    Condition::ExpiredOut,
    Condition::Revoked,
    Condition::LockedOut,
    Condition::Stopped,
    Condition::Deregistered,
];

const STORES: [StoreState; 6] = [
    StoreState::Nothing,
    StoreState::KeyOnly,
    StoreState::Installed,
    StoreState::CertificateWithoutKey,
    StoreState::KeyUnreadable,
    StoreState::Deleted,
];

/// The alerts of the procedure's section 3 (RFC 8446, section 6).
const ALERTS: [&str; 6] = [
    "certificate-required",
    "unknown-ca",
    "certificate-expired",
    "certificate-revoked",
    "bad-certificate",
    "handshake-failure",
];

/// Reasons that the portal's trail gives for what TLS refused.
const TLS_REASONS: [&str; 3] = ["unknown-ca", "certificate-required", "bad-certificate"];

/// The words of the bank's record, by the member that they are about.
pub(super) const RECORD_WORDS: [(&str, &[&str]); 4] = [
    (
        "account",
        &["active", "suspended", "stopped-by-admin", "deleted"],
    ),
    ("method", &["id-pin", "certificate"]),
    (
        "grant",
        &["none", "ready", "claimed", "consumed", "lapsed", "void"],
    ),
    (
        "certificate",
        &[
            "none",
            "requested",
            "signed",
            "delivered",
            "confirmed",
            "expired",
            "revoked",
        ],
    ),
];

impl Reader<'_> {
    pub(super) fn checks(&self, node: &Node) -> Vec<Check> {
        let Some(fields) = self.fields(node, "expect", &KEYS) else {
            return Vec::new();
        };
        let mut checks = Vec::new();
        for (key, node) in fields.entries {
            match key.value.as_str() {
                "meanwhile" => checks.push(self.meanwhile(key, node)),
                "snapshot" => checks.extend(self.snapshots(node)),
                "certificate" => checks.extend(self.certificate_claims(node)),
                "record" => checks.extend(self.record_claims(node)),
                "store" => checks.extend(self.store_claims(node)),
                "shows" => checks.extend(self.shown(node)),
                "text" => checks.extend(
                    self.items(node)
                        .iter()
                        .filter_map(|item| Some(said(self.text(item)?, Claim::Text))),
                ),
                name => match self.comparisons(name, node) {
                    Some(compared) => checks.extend(compared),
                    None => checks.extend(self.single(name, node)),
                },
            }
        }
        checks
    }

    /// Of the one who interrupted only his end is seen.
    fn meanwhile(&self, key: &At<String>, node: &Node) -> Check {
        let checks = self.checks(node);
        for check in &checks {
            if let Claim::Snapshot(_) = check.claim {
                let what = "a snapshot is taken of the step, not of what happens meanwhile";
                let mend = "write it beside `meanwhile`";
                self.complain(Diagnostic::new(check.span.clone(), what).mend(mend));
            }
        }
        Check {
            span: key.span.clone(),
            claim: Claim::Meanwhile(checks),
        }
    }

    fn single(&self, name: &str, node: &Node) -> Option<Check> {
        let list = |claim: fn(Vec<String>) -> Claim| {
            Some(Check {
                span: self.resolved(node).span.clone(),
                claim: claim(self.texts(node)),
            })
        };
        match name {
            "screen" => Some(said(self.screen(node)?, Claim::Screen)),
            "status" => Some(said(self.http_status(node)?, Claim::Status)),
            "refused" => Some(said(self.refusal_code(node)?, Claim::Refused)),
            "because" => Some(said(self.reason(node)?, Claim::Because)),
            "tls" => self.tls(node),
            "component" => Some(said(self.component(node)?, Claim::Component)),
            "field-error" => Some(said(self.text(node)?, Claim::FieldError)),
            "fields" => list(Claim::Fields),
            "required" => list(Claim::Required),
            "buttons" => list(Claim::Buttons),
            "links" => list(Claim::Links),
            "passes" => Some(self.passes(node)),
            "user" | "administrator" => Some(said(self.condition(node)?, Claim::Condition)),
            "choice" => Some(said(self.choice(node)?, Claim::Choice)),
            "accepted-certificates" => Some(said(self.count(node)?, Claim::Accepted)),
            "certificates-ever" => Some(said(self.count(node)?, Claim::Ever)),
            _ => None,
        }
    }

    pub(super) fn screen(&self, node: &Node) -> Option<At<String>> {
        let ids = SCREENS.iter().map(|(_, id)| (*id, *id));
        let ids = ids.filter(|(id, _)| *id != CONNECTION_LOST);
        let table: Vec<(&str, &str)> = SCREENS.iter().copied().chain(ids).collect();
        let found = self.word(node, "screen", &table)?;
        Some(At {
            value: found.value.to_owned(),
            span: found.span,
        })
    }

    /// The HTTP status of a page (RFC 9110, section 15).
    fn http_status(&self, node: &Node) -> Option<At<u16>> {
        let number = self.number(node, 599)?;
        let status = u16::try_from(number.value).ok();
        let Some(value) = status.filter(|status| *status >= 100) else {
            return self.wrong(
                node,
                "an HTTP status",
                "write a number from 100 to 599: 503",
            );
        };
        Some(At {
            value,
            span: number.span,
        })
    }

    fn passes(&self, node: &Node) -> Check {
        let screens = self.items(node).iter().filter_map(|item| self.screen(item));
        Check {
            span: self.resolved(node).span.clone(),
            claim: Claim::Passes(screens.map(|screen| screen.value).collect()),
        }
    }

    pub(super) fn refusal_code(&self, node: &Node) -> Option<At<String>> {
        let mut codes: Vec<(&str, String)> = Refusal::ALL
            .iter()
            .map(|refusal| (refusal.code(), refusal.code().to_owned()))
            .collect();
        codes.dedup();
        let written = self
            .resolved(node)
            .scalar()
            .map(|scalar| scalar.text.clone());
        let by_reason = Refusal::ALL
            .iter()
            .find(|refusal| Some(refusal.reason()) == written.as_deref());
        if let Some(refusal) = by_reason {
            let found = self.resolved(node);
            let (code, reason) = (refusal.code(), refusal.reason());
            return self.wrong(
                found,
                "a code that the customer sees",
                format!("write `refused: {code}`, and `because: {reason}` for the inner reason"),
            );
        }
        self.word(node, "refusal code", &codes)
    }

    pub(super) fn reason(&self, node: &Node) -> Option<At<String>> {
        let table: Vec<(&str, String)> = Refusal::ALL
            .iter()
            .map(|refusal| refusal.reason())
            .chain(TLS_REASONS)
            .map(|reason| (reason, reason.to_owned()))
            .collect();
        self.word(node, "inner reason", &table)
    }

    fn tls(&self, node: &Node) -> Option<Check> {
        let alerts = ALERTS.map(|alert| (alert, TlsClaim::Alert(alert.to_owned())));
        let table: Vec<(&str, TlsClaim)> = alerts
            .into_iter()
            .chain([("refused-by-pc", TlsClaim::RefusedByPc)])
            .collect();
        Some(said(self.word(node, "TLS outcome", &table)?, Claim::Tls))
    }

    fn component(&self, node: &Node) -> Option<At<ComponentKind>> {
        let table = [
            ("blocked", ComponentKind::Blocked),
            ("key-generation", ComponentKind::KeyGeneration),
            ("install", ComponentKind::Install),
            ("no-matching-request", ComponentKind::NoMatchingRequest),
        ];
        self.word(node, "failure of the component", &table)
    }

    pub(super) fn condition(&self, node: &Node) -> Option<At<Condition>> {
        let table = CONDITIONS.map(|condition| (condition.name(), condition));
        self.word(node, "condition", &table)
    }

    fn choice(&self, node: &Node) -> Option<At<ChoiceKind>> {
        let table = [
            ("unasked", ChoiceKind::Unasked),
            ("none", ChoiceKind::None),
            ("declined", ChoiceKind::Declined),
            ("certificate", ChoiceKind::Certificate),
        ];
        self.word(node, "choice", &table)
    }

    fn count(&self, node: &Node) -> Option<At<usize>> {
        let number = self.number(node, 1_000)?;
        Some(At {
            value: usize::try_from(number.value).ok()?,
            span: number.span,
        })
    }

    fn shown(&self, node: &Node) -> Vec<Check> {
        let node = self.resolved(node);
        let Some(entries) = node.entries() else {
            self.wrong::<()>(
                node,
                "a map",
                "write `shows: { ログオン方式: 電子証明書方式 }`",
            );
            return Vec::new();
        };
        let claims = entries.iter().filter_map(|(label, value)| {
            let label = label.value.clone();
            Some(said(self.text(value)?, |value| Claim::Shows {
                label,
                value,
            }))
        });
        claims.collect()
    }

    /// `store: installed`, or `store: { pc, profile, is }`, or a list of those.
    fn store_claims(&self, node: &Node) -> Vec<Check> {
        self.items(node)
            .iter()
            .filter_map(|item| self.store_claim(item))
            .collect()
    }

    fn store_claim(&self, node: &Node) -> Option<Check> {
        let table = STORES.map(|state| (state.name(), state));
        let resolved = self.resolved(node);
        if resolved.entries().is_none_or(<[_]>::is_empty) {
            let state = self.word(resolved, "state of a store", &table)?;
            return Some(said(state, |state| Claim::Store { of: None, state }));
        }
        let fields = self.fields(resolved, "store", &["pc", "profile", "is", "of"])?;
        let state = self.needed(&fields, "is", "installed")?;
        let state = self.word(state, "state of a store", &table)?;
        let change = self.place_of(fields.get("pc"), fields.get("profile"), None)?;
        let owner: PersonId = self.somebody_else(&fields, "of")?;
        let place: Place = self.roster.person(owner).place.changed(&change);
        self.place_must_be_there(&place, fields.span())?;
        Some(said(state, |state| Claim::Store {
            of: Some(place),
            state,
        }))
    }

    fn record_claims(&self, node: &Node) -> Vec<Check> {
        const KEYS: [&str; 6] = [
            "account",
            "method",
            "grant",
            "generation",
            "certificate",
            "pin-failures",
        ];
        let Some(fields) = self.fields(node, "record", &KEYS) else {
            return Vec::new();
        };
        let claims = KEYS.iter().map(|key| {
            let compared = fields.get(key);
            compared
                .and_then(|node| self.comparisons(&format!("record.{key}"), node))
                .unwrap_or_else(|| self.record_claim(&fields, key).into_iter().collect())
        });
        claims.flatten().collect()
    }

    fn record_claim(&self, fields: &Fields<'_>, key: &str) -> Option<Check> {
        let node = fields.get(key)?;
        let word = || {
            let words = RECORD_WORDS.iter().find(|(known, _)| *known == key)?.1;
            let table: Vec<(&str, String)> = words
                .iter()
                .map(|word| (*word, (*word).to_owned()))
                .collect();
            self.word(node, key, &table)
        };
        let record = |claim: fn(String) -> RecordClaim, word: At<String>| {
            said(word, |word| Claim::Record(claim(word)))
        };
        Some(match key {
            "account" => record(RecordClaim::Account, word()?),
            "method" => record(RecordClaim::Method, word()?),
            "grant" => record(RecordClaim::Grant, word()?),
            "certificate" => record(RecordClaim::Certificate, word()?),
            "generation" => said(self.number(node, 1_000)?, |number| {
                Claim::Record(RecordClaim::Generation(number))
            }),
            _ => said(self.number(node, 1_000)?, |number| {
                Claim::Record(RecordClaim::PinFailures(number))
            }),
        })
    }
}

pub(super) fn said<T>(found: At<T>, claim: impl FnOnce(T) -> Claim) -> Check {
    let At { value, span }: At<T> = found;
    let span: Span = span;
    Check {
        span,
        claim: claim(value),
    }
}
