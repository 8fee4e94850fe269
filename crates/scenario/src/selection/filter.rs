//! [`Filter`]: an expression over tags, ids and files, such as `tag(slow) and not id(stranded) or file(manual)`.
//!
//! `not` binds before `and`, `and` before `or`; parentheses group. A mistake is shown with a caret and its mend.

use std::ops::Range;

use super::Candidate;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::plan::PlannedCase;
use crate::source::{SourceFile, Span};

const OPERATORS: [&str; 3] = ["and", "or", "not"];
const CONDITIONS: [&str; 3] = ["tag", "id", "file"];

/// Deeper than anybody nests parentheses and `not`, and far from the end of the stack.
const DEEPEST: usize = 64;

/// A condition that cases meet or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(Expression);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Expression {
    /// It has this tag.
    Tag(String),
    /// Its id contains this.
    Id(String),
    /// The path of its file contains this.
    File(String),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

impl Filter {
    /// Reads an expression: `tag(T)`, `id(TEXT)`, `file(TEXT)`, joined by `and`, `or`, `not` and parentheses.
    ///
    /// # Errors
    /// The first mistake, with its place in the expression and how to mend it.
    ///
    /// ```
    /// use sealbank_scenario::{Filter, Style};
    ///
    /// let mistake = Filter::parse("tga(slow)").unwrap_err();
    /// assert_eq!(mistake.help(), Some("did you mean `tag`?"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, Box<Diagnostic>> {
        let mut parser = Parser {
            source: SourceFile::new("filter", text),
            at: 0,
            depth: 0,
        };
        let expression = parser.any()?;
        match parser.word() {
            None => Ok(Self(expression)),
            Some(place) => Err(parser.surplus(place)),
        }
    }

    /// Whether it holds for a case.
    #[must_use]
    pub fn holds(&self, case: &PlannedCase) -> bool {
        self.meets(&Candidate::from(case))
    }

    pub(super) fn meets(&self, case: &Candidate<'_>) -> bool {
        self.0.holds(case)
    }
}

impl Expression {
    fn holds(&self, case: &Candidate<'_>) -> bool {
        match self {
            Self::Tag(tag) => case.tags.contains(tag),
            Self::Id(text) => case.id.contains(text.as_str()),
            Self::File(text) => case.place.file().path().contains(text.as_str()),
            Self::Not(inner) => !inner.holds(case),
            Self::All(parts) => parts.iter().all(|part| part.holds(case)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(case)),
        }
    }
}

type Parsed<T> = Result<T, Box<Diagnostic>>;

struct Parser {
    source: SourceFile,
    at: usize,
    depth: usize,
}

impl Parser {
    fn any(&mut self) -> Parsed<Expression> {
        let mut parts = vec![self.all()?];
        while self.take("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Expression::Any))
    }

    fn all(&mut self) -> Parsed<Expression> {
        let mut parts = vec![self.one()?];
        while self.take("and") {
            parts.push(self.one()?);
        }
        Ok(one_or(parts, Expression::All))
    }

    fn one(&mut self) -> Parsed<Expression> {
        if self.take("not") {
            let inner = self.deeper(Self::one)?;
            return Ok(Expression::Not(Box::new(inner)));
        }
        if self.take("(") {
            let open = self.at - 1..self.at;
            let inner = self.deeper(Self::any)?;
            return match self.word() {
                _ if self.take(")") => Ok(inner),
                None => Err(self.wrong(open, "this parenthesis is not closed", "add `)`")),
                Some(place) => Err(self.surplus(place)),
            };
        }
        self.condition()
    }

    fn condition(&mut self) -> Parsed<Expression> {
        let Some(place) = self.word() else {
            let end = self.rest_of(0).len();
            let mend = "write a condition: tag(slow), id(stranded) or file(manual)";
            return Err(self.wrong(end..end, "a condition is missing here", mend));
        };
        let name = self.source.text()[place.clone()].to_owned();
        let make: fn(String) -> Expression = match name.as_str() {
            "tag" => Expression::Tag,
            "id" => Expression::Id,
            "file" => Expression::File,
            other => {
                let what = format!("there is no condition `{other}`");
                let mend = meant(other, CONDITIONS)
                    .unwrap_or_else(|| "there are: tag(…), id(…), file(…)".to_owned());
                return Err(self.wrong(place, what, mend));
            }
        };
        self.at = place.end;
        let mend = format!("write {name}(…)");
        if !self.take("(") {
            return Err(self.wrong(place, format!("`{name}` of what?"), mend));
        }
        let begin = self.at;
        let Some(length) = self.rest_of(begin).find(')') else {
            let what = "this parenthesis is not closed";
            return Err(self.wrong(begin - 1..begin, what, "add `)`"));
        };
        self.at = begin + length + 1;
        let value = self.source.text()[begin..begin + length].trim().to_owned();
        if value.is_empty() {
            return Err(self.wrong(begin - 1..self.at, format!("`{name}` of what?"), mend));
        }
        Ok(make(value))
    }

    /// Takes the next word if it is this one.
    fn take(&mut self, wanted: &str) -> bool {
        let place = self.word();
        let found = place.filter(|place| &self.source.text()[place.clone()] == wanted);
        if let Some(place) = &found {
            self.at = place.end;
        }
        found.is_some()
    }

    /// Where the next word stands: letters, or one of anything else.
    fn word(&self) -> Option<Range<usize>> {
        let rest = self.rest_of(self.at);
        let begin = self.at + (rest.len() - rest.trim_start().len());
        let rest = rest.trim_start();
        let first = rest.chars().next()?;
        let is_letter = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let length = match is_letter(first) {
            true => rest.find(|c| !is_letter(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        Some(begin..begin + length)
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEEPEST {
            let what = format!("more than {DEEPEST} parentheses and `not` within one another");
            return Err(self.wrong(self.at..self.at, what, "write it flatter"));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn rest_of(&self, at: usize) -> &str {
        self.source.text().get(at..).unwrap_or_default()
    }

    fn surplus(&self, place: Range<usize>) -> Box<Diagnostic> {
        let word = self.source.text()[place.clone()].to_owned();
        let mend = meant(&word, OPERATORS)
            .unwrap_or_else(|| "join conditions with `and` or `or`".to_owned());
        self.wrong(place, format!("`{word}` can't stand here"), mend)
    }

    fn wrong(
        &self,
        place: Range<usize>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Box<Diagnostic> {
        let span: Span = self.source.span(place);
        Box::new(Diagnostic::new(span, what).mend(mend))
    }
}

fn meant(word: &str, known: [&str; 3]) -> Option<String> {
    did_you_mean(word, known)
        .filter(|meant| *meant != word)
        .map(|meant| format!("did you mean `{meant}`?"))
}

fn one_or(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            join(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::load_sources;

    fn ids(filter: &str) -> Vec<String> {
        let case = |name: &str, tags: &str| {
            format!("  {name}: {{ tags: [{tags}], steps: [ check: {{}} ] }}\n")
        };
        let head = |id: &str| {
            format!(
                "scenario: {id}\nlet:\n  taro: {{ contract: \"99990000001\", user: keiri01, pin: Test0001 }}\ncases:\n"
            )
        };
        let manual = head("manual") + &case("stranded", "slow") + &case("fine", "slow, new");
        let other = head("other") + &case("stranded", "new");
        let files = [
            SourceFile::new("manual.yaml", &manual),
            SourceFile::new("dir/other.yaml", &other),
        ];
        let suite = load_sources(&files).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
        let filter = Filter::parse(filter).unwrap_or_else(|mistake| panic!("{}", mistake.what()));
        let cases = suite.cases().filter(|case| filter.holds(case));
        cases.map(|case| case.id().to_owned()).collect()
    }

    #[test]
    fn not_binds_before_and_and_and_before_or() {
        let (fine, manual, other) = ("manual/fine", "manual/stranded", "other/stranded");
        for (filter, found) in [
            ("tag(slow)", &[manual, fine][..]),
            ("id(stranded)", &[manual, other][..]),
            ("file(dir/)", &[other][..]),
            ("not tag(new)", &[manual][..]),
            ("not not tag(new)", &[fine, other][..]),
            (
                "tag(slow) and not id(stranded) or file(dir)",
                &[fine, other][..],
            ),
            ("file(dir) or tag(slow) and tag(new)", &[fine, other][..]),
            (
                "(file(dir) or tag(slow)) and id( stranded )",
                &[manual, other][..],
            ),
            ("not (tag(slow) or tag(new))", &[][..]),
        ] {
            assert_eq!(ids(filter), found, "{filter}");
        }
    }

    #[test]
    fn a_mistake_is_named_with_its_place_and_its_mend() {
        let deep = "(".repeat(DEEPEST + 1);
        for (filter, place, what, mend) in [
            ("", 0..0, "a condition is missing here", "tag(slow)"),
            (
                "tag(a) and",
                10..10,
                "a condition is missing here",
                "tag(slow)",
            ),
            (
                "tga(slow)",
                0..3,
                "there is no condition `tga`",
                "did you mean `tag`?",
            ),
            (
                "tag(a) adn id(b)",
                7..10,
                "`adn` can't stand here",
                "did you mean `and`?",
            ),
            (
                "tag(a) id(b)",
                7..9,
                "`id` can't stand here",
                "join conditions",
            ),
            ("tag(a", 3..4, "not closed", "add `)`"),
            ("(tag(a)", 0..1, "not closed", "add `)`"),
            ("tag(a))", 6..7, "`)` can't stand here", "join conditions"),
            ("id", 0..2, "`id` of what?", "write id(…)"),
            ("file( )", 4..7, "`file` of what?", "write file(…)"),
            (
                "取得(a)",
                0..6,
                "there is no condition `取得`",
                "there are: tag(…)",
            ),
            (&deep, 65..65, "more than 64", "flatter"),
        ] {
            let mistake = Filter::parse(filter).expect_err(filter);
            assert_eq!(mistake.span().range(), place, "{filter}");
            assert!(
                mistake.what().contains(what),
                "{filter}: {}",
                mistake.what()
            );
            let help = mistake.help().unwrap_or_default();
            assert!(help.contains(mend), "{filter}: {help}");
        }
    }
}
