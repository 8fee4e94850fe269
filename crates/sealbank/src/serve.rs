//! `sealbank serve`: a bank to click through, in memory or in a directory that lasts.

mod nursery;
mod people;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use sealbank_bank::{BankProfile, Settings};
use sealbank_ca::{Authority, HierarchyOptions};
use sealbank_journal::{Journal, MemoryJournal, SqliteJournal};
use sealbank_portal::{Clock, Faults, Hosts, Limits, Listen, Portal, PortalOptions, Trail, Wish};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use time::OffsetDateTime;

use crate::args::ServeArguments;
use crate::exit::{Exit, Failure};
use nursery::Nursery;
use people::People;

/// The journal's file within a data directory.
pub(crate) const JOURNAL_FILE: &str = "journal.sqlite";

/// Where the root key's passphrase is taken from; an argument would stand in everybody's process list.
const PASSPHRASE: &str = "SEALBANK_ROOT_PASSPHRASE";

/// Why no other bank takes the place of one with a data directory.
const LASTS: &str =
    "this bank lasts and gives its place to no other; `sealbank serve` without --data does";

/// What is said when a fault has ended the bank.
const CRASHED: &str =
    "the bank crashed, as a fault asked it to (POST /faults); it starts again on its journal";

/// Runs the bank until it is told to stop.
pub(crate) fn serve(arguments: &ServeArguments) -> Result<Exit, Failure> {
    let people = People::of(arguments.people.as_deref())?;
    let BankFile { settings, profile } = match people.bank() {
        Some((settings, profile)) => BankFile { settings, profile },
        None => bank_file(arguments.settings.as_deref())?,
    };
    let settings = settings.validated().map_err(|errors| {
        let lines: Vec<String> = errors
            .iter()
            .map(|error| format!("error: {error}"))
            .collect();
        Failure::bad_input(lines.join("\n"))
    })?;
    let house = House::open(arguments)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::internal(format!("error: no threads could be started: {error}"))
        })?;
    runtime.block_on(run(arguments, settings, profile, house, &people))
}

async fn run(
    arguments: &ServeArguments,
    settings: Settings,
    profile: BankProfile,
    house: House,
    people: &People,
) -> Result<Exit, Failure> {
    let mut options = PortalOptions {
        settings,
        profile,
        journal: house.journal,
        authority: house.authority,
        clock: Clock::system(),
        listen: Listen {
            ib: SocketAddr::new(arguments.address, arguments.port),
            cert: SocketAddr::new(arguments.address, arguments.cert_port),
            control: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), arguments.control_port),
            hosts: Hosts::localhost(),
            web: None,
        },
        limits: Limits::default(),
        faults: Faults::default(),
        trail: Trail::default(),
    };
    let mut portal = opened(&options).await?;
    if portal.app().bank(|bank| bank.contracts().next().is_none()) {
        people.open(portal.app()).await?;
    }
    let stop = Stop::listen().map_err(|error| {
        Failure::internal(format!("error: Ctrl-C can't be listened for: {error}"))
    })?;
    tell(&portal, people, house.made_up_passphrase.as_ref());
    let mut stop = pin!(stop.told());
    let mut successors = portal.successors();
    let nursery = Nursery::default();
    loop {
        let next = tokio::select! {
            () = &mut stop => break,
            () = portal.crashed() => {
                anstream::eprintln!("{CRASHED}");
                options.clone()
            }
            Some(successor) = successors.recv() => {
                let next = match successor.wish() {
                    Wish::Restart => Ok(options.clone()),
                    Wish::Open(_) if arguments.data.is_some() => Err(LASTS.to_owned()),
                    Wish::Open(opening) => nursery.raise(opening).await,
                };
                match next {
                    Ok(next) => {
                        successor.takes_over();
                        next
                    }
                    Err(why) => {
                        successor.is_refused(why);
                        continue;
                    }
                }
            }
        };
        let listen = portal.listen_again();
        options = PortalOptions { listen, ..next };
        portal.shutdown().await;
        portal = opened(&options).await?;
        successors = portal.successors();
    }
    anstream::eprintln!("stopping: what is in flight is finished first");
    portal.shutdown().await;
    Ok(Exit::Success)
}

async fn opened(options: &PortalOptions) -> Result<Portal, Failure> {
    let portal = Portal::start(options.clone()).await;
    portal.map_err(|error| Failure::internal(format!("error: {error}")))
}

/// Ctrl-C, or the service manager's word. Listened for before anybody is told that the bank is open: whoever reads that
/// may stop it at once, and a signal that nobody listens for would kill it.
#[cfg(unix)]
pub(crate) struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    pub(crate) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    pub(crate) async fn told(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C, listened for before anybody is told that the bank is open.
#[cfg(windows)]
pub(crate) struct Stop(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Stop {
    pub(crate) fn listen() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    pub(crate) async fn told(mut self) {
        self.0.recv().await;
    }
}

/// Where the bank's records and keys are.
struct House {
    journal: Arc<dyn Journal>,
    authority: Arc<Authority>,
    made_up_passphrase: Option<(SecretString, PathBuf)>,
}

impl House {
    fn open(arguments: &ServeArguments) -> Result<Self, Failure> {
        match &arguments.data {
            None => Self::in_memory(),
            Some(data) => Self::in_directory(data),
        }
    }

    fn in_memory() -> Result<Self, Failure> {
        let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::new());
        let authority = Authority::in_memory(
            &HierarchyOptions::default(),
            Arc::clone(&journal),
            OffsetDateTime::now_utc(),
        );
        let authority =
            Arc::new(authority.map_err(|error| Failure::internal(format!("error: {error}")))?);
        Ok(Self {
            journal,
            authority,
            made_up_passphrase: None,
        })
    }

    /// The data directory: `journal.sqlite`, `ca/` with the issuing key, `root/` with the root's, encrypted.
    fn in_directory(data: &Path) -> Result<Self, Failure> {
        let internal = |error: &dyn std::fmt::Display| Failure::internal(format!("error: {error}"));
        std::fs::create_dir_all(data).map_err(|error| {
            Failure::internal(format!("error: {} can't be made: {error}", data.display()))
        })?;
        let journal: Arc<dyn Journal> = Arc::new(
            SqliteJournal::open(data.join(JOURNAL_FILE)).map_err(|error| internal(&error))?,
        );
        let (ca, root) = (data.join("ca"), data.join("root"));
        if ca.exists() {
            let authority =
                Authority::open(&ca, Arc::clone(&journal)).map_err(|error| internal(&error))?;
            return Ok(Self {
                journal,
                authority: Arc::new(authority),
                made_up_passphrase: None,
            });
        }
        let given = std::env::var(PASSPHRASE).ok().map(SecretString::from);
        let made_up = given.is_none().then(made_up_passphrase).transpose()?;
        let chosen = given
            .as_ref()
            .or(made_up.as_ref())
            .expect("a passphrase is made up where none is given");
        let authority = Authority::create(
            &ca,
            &root,
            chosen,
            &HierarchyOptions::default(),
            Arc::clone(&journal),
            OffsetDateTime::now_utc(),
        );
        let authority = Arc::new(authority.map_err(|error| internal(&error))?);
        Ok(Self {
            journal,
            authority,
            made_up_passphrase: made_up.map(|passphrase| (passphrase, root)),
        })
    }
}

/// 128 random bits in hexadecimal.
fn made_up_passphrase() -> Result<SecretString, Failure> {
    let mut bytes = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| Failure::internal("error: the operating system gave no random bytes"))?;
    Ok(bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>()
        .into())
}

/// What `--settings` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct BankFile {
    settings: Settings,
    profile: BankProfile,
}

fn bank_file(path: Option<&Path>) -> Result<BankFile, Failure> {
    let Some(path) = path else {
        return Ok(BankFile::default());
    };
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::bad_input(format!("error: {} can't be read: {error}", path.display()))
    })?;
    serde_yaml::from_str(&text)
        .map_err(|error| Failure::bad_input(format!("error: {}: {error}", path.display())))
}

/// Says where everything is and who may come in.
fn tell(portal: &Portal, people: &People, passphrase: Option<&(SecretString, PathBuf)>) {
    let addresses = portal.addresses();
    let ib = addresses.ib_url();
    let cert = addresses.cert_url();
    let control = format!("http://{}", addresses.control);
    anstream::println!("The mock bank is open. Everything in it is fictional, TEST ONLY.\n");
    anstream::println!("  screens, retrieval, administration   {ib}");
    anstream::println!("  certificate logon                    {cert}");
    anstream::println!("  control                              {control}/health\n");
    anstream::println!(
        "The browser has to trust {control}/ca/web.pem (the web server's CA, made anew at every start).\n"
    );
    people.tell();
    if let Some((passphrase, root)) = passphrase {
        anstream::println!(
            "\nThe root key in {} is encrypted under this passphrase; it is shown only now:",
            root.display()
        );
        anstream::println!("  {}", passphrase.expose_secret());
    }
    anstream::println!("\nCtrl-C stops the bank.");
}
