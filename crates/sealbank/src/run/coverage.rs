//! `--coverage`, `--coverage-out` and `--fail-under`: which cells of the procedure's grids a run came by.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use sealbank_scenario::RunEvent;
use sealbank_scenario::coverage::Coverage;

use super::args::ReportArguments;
use super::reports::unwritten;
use crate::exit::{Exit, Failure};

/// What is said about coverage.
#[derive(Debug, Args)]
#[command(next_help_heading = "Coverage")]
pub(crate) struct CoverageArguments {
    /// Print which transitions, interruptions, cases and faults of the procedure the passed cases came by.
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Write the same as JSON to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) coverage_out: Option<PathBuf>,
    /// Fail when less of what is possible was come by, over all four grids, and name what is missing.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) fail_under: Option<u8>,
}

/// The coverage of a run, if anybody asks for it.
pub(super) struct Covered<'a> {
    asked: Option<(&'a CoverageArguments, Coverage)>,
}

impl<'a> Covered<'a> {
    /// Begins to count. A file that can't be written is known before an hour of running, not after it.
    pub(super) fn open(arguments: &'a CoverageArguments) -> Result<Self, Failure> {
        let CoverageArguments {
            coverage,
            coverage_out,
            fail_under,
        } = arguments;
        if let Some(path) = coverage_out {
            File::create(path).map_err(|error| unwritten(&path.display().to_string(), &error))?;
        }
        let is_asked = *coverage || coverage_out.is_some() || fail_under.is_some();
        Ok(Self {
            asked: is_asked.then(|| (arguments, Coverage::default())),
        })
    }

    pub(super) fn tell(&mut self, event: &RunEvent) {
        if let Some((_, coverage)) = &mut self.asked {
            coverage.tell(event);
        }
    }

    /// Shows and writes it.
    pub(super) fn finish(&self, reports: &ReportArguments) -> Result<(), Failure> {
        let Some((arguments, coverage)) = &self.asked else {
            return Ok(());
        };
        if arguments.coverage {
            let text = coverage.text(reports.lang.into());
            // What a program reads has standard output for itself.
            if reports.json.as_deref() == Some(Path::new("-")) {
                anstream::eprint!("{text}");
            } else {
                anstream::print!("{text}");
            }
        }
        if let Some(path) = &arguments.coverage_out {
            let document = format!("{}\n", coverage.json());
            std::fs::write(path, document)
                .map_err(|error| unwritten(&path.display().to_string(), &error))?;
        }
        Ok(())
    }

    /// Whether enough was covered; only of a run that came to its end.
    pub(super) fn judge(&self) -> Result<(), Failure> {
        let asked = self.asked.as_ref();
        let shortfall = asked.and_then(|(arguments, coverage)| {
            let least = arguments.fail_under?;
            coverage.shortfall(least.into())
        });
        match shortfall {
            None => Ok(()),
            Some(shortfall) => Err(Failure {
                exit: Exit::Failed,
                message: format!("error: {shortfall}"),
            }),
        }
    }
}
