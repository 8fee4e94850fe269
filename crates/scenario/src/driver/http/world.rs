//! [`World`]: one bank, its PCs and its people. A bank of our own is made for one case and gone with it; another one was
//! there before, and stays.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use sealbank_bank::{ContractId, Subscriber, UserId};
use sealbank_portal::{Clock, Faults, Hosts, Origin, Outcome, TrailEntry};
use sealbank_workstation::{
    self as workstation, BrowserName, Concealed, Desk, Machine, Pc, Power, ProfileName, Site, Trail,
};
use time::{Duration as Span, OffsetDateTime};

use super::chronicle::{BankEar, Stores};
use super::fault::Armed;
use super::inside::Inside;
use super::outside::Outside;
use crate::driver::indoors::Corridor;
use crate::driver::{DriverError, Keys, Way};
use crate::model::{Person, PersonId, Place, PlaceChange};
use crate::observation::{Landed, Sight};
use crate::plan::Scene;

/// How long the bank may take to come to rest; real time, and only ever used up by a defect.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// How long a bank in another process is left alone between two looks at its trail.
pub(super) const BREATH: Duration = Duration::from_millis(1);

/// One bank with its customers.
pub(crate) struct World {
    pub(super) scene: Arc<Scene>,
    pub(super) bank: Side,
    /// By which every PC knows the certificates that it installs.
    roots: Vec<CertificateDer<'static>>,
    pub(super) clock: Clock,
    pub(super) site: Arc<Site>,
    pub(super) machines: BTreeMap<String, Arc<Machine>>,
    desks: BTreeMap<(PersonId, Place), Desk>,
    pub(super) places: BTreeMap<PersonId, Place>,
    pub(super) pins: BTreeMap<PersonId, Concealed>,
    pub(super) wire: Trail,
    pub(super) ear: BankEar,
    /// What is to go wrong at the bank; the rules outlive the bank, so that a crash is counted.
    pub(super) faults: Faults,
    pub(super) armed: Vec<Armed>,
    pub(super) stores_told: Stores,
}

/// From which side the bank is known.
pub(super) enum Side {
    /// It is our own.
    Inside(Inside),
    /// It is somebody's, and was there before.
    Outside(Outside),
}

/// The bank's clock, as PCs read it.
#[derive(Debug)]
pub(super) struct WallClock(pub(super) Clock);

impl workstation::Clock for WallClock {
    fn now(&self) -> OffsetDateTime {
        self.0.now()
    }
}

impl World {
    /// Sets up everything that stands before the first step.
    pub(crate) async fn set_up(scene: &Arc<Scene>, way: &Way) -> Result<Self, DriverError> {
        match way {
            Way::Sockets(keys) => Self::of_our_own(scene, keys, None).await,
            Way::Indoors(keys) => Self::of_our_own(scene, keys, Some(Corridor::default())).await,
            Way::Target(target) => {
                // A bank that opens for this case has a clock that stands until it is moved; so have its PCs.
                let clock = if target.fresh {
                    Clock::fixed(scene.start)
                } else {
                    target.clock.clone()
                };
                let (outside, site) = Outside::find(target, scene, &clock).await?;
                let roots = site.roots.clone();
                let bank = Side::Outside(outside);
                Ok(Self::around(
                    scene,
                    bank,
                    roots,
                    clock,
                    Faults::default(),
                    site,
                ))
            }
        }
    }

    async fn of_our_own(
        scene: &Arc<Scene>,
        keys: &Keys,
        corridor: Option<Corridor>,
    ) -> Result<Self, DriverError> {
        let clock = Clock::fixed(scene.start);
        let (faults, ear) = (Faults::default(), BankEar::default());
        let network = corridor
            .clone()
            .map(|corridor| Arc::new(corridor) as Arc<dyn workstation::Network>);
        let inside = Inside::open(scene, keys, &clock, &faults, ear.trail(), corridor).await?;
        let portal = inside.portal();
        let addresses = portal.addresses();
        let hosts = BTreeMap::from([
            (addresses.hosts.ib.clone(), addresses.ib),
            (addresses.hosts.cert.clone(), addresses.cert),
        ]);
        let url = |url: String| url.parse().map_err(|_| unopenable(&url));
        let mut site = Site::new(
            url(addresses.ib_url())?,
            url(addresses.cert_url())?,
            hosts,
            vec![portal.web_root().clone()],
        );
        site.network = network;
        inside.leads_to_here(&site);
        let roots = vec![inside.authority().root_certificate().clone()];
        ear.starts(portal.app());
        scene.register_people(portal.app()).await?;
        // What the bank did before the first step is no part of the story.
        let _before = (ear.take(), ear.take_minutes());
        let mut world = Self::around(scene, Side::Inside(inside), roots, clock, faults, site);
        world.wire = Trail::with_diary(ear.gauge());
        world.ear = ear;
        Ok(world)
    }

    /// PCs and people around a bank.
    fn around(
        scene: &Arc<Scene>,
        bank: Side,
        roots: Vec<CertificateDer<'static>>,
        clock: Clock,
        faults: Faults,
        site: Site,
    ) -> Self {
        let machines = scene.pcs.iter().map(|(name, profiles)| {
            let profiles = profiles.iter().map(ProfileName::new);
            let pc = profiles.fold(new_pc(name, &roots), Pc::with_profile);
            (name.clone(), Machine::new(pc))
        });
        let ear = BankEar::default();
        let mut world = Self {
            scene: Arc::clone(scene),
            machines: machines.collect(),
            bank,
            roots,
            clock,
            site: Arc::new(site),
            desks: BTreeMap::new(),
            places: BTreeMap::new(),
            pins: BTreeMap::new(),
            wire: Trail::with_diary(ear.gauge()),
            ear,
            faults,
            armed: Vec::new(),
            stores_told: Stores::new(),
        };
        world.stores_told = world.stores();
        world
    }

    /// Ends it: a bank of our own shuts down in order.
    pub(crate) async fn close(mut self) {
        // Windows close first, so that no exchange is left in the air.
        for machine in self.machines.values() {
            machine.with(Pc::power_off);
        }
        match &mut self.bank {
            Side::Inside(inside) => inside.close().await,
            Side::Outside(outside) => {
                // A step that was given up may have left a fault. Where the listener is gone, so is the bank.
                let _ = outside.disarm().await;
            }
        }
    }

    /// The bank stops, and starts again on the same journal and at the same addresses.
    pub(super) async fn restart_bank(&mut self) -> Result<(), DriverError> {
        self.hang_up();
        let ear = self.ear.clone();
        let inside = match &mut self.bank {
            Side::Inside(inside) => inside,
            Side::Outside(outside) => return outside.restart().await,
        };
        let stopped = || ear.stops();
        inside
            .restart(&self.scene, &self.clock, &self.faults, &self.site, stopped)
            .await?;
        self.ear.starts(inside.portal().app());
        Ok(())
    }

    /// The address of the screen, with the host of the procedure's bank where it is of one of the two origins.
    pub(super) fn address_of(&self, landed: &Landed) -> Option<String> {
        let Landed::Screen(screen) = landed else {
            return None;
        };
        let (url, hosts) = (screen.url(), Hosts::default());
        let host = if url.origin() == self.site.ib.origin() {
            hosts.ib
        } else if url.origin() == self.site.cert.origin() {
            hosts.cert
        } else {
            url.host_str().unwrap_or_default().to_owned()
        };
        Some(host + url.path())
    }

    /// From where the bank is seen.
    pub(super) fn sight(&self) -> Sight {
        match &self.bank {
            Side::Inside(_) => Sight::Inside,
            Side::Outside(outside) => outside.sight(),
        }
    }

    /// Moves the one clock ahead.
    pub(super) async fn advance_clock(&self, by: Span) -> Result<(), DriverError> {
        match &self.bank {
            Side::Inside(inside) => {
                inside.portal().app().advance(by).await?;
                Ok(())
            }
            Side::Outside(outside) => outside.advance(by, &self.clock).await,
        }
    }

    /// Sets the one clock.
    pub(super) async fn set_clock(&self, at: OffsetDateTime) -> Result<(), DriverError> {
        match &self.bank {
            Side::Inside(inside) => {
                inside.portal().app().set_clock(at).await?;
            }
            Side::Outside(outside) => {
                let now = outside.control("moving the clock")?.set_clock(at).await?;
                self.clock.set(now);
            }
        }
        Ok(())
    }

    /// Closes the connections that browsers only keep.
    fn hang_up(&self) {
        self.machines.values().for_each(|machine| machine.hang_up());
    }

    /// Waits until nobody is connected and nothing is being worked on.
    pub(super) async fn rest(&self, waited_for: &'static str) -> Result<(), DriverError> {
        self.hang_up();
        match &self.bank {
            Side::Inside(inside) => tokio::time::timeout(PATIENCE, inside.portal().settled())
                .await
                .map_err(|_elapsed| DriverError::Restless { waited_for }),
            Side::Outside(outside) => {
                outside.settled().await?;
                outside.read_clock(&self.clock).await
            }
        }
    }

    /// Waits until the bank's trail, from `mark` on, says that a request was worked through.
    pub(super) async fn until_noted(
        &self,
        mark: usize,
        last: &str,
        waited_for: &'static str,
    ) -> Result<(), DriverError> {
        let noted = async {
            loop {
                let since = self.trail_since(mark).await?;
                let ended = since
                    .iter()
                    .any(|entry| entry.what == last || !matches!(entry.outcome, Outcome::Done));
                if ended || self.is_cut_off().await? {
                    return Ok(());
                }
                match self.bank {
                    Side::Inside(_) => tokio::task::yield_now().await,
                    Side::Outside(_) => tokio::time::sleep(BREATH).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, noted)
            .await
            .unwrap_or(Err(DriverError::Restless { waited_for }))
    }

    /// What the bank has written down after its first `mark` entries, as far as that is seen.
    async fn trail_since(&self, mark: usize) -> Result<Vec<TrailEntry>, DriverError> {
        match &self.bank {
            Side::Inside(inside) => Ok(inside.portal().app().trail_since(mark)),
            Side::Outside(outside) => outside.trail_since(mark).await,
        }
    }

    /// Tells with this step what a bank in another process wrote down after its first `mark` entries.
    pub(super) async fn overhear(&self, mark: usize) {
        if let Side::Outside(outside) = &self.bank {
            // A bank that can't be asked any more has failed the step already, or fails the next.
            let said = outside.trail_since(mark).await.unwrap_or_default();
            self.ear.overhears(said);
        }
    }

    /// How much the bank has written down, as far as that is seen.
    pub(super) async fn bank_trail_length(&self) -> Result<usize, DriverError> {
        match &self.bank {
            Side::Inside(inside) => Ok(inside.portal().app().trail_noted()),
            Side::Outside(outside) => outside.trail_length().await,
        }
    }

    /// The inner reason of the last refusal since `mark`, as far as it is seen.
    pub(super) async fn refusal_since(&self, mark: usize) -> Result<Option<String>, DriverError> {
        let since = self.trail_since(mark).await?.into_iter().rev();
        // What the bank does by itself, as when it starts again, is no answer to anybody.
        let mut newest_first = since.filter(|entry| entry.origin != Origin::Bank);
        Ok(newest_first.find_map(|entry| match entry.outcome {
            Outcome::Refused { reason, .. } => Some(reason),
            Outcome::Done | Outcome::Failed { .. } => None,
        }))
    }

    pub(super) fn person(&self, id: PersonId) -> &Person {
        self.scene.roster.person(id)
    }

    /// The PIN that he knows: his first one, or the one he was given since.
    pub(super) fn pin(&self, id: PersonId) -> Concealed {
        let given = self.pins.get(&id);
        given.unwrap_or(&self.person(id).pin).clone()
    }

    pub(super) fn place(&self, id: PersonId) -> &Place {
        self.places.get(&id).unwrap_or(&self.person(id).place)
    }

    pub(super) fn machine(&self, pc: &str) -> Result<&Arc<Machine>, DriverError> {
        let found = self.machines.get(pc);
        found.ok_or_else(|| DriverError::NoSuchPc(pc.to_owned()))
    }

    /// He sits down: the PC is switched on if need be, and his OS user is at the console.
    pub(super) fn sit(&mut self, id: PersonId, change: &PlaceChange) -> Result<Desk, DriverError> {
        let place = self.place(id).changed(change);
        let machine = Arc::clone(self.machine(&place.pc)?);
        let profile = ProfileName::new(&place.profile);
        machine.with(|pc| {
            if pc.power() == Power::Off {
                pc.boot();
            }
            match pc.at_console() {
                Ok(console) if *console == profile => Ok(()),
                _ => pc.log_on(&profile),
            }
        })?;
        if let Some(desk) = self.desks.get(&(id, place.clone())) {
            return Ok(desk.clone());
        }
        self.new_desk(machine, &place.browser)
    }

    /// Remembers where he left the window.
    pub(super) fn leave(&mut self, id: PersonId, change: &PlaceChange, desk: Desk) {
        let place = self.place(id).changed(change);
        self.desks.insert((id, place), desk);
    }

    pub(super) fn new_desk(
        &self,
        machine: Arc<Machine>,
        browser: &str,
    ) -> Result<Desk, DriverError> {
        let clock = Arc::new(WallClock(self.clock.clone()));
        let site = Arc::clone(&self.site);
        let mut first = Desk::sit_down(machine, site, clock, self.wire.clone())?;
        let browser = BrowserName::new(browser);
        if first.seat().browser == browser {
            return Ok(first);
        }
        let desk = first.another_browser(browser)?;
        first.close_window();
        Ok(desk)
    }

    /// Another PC with the same OS user, for the time of one interruption.
    pub(super) fn spare_machine(&self, profile: &ProfileName) -> Result<Arc<Machine>, DriverError> {
        let mut pc = new_pc("PC-2ND", &self.roots).with_profile(profile.clone());
        pc.log_on(profile)?;
        Ok(Machine::new(pc))
    }

    /// Whom the bank would call him; none for one who can't be on its books.
    pub(super) fn subscriber(&self, id: PersonId) -> Result<Subscriber, DriverError> {
        let settings = &self.scene.settings;
        let person = self.person(id);
        let contract = ContractId::parse(&person.contract, &settings.contract_id_format)?;
        Ok(match person.user() {
            Some(user) => {
                Subscriber::user(contract, UserId::parse(user, &settings.user_id_format)?)
            }
            None => Subscriber::administrator(contract),
        })
    }
}

fn new_pc(name: &str, roots: &[CertificateDer<'static>]) -> Pc {
    roots.iter().cloned().fold(Pc::new(name), Pc::with_root)
}

fn unopenable(url: &str) -> DriverError {
    DriverError::Workstation(workstation::WorkstationError::NotHttps {
        url: url.to_owned(),
    })
}
