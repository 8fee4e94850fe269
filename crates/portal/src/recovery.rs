//! Start-up: the books from the journal, sessions over, open requests settled (T31), revocations caught up.

use std::sync::Arc;

use sealbank_bank::{Bank, BankProfile, Command, Finding, RevocationReason, Settings, Unsettled};
use sealbank_ca::{Authority, RequestDigest};
use sealbank_journal::{Journal, replay};

use crate::app::App;
use crate::clock::Clock;
use crate::enrolment::facts_of;
use crate::error::{Failure, PortalError};
use crate::fault::Faults;
use crate::lane::Lanes;
use crate::origin::Origin;
use crate::record::BankEvent;
use crate::trail::Trail;

impl App {
    /// The bank of `journal`, brought back to work.
    ///
    /// # Errors
    /// A broken journal, an entry that does not fit, or whatever keeps the recovery from being recorded.
    pub(crate) fn recovered(
        settings: Settings,
        profile: BankProfile,
        journal: Arc<dyn Journal>,
        authority: Arc<Authority>,
        clock: Clock,
        faults: Faults,
        trail: Trail,
    ) -> Result<Self, PortalError> {
        let settings = settings.validated().map_err(PortalError::Settings)?;
        let (bank, lanes) = replayed(Bank::new(settings, profile), journal.as_ref())?;
        let app = Self::new(bank, lanes, journal, authority, clock, faults, trail)?;
        match app.recover() {
            Ok(()) => Ok(app),
            Err(Failure::Failed(error)) => Err(error),
            // Recovering is always possible; a bank that says no has lost its mind.
            Err(Failure::Refused(_)) => Err(PortalError::UnexpectedAnswer {
                command: "recover",
                found: "a refusal",
            }),
        }
    }

    fn recover(&self) -> Result<(), Failure> {
        for contract in self.contracts() {
            self.walk(Origin::Bank, &Command::Recover { contract })?;
        }
        self.authority().settle(self.clock().now())?;
        for unsettled in self.bank(Bank::unsettled) {
            self.settle(&unsettled)?;
        }
        let everybody: Vec<_> = self.bank(|bank| {
            bank.subscribers()
                .map(|(subscriber, _)| subscriber)
                .collect()
        });
        for subscriber in everybody {
            self.withdraw_revoked_of(&subscriber);
        }
        Ok(())
    }

    /// T31: asks the authority what became of a request, and tells the bank.
    fn settle(&self, unsettled: &Unsettled) -> Result<(), Failure> {
        let request = RequestDigest::from(unsettled.request.0);
        let mut found = self.authority().find_by_request(&request);
        let finding = match found.pop() {
            None => Finding::NotSigned,
            Some(newest) => Finding::Signed(facts_of(&newest)?),
        };
        // Only one can be adopted; the bank never hears of the others (V16).
        for orphan in found {
            let serial = facts_of(&orphan)?.serial;
            self.withdraw(&serial, RevocationReason::Superseded)?;
        }
        let reconcile = Command::Reconcile {
            subscriber: unsettled.subscriber.clone(),
            generation: unsettled.generation,
            request: unsettled.request,
            finding,
        };
        match self.walk(Origin::Bank, &reconcile) {
            // What the authority signed is not what the bank asked for: disowned, and that is settled too.
            Ok(_) | Err(Failure::Refused(_)) => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}

/// The books as the journal says, and how far each contract's stream goes.
fn replayed(mut bank: Bank, journal: &dyn Journal) -> Result<(Bank, Lanes), PortalError> {
    let lanes = Lanes::default();
    for step in replay::<BankEvent>(journal, BankEvent::is_in) {
        let (entry, event) = step?;
        bank.apply(&event.0).map_err(|source| PortalError::Misfit {
            position: entry.position(),
            source,
        })?;
        *lanes.lane(&event.0.contract).take() = event.version();
    }
    Ok((bank, lanes))
}
