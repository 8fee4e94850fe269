//! The driver without sockets: the same world, whose PCs reach the bank through a door in this process.
//!
//! [`Corridor`] is that way. Who sits where, what is typed, what TLS decides and what the bank answers are the same
//! code as over HTTPS; what is left out is the encryption and the network.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::DistinguishedName;
use rustls_pki_types::CertificateDer;
use sealbank_portal::{Indoors, Knock, Origin as Door};
use sealbank_workstation::{
    Greeting, Later, Network, NetworkEntry, NoAnswer, Origin, Site, Ticket, TlsAlert,
};

/// The way from the PCs to the bank; it leads to the one that is open now, and nowhere while there is none.
#[derive(Clone, Default)]
pub(crate) struct Corridor(Arc<Mutex<Option<House>>>);

#[derive(Clone)]
struct House {
    ib: Origin,
    cert: Origin,
    door: Indoors,
}

/// What the bank says first.
struct Greeted(Knock);

impl Corridor {
    /// Leads to `door`, whose origins are those of `site`.
    pub(crate) fn leads_to(&self, door: Indoors, site: &Site) {
        *self.house() = Some(House {
            ib: Origin::of(&site.ib),
            cert: Origin::of(&site.cert),
            door,
        });
    }

    /// Leads nowhere.
    pub(crate) fn ends(&self) {
        *self.house() = None;
    }

    fn house(&self) -> MutexGuard<'_, Option<House>> {
        // Only whole values go in, so a thread that panicked has left it sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Network for Corridor {
    fn knock<'a>(
        &'a self,
        origin: &'a Origin,
        ticket: Option<Ticket>,
    ) -> Later<'a, Result<Box<dyn Greeting>, NoAnswer>> {
        let house = self.house().clone();
        Box::pin(async move {
            let closed = || NoAnswer("the bank is closed".to_owned());
            let house = house.ok_or_else(closed)?;
            let door = match origin {
                origin if *origin == house.ib => Door::Ib,
                origin if *origin == house.cert => Door::Cert,
                _ => return Err(NoAnswer(format!("{origin} is not the bank's"))),
            };
            let knock = house.door.knock(door, ticket.map(|ticket| ticket.0)).await;
            let knock = knock.map_err(|nobody| NoAnswer(nobody.to_string()))?;
            Ok(Box::new(Greeted(knock)) as Box<dyn Greeting>)
        })
    }
}

impl Greeting for Greeted {
    fn chain(&self) -> &[CertificateDer<'static>] {
        self.0.chain()
    }

    fn asks(&self) -> Option<&[DistinguishedName]> {
        self.0.asks()
    }

    fn answer(
        self: Box<Self>,
        chain: Vec<CertificateDer<'static>>,
    ) -> Result<NetworkEntry, TlsAlert> {
        let entered = self.0.enter(&chain);
        let (channel, ticket) = entered.map_err(|alert| TlsAlert::from_code(alert.into()))?;
        Ok(NetworkEntry {
            channel: Box::new(channel),
            ticket: ticket.map(Ticket),
        })
    }
}

impl fmt::Debug for Corridor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Corridor").finish_non_exhaustive()
    }
}
