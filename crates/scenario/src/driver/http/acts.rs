//! The acts that are no retrieval and no administration: logon, forms, browser, PC, counter, clock.

use sealbank_bank::{Command, Subscriber};
use sealbank_portal::Failure;
use sealbank_workstation::{Desk, Outcome, Repost};
use serde_json::json;

use super::world::Side;
use super::{Done, World, landed};
use crate::driver::DriverError;
use crate::model::{
    Action, BrowserAct, ClockAct, CounterAct, EnvironmentChange, FormAct, LogonWay, Page, PcAct,
    Person, PersonId, Step,
};
use crate::observation::Landed;
use sealbank_workstation::{BrowserName, Concealed, ProfileName};

impl World {
    pub(super) async fn act(&mut self, step: &Step) -> Result<Done, DriverError> {
        match &step.action {
            Action::Retrieve(act) => self.retrieve(step, act).await,
            Action::LogOn { way, pin } => {
                let pin = pin.clone().unwrap_or_else(|| self.pin(step.actor));
                let mut desk = self.sit(step.actor, &step.place)?;
                let outcome = self.log_on(step.actor, &mut desk, way, &pin).await;
                self.leave(step.actor, &step.place, desk);
                Ok(Done::landed(landed(outcome?)))
            }
            Action::LogOff => self.on_screen(step, "ログオフ").await,
            Action::Close => self.on_screen(step, "閉じる").await,
            Action::Administer {
                act,
                way,
                confirmation,
            } => {
                let confirmation = confirmation.as_ref();
                let end = self
                    .administer(step.subject, act, way, confirmation)
                    .await?;
                Ok(Done::landed(end))
            }
            Action::UnlockAdministrator => {
                let end = self.unlock_administrator(step).await?;
                Ok(Done::landed(end))
            }
            Action::Counter(act) => self.counter(step.subject, *act).await,
            Action::Browser(act) => self.with_browser(step, *act).await,
            Action::Pc(act) => self.with_pc(step, act),
            Action::Clock(ClockAct::Advance(by)) => {
                self.advance_clock(*by).await?;
                Ok(Done::landed(Landed::Nowhere))
            }
            Action::Clock(ClockAct::Set(at)) => {
                self.set_clock(*at).await?;
                Ok(Done::landed(Landed::Nowhere))
            }
            Action::RestartBank => {
                self.restart_bank().await?;
                Ok(Done::landed(Landed::Nowhere))
            }
            Action::Form(act) => self.with_form(step, act).await,
            Action::Check => Ok(Done::landed(Landed::Nowhere)),
        }
    }

    /// The logon that belongs to the person: user or administrator, by ID or by certificate.
    pub(super) async fn log_on(
        &self,
        who: PersonId,
        desk: &mut Desk,
        way: &LogonWay,
        pin: &Concealed,
    ) -> Result<Outcome, DriverError> {
        let person = self.person(who);
        let outcome = match (person.user(), way) {
            (Some(user), LogonWay::IdPin) => desk.log_on_id_pin(&person.contract, user, pin).await,
            (Some(_), LogonWay::Certificate(pick)) => {
                desk.log_on_certificate(pick.clone(), pin).await
            }
            (None, LogonWay::IdPin) => desk.log_on_administrator(&person.contract, pin).await,
            (None, LogonWay::Certificate(pick)) => {
                desk.log_on_administrator_certificate(pick.clone(), pin)
                    .await
            }
        };
        Ok(outcome?)
    }

    /// Presses a button of the screen that stands in the person's window.
    async fn on_screen(&mut self, step: &Step, button: &str) -> Result<Done, DriverError> {
        let mut desk = self.sit(step.actor, &step.place)?;
        let outcome = desk.press(button).await;
        self.leave(step.actor, &step.place, desk);
        Ok(Done::landed(landed(outcome?)))
    }

    async fn with_form(&mut self, step: &Step, act: &FormAct) -> Result<Done, DriverError> {
        let mut desk = self.sit(step.actor, &step.place)?;
        let outcome = self.work_form(&mut desk, act).await;
        self.leave(step.actor, &step.place, desk);
        Ok(Done::landed(landed(outcome?)))
    }

    async fn work_form(&self, desk: &mut Desk, act: &FormAct) -> Result<Outcome, DriverError> {
        Ok(match act {
            FormAct::Open(page) => {
                let base = match page {
                    Page::Top | Page::Status => &self.site.ib,
                    Page::CertificateStatus => &self.site.cert,
                };
                let mut url = base.clone();
                url.set_path(match page {
                    Page::Top => "/",
                    Page::Status | Page::CertificateStatus => "/status",
                });
                desk.open(&url).await?
            }
            FormAct::Fill(fields) => {
                for (label, text) in fields {
                    desk.fill(label, text.expose())?;
                }
                Outcome::Shown(desk.screen()?)
            }
            FormAct::Press(button) => desk.press(button).await?,
            FormAct::Follow(link) => desk.follow(link).await?,
            FormAct::Wait => desk.wait().await?,
        })
    }

    async fn with_browser(&mut self, step: &Step, act: BrowserAct) -> Result<Done, DriverError> {
        let mut desk = self.sit(step.actor, &step.place)?;
        let outcome = match act {
            BrowserAct::CloseAll => {
                desk.close_all_windows();
                Ok(None)
            }
            BrowserAct::CloseWindow => {
                desk.close_window();
                Ok(None)
            }
            BrowserAct::NewWindow => desk.another_window().map(|window| {
                desk = window;
                None
            }),
            BrowserAct::Back(how) => desk.back(how).await.map(Some),
            BrowserAct::Refresh => desk.refresh(Repost::Confirm).await.map(Some),
        };
        self.leave(step.actor, &step.place, desk);
        let end = outcome?.map_or(Landed::Nowhere, landed);
        Ok(Done::landed(end))
    }

    fn with_pc(&mut self, step: &Step, act: &PcAct) -> Result<Done, DriverError> {
        let place = self.place(step.actor).changed(&step.place);
        let machine = self.machine(&place.pc)?.clone();
        let profile = ProfileName::new(&place.profile);
        match act {
            PcAct::PowerOff => machine.with(sealbank_workstation::Pc::power_off),
            PcAct::Boot => machine.with(|pc| {
                pc.boot();
                pc.log_on(&profile)
            })?,
            PcAct::SwitchOsUser { to, how } => {
                self.sit(step.actor, &step.place)?;
                machine.with(|pc| pc.switch(to, *how))?;
            }
            PcAct::Use(change) => {
                let next = self.place(step.actor).changed(change);
                self.places.insert(step.actor, next);
            }
            PcAct::SetClockSkew(by) => machine.with(|pc| pc.skew = *by),
            PcAct::Surround(change) => machine.with(|pc| {
                surround(pc, *change);
                if let Some(resumption) = change.resumption {
                    let browser = BrowserName::new(&place.browser);
                    pc.profile_mut(&profile)?.browser(&browser).resumption = resumption;
                }
                Ok::<_, DriverError>(())
            })?,
            PcAct::CopyCertificate { to } => {
                let exported = machine.with(|pc| {
                    let store = &pc.profile(&profile)?.store;
                    let newest = store
                        .newest()
                        .map(|stored| stored.certificate().fingerprint());
                    Ok::<_, DriverError>(newest.and_then(|newest| store.export(newest)))
                })?;
                let exported =
                    exported.ok_or_else(|| DriverError::NoCertificate(place.to_string()))?;
                self.machine(&to.pc)?.with(|pc| {
                    let target = pc.profile_mut(&ProfileName::new(&to.profile))?;
                    target.store.import(&exported);
                    Ok::<_, DriverError>(())
                })?;
            }
            PcAct::ResetOsPassword
            | PcAct::RestoreOsPassword
            | PcAct::DeleteCertificate
            | PcAct::CleanStore => machine.with(|pc| {
                let store = &mut pc.profile_mut(&profile)?.store;
                match act {
                    PcAct::ResetOsPassword => store.reset_os_password(),
                    PcAct::RestoreOsPassword => store.restore_os_password(),
                    PcAct::CleanStore => store.clear_pending(),
                    _ => {
                        let newest = store
                            .newest()
                            .map(|stored| stored.certificate().fingerprint());
                        let newest =
                            newest.ok_or_else(|| DriverError::NoCertificate(place.to_string()))?;
                        store.delete(newest);
                    }
                }
                Ok::<_, DriverError>(())
            })?,
        }
        Ok(Done::landed(Landed::Nowhere))
    }

    async fn counter(&self, whom: PersonId, act: CounterAct) -> Result<Done, DriverError> {
        let outcome = match &self.bank {
            Side::Inside(inside) => {
                let command = command(act, self.subscriber(whom)?);
                match inside.portal().app().perform(command).await {
                    Ok(_) => Ok(()),
                    Err(Failure::Refused(refusal)) => Err(refusal),
                    Err(Failure::Failed(error)) => return Err(error.into()),
                }
            }
            Side::Outside(outside) => {
                let wanted = paper(act, self.person(whom));
                outside
                    .control("the bank's counter")?
                    .counter(&wanted)
                    .await?
            }
        };
        Ok(Done::landed(Landed::Counter(outcome)))
    }
}

fn command(act: CounterAct, subscriber: Subscriber) -> Command {
    let contract = subscriber.contract.clone();
    match act {
        CounterAct::Grant => Command::CounterGrant { subscriber },
        CounterAct::Reinitialize => Command::CounterReinitialize { subscriber },
        CounterAct::Unlock => Command::CounterUnlock { subscriber },
        CounterAct::SuspendContract => Command::SuspendContract { contract },
        CounterAct::ResumeContract => Command::ResumeContract { contract },
        CounterAct::CancelContract => Command::CancelContract { contract },
    }
}

/// The same as the control listener takes it.
fn paper(act: CounterAct, whom: &Person) -> serde_json::Value {
    let of_member = json!({ "contract": whom.contract, "user": whom.user() });
    let of_contract = json!({ "contract": whom.contract });
    let (name, about) = match act {
        CounterAct::Grant => ("grant", of_member),
        CounterAct::Reinitialize => ("reinitialize", of_member),
        CounterAct::Unlock => ("unlock", of_member),
        CounterAct::SuspendContract => ("suspend-contract", of_contract),
        CounterAct::ResumeContract => ("resume-contract", of_contract),
        CounterAct::CancelContract => ("cancel-contract", of_contract),
    };
    json!({ name: about })
}

fn surround(pc: &mut sealbank_workstation::Pc, change: EnvironmentChange) {
    let environment = &mut pc.environment;
    environment.browser = change.browser.unwrap_or(environment.browser);
    environment.component = change.component.unwrap_or(environment.component);
    environment.keys = change.keys.unwrap_or(environment.keys);
    environment.install = change.install.unwrap_or(environment.install);
    environment.root = change.root.unwrap_or(environment.root);
    environment.flush = change.flush.unwrap_or(environment.flush);
}
