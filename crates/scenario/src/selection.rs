//! [`Selection`]: which cases of a suite are run. What a filter says is read in [`filter`], and how a selection is cut
//! for several machines is in [`shard`].

mod filter;
mod shard;

use std::collections::BTreeSet;

use crate::plan::{LeftOut, PlannedCase};
use crate::source::Span;

pub use filter::Filter;
pub use shard::{Durations, Shard, ShardError};

/// Which cases are run: those that meet every kind of condition that was set.
///
/// ```
/// use sealbank_scenario::{Filter, PlannedCase, Selection, SourceFile, load_sources};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = r#"
/// scenario: s
/// let: { taro: { contract: "99990000001", user: keiri01, pin: Test0001 } }
/// cases:
///   a: { tags: [slow], steps: [ check: {} ] }
///   b: { steps: [ check: {} ] }
/// "#;
/// let suite = load_sources(&[SourceFile::new("s.yaml", text)])?;
/// let quick = Selection::default().filtered(Filter::parse("not tag(slow)")?);
/// let ids: Vec<&str> = suite.cases().filter(|case| quick.selects(case)).map(PlannedCase::id).collect();
/// assert_eq!(ids, ["s/b"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    texts: Vec<String>,
    tags: Vec<String>,
    places: Vec<CaseLine>,
    filters: Vec<Filter>,
    ids: Option<BTreeSet<String>>,
}

/// A line of a file, by which the case is meant that is written there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseLine {
    /// The file, as it was named when it was loaded.
    pub path: String,
    /// The line, counted from 1.
    pub line: usize,
}

/// What a condition looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) id: &'a str,
    pub(crate) tags: &'a BTreeSet<String>,
    /// Where the case's name stands.
    pub(crate) place: &'a Span,
}

impl<'a> From<&'a PlannedCase> for Candidate<'a> {
    fn from(case: &'a PlannedCase) -> Self {
        Self {
            id: case.id(),
            tags: case.tags(),
            place: case.place(),
        }
    }
}

impl<'a> From<&'a LeftOut> for Candidate<'a> {
    fn from(row: &'a LeftOut) -> Self {
        Self {
            id: &row.id,
            tags: &row.tags,
            place: &row.case,
        }
    }
}

impl Selection {
    /// The cases whose id contains one of these texts; every case when there are none.
    pub fn containing<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self {
            texts: texts.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Of them those that have one of these tags; all when there are none.
    #[must_use]
    pub fn tagged<T: Into<String>>(self, tags: impl IntoIterator<Item = T>) -> Self {
        Self {
            tags: tags.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// Of the files that are named here only the cases that are written at one of the lines, each with all its rows.
    /// Files that are not named are not cut.
    #[must_use]
    pub fn at_lines(self, places: impl IntoIterator<Item = CaseLine>) -> Self {
        Self {
            places: places.into_iter().collect(),
            ..self
        }
    }

    /// Of them those for which a filter holds.
    #[must_use]
    pub fn filtered(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Of them those with exactly these ids; none when there are no ids.
    #[must_use]
    pub fn among<T: Into<String>>(self, ids: impl IntoIterator<Item = T>) -> Self {
        Self {
            ids: Some(ids.into_iter().map(Into::into).collect()),
            ..self
        }
    }

    /// Whether it holds for a case.
    #[must_use]
    pub fn selects(&self, case: &PlannedCase) -> bool {
        self.holds(&Candidate::from(case))
    }

    /// Whether it would hold for a row, if its author did not leave it out.
    #[must_use]
    pub fn would_select(&self, row: &LeftOut) -> bool {
        self.holds(&Candidate::from(row))
    }

    fn holds(&self, case: &Candidate<'_>) -> bool {
        let one_of = |wanted: &[String], meets: &dyn Fn(&str) -> bool| {
            wanted.is_empty() || wanted.iter().any(|wanted| meets(wanted))
        };
        one_of(&self.texts, &|text| case.id.contains(text))
            && one_of(&self.tags, &|tag| case.tags.contains(tag))
            && self.ids.as_ref().is_none_or(|ids| ids.contains(case.id))
            && self.filters.iter().all(|filter| filter.meets(case))
            && self.is_at_a_line(case)
    }

    fn is_at_a_line(&self, case: &Candidate<'_>) -> bool {
        let mut of_this_file = self
            .places
            .iter()
            .filter(|place| place.path == case.place.file().path())
            .peekable();
        let block = case.place.block();
        let lines = block.first_line..=block.last_line;
        of_this_file.peek().is_none() || of_this_file.any(|place| lines.contains(&place.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Suite, load_sources};
    use crate::source::SourceFile;

    const TEXT: &str = "scenario: s\ntags: [shop]\nlet:\n  taro: { contract: \"99990000001\", user: keiri01, pin: Test0001 }\n\
        cases:\n  one:\n    tags: [slow]\n    for-each: { x: [top, status] }\n    steps:\n      - form.open: $x\n  two:\n    steps:\n      - check: {}\n";

    fn suite() -> Suite {
        let other = TEXT.replace("scenario: s", "scenario: t");
        load_sources(&[
            SourceFile::new("s.yaml", TEXT),
            SourceFile::new("t.yaml", &other),
        ])
        .unwrap_or_else(|mistakes| panic!("\n{mistakes}"))
    }

    fn selected(selection: &Selection) -> Vec<String> {
        let suite = suite();
        let cases = suite.cases().filter(|case| selection.selects(case));
        cases.map(|case| case.id().to_owned()).collect()
    }

    fn line(path: &str, line: usize) -> CaseLine {
        let path = path.to_owned();
        CaseLine { path, line }
    }

    #[test]
    fn without_conditions_every_case_is_selected() {
        assert_eq!(selected(&Selection::default()).len(), 6);
    }

    #[test]
    fn a_line_means_the_case_that_is_written_there_with_all_its_rows() {
        let rows = ["s/one[top]", "s/one[status]"];
        let beside = ["t/one[top]", "t/one[status]", "t/two"];
        for (at, of_the_file) in [
            (6, &rows[..]),
            (10, &rows[..]),
            (11, &["s/two"][..]),
            (13, &["s/two"][..]),
            (2, &[][..]),
            (99, &[][..]),
        ] {
            let found = selected(&Selection::default().at_lines([line("s.yaml", at)]));
            assert_eq!(found, [of_the_file, &beside].concat(), "line {at}");
        }
    }

    #[test]
    fn every_kind_of_condition_has_to_be_met() {
        let slow = Selection::containing(["one", "two"]).tagged(["slow", "quick"]);
        assert_eq!(selected(&slow).len(), 4);
        let one = slow
            .at_lines([line("s.yaml", 6)])
            .among(["s/one[top]", "s/two"]);
        assert_eq!(selected(&one), ["s/one[top]"]);
        assert_eq!(selected(&Selection::default().among::<&str>([])).len(), 0);
    }

    #[test]
    fn the_tags_of_a_file_are_those_of_its_cases() {
        assert_eq!(selected(&Selection::default().tagged(["shop"])).len(), 6);
    }
}
