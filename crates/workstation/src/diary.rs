//! [`Diary`]: what people and their PCs did and saw, in its order, for reports.
//!
//! The trail of the wire says what was exchanged; the diary adds what was pressed, what the enrolment component did, and
//! every page as it stood in its window with what was typed into it. Only a desk whose [`Trail`](crate::Trail) keeps a
//! diary writes one.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

use crate::screen::Screen;
use crate::wire::{Exchange, Fate};

/// Says how far something else had come, such as the bank's own trail, so that both can be told in one order.
pub type Gauge = Arc<dyn Fn() -> usize + Send + Sync>;

/// What was done and seen since it was last read.
pub(crate) struct Diary {
    entries: Mutex<Vec<DiaryEntry>>,
    gauge: Gauge,
}

/// One thing that was done or seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiaryEntry {
    /// A person, or his PC for him, did something.
    Act {
        /// When, by the right time (not the PC's).
        at: OffsetDateTime,
        /// The PC.
        pc: String,
        /// The seat at it.
        seat: String,
        /// What, in words that hold no secret.
        what: String,
    },
    /// A page came to stand in a window; once it was left, with what was typed into it.
    Sight {
        /// When.
        at: OffsetDateTime,
        /// The PC.
        pc: String,
        /// The seat at it.
        seat: String,
        /// The page.
        screen: Arc<Screen>,
    },
    /// A request came to its end.
    Exchange {
        /// Which.
        exchange: Box<Exchange>,
        /// What the gauge said when the answer was there. None when no answer came: nobody knows then how far the bank was.
        gauge: Option<usize>,
    },
}

impl Diary {
    pub(crate) fn new(gauge: Gauge) -> Self {
        Self {
            entries: Mutex::default(),
            gauge,
        }
    }

    pub(crate) fn write(&self, entry: DiaryEntry) {
        self.entries().push(entry);
    }

    pub(crate) fn exchange(&self, exchange: Exchange) {
        let answered = matches!(exchange.fate, Fate::Answered { .. });
        // Read before the diary is locked: the gauge may belong to somebody who is slow.
        let gauge = answered.then(|| (self.gauge)());
        self.write(DiaryEntry::Exchange {
            exchange: Box::new(exchange),
            gauge,
        });
    }

    /// The page that is left is kept as it was left, with what was typed into it.
    pub(crate) fn leave(&self, left_at: (&str, &str), page: &Screen) {
        let mut entries = self.entries();
        let last = entries.iter_mut().rev().find_map(|entry| match entry {
            DiaryEntry::Sight {
                pc, seat, screen, ..
            } if (pc.as_str(), seat.as_str()) == left_at => Some(screen),
            _ => None,
        });
        if let Some(screen) = last
            && screen.id() == page.id()
            && screen.url() == page.url()
        {
            *screen = Arc::new(page.clone());
        }
    }

    pub(crate) fn take(&self) -> Vec<DiaryEntry> {
        std::mem::take(&mut *self.entries())
    }

    fn entries(&self) -> MutexGuard<'_, Vec<DiaryEntry>> {
        // Entries go in whole, so a thread that panicked has left the diary sound.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Diary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diary")
            .field("entries", &self.entries().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use http::StatusCode;

    use super::*;

    fn page(body: &str) -> Screen {
        let url = "https://ib.bank.test/form".parse().unwrap();
        let html = format!("<body data-screen=\"F\"><form>{body}</form></body>");
        Screen::read(&html, &url, StatusCode::OK).unwrap()
    }

    fn sight(seat: &str, screen: Screen) -> DiaryEntry {
        DiaryEntry::Sight {
            at: OffsetDateTime::UNIX_EPOCH,
            pc: "PC-A".to_owned(),
            seat: seat.to_owned(),
            screen: Arc::new(screen),
        }
    }

    fn exchange(fate: Fate) -> Exchange {
        Exchange {
            at: OffsetDateTime::UNIX_EPOCH,
            pc: "PC-A".to_owned(),
            seat: "W1".to_owned(),
            origin: crate::Origin::of(&"https://ib.bank.test/".parse().unwrap()),
            method: crate::Method::Get,
            path: "/".to_owned(),
            presented: None,
            fate,
        }
    }

    #[test]
    fn a_page_is_kept_as_it_was_left_and_only_in_the_window_that_left_it() {
        let diary = Diary::new(Arc::new(|| 0));
        let field = "<label for=u>利用者ID</label><input id=u name=u>";
        diary.write(sight("W1", page(field)));
        diary.write(sight("W2", page(field)));
        let mut filled = page(field);
        filled.fill("利用者ID", "keiri01").unwrap();
        diary.leave(("PC-A", "W1"), &filled);
        assert_eq!(
            diary.take(),
            [sight("W1", filled), sight("W2", page(field))]
        );
        assert_eq!(diary.take(), []);
    }

    #[test]
    fn only_an_answer_tells_how_far_the_bank_was() {
        let count = Arc::new(AtomicUsize::new(7));
        let read = Arc::clone(&count);
        let diary = Diary::new(Arc::new(move || read.load(Ordering::Relaxed)));
        diary.exchange(exchange(Fate::Answered {
            status: 200,
            screen: "F".to_owned(),
            codes: Vec::new(),
        }));
        diary.exchange(exchange(Fate::TlsRefused { alert: None }));
        let gauges = diary.take().into_iter().map(|entry| match entry {
            DiaryEntry::Exchange { gauge, .. } => gauge,
            other => panic!("{other:?}"),
        });
        assert_eq!(gauges.collect::<Vec<_>>(), [Some(7), None]);
    }
}
