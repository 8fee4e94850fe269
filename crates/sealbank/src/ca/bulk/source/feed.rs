//! A buffered stream that is read up to a byte, never more than a limit at a time, and whose lines are counted.

use std::io::{self, BufRead as _, BufReader, Read};

/// Enough for hundreds of requests, so that the system is asked seldom.
const BUFFER: usize = 256 * 1024;

/// What some editors put before a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The stream, and the line that is read next.
pub(super) struct Feed<R> {
    stream: BufReader<R>,
    line: u64,
}

impl<R: Read> Feed<R> {
    pub(super) fn new(stream: R) -> Self {
        Self {
            stream: BufReader::with_capacity(BUFFER, stream),
            line: 1,
        }
    }

    /// The first bytes that tell what this is; empty at the end of an empty stream. White space and a mark of the
    /// byte order before them are gone.
    pub(super) fn sniff(&mut self) -> io::Result<&[u8]> {
        if self.fill()?.starts_with(BYTE_ORDER_MARK) {
            self.stream.consume(BYTE_ORDER_MARK.len());
        }
        loop {
            let found = self.fill()?;
            let blank = found
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count();
            if blank == 0 {
                break;
            }
            let lines = count_lines(&found[..blank]);
            self.line += lines;
            self.stream.consume(blank);
        }
        self.fill()
    }

    /// The line that is read next, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Appends what comes up to and with `stop`, at most `limit` bytes; whether `stop` was met.
    pub(super) fn until(&mut self, stop: u8, into: &mut Vec<u8>, limit: usize) -> io::Result<bool> {
        let begin = into.len();
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        (&mut self.stream).take(limit).read_until(stop, into)?;
        self.line += count_lines(&into[begin..]);
        Ok(into[begin..].last() == Some(&stop))
    }

    /// Passes over the rest of a line.
    pub(super) fn skip_line(&mut self) -> io::Result<()> {
        self.line += u64::from(self.stream.skip_until(b'\n')? > 0);
        Ok(())
    }

    fn fill(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.stream.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(_) => return Ok(self.stream.buffer()),
            }
        }
    }
}

impl<R: Read> Read for Feed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}
