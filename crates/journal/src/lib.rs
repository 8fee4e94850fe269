//! The append-only record that is written before anyone acts.
//!
//! Whoever decides something appends it here first and acts afterwards: an answer is
//! sent, a certificate handed out, a session ended only once the decision is durable.
//! The types carry that rule. A [`Durable<T>`] can be made by [`commit`] and [`replay`]
//! alone, so a function that takes one cannot be called with something unrecorded.
//!
//! # The shape of a journal
//!
//! A journal is one sequence of [`Entry`]s in a global order ([`Position`], from 1). Every
//! entry belongs to a stream ([`StreamName`]) and is the [`Version`]-th of it; an append says
//! which version it builds on ([`Expected`]) and is refused if somebody was faster.
//! Every entry is chained by SHA-256 to the one before ([`Digest`]), and the [`Head`] is kept
//! beside the entries, so that an altered, missing, reordered or cut-off entry is reported
//! ([`Damage`]) and never skipped.
//!
//! | backend | lasts | for |
//! |---|---|---|
//! | [`MemoryJournal`] | as long as the process | tests, and banks that live for one scenario |
//! | `SqliteJournal` (feature `sqlite`) | power loss and `kill -9` | everything that must last |
//!
//! # Example
//!
//! ```
//! use std::borrow::Cow;
//! use sealbank_journal::{
//!     DecodeError, Expected, Journal, MemoryJournal, Record, StreamName, Version, commit, replay,
//! };
//! use time::macros::datetime;
//!
//! #[derive(Debug, PartialEq)]
//! enum Door { Opened, Shut }
//!
//! impl Record for Door {
//!     fn kind(&self) -> Cow<'static, str> {
//!         Cow::Borrowed(match self { Door::Opened => "door-opened", Door::Shut => "door-shut" })
//!     }
//!     fn encode(&self) -> Vec<u8> { Vec::new() }
//!     fn decode(kind: &str, _payload: &[u8]) -> Result<Self, DecodeError> {
//!         match kind {
//!             "door-opened" => Ok(Door::Opened),
//!             "door-shut" => Ok(Door::Shut),
//!             other => Err(DecodeError::new(format!("no door does {other:?}"))),
//!         }
//!     }
//! }
//!
//! # fn main() -> Result<(), sealbank_journal::JournalError> {
//! let journal = MemoryJournal::new();
//! let door = StreamName::new("door/front")?;
//! let now = datetime!(2026-04-01 09:00 UTC);
//!
//! let opened = commit(&journal, &door, Expected::Exactly(Version::NONE), now, vec![Door::Opened])?;
//! assert_eq!(*opened[0], Door::Opened);           // recorded: now one may act on it
//!
//! // Somebody who still believes that the door has no history is refused.
//! assert!(commit(&journal, &door, Expected::Exactly(Version::NONE), now, vec![Door::Shut]).is_err());
//!
//! let history = replay::<Door>(&journal, |stream| *stream == door)
//!     .map(|step| step.map(|(_, door)| door.into_inner()))
//!     .collect::<Result<Vec<_>, _>>()?;
//! assert_eq!(history, [Door::Opened]);
//! # assert_eq!(journal.head()?.position.get(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! # What is deliberately absent
//!
//! No domain, no clock (time comes in with the append), no deletion and no rewriting, no
//! secret: a payload is stored as it is given, so whoever encodes it keeps secrets out.
//! The chain shows that a file is not as it was written. It cannot tell an older but whole
//! copy from the newest one, nor one that was rebuilt from the first entry on: for that a
//! head has to be remembered elsewhere, see [`verify_against`].

mod chain;
mod damage;
mod digest;
mod durable;
mod entry;
mod error;
mod journal;
mod memory;
mod record;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stream;
mod verify;

pub use chain::Head;
pub use damage::Damage;
pub use digest::Digest;
pub use durable::{Durable, ReplayAll, Replayed, commit, recall, replay, replay_all};
pub use entry::{Append, Entry, MAX_KIND, MAX_PAYLOAD, NewEntry, Position};
pub use error::{Cause, JournalError, Medium};
pub use journal::Journal;
pub use memory::MemoryJournal;
pub use record::{Block, DecodeError, Record};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteJournal, Statistics};
pub use stream::{Expected, StreamName, Version};
pub use verify::{Verified, verify, verify_against};
