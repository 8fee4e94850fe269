//! The shipped suites run green, in the time that a developer has.

use std::path::Path;

use sealbank_scenario::report::{Detail, Terminal};
use sealbank_scenario::{Language, RunExit, RunOptions, load, run};

#[test]
fn the_shipped_suites_are_green() {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let suite = load([scenarios]).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    let mut report = Terminal::new(Vec::new(), Language::English, Detail::Failures);
    let summary = run(&suite, &RunOptions::default(), &mut |event| {
        report.tell(event);
    })
    .unwrap();
    let text = String::from_utf8(report.finish().unwrap()).unwrap();
    assert_eq!(summary.exit(), RunExit::Passed, "{text}");
}
