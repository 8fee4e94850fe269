//! The bank as a value: its books, what may be asked of it, and what can be looked up.
//!
//! Pure: no socket, file, thread, clock or randomness. [`Bank::decide`] reads, [`Bank::apply`] writes; in
//! between, the caller records the events.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::certificate::{CertificateFacts, Fingerprint, Serial};
use crate::change::Change;
use crate::command::Command;
use crate::contract::{Contract, ContractStatus, Inconsistency};
use crate::decide;
use crate::event::{Event, Facts};
use crate::grant::{Generation, Grant};
use crate::identity::{ContractId, Subscriber};
use crate::member::{Account, Member};
use crate::profile::BankProfile;
use crate::refusal::Refusal;
use crate::session::{Session, SessionId, SessionKind};
use crate::settings::{Settings, whole_second};

/// The whole bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bank {
    settings: Settings,
    profile: BankProfile,
    contracts: BTreeMap<ContractId, Contract>,
}

/// What the bank decided: events to be recorded first, then the outcome to be told.
///
/// A refusal may come with events (a wrong PIN counts), and time that passed may add its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// To be recorded and applied, in this order, all or none.
    pub events: Vec<Event>,
    /// Yes with an answer, or no.
    pub outcome: Result<Answer, Refusal>,
}

/// What the caller does next after a yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing more.
    Done,
    /// Have the CA sign this (T11), then report with [`Command::RecordCertificate`].
    Sign(Enrolment),
    /// The same request again: hand out its certificate again (setting `resume_by_csr_hash`).
    Redeliver(Serial),
}

/// What the CA is to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// For whom.
    pub subscriber: Subscriber,
    /// For which generation.
    pub generation: Generation,
    /// SHA-256 of the request.
    pub request: Fingerprint,
    /// The subject, from the bank's books alone.
    pub subject: crate::certificate::SubjectName,
    /// First second of the validity.
    pub not_before: OffsetDateTime,
    /// Last second of the validity.
    pub not_after: OffsetDateTime,
}

/// A request that was accepted and has no certificate: to be asked of the CA at start-up (T31).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    /// Whose.
    pub subscriber: Subscriber,
    /// Of which generation.
    pub generation: Generation,
    /// SHA-256 of the request.
    pub request: Fingerprint,
}

/// An open session as the bank finds it.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'a> {
    /// On whose books.
    pub contract_id: &'a ContractId,
    /// The books.
    pub contract: &'a Contract,
    /// The session.
    pub session: &'a Session,
    /// The member inside.
    pub member: &'a Member,
}

impl Visit<'_> {
    /// Who is inside.
    #[must_use]
    pub fn subscriber(&self) -> Subscriber {
        Subscriber {
            contract: self.contract_id.clone(),
            holder: self.session.holder.clone(),
        }
    }
}

impl Bank {
    /// A bank without contracts.
    #[must_use]
    pub fn new(settings: Settings, profile: BankProfile) -> Self {
        Self {
            settings,
            profile,
            contracts: BTreeMap::new(),
        }
    }

    /// Its rules.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Its name and subject.
    #[must_use]
    pub fn profile(&self) -> &BankProfile {
        &self.profile
    }

    /// Decides `command` at `now`. Time passes first: what is due by then is among the events.
    #[must_use]
    pub fn decide(&self, command: &Command, now: OffsetDateTime) -> Decision {
        decide::decide(self, command, now)
    }

    /// Writes a recorded event into the books.
    ///
    /// # Errors
    /// [`Inconsistency`] when the event does not fit the books or arrives at other facts than it says; the books
    /// are then as they were.
    pub fn apply(&mut self, event: &Event) -> Result<(), Inconsistency> {
        let change = &event.change;
        let misfit = |why: &str| Inconsistency {
            change: change.name(),
            why: why.to_owned(),
        };
        if let Change::ContractOpened {
            name,
            pin,
            confirmation,
        } = change
        {
            if self.contracts.contains_key(&event.contract) {
                return Err(misfit("the contract is open already"));
            }
            let contract =
                Contract::opened(name.clone(), pin.clone(), confirmation.clone(), event.at);
            let opened = Some(Facts::of(&contract.administrator));
            if event.before.is_some() || event.after != opened {
                return Err(misfit("its facts are not those of a contract newly opened"));
            }
            self.contracts.insert(event.contract.clone(), contract);
            return Ok(());
        }
        let contract = self
            .contracts
            .get_mut(&event.contract)
            .ok_or_else(|| misfit("there is no such contract"))?;
        let facts = |contract: &Contract| {
            change
                .holder()
                .and_then(|holder| contract.member(&holder).map(Facts::of))
        };
        if facts(contract) != event.before {
            return Err(misfit(
                "the member's facts before it are not those on the books",
            ));
        }
        let mut changed = contract.clone();
        changed.apply(change, event.at)?;
        if facts(&changed) != event.after {
            return Err(misfit(
                "the member's facts after it are not those that it says",
            ));
        }
        *contract = changed;
        Ok(())
    }

    /// Replays recorded events on an empty bank (V25).
    ///
    /// # Errors
    /// The first [`Inconsistency`].
    pub fn replayed<'a>(
        settings: Settings,
        profile: BankProfile,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<Self, Inconsistency> {
        let mut bank = Self::new(settings, profile);
        events.into_iter().try_for_each(|event| bank.apply(event))?;
        Ok(bank)
    }

    /// All contracts.
    pub fn contracts(&self) -> impl Iterator<Item = (&ContractId, &Contract)> {
        self.contracts.iter()
    }

    /// The books of `contract`.
    #[must_use]
    pub fn contract(&self, contract: &ContractId) -> Option<&Contract> {
        self.contracts.get(contract)
    }

    /// The facts of `subscriber`.
    #[must_use]
    pub fn member(&self, subscriber: &Subscriber) -> Option<&Member> {
        self.contract(&subscriber.contract)?
            .member(&subscriber.holder)
    }

    /// Every subscriber, contract by contract, administrators first.
    pub fn subscribers(&self) -> impl Iterator<Item = (Subscriber, &Member)> {
        self.contracts.iter().flat_map(|(id, contract)| {
            contract.members().map(move |(holder, member)| {
                (
                    Subscriber {
                        contract: id.clone(),
                        holder,
                    },
                    member,
                )
            })
        })
    }

    /// Whose certificate carries `serial`, accepted or not: acceptance is decided by [`Self::decide`].
    #[must_use]
    pub fn find_certificate(&self, serial: &Serial) -> Option<(Subscriber, &CertificateFacts)> {
        self.subscribers().find_map(|(subscriber, member)| {
            let facts = member
                .certificates
                .values()
                .filter_map(|record| record.facts.as_ref());
            facts
                .into_iter()
                .find(|facts| facts.serial == *serial)
                .map(|facts| (subscriber, facts))
        })
    }

    /// The contract in which `session` is open, timed out or not.
    #[must_use]
    pub fn contract_of(&self, session: &SessionId) -> Option<&ContractId> {
        self.contracts
            .iter()
            .find(|(_, contract)| contract.sessions.contains_key(session))
            .map(|(id, _)| id)
    }

    /// Checks a session for one request (procedure 0.7: on each request, not only in the handshake).
    ///
    /// `presented` is the serial of the certificate that this TLS connection proved, if any.
    ///
    /// # Errors
    /// [`Refusal`]: no session, timed out, account or contract closed, another certificate presented, or the
    /// certificate expired or revoked since.
    pub fn visit(
        &self,
        session: &SessionId,
        presented: Option<&Serial>,
        now: OffsetDateTime,
    ) -> Result<Visit<'_>, Refusal> {
        let now = whole_second(now);
        let contract_id = self.contract_of(session).ok_or(Refusal::NoSession)?;
        let contract = self.contracts.get(contract_id).ok_or(Refusal::NoSession)?;
        let session = contract.sessions.get(session).ok_or(Refusal::NoSession)?;
        let member = contract.member(&session.holder).ok_or(Refusal::NoSession)?;
        if session.expires <= now {
            return Err(Refusal::SessionTimedOut);
        }
        decide::gate(&self.settings, contract, &session.holder)?;
        if let SessionKind::Certificate { serial } = &session.kind {
            if presented != Some(serial) {
                return Err(Refusal::CertificateChanged);
            }
            decide::still_accepted(&self.settings, member, serial, now)?;
        }
        Ok(Visit {
            contract_id,
            contract,
            session,
            member,
        })
    }

    /// Whether `subscriber` may renew now (T20), counting from the accepted certificate's end.
    #[must_use]
    pub fn in_renewal_window(&self, member: &Member, now: OffsetDateTime) -> bool {
        let window = time::Duration::days(self.settings.renewal_window_days.into());
        member.accepted().is_some_and(|(_, facts)| {
            facts.not_after.saturating_sub(window) <= now && now <= facts.not_after
        })
    }

    /// Whether the member's PIN is older than the bank likes (m-PINAGE).
    #[must_use]
    pub fn pin_is_old(&self, member: &Member, now: OffsetDateTime) -> bool {
        now - member.pin_set > time::Duration::days(self.settings.pin_max_age_days.into())
    }

    /// Requests accepted and left without a certificate; at start-up each is asked of the CA (T31).
    #[must_use]
    pub fn unsettled(&self) -> Vec<Unsettled> {
        let open = |(subscriber, member): (Subscriber, &Member)| {
            let Grant::Claimed { generation, .. } = member.grant else {
                return None;
            };
            let record = member.certificates.get(&generation)?;
            record.facts.is_none().then_some(Unsettled {
                subscriber,
                generation,
                request: record.request,
            })
        };
        self.subscribers().filter_map(open).collect()
    }

    /// Whether the contract is in use and its administrator not locked, so that he can rescue his users (V1's premise).
    #[must_use]
    pub fn administrator_can_act(&self, contract: &ContractId) -> bool {
        self.contract(contract).is_some_and(|contract| {
            contract.status == ContractStatus::Active
                && contract.administrator.account == Account::Active
        })
    }
}
