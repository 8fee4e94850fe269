//! Snapshots: a screen, a record or a certificate as text, to be compared with what a file keeps.
//!
//! The text is what a person could read out, on any machine and by either driver the same: serial numbers are masked,
//! and the keys of the software keyboard, which come in another order each time, are sorted. Moments stand on the
//! scenario's clock and stay. Files are read where scenarios are read ([`crate::plan`]) and written by who asks for it.

use std::fmt::Write as _;

use time::format_description::well_known::Rfc3339;

use crate::event::{Filled, NeedShown, ScreenShown, SnapshotTaken};
use crate::judge::Mismatch;
use crate::model::{Claim, Kept, SnapshotClaim, SnapshotOf, Step};
use crate::observation::{CertificateSeen, Landed, Observation, RecordFacts, Sight};
use crate::source::Span;

/// The software keyboard, whose keys change places.
const KEYBOARD: &str = "m-SWKB";

/// Takes the snapshots that a step asks for, and says which are not as they are kept.
///
/// `screens` are the pages of the step as reports show them, without secrets.
pub(crate) fn take(
    step: &Step,
    seen: &Observation,
    screens: &[ScreenShown],
) -> (Vec<SnapshotTaken>, Vec<Mismatch>) {
    let (mut taken, mut mismatches) = (Vec::new(), Vec::new());
    for check in &step.checks {
        let Claim::Snapshot(claim) = &check.claim else {
            continue;
        };
        if !is_seen(claim.of, seen.sight) {
            continue;
        }
        let text = text(claim.of, seen, screens);
        mismatches.extend(difference(claim, &text, &check.span));
        taken.push(SnapshotTaken {
            of: claim.of.name().into(),
            file: claim.file.to_string_lossy().into_owned(),
            text,
        });
    }
    (taken, mismatches)
}

/// Whether it can be taken from there: books are closed to who looks from outside, and so is how they stand to a
/// certificate.
pub(crate) fn is_seen(of: SnapshotOf, sight: Sight) -> bool {
    sight == Sight::Inside || of == SnapshotOf::Screen
}

fn difference(claim: &SnapshotClaim, text: &str, span: &Span) -> Option<Mismatch> {
    let expected = match &claim.kept {
        Kept::Anything => return None,
        Kept::Text(kept) if kept == text => return None,
        Kept::Text(kept) => kept.clone(),
        Kept::Nothing => {
            "a file that keeps it; --update-snapshots writes it, to be read before it is kept"
                .to_owned()
        }
    };
    Some(Mismatch {
        span: span.clone(),
        about: format!("snapshot {}", claim.file.display()),
        expected,
        actual: text.to_owned(),
    })
}

fn text(of: SnapshotOf, seen: &Observation, screens: &[ScreenShown]) -> String {
    match of {
        SnapshotOf::Screen => screen(seen, screens),
        SnapshotOf::Record => record(seen.facts.record.as_ref()),
        SnapshotOf::Certificate => certificate(seen.facts.certificate.as_ref()),
    }
}

fn screen(seen: &Observation, screens: &[ScreenShown]) -> String {
    let shown = match &seen.landed {
        Landed::Screen(there) => screens.iter().rfind(|shown| shown.id == there.id()),
        _ => None,
    };
    let Some(shown) = shown else {
        return format!("{}\n", seen.landed);
    };
    let serial = seen.facts.certificate.as_ref().map(|one| &one.serial);
    let masked = |text: &str| match serial {
        Some(serial) => text.replace(serial.as_str(), "<serial>"),
        None => text.to_owned(),
    };
    let mut lines = vec![
        format!("{} {}", shown.id, shown.title),
        format!(
            "address: {}",
            seen.address.as_ref().unwrap_or(&shown.address)
        ),
        format!("status: {}", shown.status),
    ];
    for alert in &shown.alerts {
        let code = alert.code.as_deref().unwrap_or("-");
        let field = alert.field.iter().map(|field| format!(" ({field})"));
        let field: String = field.collect();
        lines.push(format!("alert: {code}{field} {}", alert.text));
    }
    lines.extend(shown.texts.iter().map(|text| format!("  {}", masked(text))));
    for field in &shown.fields {
        let need = match field.need {
            NeedShown::Required => " 必須",
            NeedShown::Optional => "",
        };
        let filled = filled(&field.filled);
        lines.push(format!("field: {}{need} {filled}", field.label));
    }
    let mut buttons: Vec<&String> = shown.buttons.iter().collect();
    if shown.id == KEYBOARD {
        buttons.sort();
    }
    lines.extend(buttons.iter().map(|button| format!("button: {button}")));
    lines.extend(shown.links.iter().map(|link| format!("link: {link}")));
    lines.join("\n") + "\n"
}

fn filled(filled: &Filled) -> String {
    match filled {
        Filled::Empty => "[]".to_owned(),
        Filled::Text(text) => format!("[{text}]"),
        Filled::Masked => "[<secret>]".to_owned(),
        Filled::Long => "[<long>]".to_owned(),
        Filled::Ticked => "[x]".to_owned(),
        Filled::Unticked => "[ ]".to_owned(),
    }
}

fn record(record: Option<&RecordFacts>) -> String {
    let Some(record) = record else {
        return "not on the books\n".to_owned();
    };
    let RecordFacts {
        account,
        method,
        grant,
        generation,
        certificate,
        pin_failures,
        condition,
        accepted,
        ever,
    } = record;
    format!(
        "account: {account}\nmethod: {method}\ngrant: {grant}\ngeneration: {generation}\n\
         certificate: {certificate}\npin-failures: {pin_failures}\nuser: {}\n\
         accepted-certificates: {accepted}\ncertificates-ever: {ever}\n",
        condition.name()
    )
}

fn certificate(certificate: Option<&CertificateSeen>) -> String {
    let Some(shown) = certificate.map(CertificateSeen::shown) else {
        return "no certificate in the store\n".to_owned();
    };
    let mut text = String::new();
    for (name, value) in &shown.subject {
        // Writing into a string does not fail.
        let _ = writeln!(text, "subject {name}: {value}");
    }
    let usages = shown.usages.join(", ");
    let [from, to] = [shown.not_before, shown.not_after].map(|moment| {
        moment
            .format(&Rfc3339)
            .expect("a time that X.509 can write has an RFC 3339 form")
    });
    let _ = write!(
        text,
        "issuer: {}\nserial: <serial>\nnot-before: {from}\nnot-after: {to}\nusages: {usages}\nkey: {}\nstanding: {}\n",
        shown.issuer, shown.key, shown.standing
    );
    text
}
