//! Turning a [`Screen`] into what a report may show of it: everything a person saw, and no secret.

use sealbank_workstation::{Concealed, Field, FieldKind, Need, Screen, Ticked};
use time::OffsetDateTime;

use crate::event::{AlertShown, FieldShown, Filled, NeedShown, ScreenShown};

/// The page as `seat` saw it. Password fields are masked, and so is any field that holds one of `secrets`.
pub(crate) fn screen_shown(
    at: OffsetDateTime,
    seat: &str,
    screen: &Screen,
    secrets: &[Concealed],
) -> ScreenShown {
    let alerts: Vec<AlertShown> = screen
        .alerts()
        .iter()
        .map(|alert| AlertShown {
            code: alert.code.clone(),
            field: alert.field.clone(),
            text: alert.text.clone(),
        })
        .collect();
    let fields: Vec<FieldShown> = screen
        .fields()
        .filter_map(|field| field_shown(field, secrets))
        .collect();
    let buttons: Vec<String> = screen.buttons().map(|b| b.text().to_owned()).collect();
    let links: Vec<String> = screen.links().iter().map(|l| l.text.clone()).collect();
    let is_elsewhere = |line: &str| {
        buttons.iter().chain(&links).any(|text| text == line)
            || fields.iter().any(|field| field.label == line)
            || alerts.iter().any(|alert| alert.text.contains(line))
            || line == screen.id()
            || line == screen.title()
            || (line == "必須" && !fields.is_empty())
    };
    let lines = screen.text().lines().filter(|line| !is_elsewhere(line));
    let url = screen.url();
    ScreenShown {
        at,
        seat: seat.to_owned(),
        id: screen.id().to_owned(),
        title: screen.title().to_owned(),
        address: format!("{}{}", url.host_str().unwrap_or_default(), url.path()),
        status: screen.status(),
        texts: lines.map(str::to_owned).collect(),
        alerts,
        fields,
        buttons,
        links,
    }
}

fn field_shown(field: &Field, secrets: &[Concealed]) -> Option<FieldShown> {
    let value = field.value();
    let filled = match field.kind() {
        FieldKind::Tick {
            ticked: Ticked::Yes,
            ..
        } => Filled::Ticked,
        FieldKind::Tick { .. } => Filled::Unticked,
        _ if value.is_empty() => Filled::Empty,
        FieldKind::Password => Filled::Masked,
        _ if secrets.contains(value) => Filled::Masked,
        FieldKind::TextArea => Filled::Long,
        FieldKind::Select(options) => {
            let chosen = options.iter().find(|(_, sent)| sent == value.expose());
            Filled::Text(chosen.map_or_else(String::new, |(text, _)| text.clone()))
        }
        FieldKind::Text | FieldKind::Hidden => Filled::Text(value.expose().to_owned()),
    };
    Some(FieldShown {
        label: field.label()?.to_owned(),
        need: match field.need() {
            Need::Required => NeedShown::Required,
            Need::Optional => NeedShown::Optional,
        },
        filled,
    })
}
