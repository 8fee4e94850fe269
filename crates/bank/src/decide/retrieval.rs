//! The retrieval session: from 取得 (T04) to 閉じる (T06, T16), and its cancellation (T08, T14').

use time::Duration;

use crate::bank::Answer;
use crate::change::{Abandonment, Change, SessionEnd};
use crate::command::{Browser, Popup};
use crate::event::Actor;
use crate::grant::{ClaimOrigin, Generation, Grant};
use crate::identity::Holder;
use crate::member::Member;
use crate::refusal::Refusal;
use crate::session::{Door, LogonMethod, SessionId, SessionKind};
use crate::settings::MethodFlipPoint;

use super::{Desk, Outcome};

impl Desk<'_> {
    /// 取得 (T04). The same form sent twice finds its own claim and changes nothing (case 16).
    pub(super) fn begin_retrieval(
        &mut self,
        holder: &Holder,
        pin: &crate::Pin,
        session: SessionId,
        browser: Browser,
    ) -> Outcome {
        self.in_service_hours()?;
        if browser == Browser::Unsupported {
            return Err(Refusal::UnsupportedBrowser);
        }
        self.gate(holder)?;
        self.check_pin(holder, pin, Door::Retrieval)?;
        let member = self.member(holder)?;
        let (generation, origin) = match member.grant {
            Grant::Ready {
                generation,
                deadline,
            } => (generation, ClaimOrigin::Granted { deadline }),
            Grant::Claimed { session: holds, .. } if self.holds(holds, session) => {
                return Ok(Answer::Done);
            }
            Grant::Consumed {
                generation: previous,
            } if self.in_grace(member) => {
                (member.generation.next(), ClaimOrigin::Renewal { previous })
            }
            other => return Err(unclaimable(&other, member)),
        };
        self.claim(holder, generation, session, origin, Actor::Holder)
    }

    /// 更新 (T20): a retrieval under the next generation, opened from a logon by certificate.
    pub(super) fn renew(&mut self, session: &SessionId, retrieval: SessionId) -> Outcome {
        let logon = self.session(session)?;
        let SessionKind::Certificate { serial } = &logon.kind else {
            return Err(Refusal::NotPermitted);
        };
        self.in_service_hours()?;
        self.gate(&logon.holder)?;
        let member = self.member(&logon.holder)?;
        super::accepted_now(member, serial, self.now)?;
        let origin = match member.grant {
            Grant::Consumed { generation } => ClaimOrigin::Renewal {
                previous: generation,
            },
            Grant::Claimed { session: holds, .. } if self.holds(holds, retrieval) => {
                return Ok(Answer::Done);
            }
            Grant::Claimed { .. } => return Err(Refusal::RetrievalInProgress),
            _ => return Err(Refusal::NotGranted),
        };
        let window = Duration::days(self.settings.renewal_window_days.into());
        let (_, newest) = member.accepted().ok_or(Refusal::UnknownCertificate)?;
        if self.now < newest.not_after.saturating_sub(window) {
            return Err(Refusal::OutsideRenewalWindow);
        }
        let generation = member.generation.next();
        self.claim(&logon.holder, generation, retrieval, origin, Actor::Holder)
    }

    /// Whether `asked` is the session that holds the claim, and alive (case 16); once it is over, the form sent
    /// again changes nothing (V19).
    fn holds(&self, claimed_by: SessionId, asked: SessionId) -> bool {
        claimed_by == asked && self.contract.sessions.contains_key(&asked)
    }

    fn claim(
        &mut self,
        holder: &Holder,
        generation: Generation,
        session: SessionId,
        origin: ClaimOrigin,
        by: Actor,
    ) -> Outcome {
        self.unused(&session)?;
        let expires = self
            .now
            .saturating_add(self.settings.retrieval_session_timeout());
        let method = self.method_at(MethodFlipPoint::OnFormAccepted, self.member(holder)?);
        let holder = holder.clone();
        self.record(
            by,
            Change::RetrievalBegun {
                holder,
                generation,
                session,
                expires,
                origin,
                method,
            },
        );
        Ok(Answer::Done)
    }

    /// Whether an expired certificate lets its user retrieve again by himself (case 70).
    fn in_grace(&self, member: &Member) -> bool {
        let grace = Duration::days(self.settings.expired_self_retrieval_grace_days.into());
        let ended = |(_, record): (Generation, &crate::CertificateRecord)| {
            record
                .facts
                .as_ref()
                .filter(|_| record.state == crate::CertificateState::Expired)
                .map(|facts| facts.not_after)
        };
        !grace.is_zero()
            && member
                .latest_record()
                .and_then(ended)
                .is_some_and(|end| self.now <= end.saturating_add(grace))
    }

    /// 閉じる: before the request a safe abort (T06), afterwards the end of the session (T16).
    pub(super) fn close_retrieval(&mut self, session: &SessionId) -> Outcome {
        let SessionKind::Retrieval { .. } = self.session(session)?.kind else {
            return Err(Refusal::NotARetrieval);
        };
        let holder = self.session(session)?.holder;
        let change = self.abandoned(&holder, *session, Abandonment::Closed);
        self.record(
            Actor::Holder,
            change.unwrap_or(Change::RetrievalClosed {
                holder,
                session: *session,
            }),
        );
        Ok(Answer::Done)
    }

    /// キャンセル: on the first popup before the request (T08), on the second after the answer (T14').
    /// In any other order the session is forced to end (case 91).
    pub(super) fn cancel_popup(&mut self, session: &SessionId, popup: Popup) -> Outcome {
        let (holder, generation) = self.retrieval(session)?;
        let member = self.member(&holder)?;
        let recorded = member
            .certificates
            .get(&generation)
            .is_some_and(|record| record.facts.is_some());
        match popup {
            Popup::First => match self.abandoned(&holder, *session, Abandonment::Cancelled) {
                Some(change) => self.record(Actor::Holder, change),
                None => return self.force_off(*session),
            },
            Popup::Second if !recorded => return self.force_off(*session),
            Popup::Second if self.settings.cancel_popup2_keeps_grant => {
                let change = self.reinitialized(&holder)?;
                self.record(Actor::Bank, change);
            }
            Popup::Second => self.record(
                Actor::Holder,
                Change::RetrievalClosed {
                    holder,
                    session: *session,
                },
            ),
        }
        Ok(Answer::Done)
    }

    /// Gives the claim of `session` back, as long as no request of it was accepted (V12).
    pub(super) fn abandoned(
        &self,
        holder: &Holder,
        session: SessionId,
        cause: Abandonment,
    ) -> Option<Change> {
        let member = self.contract.member(holder)?;
        let Grant::Claimed {
            generation,
            session: holds,
            origin,
        } = member.grant
        else {
            return None;
        };
        if holds != session || member.certificates.contains_key(&generation) {
            return None;
        }
        let burns = cause == Abandonment::Cancelled && !self.settings.cancel_popup1_keeps_grant;
        let grant = match origin {
            ClaimOrigin::Granted { .. } if burns => Grant::Void { generation },
            ClaimOrigin::Granted { .. } | ClaimOrigin::Renewal { .. } => member.grant.released(),
        };
        let method = match (self.settings.method_flip_point, origin) {
            (MethodFlipPoint::OnFormAccepted, ClaimOrigin::Granted { .. }) => LogonMethod::IdPin,
            _ => member.logon_method,
        };
        Some(Change::RetrievalAbandoned {
            holder: holder.clone(),
            session,
            grant,
            cause,
            method,
        })
    }

    /// 強制ログオフ; a grant claimed without a request is given back (V12).
    pub(super) fn force_off(&mut self, session: SessionId) -> Outcome {
        self.end_session(session, Abandonment::Forced, SessionEnd::Forced);
        Err(Refusal::IrregularOrder)
    }
}

/// Why a grant in this state can't be claimed.
fn unclaimable(grant: &Grant, member: &Member) -> Refusal {
    match grant {
        Grant::None | Grant::Ready { .. } => Refusal::NotGranted,
        Grant::Claimed { .. } => Refusal::RetrievalInProgress,
        Grant::Lapsed { .. } => Refusal::GrantLapsed,
        Grant::Void { .. } => Refusal::GrantVoid,
        Grant::Consumed { .. } => match member.latest_record().map(|(_, record)| record.state) {
            Some(crate::CertificateState::Expired) => Refusal::ExpiredCertificate,
            _ => Refusal::AlreadyRetrieved,
        },
    }
}
