//! A step in HTML: what was done, the screens as the user saw them, the certificate decoded, and the timeline.

use super::markup::{escaped, words};
use crate::event::{
    CertificateShown, FieldShown, Filled, NeedShown, ScreenShown, StepEnd, StepOutcome, TrailLine,
};
use crate::report::columns::{PARTIES, clock, party};

/// The pieces of a step, in their order; each may be shared with other cases.
pub(super) fn pieces(end: &StepEnd) -> Vec<String> {
    let mut pieces = vec![opening(end)];
    let open = if end.outcome == StepOutcome::Failed {
        " open"
    } else {
        ""
    };
    let unseen = crate::report::not_checked(end);
    pieces.extend(unseen.map(|line| format!("<p class=\"alert\">{}</p>\n", escaped(&line))));
    if !end.screens.is_empty() {
        let count = counted(end.screens.len(), "screen");
        pieces.push(format!(
            "<details class=\"more\"{open}><summary>{count}</summary><div class=\"screens\">\n"
        ));
        pieces.extend(end.screens.iter().map(screen));
        pieces.push("</div></details>\n".to_owned());
    }
    if let Some(seen) = &end.certificate {
        pieces.push(certificate(seen));
    }
    if !end.trail.is_empty() {
        let count = counted(end.trail.len(), "event");
        pieces.push(format!(
            "<details class=\"more\"{open}><summary>Timeline: {count}</summary>\n"
        ));
        pieces.push(timeline("What PC, wire and bank did, in order", &end.trail));
        pieces.push("</details>\n".to_owned());
    }
    pieces.push("</li>\n".to_owned());
    pieces
}

/// The parties side by side, one row an event.
pub(super) fn timeline(caption: &str, trail: &[TrailLine]) -> String {
    let mut before = None;
    let mut rows = String::new();
    for line in trail {
        let time = if before == Some(line.at) {
            String::new()
        } else {
            format!("{} {}", line.at.date(), clock(line.at))
        };
        before = Some(line.at);
        let cells: String = PARTIES
            .iter()
            .map(|of| {
                if *of == line.party {
                    format!("<td>{}</td>", escaped(&line.text))
                } else {
                    "<td></td>".to_owned()
                }
            })
            .collect();
        rows.push_str(&format!("<tr><td class=\"time\">{time}</td>{cells}</tr>\n"));
    }
    let heads: String = PARTIES
        .iter()
        .map(|of| format!("<th scope=\"col\">{}</th>", party(*of)))
        .collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{caption}\"><table class=\"timeline\"><caption>{caption}</caption>\n\
         <thead><tr><th scope=\"col\">time</th>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    )
}

fn opening(end: &StepEnd) -> String {
    let (class, sign, word) = match end.outcome {
        StepOutcome::Passed => ("passed", "✓", "passed"),
        StepOutcome::Failed => ("failed", "✗", "failed"),
        StepOutcome::Skipped => ("skipped", "–", "not done"),
    };
    let said = words(&end.ja, &end.en);
    let place = escaped(&end.place);
    let at = end
        .at
        .map_or_else(String::new, |at| format!(" · {} {}", at.date(), clock(at)));
    let note = end.note.as_ref().map_or_else(String::new, |note| {
        format!("<p class=\"note\">{}</p>", escaped(note))
    });
    format!(
        "<li class=\"step\" value=\"{}\"><p><span class=\"verdict {class}\"><span aria-hidden=\"true\">{sign}</span> {word}</span> {said} \
         <span class=\"meta\">{place}{at}</span></p>{note}\n",
        end.step
    )
}

fn screen(shown: &ScreenShown) -> String {
    let ScreenShown {
        at,
        seat,
        id,
        title,
        address,
        status,
        alerts,
        texts,
        fields,
        buttons,
        links,
    } = shown;
    let alerts: String = alerts
        .iter()
        .map(|alert| {
            let parts = [alert.code.as_deref(), alert.field.as_deref()];
            let parts: Vec<String> = parts.into_iter().flatten().map(escaped).collect();
            let about = parts.join(" ");
            format!(
                "<p class=\"alert\"><strong>{about}</strong> {}</p>",
                escaped(&alert.text)
            )
        })
        .collect();
    let texts: String = texts
        .iter()
        .map(|text| format!("<p>{}</p>", escaped(text)))
        .collect();
    let fields = wrapped("dl", &fields.iter().map(field).collect::<String>());
    let list = |name: &str, class: &str, items: &[String]| {
        let items: String = items
            .iter()
            .map(|item| format!("<li>{}</li>", escaped(item)))
            .collect();
        if items.is_empty() {
            return items;
        }
        format!("<ul class=\"{class}\" aria-label=\"{name}\">{items}</ul>")
    };
    let buttons = list("Buttons", "buttons", buttons);
    let links = list("Links", "links", links);
    let (id, title, address, seat) = (escaped(id), escaped(title), escaped(address), escaped(seat));
    format!(
        "<figure class=\"screen\"><figcaption><strong lang=\"ja\" translate=\"no\">{title}</strong> <code>{id}</code>\
         <span class=\"meta\">{address} · {status} · {seat} · {time}</span></figcaption>\
         <div class=\"page\" lang=\"ja\">{alerts}{texts}{fields}{buttons}{links}</div></figure>\n",
        time = clock(*at)
    )
}

fn field(field: &FieldShown) -> String {
    let need = match field.need {
        NeedShown::Required => " <span class=\"need\">必須</span>",
        NeedShown::Optional => "",
    };
    let value = match &field.filled {
        Filled::Empty => "<span class=\"meta\" lang=\"en\">empty</span>".to_owned(),
        Filled::Text(text) => escaped(text),
        Filled::Masked => "<span role=\"img\" aria-label=\"masked\">●●●●●●</span>".to_owned(),
        Filled::Long => "<span class=\"meta\" lang=\"en\">filled in</span>".to_owned(),
        Filled::Ticked => "<span lang=\"en\">☑ ticked</span>".to_owned(),
        Filled::Unticked => "<span lang=\"en\">☐ not ticked</span>".to_owned(),
    };
    format!(
        "<div><dt>{}{need}</dt><dd>{value}</dd></div>",
        escaped(&field.label)
    )
}

fn certificate(seen: &CertificateShown) -> String {
    let subject: Vec<String> = seen
        .subject
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    let moment = |at: time::OffsetDateTime| {
        let at = at.to_offset(time::UtcOffset::UTC);
        format!("{} {} UTC", at.date(), clock(at))
    };
    let rows = [
        ("Subject", subject.join(", ")),
        ("Issuer", seen.issuer.clone()),
        ("Serial", seen.serial.clone()),
        ("Valid from", moment(seen.not_before)),
        ("Valid until", moment(seen.not_after)),
        ("Usages", seen.usages.join(", ")),
        ("Key", seen.key.to_string()),
        ("Standing", seen.standing.to_string()),
    ];
    let rows: String = rows
        .iter()
        .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{}</dd></div>", escaped(value)))
        .collect();
    format!(
        "<details class=\"more\"><summary>Certificate in the store</summary><dl class=\"certificate\">{rows}</dl></details>\n"
    )
}

fn wrapped(tag: &str, content: &str) -> String {
    if content.is_empty() {
        return String::new();
    }
    format!("<{tag}>{content}</{tag}>")
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}
