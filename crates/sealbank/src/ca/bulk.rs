//! `sealbank ca sign --bulk`: a certificate for each request of an input, however many there are.
//!
//! | room | what it does |
//! |---|---|
//! | `arguments` | the words |
//! | `source`, `entry` | where requests come from, and one of them as it is read |
//! | `pattern`, `requests` | whom a certificate is for; what the CA is given |
//! | `clerk` | who takes the outcomes |
//! | `sink`, `form`, `rejects` | where certificates and rejects are written, and how |
//! | `run` | the note of a run that is not at its end |
//! | `progress`, `interrupt`, `report` | what people see and say meanwhile, and what is told at the end |

mod arguments;
mod clerk;
mod entry;
mod form;
mod interrupt;
mod pattern;
mod progress;
mod rejects;
mod report;
mod requests;
mod run;
mod sink;
mod source;

use std::path::{Path, PathBuf};
use std::time::Instant;

pub(crate) use arguments::BulkArguments;
use sealbank_ca::{Authority, BulkOptions, CaError};
use time::OffsetDateTime;

use self::clerk::{Clerk, Halt, Severity};
use self::interrupt::Interrupt;
use self::pattern::{Filling, SubjectPattern};
use self::progress::{Audience, Counts, Progress};
use self::rejects::Rejects;
use self::report::{Report, Voice, halted};
use self::requests::{Requests, Slips, Terms};
use self::run::Run;
use self::sink::{Sink, Target};
use self::source::{Kind, Source};
use super::args::{DEFAULT_DAYS, SignArguments};
use super::house::{self, refused, unusable};
use super::sign::days_from;
use super::subject::{Defaults, SubjectParts};
use crate::exit::{Exit, Failure};

/// Signs what can be signed, and lists what can't.
pub(super) fn sign(arguments: &SignArguments, input: &Path) -> Result<Exit, Failure> {
    let now = OffsetDateTime::now_utc();
    let source = Source::open(input)?;
    let target = target(arguments, input)?;
    // Whoever has the CA has the run: nothing of another process's is touched before.
    let authority = house::open(&arguments.place, now)?;
    let run = which_run(arguments, input, now)?;
    let terms = terms(&run, source.kind, &authority)?;
    let interrupt = Interrupt::listen()?;
    let desk = Desk::open(arguments, target)?;
    run.write(&arguments.place.dir)?;
    let work = Work {
        arguments,
        input,
        authority,
        run,
        terms,
        interrupt,
        now,
    };
    work.carry_out(source, desk)
}

/// Everything that a run needs.
struct Work<'a> {
    arguments: &'a SignArguments,
    input: &'a Path,
    authority: Authority,
    run: Run,
    terms: Terms,
    interrupt: Interrupt,
    now: OffsetDateTime,
}

/// What a run writes.
struct Desk {
    target: Target,
    sink: Sink,
    rejects: Rejects,
}

impl Work<'_> {
    fn carry_out(&self, source: Source, desk: Desk) -> Result<Exit, Failure> {
        let options = &self.arguments.bulk;
        let slips = Slips::default();
        let begun = Instant::now();
        let audience = if self.arguments.json {
            Audience::Programs
        } else {
            Audience::People
        };
        let mut clerk = Clerk {
            slips: &slips,
            sink: desk.sink,
            rejects: desk.rejects,
            progress: Progress::new(source.measure, audience, begun),
            interrupt: &self.interrupt,
            severity: if options.strict {
                Severity::Strict
            } else {
                Severity::GoOn
            },
            counts: Counts::default(),
            halt: None,
        };
        let requests = Requests {
            input: self.input,
            entries: source.entries,
            terms: &self.terms,
            slips: &slips,
            position: 0,
        };
        let mut take = |outcome: sealbank_ca::BulkOutcome<'_>| clerk.take(&outcome);
        let signed = self
            .authority
            .sign_bulk(requests, &self.options(), &mut take, self.now);
        clerk.progress.finish();
        let ended = self.ended(signed.err(), clerk.halt.take(), &clerk.counts);
        self.close(ended, clerk, &desk.target, begun)
    }

    fn voice(&self, target: &Target) -> Voice {
        if self.arguments.json {
            Voice::Json
        } else if target.path.is_some() {
            Voice::Standard
        } else {
            Voice::Error
        }
    }

    fn options(&self) -> BulkOptions {
        let asked = &self.arguments.bulk;
        let usual = BulkOptions::new(self.run.run);
        BulkOptions {
            threads: asked.threads.unwrap_or(usual.threads),
            slice: asked.slice.map_or(usual.slice, usize::from),
            ..usual
        }
    }

    /// Whether the run came to its end; otherwise why not.
    fn ended(
        &self,
        error: Option<CaError>,
        halt: Option<Halt>,
        counts: &Counts,
    ) -> Result<(), Failure> {
        if let Some(error) = error {
            return Err(broken(&error));
        }
        // Ctrl-C also stops whoever writes to our standard input: its end is not that of the requests.
        let cut_off = self.input == Path::new("-") && self.interrupt.is_told();
        let halt = halt.or(cut_off.then_some(Halt::Interrupted));
        if let Some(halt) = halt {
            return Err(halted(&halt));
        }
        if self.arguments.bulk.resume {
            self.must_be_all(counts)?;
        }
        Ok(())
    }

    /// An input that has become shorter does not have every request that was certified.
    fn must_be_all(&self, counts: &Counts) -> Result<(), Failure> {
        let mut recorded = 0;
        for certificate in self.authority.certificates_of_run(self.run.run) {
            certificate.map_err(|error| refused(&error))?;
            recorded += 1;
        }
        let released = counts.signed + counts.again;
        if released == recorded {
            return Ok(());
        }
        Err(Failure::bad_input(format!(
            "error: {} ended too soon: the run has {recorded} certificates on record, and the requests of {released} are in it\nhelp: give the whole input, or begin anew with --abandon",
            self.input.display()
        )))
    }

    /// Puts everything into its place, and tells how it went.
    fn close(
        &self,
        mut ended: Result<(), Failure>,
        clerk: Clerk<'_>,
        target: &Target,
        begun: Instant,
    ) -> Result<Exit, Failure> {
        let mut report = Report {
            run: self.run.run,
            counts: clerk.counts,
            seconds: begun.elapsed().as_secs_f64(),
            finished: ended.is_ok(),
            certificates: target.path.clone(),
            rejects: None,
        };
        let unwritable = |name: String| move |error| halted(&Halt::unwritable(name, error));
        let (list, sink) = (clerk.rejects.name(), clerk.sink.name());
        match clerk.rejects.finish().map_err(unwritable(list)) {
            Ok(path) => report.rejects = path,
            Err(failure) => ended = ended.and(Err(failure)),
        }
        if ended.is_ok() {
            ended = clerk.sink.finish().map_err(unwritable(sink));
            ended = ended.and_then(|()| Run::end(&self.arguments.place.dir));
        } else {
            // What could not be written is released by the next part of the run.
            report.certificates = clerk.sink.leave().ok().flatten();
        }
        report.finished = ended.is_ok();
        report.tell(self.voice(target))?;
        ended.map(|()| {
            if report.counts.rejected == 0 {
                Exit::Success
            } else {
                Exit::Failed
            }
        })
    }
}

impl Desk {
    fn open(arguments: &SignArguments, target: Target) -> Result<Self, Failure> {
        let path = target.path.clone().unwrap_or_else(|| PathBuf::from("-"));
        let sink = target.open();
        let sink = sink.map_err(|error| Failure::internal(unusable(&path, "written", &error)))?;
        let list = arguments.bulk.rejects.clone().or_else(|| target.rejects());
        let shown = list.clone().unwrap_or_default();
        let rejects = Rejects::open(list);
        let rejects =
            rejects.map_err(|error| Failure::internal(unusable(&shown, "written", &error)))?;
        Ok(Self {
            target,
            sink,
            rejects,
        })
    }
}

/// Where certificates go.
fn target(arguments: &SignArguments, input: &Path) -> Result<Target, Failure> {
    let target = Target::new(arguments.out.as_deref(), arguments.bulk.format);
    let target = target.ok_or_else(|| {
        Failure::bad_input(
            "error: certificates can't be written in this --format to this --out\nhelp: pem-dir and der-dir need a directory; pem and ndjson need a file, or standard output",
        )
    })?;
    if arguments.json && target.path.is_none() {
        return Err(Failure::bad_input(
            "error: --json tells the outcome on standard output, where the certificates would be\nhelp: name a file or directory with --out",
        ));
    }
    let feeds_itself = target.path.as_deref().is_some_and(|out| {
        input.is_dir()
            && (same_directory(out, input)
                || out.parent().is_some_and(|it| same_directory(it, input)) && !out.is_dir())
    });
    if feeds_itself {
        return Err(Failure::bad_input(format!(
            "error: what is written to --out would be taken for requests, since all files in {} are\nhelp: write it elsewhere",
            input.display()
        )));
    }
    Ok(target)
}

fn same_directory(a: &Path, b: &Path) -> bool {
    let a = if a.as_os_str().is_empty() {
        Path::new(".")
    } else {
        a
    };
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// A new run, or the one that was cut off.
fn which_run(arguments: &SignArguments, input: &Path, now: OffsetDateTime) -> Result<Run, Failure> {
    let directory = &arguments.place.dir;
    let subject = the_subject(arguments)?;
    let options = &arguments.bulk;
    match Run::unfinished(directory)? {
        Some(run) if options.resume => {
            run.must_have(subject, arguments.days)?;
            Ok(run)
        }
        None if options.resume => Err(Failure::bad_input(format!(
            "error: no run in {} was cut off\nhelp: leave --resume away to begin one",
            directory.display()
        ))),
        Some(run) if !options.abandon => Err(run.in_the_way()),
        _ => {
            let days = arguments.days.unwrap_or(DEFAULT_DAYS);
            Run::begin(input, subject.cloned(), days, now)
        }
    }
}

fn the_subject(arguments: &SignArguments) -> Result<Option<&SubjectParts>, Failure> {
    match arguments.subject.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        more => Err(Failure::bad_input(format!(
            "error: there are {} subjects\nhelp: give one --subject, with {{position}} or {{file}} in it, or NDJSON with a subject in each line",
            more.len()
        ))),
    }
}

/// What the run's certificates have in common; refuses what no certificate could have.
fn terms(run: &Run, kind: Kind, authority: &Authority) -> Result<Terms, Failure> {
    let defaults = Defaults::of(authority);
    let unfit = |problem: String| Failure::bad_input(format!("error: --subject: {problem}"));
    let subject = run.subject.as_ref();
    let subject = subject.map(|parts| SubjectPattern::new(parts, &defaults).map_err(unfit));
    let subject = subject.transpose()?;
    if let Some(pattern) = &subject {
        let first = Filling {
            position: 1,
            file: (kind == Kind::Named).then_some("file"),
        };
        pattern.fill(first).map_err(unfit)?;
    } else if kind != Kind::Wishing {
        return Err(Failure::bad_input(
            "error: nobody says whom the certificates are for\nhelp: give --subject, as in --subject 'CN=user{position:07}', or NDJSON with a subject in each line",
        ));
    }
    let validity = days_from(run.begun, run.days)?;
    let issuer_not_after = authority.issuer().validity().not_after();
    if validity.not_after() > issuer_not_after {
        return Err(refused(&CaError::OutlivesIssuer {
            not_after: validity.not_after(),
            issuer_not_after,
        }));
    }
    Ok(Terms {
        subject,
        defaults,
        begun: run.begun,
        validity,
    })
}

/// The CA ended the run.
fn broken(error: &CaError) -> Failure {
    let failure = refused(error);
    match error {
        CaError::BulkInput { .. } => Failure::bad_input(format!(
            "{}\nhelp: --resume with the input that the run was begun with, or --abandon it",
            failure.message
        )),
        CaError::Io { .. } => Failure::bad_input(format!("{}\n{}", failure.message, report::GO_ON)),
        _ => Failure {
            message: format!("{}\n{}", failure.message, report::GO_ON),
            ..failure
        },
    }
}
