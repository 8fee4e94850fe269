//! Scenarios in YAML, from the text to the report.
//!
//! A scenario says in the manual's words what people do and what has to be true afterwards. [`load`] reads files,
//! resolves every name and reports every mistake of every file at once; [`run()`] plays each case against a bank of its
//! own over real TLS and tells of it in one stream of [`RunEvent`]s; every report in [`report`] is a fold over that stream.
//!
//! ```no_run
//! use sealbank_scenario::{RunOptions, load, report::Junit, run};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let suite = load(["scenarios"])?;
//! let mut junit = Junit::default();
//! let summary = run(&suite, &RunOptions::default(), &mut |event| junit.tell(event))?;
//! println!("{}", junit.finish()?);
//! assert_eq!(summary.exit().code(), 0);
//! # Ok(())
//! # }
//! ```
//!
//! The language is described in `docs/scenarios.md`. What is deliberately absent: a template language (names are
//! resolved on the read values), YAML's anchors, aliases, tags and merge keys, and any waiting in real time.

mod case_run;
pub mod coverage;
mod diagnostic;
mod driver;
mod event;
mod files;
mod judge;
mod merge;
pub mod model;
mod node;
mod observation;
mod parse;
mod people;
mod plan;
mod read;
pub mod report;
mod run;
mod selection;
mod snapshot;
mod source;
mod target;

pub use diagnostic::{Diagnostic, Diagnostics, Style, did_you_mean};
pub use event::{
    AlertShown, Attempt, CaseLeftOut, CaseName, CaseResult, CaseStart, CertificateShown, Complaint,
    EVENT_VERSION, Failure, FaultShown, FieldShown, Filled, InterruptionShown, NeedShown,
    NotChecked, Party, RunEvent, RunExit, ScreenShown, SnapshotTaken, StepEnd, StepOutcome,
    Summary, TrailLine, TransitionShown, Verdict,
};
pub use merge::{EventStream, MergeError, merge};
pub use model::Language;
pub use parse::MAX_FILE_BYTES;
pub use plan::{LeftOut, PlannedCase, Scene, Suite, Title, load, load_sources, load_with_files};
pub use read::schema;
pub use run::{
    AfterFailure, DriverName, Drivers, Order, RunError, RunOptions, Seed, StopSignal, run,
    run_until,
};
pub use selection::{CaseLine, Durations, Filter, Selection, Shard, ShardError};
pub use source::{At, SourceFile, Span};
pub use target::{Target, TargetError};
