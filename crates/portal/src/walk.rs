//! The one walk of a command: read the clock, decide, record, apply, act.

use std::collections::BTreeSet;

use sealbank_bank::{
    Answer, Bank, Change, Command, ContractId, Decision, Event, Member, Moves, Refusal, Standing,
    Subscriber, Transition,
};
use sealbank_journal::{Durable, Expected, JournalError, Version, commit, replay};
use time::{OffsetDateTime, UtcOffset};

use crate::app::App;
use crate::error::{Failure, PortalError};
use crate::fault::Act;
use crate::naming;
use crate::origin::Origin;
use crate::record::BankEvent;
use crate::trail::{Note, Outcome};

/// How often a decision is made anew because somebody else wrote the same stream meanwhile.
const ATTEMPTS: u8 = 8;

impl App {
    /// Carries out `command`, which came in at `origin`, and notes it. Blocks on PIN hashing and the journal.
    pub(crate) fn walk(&self, origin: Origin, command: &Command) -> Result<Answer, Failure> {
        let subscriber = self.bank(|bank| naming::subscriber(bank, command));
        let result = self.carry_out(origin, command);
        self.decoy.wait(command, &result);
        let outcome = match &result {
            // Nobody asks for these two, and they mostly change nothing.
            Ok(_)
                if matches!(
                    command,
                    Command::PassTime { .. } | Command::KeepAlive { .. }
                ) =>
            {
                return result;
            }
            Ok(_) => Outcome::Done,
            Err(Failure::Refused(refusal)) => {
                self.note_refusal(command, subscriber.as_ref(), *refusal);
                Outcome::refused(*refusal)
            }
            Err(Failure::Failed(error)) => Outcome::failed(error),
        };
        self.note(Note {
            at: self.clock().now(),
            origin,
            what: naming::command(command),
            subscriber: subscriber.as_ref(),
            outcome,
            detail: None,
        });
        result
    }

    /// A refusal changes nothing about where somebody stands.
    fn note_refusal(&self, command: &Command, whom: Option<&Subscriber>, refusal: Refusal) {
        if let (Some(whom), Some(row)) = (whom, Transition::of_refusal(command, refusal)) {
            let standing = self.bank(|bank| Standing::of(bank, whom));
            self.minutes.note([(standing, row)]);
        }
    }

    fn carry_out(&self, origin: Origin, command: &Command) -> Result<Answer, Failure> {
        let contract = command.contract();
        let known = self.bank(|bank| bank.contract(contract).is_some());
        // A stranger's guesses must not fill the memory with lanes.
        if !known && !matches!(command, Command::OpenContract { .. }) {
            return Err(Refusal::UnknownContract.into());
        }
        let lane = self.lanes.lane(contract);
        let decision = {
            let mut version = lane.take();
            self.decide_and_record(origin, command, &mut version)?
        };
        self.withdraw_revoked(contract, &decision.events);
        Ok(decision.outcome?)
    }

    /// Decides until the decision stands in the journal, built on the version that it was made for.
    fn decide_and_record(
        &self,
        origin: Origin,
        command: &Command,
        version: &mut Version,
    ) -> Result<Decision, PortalError> {
        let contract = command.contract();
        let stream = BankEvent::stream(contract)?;
        let act = Act::of_command(command);
        for attempt in 0..ATTEMPTS {
            let now = whole_second(self.clock().now());
            let decision = self.bank(|bank| bank.decide(command, now));
            if decision.events.is_empty() {
                return Ok(decision);
            }
            if attempt == 0 {
                self.before_commit(origin, act)?;
            }
            self.alive()?;
            let records = decision.events.iter().cloned().map(BankEvent).collect();
            let journal = self.journal.as_ref();
            match commit(journal, &stream, Expected::Exactly(*version), now, records) {
                Ok(recorded) => {
                    self.apply(Some(command), &recorded, version)
                        .map_err(PortalError::Undecidable)?;
                    self.after_commit(origin, act)?;
                    return Ok(decision);
                }
                Err(JournalError::Conflict { .. }) => self.catch_up(contract, version)?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(PortalError::Contended {
            contract: contract.to_string(),
            attempts: ATTEMPTS,
        })
    }

    /// Writes what is recorded into the books: nothing else can be written there. What this bank did itself for
    /// `command` goes into the minutes.
    fn apply(
        &self,
        command: Option<&Command>,
        recorded: &[Durable<BankEvent>],
        version: &mut Version,
    ) -> Result<(), sealbank_bank::Inconsistency> {
        let mut books = self.books_mut();
        let mut moves = command.map(Moves::of);
        for event in recorded {
            if let Some(moves) = &mut moves {
                let Event {
                    contract, change, ..
                } = &event.0;
                self.minutes.note(moves.by(&books, contract, change));
            }
            books.apply(&event.0)?;
            self.timed_out.learn(&event.0);
            *version = event.version();
        }
        Ok(())
    }

    /// Applies what somebody else recorded in the contract's stream.
    fn catch_up(&self, contract: &ContractId, version: &mut Version) -> Result<(), PortalError> {
        let stream = BankEvent::stream(contract)?;
        for step in replay::<BankEvent>(self.journal.as_ref(), |name| *name == stream) {
            let (entry, event) = step?;
            if event.version() > *version {
                self.apply(None, &[event], version)
                    .map_err(|source| PortalError::Misfit {
                        position: entry.position(),
                        source,
                    })?;
            }
        }
        Ok(())
    }

    /// Has the authority revoke what these events revoked. The bank's own books decide at every logon, so a
    /// failure here is noted, and mended with the next event of the same member or at the next start.
    fn withdraw_revoked(&self, contract: &ContractId, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        let concerned = self.bank(|bank| concerned(bank, contract, events));
        for subscriber in concerned {
            self.withdraw_revoked_of(&subscriber);
        }
    }

    /// Has the authority revoke every certificate that stands as revoked in this member's books.
    pub(crate) fn withdraw_revoked_of(&self, subscriber: &Subscriber) {
        let revoked: Vec<_> = self.bank(|bank| {
            let member = bank.member(subscriber);
            member
                .into_iter()
                .flat_map(Member::revoked)
                .map(|(serial, reason)| (serial.clone(), reason))
                .collect()
        });
        for (serial, reason) in revoked {
            if let Err(error) = self.withdraw(&serial, reason) {
                self.note(Note {
                    at: self.clock().now(),
                    origin: Origin::Bank,
                    what: "revoke-at-authority",
                    subscriber: Some(subscriber),
                    outcome: Outcome::failed(&error),
                    detail: Some(format!("serial {serial}")),
                });
            }
        }
    }

    /// Has the authority revoke one certificate, unless it has.
    pub(crate) fn withdraw(
        &self,
        serial: &sealbank_bank::Serial,
        reason: sealbank_bank::RevocationReason,
    ) -> Result<(), PortalError> {
        use sealbank_bank::RevocationReason as Bank;
        use sealbank_ca::RevocationReason as Ca;

        self.alive()?;
        let serial: sealbank_ca::Serial = serial.to_string().parse()?;
        if self.authority().revocation(&serial).is_some() {
            return Ok(());
        }
        let reason = match reason {
            Bank::Unspecified => Ca::Unspecified,
            Bank::KeyCompromise => Ca::KeyCompromise,
            Bank::Superseded => Ca::Superseded,
            Bank::CessationOfOperation => Ca::CessationOfOperation,
        };
        self.authority()
            .revoke(&serial, reason, self.clock().now())?;
        Ok(())
    }
}

/// Whose certificates the events may have touched.
fn concerned(bank: &Bank, contract: &ContractId, events: &[Event]) -> BTreeSet<Subscriber> {
    let mut concerned = BTreeSet::new();
    for event in events {
        if let Some(holder) = event.change.holder() {
            concerned.insert(Subscriber {
                contract: contract.clone(),
                holder,
            });
        } else if event.change == Change::ContractCancelled {
            let members = bank.contract(contract).into_iter();
            concerned.extend(members.flat_map(|books| {
                books.members().map(|(holder, _)| Subscriber {
                    contract: contract.clone(),
                    holder,
                })
            }));
        }
    }
    concerned
}

/// The bank counts whole seconds, as its journal does: what is replayed is what was decided (V25).
fn whole_second(moment: OffsetDateTime) -> OffsetDateTime {
    let utc = moment.to_offset(UtcOffset::UTC);
    utc.replace_nanosecond(0).unwrap_or(utc)
}
