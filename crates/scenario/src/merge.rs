//! [`merge()`]: the streams of the parts of a run, folded into the stream that one machine would have told.
//!
//! What does not fit together is refused: a report that lacks a part looks as green as one that is whole.

mod error;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::event::{CaseResult, CaseStart, EVENT_VERSION, RunEvent, Summary};
use crate::run::DriverName;
use crate::selection::Shard;

pub use error::MergeError;

/// The stream of one run, or of a part of one, that came to its end.
#[derive(Debug, Clone)]
pub struct EventStream {
    name: String,
    deselected: usize,
    driver: DriverName,
    shard: Option<Shard>,
    left_out: Vec<RunEvent>,
    cases: Vec<CaseEvents>,
    duration_ms: u64,
}

/// A case as it was told.
#[derive(Debug, Clone)]
struct CaseEvents {
    start: CaseStart,
    /// The line of the file on which it begins, counted from 1.
    line: usize,
    steps: Vec<RunEvent>,
    result: CaseResult,
}

/// The member that is looked at before all others.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl EventStream {
    /// Reads what `sealbank run --json` wrote; `name` is how it is called in messages.
    ///
    /// # Errors
    /// [`MergeError`], when a line is cut off or no event, and when the run did not come to its end.
    pub fn read(name: &str, text: &str) -> Result<Self, MergeError> {
        let mut reader = Reader::new(name);
        let mut lines = (1..).zip(text.split_inclusive('\n')).peekable();
        let mut last = 0;
        while let Some((line, written)) = lines.next() {
            last = line;
            if written.trim().is_empty() {
                continue;
            }
            let event = reader.event(line, written).map_err(|error| {
                if lines.peek().is_none() && !written.ends_with('\n') {
                    let name = name.to_owned();
                    MergeError::CutOff { name, line }
                } else {
                    error
                }
            })?;
            reader.take(line, event)?;
        }
        reader.end(last)
    }

    /// How many cases its files hold, selected or not.
    fn suite(&self) -> usize {
        self.deselected + numbers(&self.cases).len()
    }
}

/// What was read so far.
struct Reader<'a> {
    name: &'a str,
    stream: Option<EventStream>,
    open: Option<(CaseStart, usize, Vec<RunEvent>)>,
    ended: bool,
}

impl<'a> Reader<'a> {
    fn new(name: &'a str) -> Self {
        Self {
            name,
            stream: None,
            open: None,
            ended: false,
        }
    }

    fn event(&self, line: usize, written: &str) -> Result<RunEvent, MergeError> {
        let no_event = |error: serde_json::Error| MergeError::NoEvent {
            name: self.name.to_owned(),
            line,
            error: error.to_string(),
        };
        if self.stream.is_none()
            && let Ok(Version { version: found }) = serde_json::from_str(written)
            && found != EVENT_VERSION
        {
            let name = self.name.to_owned();
            return Err(MergeError::Version { name, found });
        }
        serde_json::from_str(written).map_err(no_event)
    }

    fn take(&mut self, line: usize, event: RunEvent) -> Result<(), MergeError> {
        let out_of_place = MergeError::OutOfPlace {
            name: self.name.to_owned(),
            line,
        };
        if self.ended {
            return Err(out_of_place);
        }
        match (event, &mut self.stream, &mut self.open) {
            (
                RunEvent::RunStarted {
                    deselected,
                    driver,
                    shard,
                    ..
                },
                None,
                None,
            ) => {
                self.stream = Some(EventStream {
                    name: self.name.to_owned(),
                    deselected,
                    driver,
                    shard,
                    left_out: Vec::new(),
                    cases: Vec::new(),
                    duration_ms: 0,
                });
            }
            (event @ RunEvent::CaseLeftOut(_), Some(stream), None) => stream.left_out.push(event),
            (RunEvent::CaseStarted(start), Some(_), None) => {
                self.open = Some((start, line, Vec::new()));
            }
            (event @ RunEvent::StepFinished(_), Some(_), Some((_, _, steps))) => steps.push(event),
            (RunEvent::CaseFinished(result), Some(stream), Some((start, ..)))
                if start.name.id == result.name.id =>
            {
                if let Some((start, line, steps)) = self.open.take() {
                    stream.cases.push(CaseEvents {
                        start,
                        line,
                        steps,
                        result,
                    });
                }
            }
            (RunEvent::RunFinished(summary), Some(stream), None) => {
                stream.duration_ms = summary.duration_ms;
                self.ended = true;
            }
            _ => return Err(out_of_place),
        }
        Ok(())
    }

    fn end(self, line: usize) -> Result<EventStream, MergeError> {
        let unended = MergeError::Unended {
            name: self.name.to_owned(),
            line,
        };
        self.stream.filter(|_| self.ended).ok_or(unended)
    }
}

/// The events of the whole run, in the order of its cases. A single stream that is no part is told as it is.
///
/// # Errors
/// Everything by which the streams are not all parts of one run, each once.
pub fn merge(streams: Vec<EventStream>) -> Result<Vec<RunEvent>, Vec<MergeError>> {
    let mistakes = mistakes(&streams);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let suite = streams.first().map_or(0, EventStream::suite);
    let driver = streams.first().map(|stream| stream.driver.clone());
    let mut summary = Summary::default();
    let (mut left_out, mut cases) = (Vec::new(), Vec::new());
    for mut stream in streams {
        // The parts run beside one another.
        summary.duration_ms = summary.duration_ms.max(stream.duration_ms);
        left_out.append(&mut stream.left_out);
        cases.append(&mut stream.cases);
    }
    // The sort is stable, so a case that was repeated keeps its order.
    cases.sort_by_key(|case| case.start.number);
    let mut events = vec![RunEvent::RunStarted {
        version: EVENT_VERSION,
        cases: cases.len(),
        deselected: suite.saturating_sub(numbers(&cases).len()),
        driver: driver.unwrap_or_default(),
        shard: None,
    }];
    summary.left_out = left_out.len();
    events.append(&mut left_out);
    for case in cases {
        summary.count(&case.result.verdict);
        summary.not_checked += case.result.not_checked;
        events.push(RunEvent::CaseStarted(case.start));
        events.extend(case.steps);
        events.push(RunEvent::CaseFinished(case.result));
    }
    events.push(RunEvent::RunFinished(summary));
    Ok(events)
}

fn numbers(cases: &[CaseEvents]) -> BTreeSet<usize> {
    cases.iter().map(|case| case.start.number).collect()
}

fn mistakes(streams: &[EventStream]) -> Vec<MergeError> {
    let mut mistakes = Vec::new();
    let Some((first, others)) = streams.split_first() else {
        return mistakes;
    };
    for stream in streams {
        match (stream.shard, first.shard) {
            (None, _) if !others.is_empty() => mistakes.push(MergeError::Whole {
                name: stream.name.clone(),
            }),
            (Some(found), Some(expected)) if found.of() != expected.of() => {
                mistakes.push(MergeError::OtherDivision {
                    name: stream.name.clone(),
                    found,
                    other: first.name.clone(),
                    expected,
                });
            }
            _ => {}
        }
        if stream.suite() != first.suite() {
            mistakes.push(MergeError::OtherSuite {
                name: stream.name.clone(),
                found: stream.suite(),
                other: first.name.clone(),
                expected: first.suite(),
            });
        }
    }
    let by_others = others.iter().filter(|other| other.driver != first.driver);
    mistakes.extend(by_others.map(|stream| MergeError::OtherDriver {
        name: stream.name.clone(),
        found: stream.driver.clone(),
        other: first.name.clone(),
        expected: first.driver.clone(),
    }));
    if let Some(of) = first.shard.map(Shard::of) {
        let there: BTreeSet<usize> = streams
            .iter()
            .filter_map(|stream| stream.shard)
            .map(Shard::part)
            .collect();
        let missing = (1..=of).filter(|part| !there.contains(part));
        mistakes.extend(missing.map(|part| MergeError::Missing { part, of }));
    }
    mistakes.extend(told_twice(streams));
    mistakes
}

fn told_twice(streams: &[EventStream]) -> Vec<MergeError> {
    let mut told: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    let mut twice = Vec::new();
    for stream in streams {
        for case in &stream.cases {
            let id = case.start.name.id.as_str();
            if let Some((name, line)) = told.insert(id, (&stream.name, case.line)) {
                twice.push(MergeError::Twice {
                    name: stream.name.clone(),
                    line: case.line,
                    id: id.to_owned(),
                    other: format!("{name}:{line}"),
                });
            }
        }
    }
    twice
}
