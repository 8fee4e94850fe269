//! A contract's books, and how a change is written into them.
//!
//! [`Contract::apply`] is the only place where the books change. It needs no settings and no clock: a change says
//! all that was decided. Whether a change may happen is decided in [`crate::decide`].

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::certificate::RevocationReason;
use crate::change::Change;
use crate::house::{House, revoke_all};
use crate::identity::{Holder, UserId};
use crate::member::{Account, Member, Rights};
use crate::pin::PinHash;
use crate::session::{Session, SessionId};

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
                if self
                    .users
                    .get(user)
                    .is_some_and(|former| former.account != Account::Deleted)
                {
                    return Err(misfit(change, "the user is registered already"));
                }
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

pub(crate) fn misfit(change: &Change, why: &str) -> Inconsistency {
    Inconsistency {
        change: change.name(),
        why: why.to_owned(),
    }
}
