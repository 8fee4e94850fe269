//! The portal as one thing: its listeners open, its bank at work, until it is shut down.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rustls::ServerConfig;
use rustls_pki_types::CertificateDer;
use sealbank_bank::{BankProfile, Settings};
use sealbank_ca::Authority;
use sealbank_journal::Journal;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::activity::Load;
use crate::app::App;
use crate::clock::Clock;
use crate::control;
use crate::error::PortalError;
use crate::fault::{Faults, Life};
use crate::indoors::Indoors;
use crate::keyboard::Keyboards;
use crate::limits::Limits;
use crate::listen::{Door, Keeper, Listen};
use crate::origin::Origin;
use crate::route;
use crate::site::{Addresses, Site};
use crate::succession::{Succession, Successor};
use crate::tls;
use crate::trail::Trail;
use crate::web_ca::WebCa;
use crate::work;

/// How often the bank looks at a running clock by itself: deadlines, expiries, notices, time-outs.
const ROUND: Duration = Duration::from_secs(30);

/// What a portal is made of.
#[derive(Clone)]
pub struct PortalOptions {
    /// The bank's rules.
    pub settings: Settings,
    /// The bank's name and subject.
    pub profile: BankProfile,
    /// Where everything is recorded; a journal with a bank in it brings that bank back to work.
    pub journal: Arc<dyn Journal>,
    /// Who signs the client certificates.
    pub authority: Arc<Authority>,
    /// The one clock.
    pub clock: Clock,
    /// Where to listen.
    pub listen: Listen,
    /// How much a client may take.
    pub limits: Limits,
    /// What is to go wrong. A bank that starts again after a crash is given the same, so that counts go on.
    pub faults: Faults,
    /// What happens is noted here. A bank that starts again is given the same, so that it goes on.
    pub trail: Trail,
}

/// The bank on the network.
///
/// Dropped without [`Portal::shutdown`], it closes its listeners and lets what is in flight end by itself.
#[derive(Debug)]
pub struct Portal {
    site: Arc<Site>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Portal {
    /// Brings the journal's bank back to work and opens the listeners.
    ///
    /// # Errors
    /// Whatever is wrong with the settings, the journal, the authority or the addresses, see [`PortalError`].
    /// Nothing is left running then.
    pub async fn start(options: PortalOptions) -> Result<Self, PortalError> {
        let listen = &options.listen;
        if !listen.control.ip().is_loopback() {
            return Err(PortalError::ControlNotLoopback(listen.control));
        }
        listen.hosts.check()?;
        let ib = Door::bind(Origin::Ib, listen.ib).await?;
        let cert = Door::bind(Origin::Cert, listen.cert).await?;
        let control = Door::bind(Origin::Control, listen.control).await?;
        let addresses = Addresses {
            ib: address(Origin::Ib, &ib, listen.ib)?,
            cert: address(Origin::Cert, &cert, listen.cert)?,
            control: address(Origin::Control, &control, listen.control)?,
            hosts: listen.hosts.clone(),
        };
        let site = at_work(options, addresses).await?;
        let ib_config = tls::ib_config(&site.app, &site.web)?;
        let cert_config = tls::cert_config(&site.app, &site.web)?;
        let doors = [
            door(&site, Origin::Ib, ib, Some(ib_config), route::ib(&site)),
            door(
                &site,
                Origin::Cert,
                cert,
                Some(cert_config),
                route::cert(&site),
            ),
            door(
                &site,
                Origin::Control,
                control,
                None,
                control::routes(&site),
            ),
        ];
        Ok(Self::opened(site, doors))
    }

    /// Brings the journal's bank back to work without a listener; [`Portal::indoors`] is the only door. Its addresses
    /// are names alone.
    ///
    /// # Errors
    /// As [`Portal::start`], the addresses aside.
    pub async fn start_indoors(options: PortalOptions) -> Result<Self, PortalError> {
        let named = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let addresses = Addresses {
            ib: named(8443),
            cert: named(8444),
            control: named(8445),
            hosts: options.listen.hosts.clone(),
        };
        addresses.hosts.check()?;
        let site = at_work(options, addresses).await?;
        Ok(Self::opened(site, []))
    }

    /// The door for those in the same process; sessions are resumed only by the door that began them.
    #[must_use]
    pub fn indoors(&self) -> Indoors {
        Indoors::new(&self.site, self.stop.subscribe())
    }

    /// Where it can be reached.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.site.addresses
    }

    /// What PCs have to trust to reach it.
    #[must_use]
    pub fn web_root(&self) -> &CertificateDer<'static> {
        self.site.web.root()
    }

    /// The bank at work.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.site.app
    }

    /// The same addresses and web server certificates again: for a bank that starts anew on its journal.
    #[must_use]
    pub fn listen_again(&self) -> Listen {
        let addresses = &self.site.addresses;
        Listen {
            ib: addresses.ib,
            cert: addresses.cert,
            control: addresses.control,
            hosts: addresses.hosts.clone(),
            web: Some(Arc::clone(&self.site.web)),
        }
    }

    /// What is to go wrong; rules can be set and cleared at any time.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        self.site.app.faults()
    }

    /// The banks that are to take the place of this one, as the control listener is asked for them (`PUT /bank`,
    /// `POST /bank/restart`).
    /// Whoever calls this opens them; before, they are refused.
    #[must_use]
    pub fn successors(&self) -> mpsc::Receiver<Successor> {
        self.site.succession.listen()
    }

    /// Waits until a rule has crashed the bank: its doors are shut, nobody is answered, nothing is worked on any more.
    /// Another may start on the journal then.
    pub async fn crashed(&self) {
        self.site.app.bell.rings().await;
        self.site.app.activity.until(Load::is_idle).await;
    }

    /// Whether a rule has crashed the bank. Its connections may be dying still.
    #[must_use]
    pub fn has_crashed(&self) -> bool {
        self.site.app.bell.has_rung()
    }

    /// Waits until no customer is connected and nothing is being worked on, as after a cut connection.
    pub async fn settled(&self) {
        self.site.app.activity.until(Load::is_settled).await;
    }

    /// Stops accepting, lets what is in flight end within the limit, and closes.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            // A door ends by its own; one that panicked has ended too.
            let _ = task.await;
        }
        let idle = self.site.app.activity.until(Load::is_idle);
        if tokio::time::timeout(self.site.limits.drain, idle)
            .await
            .is_err()
        {
            tracing::warn!("shut down with connections or commands still under way");
        }
    }

    fn opened<const DOORS: usize>(site: Arc<Site>, doors: [Door; DOORS]) -> Self {
        let (stop, told) = watch::channel(false);
        let mut tasks: Vec<JoinHandle<()>> = doors
            .into_iter()
            .map(|door| tokio::spawn(door.serve(told.clone())))
            .collect();
        site.app.faults().mark(Life::Alive);
        tasks.push(tokio::spawn(bury(&site.app, told.clone())));
        if site.app.clock().runs() {
            tasks.push(tokio::spawn(make_rounds(Arc::clone(&site.app), told)));
        }
        Self { site, stop, tasks }
    }
}

/// Says that the bank has crashed, once nothing of it moves any more. Holds nothing of the bank itself: whoever waits
/// for this may open the same journal next.
fn bury(app: &Arc<App>, mut told: watch::Receiver<bool>) -> impl Future<Output = ()> + use<> {
    let (bell, activity, faults) = (app.bell.clone(), app.activity.clone(), app.faults().clone());
    async move {
        tokio::select! {
            biased;
            () = bell.rings() => {}
            _ = told.wait_for(|stop| *stop) => return,
        }
        activity.until(Load::is_idle).await;
        faults.mark(Life::Crashed);
    }
}

/// Lets a running clock's time reach the bank also when nobody comes.
async fn make_rounds(app: Arc<App>, mut told: watch::Receiver<bool>) {
    let mut rounds = tokio::time::interval(ROUND);
    loop {
        tokio::select! {
            _ = rounds.tick() => {}
            _ = told.changed() => return,
            () = app.bell.rings() => return,
        }
        // A failure is in the trail; the next round tries again.
        let _ = app.let_time_pass().await;
    }
}

/// Brings the journal's bank back to work, as it is to be reached at `addresses`.
async fn at_work(options: PortalOptions, addresses: Addresses) -> Result<Arc<Site>, PortalError> {
    let PortalOptions {
        settings,
        profile,
        journal,
        authority,
        clock,
        listen,
        limits,
        faults,
        trail,
    } = options;
    let web = match listen.web {
        Some(web) => web,
        None => Arc::new(WebCa::new(&[&addresses.hosts.ib, &addresses.hosts.cert])?),
    };
    let medium = journal.medium();
    let recovery =
        move || App::recovered(settings, profile, journal, authority, clock, faults, trail);
    let app = work::done(&medium, recovery).await??;
    Ok(Arc::new(Site {
        app: Arc::new(app),
        addresses,
        limits,
        keyboards: Keyboards::default(),
        web,
        succession: Succession::default(),
    }))
}

fn door(
    site: &Arc<Site>,
    origin: Origin,
    listener: TcpListener,
    tls: Option<ServerConfig>,
    router: Router,
) -> Door {
    Door {
        listener,
        keeper: Keeper {
            origin,
            tls: tls.map(|config| TlsAcceptor::from(Arc::new(config))),
            router,
            app: Arc::clone(&site.app),
            limits: site.limits,
        },
    }
}

fn address(
    origin: Origin,
    listener: &TcpListener,
    address: std::net::SocketAddr,
) -> Result<std::net::SocketAddr, PortalError> {
    listener.local_addr().map_err(|source| PortalError::Listen {
        origin,
        address,
        source,
    })
}
