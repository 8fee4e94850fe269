//! `sealbank run`: scenarios, the reports that were asked for, and the exit code.

mod files;

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sealbank_scenario::report::{Detail, Junit, Terminal, json_line};
use sealbank_scenario::{
    AfterFailure, Language, RunEvent, RunExit, RunOptions, Selection, Style, Suite, Verdict, load,
    run as run_suite,
};

use time::OffsetDateTime;

use self::files::FileReports;
use crate::args::{self, Colour, RunArguments};
use crate::exit::{Exit, Failure};

/// Runs what `arguments` select.
pub(crate) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    choose_colour(arguments.color);
    let suite = read(&arguments.paths)?;
    let select = Selection::containing(arguments.cases.iter().cloned());
    if arguments.list {
        return list(&suite, &select);
    }
    if !suite.cases().any(|case| select.selects(case)) {
        return Err(nothing_selected(arguments, &suite));
    }
    let options = RunOptions {
        jobs: arguments.jobs,
        select,
        after_failure: if arguments.fail_fast {
            AfterFailure::Stop
        } else {
            AfterFailure::GoOn
        },
    };
    let mut reports = Reports::open(arguments)?;
    let summary = run_suite(&suite, &options, &mut |event| reports.tell(event))
        .map_err(|error| Failure::internal(format!("error: {error}")))?;
    reports.finish()?;
    Ok(match summary.exit() {
        RunExit::Passed => Exit::Success,
        RunExit::Failed => Exit::Failed,
        RunExit::Broken => Exit::Internal,
        RunExit::NothingSelected => Exit::NothingSelected,
    })
}

fn read(paths: &[PathBuf]) -> Result<Suite, Failure> {
    if let [only] = paths
        && only == Path::new("scenarios")
        && !only.exists()
    {
        return Err(Failure::bad_input(
            "error: there is no directory `scenarios` here\nhelp: name scenario files or directories, or run it where sealbank's sources are",
        ));
    }
    load(paths).map_err(|mistakes| Failure::bad_input(mistakes.render(Style::Coloured)))
}

fn list(suite: &Suite, select: &Selection) -> Result<Exit, Failure> {
    let mut selected = suite.cases().filter(|case| select.selects(case)).peekable();
    if selected.peek().is_none() {
        return Ok(Exit::NothingSelected);
    }
    let mut out = anstream::stdout().lock();
    selected
        .try_for_each(|case| writeln!(out, "{}", case.id()))
        .map_err(|error| unwritten("standard output", &error))?;
    Ok(Exit::Success)
}

fn nothing_selected(arguments: &RunArguments, suite: &Suite) -> Failure {
    let message = if suite.is_empty() {
        "error: the files hold no cases, so nothing was run".to_owned()
    } else {
        let texts = arguments.cases.join("`, `");
        format!(
            "error: none of {} cases has `{texts}` in its id, so nothing was run\nhelp: `sealbank run --list` shows the ids",
            suite.len()
        )
    };
    Failure {
        exit: Exit::NothingSelected,
        message,
    }
}

fn choose_colour(colour: Colour) {
    match colour {
        Colour::Auto => {}
        Colour::Always => anstream::ColorChoice::Always.write_global(),
        Colour::Never => anstream::ColorChoice::Never.write_global(),
    }
}

/// Every report that was asked for; each hears every event.
struct Reports {
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
    fn open(arguments: &RunArguments) -> Result<Self, Failure> {
        let json_on_stdout = arguments.json.as_deref() == Some(Path::new("-"));
        // What a program reads has standard output for itself.
        let screen: Box<dyn Write> = if json_on_stdout {
            Box::new(anstream::stderr())
        } else {
            Box::new(anstream::stdout())
        };
        let language = match arguments.lang {
            args::Language::Ja => Language::Japanese,
            args::Language::En => Language::English,
        };
        let detail = if arguments.verbose {
            Detail::Steps
        } else {
            Detail::Failures
        };
        if let Some(path) = &arguments.junit {
            // A path that can't be written is known before an hour of running, not after it.
            File::create(path).map_err(|error| unwritten(&path.display().to_string(), &error))?;
        }
        let now = OffsetDateTime::now_utc();
        let terminal = Terminal::new(screen, language, detail);
        let width = terminal_size::terminal_size_of(io::stdout());
        Ok(Self {
            terminal: match width {
                Some((columns, _)) => terminal.with_width(columns.0.into()),
                None => terminal,
            },
            progress: progress_bar(arguments),
            junit: arguments
                .junit
                .clone()
                .map(|path| (path, Junit::default().began_at(now))),
            json: arguments.json.as_deref().map(Lines::open).transpose()?,
            files: FileReports::open(arguments, language, now)?,
        })
    }

    fn tell(&mut self, event: &RunEvent) {
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
                if !matches!(result.verdict, Verdict::Passed) {
                    progress.set_style(style("red"));
                }
            }
            RunEvent::StepFinished(_) => {}
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

    fn finish(self) -> Result<(), Failure> {
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
fn heard(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// A bar on a terminal, nothing elsewhere.
fn progress_bar(arguments: &RunArguments) -> ProgressBar {
    if arguments.verbose || !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(0).with_style(style("green"));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn style(colour: &str) -> ProgressStyle {
    let template = format!("{{bar:30.{colour}}} {{pos}}/{{len}}  {{elapsed}}  {{wide_msg}}");
    ProgressStyle::with_template(&template)
        .expect("the template is one of two that are written here")
}

fn unwritten(what: &str, error: &io::Error) -> Failure {
    Failure::internal(format!("error: {what} can't be written: {error}"))
}
