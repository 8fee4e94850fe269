//! Where requests come from. The kind of input is told by what it is and by its first byte; nothing is held but the
//! entry at hand, and the names of a directory.

mod bundle;
mod directory;
mod feed;
mod ndjson;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sealbank_ca::MAX_REQUEST_BYTES;

use self::feed::Feed;
use super::entry::{Entry, Origin};
use crate::ca::house::unusable;
use crate::exit::Failure;

/// An input that was opened, and the measure of how far it was read.
pub(super) struct Source {
    pub(super) kind: Kind,
    pub(super) entries: Entries,
    pub(super) measure: Measure,
}

/// What entries say of themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing: they are requests.
    Bare,
    /// They are files and have names.
    Named,
    /// Whatever they wish.
    Wishing,
}

/// The entries of an input, in their order; an error ends them.
pub(super) type Entries = Box<dyn Iterator<Item = io::Result<Entry>> + Send>;

/// How far an input was read: bytes, or the files of a directory.
#[derive(Debug, Clone, Default)]
pub(super) struct Measure {
    read: Arc<AtomicU64>,
    /// `None` where nobody can know.
    pub(super) total: Option<u64>,
}

impl Source {
    /// Opens an input and tells its kind; `-` is standard input.
    ///
    /// # Errors
    /// It can't be read, or it is empty.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let unreadable = |error: io::Error| Failure::bad_input(unusable(path, "read", &error));
        let source = if path == Path::new("-") {
            Self::of_stream(io::stdin(), Measure::default())
        } else if path.is_dir() {
            directory::open(path)
        } else {
            File::open(path).and_then(|file| {
                let about = file.metadata()?;
                let total = about.is_file().then_some(about.len());
                Self::of_stream(file, Measure::of(total))
            })
        };
        source.map_err(unreadable)?.ok_or_else(|| {
            Failure::bad_input(format!(
                "error: there is no request in {}\nhelp: give a PEM bundle, NDJSON, one request in DER, or a directory of requests",
                path.display()
            ))
        })
    }

    /// A stream of bytes; `None` for one without any request.
    fn of_stream(stream: impl Read + Send + 'static, measure: Measure) -> io::Result<Option<Self>> {
        let counted = Counted(stream, measure.clone());
        let mut feed = Feed::new(counted);
        let (kind, mut entries): (_, Entries) = match feed.sniff()? {
            [] => return Ok(None),
            [b'{', ..] => (Kind::Wishing, Box::new(ndjson::Lines::new(feed))),
            // The header of a SEQUENCE whose length takes more than one byte, as that of any request does.
            [0x30, 0x80..=0xff, ..] => (Kind::Bare, Box::new(std::iter::once_with(|| alone(feed)))),
            _ => (Kind::Bare, Box::new(bundle::Blocks::new(feed))),
        };
        let Some(first) = entries.next().transpose()? else {
            return Ok(None);
        };
        Ok(Some(Self {
            kind,
            entries: Box::new(std::iter::once(Ok(first)).chain(entries)),
            measure,
        }))
    }
}

/// The only entry of an input; as much of it as shows that it is too large.
fn alone(feed: impl Read) -> io::Result<Entry> {
    Ok(Entry::plain(Origin::Line(1), read_request(feed)?))
}

/// A whole request, or as much of it as shows that it is too large.
fn read_request(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_REQUEST_BYTES).expect("the limit is small") + 1;
    from.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Measure {
    fn of(total: Option<u64>) -> Self {
        Self {
            total,
            ..Self::default()
        }
    }

    /// How far.
    pub(super) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    fn add(&self, count: usize) {
        let count = u64::try_from(count).expect("a length fits 64 bits");
        self.read.fetch_add(count, Ordering::Relaxed);
    }
}

/// A reader whose bytes are counted.
struct Counted<R>(R, Measure);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1.add(count);
        Ok(count)
    }
}
