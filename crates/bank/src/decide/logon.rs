//! Coming in and going out: T18, T19, ログオフ, and staying active.

use time::Duration;

use crate::bank::Answer;
use crate::certificate::{CertificateState, Fingerprint, Serial};
use crate::change::{Change, SessionEnd};
use crate::event::Actor;
use crate::grant::{Generation, Grant};
use crate::identity::Holder;
use crate::member::{Account, Member};
use crate::pin::Pin;
use crate::refusal::Refusal;
use crate::session::{Door, LogonMethod, SessionId, SessionKind};
use crate::settings::{IdPinAfterReinit, InstallConfirmation, MethodFlipPoint, MethodScope};

use super::{Desk, Outcome};

/// A session's end is written anew at most this often.
const EXTENSION_STEP: Duration = Duration::minutes(1);

impl Desk<'_> {
    /// Logon by ID and PIN (T19); closed while the method is the certificate (T19'), without counting the PIN.
    pub(super) fn log_on(&mut self, holder: &Holder, pin: &Pin, session: SessionId) -> Outcome {
        self.in_service_hours()?;
        self.gate(holder)?;
        self.id_pin_open(holder)?;
        self.check_pin(holder, pin, Door::IdPinLogon)?;
        self.only_once(holder)?;
        let member = self.member(holder)?;
        if member.reinitialised
            && self.settings.id_pin_after_reinit == IdPinAfterReinit::RetrievalOnly
        {
            return Err(Refusal::RetrievalOnly);
        }
        self.open(holder, session, None, None, LogonMethod::IdPin)
    }

    fn id_pin_open(&self, holder: &Holder) -> Result<(), Refusal> {
        let member = self.member(holder)?;
        if member.logon_method == LogonMethod::Certificate {
            return Err(Refusal::IdPinClosed);
        }
        if matches!(member.grant, Grant::Lapsed { .. }) && self.settings.lapse_blocks_logon {
            return Err(Refusal::LapseBlocksLogon);
        }
        if member.reinitialised {
            return Ok(());
        }
        let by_certificate = |other: &Member| {
            other.account != Account::Deleted && other.logon_method == LogonMethod::Certificate
        };
        let contract_decides = self.settings.method_scope == MethodScope::PerContract;
        if contract_decides
            && self
                .contract
                .members()
                .any(|(_, other)| by_certificate(other))
        {
            return Err(Refusal::IdPinClosed);
        }
        if self.settings.certificate_mandatory {
            Err(Refusal::CertificateMandatory)
        } else {
            Ok(())
        }
    }

    /// Logon by certificate and PIN (T18). Which certificate is accepted stands on the books: serial and generation.
    pub(super) fn log_on_with_certificate(
        &mut self,
        serial: &Serial,
        public_key: Fingerprint,
        pin: &Pin,
        session: SessionId,
    ) -> Outcome {
        self.in_service_hours()?;
        let holder = self.holder_of(serial).ok_or(Refusal::UnknownCertificate)?;
        self.gate(&holder)?;
        let member = self.member(&holder)?;
        let generation = super::accepted_now(member, serial, self.now)?;
        let record = member
            .certificates
            .get(&generation)
            .ok_or(Refusal::UnknownCertificate)?;
        if record.public_key != public_key {
            return Err(Refusal::UnknownCertificate);
        }
        let waits = self.settings.method_flip_point == MethodFlipPoint::OnInstallConfirmed;
        if member.logon_method != LogonMethod::Certificate && !waits {
            return Err(Refusal::CertificateClosed);
        }
        self.check_pin(&holder, pin, Door::CertificateLogon)?;
        self.only_once(&holder)?;
        let confirms = self.confirmed_by_use(&holder, generation)?;
        self.open(
            &holder,
            session,
            Some(serial.clone()),
            confirms,
            LogonMethod::Certificate,
        )
    }

    /// Whose record carries `serial`.
    pub(super) fn holder_of(&self, serial: &Serial) -> Option<Holder> {
        let carries = |member: &Member| {
            member.certificates.values().any(|record| {
                record
                    .facts
                    .as_ref()
                    .is_some_and(|facts| facts.serial == *serial)
            })
        };
        self.contract
            .members()
            .find(|(_, member)| carries(member))
            .map(|(holder, _)| holder)
    }

    /// The generation that its first use confirms (T18), where the bank takes that as proof.
    fn confirmed_by_use(
        &self,
        holder: &Holder,
        generation: Generation,
    ) -> Result<Option<Generation>, Refusal> {
        let believes = matches!(
            self.settings.install_confirmation,
            InstallConfirmation::FirstLogon | InstallConfirmation::CompletionOrFirstLogon
        );
        let record = self.member(holder)?.certificates.get(&generation);
        let unconfirmed = record.is_some_and(|record| {
            matches!(
                record.state,
                CertificateState::Signed | CertificateState::Delivered
            )
        });
        Ok((believes && unconfirmed).then_some(generation))
    }

    fn open(
        &mut self,
        holder: &Holder,
        session: SessionId,
        serial: Option<Serial>,
        confirms: Option<Generation>,
        method: LogonMethod,
    ) -> Outcome {
        self.unused(&session)?;
        let member = self.member(holder)?;
        let supersedes = confirms.map_or_else(Vec::new, |generation| {
            super::enrolment::older(member, generation)
        });
        let expires = self
            .now
            .saturating_add(self.settings.user_session_timeout());
        let method = match confirms {
            None => member.logon_method,
            Some(_) => method,
        };
        self.record(
            Actor::Holder,
            Change::LoggedOn {
                holder: holder.clone(),
                session,
                expires,
                serial,
                confirms,
                supersedes,
                method,
            },
        );
        Ok(Answer::Done)
    }

    pub(super) fn in_service_hours(&self) -> Result<(), Refusal> {
        if self.settings.service_hours.open_at(self.now) {
            Ok(())
        } else {
            Err(Refusal::OutsideServiceHours)
        }
    }

    /// One logon at a time (setting `single_session_per_user`, case 90); a retrieval is not a logon.
    fn only_once(&self, holder: &Holder) -> Result<(), Refusal> {
        let inside = self
            .contract
            .sessions_of(holder)
            .any(|(_, session)| session.logon_method().is_some());
        if inside && self.settings.single_session_per_user {
            Err(Refusal::AlreadyLoggedOn)
        } else {
            Ok(())
        }
    }

    /// ログオフ.
    pub(super) fn log_off(&mut self, session: &SessionId) -> Outcome {
        match self.session(session)?.kind {
            SessionKind::Retrieval { .. } => self.close_retrieval(session),
            SessionKind::IdPin | SessionKind::Certificate { .. } => {
                self.record(
                    Actor::Holder,
                    Change::SessionEnded {
                        session: *session,
                        cause: SessionEnd::LoggedOff,
                    },
                );
                Ok(Answer::Done)
            }
        }
    }

    /// Activity in a logon moves its end; a retrieval's end stays where it is.
    pub(super) fn keep_alive(&mut self, session: &SessionId) -> Outcome {
        let found = self.session(session)?;
        self.gate(&found.holder)?;
        let expires = self
            .now
            .saturating_add(self.settings.user_session_timeout());
        if found.logon_method().is_some() && expires - found.expires >= EXTENSION_STEP {
            self.record(
                Actor::Holder,
                Change::SessionExtended {
                    session: *session,
                    expires,
                },
            );
        }
        Ok(Answer::Done)
    }
}
