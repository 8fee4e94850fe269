//! What is known of a run that is not at its end: a file in the CA's directory, there before the first record and gone
//! with the last certificate. Without it a run that was cut off would be signed a second time.

use std::fs::File;
use std::io;
use std::path::Path;

use sealbank_ca::BulkRun;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::ca::house::{refused, unusable};
use crate::ca::output;
use crate::ca::subject::SubjectParts;
use crate::exit::Failure;
use crate::file;

const NAME: &str = "bulk-run.json";

/// The form of the file that is written here.
const VERSION: u32 = 1;

/// A run, and what all its parts have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    version: u32,
    #[serde(with = "hexadecimal")]
    pub(super) run: BulkRun,
    /// What it was begun with, for people.
    input: String,
    pub(super) subject: Option<SubjectParts>,
    pub(super) days: u32,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) begun: OffsetDateTime,
}

impl Run {
    /// A run that is begun now.
    pub(super) fn begin(
        input: &Path,
        subject: Option<SubjectParts>,
        days: u32,
        now: OffsetDateTime,
    ) -> Result<Self, Failure> {
        Ok(Self {
            version: VERSION,
            run: BulkRun::random().map_err(|error| refused(&error))?,
            input: input.display().to_string(),
            subject,
            days,
            begun: now.truncate_to_second(),
        })
    }

    /// The run of a CA's directory that was cut off, if there is one.
    pub(super) fn unfinished(directory: &Path) -> Result<Option<Self>, Failure> {
        let path = directory.join(NAME);
        let content = match std::fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| Failure::internal(unusable(&path, "read", &error)))?,
        };
        let run: Self =
            serde_json::from_slice(&content).map_err(|problem| unreadable(&path, &problem))?;
        if run.version == VERSION {
            Ok(Some(run))
        } else {
            let problem = format!("its version is {}, not {VERSION}", run.version);
            Err(unreadable(&path, &problem))
        }
    }

    /// Writes it down. It is on the disk when this returns.
    pub(super) fn write(&self, directory: &Path) -> Result<(), Failure> {
        let path = directory.join(NAME);
        let mut content = serde_json::to_vec_pretty(self).expect("names, numbers and a time");
        content.push(b'\n');
        file::replace(&path, &content)?;
        sync_names(directory).map_err(|error| Failure::internal(unusable(&path, "written", &error)))
    }

    /// The run is at its end.
    pub(super) fn end(directory: &Path) -> Result<(), Failure> {
        let path = directory.join(NAME);
        std::fs::remove_file(&path)
            .map_err(|error| Failure::internal(unusable(&path, "removed", &error)))
    }

    /// Refuses other terms than those that the run was begun with.
    pub(super) fn must_have(
        &self,
        subject: Option<&SubjectParts>,
        days: Option<u32>,
    ) -> Result<(), Failure> {
        let same_subject = subject.is_none_or(|given| self.subject.as_ref() == Some(given));
        let same_days = days.is_none_or(|given| given == self.days);
        if same_subject && same_days {
            return Ok(());
        }
        let what = if same_subject { "--days" } else { "--subject" };
        Err(Failure::bad_input(format!(
            "error: the run was begun with another {what}\nhelp: leave {what} away to go on with it, or begin anew with --abandon"
        )))
    }

    /// What to say where another run is begun before this one is at its end.
    pub(super) fn in_the_way(&self) -> Failure {
        Failure::bad_input(format!(
            "error: the run over {} that was begun {} is not at its end\nhelp: go on with it with --resume, or give it up with --abandon; what it signed stays on record",
            self.input,
            output::instant(self.begun),
        ))
    }
}

fn unreadable(path: &Path, problem: &dyn std::fmt::Display) -> Failure {
    Failure::internal(format!(
        "error: {} is not the note of a run: {problem}\nhelp: remove it to begin anew; what the run signed stays on record",
        path.display()
    ))
}

/// A file is there after a power failure only if its name is on the disk too.
#[cfg(unix)]
fn sync_names(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Directories are no files here, and their names are written with them.
#[cfg(not(unix))]
fn sync_names(_directory: &Path) -> io::Result<()> {
    Ok(())
}

/// A run's identifier as 32 hexadecimal digits.
mod hexadecimal {
    use sealbank_ca::BulkRun;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        run: &BulkRun,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(run)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BulkRun, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = digits
            .then(|| u128::from_str_radix(&text, 16).ok())
            .flatten();
        let number =
            number.ok_or_else(|| D::Error::custom("a run is named by 32 hexadecimal digits"))?;
        Ok(BulkRun::from(number.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn run() -> Run {
        let subject = Some("CN=user{position}".parse().unwrap());
        Run::begin(
            Path::new("in.pem"),
            subject,
            30,
            datetime!(2031-04-01 09:00 UTC),
        )
        .unwrap()
    }

    #[test]
    fn a_run_is_found_again_until_its_end() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Run::unfinished(directory.path()).unwrap(), None);
        let run = run();
        run.write(directory.path()).unwrap();
        assert_eq!(Run::unfinished(directory.path()).unwrap(), Some(run));
        Run::end(directory.path()).unwrap();
        assert_eq!(Run::unfinished(directory.path()).unwrap(), None);
    }

    #[test]
    fn a_run_goes_on_with_its_own_terms_only() {
        let run = run();
        let (same, other) = (
            "CN=user{position}".parse().unwrap(),
            "CN=x".parse().unwrap(),
        );
        assert!(run.must_have(None, None).is_ok());
        assert!(run.must_have(Some(&same), Some(30)).is_ok());
        let refused = run.must_have(Some(&other), None).unwrap_err();
        assert!(refused.message.contains("--subject"));
        let refused = run.must_have(None, Some(31)).unwrap_err();
        assert!(refused.message.contains("--days"));
    }

    #[test]
    fn a_note_that_is_none_is_not_taken_for_one() {
        let directory = tempfile::tempdir().unwrap();
        let good = serde_json::to_string(&run()).unwrap();
        for note in [
            "",
            "{}",
            &good.replace("\"version\":1", "\"version\":2"),
            &good.replace("\"run\":\"", "\"run\":\"+"),
        ] {
            std::fs::write(directory.path().join(NAME), note).unwrap();
            let failure = Run::unfinished(directory.path()).unwrap_err();
            assert!(failure.message.contains("bulk-run.json"), "{note}");
        }
    }
}
