//! [`SourceFile`]: the text of one scenario file, and [`Span`]: a place in it.
//!
//! Everything that is read keeps its span, so that a mistake of the author and a failure of a run can
//! point at the same character.

use std::ops::Range;
use std::sync::Arc;

/// The text of one file, shared by everything that was read from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    path: Arc<str>,
    text: Arc<str>,
}

impl SourceFile {
    /// Takes a file's text; a byte order mark is left out.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        Self {
            path: Arc::from(path),
            text: Arc::from(text.strip_prefix('\u{FEFF}').unwrap_or(text)),
        }
    }

    /// The path as it was given.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place `range` (bytes) of this file; a range outside the text is moved to its end.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let within = |at: usize| {
            let mut at = at.min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = within(range.start);
        Span {
            file: self.clone(),
            start,
            end: within(range.end).max(start),
        }
    }
}

/// A place in a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Span {
    file: SourceFile,
    start: usize,
    end: usize,
}

impl Span {
    /// The file.
    #[must_use]
    pub fn file(&self) -> &SourceFile {
        &self.file
    }

    /// The place in bytes.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The text there.
    #[must_use]
    pub fn text(&self) -> &str {
        self.file.text.get(self.range()).unwrap_or_default()
    }

    /// Line and column of its beginning, both counted from 1, columns in characters.
    #[must_use]
    pub fn line_and_column(&self) -> (usize, usize) {
        let before = self.file.text.get(..self.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .map_or(0, |head| head.chars().count());
        (line, column + 1)
    }

    /// Everything that is written under the name at this place: its line and the deeper indented ones that follow.
    #[must_use]
    pub(crate) fn block(&self) -> Block<'_> {
        let text = self.file.text();
        let head = text.get(..self.start).unwrap_or_default();
        let start = head.rfind('\n').map_or(0, |at| at + 1);
        let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let depth = indentation(&text[start..]);
        let (mut end, mut at) = (start, start);
        for line in text[start..].split_inclusive('\n') {
            let said = line.trim();
            if at > start && !said.is_empty() && indentation(line) <= depth {
                break;
            }
            at += line.len();
            // Blank lines and comments at the end belong to what follows.
            if !said.is_empty() && !said.starts_with('#') {
                end = at;
            }
        }
        let text = text[start..end].trim_end();
        let (first_line, _) = self.line_and_column();
        Block {
            first_line,
            last_line: first_line + text.matches('\n').count(),
            text,
        }
    }

    /// The span from this one's beginning to the end of `other`, if that is behind it in the same file.
    #[must_use]
    pub fn to(&self, other: &Self) -> Self {
        Self {
            end: self.end.max(other.end),
            ..self.clone()
        }
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (line, column) = self.line_and_column();
        write!(f, "{}:{line}:{column}", self.file.path())
    }
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// Some whole lines of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    /// The first line, counted from 1.
    pub(crate) first_line: usize,
    /// The last one.
    pub(crate) last_line: usize,
    /// The lines, without a line break at the end.
    pub(crate) text: &'a str,
}

/// A value together with the place where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_lines_and_characters() {
        let file = SourceFile::new("a.yaml", "\u{FEFF}title: 取得\nuser: x\n");
        assert_eq!(file.span(7..10).to_string(), "a.yaml:1:8");
        assert_eq!(file.span(10..13).text(), "得");
        assert_eq!(file.span(10..13).to_string(), "a.yaml:1:9");
        assert_eq!(file.span(14..18).to_string(), "a.yaml:2:1");
    }

    #[test]
    fn a_block_ends_before_the_next_name_of_its_depth() {
        let text = "cases:\n  one:\n    steps:\n\n      - a\n    # of two\n\n  two: { b }\n# end\n";
        let file = SourceFile::new("a.yaml", text);
        let block = |name: &str| {
            let at = text.find(&format!("{name}:")).unwrap();
            let span = file.span(at..at + name.len());
            let Block {
                first_line,
                last_line,
                text,
            } = span.block();
            (first_line, last_line, text.to_owned())
        };
        let one = "  one:\n    steps:\n\n      - a".to_owned();
        assert_eq!(block("one"), (2, 5, one));
        assert_eq!(block("two"), (8, 8, "  two: { b }".to_owned()));
    }

    #[test]
    fn a_place_outside_the_text_is_moved_into_it() {
        let file = SourceFile::new("a.yaml", "取得");
        assert_eq!(file.span(1..999).range(), 0..6);
        assert_eq!(file.span(999..1_000).range(), 6..6);
    }
}
