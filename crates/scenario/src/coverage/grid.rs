//! [`Grid`] and [`Cell`]: what there is to visit, what can't be visited and why, and what was.

use std::collections::BTreeMap;

use serde::Serialize;

/// One of the grids of the procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GridName {
    /// Rows of the transition table × where a user stands (1.4).
    Transitions,
    /// Operations × points of the retrieval (L19, 1.5).
    Interruptions,
    /// The failure and interruption cases (section 2).
    Cases,
    /// Verdicts × phases (1.5).
    Faults,
}

impl GridName {
    /// The word used in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Transitions => "transitions",
            Self::Interruptions => "interruptions",
            Self::Cases => "cases",
            Self::Faults => "faults",
        }
    }

    /// What stands in its rows and columns, and where in the procedure.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Transitions => {
                "rows of the transition table × where a user stands (procedure 1.4)"
            }
            Self::Interruptions => "operations × points of the retrieval (L19, procedure 1.5)",
            Self::Cases => "failure and interruption cases by their number (procedure 2)",
            Self::Faults => "faults × phases of an exchange (procedure 1.5)",
        }
    }
}

/// A grid: what can be visited, and what was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Grid {
    /// Which.
    pub name: GridName,
    /// How many of its cells are what.
    pub figures: Figures,
    /// Its columns, in their order.
    pub columns: Vec<String>,
    /// Its cells, row by row; a place that means nothing has none.
    pub cells: Vec<Cell>,
}

/// One cell of a grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cell {
    /// Its row.
    pub row: String,
    /// Its column.
    pub column: String,
    /// What it is called, where row and column don't say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<CellTitle>,
    /// What is known of it.
    #[serde(flatten)]
    pub state: CellState,
}

/// What a cell is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CellTitle {
    /// In Japanese.
    pub ja: &'static str,
    /// In English.
    pub en: &'static str,
}

/// What is known of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum CellState {
    /// Cases that passed came by.
    Visited(Visits),
    /// Nothing can come by.
    Impossible(Impossibility),
    /// Something could come by, and nothing did.
    Missing,
    /// Cases came by where nothing can: the expected grid or the bank is wrong.
    Contradicted {
        /// Who did.
        #[serde(flatten)]
        visits: Visits,
        /// Why nobody can.
        #[serde(flatten)]
        impossible: Impossibility,
    },
}

/// Who came by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Visits {
    /// How often.
    pub count: usize,
    /// The first case that did.
    pub case: String,
}

/// Why a cell can't be visited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Impossibility {
    /// Why.
    pub reason: String,
    /// The rows of the procedure that say so.
    pub source: String,
}

/// How many cells are what; `possible` are visited and missing ones together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Figures {
    /// Cells that a passed case came by.
    pub visited: usize,
    /// Cells that can be visited.
    pub possible: usize,
    /// Cells that can't.
    pub impossible: usize,
    /// Cells that could be visited, and were not.
    pub missing: usize,
    /// Cells that can't be visited, and were all the same.
    pub contradicted: usize,
}

impl Grid {
    pub(super) fn new<'a>(
        name: GridName,
        columns: impl Iterator<Item = &'a str>,
        cells: impl Iterator<Item = Cell>,
    ) -> Self {
        let cells: Vec<Cell> = cells.collect();
        Self {
            name,
            figures: Figures::of(&cells),
            columns: columns.map(str::to_owned).collect(),
            cells,
        }
    }

    /// The grid with these visits entered, by row and column; a visit of no cell of it is left out.
    pub(super) fn visited(mut self, visits: &BTreeMap<(String, String), Visits>) -> Self {
        for cell in &mut self.cells {
            let place = (cell.row.clone(), cell.column.clone());
            let Some(visits) = visits.get(&place).cloned() else {
                continue;
            };
            cell.state = match std::mem::replace(&mut cell.state, CellState::Missing) {
                CellState::Impossible(impossible) => CellState::Contradicted { visits, impossible },
                _ => CellState::Visited(visits),
            };
        }
        self.figures = Figures::of(&self.cells);
        self
    }

    /// Its rows, in their order, each with its cells.
    pub(super) fn rows(&self) -> Vec<(&str, Vec<&Cell>)> {
        let mut rows: Vec<(&str, Vec<&Cell>)> = Vec::new();
        for cell in &self.cells {
            match rows.last_mut() {
                Some((row, cells)) if *row == cell.row => cells.push(cell),
                _ => rows.push((&cell.row, vec![cell])),
            }
        }
        rows
    }

    /// What could be visited, and was not.
    pub fn missing(&self) -> impl Iterator<Item = &Cell> {
        let is_missing = |cell: &&Cell| cell.state == CellState::Missing;
        self.cells.iter().filter(is_missing)
    }

    /// What is missing of each row that has no titles, by its columns.
    pub(super) fn missing_by_row(&self) -> Vec<(&str, Vec<&str>)> {
        let mut rows: Vec<(&str, Vec<&str>)> = Vec::new();
        for cell in self.missing().filter(|cell| cell.title.is_none()) {
            match rows.last_mut() {
                Some((row, columns)) if *row == cell.row => columns.push(&cell.column),
                _ => rows.push((&cell.row, vec![&cell.column])),
            }
        }
        rows
    }

    /// What can't be visited, and was all the same.
    pub fn contradicted(&self) -> impl Iterator<Item = &Cell> {
        let is_contradicted = |cell: &&Cell| matches!(cell.state, CellState::Contradicted { .. });
        self.cells.iter().filter(is_contradicted)
    }
}

impl Cell {
    pub(super) fn missing(row: &str, column: &str) -> Self {
        Self {
            row: row.to_owned(),
            column: column.to_owned(),
            title: None,
            state: CellState::Missing,
        }
    }

    pub(super) fn impossible(self, reason: &str, source: &str) -> Self {
        Self {
            state: CellState::Impossible(Impossibility {
                reason: reason.to_owned(),
                source: source.to_owned(),
            }),
            ..self
        }
    }

    /// How it is called in a list: `T22 × lapsed`, `case-07`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.title {
            Some(_) => format!("{}{}", self.row, self.column),
            None => format!("{} × {}", self.row, self.column),
        }
    }
}

impl Figures {
    fn of(cells: &[Cell]) -> Self {
        let mut figures = Self::default();
        for cell in cells {
            match cell.state {
                CellState::Visited(_) => figures.visited += 1,
                CellState::Impossible(_) => figures.impossible += 1,
                CellState::Missing => figures.missing += 1,
                CellState::Contradicted { .. } => figures.contradicted += 1,
            }
        }
        figures.possible = figures.visited + figures.missing;
        figures
    }

    /// Of several grids together.
    pub(super) fn sum<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            visited: sum.visited + one.visited,
            possible: sum.possible + one.possible,
            impossible: sum.impossible + one.impossible,
            missing: sum.missing + one.missing,
            contradicted: sum.contradicted + one.contradicted,
        })
    }

    /// How much of what is possible was visited, in percent, rounded down.
    #[must_use]
    pub fn percent(&self) -> usize {
        (self.visited * 100)
            .checked_div(self.possible)
            .unwrap_or(100)
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            visited,
            possible,
            impossible,
            missing,
            contradicted,
        } = self;
        let percent = self.percent();
        write!(
            f,
            "{visited} visited of {possible} possible ({percent}%), {missing} missing, {impossible} impossible"
        )?;
        match contradicted {
            0 => Ok(()),
            count => write!(f, ", {count} visited although impossible"),
        }
    }
}
