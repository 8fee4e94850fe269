//! Scenario files: reading and resolving refuse or accept, every complaint can be printed, and nothing panics or hangs.

#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use sealbank_scenario::{PlannedCase, SourceFile, Style, load_sources};

fuzz_target!(|text: &str| {
    match load_sources(&[SourceFile::new("fuzzed.yaml", text)]) {
        Ok(suite) => {
            let named: BTreeSet<_> = suite.cases().map(PlannedCase::id).collect();
            assert_eq!(named.len(), suite.len(), "each case has an id of its own");
        }
        Err(mistakes) => assert!(!mistakes.render(Style::Plain).is_empty(), "each mistake is told"),
    }
});
