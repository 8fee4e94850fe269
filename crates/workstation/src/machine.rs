//! [`Machine`]: a PC that several desks share, with the exchanges that are in the air.
//!
//! After every change to the PC the machine settles: an exchange whose window is gone is cut, and
//! TLS sessions and idle connections of a browser without windows are forgotten. No way of closing a
//! window can miss it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

use crate::browser::{BrowserName, WindowId};
use crate::driver::tls::Line;
use crate::driver::{Held, Idle, Passage};
use crate::origin::Origin;
use crate::pc::Pc;
use crate::profile::ProfileName;

/// A PC that several desks share.
pub struct Machine {
    pc: Mutex<Pc>,
    held: Mutex<BTreeMap<Seat, Held>>,
    lines: Mutex<BTreeMap<Way, Arc<Line>>>,
    idle: Mutex<BTreeMap<Way, Kept>>,
}

/// From a browser to an origin.
type Way = (ProfileName, BrowserName, Origin);

/// A connection that a browser keeps for its next request.
pub(crate) struct Kept {
    pub(crate) idle: Idle,
    pub(crate) line: Arc<Line>,
    /// When its last answer came, by the PC's clock.
    pub(crate) since: OffsetDateTime,
}

/// One window of one browser of one OS profile.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// The OS profile.
    pub profile: ProfileName,
    /// The browser.
    pub browser: BrowserName,
    /// The window.
    pub window: WindowId,
}

impl Seat {
    fn way_to(&self, origin: &Origin) -> Way {
        (self.profile.clone(), self.browser.clone(), origin.clone())
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.profile, self.browser, self.window)
    }
}

impl Machine {
    /// Sets up a PC.
    #[must_use]
    pub fn new(pc: Pc) -> Arc<Self> {
        Arc::new(Self {
            pc: Mutex::new(pc),
            held: Mutex::default(),
            lines: Mutex::default(),
            idle: Mutex::default(),
        })
    }

    /// Looks at the PC, or changes it.
    ///
    /// Don't call it again from within `act`.
    pub fn with<T>(&self, act: impl FnOnce(&mut Pc) -> T) -> T {
        let mut pc = lock(&self.pc);
        let result = act(&mut pc);
        let cut = self.take_orphans(&pc);
        let is_open = |(profile, browser, _): &Way| {
            let found = pc
                .profile(profile)
                .ok()
                .and_then(|p| p.browsers.get(browser));
            found.is_some_and(|browser| browser.windows().next().is_some())
        };
        lock(&self.lines).retain(|way, _| is_open(way));
        lock(&self.idle).retain(|way, _| is_open(way));
        drop(pc);
        drop(cut);
        result
    }

    /// Cuts the exchange that is held in a window, if there is one.
    pub fn cut(&self, seat: &Seat) {
        let cut = lock(&self.held).remove(seat);
        drop(cut);
    }

    /// Closes the connections that nothing is under way on, as the network does after a while.
    pub fn hang_up(&self) {
        lock(&self.idle).clear();
    }

    /// Whether an exchange is held in a window.
    #[must_use]
    pub fn holds(&self, seat: &Seat) -> bool {
        lock(&self.held).contains_key(seat)
    }

    pub(crate) fn hold(&self, seat: Seat, held: Held) {
        let earlier = lock(&self.held).insert(seat, held);
        drop(earlier);
    }

    pub(crate) fn release(&self, seat: &Seat) -> Option<Box<Passage>> {
        lock(&self.held).remove(seat).and_then(Held::release)
    }

    pub(crate) fn line(&self, seat: &Seat, origin: &Origin) -> Option<Arc<Line>> {
        lock(&self.lines).get(&seat.way_to(origin)).cloned()
    }

    pub(crate) fn keep_line(&self, seat: &Seat, origin: &Origin, line: Arc<Line>) {
        lock(&self.lines).insert(seat.way_to(origin), line);
    }

    pub(crate) fn take_idle(&self, seat: &Seat, origin: &Origin) -> Option<Kept> {
        lock(&self.idle).remove(&seat.way_to(origin))
    }

    pub(crate) fn keep_idle(&self, seat: &Seat, origin: &Origin, kept: Kept) {
        let earlier = lock(&self.idle).insert(seat.way_to(origin), kept);
        drop(earlier);
    }

    fn take_orphans(&self, pc: &Pc) -> Vec<Held> {
        let is_open = |seat: &Seat| {
            let browser = pc
                .profile(&seat.profile)
                .ok()
                .and_then(|p| p.browsers.get(&seat.browser));
            browser.is_some_and(|browser| browser.window(seat.window).is_some())
        };
        let mut held = lock(&self.held);
        let gone: Vec<Seat> = held.keys().filter(|seat| !is_open(seat)).cloned().collect();
        gone.iter().filter_map(|seat| held.remove(seat)).collect()
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("pc", &*lock(&self.pc))
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
