//! Deciding: from the books, a command and the time to events and an outcome.
//!
//! A [`Desk`] works on a copy of one contract's books: each decided change is applied there at once, so that later
//! steps of the same decision see it. The real books follow after the record.
//! The rules stand in the rooms behind: retrieval, enrolment, logon, administration, counter, time.

mod administration;
mod counter;
mod enrolment;
mod logon;
mod recovery;
mod retrieval;
mod time_passes;

use std::borrow::Cow;

use time::OffsetDateTime;

use crate::bank::{Answer, Bank, Decision};
use crate::certificate::{CertificateState, Serial};
use crate::change::{Abandonment, Change, PinConsequence, SessionEnd, SessionFate};
use crate::command::Command;
use crate::contract::{Contract, ContractStatus};
use crate::event::{Actor, Event, Facts};
use crate::grant::Generation;
use crate::grant::Grant;
use crate::identity::{ContractId, Holder, Subscriber};
use crate::member::{Account, Member, Rights};
use crate::pin::{Pin, PinHash};
use crate::profile::BankProfile;
use crate::refusal::Refusal;
use crate::session::{Door, Session, SessionId, SessionKind};
use crate::settings::{MethodFlipPoint, SessionKill, Settings, whole_second};

type Outcome = Result<Answer, Refusal>;

/// Decides one command; see [`Bank::decide`].
pub(crate) fn decide(bank: &Bank, command: &Command, now: OffsetDateTime) -> Decision {
    // Journals and certificates count whole seconds; so do the books, or a replay would differ from them (V25).
    let now = whole_second(now);
    let id = command.contract();
    let Some(contract) = bank.contract(id) else {
        return counter::open(id, command, now);
    };
    let taken = |session: &SessionId| bank.contract_of(session).is_some_and(|other| other != id);
    if command.opens().is_some_and(taken) {
        return Decision {
            events: Vec::new(),
            outcome: Err(Refusal::IrregularOrder),
        };
    }
    let mut desk = Desk {
        settings: bank.settings(),
        profile: bank.profile(),
        id,
        contract: Cow::Borrowed(contract),
        now,
        events: Vec::new(),
    };
    desk.let_time_pass();
    let outcome = desk.act(command);
    Decision {
        events: desk.events,
        outcome,
    }
}

/// Whether `holder` may come in at all: contract and account in use (V20, T27). A locked administrator shuts
/// everybody out but those who may unlock him (case 8).
pub(crate) fn gate(
    settings: &Settings,
    contract: &Contract,
    holder: &Holder,
) -> Result<(), Refusal> {
    match contract.status {
        ContractStatus::Active => {}
        ContractStatus::Suspended => return Err(Refusal::ContractSuspended),
        ContractStatus::Cancelled => return Err(Refusal::ContractCancelled),
    }
    let member = contract.member(holder).ok_or(Refusal::UnknownUser)?;
    let locked = contract.administrator.account == Account::Suspended;
    let shut_out = *holder != Holder::Administrator && member.rights != Rights::ResetAdministrator;
    if locked && shut_out && settings.admin_lock_blocks_users {
        return Err(Refusal::ContractSuspended);
    }
    match member.account {
        Account::Active => Ok(()),
        Account::Suspended => Err(Refusal::Suspended),
        Account::StoppedByAdmin => Err(Refusal::StoppedByAdmin),
        Account::Deleted => Err(Refusal::Deregistered),
    }
}

/// Whether the certificate of an open session is still good (V15).
pub(crate) fn still_accepted(
    settings: &Settings,
    member: &Member,
    serial: &Serial,
    now: OffsetDateTime,
) -> Result<(), Refusal> {
    match accepted_now(member, serial, now) {
        Err(Refusal::RevokedCertificate)
            if settings.session_kill_on_revoke == SessionKill::AtTimeout =>
        {
            Ok(())
        }
        outcome => outcome.map(|_| ()),
    }
}

/// The generation of the certificate `serial`, when the member's books accept it at `now` (V3, V5, V23).
fn accepted_now(
    member: &Member,
    serial: &Serial,
    now: OffsetDateTime,
) -> Result<Generation, Refusal> {
    let mut records = member
        .certificates
        .iter()
        .filter_map(|(generation, record)| {
            let facts = record.facts.as_ref()?;
            (facts.serial == *serial).then_some((*generation, record.state, facts))
        });
    let (generation, state, facts) = records.next().ok_or(Refusal::UnknownCertificate)?;
    match state {
        CertificateState::Revoked(_) => return Err(Refusal::RevokedCertificate),
        CertificateState::Expired => return Err(Refusal::ExpiredCertificate),
        CertificateState::Requested => return Err(Refusal::UnknownCertificate),
        CertificateState::Signed | CertificateState::Delivered | CertificateState::Confirmed => {}
    }
    if now > facts.not_after {
        Err(Refusal::ExpiredCertificate)
    } else if now < facts.not_before {
        Err(Refusal::NotYetValid)
    } else {
        Ok(generation)
    }
}

/// A clerk's desk with a copy of the books.
struct Desk<'a> {
    settings: &'a Settings,
    profile: &'a BankProfile,
    id: &'a ContractId,
    contract: Cow<'a, Contract>,
    now: OffsetDateTime,
    events: Vec<Event>,
}

impl Desk<'_> {
    fn act(&mut self, command: &Command) -> Outcome {
        match command {
            Command::OpenContract { .. } => Err(Refusal::ContractTaken),
            Command::SuspendContract { .. } => self.suspend_contract(),
            Command::ResumeContract { .. } => self.resume_contract(),
            Command::CancelContract { .. } => self.cancel_contract(),
            Command::CounterGrant { subscriber } => self.counter_grant(&subscriber.holder),
            Command::CounterReinitialize { subscriber } => {
                self.counter_reinitialize(&subscriber.holder)
            }
            Command::CounterUnlock { subscriber } => self.counter_unlock(&subscriber.holder),
            Command::Administer {
                session,
                confirmation,
                act,
                ..
            } => self.administer(session, confirmation, act),
            Command::UnlockAdministrator { session, pin, .. } => {
                self.unlock_administrator(session, pin)
            }
            Command::BeginRetrieval {
                subscriber,
                pin,
                session,
                browser,
            } => self.begin_retrieval(&subscriber.holder, pin, *session, *browser),
            Command::CloseRetrieval { session, .. } => self.close_retrieval(session),
            Command::CancelPopup { session, popup, .. } => self.cancel_popup(session, *popup),
            Command::AcceptRequest {
                session,
                request,
                public_key,
                ..
            } => self.accept_request(session, *request, *public_key),
            Command::RecordCertificate {
                subscriber,
                generation,
                request,
                facts,
            } => self.record_certificate(&subscriber.holder, *generation, *request, facts),
            Command::WithdrawRequest {
                subscriber,
                generation,
                request,
            } => self.withdraw_request(&subscriber.holder, *generation, *request, None),
            Command::MarkDelivered {
                subscriber,
                generation,
            } => self.mark_delivered(&subscriber.holder, *generation),
            Command::ConfirmInstallation { session, .. } => self.confirm_installation(session),
            Command::LogOn {
                subscriber,
                pin,
                session,
            } => self.log_on(&subscriber.holder, pin, *session),
            Command::LogOnWithCertificate {
                serial,
                public_key,
                pin,
                session,
                ..
            } => self.log_on_with_certificate(serial, *public_key, pin, *session),
            Command::LogOff { session, .. } => self.log_off(session),
            Command::KeepAlive { session, .. } => self.keep_alive(session),
            Command::Renew {
                session, retrieval, ..
            } => self.renew(session, *retrieval),
            Command::PassTime { .. } => Ok(Answer::Done),
            Command::Recover { .. } => self.recover(),
            Command::Reconcile {
                subscriber,
                generation,
                request,
                finding,
            } => self.reconcile(&subscriber.holder, *generation, *request, finding),
        }
    }

    /// Decides `change`: notes the event and applies it to this desk's copy.
    fn record(&mut self, by: Actor, change: Change) {
        let holder = change.holder();
        let facts = |contract: &Contract| {
            holder
                .as_ref()
                .and_then(|holder| contract.member(holder))
                .map(Facts::of)
        };
        let before = facts(&self.contract);
        self.contract
            .to_mut()
            .apply(&change, self.now)
            .expect("a change is decided only where it fits the books");
        let after = facts(&self.contract);
        self.events.push(Event {
            at: self.now,
            by,
            contract: self.id.clone(),
            change,
            before,
            after,
        });
    }

    fn member(&self, holder: &Holder) -> Result<&Member, Refusal> {
        self.contract.member(holder).ok_or(Refusal::UnknownUser)
    }

    fn gate(&self, holder: &Holder) -> Result<(), Refusal> {
        gate(self.settings, &self.contract, holder)
    }

    fn subscriber(&self, holder: &Holder) -> Subscriber {
        Subscriber {
            contract: self.id.clone(),
            holder: holder.clone(),
        }
    }

    /// The open session `id`. Time has passed already, so what is found is alive; what this very moment ended
    /// has timed out (cases 19, 80), and what is not found otherwise was never there or is long over.
    fn session(&self, id: &SessionId) -> Result<Session, Refusal> {
        let timed_out = |event: &Event| match &event.change {
            Change::SessionEnded { session, cause } => {
                session == id && *cause == SessionEnd::TimedOut
            }
            Change::RetrievalAbandoned { session, cause, .. } => {
                session == id && *cause == Abandonment::TimedOut
            }
            _ => false,
        };
        let found = self.contract.sessions.get(id).cloned();
        found.ok_or_else(|| {
            if self.events.iter().any(timed_out) {
                Refusal::SessionTimedOut
            } else {
                Refusal::NoSession
            }
        })
    }

    /// An identifier names one session: a form sent again for somebody else takes nobody's place (V11).
    fn unused(&self, id: &SessionId) -> Result<(), Refusal> {
        if self.contract.sessions.contains_key(id) {
            Err(Refusal::IrregularOrder)
        } else {
            Ok(())
        }
    }

    /// Gives back what `holder` claims before his sessions are ended for another reason: no grant may stay claimed
    /// by a session that is gone (V12, cases 6, 54, 55).
    fn release_claim(&mut self, holder: &Holder) {
        let grant = self.contract.member(holder).map(|member| member.grant);
        let Some(Grant::Claimed { session, .. }) = grant else {
            return;
        };
        if let Some(change) = self.abandoned(holder, session, Abandonment::Forced) {
            self.record(Actor::Bank, change);
        }
    }

    /// The holder and generation of the retrieval session `id`, who may still come in.
    fn retrieval(&self, id: &SessionId) -> Result<(Holder, Generation), Refusal> {
        let session = self.session(id)?;
        let SessionKind::Retrieval { generation } = session.kind else {
            return Err(Refusal::NotARetrieval);
        };
        self.gate(&session.holder)?;
        Ok((session.holder, generation))
    }

    /// Checks the PIN that `holder` typed at `door`; a wrong one counts, and at the limit suspends (T04', T24).
    fn check_pin(&mut self, holder: &Holder, pin: &Pin, door: Door) -> Result<(), Refusal> {
        let hash = self.member(holder)?.pin.clone();
        self.check_secret(holder, &hash, pin, door, Refusal::WrongPin)
    }

    fn check_secret(
        &mut self,
        holder: &Holder,
        hash: &PinHash,
        pin: &Pin,
        door: Door,
        refusal: Refusal,
    ) -> Result<(), Refusal> {
        if hash.verify(pin) {
            return Ok(());
        }
        let failures = self
            .member(holder)?
            .failures_at(door, self.settings)
            .saturating_add(1);
        let consequence = if failures >= self.settings.pin_failure_limit {
            PinConsequence::Suspended
        } else {
            PinConsequence::Counted
        };
        if consequence == PinConsequence::Suspended {
            self.release_claim(holder);
        }
        self.record(
            Actor::Holder,
            Change::PinFailed {
                holder: holder.clone(),
                door,
                consequence,
            },
        );
        match consequence {
            PinConsequence::Counted => Err(refusal),
            PinConsequence::Suspended => Err(Refusal::Suspended),
        }
    }

    /// The logon method that a member has from `point` on, if this is where the bank flips it.
    fn method_at(&self, point: MethodFlipPoint, member: &Member) -> crate::session::LogonMethod {
        if self.settings.method_flip_point == point {
            crate::session::LogonMethod::Certificate
        } else {
            member.logon_method
        }
    }

    fn session_fate(&self) -> SessionFate {
        match self.settings.session_kill_on_revoke {
            SessionKill::Immediate => SessionFate::End,
            SessionKill::AtTimeout => SessionFate::Keep,
        }
    }
}
