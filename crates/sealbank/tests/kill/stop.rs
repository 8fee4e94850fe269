//! A stop: when it comes, and how.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::house::House;
use crate::random::Random;

const SIGINT: i32 = 2;
const SIGKILL: i32 = 9;

/// The code of a run that was stopped by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// So often the journal is looked at before the stop comes anyway.
const PATIENCE: usize = 20_000;

/// When a process is stopped, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stop {
    /// After the journal has changed so often; nothing that is released is read.
    AtRecord(usize),
    /// After so many certificates were read.
    AfterLines(usize),
    /// The same, with Ctrl-C.
    CtrlC(usize),
}

impl Stop {
    /// Draws one; at most `most` certificates are read before it.
    pub(crate) fn draw(random: &mut Random, most: usize) -> Self {
        match random.below(8) {
            0 | 1 => Self::AtRecord(random.below(12)),
            2 => Self::CtrlC(random.below(most)),
            _ => Self::AfterLines(random.below(most)),
        }
    }

    /// Starts the run's next process and stops it: what it had released, and whether it was at work still.
    pub(crate) fn strike(self, house: &House) -> (Vec<String>, bool) {
        let mut child = house
            .run()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        match self {
            Self::AtRecord(changes) => watch(house, &mut child, changes),
            Self::AfterLines(count) | Self::CtrlC(count) => {
                for _ in 0..count {
                    output.read_line(&mut text).unwrap();
                }
            }
        }
        if let Self::CtrlC(_) = self {
            interrupt(&child);
        } else {
            child.kill().unwrap();
        }
        output.read_to_string(&mut text).unwrap();
        let status = child.wait().unwrap();
        // A line that was cut off was not released.
        let whole = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        (
            whole.map(|line| line.trim_end().to_owned()).collect(),
            was_stopped(status),
        )
    }
}

/// Looks at the journal until it has changed so often.
fn watch(house: &House, child: &mut Child, changes: usize) {
    let length = || {
        let files = [
            "ca/journal.sqlite",
            "ca/journal.sqlite-wal",
            "ca/bulk-run.json",
        ];
        files.map(|name| std::fs::metadata(house.path(name)).map_or(0, |it| it.len()))
    };
    let mut last = length();
    let mut seen = 0;
    for _ in 0..PATIENCE {
        if seen >= changes || child.try_wait().unwrap().is_some() {
            return;
        }
        let now = length();
        seen += usize::from(now != last);
        last = now;
        std::thread::yield_now();
    }
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// Whether the process ended by the stop, and not by itself.
fn was_stopped(status: ExitStatus) -> bool {
    match (status.signal(), status.code()) {
        // SIGINT kills where Ctrl-C came before anybody listened for it.
        (Some(SIGKILL | SIGINT), _) | (_, Some(INTERRUPTED)) => true,
        (_, Some(1)) => false,
        _ => panic!("the process ended with {status:?}"),
    }
}
