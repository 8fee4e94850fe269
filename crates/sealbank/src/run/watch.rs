//! `sealbank run --watch`: the same run again whenever a file is written that it comes from.
//!
//! What is looked at follows from what was read in the last round; see [`Sight`]. Nothing is asked again and again: the
//! system tells of writing, and Ctrl-C comes the same way.

mod sight;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use notify::{ErrorKind, EventKind, RecommendedWatcher, Watcher};
use sealbank_scenario::StopSignal;

use self::sight::Sight;
use super::args::RunArguments;
use super::choice::{Choice, located};
use super::profile::Settled;
use crate::exit::{Exit, Failure};
use crate::interrupt;

/// An editor writes in several strokes; when it was quiet for so long, it is done.
const QUIET: Duration = Duration::from_millis(50);

/// As many files are named when several changed at once.
const NAMED: usize = 3;

/// What a watching run hears of.
enum Word {
    /// These were written, made, moved or removed.
    Changed(Vec<PathBuf>),
    /// Somebody said stop.
    Stop,
    /// The system can't tell of changes any more.
    Deaf(notify::Error),
}

/// Runs until somebody says stop.
pub(super) fn watch(given: &RunArguments) -> Result<Exit, Failure> {
    let (sender, words) = channel();
    let (stop, told) = (StopSignal::default(), sender.clone());
    let signal = stop.clone();
    interrupt::listen("stopping", move || {
        signal.stop();
        let _nobody_listens = told.send(Word::Stop);
    })?;
    let mut watcher =
        notify::recommended_watcher(move |event| hear(event, &sender)).map_err(deaf)?;
    // Before anything is read, so that nothing is written unseen in between.
    look(&mut watcher, &Sight::new(given_paths(given), files(given)))?;
    loop {
        let mut files = files(given);
        match round(given, &stop, &mut files) {
            Err(failure) if failure.exit == Exit::Internal => return Err(failure),
            Err(failure) => anstream::eprintln!("{}", failure.message),
            Ok(_) => {}
        }
        if stop.is_told() {
            return Ok(Exit::Interrupted);
        }
        let sight = Sight::new(given_paths(given), files);
        look(&mut watcher, &sight)?;
        anstream::eprintln!("watching {}; Ctrl-C ends", sight.words());
        match changes(&words, |path| sight.holds(path), QUIET)? {
            None => return Ok(Exit::Interrupted),
            Some(changed) => anstream::eprintln!("\nchanged: {}", named(&changed)),
        }
    }
}

/// One run. What it comes from is added to `files`, also where it comes to nothing.
fn round(
    given: &RunArguments,
    stop: &StopSignal,
    files: &mut BTreeSet<PathBuf>,
) -> Result<Exit, Failure> {
    let settled = Settled::of_this_process(&given.profile)?;
    let arguments = &settled.arguments;
    arguments.reports.color.choose();
    let choice = Choice::make_of(&arguments.choice, files)?;
    super::play(arguments, choice, stop)
}

/// Where scenarios are looked for.
fn given_paths(given: &RunArguments) -> Vec<PathBuf> {
    let paths = given.choice.paths.iter();
    paths.map(|path| located(path).0).collect()
}

/// What a run comes from before anything was read: the profile, or the place where one would be.
fn files(given: &RunArguments) -> BTreeSet<PathBuf> {
    BTreeSet::from([Settled::path_or_place(&given.profile)])
}

fn hear(event: notify::Result<notify::Event>, sender: &Sender<Word>) {
    let word = match event {
        // Our own reading is told too.
        Ok(event) if matches!(event.kind, EventKind::Access(_)) => return,
        Ok(event) => Word::Changed(event.paths),
        Err(error) => Word::Deaf(error),
    };
    let _nobody_listens = sender.send(word);
}

/// Looks at everything in sight, also at what was made anew since the last time.
fn look(watcher: &mut RecommendedWatcher, sight: &Sight) -> Result<(), Failure> {
    for (directory, mode) in sight.directories() {
        match watcher.watch(directory, mode) {
            // It was removed just now; the one above it, which is looked at too, tells when it is there again.
            Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => {}
            looked => looked.map_err(deaf)?,
        }
    }
    Ok(())
}

/// What is written until it is quiet again; none when somebody says stop before.
fn changes(
    words: &Receiver<Word>,
    in_sight: impl Fn(&Path) -> bool,
    quiet: Duration,
) -> Result<Option<BTreeSet<PathBuf>>, Failure> {
    let mut changed = BTreeSet::new();
    loop {
        let word = if changed.is_empty() {
            words.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            words.recv_timeout(quiet)
        };
        match word {
            Ok(Word::Changed(paths)) => {
                changed.extend(paths.into_iter().filter(|path| in_sight(path)));
            }
            Ok(Word::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Ok(Word::Deaf(error)) => return Err(deaf(error)),
            Err(RecvTimeoutError::Timeout) => return Ok(Some(changed)),
        }
    }
}

/// The files that changed, as seen from here.
fn named(changed: &BTreeSet<PathBuf>) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let here = here.unwrap_or_default();
    let names = changed.iter().take(NAMED);
    let names = names.map(|path| {
        path.strip_prefix(&here)
            .unwrap_or(path)
            .display()
            .to_string()
    });
    let names = names.collect::<Vec<_>>().join(", ");
    match changed.len().saturating_sub(NAMED) {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what errors are mapped by"
)]
fn deaf(error: notify::Error) -> Failure {
    Failure::internal(format!(
        "error: files can't be watched: {error}\nhelp: run it again without --watch, or name fewer directories"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &str) -> Word {
        Word::Changed(vec![PathBuf::from(path)])
    }

    fn heard(words: Vec<Word>, quiet: Duration) -> (Option<Vec<String>>, Sender<Word>) {
        let (sender, receiver) = channel();
        for word in words {
            sender.send(word).unwrap();
        }
        let yaml = |path: &Path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        };
        let changed = changes(&receiver, yaml, quiet).unwrap();
        let names = |paths: BTreeSet<PathBuf>| {
            let paths = paths.iter();
            paths.map(|path| path.display().to_string()).collect()
        };
        (changed.map(names), sender)
    }

    #[test]
    fn what_is_written_in_several_strokes_is_one_change() {
        let words = ["a.yaml", "a.yaml~", "b.yaml", "a.yaml"].map(written);
        let (changed, _open) = heard(words.into(), Duration::ZERO);
        assert_eq!(changed.unwrap(), ["a.yaml", "b.yaml"]);
    }

    #[test]
    fn who_says_stop_need_not_wait_for_quiet() {
        let never = Duration::from_secs(3_600);
        for words in [
            vec![written("notes.txt"), Word::Stop],
            vec![written("a.yaml"), Word::Stop],
            vec![Word::Stop, written("a.yaml")],
        ] {
            assert_eq!(heard(words, never).0, None);
        }
    }

    #[test]
    fn a_run_that_hears_nothing_any_more_says_so() {
        let (sender, receiver) = channel();
        let error = notify::Error::new(notify::ErrorKind::MaxFilesWatch);
        sender.send(Word::Deaf(error)).unwrap();
        let failure = changes(&receiver, |_| true, QUIET).unwrap_err();
        assert_eq!(failure.exit, Exit::Internal);
        assert!(failure.message.contains("can't be watched"));
    }

    #[test]
    fn reading_a_file_is_no_change() {
        let (sender, receiver) = channel();
        let event = |kind| Ok(notify::Event::new(kind).add_path("a.yaml".into()));
        hear(
            event(EventKind::Access(notify::event::AccessKind::Any)),
            &sender,
        );
        hear(
            event(EventKind::Modify(notify::event::ModifyKind::Any)),
            &sender,
        );
        drop(sender);
        assert_eq!(receiver.iter().count(), 1);
    }

    #[test]
    fn a_few_files_are_named_and_more_are_counted() {
        let changed = |count: usize| -> BTreeSet<PathBuf> {
            (1..=count)
                .map(|n| PathBuf::from(format!("/x/{n}.yaml")))
                .collect()
        };
        assert_eq!(named(&changed(2)), "/x/1.yaml, /x/2.yaml");
        let many = named(&changed(5));
        assert_eq!(many, "/x/1.yaml, /x/2.yaml, /x/3.yaml and 2 more");
    }
}
