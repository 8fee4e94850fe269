//! The reports that are files of their own, or lines for GitHub: TAP, HTML, annotations and step summary.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sealbank_scenario::report::{Github, Html, Tap};
use sealbank_scenario::{Language, RunEvent};
use time::OffsetDateTime;

use super::args::ReportArguments;
use crate::exit::Failure;

/// Where GitHub wants a job's summary in Markdown.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Those that were asked for.
pub(super) struct FileReports {
    tap: Option<(PathBuf, Tap<BufWriter<File>>)>,
    html: Option<(PathBuf, Html)>,
    github: Option<Github<Box<dyn Write>>>,
}

impl FileReports {
    /// Opens every file, so that one that can't be written is known before an hour of running, not after it.
    pub(super) fn open(
        arguments: &ReportArguments,
        language: Language,
        began: Option<OffsetDateTime>,
    ) -> Result<Self, Failure> {
        let tap = arguments.tap.as_deref().map(|path| {
            let file = created(path)?;
            Ok((path.to_owned(), Tap::new(BufWriter::new(file))))
        });
        let html = arguments.html.as_deref().map(|path| {
            created(path)?;
            let html = Html::new(language);
            let html = match began {
                Some(began) => html.began_at(began),
                None => html,
            };
            Ok((path.to_owned(), html))
        });
        // GitHub reads commands on either stream; what another program reads has standard output for itself.
        let commands: Box<dyn Write> = if arguments.json.as_deref() == Some(Path::new("-")) {
            Box::new(io::stderr())
        } else {
            Box::new(io::stdout())
        };
        Ok(Self {
            tap: tap.transpose()?,
            html: html.transpose()?,
            github: arguments.github.then(|| Github::new(commands)),
        })
    }

    pub(super) fn tell(&mut self, event: &RunEvent) {
        if let Some((_, tap)) = &mut self.tap {
            tap.tell(event);
        }
        if let Some((_, html)) = &mut self.html {
            html.tell(event);
        }
        if let Some(github) = &mut self.github {
            github.tell(event);
        }
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        if let Some((path, tap)) = self.tap {
            tap.finish()
                .and_then(|mut out| out.flush())
                .map_err(|error| unwritten(&path, &error))?;
        }
        if let Some((path, html)) = self.html {
            std::fs::write(&path, html.finish()).map_err(|error| unwritten(&path, &error))?;
        }
        let Some(github) = self.github else {
            return Ok(());
        };
        let summary = github
            .finish()
            .map_err(|error| unwritten(Path::new("standard output"), &error))?;
        // Elsewhere than on GitHub the annotations alone are of use.
        let Some(path) = std::env::var_os(STEP_SUMMARY).map(PathBuf::from) else {
            return Ok(());
        };
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(&path);
        file.and_then(|mut file| file.write_all(summary.as_bytes()))
            .map_err(|error| unwritten(&path, &error))
    }
}

fn created(path: &Path) -> Result<File, Failure> {
    File::create(path).map_err(|error| unwritten(path, &error))
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    super::reports::unwritten(&path.display().to_string(), error)
}
