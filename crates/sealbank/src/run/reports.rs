//! Every report of a run that was asked for, behind one door.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sealbank_scenario::RunEvent;
use sealbank_scenario::report::{Detail, Junit, Terminal, json_line};
use time::OffsetDateTime;

use super::args::ReportArguments;
use super::files::FileReports;
use crate::exit::Failure;

/// Every report that was asked for; each hears every event.
pub(super) struct Reports {
    terminal: Terminal<Box<dyn Write>>,
    progress: ProgressBar,
    junit: Option<(PathBuf, Junit)>,
    json: Option<Lines>,
    files: FileReports,
}

/// A stream of lines of JSON, with the first error of writing.
struct Lines {
    name: String,
    out: Box<dyn Write>,
    trouble: Option<io::Error>,
}

impl Reports {
    /// Opens them; `began` is when the run did, in real time, if it begins now.
    pub(super) fn open(
        arguments: &ReportArguments,
        began: Option<OffsetDateTime>,
    ) -> Result<Self, Failure> {
        let json_on_stdout = arguments.json.as_deref() == Some(Path::new("-"));
        // What a program reads has standard output for itself.
        let screen: Box<dyn Write> = if json_on_stdout {
            Box::new(anstream::stderr())
        } else {
            Box::new(anstream::stdout())
        };
        let language = arguments.lang.into();
        let detail = if arguments.verbose {
            Detail::Steps
        } else {
            Detail::Failures
        };
        if let Some(path) = &arguments.junit {
            // A path that can't be written is known before an hour of running, not after it.
            File::create(path).map_err(|error| unwritten(&path.display().to_string(), &error))?;
        }
        Ok(Self {
            terminal: on_terminal(Terminal::new(screen, language, detail)),
            progress: match began {
                Some(_) => progress_bar(arguments),
                None => no_progress(),
            },
            junit: arguments.junit.clone().map(|path| {
                let junit = match began {
                    Some(began) => Junit::default().began_at(began),
                    None => Junit::default(),
                };
                (path, junit)
            }),
            json: arguments.json.as_deref().map(Lines::open).transpose()?,
            files: FileReports::open(arguments, language, began)?,
        })
    }

    pub(super) fn tell(&mut self, event: &RunEvent) {
        let Self {
            terminal,
            progress,
            junit,
            json,
            files,
        } = self;
        match event {
            RunEvent::RunStarted { cases, .. } => progress.set_length(*cases as u64),
            RunEvent::CaseStarted(start) => progress.set_message(start.name.id.clone()),
            RunEvent::CaseFinished(result) => {
                progress.inc(1);
                if result.verdict.is_bad() {
                    progress.set_style(style("red"));
                }
            }
            RunEvent::CaseLeftOut(_) | RunEvent::StepFinished(_) => {}
            RunEvent::RunFinished(_) => progress.finish_and_clear(),
        }
        progress.suspend(|| terminal.tell(event));
        if let Some((_, junit)) = junit {
            junit.tell(event);
        }
        if let Some(lines) = json {
            lines.tell(event);
        }
        progress.suspend(|| files.tell(event));
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        let shown = self.terminal.finish().and_then(|mut screen| screen.flush());
        heard(shown).map_err(|error| unwritten("the screen", &error))?;
        if let Some((path, junit)) = self.junit {
            let name = path.display().to_string();
            let report = junit
                .finish()
                .map_err(|error| Failure::internal(format!("error: {name}: {error}")))?;
            std::fs::write(&path, report).map_err(|error| unwritten(&name, &error))?;
        }
        self.json.map_or(Ok(()), Lines::finish)?;
        self.files.finish()
    }
}

impl Lines {
    fn open(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let out: Box<dyn Write> = if path == Path::new("-") {
            Box::new(io::stdout())
        } else {
            Box::new(BufWriter::new(
                File::create(path).map_err(|error| unwritten(&name, &error))?,
            ))
        };
        Ok(Self {
            name,
            out,
            trouble: None,
        })
    }

    fn tell(&mut self, event: &RunEvent) {
        if self.trouble.is_none() {
            self.trouble = writeln!(self.out, "{}", json_line(event)).err();
        }
    }

    fn finish(mut self) -> Result<(), Failure> {
        let written = self.trouble.take().map_or_else(|| self.out.flush(), Err);
        heard(written).map_err(|error| unwritten(&self.name, &error))
    }
}

/// Whoever reads only the beginning (`sealbank run -v | head`) has heard enough: that is no error.
pub(super) fn heard(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// The report as wide as the terminal is, if there is one.
pub(super) fn on_terminal<W: Write>(report: Terminal<W>) -> Terminal<W> {
    match terminal_size::terminal_size_of(io::stdout()) {
        Some((columns, _)) => report.with_width(columns.0.into()),
        None => report,
    }
}

/// A bar on a terminal, nothing elsewhere.
fn progress_bar(arguments: &ReportArguments) -> ProgressBar {
    if arguments.verbose || !io::stderr().is_terminal() {
        return no_progress();
    }
    let bar = ProgressBar::new(0).with_style(style("green"));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn no_progress() -> ProgressBar {
    ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
}

fn style(colour: &str) -> ProgressStyle {
    let template = format!("{{bar:30.{colour}}} {{pos}}/{{len}}  {{elapsed}}  {{wide_msg}}");
    ProgressStyle::with_template(&template)
        .expect("the template is one of two that are written here")
}

pub(super) fn unwritten(what: &str, error: &io::Error) -> Failure {
    Failure::internal(format!("error: {what} can't be written: {error}"))
}
