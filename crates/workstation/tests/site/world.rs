//! One test's world: the fake bank on two origins, a PC, and a person at it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use sealbank_workstation::{
    Advance, Concealed, Desk, Machine, Pc, Point, ProfileName, Retrieval, RetrievalOptions, Site,
    StandingClock, StoreState, Trail, UserCredentials,
};
use tokio::sync::mpsc;

use crate::bank::{Bank, News};
use crate::pki::{HOSTS, Pki, moment};
use crate::server::{Asks, Speaks, Tickets, config, serve};

pub(crate) struct World {
    pub(crate) bank: Arc<Bank>,
    pub(crate) news: mpsc::UnboundedReceiver<News>,
    pub(crate) site: Arc<Site>,
    pub(crate) machine: Arc<Machine>,
    pub(crate) clock: Arc<StandingClock>,
    pub(crate) trail: Trail,
}

/// What a world's bank does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) asks: Asks,
    pub(crate) speaks: Speaks,
    pub(crate) tickets: Tickets,
    pub(crate) popups: u8,
    pub(crate) hangs: Option<&'static str>,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            asks: Asks::Optionally,
            speaks: Speaks::Tls13,
            tickets: Tickets::No,
            popups: 2,
            hangs: None,
        }
    }
}

pub(crate) fn keiri() -> ProfileName {
    ProfileName::new(r"OFFICE\keiri01")
}

pub(crate) fn administrator() -> ProfileName {
    ProfileName::new(r"PC-A\Administrator")
}

pub(crate) fn taro() -> UserCredentials {
    UserCredentials::new("99990000001", "keiri01", "Test0001")
}

pub(crate) fn pin() -> Concealed {
    Concealed::new("Test0001")
}

impl World {
    pub(crate) async fn new(setting: Setting) -> Self {
        let pki = Pki::named("TEST ONLY");
        let root = pki.root();
        let ib_tls = config(&pki, Asks::Never, setting.speaks, setting.tickets);
        let cert_tls = config(&pki, setting.asks, setting.speaks, setting.tickets);
        let (sender, news) = mpsc::unbounded_channel();
        let bank = Arc::new(Bank {
            pki,
            popups: setting.popups,
            hangs: setting.hangs,
            seen: Mutex::default(),
            news: sender,
            cert_origin: Mutex::default(),
        });
        let ib = serve(ib_tls, Arc::clone(&bank)).await;
        let cert = serve(cert_tls, Arc::clone(&bank)).await;
        let site = site(ib, cert, vec![root.clone()]);
        let cert_origin = site.cert.origin().ascii_serialization();
        *bank.cert_origin.lock().unwrap() = cert_origin;
        let mut pc = Pc::new("PC-A")
            .with_profile(keiri())
            .with_profile(administrator())
            .with_root(root);
        pc.log_on(&keiri()).unwrap();
        Self {
            bank,
            news,
            site: Arc::new(site),
            machine: Machine::new(pc),
            clock: Arc::new(StandingClock::at(moment())),
            trail: Trail::default(),
        }
    }

    pub(crate) async fn usual() -> Self {
        Self::new(Setting::default()).await
    }

    pub(crate) fn desk(&self) -> Desk {
        let clock = Arc::clone(&self.clock);
        Desk::sit_down(
            Arc::clone(&self.machine),
            Arc::clone(&self.site),
            clock,
            self.trail.clone(),
        )
        .unwrap()
    }

    pub(crate) fn store(&self, profile: &ProfileName) -> StoreState {
        self.machine
            .with(|pc| pc.profile(profile).unwrap().store.state())
    }

    /// A desk whose OS user has an installed certificate and a freshly started browser.
    pub(crate) async fn desk_with_certificate(&self) -> Desk {
        let mut desk = self.desk();
        let advance = desk
            .retrieve(taro(), RetrievalOptions::default())
            .await
            .unwrap();
        assert!(matches!(advance, Advance::Finished(_)), "{advance:?}");
        desk.close_all_windows();
        desk
    }

    /// A retrieval that stands at `point`.
    pub(crate) async fn held_at(&self, desk: &mut Desk, point: Point) -> Retrieval {
        let mut retrieval = Retrieval::begin(desk, taro(), RetrievalOptions::default()).unwrap();
        assert_eq!(
            retrieval.advance_to(point).await.unwrap(),
            Advance::Held(point)
        );
        retrieval
    }

    pub(crate) fn fates(&self) -> Vec<String> {
        let line = |e: &sealbank_workstation::Exchange| {
            let text = e.to_string();
            let origins = [
                (self.site.ib.as_str(), "ib/"),
                (self.site.cert.as_str(), "cert/"),
            ];
            let text = origins
                .iter()
                .fold(text, |t, (url, name)| t.replace(url, name));
            let text = match &e.presented {
                Some(serial) => text.replace(serial, "SERIAL"),
                None => text,
            };
            text.split_once(": ")
                .map_or(text.clone(), |(_, rest)| rest.to_owned())
        };
        self.trail.exchanges().iter().map(line).collect()
    }
}

pub(crate) fn site(
    ib: SocketAddr,
    cert: SocketAddr,
    roots: Vec<rustls_pki_types::CertificateDer<'static>>,
) -> Site {
    let url = |host: &str, address: SocketAddr| {
        format!("https://{host}:{}/", address.port())
            .parse()
            .unwrap()
    };
    let addresses = BTreeMap::from([(HOSTS[0].to_owned(), ib), (HOSTS[1].to_owned(), cert)]);
    Site::new(url(HOSTS[0], ib), url(HOSTS[1], cert), addresses, roots)
}
