//! Text that any reader can take: without terminal sequences and without characters that XML 1.0 forbids.

use std::borrow::Cow;

/// Leaves out ANSI escape sequences (ECMA-48) and every character outside XML 1.0, section 2.2.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_sequence(&mut rest),
            c if is_plain(c) => kept.push(c),
            _ => {}
        }
    }
    Cow::Owned(kept)
}

/// The same on one line: line breaks and tabs become spaces.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    clean(&words.join(" ")).into_owned()
}

fn is_plain(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        || c >= '\u{10000}'
}

/// The rest of a sequence whose ESC was read: CSI up to its final byte, OSC up to BEL or ST, others one character.
fn skip_sequence(rest: &mut std::str::Chars<'_>) {
    match rest.next() {
        Some('[') => {
            rest.find(|c| ('\u{40}'..='\u{7e}').contains(c));
        }
        Some(']') => {
            let mut before = ' ';
            rest.find(|&c| {
                let ends = c == '\u{7}' || (before == '\u{1b}' && c == '\\');
                before = c;
                ends
            });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_and_control_characters_are_left_out() {
        for (text, expected) in [
            ("取得\tok\n", "取得\tok\n"),
            ("\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{1b}]8;;https://x\u{7}link\u{1b}]8;;\u{1b}\\!", "link!"),
            ("a\u{0}b\u{8}c\u{7f}d\u{9b}e\u{fffe}f\u{ffff}", "abcdef"),
            ("an end in \u{1b}", "an end in "),
            ("an end in \u{1b}[31", "an end in "),
        ] {
            assert_eq!(clean(text), expected);
        }
        assert_eq!(one_line("a\n  b\tc"), "a b c");
    }
}
