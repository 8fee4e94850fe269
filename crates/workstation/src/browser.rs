//! [`Browser`]: one browser of one OS profile, as a process with windows.
//!
//! All its windows share the cookies and the client-certificate choices; closing the last one ends
//! the process and with it everything that is not on disk (procedure T17).

use std::collections::BTreeMap;
use std::fmt;

use crate::choice::{AutoSelect, ChoiceCache};
use crate::cookies::CookieJar;
use crate::history::History;
use crate::screen::Screen;

/// The name of a browser within a profile, such as `B1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BrowserName(String);

impl BrowserName {
    /// Names a browser.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for BrowserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One window (or tab) of a browser; numbers are never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowId(u64);

impl fmt::Display for WindowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "W{}", self.0)
    }
}

/// How long a browser keeps a client-certificate choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ChoiceMemory {
    /// Until all its windows are closed, as the manual has it.
    #[default]
    UntilClosed,
    /// A TLS alert against the certificate makes it forget, as Chromium does.
    ForgottenOnAlert,
}

/// Whether a browser continues TLS sessions without a new handshake (case 76).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Resumption {
    /// Every connection is a full handshake.
    #[default]
    Off,
    /// Sessions are kept until all windows are closed.
    On,
}

/// A browser process: its windows and what they share.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    windows: BTreeMap<WindowId, Window>,
    opened: u64,
    cookies: CookieJar,
    choices: ChoiceCache,
    /// Policies that answer the picker in the person's place.
    pub policies: Vec<AutoSelect>,
    /// How long it keeps a client-certificate choice.
    pub memory: ChoiceMemory,
    /// Whether it resumes TLS sessions.
    pub resumption: Resumption,
}

/// One window: what stands in it and where it has been.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// The page as it stands there, with what was typed into it.
    pub page: Option<Screen>,
    /// Where it has been.
    pub history: History,
}

impl Browser {
    /// Opens an empty window.
    pub fn open_window(&mut self) -> WindowId {
        self.opened += 1;
        let id = WindowId(self.opened);
        self.windows.insert(id, Window::default());
        id
    }

    /// Closes one window (×); closing the last one ends the process. `false` when it was not open.
    pub fn close_window(&mut self, id: WindowId) -> bool {
        let found = self.windows.remove(&id).is_some();
        if found && self.windows.is_empty() {
            self.end();
        }
        found
    }

    /// Closes every window (すべて閉じる).
    pub fn close_all(&mut self) {
        self.windows.clear();
        self.end();
    }

    /// One window.
    #[must_use]
    pub fn window(&self, id: WindowId) -> Option<&Window> {
        self.windows.get(&id)
    }

    /// One window, to work in.
    pub fn window_mut(&mut self, id: WindowId) -> Option<&mut Window> {
        self.windows.get_mut(&id)
    }

    /// The open windows.
    pub fn windows(&self) -> impl Iterator<Item = WindowId> + '_ {
        self.windows.keys().copied()
    }

    /// The cookies that all windows share.
    #[must_use]
    pub fn cookies(&self) -> &CookieJar {
        &self.cookies
    }

    /// The cookies, to change them.
    pub fn cookies_mut(&mut self) -> &mut CookieJar {
        &mut self.cookies
    }

    /// The client-certificate choices that all windows share.
    #[must_use]
    pub fn choices(&self) -> &ChoiceCache {
        &self.choices
    }

    /// The choices, to change them.
    pub fn choices_mut(&mut self) -> &mut ChoiceCache {
        &mut self.choices
    }

    fn end(&mut self) {
        self.cookies.end_session();
        self.choices.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::Choice;
    use crate::origin::Origin;

    fn origin() -> Origin {
        Origin::of(&"https://cert.ib.bank.test/".parse().unwrap())
    }

    #[test]
    fn a_choice_outlives_every_window_but_the_last() {
        let mut browser = Browser::default();
        let (first, second) = (browser.open_window(), browser.open_window());
        browser.choices_mut().remember(origin(), Choice::None);
        assert!(browser.close_window(first));
        assert_eq!(browser.choices().of(&origin()), Choice::None);
        assert!(
            !browser.close_window(first),
            "a closed window can't be closed again"
        );
        assert!(browser.close_window(second));
        assert_eq!(browser.choices().of(&origin()), Choice::Unasked);
    }

    #[test]
    fn a_window_number_is_never_used_twice() {
        let mut browser = Browser::default();
        let first = browser.open_window();
        browser.close_all();
        assert_ne!(browser.open_window(), first);
    }
}
