//! How a change of one member is written into the books: his facts and his sessions.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::certificate::{CertificateRecord, CertificateState, RevocationReason};
use crate::change::{Change, PinConsequence, SessionFate};
use crate::contract::{Inconsistency, misfit};
use crate::grant::{Generation, Grant};
use crate::identity::Holder;
use crate::member::{Account, Member};
use crate::session::{LogonMethod, Session, SessionId, SessionKind};

/// One member with the sessions of his contract: what a change of his touches.
pub(crate) struct House<'a> {
    pub(crate) holder: &'a Holder,
    pub(crate) member: &'a mut Member,
    pub(crate) sessions: &'a mut BTreeMap<SessionId, Session>,
}

impl House<'_> {
    /// Writes `change` into the member's facts; see [`crate::Contract::apply`].
    pub(crate) fn apply(
        &mut self,
        change: &Change,
        at: OffsetDateTime,
    ) -> Result<(), Inconsistency> {
        match change {
            Change::Granted {
                generation,
                deadline,
                method,
                ..
            } => {
                self.grant(*generation, *deadline);
                self.set_method(*method);
            }
            Change::RetrievalBegun {
                generation,
                session,
                expires,
                origin,
                method,
                ..
            } => {
                self.unused(session, change)?;
                self.member.generation = self.member.generation.max(*generation);
                self.member.grant = Grant::Claimed {
                    generation: *generation,
                    session: *session,
                    origin: *origin,
                };
                self.set_method(*method);
                self.member.pin_failures.clear();
                let kind = SessionKind::Retrieval {
                    generation: *generation,
                };
                self.open(*session, kind, *expires);
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
                self.set_method(*method);
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
                self.unused(session, change)?;
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

    /// Sets the method; when it is the certificate, logons by ID and PIN end (T12).
    fn set_method(&mut self, method: LogonMethod) {
        if method == LogonMethod::Certificate {
            self.end_sessions(|kind| *kind == SessionKind::IdPin);
        }
        self.member.logon_method = method;
    }

    fn open(&mut self, session: SessionId, kind: SessionKind, expires: OffsetDateTime) {
        let opened = Session {
            holder: self.holder.clone(),
            kind,
            expires,
        };
        self.sessions.insert(session, opened);
    }

    fn unused(&self, session: &SessionId, change: &Change) -> Result<(), Inconsistency> {
        if self.sessions.contains_key(session) {
            Err(misfit(change, "the session is open already"))
        } else {
            Ok(())
        }
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
pub(crate) fn revoke_all(member: &mut Member, reason: RevocationReason) {
    member
        .certificates
        .retain(|_, record| record.state != CertificateState::Requested);
    for record in member.certificates.values_mut() {
        if record.state.is_accepted() {
            record.state = CertificateState::Revoked(reason);
        }
    }
}
