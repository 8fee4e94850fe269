//! `sealbank check`: scenarios are read and every name in them is resolved; nothing is run.

use std::collections::BTreeSet;

use sealbank_scenario::PlannedCase;

use super::args::CheckArguments;
use super::choice::read;
use crate::exit::{Exit, Failure};

/// Reads what `arguments` name, and tells how much it is.
pub(crate) fn check(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let suite = read(&arguments.paths)?;
    let of_cases = suite.cases().map(PlannedCase::path);
    let of_others = suite.left_out().map(|row| row.place.file().path());
    let files: BTreeSet<&str> = of_cases.chain(of_others).collect();
    let left_out = suite.left_out().count();
    let rest = match left_out {
        0 => String::new(),
        count => format!("; {count} left out by design"),
    };
    let (cases, files) = (counted(suite.len(), "case"), counted(files.len(), "file"));
    anstream::println!("{cases} in {files}, no mistakes{rest}");
    Ok(if suite.is_empty() {
        Exit::NothingSelected
    } else {
        Exit::Success
    })
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
