//! The shipped suites run green, over HTTPS and without sockets, end alike, and come by all that the procedure knows of.

use std::path::Path;

use sealbank_scenario::coverage::{Cell, Coverage, Grid};
use sealbank_scenario::report::{Detail, Terminal};
use sealbank_scenario::{Drivers, Language, RunExit, RunOptions, load, run};

fn names<'a>(cells: impl Iterator<Item = &'a Cell>) -> Vec<String> {
    cells.map(Cell::name).collect()
}

#[test]
fn the_shipped_suites_are_green_and_end_alike_on_both_drivers() {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let suite = load([scenarios]).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    let options = RunOptions {
        drivers: Drivers::Both,
        ..RunOptions::default()
    };
    let mut report = Terminal::new(Vec::new(), Language::English, Detail::Failures);
    let mut coverage = Coverage::default();
    let summary = run(&suite, &options, &mut |event| {
        report.tell(event);
        coverage.tell(event);
    })
    .unwrap();
    let text = String::from_utf8(report.finish().unwrap()).unwrap();
    assert_eq!(summary.exit(), RunExit::Passed, "{text}");
    let grids = coverage.grids();
    let missing = names(grids.iter().flat_map(Grid::missing));
    assert_eq!(missing, Vec::<String>::new());
    let contradicted = names(grids.iter().flat_map(Grid::contradicted));
    assert_eq!(contradicted, Vec::<String>::new());
}
