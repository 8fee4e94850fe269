//! The shipped suites run green, over HTTPS and without sockets, and end alike.

use std::path::Path;

use sealbank_scenario::report::{Detail, Terminal};
use sealbank_scenario::{Drivers, Language, RunExit, RunOptions, load, run};

#[test]
fn the_shipped_suites_are_green_and_end_alike_on_both_drivers() {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let suite = load([scenarios]).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    let options = RunOptions {
        drivers: Drivers::Both,
        ..RunOptions::default()
    };
    let mut report = Terminal::new(Vec::new(), Language::English, Detail::Failures);
    let summary = run(&suite, &options, &mut |event| report.tell(event)).unwrap();
    let text = String::from_utf8(report.finish().unwrap()).unwrap();
    assert_eq!(summary.exit(), RunExit::Passed, "{text}");
}
