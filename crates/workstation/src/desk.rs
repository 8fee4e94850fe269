//! [`Desk`]: a person at a PC, with one window in front of him.
//!
//! Every method is something a person does. Longer walks over several screens are in `walk.rs`,
//! the retrieval in `retrieval.rs`.

use std::sync::Arc;

use url::Url;

use crate::browser::{BrowserName, WindowId};
use crate::choice::Pick;
use crate::clock::Clock;
use crate::driver::{Arrival, Courier};
use crate::error::WorkstationError;
use crate::form::Submission;
use crate::machine::{Machine, Seat};
use crate::outcome::Outcome;
use crate::pc::Switch;
use crate::profile::ProfileName;
use crate::screen::{Press, Screen};
use crate::site::Site;
use crate::wire::Trail;

/// A person at a PC: OS profile, browser, window.
///
/// One desk's acts follow one another; several desks may be driven at once, also at one PC.
#[derive(Clone, Debug)]
pub struct Desk {
    pub(crate) courier: Courier,
}

/// How 戻る brings back the page before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Back {
    /// From the browser's cache, without asking the bank.
    #[default]
    FromCache,
    /// Asking the bank again; a page that answered a form sends the form again.
    Reload,
}

/// What the person answers when 更新 would send a form again (再送信の確認).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Repost {
    /// Send it again.
    #[default]
    Confirm,
    /// Don't.
    Decline,
}

impl Desk {
    /// Sits down at a PC where somebody is logged on, and opens a window of the browser `B1`.
    ///
    /// # Errors
    /// [`WorkstationError::PowerIsOff`], [`WorkstationError::NobodyLoggedOn`].
    pub fn sit_down(
        machine: Arc<Machine>,
        site: Arc<Site>,
        clock: Arc<dyn Clock>,
        trail: Trail,
    ) -> Result<Self, WorkstationError> {
        let browser = BrowserName::new("B1");
        let (profile, window) = open_window(&machine, None, &browser)?;
        let seat = Seat {
            profile,
            browser,
            window,
        };
        Ok(Self {
            courier: Courier {
                machine,
                site,
                clock,
                trail,
                seat,
                pick: Pick::default(),
            },
        })
    }

    /// Another window of the same browser: it shares cookies and choices.
    ///
    /// # Errors
    /// As [`Self::sit_down`].
    pub fn another_window(&self) -> Result<Self, WorkstationError> {
        self.another_browser(self.courier.seat.browser.clone())
    }

    /// A window of another browser of the same OS profile: it shares only the store.
    ///
    /// # Errors
    /// As [`Self::sit_down`].
    pub fn another_browser(&self, browser: BrowserName) -> Result<Self, WorkstationError> {
        let mut desk = self.clone();
        desk.courier.seat.browser = browser;
        desk.open_new_window()?;
        Ok(desk)
    }

    /// The PC.
    #[must_use]
    pub fn machine(&self) -> &Arc<Machine> {
        &self.courier.machine
    }

    /// The bank's addresses.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.courier.site
    }

    /// What went over the wire.
    #[must_use]
    pub fn trail(&self) -> &Trail {
        &self.courier.trail
    }

    /// Profile, browser and window.
    #[must_use]
    pub fn seat(&self) -> &Seat {
        &self.courier.seat
    }

    /// Decides what the person will do when the picker appears.
    pub fn will_pick(&mut self, pick: Pick) {
        self.courier.pick = pick;
    }

    /// Opens an address, in a new window when this one was closed.
    ///
    /// # Errors
    /// [`WorkstationError`] when nothing can be shown; a refusal is an [`Outcome`].
    pub async fn open(&mut self, url: &Url) -> Result<Outcome, WorkstationError> {
        self.have_window()?;
        self.courier
            .note_act(|| format!("opens {}{}", url.host_str().unwrap_or_default(), url.path()));
        self.courier
            .travel(Submission::visit(url.clone()), Arrival::New)
            .await
    }

    /// The page that stands in the window, with what was typed into it.
    ///
    /// # Errors
    /// [`WorkstationError::NoPage`] on an empty window or a browser error page.
    pub fn screen(&self) -> Result<Screen, WorkstationError> {
        self.on_page("looking", |page| Ok(page.clone()))
    }

    /// Types into the field with that label.
    ///
    /// # Errors
    /// [`WorkstationError::NoSuchField`] names the fields that are there.
    pub fn fill(&mut self, label: &str, text: &str) -> Result<(), WorkstationError> {
        self.on_page("filling in", |page| page.fill(label, text))
    }

    /// Ticks the box or radio button with that label.
    ///
    /// # Errors
    /// [`WorkstationError::NoSuchField`] names the fields that are there.
    pub fn tick(&mut self, label: &str) -> Result<(), WorkstationError> {
        self.on_page("ticking", |page| page.tick(label))
    }

    /// Presses the button with that text.
    ///
    /// # Errors
    /// [`WorkstationError::NoSuchButton`] names the buttons that are there.
    pub async fn press(&mut self, text: &str) -> Result<Outcome, WorkstationError> {
        let pressed = self.on_page("pressing", |page| page.press(text))?;
        self.courier.note_act(|| format!("presses 「{text}」"));
        match pressed {
            Press::Send(submission) => self.courier.travel(submission, Arrival::New).await,
            Press::StayHere => self.screen().map(Outcome::Shown),
        }
    }

    /// Follows the link with that text.
    ///
    /// # Errors
    /// [`WorkstationError::NoSuchLink`] names the links that are there.
    pub async fn follow(&mut self, text: &str) -> Result<Outcome, WorkstationError> {
        let url = self.on_page("following", |page| page.link(text))?;
        self.courier.note_act(|| format!("follows 「{text}」"));
        self.courier
            .travel(Submission::visit(url), Arrival::New)
            .await
    }

    /// Waits until the page goes on by itself (そのままお待ちください).
    ///
    /// # Errors
    /// [`WorkstationError::NoRefresh`] when it does not.
    pub async fn wait(&mut self) -> Result<Outcome, WorkstationError> {
        let next = self.on_page("waiting", |page| {
            let screen = page.name();
            page.refresh
                .clone()
                .ok_or(WorkstationError::NoRefresh { screen })
        })?;
        self.courier
            .note_act(|| "waits until the page goes on by itself".to_owned());
        self.courier
            .travel(Submission::visit(next), Arrival::New)
            .await
    }

    /// Presses the browser's 戻る; an exchange that is in the air is cut.
    ///
    /// # Errors
    /// [`WorkstationError::NothingBefore`] on the first page.
    pub async fn back(&mut self, how: Back) -> Result<Outcome, WorkstationError> {
        self.courier.machine.cut(self.seat());
        self.courier.note_act(|| "presses 戻る".to_owned());
        let window = self.courier.seat.window;
        let before = self.courier.browser(|browser| {
            let window = browser.window_mut(window)?;
            let entry = window.history.back()?.clone();
            window.page = Some(entry.page.clone());
            Some(entry)
        })?;
        let Some(entry) = before else {
            return Err(WorkstationError::NothingBefore {
                screen: self.screen()?.name(),
            });
        };
        match how {
            Back::FromCache => Ok(Outcome::Shown(entry.page)),
            Back::Reload => self.courier.travel(entry.request, Arrival::Reload).await,
        }
    }

    /// Presses the browser's 更新; an exchange that is in the air is cut, and a page that answered
    /// a form sends the form again once the person confirms.
    ///
    /// # Errors
    /// [`WorkstationError::RepostDeclined`] when he does not.
    pub async fn refresh(&mut self, repost: Repost) -> Result<Outcome, WorkstationError> {
        self.courier.machine.cut(self.seat());
        let window = self.courier.seat.window;
        let current = self
            .courier
            .browser(|browser| browser.window(window)?.history.current().cloned())?;
        let Some(entry) = current else {
            return Err(WorkstationError::NoPage {
                action: "refreshing".to_owned(),
            });
        };
        if entry.would_post_again() && repost == Repost::Decline {
            return Err(WorkstationError::RepostDeclined {
                screen: entry.page.name(),
            });
        }
        self.courier.note_act(|| "presses 更新".to_owned());
        self.courier.travel(entry.request, Arrival::Reload).await
    }

    /// Closes this window (×).
    pub fn close_window(&mut self) {
        self.courier.note_act(|| "closes the window".to_owned());
        let Seat {
            profile,
            browser,
            window,
        } = self.seat().clone();
        self.machine().with(|pc| {
            if let Ok(profile) = pc.profile_mut(&profile) {
                profile.browser(&browser).close_window(window);
            }
        });
    }

    /// Closes all windows of all browsers of this OS profile (L21).
    pub fn close_all_windows(&mut self) {
        self.courier
            .note_act(|| "closes all browser windows".to_owned());
        let profile = self.seat().profile.clone();
        self.machine().with(|pc| {
            if let Ok(profile) = pc.profile_mut(&profile) {
                profile
                    .browsers
                    .values_mut()
                    .for_each(crate::browser::Browser::close_all);
            }
        });
    }

    /// Switches the PC off (電源を切る).
    pub fn power_off(&mut self) {
        self.courier.note_act(|| "switches the PC off".to_owned());
        self.machine().with(crate::pc::Pc::power_off);
    }

    /// Switches the PC on again; this desk's OS user logs on.
    ///
    /// # Errors
    /// [`WorkstationError::NoSuchProfile`] when that user is gone.
    pub fn boot(&mut self) -> Result<(), WorkstationError> {
        let profile = self.seat().profile.clone();
        self.machine().with(|pc| {
            pc.boot();
            pc.log_on(&profile)
        })?;
        self.open_new_window()
    }

    /// Changes to another OS user (他のユーザーでログオン); the desk works in his profile then.
    ///
    /// # Errors
    /// [`WorkstationError::NoSuchProfile`] names the ones that are there.
    pub fn switch_os_user(
        &mut self,
        to: &ProfileName,
        how: Switch,
    ) -> Result<(), WorkstationError> {
        self.machine().with(|pc| pc.switch(to, how))?;
        self.courier
            .note_act(|| format!("changes to the OS user {to}"));
        self.courier.seat.profile = to.clone();
        self.open_new_window()
    }

    pub(crate) fn have_window(&mut self) -> Result<(), WorkstationError> {
        match self.courier.browser(|_| ()) {
            Err(WorkstationError::WindowClosed { .. }) => self.open_new_window(),
            other => other,
        }
    }

    fn open_new_window(&mut self) -> Result<(), WorkstationError> {
        let Seat {
            profile, browser, ..
        } = self.seat();
        let (_, window) = open_window(self.machine(), Some(profile), browser)?;
        self.courier.seat.window = window;
        Ok(())
    }

    fn on_page<T>(
        &self,
        action: &str,
        act: impl FnOnce(&mut Screen) -> Result<T, WorkstationError>,
    ) -> Result<T, WorkstationError> {
        let window = self.courier.seat.window;
        self.courier.browser(|browser| {
            let page = browser
                .window_mut(window)
                .and_then(|window| window.page.as_mut());
            act(page.ok_or_else(|| WorkstationError::NoPage {
                action: action.to_owned(),
            })?)
        })?
    }
}

fn open_window(
    machine: &Machine,
    profile: Option<&ProfileName>,
    browser: &BrowserName,
) -> Result<(ProfileName, WindowId), WorkstationError> {
    machine.with(|pc| {
        let console = pc.at_console()?.clone();
        let profile = profile.cloned().unwrap_or(console);
        if !pc.has_session(&profile) {
            let (pc, profile) = (pc.name().to_owned(), profile.to_string());
            return Err(WorkstationError::NoSession { pc, profile });
        }
        let window = pc.profile_mut(&profile)?.browser(browser).open_window();
        Ok((profile, window))
    })
}
