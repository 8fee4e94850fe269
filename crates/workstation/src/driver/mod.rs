//! The driver: carries one window's requests to the bank and its answers back into the window.
//!
//! [`Courier`] joins the pure model (who sits where, what the browser remembers) with TLS and HTTP.
//! What a person does with the pages is in `desk.rs` and `retrieval.rs`.

mod gate;
mod greeting;
mod handshake;
mod http;
mod passage;
mod request;
pub(crate) mod tls;

use std::future::Future;
use std::sync::Arc;

use time::Duration;

use crate::browser::Browser;
use crate::choice::Pick;
use crate::clock::Clock;
use crate::diary::DiaryEntry;
use crate::driver::http::{Broken, Reply};
use crate::error::WorkstationError;
use crate::form::Submission;
use crate::history::Entry;
use crate::machine::{Kept, Machine, Seat};
use crate::origin::Origin;
use crate::outcome::Outcome;
use crate::screen::Screen;
use crate::site::Site;
use crate::wire::{Fate, Trail};

pub(crate) use crate::driver::http::Idle;
pub(crate) use crate::driver::passage::{Held, Passage};

use crate::driver::passage::Log;
use crate::driver::request::redirect;
use crate::driver::tls::Line;

/// How long a browser keeps a connection that it does not use, by the PC's clock.
const KEPT: Duration = Duration::seconds(60);

/// How many redirects in a row are followed.
const MOST_REDIRECTS: usize = 10;

/// Carries the requests of one window.
#[derive(Clone, Debug)]
pub(crate) struct Courier {
    pub(crate) machine: Arc<Machine>,
    pub(crate) site: Arc<Site>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) trail: Trail,
    pub(crate) seat: Seat,
    pub(crate) pick: Pick,
}

/// Whether a page that arrives is a new one or takes the place of the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    New,
    Reload,
}

/// A request that has left, or did not come as far.
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart where it is made"
)]
pub(crate) enum Departure {
    Left(Box<Passage>),
    Refused(Outcome),
}

impl Courier {
    /// Sends, waits, follows redirects, and puts what comes into the window.
    pub(crate) async fn travel(
        &self,
        submission: Submission,
        arrival: Arrival,
    ) -> Result<Outcome, WorkstationError> {
        self.machine.cut(&self.seat);
        match self.depart(submission).await? {
            Departure::Left(passage) => self.arrive(passage, arrival).await,
            Departure::Refused(outcome) => Ok(outcome),
        }
    }

    /// Connects and writes the whole request.
    pub(crate) async fn depart(
        &self,
        submission: Submission,
    ) -> Result<Departure, WorkstationError> {
        self.note_leaving();
        let origin = Origin::of(&submission.url);
        let (request, body) = self.request(&submission)?;
        let mut log = self.log(&submission, &origin);
        let (line, idle) = match self.kept(&origin).await? {
            Some(kept) => (kept.line, kept.idle),
            None => match Box::pin(self.call(&submission, &origin, &mut log)).await? {
                Ok(called) => called,
                Err(outcome) => return Ok(Departure::Refused(outcome)),
            },
        };
        match self.in_time(idle.send(request, body)).await {
            Ok(flight) => Ok(Departure::Left(Box::new(Passage {
                flight,
                submission,
                line,
                log,
            }))),
            Err(broken) => self
                .broken(broken, &line, &submission.url, log)
                .map(Departure::Refused),
        }
    }

    /// A new connection, with the person's answer where the server asked for a certificate.
    async fn call(
        &self,
        submission: &Submission,
        origin: &Origin,
        log: &mut Log,
    ) -> Result<Result<(Arc<Line>, Idle), Outcome>, WorkstationError> {
        let line = self.line(origin)?;
        let handshake = self.connect(&submission.url, origin, &line).await;
        let given = self.remember(&line, origin);
        let stream = match handshake.and_then(|shaken| given.map(|serial| (shaken, serial))) {
            Ok((Ok(stream), serial)) => {
                log.0.presented = serial;
                stream
            }
            Ok((Err(error), serial)) => {
                log.0.presented = serial;
                return self
                    .handshake_failed(&error, &line, origin, log.clone())
                    .map(Err);
            }
            Err(error) => {
                self.trail.record(log.clone().end(Fate::Failed {
                    detail: error.to_string(),
                }));
                return Err(error);
            }
        };
        match self.in_time(Idle::over(stream)).await {
            Ok(idle) => Ok(Ok((line, idle))),
            Err(broken) => self
                .broken(broken, &line, &submission.url, log.clone())
                .map(Err),
        }
    }

    /// The connection that the browser keeps to an origin, if it is young and still good.
    async fn kept(&self, origin: &Origin) -> Result<Option<Kept>, WorkstationError> {
        let now = self.pc_clock().now();
        let open = self
            .browser(|_| ())
            .map(|()| self.machine.take_idle(&self.seat, origin))?;
        let young = open.filter(|kept| (now - kept.since).abs() <= KEPT);
        let Some(mut kept) = young else {
            return Ok(None);
        };
        Ok(kept.idle.is_good().await.then_some(kept))
    }

    /// Keeps a connection for the next request. One over which the server asked for a certificate is
    /// not kept: the next request is to be asked again, by whoever sits there then.
    fn keep(&self, idle: Option<Idle>, line: Arc<Line>, origin: &Origin) {
        if let Some(idle) = idle.filter(|_| line.person.answered().is_none()) {
            let since = self.pc_clock().now();
            let kept = Kept { idle, line, since };
            self.machine.keep_idle(&self.seat, origin, kept);
        }
    }

    /// Reads the answer, follows redirects, and puts the page into the window.
    pub(crate) async fn arrive(
        &self,
        mut passage: Box<Passage>,
        arrival: Arrival,
    ) -> Result<Outcome, WorkstationError> {
        for _ in 0..=MOST_REDIRECTS {
            let Passage {
                flight,
                submission,
                line,
                log,
            } = *passage;
            let (reply, idle) = match self.in_time(flight.land()).await {
                Ok(landed) => landed,
                Err(broken) => return self.broken(broken, &line, &submission.url, log),
            };
            self.keep(idle, line, &Origin::of(&submission.url));
            self.keep_cookies(&reply, &submission.url)?;
            let Some(next) = redirect(&reply, &submission) else {
                return self
                    .show(&reply, submission, arrival, log)
                    .map(Outcome::Shown);
            };
            self.trail.record(log.end(Fate::Answered {
                status: reply.status.as_u16(),
                screen: String::new(),
                codes: Vec::new(),
            }));
            passage = match self.depart(next).await? {
                Departure::Left(passage) => passage,
                Departure::Refused(outcome) => return Ok(outcome),
            };
        }
        Err(WorkstationError::TooManyRedirects {
            path: passage.submission.url.path().to_owned(),
            limit: MOST_REDIRECTS,
        })
    }

    /// Works in the browser that the seat belongs to, if its window is still open.
    pub(crate) fn browser<T>(
        &self,
        act: impl FnOnce(&mut Browser) -> T,
    ) -> Result<T, WorkstationError> {
        let Seat {
            profile,
            browser,
            window,
        } = &self.seat;
        self.machine.with(|pc| {
            pc.at_console()?;
            if !pc.has_session(profile) {
                let (pc, profile) = (pc.name().to_owned(), profile.to_string());
                return Err(WorkstationError::NoSession { pc, profile });
            }
            let found = pc.profile_mut(profile)?.browser(browser);
            if found.window(*window).is_none() {
                let (browser, window) = (browser.to_string(), window.to_string());
                return Err(WorkstationError::WindowClosed { browser, window });
            }
            Ok(act(found))
        })
    }

    fn show(
        &self,
        reply: &Reply,
        request: Submission,
        arrival: Arrival,
        log: Log,
    ) -> Result<Screen, WorkstationError> {
        let html = String::from_utf8_lossy(&reply.body);
        let read = Screen::read(&html, &request.url, reply.status);
        let fate = match &read {
            Ok(page) => Fate::Answered {
                status: page.status(),
                screen: page.id.clone(),
                codes: page
                    .alerts
                    .iter()
                    .filter_map(|alert| alert.code.clone())
                    .collect(),
            },
            Err(error) => Fate::Failed {
                detail: error.to_string(),
            },
        };
        self.trail.record(log.end(fate));
        let page = read?;
        self.trail.note(|| DiaryEntry::Sight {
            at: self.clock.now(),
            pc: self.machine.with(|pc| pc.name().to_owned()),
            seat: self.seat.to_string(),
            screen: Arc::new(page.clone()),
        });
        let entry = Entry {
            request,
            page: page.clone(),
        };
        self.browser(|browser| {
            if let Some(window) = browser.window_mut(self.seat.window) {
                window.page = Some(entry.page.clone());
                match arrival {
                    Arrival::New => window.history.visit(entry),
                    Arrival::Reload => window.history.replace(entry),
                }
            }
        })?;
        Ok(page)
    }

    /// Writes down what the person at this seat, or the PC for him, does.
    pub(crate) fn note_act(&self, what: impl FnOnce() -> String) {
        self.trail.note(|| DiaryEntry::Act {
            at: self.clock.now(),
            pc: self.machine.with(|pc| pc.name().to_owned()),
            seat: self.seat.to_string(),
            what: what(),
        });
    }

    /// The page in the window goes into the diary as it stands, before a request takes its place.
    fn note_leaving(&self) {
        if !self.trail.keeps_a_diary() {
            return;
        }
        let page = self.browser(|browser| browser.window(self.seat.window)?.page.clone());
        // A window that was closed meanwhile shows nothing that could be left.
        if let Ok(Some(page)) = page {
            let pc = self.machine.with(|pc| pc.name().to_owned());
            self.trail.leave(&pc, &self.seat.to_string(), &page);
        }
    }

    /// The browser shows its own error page; the history stays as it is.
    pub(crate) fn show_error_page(&self) {
        // A window that was closed meanwhile shows nothing anyway.
        let _closed = self.browser(|browser| {
            if let Some(window) = browser.window_mut(self.seat.window) {
                window.page = None;
            }
        });
    }

    /// Waits for half an exchange, but not for ever.
    async fn in_time<T>(&self, act: impl Future<Output = Result<T, Broken>>) -> Result<T, Broken> {
        let patience = self.site.patience;
        tokio::time::timeout(patience, act)
            .await
            .unwrap_or_else(|_elapsed| {
                Err(Broken::Lost(format!("nothing came within {patience:?}")))
            })
    }
}

fn lost(origin: &Origin, stage: &'static str, detail: String) -> WorkstationError {
    WorkstationError::Connection {
        origin: origin.clone(),
        stage,
        detail,
    }
}
