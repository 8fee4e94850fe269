//! `--target`: the bank that is already running, and what a run against it can't have.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use sealbank_portal::Clock;
use sealbank_scenario::{Drivers, Target, TargetError};

use super::args::CourseArguments;
use crate::exit::Failure;

/// A bank that is already running.
#[derive(Debug, Args)]
#[command(next_help_heading = "Target")]
pub(crate) struct TargetArguments {
    /// Play against the bank whose screens are there, one case after the other; what can't be seen from outside is not
    /// checked.
    #[arg(long, value_name = "URL", conflicts_with = "driver")]
    pub(crate) target: Option<String>,
    /// Where that bank asks for certificates [default: where the links of its first page lead].
    #[arg(long, value_name = "URL")]
    pub(crate) target_cert: Option<String>,
    /// The roots that people's PCs trust, in PEM: those of the bank's servers and of its customers' certificates.
    /// May be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Vec<PathBuf>,
    /// The control listener of `sealbank serve`: it publishes its roots, tells what stands in the books and why the bank
    /// refuses, moves the clock, takes faults, and restarts the bank.
    #[arg(long, value_name = "URL")]
    pub(crate) control: Option<String>,
    /// Let a bank of its own take that one's place for each case, with the case's rules, people and clock; what the
    /// bank before knew is gone. For `sealbank serve` without --data.
    #[arg(long)]
    pub(crate) fresh: bool,
}

impl TargetArguments {
    /// The driver that plays against the target, if there is one.
    pub(super) fn driver(&self) -> Result<Option<Drivers>, Failure> {
        let Some(ib) = &self.target else {
            return match self.beside() {
                None => Ok(None),
                Some(flag) => Err(bad(&format!(
                    "{flag} tells of a bank that is already running; give --target URL, where its screens are"
                ))),
            };
        };
        if self.fresh && self.control.is_none() {
            return Err(bad(
                &"--fresh asks the control listener for a bank; give --control URL of `sealbank serve`",
            ));
        }
        let target = self.build(ib).map_err(|error| bad(&error))?;
        if target.trusts_nobody() {
            return Err(bad(
                &"nothing says which servers to trust; give --trust FILE, or --control URL of `sealbank serve`",
            ));
        }
        Ok(Some(Drivers::Target(Arc::new(target))))
    }

    /// Refuses what needs a bank for each case, and says what is done otherwise than `course` asks.
    pub(super) fn agree_with(&self, course: &CourseArguments) -> Result<(), Failure> {
        if self.target.is_none() {
            return Ok(());
        }
        if let Some(jobs) = course.jobs.filter(|jobs| *jobs > NonZeroUsize::MIN) {
            anstream::eprintln!(
                "note: --jobs {jobs} counts as 1: the cases of a run against a --target meet one bank after the other"
            );
        }
        if self.fresh {
            return Ok(());
        }
        let used = "every case of a run against a --target has the same bank, as the one before left it, \
                    unless it is --fresh";
        if course.retries > 0 {
            return Err(bad(&format!(
                "{used}; nothing can be tried again, so give --retries 0"
            )));
        }
        if course.check_determinism {
            return Err(bad(&format!("{used}; leave --check-determinism away")));
        }
        Ok(())
    }

    /// What is said of a target beside its address, if anything is. Not left to clap, which does not count what a
    /// profile says.
    fn beside(&self) -> Option<&'static str> {
        let flags = [
            (self.target_cert.is_some(), "--target-cert"),
            (!self.trust.is_empty(), "--trust"),
            (self.control.is_some(), "--control"),
            (self.fresh, "--fresh"),
        ];
        let mut said = flags.into_iter().filter(|(is_said, _)| *is_said);
        said.next().map(|(_, flag)| flag)
    }

    fn build(&self, ib: &str) -> Result<Target, TargetError> {
        let mut target = Target::at(ib, Clock::system())?;
        if let Some(cert) = &self.target_cert {
            target = target.with_cert(cert)?;
        }
        for file in &self.trust {
            target = target.trusting_file(file)?;
        }
        if let Some(control) = &self.control {
            target = target.controlled_by(control)?;
        }
        Ok(if self.fresh {
            target.fresh_for_each_case()
        } else {
            target
        })
    }
}

fn bad(what: &dyn std::fmt::Display) -> Failure {
    Failure::bad_input(format!("error: {what}"))
}
