//! The grids in text: a number where cases came by, `!` where something is missing, `·` where nothing can come by, and
//! below each grid what is missing and why the rest is impossible.

use std::collections::BTreeSet;
use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::grid::{Cell, CellState, Figures, Grid, Impossibility};
use crate::model::Language;

/// How wide a column is at least, without the space before it.
const COLUMN: usize = 5;

pub(super) fn text(grids: &[Grid], language: Language) -> String {
    let mut out = String::new();
    for grid in grids {
        // Writing into a String does not fail.
        let _ = one(&mut out, grid, language);
    }
    let sum = Figures::sum(grids.iter().map(|grid| &grid.figures));
    for grid in grids {
        let _ = writeln!(out, "{:<14} {}", grid.name.name(), grid.figures);
    }
    let _ = writeln!(out, "{:<14} {sum}", "coverage");
    out
}

fn one(out: &mut String, grid: &Grid, language: Language) -> std::fmt::Result {
    writeln!(out, "{}: {}", grid.name.name(), grid.name.about())?;
    let rows = grid.rows();
    let widths = rows.iter().map(|(row, _)| row.width());
    let label = widths.max().unwrap_or_default();
    let width = column_width(&grid.columns);
    write!(out, "  {:label$}", "")?;
    for column in &grid.columns {
        write!(out, " {:>width$}", shortened(column, width))?;
    }
    writeln!(out)?;
    for (row, cells) in rows {
        let mut line = format!("  {row:label$}");
        for column in &grid.columns {
            let cell = cells.iter().find(|cell| cell.column == *column);
            write!(
                line,
                " {:>width$}",
                cell.map_or_else(String::new, |cell| mark(cell))
            )?;
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    missing(out, grid, language)?;
    contradictions(out, grid)?;
    reasons(out, grid)?;
    writeln!(out)
}

/// As many letters as tell the columns apart.
fn column_width(columns: &[String]) -> usize {
    let tells_apart = |width: &usize| {
        let words = columns.iter().map(|column| shortened(column, *width));
        words.collect::<BTreeSet<_>>().len() == columns.len()
    };
    (COLUMN..COLUMN * 4).find(tells_apart).unwrap_or(COLUMN)
}

/// The first letters of a word.
fn shortened(word: &str, width: usize) -> &str {
    word.get(..width).unwrap_or(word)
}

fn mark(cell: &Cell) -> String {
    match &cell.state {
        CellState::Visited(visits) => visits.count.to_string(),
        CellState::Impossible(_) => "·".to_owned(),
        CellState::Missing => "!".to_owned(),
        CellState::Contradicted { visits, .. } => format!("{}?", visits.count),
    }
}

fn missing(out: &mut String, grid: &Grid, language: Language) -> std::fmt::Result {
    if grid.figures.missing > 0 {
        writeln!(out, "  ! missing:")?;
    }
    for (row, columns) in grid.missing_by_row() {
        writeln!(out, "    {row}: {}", columns.join(", "))?;
    }
    for (cell, title) in grid.missing().filter_map(|cell| Some((cell, cell.title?))) {
        let title = match language {
            Language::Japanese => title.ja,
            Language::English => title.en,
        };
        writeln!(out, "    {}: {title}", cell.name())?;
    }
    Ok(())
}

fn contradictions(out: &mut String, grid: &Grid) -> std::fmt::Result {
    for cell in grid.contradicted() {
        if let CellState::Contradicted { visits, impossible } = &cell.state {
            let (name, case) = (cell.name(), &visits.case);
            let Impossibility { reason, source } = impossible;
            writeln!(out, "  ? {name}: by {case}, although {reason} ({source})")?;
        }
    }
    Ok(())
}

/// Why cells are impossible: a line for each row and source, in the words of the first of its cells.
fn reasons(out: &mut String, grid: &Grid) -> std::fmt::Result {
    let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
    for cell in &grid.cells {
        let CellState::Impossible(impossible) = &cell.state else {
            continue;
        };
        let Impossibility { reason, source } = impossible;
        if told.is_empty() {
            writeln!(out, "  · impossible, because:")?;
        }
        let name = cell.title.map(|_| cell.name());
        let row = name.as_deref().unwrap_or(&cell.row);
        if told.insert((&cell.row, source)) || name.is_some() {
            writeln!(out, "    {row}: {reason} ({source})")?;
        }
    }
    Ok(())
}
