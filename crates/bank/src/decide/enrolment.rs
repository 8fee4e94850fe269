//! The request and its certificate: T10 to T15, and the request that comes to nothing (cases 34 to 41).

use crate::bank::{Answer, Enrolment};
use crate::certificate::{CertificateFacts, CertificateState, Fingerprint, Serial};
use crate::change::Change;
use crate::event::Actor;
use crate::grant::{Generation, Grant};
use crate::identity::Holder;
use crate::member::Member;
use crate::refusal::Refusal;
use crate::session::{LogonMethod, SessionId};
use crate::settings::{InstallConfirmation, MethodFlipPoint, RenewalOverlap};

use super::{Desk, Outcome};

impl Desk<'_> {
    /// A request arrived (T10): one per generation (V8), in the session that claims it (case 50).
    pub(super) fn accept_request(
        &mut self,
        session: &SessionId,
        request: Fingerprint,
        public_key: Fingerprint,
    ) -> Outcome {
        let (holder, generation) = self.retrieval(session)?;
        let member = self.member(&holder)?;
        if let Some(record) = member.certificates.get(&generation) {
            return match &record.facts {
                _ if record.request != request => Err(Refusal::AnotherRequest),
                Some(facts) if self.settings.resume_by_csr_hash && record.state.is_accepted() => {
                    Ok(Answer::Redeliver(facts.serial.clone()))
                }
                _ => Err(Refusal::RequestReplayed),
            };
        }
        match member.grant {
            Grant::Claimed {
                generation: claimed,
                session: holds,
                ..
            } if claimed == generation && holds == *session => {}
            _ => return Err(Refusal::StaleGeneration),
        }
        let method = self.method_at(MethodFlipPoint::OnRequestAccepted, member);
        let subscriber = self.subscriber(&holder);
        let (not_before, not_after) = self.settings.validity_from(self.now);
        self.record(
            Actor::Holder,
            Change::RequestAccepted {
                holder,
                generation,
                request,
                public_key,
                method,
            },
        );
        let subject = self.profile.subject(&subscriber);
        Ok(Answer::Sign(Enrolment {
            subscriber,
            generation,
            request,
            subject,
            not_before,
            not_after,
        }))
    }

    /// The CA signed (T12). A wrong answer is refused and its certificate disowned (case 41); one for a
    /// generation that is over becomes an orphan (case 52).
    pub(super) fn record_certificate(
        &mut self,
        holder: &Holder,
        generation: Generation,
        request: Fingerprint,
        facts: &CertificateFacts,
    ) -> Outcome {
        let member = self.member(holder)?;
        let Some(public_key) = requested(member, generation, request) else {
            return self.too_late(holder, generation, &facts.serial);
        };
        if self.holder_of(&facts.serial).is_some() {
            // A serial that is on the books already names another certificate, which must not be disowned with it.
            self.withdraw_request(holder, generation, request, None)?;
            return Err(Refusal::CaAnsweredWrong);
        }
        let subject = self.profile.subject(&self.subscriber(holder));
        if facts.subject != subject
            || facts.public_key != public_key
            || facts.not_after < facts.not_before
        {
            self.withdraw_request(holder, generation, request, Some(facts.serial.clone()))?;
            return Err(Refusal::CaAnsweredWrong);
        }
        let method = match self.settings.method_flip_point {
            MethodFlipPoint::OnInstallConfirmed => member.logon_method,
            _ => LogonMethod::Certificate,
        };
        let supersedes = match self.settings.renewal_overlap {
            RenewalOverlap::None => older(member, generation),
            // A renewal before this one that was never confirmed gives way: at most two are accepted (V3).
            RenewalOverlap::UntilConfirmed => unconfirmed(member, generation),
        };
        let change = Change::CertificateRecorded {
            holder: holder.clone(),
            generation,
            facts: facts.clone(),
            supersedes,
            method,
        };
        self.record(Actor::Bank, change);
        Ok(Answer::Done)
    }

    /// An answer that nobody waits for: known, it was said twice (V26); unknown, it is an orphan (case 52).
    fn too_late(&mut self, holder: &Holder, generation: Generation, serial: &Serial) -> Outcome {
        if self.holder_of(serial).is_some() {
            return Ok(Answer::Done);
        }
        let disowned = |(_, member): (Holder, &Member)| member.orphans.contains(serial);
        if !self.contract.members().any(disowned) {
            self.record(
                Actor::Bank,
                Change::OrphanFound {
                    holder: holder.clone(),
                    generation,
                    serial: serial.clone(),
                },
            );
        }
        Err(Refusal::StaleGeneration)
    }

    /// The request came to nothing: the grant is usable again, an orphan is named for revocation.
    pub(super) fn withdraw_request(
        &mut self,
        holder: &Holder,
        generation: Generation,
        request: Fingerprint,
        orphan: Option<Serial>,
    ) -> Outcome {
        let member = self.member(holder)?;
        requested(member, generation, request).ok_or(Refusal::StaleGeneration)?;
        let grant = member.grant.released();
        let method = match grant {
            Grant::Ready { .. } if self.settings.method_flip_point != MethodFlipPoint::OnGrant => {
                LogonMethod::IdPin
            }
            _ => member.logon_method,
        };
        self.record(
            Actor::Bank,
            Change::RequestWithdrawn {
                holder: holder.clone(),
                generation,
                grant,
                orphan,
                method,
            },
        );
        Ok(Answer::Done)
    }

    /// The certificate is about to be sent (T13). Sent again, or seen used meanwhile, nothing changes (V26).
    pub(super) fn mark_delivered(&mut self, holder: &Holder, generation: Generation) -> Outcome {
        let member = self.member(holder)?;
        let record = member
            .certificates
            .get(&generation)
            .ok_or(Refusal::StaleGeneration)?;
        match record.state {
            CertificateState::Signed => {}
            CertificateState::Delivered | CertificateState::Confirmed => return Ok(Answer::Done),
            _ => return Err(Refusal::StaleGeneration),
        }
        let supersedes = match self.settings.install_confirmation {
            InstallConfirmation::None => older(member, generation),
            _ => Vec::new(),
        };
        self.record(
            Actor::Bank,
            Change::Delivered {
                holder: holder.clone(),
                generation,
                supersedes,
            },
        );
        Ok(Answer::Done)
    }

    /// The completion message (T15); twice is once (case 48).
    pub(super) fn confirm_installation(&mut self, session: &SessionId) -> Outcome {
        let (holder, generation) = self.retrieval(session)?;
        let member = self.member(&holder)?;
        let state = member
            .certificates
            .get(&generation)
            .map(|record| record.state);
        let believes = matches!(
            self.settings.install_confirmation,
            InstallConfirmation::CompletionMessage | InstallConfirmation::CompletionOrFirstLogon
        );
        match state {
            Some(CertificateState::Confirmed) => return Ok(Answer::Done),
            Some(CertificateState::Signed | CertificateState::Delivered) => {}
            Some(_) => return Err(Refusal::StaleGeneration),
            None => return self.force_off(*session),
        }
        if believes {
            let supersedes = older(member, generation);
            self.record(
                Actor::Holder,
                Change::Confirmed {
                    holder,
                    generation,
                    supersedes,
                    method: LogonMethod::Certificate,
                },
            );
        }
        Ok(Answer::Done)
    }
}

/// The key of the open request of `generation`, if it is this request and the generation is not over.
fn requested(member: &Member, generation: Generation, request: Fingerprint) -> Option<Fingerprint> {
    let record = member.certificates.get(&generation)?;
    let open = record.state == CertificateState::Requested && record.request == request;
    let claimed =
        matches!(member.grant, Grant::Claimed { generation: claimed, .. } if claimed == generation);
    (open && claimed).then_some(record.public_key)
}

/// Accepted generations before `generation`: what its certificate replaces.
pub(super) fn older(member: &Member, generation: Generation) -> Vec<Generation> {
    member
        .all_accepted()
        .map(|(accepted, _)| accepted)
        .filter(|accepted| *accepted < generation)
        .collect()
}

/// Accepted generations before `generation`, but for the newest that was confirmed.
fn unconfirmed(member: &Member, generation: Generation) -> Vec<Generation> {
    let before = older(member, generation);
    let confirmed = |g: &&Generation| {
        member
            .certificates
            .get(*g)
            .is_some_and(|record| record.state == CertificateState::Confirmed)
    };
    let keep = before.iter().rfind(confirmed).or(before.last()).copied();
    before
        .into_iter()
        .filter(|generation| Some(*generation) != keep)
        .collect()
}
