//! [`World`]: one bank, its PCs and its people, made for one case and gone with it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sealbank_bank::{ContractId, Subscriber, UserId};
use sealbank_ca::Authority;
use sealbank_journal::{Journal, MemoryJournal};
use sealbank_portal::{
    Clock, ContractEntry, Faults, Limits, Listen, Outcome, Portal, PortalError, PortalOptions,
    UserEntry,
};
use sealbank_workstation::{
    self as workstation, BrowserName, Concealed, Desk, Machine, Pc, Power, ProfileName, Site, Trail,
};
use secrecy::SecretString;
use time::OffsetDateTime;

use super::chronicle::{BankEar, Stores};
use super::fault::Armed;
use crate::driver::indoors::Corridor;
use crate::driver::{DriverError, Way};
use crate::model::{Person, PersonId, Place, PlaceChange, Presence, Role};
use crate::plan::Scene;

/// How long the bank may take to come to rest; real time, and only ever used up by a defect.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// One bank with its customers.
pub(crate) struct World {
    pub(super) scene: Arc<Scene>,
    portal: Option<Portal>,
    /// How its PCs reach the bank; none: over sockets.
    corridor: Option<Corridor>,
    journal: Arc<dyn Journal>,
    authority: Arc<Authority>,
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

/// The bank's clock, as PCs read it.
#[derive(Debug)]
struct WallClock(Clock);

impl workstation::Clock for WallClock {
    fn now(&self) -> OffsetDateTime {
        self.0.now()
    }
}

impl World {
    /// Sets up everything that stands before the first step.
    pub(crate) async fn set_up(scene: &Arc<Scene>, way: Way) -> Result<Self, DriverError> {
        let authority = Arc::new(Authority::ephemeral()?);
        let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::new());
        let clock = Clock::fixed(scene.start);
        let faults = Faults::default();
        let listen = Listen::default();
        let options = options(scene, &journal, &authority, &clock, &faults, listen);
        let corridor = match way {
            Way::Sockets => None,
            Way::Indoors => Some(Corridor::default()),
        };
        let portal = open(options, corridor.as_ref()).await?;
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
        if let Some(corridor) = &corridor {
            corridor.leads_to(portal.indoors(), &site);
            site.network = Some(Arc::new(corridor.clone()));
        }
        let machines = scene.pcs.iter().map(|(name, profiles)| {
            let profiles = profiles.iter().map(ProfileName::new);
            let pc = Pc::new(name).with_root(authority.root_certificate().clone());
            let pc = profiles.fold(pc, Pc::with_profile);
            (name.clone(), Machine::new(pc))
        });
        let ear = BankEar::default();
        ear.starts(portal.app());
        let mut world = Self {
            scene: Arc::clone(scene),
            machines: machines.collect(),
            portal: Some(portal),
            corridor,
            journal,
            authority,
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
        world.register_people().await?;
        world.stores_told = world.stores();
        // What the bank did before the first step is no part of the story.
        let _before = world.ear.take();
        Ok(world)
    }

    /// Ends it: the bank shuts down in order.
    pub(crate) async fn close(mut self) {
        // Windows close first, so that no exchange is left in the air.
        for machine in self.machines.values() {
            machine.with(Pc::power_off);
        }
        self.close_corridor();
        if let Some(portal) = self.portal.take() {
            portal.shutdown().await;
        }
    }

    /// The bank stops, and starts again on the same journal and at the same addresses.
    pub(super) async fn restart_bank(&mut self) -> Result<(), DriverError> {
        let Some(portal) = self.portal.take() else {
            return Ok(());
        };
        let listen = portal.listen_again();
        self.hang_up();
        self.close_corridor();
        portal.shutdown().await;
        self.ear.stops();
        let options = options(
            &self.scene,
            &self.journal,
            &self.authority,
            &self.clock,
            &self.faults,
            listen,
        );
        let portal = open(options, self.corridor.as_ref()).await?;
        if let Some(corridor) = &self.corridor {
            corridor.leads_to(portal.indoors(), &self.site);
        }
        self.ear.starts(portal.app());
        self.portal = Some(portal);
        Ok(())
    }

    fn close_corridor(&self) {
        if let Some(corridor) = &self.corridor {
            corridor.ends();
        }
    }

    pub(super) fn portal(&self) -> &Portal {
        self.portal
            .as_ref()
            .expect("the bank is closed only between two starts and at the end")
    }

    /// Closes the connections that browsers only keep.
    fn hang_up(&self) {
        self.machines.values().for_each(|machine| machine.hang_up());
    }

    /// Waits until nobody is connected and nothing is being worked on.
    pub(super) async fn rest(&self, waited_for: &'static str) -> Result<(), DriverError> {
        self.hang_up();
        tokio::time::timeout(PATIENCE, self.portal().settled())
            .await
            .map_err(|_elapsed| DriverError::Restless { waited_for })
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
                let trail = self.portal().app().trail();
                let ended = trail
                    .iter()
                    .skip(mark)
                    .any(|entry| entry.what == last || !matches!(entry.outcome, Outcome::Done));
                if ended || self.is_cut_off() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, noted)
            .await
            .map_err(|_elapsed| DriverError::Restless { waited_for })
    }

    pub(super) fn bank_trail_length(&self) -> usize {
        self.portal().app().trail().len()
    }

    /// The inner reason of the last refusal since `mark`.
    pub(super) fn refusal_since(&self, mark: usize) -> Option<String> {
        let trail = self.portal().app().trail();
        let mut entries = trail.iter().skip(mark).rev();
        entries.find_map(|entry| match &entry.outcome {
            Outcome::Refused { reason, .. } => Some(reason.clone()),
            Outcome::Done | Outcome::Failed { .. } => None,
        })
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
        let root = self.authority.root_certificate().clone();
        let mut pc = Pc::new("PC-2ND")
            .with_root(root)
            .with_profile(profile.clone());
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

    async fn register_people(&self) -> Result<(), DriverError> {
        let app = self.portal().app();
        for (_, person) in self.scene.roster.iter() {
            let Role::Administrator { confirmation } = &person.role else {
                continue;
            };
            if person.presence == Presence::Later {
                continue;
            }
            let administrator = ContractEntry {
                contract: person.contract.clone(),
                name: person.title.clone(),
                pin: SecretString::from(person.pin.expose()),
                confirmation: SecretString::from(confirmation.expose()),
            };
            app.open_contract(administrator.clone()).await?;
            for (_, user) in self.scene.roster.iter() {
                let Role::User { user: id, rights } = &user.role else {
                    continue;
                };
                if user.contract != person.contract || user.presence == Presence::Later {
                    continue;
                }
                let entry = UserEntry {
                    user: id.clone(),
                    name: user.title.clone(),
                    pin: SecretString::from(user.pin.expose()),
                    rights: *rights,
                };
                app.register_user(administrator.clone(), entry).await?;
            }
        }
        Ok(())
    }
}

async fn open(options: PortalOptions, corridor: Option<&Corridor>) -> Result<Portal, PortalError> {
    match corridor {
        None => Portal::start(options).await,
        Some(_) => Portal::start_indoors(options).await,
    }
}

fn options(
    scene: &Scene,
    journal: &Arc<dyn Journal>,
    authority: &Arc<Authority>,
    clock: &Clock,
    faults: &Faults,
    listen: Listen,
) -> PortalOptions {
    PortalOptions {
        settings: scene.settings.clone(),
        profile: scene.profile.clone(),
        journal: Arc::clone(journal),
        authority: Arc::clone(authority),
        clock: clock.clone(),
        listen,
        limits: Limits::default(),
        faults: faults.clone(),
    }
}

fn unopenable(url: &str) -> DriverError {
    DriverError::Workstation(workstation::WorkstationError::NotHttps {
        url: url.to_owned(),
    })
}
