//! `sealbank list`: the cases that would be run.

use std::io::{self, Write};

use sealbank_scenario::{Language, PlannedCase};
use serde::Serialize;

use super::args::ListArguments;
use super::choice::Choice;
use super::reports::{heard, unwritten};
use crate::exit::{Exit, Failure};

/// Longer ids stand out of the column, so that one of them does not push all others aside.
const COLUMN: usize = 64;

/// One case, for programs.
#[derive(Serialize)]
struct Entry<'c> {
    id: &'c str,
    ja: &'c str,
    en: &'c str,
    tags: Vec<&'c str>,
    path: &'c str,
    line: usize,
}

/// Lists what `arguments` select.
pub(crate) fn list(arguments: &ListArguments) -> Result<Exit, Failure> {
    let choice = Choice::make(&arguments.choice)?;
    let written = if arguments.json {
        write_json(&choice)
    } else {
        write_table(&choice, arguments.lang.into())
    };
    heard(written).map_err(|error| unwritten("standard output", &error))?;
    Ok(Exit::Success)
}

/// The ids alone: `sealbank run --list`.
pub(super) fn ids(choice: &Choice) -> Result<Exit, Failure> {
    let mut out = anstream::stdout().lock();
    let written = choice
        .cases()
        .try_for_each(|case| writeln!(out, "{}", case.id()));
    heard(written).map_err(|error| unwritten("standard output", &error))?;
    Ok(Exit::Success)
}

fn write_json(choice: &Choice) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    choice.cases().try_for_each(|case| {
        let entry = Entry {
            id: case.id(),
            ja: &case.title().ja,
            en: &case.title().en,
            tags: case.tags().iter().map(String::as_str).collect(),
            path: case.path(),
            line: line(case),
        };
        writeln!(out, "{}", serde_json::to_string(&entry)?)
    })
}

fn write_table(choice: &Choice, language: Language) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    let width = |case: &PlannedCase| case.id().chars().count();
    let column = choice.cases().map(width).filter(|width| *width <= COLUMN);
    let column = column.max().unwrap_or(0);
    choice.cases().try_for_each(|case| {
        let title = match language {
            Language::Japanese => &case.title().ja,
            Language::English => &case.title().en,
        };
        write!(
            out,
            "{:<column$}  {}:{}",
            case.id(),
            case.path(),
            line(case)
        )?;
        write!(out, "  {title}")?;
        for tag in case.tags() {
            write!(out, "  #{tag}")?;
        }
        writeln!(out)
    })
}

fn line(case: &PlannedCase) -> usize {
    case.place().line_and_column().0
}
