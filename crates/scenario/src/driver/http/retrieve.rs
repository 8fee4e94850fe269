//! A retrieval, undisturbed or held at a point for something else to happen.

use sealbank_workstation::{
    AdministratorCredentials, Advance, ComponentFailure, Desk, Entry, Point, PopupAnswer,
    Retrieval, RetrievalOptions, UserCredentials,
};

use super::{Done, World, landed};
use crate::driver::DriverError;
use crate::model::{ComponentKind, How, PersonId, Renewal, RetrieveAct, Step};
use crate::observation::{Coming, Landed};

impl World {
    pub(super) async fn retrieve(
        &mut self,
        step: &Step,
        act: &RetrieveAct,
    ) -> Result<Done, DriverError> {
        let mut desk = self.sit(step.actor, &step.place)?;
        let mark = self.bank_trail_length().await?;
        let cancels = |at: Point| {
            let interruption = step.interruption.as_ref();
            let here = interruption.is_some_and(|i| i.how.value == How::Cancel && i.at.value == at);
            if here {
                PopupAnswer::Cancel
            } else {
                PopupAnswer::Yes
            }
        };
        let options = RetrievalOptions {
            popups: act.popups,
            first: cancels(Point::FirstPopup),
            second: cancels(Point::SecondPopup),
            algorithm: act.key,
            exportability: None,
        };
        let entry = self.entry(step.actor, act);
        let mut retrieval = Retrieval::begin(&mut desk, entry, options)?;
        // The window that the retrieval works in is the one that he finds again later.
        self.leave(step.actor, &step.place, desk.clone());
        let Some(interruption) = &step.interruption else {
            return Ok(ended(
                self.patience().with(Box::pin(retrieval.resume())).await?,
            ));
        };
        let point = interruption.at.value;
        let reached = self
            .patience()
            .with(Box::pin(retrieval.advance_to(point)))
            .await?;
        let is_held = match &reached {
            Advance::Held(_) => true,
            Advance::Finished(_) => point == Point::Done,
            _ => false,
        };
        if !is_held {
            let instead = ended(reached);
            return Ok(not_come(point, &instead));
        }
        self.bank_has_it(point, mark).await?;
        self.interrupt(step, &interruption.how.value, desk, retrieval)
            .await
    }

    /// What was written counts as received: the cut is on the way back (procedure 2b, cases 27, 29, 47).
    async fn bank_has_it(&self, point: Point, mark: usize) -> Result<(), DriverError> {
        match point {
            Point::RequestSent => self.until_noted(mark, "mark-delivered", "a request").await,
            Point::ConfirmationSent => {
                self.until_noted(mark, "confirm-installation", "a confirmation")
                    .await
            }
            _ => Ok(()),
        }
    }

    pub(super) fn entry(&self, who: PersonId, act: &RetrieveAct) -> Entry {
        let person = self.person(who);
        let pin = act.pin.clone().unwrap_or_else(|| self.pin(who));
        match (act.renewal, person.user()) {
            (Renewal::Yes, _) => Entry::Renewal,
            (Renewal::No, Some(user)) => {
                UserCredentials::new(person.contract.as_str(), user, pin).into()
            }
            (Renewal::No, None) => {
                AdministratorCredentials::new(person.contract.as_str(), pin).into()
            }
        }
    }
}

/// What a retrieval came to.
pub(super) fn ended(advance: Advance) -> Done {
    match advance {
        Advance::Finished(screen) | Advance::Refused(screen) | Advance::Cancelled(screen) => {
            Done::landed(Landed::Screen(screen))
        }
        Advance::Held(_) => Done::landed(Landed::Nowhere),
        Advance::TlsRefused(outcome) => Done::landed(landed(outcome)),
        Advance::ComponentFailed { screen, failure } => {
            let kind = match failure {
                ComponentFailure::Blocked => ComponentKind::Blocked,
                ComponentFailure::KeyGeneration => ComponentKind::KeyGeneration,
                ComponentFailure::Install(_) => ComponentKind::Install,
                ComponentFailure::NoMatchingRequest => ComponentKind::NoMatchingRequest,
            };
            Done {
                component: Some((kind, failure.to_string())),
                ..Done::landed(Landed::Screen(screen))
            }
        }
    }
}

fn not_come(point: Point, instead: &Done) -> Done {
    let said = instead.component.as_ref().map(|(_, said)| said.as_str());
    let what = said.map_or_else(|| instead.landed.to_string(), str::to_owned);
    Done {
        interruption: Coming::DidNot(format!("{point} was not reached: {what}")),
        ..Done::landed(instead.landed.clone())
    }
}

/// Where a second retrieval of the same user gets to.
pub(super) async fn second_attempt(mut desk: Desk, entry: Entry) -> Result<Landed, DriverError> {
    let mut second = Retrieval::begin(&mut desk, entry, RetrievalOptions::default())?;
    let reached = second.advance_to(Point::Intermediate).await?;
    Ok(match reached {
        Advance::Held(_) => Landed::Screen(desk.screen()?),
        other => ended(other).landed,
    })
}
