//! The trail in text: three columns on one time axis where there is room, one list where there is not.

use time::OffsetDateTime;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::event::{Party, TrailLine};

/// The narrowest column that is still readable.
const NARROWEST: usize = 28;
/// `09:00:00` and the space after it.
const TIME: usize = 10;
const GAP: &str = " │ ";

/// The parties from left to right: what a person does goes over the wire to the bank.
pub(super) const PARTIES: [Party; 3] = [Party::Pc, Party::Wire, Party::Bank];

/// The lines of the trail in `width` columns of a terminal; none is for a stream without a width.
pub(super) fn trail(lines: &[TrailLine], width: Option<usize>) -> Vec<String> {
    let column = width.map(|width| width.saturating_sub(TIME + 2 * GAP.width()) / 3);
    match column {
        Some(column) if column >= NARROWEST => side_by_side(lines, column),
        _ => lines.iter().map(line).collect(),
    }
}

/// One event on one line.
pub(super) fn line(line: &TrailLine) -> String {
    let (date, time) = (line.at.date(), clock(line.at));
    format!("{date} {time} {:<4}  {}", party(line.party), line.text)
}

/// What a party is called.
pub(super) fn party(party: Party) -> &'static str {
    match party {
        Party::Bank => "bank",
        Party::Wire => "wire",
        Party::Pc => "pc",
    }
}

/// Hours, minutes and seconds.
pub(super) fn clock(at: OffsetDateTime) -> String {
    let (hour, minute, second) = at.time().as_hms();
    format!("{hour:02}:{minute:02}:{second:02}")
}

fn side_by_side(lines: &[TrailLine], column: usize) -> Vec<String> {
    let heads = PARTIES.map(|of| padded(party(of), column)).join(GAP);
    let mut told = vec![format!("{}{heads}", " ".repeat(TIME)).trim_end().to_owned()];
    let mut before: Option<OffsetDateTime> = None;
    for line in lines {
        if before.is_none_or(|before| before.date() != line.at.date()) {
            told.push(line.at.date().to_string());
        }
        let time = if before == Some(line.at) {
            String::new()
        } else {
            clock(line.at)
        };
        before = Some(line.at);
        for (row, piece) in folded(&line.text, column).into_iter().enumerate() {
            let time = if row == 0 { time.as_str() } else { "" };
            let cells =
                PARTIES.map(|of| padded(if of == line.party { &piece } else { "" }, column));
            let row = format!("{time:<TIME$}{}", cells.join(GAP));
            told.push(row.trim_end().to_owned());
        }
    }
    told
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// A text in pieces of at most `width` columns, broken at spaces where there are any.
fn folded(text: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for word in text.split_inclusive(' ') {
        if used > 0 && used + word.trim_end().width() > width {
            pieces.push(String::new());
            used = 0;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > width {
                pieces.push(String::new());
                used = 0;
            }
            used += wide;
            if let Some(piece) = pieces.last_mut() {
                piece.push(c);
            }
        }
    }
    pieces
        .into_iter()
        .map(|piece| piece.trim_end().to_owned())
        .filter(|piece| !piece.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_never_wider_than_it_may_be() {
        for (text, width, expected) in [
            (
                "presses 「実行」 now",
                10,
                vec!["presses", "「実行」", "now"],
            ),
            ("電子証明書", 4, vec!["電子", "証明", "書"]),
            ("a/very/long/path b", 6, vec!["a/very", "/long/", "path b"]),
            ("", 6, vec![]),
        ] {
            assert_eq!(folded(text, width), expected, "{text}");
        }
    }

    #[test]
    fn what_has_no_width_or_too_little_of_it_is_one_list() {
        let at = time::macros::datetime!(2031-04-01 09:00:00 +09:00);
        let lines = [TrailLine {
            at,
            party: Party::Pc,
            text: "presses".to_owned(),
        }];
        let list = ["2031-04-01 09:00:00 pc    presses"];
        assert_eq!(trail(&lines, None), list);
        assert_eq!(trail(&lines, Some(80)), list);
        assert_eq!(
            trail(&lines, Some(120)),
            [
                "          pc                                 │ wire                               │ bank",
                "2031-04-01",
                "09:00:00  presses                            │                                    │",
            ]
        );
    }
}
