//! The grid of interruptions: operations × points of the retrieval (L19, procedure 1.5 and 2b). What can't be is known to
//! [`How::possible_at`], which the reader of scenarios asks too.

use sealbank_workstation::Point;

use super::grid::{Cell, Grid, GridName};
use crate::model::How;

/// An operation: its name, what is asked whether it can be, and the rows that say where.
struct Operation {
    name: &'static str,
    /// None where it needs somebody or something else than the retrieval itself: it can be everywhere.
    how: Option<How>,
    source: &'static str,
}

const fn operation(name: &'static str, how: Option<How>, source: &'static str) -> Operation {
    Operation { name, how, source }
}

static OPERATIONS: &[Operation] = &[
    operation("back", Some(How::Back), "L19"),
    operation("refresh", Some(How::Refresh), "L19"),
    operation("close-browser", Some(How::CloseBrowser), "L19"),
    operation("power-off", Some(How::PowerOff), "L19"),
    operation("log-on-as: same-window", None, "L19, Q5"),
    operation("log-on-as: new-window", None, "L19, Q5"),
    operation("switch-os-user", None, "L19, Q5"),
    operation("cancel", Some(How::Cancel), "L18, T08, T14'"),
    operation("close", Some(How::Close), "L13, T06, T16"),
    operation("double-click", Some(How::DoubleClick), "cases 16 and 25"),
    operation("second-tab", Some(How::SecondTab), "T04, case 17"),
    operation("second-pc", Some(How::SecondPc), "T04, case 18"),
    operation("wait", Some(How::Wait), "T30"),
    operation("admin: reinitialize", None, "cases 51 to 53"),
    operation("admin: revoke", None, "case 54"),
    operation("admin: stop", None, "case 54"),
    operation("admin: deregister", None, "case 54"),
    operation("restart-bank", Some(How::RestartBank), "case 21"),
    operation("lose-network", Some(How::LoseNetwork), "P2, P6, case 32"),
];

/// The whole grid, nothing of it visited.
pub(super) fn grid() -> Grid {
    let columns = Point::ALL.iter().map(|point| point.name());
    let cells = OPERATIONS.iter().flat_map(|operation| {
        Point::ALL.iter().map(|point| {
            let cell = Cell::missing(operation.name, point.name());
            let how = operation.how.as_ref();
            match how.map_or(Ok(()), |how| how.possible_at(*point)) {
                Ok(()) => cell,
                Err(reason) => cell.impossible(reason, operation.source),
            }
        })
    });
    Grid::new(GridName::Interruptions, columns, cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AdministratorAct;

    #[test]
    fn operations_are_named_as_events_name_them() {
        for operation in OPERATIONS {
            if let Some(how) = &operation.how {
                assert_eq!(how.name(), Some(operation.name));
            }
        }
        let act = How::Administrator(AdministratorAct::Reinitialize);
        let name = act.name().unwrap();
        assert!(OPERATIONS.iter().any(|operation| operation.name == name));
    }
}
