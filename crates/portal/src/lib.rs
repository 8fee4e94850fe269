//! The bank on the network: two HTTPS origins with the manual's screens, and a control listener.
//!
//! *Decide purely, record durably, act afterwards.* The rules are those of [`sealbank_bank`]; here they meet the
//! clock, the journal, the certification authority and the wire. Every command takes the one walk of [`App`]: read
//! the clock, decide, record, apply, act. It runs to its end even when the customer hangs up in the middle.
//!
//! | origin | for | asks for a client certificate |
//! |---|---|---|
//! | `ib` | screens, retrieval, ID+PIN logon, administration | no |
//! | `cert` | certificate logon, status, renewal, administration | yes |
//! | control | health, clock, revocation lists, trail, records, the bank's counter, faults | plain HTTP on loopback |
//!
//! Outside, refusals that an attacker could tell apart share one code and one text. Inside, the trail
//! ([`TrailEntry`]) says exactly why.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use sealbank_bank::{BankProfile, Settings};
//! use sealbank_ca::Authority;
//! use sealbank_journal::MemoryJournal;
//! use sealbank_portal::{Clock, Faults, Limits, Listen, Portal, PortalOptions, Trail};
//! use time::macros::datetime;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let portal = Portal::start(PortalOptions {
//!     settings: Settings::default(),
//!     profile: BankProfile::default(),
//!     journal: Arc::new(MemoryJournal::new()),
//!     authority: Arc::new(Authority::ephemeral()?),
//!     clock: Clock::fixed(datetime!(2031-04-01 09:00 +09:00)),
//!     listen: Listen::default(),
//!     limits: Limits::default(),
//!     faults: Faults::default(),
//!     trail: Trail::default(),
//! })
//! .await?;
//! assert!(portal.addresses().ib_url().starts_with("https://ib.bank.test:"));
//! portal.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is deliberately absent
//!
//! No rule of the bank, no file, no TLS session resumption on the certificate origin (unless a setting asks for it),
//! no script in any page. The real clock is read where [`Clock::system`] is handed in, and nowhere else.

mod account;
mod activity;
mod admin;
mod answer;
mod app;
mod caller;
mod clock;
mod control;
mod cookie;
mod counter;
mod crash;
mod decoy;
mod desk;
mod enrolment;
mod error;
mod exchange;
mod execution;
mod fault;
mod fault_control;
mod form;
mod indoors;
mod keyboard;
mod keyboard_page;
mod lane;
mod limits;
mod line;
mod listen;
mod lobby;
mod logon;
mod memory;
mod minutes;
mod misfit;
mod naming;
mod origin;
mod partial;
mod peer;
mod pem;
mod portal;
mod publication;
mod record;
mod recovery;
mod renewal;
mod retrieval;
mod roster;
mod route;
mod screens;
mod secret;
mod site;
mod standing;
mod status;
mod status_page;
mod succession;
mod tls;
mod trail;
mod unlock;
mod verifier;
mod visit;
mod walk;
mod web_ca;
mod work;

pub use app::App;
pub use clock::Clock;
pub use error::{Failure, PortalError};
pub use fault::{
    Act, FaultId, FaultRule, FaultState, FaultStatus, FaultVerdict, Faults, ImpossibleFault, Phase,
    Torn, UnknownWord,
};
pub use indoors::{Indoors, Knock, NobodyThere};
pub use limits::Limits;
pub use listen::{Hosts, Listen};
pub use origin::Origin;
pub use portal::{Portal, PortalOptions};
pub use record::BankEvent;
pub use roster::{ContractEntry, UserEntry};
pub use site::Addresses;
pub use standing::Standing;
pub use succession::{Customer, Opening, Successor, Wish};
pub use trail::{Outcome, TRAIL_LENGTH, Trail, TrailEntry};
pub use web_ca::WebCa;
