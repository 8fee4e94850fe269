//! [`Retrieval`]: the manual's 手順1 to 手順4 as a machine that can be held at every point.
//!
//! It works the bank's own pages and plays the PC's enrolment component (CertEnroll): answers the
//! popups, makes the key, fills in the request, installs what comes back. The order of its acts is
//! procedure 1.5's: P1 key, P2 request sent, P3 answer, second popup, P4 stored, P5 pending removed,
//! P6 confirmation sent. What the person does to the PC in between is done at the [`Desk`].

use crate::component;
use crate::desk::Desk;
use crate::driver::{Arrival, Departure, Held};
use crate::enrolment::{Advance, ComponentFailure, Entry, PopupAnswer, RetrievalOptions};
use crate::environment::Component;
use crate::error::WorkstationError;
use crate::form::{FieldKind, Form, Submission};
use crate::key::{CertificateRequest, Exportability, KeyAlgorithm};
use crate::outcome::Outcome;
use crate::point::Point;
use crate::screen::Screen;

/// One popup before the key is made and one before the certificate is stored (procedure 0.4).
const MOST_POPUPS: u8 = 2;

/// A retrieval (取得) in one window of one desk.
///
/// Dropping it while an exchange is held cuts that exchange at once.
#[derive(Debug)]
pub struct Retrieval {
    desk: Desk,
    entry: Entry,
    options: RetrievalOptions,
    reached: Option<Point>,
    stage: Stage,
    /// How many popups appear: said by the page with 実行, and still needed after it is gone.
    popups: u8,
    request: Option<CertificateRequest>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Going,
    Over,
}

/// What one step came to.
#[expect(clippy::large_enum_variant, reason = "it lives for one step only")]
enum Step {
    Reached,
    End(Advance),
}

impl Retrieval {
    /// Prepares a retrieval in the desk's window; nothing is done yet.
    ///
    /// # Errors
    /// [`WorkstationError::PowerIsOff`] and the like when there can't be a window.
    pub fn begin(
        desk: &mut Desk,
        entry: impl Into<Entry>,
        options: RetrievalOptions,
    ) -> Result<Self, WorkstationError> {
        desk.have_window()?;
        Ok(Self {
            desk: desk.clone(),
            entry: entry.into(),
            options,
            reached: None,
            stage: Stage::Going,
            popups: MOST_POPUPS,
            request: None,
        })
    }

    /// How far it has come.
    #[must_use]
    pub fn reached(&self) -> Option<Point> {
        self.reached
    }

    /// The request that was made at [`Point::KeyMade`].
    #[must_use]
    pub fn request(&self) -> Option<&CertificateRequest> {
        self.request.as_ref()
    }

    /// Goes on to `target` and stays there; at or past it already, it stays where it is.
    ///
    /// # Errors
    /// [`WorkstationError::Abandoned`] and [`WorkstationError::OtherScreen`] when something else
    /// was done in its window; others when the connection breaks or a page makes no sense.
    pub async fn advance_to(&mut self, target: Point) -> Result<Advance, WorkstationError> {
        while self.reached.is_none_or(|reached| reached < target) {
            let next = self.reached.map_or(Some(Point::Form), Point::next);
            let (Some(next), Stage::Going) = (next, self.stage) else {
                return Err(WorkstationError::RetrievalOver {
                    point: self.standing(),
                });
            };
            match self.step(next).await {
                Ok(Step::Reached) => self.reached = Some(next),
                Ok(Step::End(end)) => {
                    self.stage = Stage::Over;
                    return Ok(end);
                }
                Err(error) => {
                    self.stage = stage_after(&error);
                    return Err(error);
                }
            }
        }
        match self.standing() {
            Point::Done => Ok(Advance::Finished(self.desk.screen()?)),
            point => Ok(Advance::Held(point)),
        }
    }

    /// Goes on to the end.
    ///
    /// # Errors
    /// As [`Self::advance_to`].
    pub async fn resume(&mut self) -> Result<Advance, WorkstationError> {
        self.advance_to(Point::Done).await
    }

    /// The network is lost (case 32): a held exchange is cut at once, and the window shows the
    /// browser's own error page.
    pub fn cut(&mut self) {
        self.desk.machine().cut(self.desk.seat());
        self.desk.courier.show_error_page();
    }

    async fn step(&mut self, next: Point) -> Result<Step, WorkstationError> {
        match next {
            Point::Form => self.enter().await,
            Point::Intermediate => self.submit_form().await,
            Point::Execute => self.wait_for_execute().await,
            Point::FirstPopup => self.execute(),
            Point::KeyMade => self.make_key().await,
            Point::RequestSent => self.send_request().await,
            Point::Delivered => self.receive().await,
            Point::SecondPopup => self
                .page(next, "delivery", |page| page.delivered.clone())
                .map(|_| Step::Reached),
            Point::Stored => self.install().await,
            Point::PendingRemoved => self.remove_pending(),
            Point::ConfirmationSent => self.confirm().await,
            Point::Done => self.complete().await,
        }
    }

    /// 手順1: the link on the top page, or 電子証明書更新 on the status page.
    async fn enter(&mut self) -> Result<Step, WorkstationError> {
        let link = match &self.entry {
            Entry::User(_) => Some("利用者用電子証明書取得"),
            Entry::Administrator(_) => Some("契約法人電子証明書取得"),
            Entry::Renewal => None,
        };
        let outcome = match link {
            Some(link) => {
                let top = self.desk.site().ib.clone();
                match self.desk.open(&top).await? {
                    Outcome::Shown(_) => self.desk.follow(link).await?,
                    refused @ Outcome::TlsRefused { .. } => refused,
                }
            }
            None if self.desk.screen()?.has_link("電子証明書更新") => {
                self.desk.follow("電子証明書更新").await?
            }
            None => Outcome::Shown(self.desk.screen()?),
        };
        let button = self.entry.button();
        Ok(expect(outcome, |screen| screen.has_button(button)))
    }

    /// 手順2 ①②: the fields, then 取得.
    async fn submit_form(&mut self) -> Result<Step, WorkstationError> {
        for (label, text) in self.entry.fields() {
            self.desk.fill(label, text.expose())?;
        }
        let outcome = self.desk.press(self.entry.button()).await?;
        Ok(expect(outcome, |screen| {
            screen.refresh.is_some() || screen.form("request").is_some()
        }))
    }

    /// 手順2 ※: そのままお待ちください.
    async fn wait_for_execute(&mut self) -> Result<Step, WorkstationError> {
        if self.desk.screen()?.form("request").is_some() {
            return Ok(Step::Reached);
        }
        let outcome = self.desk.wait().await?;
        Ok(expect(outcome, |screen| screen.form("request").is_some()))
    }

    /// 手順3 ①: 実行, which wakes the component.
    fn execute(&self) -> Result<Step, WorkstationError> {
        let screen = self.page(Point::FirstPopup, "実行", |page| {
            page.form("request").map(|_| page.clone())
        })?;
        self.act("presses 「実行」");
        let environment = self.desk.machine().with(|pc| pc.environment);
        Ok(match environment.component {
            Component::Allowed => Step::Reached,
            Component::Blocked => Step::End(Advance::ComponentFailed {
                screen,
                failure: ComponentFailure::Blocked,
            }),
        })
    }

    /// 手順3 ②: はい, then P1. The key lands in the profile of whoever sits at the console.
    async fn make_key(&mut self) -> Result<Step, WorkstationError> {
        let (screen, form) = self.page(Point::KeyMade, "実行", |page| {
            page.form("request")
                .map(|form| (page.clone(), form.clone()))
        })?;
        let of_page = form.datum("popups").and_then(|count| count.parse().ok());
        self.popups = self.options.popups.or(of_page).unwrap_or(MOST_POPUPS);
        if self.popups >= 1 && self.options.first == PopupAnswer::Cancel {
            self.act("answers the first popup: キャンセル");
            return self.cancel(&screen).await;
        }
        if self.popups >= 1 {
            self.act("answers the first popup: はい");
        }
        let (algorithm, exportability) = self.wishes(&form)?;
        let made = component::make_key(self.desk.machine(), algorithm, exportability)?;
        let Some(request) = made else {
            self.act("the component can't make a key");
            let failure = ComponentFailure::KeyGeneration;
            return Ok(Step::End(Advance::ComponentFailed { screen, failure }));
        };
        self.act("the component makes a key");
        self.request = Some(request);
        Ok(Step::Reached)
    }

    /// P2: the request goes out, whole; the answer is not looked at.
    async fn send_request(&mut self) -> Result<Step, WorkstationError> {
        let mut form = self.page(Point::RequestSent, "実行", |page| {
            page.form("request").cloned()
        })?;
        let pem = self.request.as_ref().map_or("", CertificateRequest::pem);
        for field in form
            .fields
            .iter_mut()
            .filter(|field| field.kind == FieldKind::TextArea)
        {
            field.value = pem.into();
        }
        let execute = form.buttons.iter().find(|button| button.text == "実行");
        let submission = form.submission(execute);
        self.send_and_hold(submission, Point::RequestSent).await
    }

    /// P3: the answer, with the certificate in it.
    async fn receive(&mut self) -> Result<Step, WorkstationError> {
        let outcome = self.take_answer(Point::RequestSent).await?;
        Ok(expect(outcome, |screen| screen.delivered.is_some()))
    }

    /// The second popup's はい, then P4.
    async fn install(&mut self) -> Result<Step, WorkstationError> {
        let screen = self.page(Point::Stored, "delivery", |page| {
            page.delivered.as_ref().map(|_| page.clone())
        })?;
        if self.popups >= MOST_POPUPS && self.options.second == PopupAnswer::Cancel {
            self.act("answers the second popup: キャンセル");
            return self.cancel(&screen).await;
        }
        if self.popups >= MOST_POPUPS {
            self.act("answers the second popup: はい");
        }
        let pem = screen.delivered.clone().unwrap_or_default();
        let now = self.desk.courier.clock.now();
        let failure = component::install(self.desk.machine(), &pem, now)?;
        Ok(match failure {
            None => {
                self.act("the component stores the certificate");
                Step::Reached
            }
            Some(failure) => {
                self.act("the component can't store the certificate");
                Step::End(Advance::ComponentFailed { screen, failure })
            }
        })
    }

    /// P5.
    fn remove_pending(&self) -> Result<Step, WorkstationError> {
        self.page(Point::PendingRemoved, "delivery", |page| {
            page.delivered.clone()
        })?;
        if let Some(request) = &self.request {
            component::remove_pending(self.desk.machine(), request.digest())?;
            self.act("the component removes the pending request");
        }
        Ok(Step::Reached)
    }

    /// P6: the confirmation goes out, whole; the answer is not looked at.
    async fn confirm(&mut self) -> Result<Step, WorkstationError> {
        let form = self.page(Point::ConfirmationSent, "confirmation", |page| {
            page.form("installed").cloned()
        })?;
        let submission = form.submission(form.buttons.first());
        self.send_and_hold(submission, Point::ConfirmationSent)
            .await
    }

    /// 手順4 ①: the completion screen with the certificate's information.
    async fn complete(&mut self) -> Result<Step, WorkstationError> {
        let outcome = self.take_answer(Point::ConfirmationSent).await?;
        Ok(expect(outcome, |screen| !screen.certificate().is_empty()))
    }

    /// What the page's script does when a popup is cancelled.
    async fn cancel(&mut self, screen: &Screen) -> Result<Step, WorkstationError> {
        let form = screen
            .form("cancelled")
            .ok_or_else(|| self.other_screen("a way to cancel", screen))?;
        let submission = form.submission(form.buttons.first());
        Ok(Step::End(
            match self.desk.courier.travel(submission, Arrival::New).await? {
                Outcome::Shown(screen) => Advance::Cancelled(screen),
                refused @ Outcome::TlsRefused { .. } => Advance::TlsRefused(refused),
            },
        ))
    }

    async fn send_and_hold(
        &self,
        submission: Submission,
        at: Point,
    ) -> Result<Step, WorkstationError> {
        let courier = &self.desk.courier;
        match courier.depart(submission).await? {
            Departure::Refused(outcome) => Ok(Step::End(Advance::TlsRefused(outcome))),
            Departure::Left(passage) => {
                self.act(match at {
                    Point::ConfirmationSent => "the page sends the confirmation",
                    _ => "the page sends the request",
                });
                let held = Held::new(passage, at, courier.trail.clone());
                courier.machine.hold(courier.seat.clone(), held);
                Ok(Step::Reached)
            }
        }
    }

    async fn take_answer(&self, point: Point) -> Result<Outcome, WorkstationError> {
        let courier = &self.desk.courier;
        let passage = courier.machine.release(&courier.seat);
        courier
            .arrive(
                passage.ok_or(WorkstationError::Abandoned { point })?,
                Arrival::New,
            )
            .await
    }

    /// Which key the page asks for, unless this PC does otherwise.
    fn wishes(&self, form: &Form) -> Result<(KeyAlgorithm, Exportability), WorkstationError> {
        let algorithm = match (self.options.algorithm, form.datum("key-algorithm")) {
            (Some(algorithm), _) => algorithm,
            (None, Some(name)) => name.parse()?,
            (None, None) => KeyAlgorithm::default(),
        };
        let of_page = match form.datum("key-exportable") {
            Some("true") => Exportability::Exportable,
            _ => Exportability::NotExportable,
        };
        Ok((algorithm, self.options.exportability.unwrap_or(of_page)))
    }

    fn page<T>(
        &self,
        point: Point,
        wanted: &str,
        find: impl FnOnce(&Screen) -> Option<T>,
    ) -> Result<T, WorkstationError> {
        let screen = self.desk.screen()?;
        find(&screen).ok_or_else(|| WorkstationError::OtherScreen {
            point,
            wanted: format!("the page with its {wanted}"),
            found: screen.name(),
        })
    }

    fn other_screen(&self, wanted: &str, screen: &Screen) -> WorkstationError {
        WorkstationError::OtherScreen {
            point: self.standing(),
            wanted: wanted.to_owned(),
            found: screen.name(),
        }
    }

    fn act(&self, what: &str) {
        self.desk.courier.note_act(|| what.to_owned());
    }

    fn standing(&self) -> Point {
        self.reached.unwrap_or(Point::Form)
    }

    fn holds_an_exchange(&self) -> bool {
        self.stage == Stage::Going
            && matches!(
                self.reached,
                Some(Point::RequestSent | Point::ConfirmationSent)
            )
    }
}

impl Drop for Retrieval {
    fn drop(&mut self) {
        if self.holds_an_exchange() {
            self.desk.machine().cut(self.desk.seat());
        }
    }
}

/// A broken or abandoned exchange can't be taken up again; another screen may yet give way to the
/// right one.
fn stage_after(error: &WorkstationError) -> Stage {
    match error {
        WorkstationError::Abandoned { .. }
        | WorkstationError::Connection { .. }
        | WorkstationError::AnswerTooLarge { .. } => Stage::Over,
        _ => Stage::Going,
    }
}

fn expect(outcome: Outcome, is_right: impl FnOnce(&Screen) -> bool) -> Step {
    match outcome {
        Outcome::Shown(screen) if is_right(&screen) => Step::Reached,
        Outcome::Shown(screen) => Step::End(Advance::Refused(screen)),
        refused @ Outcome::TlsRefused { .. } => Step::End(Advance::TlsRefused(refused)),
    }
}
