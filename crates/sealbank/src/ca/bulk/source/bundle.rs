//! PEM blocks one after the other. They are told apart and not looked into: what is in a block is read by the CA.

use std::io::{self, Read};

use sealbank_ca::MAX_REQUEST_BYTES;

use super::feed::Feed;
use crate::ca::bulk::entry::{Entry, Origin};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

/// The longest line outside a block that is looked at.
const MAX_LINE: usize = 1024;

/// The most that is made room for before it is seen.
const MOST_ROOM: usize = 4096;

/// So many bytes show that a block is too large for a request.
const TOO_MUCH: usize = MAX_REQUEST_BYTES + 1;

/// The blocks of a bundle. Text around them is passed over (RFC 7468 section 2); a block that is cut off by the next
/// one, or by the end, is an entry as it is.
pub(super) struct Blocks<R> {
    feed: Feed<R>,
    /// The first line of a block that cut off the one before.
    ahead: Vec<u8>,
    /// Room for a block: as long as the one before, which is seldom too short and never wasteful.
    room: usize,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(feed: Feed<R>) -> Self {
        Self {
            feed,
            ahead: Vec::new(),
            room: 0,
        }
    }

    fn block(&mut self) -> io::Result<Option<Entry>> {
        let Some((line, mut block)) = self.beginning()? else {
            return Ok(None);
        };
        while let Some(at) = self.next_boundary(&mut block)? {
            if block[at..].starts_with(END) {
                break;
            }
            if block[at..].starts_with(BEGIN) {
                self.ahead = block.split_off(at);
                break;
            }
        }
        self.room = block.len().min(MOST_ROOM);
        Ok(Some(Entry::plain(Origin::Line(line), block)))
    }

    /// The first line of the next block, and its number.
    fn beginning(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        if !self.ahead.is_empty() {
            let line = self.feed.line() - 1;
            return Ok(Some((line, std::mem::take(&mut self.ahead))));
        }
        let mut text = Vec::with_capacity(self.room);
        loop {
            let line = self.feed.line();
            text.clear();
            let whole = self.feed.until(b'\n', &mut text, MAX_LINE)?;
            if text.starts_with(BEGIN) {
                return Ok(Some((line, text)));
            }
            if text.is_empty() {
                return Ok(None);
            }
            if !whole {
                self.feed.skip_line()?;
            }
        }
    }

    /// Reads on to the end of the next line that begins with a dash; where it begins. Base64 has no dashes, so that is
    /// the end of the block at once. `None` at the end of the input. Of what is too large for a request no more is kept
    /// than shows it.
    fn next_boundary(&mut self, block: &mut Vec<u8>) -> io::Result<Option<usize>> {
        loop {
            let room = TOO_MUCH.saturating_sub(block.len());
            if room == 0 {
                return self.after_too_much(block);
            }
            if !self.feed.until(b'-', block, room)? {
                if block.len() < TOO_MUCH {
                    return Ok(None);
                }
                continue;
            }
            let dash = block.len() - 1;
            self.feed.until(b'\n', block, MAX_LINE)?;
            if dash > 0 && block[dash - 1] == b'\n' {
                return Ok(Some(dash));
            }
        }
    }

    /// Passes over the lines of a block that is too large, up to its end.
    fn after_too_much(&mut self, block: &mut Vec<u8>) -> io::Result<Option<usize>> {
        let mut text = Vec::new();
        loop {
            text.clear();
            let whole = self.feed.until(b'\n', &mut text, MAX_LINE)?;
            if text.is_empty() {
                return Ok(None);
            }
            if !whole {
                self.feed.skip_line()?;
            }
            if text.starts_with(BEGIN) || text.starts_with(END) {
                let at = block.len();
                block.append(&mut text);
                return Ok(Some(at));
            }
        }
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<io::Result<Entry>> {
        self.block().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The blocks with the lines that they begin in.
    fn blocks(bundle: &str) -> Vec<(u64, String)> {
        let blocks = Blocks::new(Feed::new(bundle.as_bytes()));
        let found = blocks.map(|entry| {
            let Entry { origin, bytes, .. } = entry.unwrap();
            let Origin::Line(line) = origin else {
                panic!("a block has a line");
            };
            (line, String::from_utf8(bytes).unwrap())
        });
        found.collect()
    }

    fn block(text: &str) -> String {
        format!("-----BEGIN X-----\n{text}\n-----END X-----\n")
    }

    #[test]
    fn blocks_are_told_apart_and_text_around_them_is_passed_over() {
        let (a, b) = (block("QUFB\nQUE="), block("QkJC"));
        let crlf = a.replace('\n', "\r\n");
        let long = "x-".repeat(4 * MAX_LINE);
        for (bundle, expected) in [
            (format!("{a}{b}"), vec![(1, &a), (5, &b)]),
            (
                format!("about a\n\n{a}- about b -\n{b}---\n"),
                vec![(3, &a), (8, &b)],
            ),
            (format!("{long}\n{a}"), vec![(2, &a)]),
            (crlf.clone(), vec![(1, &crlf)]),
            ("no block\n-----END X-----\n".to_owned(), vec![]),
        ] {
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(line, block)| (line, block.clone()))
                .collect();
            assert_eq!(blocks(&bundle), expected, "{bundle:?}");
        }
        let unended = a.trim_end();
        assert_eq!(blocks(unended), [(1, unended.to_owned())]);
    }

    #[test]
    fn dashes_within_a_block_do_not_end_it() {
        let headed = block("Proc-Type: 4,ENCRYPTED\n-- \nDEK-Info: x\n\nQUFB");
        assert_eq!(blocks(&headed), [(1, headed.clone())]);
    }

    #[test]
    fn a_block_that_is_cut_off_is_an_entry_and_takes_no_other_with_it() {
        let whole = block("QkJC");
        let cut = "-----BEGIN X-----\nQUFB\n";
        assert_eq!(
            blocks(&format!("{cut}{whole}{cut}")),
            [(1, cut.to_owned()), (3, whole), (6, cut.to_owned())]
        );
        assert_eq!(blocks(&format!("{cut}QU")), [(1, format!("{cut}QU"))]);
    }

    #[test]
    fn of_a_block_that_is_too_large_no_more_is_kept_than_shows_it() {
        for text in [
            "QUFB\n".repeat(MAX_REQUEST_BYTES),
            "Q".repeat(5 * MAX_REQUEST_BYTES),
            "a-b-c\n-".repeat(MAX_REQUEST_BYTES),
        ] {
            let next = block("QkJC");
            let found = blocks(&format!("{}{next}", block(&text)));
            assert_eq!(found.len(), 2);
            let length = found[0].1.len();
            assert!(length > MAX_REQUEST_BYTES && length < 2 * MAX_REQUEST_BYTES);
            let line = block(&text).lines().count() as u64 + 1;
            assert_eq!(found[1], (line, next));
        }
    }
}
