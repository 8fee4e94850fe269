//! The customer's side of the bank: PCs, OS profiles, certificate stores and browsers, and a
//! driver that works the bank's real screens as a person does.
//!
//! The bank is known here only as a web site: this crate shares no code with it, so that a mistake
//! can't cancel itself out. The model ([`Pc`], [`OsProfile`], [`CertificateStore`], [`Browser`]) is
//! pure; only the desk's driver moves bytes, and only it needs a runtime.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use sealbank_workstation::*;
//! # async fn example(site: Site, clock: Arc<dyn Clock>) -> Result<(), WorkstationError> {
//! let keiri = ProfileName::new(r"OFFICE\keiri01");
//! let mut pc = Pc::new("PC-A").with_profile(keiri.clone());
//! pc.log_on(&keiri)?;
//! let mut desk = Desk::sit_down(Machine::new(pc), Arc::new(site), clock, Trail::default())?;
//!
//! // 手順1 to 手順3, and the power fails between request and answer.
//! let taro = UserCredentials::new("99990000001", "keiri01", "Test0001");
//! let mut retrieval = Retrieval::begin(&mut desk, taro, RetrievalOptions::default())?;
//! retrieval.advance_to(Point::RequestSent).await?;
//! desk.power_off();
//! # Ok(())
//! # }
//! ```

mod alert;
mod browser;
mod certificate;
mod choice;
mod clock;
mod component;
mod concealed;
mod cookies;
mod desk;
mod diary;
mod driver;
mod enrolment;
mod environment;
mod error;
#[cfg(test)]
mod fixture;
mod form;
mod history;
mod install;
mod key;
mod machine;
mod network;
mod origin;
mod outcome;
mod page;
mod pc;
mod point;
mod profile;
mod retrieval;
mod screen;
mod site;
mod store;
mod walk;
mod wire;

pub use alert::TlsAlert;
pub use browser::{Browser, BrowserName, ChoiceMemory, Resumption, Window, WindowId};
pub use certificate::{Certificate, Fingerprint};
pub use choice::{Answer, AutoSelect, Candidate, Choice, ChoiceCache, Pick, Situation, decide};
pub use clock::{Clock, PcClock, StandingClock};
pub use concealed::Concealed;
pub use cookies::CookieJar;
pub use desk::{Back, Desk, Repost};
pub use diary::{DiaryEntry, Gauge};
pub use enrolment::{
    AdministratorCredentials, Advance, ComponentFailure, Entry, PopupAnswer, RetrievalOptions,
    UserCredentials,
};
pub use environment::{BankRoot, Component, Environment, InstallHonesty, KeyProvider, Recommended};
pub use error::WorkstationError;
pub use form::{
    Access, Button, ButtonAct, Exclusive, Field, FieldKind, Form, Method, Need, Submission, Ticked,
};
pub use history::{Entry as HistoryEntry, History};
pub use install::{InstallError, TrustedChain};
pub use key::{CertificateRequest, Exportability, KeyAlgorithm, PrivateKey, RequestDigest};
pub use machine::{Machine, Seat};
pub use network::{Channel, Entry as NetworkEntry, Greeting, Later, Network, NoAnswer, Ticket};
pub use origin::Origin;
pub use outcome::{Outcome, Refuser};
pub use pc::{Pc, Power, Switch};
pub use point::Point;
pub use profile::{OsProfile, ProfileName};
pub use retrieval::Retrieval;
pub use screen::{Alert, Link, Screen};
pub use site::Site;
pub use store::{
    CertificateStore, ExportedCertificate, KeyFlush, KeyState, PendingRequest, StoreState,
    StoredCertificate,
};
pub use wire::{Exchange, Fate, Trail};
