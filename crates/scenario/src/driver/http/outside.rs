//! [`Outside`]: a bank that is already running, of which nothing is seen but its screens, and what a control listener
//! lets somebody do.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use sealbank_portal::{Clock, FaultRule, FaultVerdict, Standing, TrailEntry};
use sealbank_workstation::{
    Desk, Machine, Outcome, Pc, ProfileName, Site, Trail, WorkstationError,
};
use time::Duration;
use url::Url;

use super::fault::Patience;
use super::world::WallClock;
use crate::driver::DriverError;
use crate::driver::control::Control;
use crate::model::Person;
use crate::observation::Sight;
use crate::plan::Scene;
use crate::target::Target;

/// The link of the first page that leads to the origin that asks for certificates.
const CERTIFICATE_LOGON: &str = "利用者ログオン（電子証明書方式）";

/// A bank that is already running.
pub(super) struct Outside {
    control: Option<Control>,
    /// The numbers of the faults that were set for the step that is under way.
    faults: Vec<u64>,
}

impl Outside {
    /// Finds the bank: how PCs reach it and what they trust. Its clock is from now on what `clock` shows, if it says.
    /// A target that is fresh for each case begins as `scene` says.
    pub(super) async fn find(
        target: &Target,
        scene: &Scene,
        clock: &Clock,
    ) -> Result<(Self, Site), DriverError> {
        let control = target.control.as_ref().map(Control::at);
        let outside = Self {
            control,
            faults: Vec::new(),
        };
        if target.fresh {
            let control = outside.control("a bank of its own for each case")?;
            control.replace(&scene.opening()).await?;
        }
        outside.read_clock(clock).await?;
        let mut roots = target.roots.clone();
        if let Some(control) = &outside.control {
            roots.extend(control.roots().await?);
        }
        if roots.is_empty() {
            return Err(DriverError::NobodyTrusted);
        }
        let addresses = BTreeMap::from([whereabouts(&target.ib).await?]);
        let ib = target.ib.clone();
        let mut site = Site::new(ib.clone(), ib, addresses, roots);
        site.cert = match &target.cert {
            Some(cert) => cert.clone(),
            None => learn_cert(&site, clock).await?,
        };
        let (name, address) = whereabouts(&site.cert).await?;
        site.addresses.insert(name, address);
        Ok((outside, site))
    }

    /// What has to be asked of the control listener; the error names `what` can't be done without.
    pub(super) fn control(&self, what: &'static str) -> Result<&Control, DriverError> {
        self.control.as_ref().ok_or(DriverError::OutOfReach {
            what,
            mend: "name the control listener of `sealbank serve` with --control, or leave it out here",
        })
    }

    /// From where the bank is seen.
    pub(super) fn sight(&self) -> Sight {
        match self.control {
            Some(_) => Sight::Books,
            None => Sight::Outside,
        }
    }

    /// How the books stand to somebody, if they are seen.
    pub(super) async fn standing(
        &self,
        whom: &Person,
        keys: &[String],
    ) -> Result<Option<Standing>, DriverError> {
        match &self.control {
            Some(control) => Ok(control.standing(&whom.contract, whom.user(), keys).await?),
            None => Ok(None),
        }
    }

    /// Stops the bank, and starts it again on its journal.
    pub(super) async fn restart(&self) -> Result<(), DriverError> {
        let control = self.control("stopping the bank and starting it again")?;
        Ok(control.restart().await?)
    }

    /// How long the bank's trail is, if it is seen.
    pub(super) async fn trail_length(&self) -> Result<usize, DriverError> {
        match &self.control {
            Some(control) => Ok(control.trail_length().await?),
            None => Ok(0),
        }
    }

    /// The bank's trail after its first `mark` entries, as far as it is seen.
    pub(super) async fn trail_since(&self, mark: usize) -> Result<Vec<TrailEntry>, DriverError> {
        match &self.control {
            Some(control) => Ok(control.trail_since(mark).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Sets `clock` to the bank's, if the bank says what it shows.
    pub(super) async fn read_clock(&self, clock: &Clock) -> Result<(), DriverError> {
        if let Some(control) = &self.control {
            clock.set(control.now().await?);
        }
        Ok(())
    }

    pub(super) async fn advance(&self, by: Duration, clock: &Clock) -> Result<(), DriverError> {
        let now = self.control("moving the clock")?.advance(by).await?;
        clock.set(now);
        Ok(())
    }

    /// Waits until the bank has come to rest, if it says so.
    pub(super) async fn settled(&self) -> Result<(), DriverError> {
        if let Some(control) = &self.control {
            control.settled().await?;
        }
        Ok(())
    }

    /// Tells the bank what is to go wrong in this step.
    pub(super) async fn arm(
        &mut self,
        rules: impl Iterator<Item = &FaultRule>,
    ) -> Result<(), DriverError> {
        self.disarm().await?;
        for rule in rules {
            if let (FaultVerdict::Crash { .. }, Some(control)) = (&rule.verdict, &mut self.control)
            {
                control.expect_gaps(true);
            }
            let id = self.control("faults")?.arm(rule).await?;
            self.faults.push(id);
        }
        Ok(())
    }

    /// How often each of what was to go wrong did. A bank that crashed says so once it is back.
    pub(super) async fn hits(&self) -> Result<Vec<u32>, DriverError> {
        if self.faults.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.control("faults")?.hits(&self.faults).await?)
    }

    /// How long people wait while the faults at these places are to hold an answer back.
    pub(super) fn patience(&self, places: impl Iterator<Item = usize>) -> Patience {
        match &self.control {
            Some(control) => Patience::Outside {
                control: Box::new(control.clone()),
                stalls: places
                    .filter_map(|place| self.faults.get(place).copied())
                    .collect(),
            },
            None => Patience::Endless,
        }
    }

    /// Frees the bank of what was to go wrong, and says how often each of it did.
    pub(super) async fn disarm(&mut self) -> Result<Vec<u32>, DriverError> {
        let hits = self.hits().await;
        for id in std::mem::take(&mut self.faults) {
            self.control("faults")?.clear(id).await?;
        }
        if let Some(control) = &mut self.control {
            control.expect_gaps(false);
        }
        hits
    }
}

/// Where a host is, as [`Site`] takes it.
async fn whereabouts(url: &Url) -> Result<(String, SocketAddr), DriverError> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(443);
    let name = format!("{host}:{port}");
    let unknown = |why: String| DriverError::NoSuchHost {
        host: name.clone(),
        why,
    };
    let bare = host.trim_matches(['[', ']']);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok((name, SocketAddr::new(address, port)));
    }
    if bare == "localhost" || bare.ends_with(".localhost") {
        // These names are this machine, whatever a name server says (RFC 6761, 6.3).
        return Ok((name, (Ipv4Addr::LOCALHOST, port).into()));
    }
    let mut found = tokio::net::lookup_host((bare, port))
        .await
        .map_err(|error| unknown(error.to_string()))?;
    match found.next() {
        Some(address) => Ok((name, address)),
        None => Err(unknown("it has no address".to_owned())),
    }
}

/// Looks on the first page where certificates are asked for.
async fn learn_cert(site: &Site, clock: &Clock) -> Result<Url, DriverError> {
    let profile = ProfileName::new("TESTER");
    let mut pc = Pc::new("PC-LOOK").with_profile(profile.clone());
    pc.log_on(&profile)?;
    let clock = Arc::new(WallClock(clock.clone()));
    let site = Arc::new(site.clone());
    let mut desk = Desk::sit_down(Machine::new(pc), Arc::clone(&site), clock, Trail::default())?;
    let seen = desk.open(&site.ib).await?;
    let link = match &seen {
        Outcome::Shown(screen) => {
            let mut links = screen.links().iter();
            links.find(|link| link.text == CERTIFICATE_LOGON)
        }
        Outcome::TlsRefused { .. } => None,
    };
    let Some(link) = link else {
        return Err(DriverError::NoWayIn {
            found: super::landed(seen).to_string(),
        });
    };
    let mut cert = link.url.clone();
    cert.set_path("/");
    cert.set_query(None);
    cert.set_fragment(None);
    if cert.scheme() != "https" {
        return Err(WorkstationError::NotHttps { url: cert.into() }.into());
    }
    Ok(cert)
}
