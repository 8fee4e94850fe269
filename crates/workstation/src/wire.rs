//! [`Trail`]: what went over the wire, for reports.
//!
//! An event holds names and outcomes, never a PIN, a cookie, a key, a query or a body (V24): it has
//! no place to put them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

use crate::alert::TlsAlert;
use crate::diary::{Diary, DiaryEntry, Gauge};
use crate::form::Method;
use crate::origin::Origin;
use crate::point::Point;
use crate::screen::Screen;

/// The exchanges of any number of desks, oldest first. Clones write into the same trail.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    exchanges: Arc<Mutex<Vec<Exchange>>>,
    diary: Option<Arc<Diary>>,
}

/// One request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// When it began, by the right time (not the PC's).
    pub at: OffsetDateTime,
    /// The PC.
    pub pc: String,
    /// The seat at it: OS profile, browser and window.
    pub seat: String,
    /// The site.
    pub origin: Origin,
    /// The method.
    pub method: Method,
    /// The path, without query.
    pub path: String,
    /// The serial of the client certificate that the handshake presented.
    pub presented: Option<String>,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The bank answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The screen id; empty for a redirect or a page without one.
        screen: String,
        /// The codes of its alerts.
        codes: Vec<String>,
    },
    /// TLS came to nothing.
    TlsRefused {
        /// The alert, if one came.
        alert: Option<TlsAlert>,
    },
    /// This side dropped the connection after the request was written.
    Cut {
        /// Where the retrieval stood.
        at: Point,
    },
    /// The connection broke.
    Failed {
        /// How.
        detail: String,
    },
}

impl Trail {
    /// A trail whose desks also keep a [diary](DiaryEntry); each answered exchange is told with what `gauge` says then.
    #[must_use]
    pub fn with_diary(gauge: Gauge) -> Self {
        Self {
            exchanges: Arc::default(),
            diary: Some(Arc::new(Diary::new(gauge))),
        }
    }

    /// A copy of all events so far.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges_since(0)
    }

    /// How many events there were so far: a mark for [`exchanges_since`](Self::exchanges_since).
    #[must_use]
    pub fn length(&self) -> usize {
        self.events().len()
    }

    /// A copy of the events after the first `mark`.
    #[must_use]
    pub fn exchanges_since(&self, mark: usize) -> Vec<Exchange> {
        let events = self.events();
        events.get(mark..).unwrap_or_default().to_vec()
    }

    /// What the diary holds since this was last called; nothing when none is kept.
    #[must_use]
    pub fn take_diary(&self) -> Vec<DiaryEntry> {
        self.diary
            .as_ref()
            .map_or_else(Vec::new, |diary| diary.take())
    }

    pub(crate) fn record(&self, exchange: Exchange) {
        if let Some(diary) = &self.diary {
            diary.exchange(exchange.clone());
        }
        self.events().push(exchange);
    }

    fn events(&self) -> MutexGuard<'_, Vec<Exchange>> {
        self.exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes into the diary, if one is kept; what it takes to make an entry is only done then.
    pub(crate) fn note(&self, entry: impl FnOnce() -> DiaryEntry) {
        if let Some(diary) = &self.diary {
            diary.write(entry());
        }
    }

    /// A page is left as it stands now.
    pub(crate) fn leave(&self, pc: &str, seat: &str, page: &Screen) {
        if let Some(diary) = &self.diary {
            diary.leave((pc, seat), page);
        }
    }

    pub(crate) fn keeps_a_diary(&self) -> bool {
        self.diary.is_some()
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            at,
            pc,
            seat,
            origin,
            method,
            path,
            presented,
            fate,
        } = self;
        write!(f, "{at} {pc} {seat}: {method} {origin}{path}")?;
        if let Some(serial) = presented {
            write!(f, " with certificate {serial}")?;
        }
        match fate {
            Fate::Answered {
                status,
                screen,
                codes,
            } => {
                write!(f, " -> {status}")?;
                [screen]
                    .into_iter()
                    .chain(codes)
                    .filter(|s| !s.is_empty())
                    .try_for_each(|s| write!(f, " {s}"))
            }
            Fate::TlsRefused { alert: Some(alert) } => write!(f, " -> TLS refused: {alert}"),
            Fate::TlsRefused { alert: None } => write!(f, " -> TLS refused without an alert"),
            Fate::Cut { at } => write!(f, " -> cut at {at}"),
            Fate::Failed { detail } => write!(f, " -> failed: {detail}"),
        }
    }
}
