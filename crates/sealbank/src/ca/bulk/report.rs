//! What is told when a run ends, at its end or before.

use std::path::PathBuf;

use sealbank_ca::BulkRun;
use serde_json::json;

use super::clerk::Halt;
use super::progress::Counts;
use crate::ca::output;
use crate::exit::{Exit, Failure};

/// How a run that ended early is brought to its end.
pub(super) const GO_ON: &str = "help: what was signed is on record; once that is mended, go on with the same command and --resume";

/// How a run went.
pub(super) struct Report {
    pub(super) run: BulkRun,
    pub(super) counts: Counts,
    pub(super) seconds: f64,
    pub(super) finished: bool,
    /// Where they are; `None` for standard output.
    pub(super) certificates: Option<PathBuf>,
    /// Where they are listed, if there are any.
    pub(super) rejects: Option<PathBuf>,
}

/// Where a report is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// As JSON, on standard output.
    Json,
    Standard,
    /// Beside certificates on standard output.
    Error,
}

impl Report {
    pub(super) fn tell(&self, voice: Voice) -> Result<(), Failure> {
        match voice {
            Voice::Json => output::print(format!("{:#}\n", self.json()).as_bytes()),
            Voice::Standard => output::print(self.text().as_bytes()),
            Voice::Error => {
                anstream::eprint!("{}", self.text());
                Ok(())
            }
        }
    }

    fn json(&self) -> serde_json::Value {
        let Counts {
            signed,
            again,
            rejected,
        } = self.counts;
        json!({
            "run": self.run.to_string(),
            "finished": self.finished,
            "signed": signed,
            "again": again,
            "rejected": rejected,
            "seconds": self.seconds,
            "rate": self.rate(),
            "certificates": self.certificates,
            "rejects": self.rejects,
        })
    }

    fn text(&self) -> String {
        let Self {
            counts, seconds, ..
        } = self;
        let mut text = format!("{counts} in {seconds:.1} s, {:.0}/s\n", self.rate());
        let places = [
            ("certificates", &self.certificates),
            ("rejects", &self.rejects),
        ];
        for (what, path) in places {
            if let Some(path) = path {
                text.push_str(&format!("  {what:<12}  {}\n", path.display()));
            }
        }
        text
    }

    /// Outcomes a second.
    fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^53")]
        let done = self.counts.done() as f64;
        done / self.seconds.max(0.001)
    }
}

/// The failure of a run that was ended early on our side.
pub(super) fn halted(halt: &Halt) -> Failure {
    let (exit, message) = match halt {
        Halt::Interrupted => (
            Exit::Interrupted,
            "stopped before the end of the requests\nhelp: go on with the same command and --resume".to_owned(),
        ),
        Halt::Strict(reject) => (
            Exit::Failed,
            format!(
                "error: {reject}\nhelp: --strict stopped here; mend the request and go on with the same command and --resume, or leave --strict away to pass over it"
            ),
        ),
        Halt::Unwritable { place, error } => (
            Exit::Internal,
            format!("error: {place} can't be written: {error}\n{GO_ON}"),
        ),
        Halt::OtherSubject { position, serial } => (
            Exit::BadInput,
            format!(
                "error: request {position} has another subject now than the certificate {serial} that is on record for it\nhelp: --resume with the input that the run was begun with, or --abandon it"
            ),
        ),
    };
    Failure { exit, message }
}
