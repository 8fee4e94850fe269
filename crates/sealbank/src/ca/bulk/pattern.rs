//! One subject for each request: a name with placeholders that are filled in.

use std::borrow::Cow;
use std::fmt::Write as _;

use sealbank_ca::Subject;

use crate::ca::subject::{Defaults, SubjectParts};

/// What stands for a brace.
const KNOWN: &str = "{position}, {position:07} with as many digits, {file} for a directory, and {{ or }} for a brace";

/// The greatest width of a position: that of the largest number.
const MAX_WIDTH: usize = 20;

/// Room for a text as most are.
const USUAL_LENGTH: usize = 32;

/// A subject whose parts may have placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SubjectPattern {
    organization: Text,
    organizational_unit: Text,
    common_name: Text,
}

/// Text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Text(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// The place in the input, with zeros before it up to the width.
    Position {
        width: usize,
    },
    /// The file's name without its ending.
    File,
}

/// What the placeholders stand for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filling<'a> {
    pub(super) position: u64,
    /// `None` where requests are not files.
    pub(super) file: Option<&'a str>,
}

impl SubjectPattern {
    /// Reads the placeholders; otherwise what is wrong with them.
    pub(super) fn new(parts: &SubjectParts, defaults: &Defaults) -> Result<Self, String> {
        let [organization, organizational_unit, common_name] = parts.parts(defaults)?;
        Ok(Self {
            organization: Text::parse(organization)?,
            organizational_unit: Text::parse(organizational_unit)?,
            common_name: Text::parse(common_name)?,
        })
    }

    /// The subject of one request; otherwise what is wrong with it.
    pub(super) fn fill(&self, filling: Filling<'_>) -> Result<Subject, String> {
        Subject::new(
            self.organization.fill(filling)?,
            self.organizational_unit.fill(filling)?,
            self.common_name.fill(filling)?,
        )
        .map_err(|error| error.to_string())
    }
}

impl Text {
    fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(after) = after.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            let inside = (brace == "{").then(|| after.split_once('}')).flatten();
            let (name, after) =
                inside.ok_or_else(|| format!("{text:?} has a single brace; use {KNOWN}"))?;
            let piece = Piece::named(name)
                .ok_or_else(|| format!("there is no placeholder {{{name}}}; use {KNOWN}"))?;
            pieces.extend([Piece::Literal(std::mem::take(&mut literal)), piece]);
            rest = after;
        }
        literal.push_str(rest);
        pieces.push(Piece::Literal(literal));
        Ok(Self(pieces))
    }

    fn fill(&self, filling: Filling<'_>) -> Result<Cow<'_, str>, String> {
        if let [Piece::Literal(text)] = self.0.as_slice() {
            return Ok(Cow::Borrowed(text));
        }
        let mut text = String::with_capacity(USUAL_LENGTH);
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Position { width } => {
                    write!(text, "{:0width$}", filling.position)
                        .expect("whatever is written to a text arrives");
                }
                Piece::File => text.push_str(filling.file.ok_or(
                    "{file} has no meaning here: only the requests of a directory are files",
                )?),
            }
        }
        Ok(Cow::Owned(text))
    }
}

impl Piece {
    fn named(name: &str) -> Option<Self> {
        match name {
            "position" => Some(Self::Position { width: 0 }),
            "file" => Some(Self::File),
            _ => {
                let width = name.strip_prefix("position:0")?;
                let digits = !width.is_empty() && width.bytes().all(|byte| byte.is_ascii_digit());
                let width = digits.then(|| width.parse().ok()).flatten()?;
                (width <= MAX_WIDTH).then_some(Self::Position { width })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(common_name: &str) -> Result<String, String> {
        let parts: SubjectParts = format!("O=o,OU=u,CN={common_name}").parse().unwrap();
        let pattern = SubjectPattern::new(&parts, &Defaults::default())?;
        let subject = pattern.fill(Filling {
            position: 17,
            file: Some("keiri"),
        })?;
        Ok(subject.common_name().to_owned())
    }

    #[test]
    fn placeholders_are_filled_in() {
        for (pattern, name) in [
            ("plain", "plain"),
            ("user{position}", "user17"),
            ("user{position:07}x", "user0000017x"),
            ("{position:01}-{file}", "17-keiri"),
            ("{{position}}{{{position}}}", "{position}{17}"),
        ] {
            assert_eq!(filled(pattern).as_deref(), Ok(name), "{pattern}");
        }
    }

    #[test]
    fn what_is_no_placeholder_is_answered_with_those_there_are() {
        for pattern in [
            "{name}",
            "{}",
            "{position:7}",
            "{position:0}",
            "{position:0+7}",
            "{position:021}",
            "{position",
            "position}",
        ] {
            let problem = filled(pattern).unwrap_err();
            assert!(problem.contains("{position:07}"), "{pattern}: {problem}");
        }
    }

    #[test]
    fn a_part_that_gets_too_long_is_told() {
        let long = format!("{}{{position:020}}", "x".repeat(50));
        assert!(filled(&long).unwrap_err().contains("64"));
    }
}
