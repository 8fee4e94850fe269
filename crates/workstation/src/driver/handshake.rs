//! The courier's way through TLS: what the browser can present, what it remembers of it, and what
//! a failed handshake means.

use std::io;
use std::sync::Arc;

use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Position, Url};

use crate::alert::{TlsAlert, tls_error_in};
use crate::browser::{ChoiceMemory, Resumption};
use crate::certificate::Certificate;
use crate::choice::{Answer, Candidate, Choice};
use crate::clock::PcClock;
use crate::driver::greeting::shake_hands;
use crate::driver::http::{Broken, LARGEST_ANSWER, chain_of};
use crate::driver::passage::Log;
use crate::driver::tls::{Line, Offered, Wallet};
use crate::driver::{Courier, lost};
use crate::error::WorkstationError;
use crate::network::Channel;
use crate::origin::Origin;
use crate::outcome::{Outcome, Refuser};
use crate::pc::Pc;
use crate::store::StoredCertificate;
use crate::wire::Fate;

impl Courier {
    pub(super) fn line(&self, origin: &Origin) -> Result<Arc<Line>, WorkstationError> {
        let resumption = self.browser(|browser| browser.resumption)?;
        let clock = self.pc_clock();
        let wallet = self.wallet(origin, &clock)?;
        let kept = match resumption {
            Resumption::On => self.machine.line(&self.seat, origin),
            Resumption::Off => None,
        };
        let line = match kept {
            Some(line) => line,
            None => Arc::new(Line::new(
                origin.clone(),
                &self.site.roots,
                clock,
                resumption,
            )?),
        };
        line.person.prepare(wallet);
        if resumption == Resumption::On {
            self.machine
                .keep_line(&self.seat, origin, Arc::clone(&line));
        }
        Ok(line)
    }

    /// The time as the PC has it.
    pub(super) fn pc_clock(&self) -> PcClock {
        let skew = self.machine.with(|pc| pc.skew);
        PcClock::new(Arc::clone(&self.clock), skew)
    }

    fn wallet(&self, origin: &Origin, clock: &PcClock) -> Result<Wallet, WorkstationError> {
        let (remembered, policies) =
            self.browser(|browser| (browser.choices().of(origin), browser.policies.clone()))?;
        self.machine.with(|pc: &mut Pc| {
            let certificates = pc.profile(&self.seat.profile)?.store.certificates();
            let offered = certificates
                .into_iter()
                .filter(|stored| stored.is_offered_at(clock.now()));
            Ok(Wallet {
                remembered,
                offered: offered.map(offer).collect(),
                policies,
                pick: self.pick.clone(),
            })
        })
    }

    pub(super) async fn connect(
        &self,
        url: &Url,
        origin: &Origin,
        line: &Line,
    ) -> Result<io::Result<Box<dyn Channel>>, WorkstationError> {
        let host = origin.host();
        let not_https = || WorkstationError::NotHttps {
            url: url[..Position::BeforeQuery].to_owned(),
        };
        let name = ServerName::try_from(host.to_owned()).map_err(|_| not_https())?;
        if url.scheme() != "https" {
            return Err(not_https());
        }
        if let Some(network) = &self.site.network {
            let shaken = shake_hands(network.as_ref(), origin, &name, line);
            return self.in_good_time(origin, shaken).await;
        }
        let address = self.site.address(origin).ok_or_else(|| {
            let known: Vec<&str> = self.site.addresses.keys().map(String::as_str).collect();
            WorkstationError::UnknownHost {
                host: host.to_owned(),
                known: known.join(", "),
            }
        })?;
        let tls = TlsConnector::from(Arc::clone(&line.config));
        let shaken = async {
            let connection = |e: io::Error| lost(origin, "connecting", e.to_string());
            let tcp = TcpStream::connect(address).await.map_err(connection)?;
            tcp.set_nodelay(true).map_err(connection)?;
            let shaken = tls.connect(name, tcp).await;
            Ok(shaken.map(|stream| Box::new(stream) as Box<dyn Channel>))
        };
        self.in_good_time(origin, shaken).await
    }

    /// Waits for a handshake, but not for ever.
    async fn in_good_time<T>(
        &self,
        origin: &Origin,
        shaken: impl Future<Output = Result<T, WorkstationError>>,
    ) -> Result<T, WorkstationError> {
        let patience = self.site.patience;
        tokio::time::timeout(patience, shaken)
            .await
            .unwrap_or_else(|_elapsed| {
                Err(lost(
                    origin,
                    "TLS handshake",
                    format!("nothing came within {patience:?}"),
                ))
            })
    }

    /// Writes the picker's answer into the browser; answers the serial that was presented.
    pub(super) fn remember(
        &self,
        line: &Line,
        origin: &Origin,
    ) -> Result<Option<String>, WorkstationError> {
        match line.person.answered() {
            None => Ok(None),
            Some(Answer::NotOffered { offered }) => Err(WorkstationError::NotOffered {
                origin: origin.clone(),
                wanted: format!("{:?}", self.pick),
                offered: offered.join(", "),
            }),
            Some(Answer::Give(choice)) => {
                self.browser(|browser| browser.choices_mut().remember(origin.clone(), choice))?;
                let Choice::Certificate(fingerprint) = choice else {
                    return Ok(None);
                };
                self.machine.with(|pc| {
                    let store = &pc.profile(&self.seat.profile)?.store;
                    Ok(store
                        .get(fingerprint)
                        .map(|s| s.certificate().serial().to_owned()))
                })
            }
        }
    }

    pub(super) fn handshake_failed(
        &self,
        error: &io::Error,
        line: &Line,
        origin: &Origin,
        log: Log,
    ) -> Result<Outcome, WorkstationError> {
        if let Some(alert) = TlsAlert::in_chain(error) {
            return Ok(self.refused(Some(alert), Refuser::Server, line, origin, log));
        }
        match tls_error_in(error) {
            Some(own @ (rustls::Error::InvalidCertificate(_) | rustls::Error::General(_))) => {
                let by = Refuser::Pc {
                    reason: own.to_string(),
                };
                Ok(self.refused(None, by, line, origin, log))
            }
            None if line.person.answered().is_some() => {
                Ok(self.refused(None, Refuser::Server, line, origin, log))
            }
            _ => {
                let detail = chain_of(error);
                self.trail.record(log.end(Fate::Failed {
                    detail: detail.clone(),
                }));
                Err(lost(origin, "TLS handshake", detail))
            }
        }
    }

    pub(super) fn broken(
        &self,
        broken: Broken,
        line: &Line,
        url: &Url,
        log: Log,
    ) -> Result<Outcome, WorkstationError> {
        let origin = Origin::of(url);
        self.show_error_page();
        let error = match broken {
            Broken::Alert(alert) => {
                return Ok(self.refused(Some(alert), Refuser::Server, line, &origin, log));
            }
            Broken::TooLarge => WorkstationError::AnswerTooLarge {
                origin,
                path: url.path().to_owned(),
                limit: LARGEST_ANSWER,
            },
            Broken::Lost(detail) => lost(&origin, "waiting for the answer", detail),
        };
        self.trail.record(log.end(Fate::Failed {
            detail: error.to_string(),
        }));
        Err(error)
    }

    fn refused(
        &self,
        alert: Option<TlsAlert>,
        by: Refuser,
        line: &Line,
        origin: &Origin,
        log: Log,
    ) -> Outcome {
        self.trail.record(log.end(Fate::TlsRefused { alert }));
        self.show_error_page();
        // A window that was closed meanwhile has nothing left to forget.
        let _closed = self.browser(|browser| {
            let asked = line.person.answered().is_some();
            if asked && alert.is_some() && browser.memory == ChoiceMemory::ForgottenOnAlert {
                browser
                    .choices_mut()
                    .remember(origin.clone(), Choice::Unasked);
            }
        });
        Outcome::TlsRefused {
            origin: origin.clone(),
            alert,
            by,
        }
    }
}

fn offer(stored: &StoredCertificate) -> Offered {
    let leaf = stored.certificate();
    let above: Vec<Certificate> = stored
        .above()
        .iter()
        .filter_map(|der| Certificate::parse(der.clone()).ok())
        .collect();
    let sent = above
        .iter()
        .filter(|certificate| !certificate.is_self_issued());
    Offered {
        candidate: Candidate {
            fingerprint: leaf.fingerprint(),
            common_name: leaf.common_name().to_owned(),
            serial: leaf.serial().to_owned(),
            issuer_common_name: leaf.issuer_common_name().map(ToOwned::to_owned),
            issuers: [leaf]
                .into_iter()
                .chain(&above)
                .map(|c| c.issuer().to_vec())
                .collect(),
        },
        chain: [leaf]
            .into_iter()
            .chain(sent)
            .map(|c| c.der().clone())
            .collect(),
        key: stored.readable_key().cloned(),
    }
}
