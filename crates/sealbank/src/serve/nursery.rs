//! [`Nursery`]: banks in memory that are ready, their people on the books, before they are opened to anybody.

use std::error::Error;
use std::sync::{Arc, OnceLock};

use sealbank_ca::{Authority, CaError, Ceremony};
use sealbank_journal::MemoryJournal;
use sealbank_portal::{Clock, Faults, Limits, Listen, Opening, Portal, PortalOptions, Trail};

/// Where banks are made that take the place of one another. All have the same CA, whose certificates hold at any time
/// that a scenario plays in.
#[derive(Default)]
pub(super) struct Nursery {
    ceremony: OnceLock<Ceremony>,
}

impl Nursery {
    /// A bank that begins like this, ready to be opened; the error says why it can't be.
    pub(super) async fn raise(&self, opening: &Opening) -> Result<PortalOptions, String> {
        let bank = self.found(opening).map_err(|error| error.to_string())?;
        self.fill(opening, &bank)
            .await
            .map_err(|error| error.to_string())?;
        Ok(bank)
    }

    fn found(&self, opening: &Opening) -> Result<PortalOptions, CaError> {
        Ok(PortalOptions {
            settings: opening.settings.clone(),
            profile: opening.profile.clone(),
            journal: Arc::new(MemoryJournal::new()),
            authority: Arc::new(self.authority()?),
            clock: Clock::fixed(opening.start),
            listen: Listen::default(),
            limits: Limits::default(),
            faults: Faults::default(),
            trail: Trail::default(),
        })
    }

    fn authority(&self) -> Result<Authority, CaError> {
        let ceremony = match self.ceremony.get() {
            Some(ceremony) => ceremony,
            None => {
                let made = Ceremony::ephemeral()?;
                self.ceremony.get_or_init(|| made)
            }
        };
        ceremony.authority(Arc::new(MemoryJournal::new()))
    }

    /// Lets the bank open its books, behind closed doors.
    async fn fill(
        &self,
        opening: &Opening,
        bank: &PortalOptions,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let portal = Portal::start_indoors(bank.clone()).await?;
        let registered = opening.register(portal.app()).await;
        portal.shutdown().await;
        Ok(registered?)
    }
}
