//! What an administrator does for his users: T01, T02, T22, T23, T25, T26; and who may unlock him.

use crate::bank::Answer;
use crate::certificate::{CertificateState, RevocationReason};
use crate::change::Change;
use crate::command::AdminAct;
use crate::event::Actor;
use crate::grant::Grant;
use crate::identity::{Holder, UserId};
use crate::member::{Account, Rights};
use crate::pin::{Pin, PinHash};
use crate::refusal::Refusal;
use crate::session::{Door, LogonMethod, SessionId};
use crate::settings::{MethodFlipPoint, RevokeOnlyResult};

use super::{Desk, Outcome};

impl Desk<'_> {
    /// An administrator's change: his session, then his confirmation PIN, then the act itself.
    pub(super) fn administer(
        &mut self,
        session: &SessionId,
        confirmation: &Pin,
        act: &AdminAct,
    ) -> Outcome {
        let logon = self.session(session)?;
        if logon.holder != Holder::Administrator || logon.logon_method().is_none() {
            return Err(Refusal::NotPermitted);
        }
        self.gate(&Holder::Administrator)?;
        let hash = self.contract.confirmation.clone();
        self.check_secret(
            &Holder::Administrator,
            &hash,
            confirmation,
            Door::Confirmation,
            Refusal::WrongConfirmationPin,
        )?;
        let change = match act {
            AdminAct::Register {
                user,
                name,
                rights,
                pin,
            } => self.registered(user, name, *rights, pin)?,
            AdminAct::Grant { user } => self.granted(&self.user(user)?)?,
            AdminAct::Reinitialize { user } => self.reinitialized(&self.user(user)?)?,
            AdminAct::Revoke { user, reason } => self.revoked(&self.user(user)?, *reason)?,
            AdminAct::LiftSuspension { user } => self.lifted(&self.user(user)?)?,
            AdminAct::ResetPin { user, pin } => Change::PinReset {
                holder: self.user(user)?,
                pin: pin.clone(),
            },
            AdminAct::Stop { user } => {
                let holder = self.user(user)?;
                let change = self.stopped(&holder)?;
                self.release_claim(&holder);
                change
            }
            AdminAct::Deregister { user } => Change::Deregistered {
                holder: self.user(user)?,
            },
        };
        self.record(Actor::Administrator, change);
        Ok(Answer::Done)
    }

    /// m-ADM-UNLOCK: a user with 管理者リセット権限 lifts the administrator's lock.
    pub(super) fn unlock_administrator(&mut self, session: &SessionId, pin: &Pin) -> Outcome {
        let logon = self.session(session)?;
        let member = self.member(&logon.holder)?;
        if member.rights != Rights::ResetAdministrator || logon.logon_method().is_none() {
            return Err(Refusal::NotPermitted);
        }
        // His own account must be open; that the administrator's is not is why he came.
        if member.account != Account::Active {
            return Err(Refusal::Suspended);
        }
        self.check_pin(&logon.holder, pin, Door::Confirmation)?;
        let change = self.lifted(&Holder::Administrator)?;
        self.record(Actor::Holder, change);
        Ok(Answer::Done)
    }

    /// The registered user that an act is about.
    fn user(&self, user: &UserId) -> Result<Holder, Refusal> {
        let member = self.contract.users.get(user).ok_or(Refusal::NoSuchUser)?;
        if member.account == Account::Deleted {
            Err(Refusal::NoSuchUser)
        } else {
            Ok(Holder::User(user.clone()))
        }
    }

    /// T01.
    fn registered(
        &self,
        user: &UserId,
        name: &str,
        rights: Rights,
        pin: &PinHash,
    ) -> Result<Change, Refusal> {
        let former = self.contract.users.get(user);
        let reusable = former.is_some_and(|former| {
            former.account == Account::Deleted && self.settings.user_id_reusable_after_delete
        });
        if former.is_some() && !reusable {
            return Err(Refusal::UserIdTaken);
        }
        let registered = self
            .contract
            .users
            .values()
            .filter(|member| member.account != Account::Deleted)
            .count();
        if registered >= usize::from(self.settings.max_users_per_contract) {
            return Err(Refusal::TooManyUsers);
        }
        Ok(Change::UserRegistered {
            user: user.clone(),
            name: name.to_owned(),
            rights,
            pin: pin.clone(),
        })
    }

    /// T02: only where nothing was granted before; afterwards 再発行 is the word.
    pub(super) fn granted(&self, holder: &Holder) -> Result<Change, Refusal> {
        let member = self.member(holder)?;
        if member.account != Account::Active {
            return Err(Refusal::NotPossible);
        }
        if member.grant != Grant::None {
            return Err(Refusal::AlreadyGranted);
        }
        Ok(Change::Granted {
            holder: holder.clone(),
            generation: member.generation.next(),
            deadline: self.settings.deadline_from(self.now),
            method: self.method_at(MethodFlipPoint::OnGrant, member),
        })
    }

    /// T22: from any state of the certificate, for everybody who is not deleted (V1).
    pub(super) fn reinitialized(&self, holder: &Holder) -> Result<Change, Refusal> {
        let member = self.member(holder)?;
        if member.account == Account::Deleted {
            return Err(Refusal::NotPossible);
        }
        let unlocks = self.settings.reinit_unlocks_pin && member.account == Account::Suspended;
        Ok(Change::Reinitialized {
            holder: holder.clone(),
            generation: member.generation.next(),
            deadline: self.settings.deadline_from(self.now),
            account: if unlocks {
                Account::Active
            } else {
                member.account
            },
            sessions: self.session_fate(),
        })
    }

    /// T23.
    fn revoked(&self, holder: &Holder, reason: RevocationReason) -> Result<Change, Refusal> {
        let member = self.member(holder)?;
        let in_flight = member
            .certificates
            .values()
            .any(|record| record.state == CertificateState::Requested);
        if member.accepted().is_none() && !in_flight {
            return Err(Refusal::NothingToRevoke);
        }
        let method = match self.settings.revoke_only_result {
            RevokeOnlyResult::Blocked => LogonMethod::Certificate,
            RevokeOnlyResult::IdPin => LogonMethod::IdPin,
        };
        Ok(Change::Revoked {
            holder: holder.clone(),
            reason,
            method,
            sessions: self.session_fate(),
        })
    }

    /// T25.
    pub(super) fn lifted(&self, holder: &Holder) -> Result<Change, Refusal> {
        match self.member(holder)?.account {
            Account::Suspended | Account::StoppedByAdmin => Ok(Change::SuspensionLifted {
                holder: holder.clone(),
            }),
            Account::Active | Account::Deleted => Err(Refusal::NotSuspended),
        }
    }

    fn stopped(&self, holder: &Holder) -> Result<Change, Refusal> {
        match self.member(holder)?.account {
            Account::Active | Account::Suspended => Ok(Change::Stopped {
                holder: holder.clone(),
            }),
            Account::StoppedByAdmin | Account::Deleted => Err(Refusal::NotPossible),
        }
    }
}
