//! Expected and found, as a diff: every report shows the same lines in its own colours.

use similar::{ChangeTag, TextDiff};

/// One line of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DiffLine<'a> {
    /// In both.
    Same(&'a str),
    /// Only expected.
    Expected(&'a str),
    /// Only found.
    Found(&'a str),
}

impl<'a> DiffLine<'a> {
    /// The sign before the line.
    pub(super) fn sign(self) -> char {
        match self {
            Self::Same(_) => ' ',
            Self::Expected(_) => '-',
            Self::Found(_) => '+',
        }
    }

    /// The line.
    pub(super) fn text(self) -> &'a str {
        match self {
            Self::Same(text) | Self::Expected(text) | Self::Found(text) => text,
        }
    }
}

/// The lines that differ between two values, and those between them.
pub(super) fn diff<'a>(expected: &'a str, found: &'a str) -> Vec<DiffLine<'a>> {
    let lines = TextDiff::from_lines(expected, found);
    lines
        .iter_all_changes()
        .map(|change| {
            let text = change.value().trim_end_matches(['\n', '\r']);
            match change.tag() {
                ChangeTag::Equal => DiffLine::Same(text),
                ChangeTag::Delete => DiffLine::Expected(text),
                ChangeTag::Insert => DiffLine::Found(text),
            }
        })
        .collect()
}

/// Whether two values are better shown line by line than side by side.
pub(super) fn has_lines(expected: &str, found: &str) -> bool {
    expected.contains('\n') || found.contains('\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_both_have_are_said_once() {
        use DiffLine::{Expected, Found, Same};
        assert_eq!(
            diff("a\nb\nc", "a\nx\nc"),
            [Same("a"), Expected("b"), Found("x"), Same("c")]
        );
        assert_eq!(diff("a\r\n", ""), [Expected("a")]);
    }
}
