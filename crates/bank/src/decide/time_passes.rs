//! Time passes: deadlines (T29), expiries (T21), time-outs (T30), notices. Happens before every command.

use time::Duration;

use crate::change::{Abandonment, Change, SessionEnd};
use crate::event::Actor;
use crate::grant::Grant;
use crate::identity::Holder;
use crate::member::{Account, Member};
use crate::session::{SessionId, SessionKind};

use super::Desk;

impl Desk<'_> {
    /// Records all that is due at the desk's `now`, in a fixed order.
    pub(super) fn let_time_pass(&mut self) {
        for session in self.timed_out_sessions() {
            self.end_session(session, Abandonment::TimedOut, SessionEnd::TimedOut);
        }
        let due: Vec<Change> = self
            .contract
            .members()
            .flat_map(|(holder, member)| self.due(&holder, member))
            .collect();
        for change in due {
            self.record(Actor::Bank, change);
        }
    }

    fn timed_out_sessions(&self) -> Vec<SessionId> {
        let late = self
            .contract
            .sessions
            .iter()
            .filter(|(_, session)| session.expires <= self.now);
        late.map(|(id, _)| *id).collect()
    }

    /// Ends a session by time or restart. A retrieval whose request was not accepted gives its grant back (T30).
    pub(super) fn end_session(&mut self, id: SessionId, abandonment: Abandonment, end: SessionEnd) {
        let Ok(session) = self.session(&id) else {
            return;
        };
        let abandoned = match session.kind {
            SessionKind::Retrieval { .. } => self.abandoned(&session.holder, id, abandonment),
            SessionKind::IdPin | SessionKind::Certificate { .. } => None,
        };
        self.record(
            Actor::Bank,
            abandoned.unwrap_or(Change::SessionEnded {
                session: id,
                cause: end,
            }),
        );
    }

    fn due(&self, holder: &Holder, member: &Member) -> Vec<Change> {
        let mut due = Vec::new();
        if member.account == Account::Deleted {
            return due;
        }
        if let Grant::Ready {
            generation,
            deadline: Some(deadline),
        } = member.grant
            && deadline < self.now
        {
            due.push(Change::GrantLapsed {
                holder: holder.clone(),
                generation,
            });
        }
        for (generation, facts) in member.all_accepted() {
            if facts.not_after < self.now {
                due.push(Change::CertificateExpired {
                    holder: holder.clone(),
                    generation,
                });
            }
        }
        due.extend(self.due_notices(holder, member));
        due
    }

    /// Notices of the coming end, each sent once a certificate (setting `expiry_notices_days`).
    fn due_notices(&self, holder: &Holder, member: &Member) -> Vec<Change> {
        let Some((_, facts)) = member.accepted() else {
            return Vec::new();
        };
        let is_due = |days: u16| {
            self.now <= facts.not_after
                && facts.not_after.saturating_sub(Duration::days(days.into())) <= self.now
        };
        let unsent = self
            .settings
            .expiry_notices_days
            .iter()
            .filter(|days| is_due(**days) && !member.notices.contains(days));
        unsent
            .map(|days| Change::NoticeSent {
                holder: holder.clone(),
                days: *days,
            })
            .collect()
    }
}
