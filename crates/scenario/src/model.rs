//! What a scenario says, with every name resolved: people, steps, interruptions, expectations.
//!
//! These are plain values. How they are written in YAML is in `read`, what they do in `driver`, whether they came true
//! in `judge`.

mod action;
mod expectation;
mod fact;
mod fault;
mod interruption;
mod person;
mod snapshot;
mod step;
mod words;

pub use action::{
    Action, AdministratorAct, BrowserAct, ClockAct, CounterAct, EnvironmentChange, FormAct,
    LogonWay, Page, PcAct, Renewal, RetrieveAct,
};
pub use expectation::{
    CertificateClaim, CertificateStanding, Check, ChoiceKind, Claim, ComponentKind, RecordClaim,
    TlsClaim,
};
pub use fact::{Fact, FactKind, Operand, Reading, Relation, Saved};
pub use fault::Fault;
pub use interruption::{How, Interruption, SecondWindow};
pub use person::{Person, PersonId, Place, PlaceChange, Presence, Role, Roster};
pub use snapshot::{Kept, SnapshotClaim, SnapshotOf, snapshot_directory};
pub use step::Step;
pub use words::Language;
