//! A contract's books, and how a change is written into them.
//!
//! [`Contract::apply`] is the only place where the books change. It needs no settings and no clock: a change says
//! all that was decided. Whether a change may happen is decided in [`crate::decide`].

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::certificate::{CertificateRecord, CertificateState, RevocationReason};
use crate::event::{Change, PinConsequence, SessionFate};
use crate::grant::{Generation, Grant};
use crate::identity::{Holder, UserId};
use crate::member::{Account, Member, Rights};
use crate::pin::PinHash;
use crate::session::{LogonMethod, Session, SessionId, SessionKind};

/// Whether the contract as a whole is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContractStatus {
    /// 利用中.
    Active,
    /// 契約法人利用中止状態.
    Suspended,
    /// 解約.
    Cancelled,
}

/// The books of one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// The corporation's name.
    pub name: String,
    /// Whether it is in use.
    pub status: ContractStatus,
    /// 契約法人確認暗証番号.
    pub confirmation: PinHash,
    /// The administrator.
    pub administrator: Member,
    /// The users, deleted ones included.
    pub users: BTreeMap<UserId, Member>,
    /// Everybody who is inside.
    pub sessions: BTreeMap<SessionId, Session>,
}

/// A change that does not fit the books: a journal from elsewhere, or altered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{change} does not fit the books: {why}")]
pub struct Inconsistency {
    /// The change's name.
    pub change: &'static str,
    /// What does not fit.
    pub why: String,
}

impl Contract {
    /// A contract newly opened.
    #[must_use]
    pub fn opened(name: String, pin: PinHash, confirmation: PinHash, now: OffsetDateTime) -> Self {
        let administrator = Member::new(name.clone(), Rights::Ordinary, pin, now);
        Self {
            name,
            status: ContractStatus::Active,
            confirmation,
            administrator,
            users: BTreeMap::new(),
            sessions: BTreeMap::new(),
        }
    }

    /// The member `holder`.
    #[must_use]
    pub fn member(&self, holder: &Holder) -> Option<&Member> {
        match holder {
            Holder::Administrator => Some(&self.administrator),
            Holder::User(user) => self.users.get(user),
        }
    }

    /// Every member, the administrator first.
    pub fn members(&self) -> impl Iterator<Item = (Holder, &Member)> {
        let users = self
            .users
            .iter()
            .map(|(user, member)| (Holder::User(user.clone()), member));
        std::iter::once((Holder::Administrator, &self.administrator)).chain(users)
    }

    /// The sessions of `holder`.
    pub fn sessions_of<'a>(
        &'a self,
        holder: &'a Holder,
    ) -> impl Iterator<Item = (&'a SessionId, &'a Session)> {
        self.sessions
            .iter()
            .filter(move |(_, session)| session.holder == *holder)
    }

    /// Writes `change` into the books.
    ///
    /// # Errors
    /// [`Inconsistency`] when the change speaks of somebody or something that the books don't hold. The books
    /// are then as they were.
    pub fn apply(&mut self, change: &Change, at: OffsetDateTime) -> Result<(), Inconsistency> {
        match change {
            Change::ContractOpened { .. } => Err(misfit(change, "the contract is open already")),
            Change::ContractSuspended => {
                self.status = ContractStatus::Suspended;
                self.sessions.clear();
                Ok(())
            }
            Change::ContractResumed => {
                self.status = ContractStatus::Active;
                Ok(())
            }
            Change::ContractCancelled => {
                self.status = ContractStatus::Cancelled;
                self.sessions.clear();
                for member in
                    std::iter::once(&mut self.administrator).chain(self.users.values_mut())
                {
                    revoke_all(member, RevocationReason::CessationOfOperation);
                }
                Ok(())
            }
            Change::UserRegistered {
                user,
                name,
                rights,
                pin,
            } => {
                self.register(user, Member::new(name.clone(), *rights, pin.clone(), at));
                Ok(())
            }
            Change::SessionExtended { session, expires } => match self.sessions.get_mut(session) {
                Some(found) => {
                    found.expires = *expires;
                    Ok(())
                }
                None => Err(misfit(change, "there is no such session")),
            },
            Change::SessionEnded { session, .. } => match self.sessions.remove(session) {
                Some(_) => Ok(()),
                None => Err(misfit(change, "there is no such session")),
            },
            _ => self.apply_to_member(change, at),
        }
    }

    /// Registers a user; one deleted before keeps his generations and old certificates (V9, case 87).
    fn register(&mut self, user: &UserId, mut member: Member) {
        if let Some(former) = self.users.remove(user) {
            member.generation = former.generation;
            member.certificates = former.certificates;
            member.orphans = former.orphans;
        }
        self.users.insert(user.clone(), member);
    }

    fn apply_to_member(
        &mut self,
        change: &Change,
        at: OffsetDateTime,
    ) -> Result<(), Inconsistency> {
        let Some(holder) = change.holder() else {
            return Err(misfit(change, "it names no member"));
        };
        let Self {
            administrator,
            users,
            sessions,
            ..
        } = self;
        let member = match &holder {
            Holder::Administrator => administrator,
            Holder::User(user) => users
                .get_mut(user)
                .ok_or_else(|| misfit(change, "there is no such user"))?,
        };
        let mut house = House {
            holder: &holder,
            member,
            sessions,
        };
        house.apply(change, at)
    }
}

/// One member with the sessions of his contract: what a change of his touches.
struct House<'a> {
    holder: &'a Holder,
    member: &'a mut Member,
    sessions: &'a mut BTreeMap<SessionId, Session>,
}

impl House<'_> {
    fn apply(&mut self, change: &Change, at: OffsetDateTime) -> Result<(), Inconsistency> {
        match change {
            Change::Granted {
                generation,
                deadline,
                method,
                ..
            } => {
                self.grant(*generation, *deadline);
                self.member.logon_method = *method;
            }
            Change::RetrievalBegun {
                generation,
                session,
                expires,
                origin,
                method,
                ..
            } => {
                self.member.generation = self.member.generation.max(*generation);
                self.member.grant = Grant::Claimed {
                    generation: *generation,
                    session: *session,
                    origin: *origin,
                };
                self.member.logon_method = *method;
                self.member.pin_failures.clear();
                self.open(
                    *session,
                    SessionKind::Retrieval {
                        generation: *generation,
                    },
                    *expires,
                );
            }
            Change::RetrievalAbandoned {
                session,
                grant,
                method,
                ..
            } => {
                self.member.grant = *grant;
                self.member.logon_method = *method;
                self.sessions.remove(session);
            }
            Change::RequestAccepted {
                generation,
                request,
                public_key,
                method,
                ..
            } => {
                let record = CertificateRecord {
                    request: *request,
                    public_key: *public_key,
                    state: CertificateState::Requested,
                    facts: None,
                };
                self.member.certificates.insert(*generation, record);
                self.member.logon_method = *method;
            }
            Change::RequestWithdrawn {
                generation,
                grant,
                orphan,
                method,
                ..
            } => {
                self.member.certificates.remove(generation);
                self.member.orphans.extend(orphan.clone());
                self.member.grant = *grant;
                self.member.logon_method = *method;
                self.end_sessions(|kind| {
                    *kind
                        == SessionKind::Retrieval {
                            generation: *generation,
                        }
                });
            }
            Change::OrphanFound { serial, .. } => self.member.orphans.push(serial.clone()),
            Change::CertificateRecorded {
                generation,
                facts,
                supersedes,
                method,
                ..
            } => {
                let record = self.record(*generation, change)?;
                record.state = CertificateState::Signed;
                record.facts = Some(facts.clone());
                self.member.grant = Grant::Consumed {
                    generation: *generation,
                };
                self.member.reinitialised = false;
                self.member.notices.clear();
                self.supersede(supersedes);
                self.set_method(*method);
            }
            Change::Delivered {
                generation,
                supersedes,
                ..
            } => {
                self.record(*generation, change)?.state = CertificateState::Delivered;
                self.supersede(supersedes);
            }
            Change::Confirmed {
                generation,
                supersedes,
                method,
                ..
            } => {
                self.record(*generation, change)?.state = CertificateState::Confirmed;
                self.supersede(supersedes);
                self.set_method(*method);
            }
            Change::LoggedOn {
                session,
                expires,
                serial,
                confirms,
                supersedes,
                method,
                ..
            } => {
                if let Some(generation) = confirms {
                    self.record(*generation, change)?.state = CertificateState::Confirmed;
                }
                self.supersede(supersedes);
                self.set_method(*method);
                self.member.pin_failures.clear();
                let kind =
                    serial
                        .clone()
                        .map_or(SessionKind::IdPin, |serial| SessionKind::Certificate {
                            serial,
                        });
                self.open(*session, kind, *expires);
            }
            Change::RetrievalClosed { session, .. } => {
                self.sessions.remove(session);
            }
            Change::CertificateExpired { generation, .. } => {
                self.record(*generation, change)?.state = CertificateState::Expired;
            }
            Change::GrantLapsed { generation, .. } => {
                self.member.grant = Grant::Lapsed {
                    generation: *generation,
                }
            }
            Change::NoticeSent { days, .. } => self.member.notices.push(*days),
            _ => self.administer(change, at)?,
        }
        Ok(())
    }

    /// The changes that others make to a member: his PIN's lock, the administrator, the counter.
    fn administer(&mut self, change: &Change, at: OffsetDateTime) -> Result<(), Inconsistency> {
        match change {
            Change::PinFailed {
                door, consequence, ..
            } => {
                let failures = self.member.pin_failures.entry(*door).or_default();
                *failures = failures.saturating_add(1);
                if *consequence == PinConsequence::Suspended {
                    self.member.account = Account::Suspended;
                    self.end_all_sessions();
                }
            }
            Change::Reinitialized {
                generation,
                deadline,
                account,
                sessions,
                ..
            } => {
                revoke_all(self.member, RevocationReason::Superseded);
                self.grant(*generation, *deadline);
                self.member.logon_method = LogonMethod::IdPin;
                self.member.reinitialised = true;
                if *account != self.member.account {
                    self.member.account = *account;
                    self.member.pin_failures.clear();
                }
                self.end_by_fate(*sessions);
            }
            Change::Revoked {
                reason,
                method,
                sessions,
                ..
            } => {
                revoke_all(self.member, *reason);
                self.member.grant = Grant::Void {
                    generation: self.member.generation,
                };
                self.member.logon_method = *method;
                self.end_by_fate(*sessions);
            }
            Change::SuspensionLifted { .. } => {
                self.member.account = Account::Active;
                self.member.pin_failures.clear();
            }
            Change::PinReset { pin, .. } => {
                self.member.pin = pin.clone();
                self.member.pin_set = at;
                self.member.account = Account::Active;
                self.member.pin_failures.clear();
            }
            Change::Stopped { .. } => {
                self.member.account = Account::StoppedByAdmin;
                self.end_all_sessions();
            }
            Change::Deregistered { .. } => {
                revoke_all(self.member, RevocationReason::CessationOfOperation);
                self.member.account = Account::Deleted;
                self.member.grant = Grant::Void {
                    generation: self.member.generation,
                };
                self.end_all_sessions();
            }
            _ => return Err(misfit(change, "it is not a change of a member")),
        }
        Ok(())
    }

    fn grant(&mut self, generation: Generation, deadline: Option<OffsetDateTime>) {
        self.member.generation = self.member.generation.max(generation);
        self.member.grant = Grant::Ready {
            generation,
            deadline,
        };
    }

    fn record(
        &mut self,
        generation: Generation,
        change: &Change,
    ) -> Result<&mut CertificateRecord, Inconsistency> {
        let found = self.member.certificates.get_mut(&generation);
        found.ok_or_else(|| {
            misfit(
                change,
                &format!("generation {generation} has no request on record"),
            )
        })
    }

    fn supersede(&mut self, generations: &[Generation]) {
        for generation in generations {
            if let Some(record) = self.member.certificates.get_mut(generation) {
                record.state = CertificateState::Revoked(RevocationReason::Superseded);
            }
        }
        let serials: Vec<_> = self
            .member
            .all_accepted()
            .map(|(_, facts)| facts.serial.clone())
            .collect();
        if !generations.is_empty() {
            self.end_sessions(|kind| matches!(kind, SessionKind::Certificate { serial } if !serials.contains(serial)));
        }
    }

    /// Sets the method; when it becomes the certificate, logons by ID and PIN end (T12).
    fn set_method(&mut self, method: LogonMethod) {
        if method == LogonMethod::Certificate {
            self.end_sessions(|kind| *kind == SessionKind::IdPin);
        }
        self.member.logon_method = method;
    }

    fn open(&mut self, session: SessionId, kind: SessionKind, expires: OffsetDateTime) {
        self.sessions.insert(
            session,
            Session {
                holder: self.holder.clone(),
                kind,
                expires,
            },
        );
    }

    fn end_sessions(&mut self, which: impl Fn(&SessionKind) -> bool) {
        self.sessions
            .retain(|_, session| session.holder != *self.holder || !which(&session.kind));
    }

    fn end_all_sessions(&mut self) {
        self.end_sessions(|_| true);
    }

    /// Retrievals always end; logons as the setting says.
    fn end_by_fate(&mut self, fate: SessionFate) {
        match fate {
            SessionFate::End => self.end_all_sessions(),
            SessionFate::Keep => {
                self.end_sessions(|kind| matches!(kind, SessionKind::Retrieval { .. }));
            }
        }
    }
}

/// Revokes what is accepted; a request without its certificate is forgotten, for its generation is over.
fn revoke_all(member: &mut Member, reason: RevocationReason) {
    member
        .certificates
        .retain(|_, record| record.state != CertificateState::Requested);
    for record in member.certificates.values_mut() {
        if record.state.is_accepted() {
            record.state = CertificateState::Revoked(reason);
        }
    }
}

fn misfit(change: &Change, why: &str) -> Inconsistency {
    Inconsistency {
        change: change.name(),
        why: why.to_owned(),
    }
}
