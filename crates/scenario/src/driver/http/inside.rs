//! [`Inside`]: a bank of our own, whose books and clock lie open, and which can be stopped and started again.

use std::sync::Arc;

use sealbank_ca::Authority;
use sealbank_journal::{Journal, MemoryJournal};
use sealbank_portal::{
    Clock, Faults, Indoors, Limits, Listen, Portal, PortalError, PortalOptions, Trail,
};
use sealbank_workstation::Site;

use crate::driver::indoors::Corridor;
use crate::driver::{DriverError, Keys};
use crate::plan::Scene;

/// A bank that was made for one case.
pub(super) struct Inside {
    portal: Option<Portal>,
    /// How its PCs reach it; none: over sockets.
    corridor: Option<Corridor>,
    journal: Arc<dyn Journal>,
    authority: Arc<Authority>,
    trail: Trail,
}

impl Inside {
    pub(super) async fn open(
        scene: &Scene,
        keys: &Keys,
        clock: &Clock,
        faults: &Faults,
        trail: Trail,
        corridor: Option<Corridor>,
    ) -> Result<Self, DriverError> {
        let authority = keys.ca.authority(Arc::new(MemoryJournal::new()))?;
        let mut inside = Self {
            portal: None,
            corridor,
            journal: Arc::new(MemoryJournal::new()),
            authority: Arc::new(authority),
            trail,
        };
        let listen = Listen {
            web: Some(Arc::clone(&keys.web)),
            ..Listen::default()
        };
        inside.start(scene, clock, faults, listen).await?;
        Ok(inside)
    }

    async fn start(
        &mut self,
        scene: &Scene,
        clock: &Clock,
        faults: &Faults,
        listen: Listen,
    ) -> Result<(), PortalError> {
        let options = PortalOptions {
            settings: scene.settings.clone(),
            profile: scene.profile.clone(),
            journal: Arc::clone(&self.journal),
            authority: Arc::clone(&self.authority),
            clock: clock.clone(),
            listen,
            limits: Limits::default(),
            faults: faults.clone(),
            trail: self.trail.clone(),
        };
        let portal = match self.corridor {
            None => Portal::start(options).await?,
            Some(_) => Portal::start_indoors(options).await?,
        };
        self.portal = Some(portal);
        Ok(())
    }

    /// Stops the bank in order, and starts it again on the same journal and at the same addresses. `stopped` is called
    /// between the two.
    pub(super) async fn restart(
        &mut self,
        scene: &Scene,
        clock: &Clock,
        faults: &Faults,
        site: &Site,
        stopped: impl FnOnce(),
    ) -> Result<(), DriverError> {
        let Some(portal) = self.portal.take() else {
            return Ok(());
        };
        let listen = portal.listen_again();
        self.close_corridor();
        portal.shutdown().await;
        stopped();
        self.start(scene, clock, faults, listen).await?;
        self.leads_to_here(site);
        Ok(())
    }

    /// Ends it in order.
    pub(super) async fn close(&mut self) {
        self.close_corridor();
        if let Some(portal) = self.portal.take() {
            portal.shutdown().await;
        }
    }

    pub(super) fn portal(&self) -> &Portal {
        self.portal
            .as_ref()
            .expect("the bank is closed only between two starts and at the end")
    }

    pub(super) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The way without sockets leads to the bank that is open now.
    pub(super) fn leads_to_here(&self, site: &Site) {
        if let Some(corridor) = &self.corridor {
            let door: Indoors = self.portal().indoors();
            corridor.leads_to(door, site);
        }
    }

    fn close_corridor(&self) {
        if let Some(corridor) = &self.corridor {
            corridor.ends();
        }
    }
}
