//! The bank's rules as a pure state machine.
//!
//! A Japanese bank's corporate internet banking lets an administrator grant a client certificate (発行), a user
//! retrieve it on one PC (取得), and from then on log on with it; an interrupted retrieval strands the user until
//! the administrator re-initialises him (再発行（初期化）). This crate holds those rules and nothing else: no socket,
//! file, thread, clock or randomness of the operating system.
//!
//! *Decide purely, record durably, act afterwards*:
//!
//! ```
//! use sealbank_bank::{Bank, BankProfile, Command, ContractId, NewPin, PinCost, PinHash, Settings};
//! use time::macros::datetime;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut bank = Bank::new(Settings::default(), BankProfile::default());
//! let pin = |chosen, salt| -> Result<PinHash, Box<dyn std::error::Error>> {
//!     Ok(PinHash::new(&NewPin::parse(chosen, &Settings::default().pin_format)?, salt, PinCost::LIGHT)?)
//! };
//! let command = Command::OpenContract {
//!     contract: ContractId::parse("99990000001", &bank.settings().contract_id_format)?,
//!     name: "株式会社サンプル商事".to_owned(),
//!     pin: pin("Admin0001", [1; 16])?,
//!     confirmation: pin("Kakunin01", [2; 16])?,
//! };
//! let decision = bank.decide(&command, datetime!(2031-04-01 09:00 +09:00));
//! assert!(decision.outcome.is_ok());
//! for event in &decision.events {
//!     // Here the event is recorded; only then it is applied.
//!     bank.apply(event)?;
//! }
//! assert_eq!(bank.contracts().count(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! Names in Japanese are the manual's; row names (T04, V12, case 27) are those of the procedure that the bank follows,
//! kept in `docs/procedure.md`.

mod bank;
mod certificate;
mod change;
mod command;
mod condition;
mod contract;
mod decide;
mod event;
mod grant;
mod house;
mod identity;
mod member;
mod pin;
mod profile;
mod refusal;
mod session;
pub mod settings;
mod standing;
mod transition;

pub use bank::{Answer, Bank, Decision, Enrolment, Unsettled, Visit};
pub use certificate::{
    CertificateFacts, CertificateRecord, CertificateState, Fingerprint, FingerprintError,
    RevocationReason, Serial, SerialError, SubjectName,
};
pub use change::{Abandonment, Change, PinConsequence, SessionEnd, SessionFate};
pub use command::{AdminAct, Browser, Command, Finding, Popup};
pub use condition::Condition;
pub use contract::{Contract, ContractStatus, Inconsistency};
pub use event::{Actor, Event, Facts};
pub use grant::{ClaimOrigin, Generation, Grant};
pub use identity::{ContractId, Holder, IdError, Subscriber, UserId};
pub use member::{Account, Member, Rights};
pub use pin::{NewPin, Pin, PinCost, PinCostError, PinFormatError, PinHash};
pub use profile::BankProfile;
pub use refusal::Refusal;
pub use session::{Door, LogonMethod, Session, SessionId, SessionKind};
pub use settings::Settings;
pub use standing::Standing;
pub use transition::{Move, Moves, Transition};
