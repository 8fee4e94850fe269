//! A bank on the network with people in it, and a small browser to work it.

mod browser;
mod page;

use std::sync::Arc;

use sealbank_bank::settings::KeyAlgorithm;
use sealbank_bank::{
    AdminAct, BankProfile, Command, Condition, ContractId, Member, Pin, PinCost, Rights, SessionId,
    Settings, Subscriber, UserId,
};
use sealbank_ca::Authority;
use sealbank_journal::{Journal, MemoryJournal};
use sealbank_portal::{
    Clock, ContractEntry, Faults, Limits, Listen, Outcome, Portal, PortalError, PortalOptions,
    Trail, UserEntry,
};
use time::macros::datetime;

pub(crate) use browser::{Browser, Certificate, Site, TLS_VERSIONS, request_of};
pub(crate) use page::Page;

pub(crate) const CONTRACT: &str = "99990000001";
pub(crate) const ADMIN_PIN: &str = "Admin0001";
pub(crate) const CONFIRMATION: &str = "Kakunin01";
pub(crate) const TARO: &str = "keiri01";
pub(crate) const TARO_PIN: &str = "Test0001";
pub(crate) const HANAKO: &str = "shacho";
pub(crate) const HANAKO_PIN: &str = "abc123";

/// A bank with one contract, its administrator, and two users.
pub(crate) struct World {
    pub(crate) portal: Portal,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
}

/// The procedure's settings, with keys and PINs that cost little.
pub(crate) fn light() -> Settings {
    Settings {
        pin_cost: PinCost::LIGHT,
        key_algorithm: KeyAlgorithm::P256,
        ..Settings::default()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(light()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        Self::on(settings, Arc::new(MemoryJournal::new())).await
    }

    /// A new bank on `journal`, with its people.
    pub(crate) async fn on(settings: Settings, journal: Arc<dyn Journal>) -> Self {
        Self::peopled(settings, journal, Arc::new(Authority::ephemeral().unwrap())).await
    }

    /// As [`World::on`], with an authority of one's own.
    pub(crate) async fn peopled(
        settings: Settings,
        journal: Arc<dyn Journal>,
        authority: Arc<Authority>,
    ) -> Self {
        let world = Self::open(settings, journal, authority, Listen::default())
            .await
            .unwrap();
        let administrator = ContractEntry {
            contract: CONTRACT.to_owned(),
            name: "株式会社サンプル商事".to_owned(),
            pin: ADMIN_PIN.into(),
            confirmation: CONFIRMATION.into(),
        };
        let app = world.portal.app();
        app.open_contract(administrator.clone()).await.unwrap();
        for (user, name, pin, rights) in [
            (TARO, "試験 太郎", TARO_PIN, Rights::Ordinary),
            (HANAKO, "検証 花子", HANAKO_PIN, Rights::ResetAdministrator),
        ] {
            let entry = UserEntry {
                user: user.to_owned(),
                name: name.to_owned(),
                pin: pin.into(),
                rights,
            };
            app.register_user(administrator.clone(), entry)
                .await
                .unwrap();
        }
        world
    }

    pub(crate) async fn open(
        settings: Settings,
        journal: Arc<dyn Journal>,
        authority: Arc<Authority>,
        listen: Listen,
    ) -> Result<Self, PortalError> {
        Self::open_with(settings, journal, authority, listen, Faults::default()).await
    }

    /// As [`World::open`], with what is to go wrong.
    pub(crate) async fn open_with(
        settings: Settings,
        journal: Arc<dyn Journal>,
        authority: Arc<Authority>,
        listen: Listen,
        faults: Faults,
    ) -> Result<Self, PortalError> {
        let clock = Clock::fixed(datetime!(2031-04-01 09:00 +09:00));
        let portal = Portal::start(PortalOptions {
            settings: settings.clone(),
            profile: BankProfile::default(),
            journal: Arc::clone(&journal),
            authority: Arc::clone(&authority),
            clock: clock.clone(),
            listen,
            limits: Limits::default(),
            faults: faults.clone(),
            trail: Trail::default(),
        })
        .await?;
        Ok(Self {
            portal,
            journal,
            authority,
            settings,
            clock,
            faults,
        })
    }

    /// Shuts the bank down and starts it again on the same journal, addresses and clock.
    pub(crate) async fn restarted(self) -> Self {
        let now = self.clock.now();
        let listen = self.portal.listen_again();
        self.portal.shutdown().await;
        let (settings, journal, authority) = (self.settings, self.journal, self.authority);
        let again = Self::open_with(settings, journal, authority, listen, self.faults)
            .await
            .unwrap();
        again.portal.app().set_clock(now).await.unwrap();
        again
    }

    pub(crate) fn site(&self) -> Site {
        Site::of(&self.portal)
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.site(), None)
    }

    pub(crate) fn browser_with(&self, certificate: &Certificate) -> Browser {
        Browser::new(self.site(), Some(certificate.clone()))
    }

    pub(crate) fn contract(&self) -> ContractId {
        ContractId::parse(CONTRACT, &self.settings.contract_id_format).unwrap()
    }

    pub(crate) fn subscriber(&self, user: &str) -> Subscriber {
        let user = UserId::parse(user, &self.settings.user_id_format).unwrap();
        Subscriber::user(self.contract(), user)
    }

    pub(crate) fn member(&self, user: &str) -> Member {
        let subscriber = self.subscriber(user);
        let member = self
            .portal
            .app()
            .bank(|bank| bank.member(&subscriber).cloned());
        member.unwrap()
    }

    /// The user's condition, where every certificate's key is where it belongs or none is.
    pub(crate) fn condition(&self, user: &str, holds_key: bool) -> Condition {
        Condition::of(&self.member(user), self.clock.now(), |_| holds_key)
    }

    /// 発行 at the counter.
    pub(crate) async fn grant(&self, user: &str) {
        let subscriber = self.subscriber(user);
        self.perform(Command::CounterGrant { subscriber }).await;
    }

    /// Makes the user's certificate ready to be retrieved, whatever became of the one before.
    pub(crate) async fn ready(&self, user: &str) {
        match self.condition(user, false) {
            Condition::Fresh => self.grant(user).await,
            Condition::AwaitingRetrieval => {}
            _ => self.reinitialize(user).await,
        }
        assert_eq!(self.condition(user, false), Condition::AwaitingRetrieval);
    }

    /// 再発行（初期化） at the counter.
    pub(crate) async fn reinitialize(&self, user: &str) {
        let subscriber = self.subscriber(user);
        self.perform(Command::CounterReinitialize { subscriber })
            .await;
    }

    pub(crate) async fn perform(&self, command: Command) {
        self.portal.app().perform(command).await.unwrap();
    }

    /// One act of the administrator, without a screen.
    pub(crate) async fn administer(&self, act: AdminAct) {
        let contract = self.contract();
        let session = SessionId(sealbank_bank::Fingerprint([7; 32]));
        self.perform(Command::LogOn {
            subscriber: Subscriber::administrator(contract.clone()),
            pin: Pin::new(ADMIN_PIN),
            session,
        })
        .await;
        self.perform(Command::Administer {
            contract: contract.clone(),
            session,
            confirmation: Pin::new(CONFIRMATION),
            act,
        })
        .await;
        self.perform(Command::LogOff { contract, session }).await;
    }

    /// 発行 and a whole retrieval.
    pub(crate) async fn retrieved(&self, user: &str, pin: &str) -> Certificate {
        self.grant(user).await;
        self.browser().retrieve(user, pin).await
    }

    /// The inner reason of the newest refusal.
    pub(crate) fn last_reason(&self) -> String {
        let trail = self.portal.app().trail();
        let refused = trail
            .into_iter()
            .rev()
            .find_map(|entry| match entry.outcome {
                Outcome::Refused { reason, .. } => Some(reason),
                Outcome::Done | Outcome::Failed { .. } => None,
            });
        refused.unwrap_or_default()
    }
}
