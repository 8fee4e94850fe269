//! Who is inside: every request asks the bank anew, never the handshake alone (procedure 0.7, V15).

use sealbank_bank::{
    ContractId, Holder, Member, Refusal, Serial, SessionId, SessionKind, Subscriber,
};

use crate::app::App;
use crate::origin::Origin;
use crate::trail::{Note, Outcome};

/// An open session, as the books showed it when they were asked.
#[derive(Debug, Clone)]
pub(crate) struct Inside {
    /// Who.
    pub(crate) subscriber: Subscriber,
    /// His session.
    pub(crate) session: SessionId,
    /// What it is for.
    pub(crate) kind: SessionKind,
    /// His facts.
    pub(crate) member: Member,
    /// His corporation's name.
    pub(crate) corporation: String,
}

impl Inside {
    /// His contract.
    pub(crate) fn contract(&self) -> &ContractId {
        &self.subscriber.contract
    }

    /// His 利用者ID; none for an administrator.
    pub(crate) fn user(&self) -> Option<String> {
        match &self.subscriber.holder {
            Holder::Administrator => None,
            Holder::User(user) => Some(user.to_string()),
        }
    }
}

impl App {
    /// The contract in which `session` is open.
    pub(crate) fn locate(
        &self,
        origin: Origin,
        session: &SessionId,
    ) -> Result<ContractId, Refusal> {
        let found = self.bank(|bank| bank.contract_of(session).cloned());
        found.ok_or_else(|| self.lost(origin, session, Refusal::NoSession))
    }

    /// Checks `session` for one request on whose connection the certificate `presented` was proved.
    pub(crate) fn inside(
        &self,
        origin: Origin,
        session: &SessionId,
        presented: Option<&Serial>,
    ) -> Result<Inside, Refusal> {
        let now = self.clock().now();
        let found = self.bank(|bank| {
            let visit = bank.visit(session, presented, now)?;
            Ok(Inside {
                subscriber: visit.subscriber(),
                session: *session,
                kind: visit.session.kind.clone(),
                member: visit.member.clone(),
                corporation: visit.contract.name.clone(),
            })
        });
        found.map_err(|refusal| self.lost(origin, session, refusal))
    }

    /// Notes a request that was refused before it became a command, and says whether its session timed out.
    fn lost(&self, origin: Origin, session: &SessionId, refusal: Refusal) -> Refusal {
        let refusal = match refusal {
            Refusal::NoSession if self.timed_out.knows(session) => Refusal::SessionTimedOut,
            other => other,
        };
        self.note(Note {
            at: self.clock().now(),
            origin,
            what: "visit",
            subscriber: None,
            outcome: Outcome::refused(refusal),
            detail: None,
        });
        refusal
    }
}
