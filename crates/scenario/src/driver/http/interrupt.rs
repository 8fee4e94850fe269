//! What happens in the middle of a retrieval, and how the retrieval goes on after it, if it can.

use sealbank_workstation::{
    Advance, Back, Desk, Exportability, KeyFlush, Outcome, Repost, Retrieval, Switch,
    WorkstationError,
};
use time::Duration;

use super::retrieve::{ended, second_attempt};
use super::{Done, World, landed};
use crate::driver::DriverError;
use crate::model::{Action, How, LogonWay, SecondWindow, Step};
use crate::observation::{Coming, Landed, Meanwhile};

impl World {
    pub(super) async fn interrupt(
        &mut self,
        step: &Step,
        how: &How,
        mut desk: Desk,
        mut retrieval: Retrieval,
    ) -> Result<Done, DriverError> {
        match how {
            How::CloseBrowser => {
                desk.close_all_windows();
                return Ok(over(Landed::Nowhere));
            }
            How::PowerOff => {
                desk.power_off();
                return Ok(over(Landed::Nowhere));
            }
            How::Back | How::Refresh | How::Close | How::LoseNetwork => {
                // First the cut, then the rest of the person's act: what he sees must not depend on who is faster.
                if *how == How::LoseNetwork {
                    retrieval.cut();
                }
                drop(retrieval);
                self.rest("a cut connection").await?;
                let outcome = match how {
                    How::Back => desk.back(Back::FromCache).await?,
                    How::Refresh => desk.refresh(Repost::Confirm).await?,
                    How::Close => desk.press("閉じる").await?,
                    _ => return Ok(over(Landed::Lost("the network is gone".to_owned()))),
                };
                return Ok(over(landed(outcome)));
            }
            How::LogOnAs {
                who,
                window: SecondWindow::Same,
            } => {
                drop(retrieval);
                self.rest("a cut connection").await?;
                let mark = self.bank_trail_length().await?;
                let pin = self.pin(*who);
                let outcome = self.log_on(*who, &mut desk, &LogonWay::IdPin, &pin).await?;
                return Ok(Done {
                    meanwhile: Some(self.meanwhile(landed(outcome), mark).await?),
                    others_until: self.bank_trail_length().await?,
                    ..over(Landed::Nowhere)
                });
            }
            _ => {}
        }
        let mark = self.bank_trail_length().await?;
        let other = self.others_act(step, how, &desk, &retrieval).await?;
        let others_until = self.bank_trail_length().await?;
        let meanwhile = match other {
            Some(end) => Some(self.meanwhile(end, mark).await?),
            None => None,
        };
        let advance = self.patience().with(Box::pin(retrieval.resume())).await;
        let done = match advance {
            Ok(advance) => came(how, advance),
            // Done with: there is nothing to go on with.
            Err(DriverError::Workstation(WorkstationError::RetrievalOver { .. })) => {
                over(Landed::Screen(desk.screen()?))
            }
            Err(error) => over(self.lost_by(error)?),
        };
        Ok(Done {
            meanwhile,
            others_until,
            ..done
        })
    }

    /// What somebody does while the retrieval stands; where he ended, if it was somebody else's act.
    async fn others_act(
        &mut self,
        step: &Step,
        how: &How,
        desk: &Desk,
        retrieval: &Retrieval,
    ) -> Result<Option<Landed>, DriverError> {
        Ok(match how {
            How::LogOnAs { who, .. } => {
                let mut window = desk.another_window()?;
                let pin = self.pin(*who);
                let outcome = self
                    .log_on(*who, &mut window, &LogonWay::IdPin, &pin)
                    .await?;
                Some(landed(outcome))
            }
            How::SwitchOsUser { to } => {
                desk.machine().with(|pc| pc.switch(to, Switch::Fast))?;
                None
            }
            How::DoubleClick if retrieval.request().is_none() => {
                let mut same = desk.clone();
                Some(landed(same.refresh(Repost::Confirm).await?))
            }
            How::DoubleClick => Some(landed(press_execute_again(desk).await?)),
            How::SecondTab => {
                let entry = self.same_entry(step);
                Some(second_attempt(desk.another_window()?, entry).await?)
            }
            How::SecondPc => {
                let machine = self.spare_machine(&desk.seat().profile)?;
                let other = self.new_desk(machine, "B1")?;
                Some(second_attempt(other, self.same_entry(step)).await?)
            }
            How::Wait => {
                let past = self.scene.settings.retrieval_session_timeout() + Duration::MINUTE;
                self.advance_clock(past).await?;
                None
            }
            How::Administrator(act) => {
                let way = LogonWay::IdPin;
                Some(self.administer(step.subject, act, &way, None).await?)
            }
            How::RestartBank => {
                self.restart_bank().await?;
                None
            }
            _ => None,
        })
    }

    fn same_entry(&self, step: &Step) -> sealbank_workstation::Entry {
        match &step.action {
            Action::Retrieve(act) => self.entry(step.actor, act),
            _ => sealbank_workstation::Entry::Renewal,
        }
    }

    async fn meanwhile(&self, landed: Landed, mark: usize) -> Result<Meanwhile, DriverError> {
        let because = self.refusal_since(mark).await?;
        Ok(Meanwhile { landed, because })
    }
}

/// The interruption came about, and there is nothing to go on with.
fn over(landed: Landed) -> Done {
    Done {
        interruption: Coming::Came,
        ..Done::landed(landed)
    }
}

fn came(how: &How, advance: Advance) -> Done {
    let cancelled = matches!(advance, Advance::Cancelled(_));
    let done = ended(advance);
    let interruption = if *how == How::Cancel && !cancelled {
        Coming::DidNot("no popup appeared that could be cancelled".to_owned())
    } else {
        Coming::Came
    };
    Done {
        interruption,
        ..done
    }
}

/// The second click on 実行 makes a second key, and sends a second request from the same page (case 25).
async fn press_execute_again(desk: &Desk) -> Result<Outcome, DriverError> {
    let run = desk.screen()?.url().clone();
    let mut window = desk.another_window()?;
    window.open(&run).await?;
    let profile = desk.seat().profile.clone();
    let request = desk.machine().with(|pc| {
        let store = &mut pc.profile_mut(&profile)?.store;
        store.make_key(
            sealbank_workstation::KeyAlgorithm::P256,
            Exportability::NotExportable,
            KeyFlush::AtOnce,
        )
    })?;
    if !window.screen()?.has_button("実行") {
        // The bank shows no second 実行: that is its answer to the second click.
        return Ok(Outcome::Shown(window.screen()?));
    }
    window.fill("証明書署名要求", request.pem())?;
    Ok(window.press("実行").await?)
}
