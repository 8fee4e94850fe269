//! Claims about how a step ended: screen, refusal, TLS, component, and what the screen shows.

use sealbank_workstation::{Field, Need, Screen};

use super::Verdict;
use crate::model::{Claim, ComponentKind, TlsClaim};
use crate::observation::{Landed, Observation};

pub(super) fn verdict(claim: &Claim, seen: &Observation) -> Verdict {
    let landed = &seen.landed;
    let unless = |holds: bool, about: &str, expected: &str, actual: String| {
        (!holds).then(|| (about.to_owned(), expected.to_owned(), actual))
    };
    match claim {
        Claim::Screen(id) => unless(landed.screen_id() == Some(id), "screen", id, end(seen)),
        Claim::Status(status) => {
            let found = landed.screen().map(Screen::status);
            let actual = found.map_or_else(|| end(seen), |found| format!("{found}, {}", end(seen)));
            unless(
                found == Some(*status),
                "status",
                &status.to_string(),
                actual,
            )
        }
        Claim::Refused(code) => unless(landed.refusal() == Some(code), "refused", code, end(seen)),
        Claim::Because(reason) => {
            let found = seen.because.as_deref();
            let actual = found.map_or_else(|| format!("no refusal; {landed}"), str::to_owned);
            unless(found == Some(reason), "because", reason, actual)
        }
        Claim::Tls(claim) => tls(claim, seen),
        Claim::Component(kind) => component(*kind, seen),
        Claim::FieldError(label) => {
            let found = landed.screen().is_some_and(|screen| {
                let mut alerts = screen.alerts().iter();
                alerts.any(|alert| alert.field.as_ref() == Some(label))
            });
            unless(found, "field-error", label, end(seen))
        }
        Claim::Text(text) => {
            let found = landed
                .screen()
                .is_some_and(|screen| plain(screen.text()).contains(&plain(text)));
            let actual = landed
                .screen()
                .map_or_else(|| landed.to_string(), |screen| screen.text().to_owned());
            unless(found, "text", text, actual)
        }
        Claim::Fields(_) | Claim::Required(_) | Claim::Buttons(_) | Claim::Links(_) => {
            parts(claim, landed)
        }
        Claim::Passes(screens) => {
            let mut passed = seen.passed.iter();
            let in_order = screens
                .iter()
                .all(|screen| passed.any(|found| found == screen));
            unless(
                in_order,
                "passes",
                &screens.join(", "),
                seen.passed.join(", "),
            )
        }
        Claim::Shows { label, value } => shows(label, value, landed),
        _ => None,
    }
}

fn end(seen: &Observation) -> String {
    let end = match (&seen.component, &seen.landed) {
        (Some((_, said)), landed) => format!("{landed}; {said}"),
        (None, landed) => landed.to_string(),
    };
    match &seen.because {
        Some(reason) => format!("{end} (because: {reason})"),
        None => end,
    }
}

fn tls(claim: &TlsClaim, seen: &Observation) -> Verdict {
    let (expected, holds) = match (claim, &seen.landed) {
        (TlsClaim::Alert(wanted), landed) => (
            wanted.as_str(),
            matches!(landed, Landed::TlsRefused { alert: Some(alert), by_pc: None } if alert == wanted),
        ),
        (TlsClaim::RefusedByPc, landed) => (
            "refused-by-pc",
            matches!(landed, Landed::TlsRefused { by_pc: Some(_), .. }),
        ),
    };
    (!holds).then(|| ("tls".to_owned(), expected.to_owned(), end(seen)))
}

fn component(kind: ComponentKind, seen: &Observation) -> Verdict {
    let holds = seen
        .component
        .as_ref()
        .is_some_and(|(found, _)| *found == kind);
    let expected = match kind {
        ComponentKind::Blocked => "blocked",
        ComponentKind::KeyGeneration => "key-generation",
        ComponentKind::Install => "install",
        ComponentKind::NoMatchingRequest => "no-matching-request",
    };
    (!holds).then(|| ("component".to_owned(), expected.to_owned(), end(seen)))
}

/// Fields are compared as a whole, buttons and links may have others beside them.
fn parts(claim: &Claim, landed: &Landed) -> Verdict {
    let labels = |need: Option<Need>| -> Vec<String> {
        let wanted = |field: &&Field| need.is_none_or(|need| field.need() == need);
        landed.screen().map_or_else(Vec::new, |screen| {
            let fields = screen.fields().filter(wanted);
            fields.filter_map(Field::label).map(str::to_owned).collect()
        })
    };
    let screen = landed.screen();
    let (about, expected, actual, whole) = match claim {
        Claim::Fields(expected) => ("fields", expected, labels(None), true),
        Claim::Required(expected) => ("required", expected, labels(Some(Need::Required)), true),
        Claim::Buttons(expected) => {
            let buttons = screen.map_or_else(Vec::new, |screen| {
                screen
                    .buttons()
                    .map(|button| button.text().to_owned())
                    .collect()
            });
            ("buttons", expected, buttons, false)
        }
        Claim::Links(expected) => {
            let links = screen.map_or_else(Vec::new, |screen| {
                screen
                    .links()
                    .iter()
                    .map(|link| link.text.clone())
                    .collect()
            });
            ("links", expected, links, false)
        }
        _ => return None,
    };
    let holds = if whole {
        *expected == actual
    } else {
        expected.iter().all(|label| actual.contains(label))
    };
    (!holds).then(|| (about.to_owned(), expected.join(", "), actual.join(", ")))
}

fn shows(label: &str, value: &str, landed: &Landed) -> Verdict {
    const LISTS: [&str; 5] = ["certificate", "status", "presented", "contract", "user"];
    let found = landed.screen().and_then(|screen| {
        let mut lists = LISTS.iter();
        lists.find_map(|list| screen.detail(list, label))
    });
    let actual = found.map_or_else(|| format!("{landed} does not show it"), str::to_owned);
    (found != Some(value)).then(|| (format!("shows {label}"), value.to_owned(), actual))
}

/// Text as a person compares it: line breaks and spaces don't count.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
