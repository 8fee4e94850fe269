//! After a restart: sessions are over (case 21), and open requests are settled by the CA's word (T31).

use crate::bank::Answer;
use crate::certificate::Fingerprint;
use crate::change::{Abandonment, SessionEnd};
use crate::command::Finding;
use crate::grant::Generation;
use crate::identity::Holder;
use crate::session::SessionId;

use super::{Desk, Outcome};

impl Desk<'_> {
    /// Ends every session; a claim without a request is given back.
    pub(super) fn recover(&mut self) -> Outcome {
        let open: Vec<SessionId> = self.contract.sessions.keys().copied().collect();
        for session in open {
            self.end_session(session, Abandonment::Recovered, SessionEnd::Recovered);
        }
        Ok(Answer::Done)
    }

    /// Settles an open request (cases 34, 35, 39): never signed, it is withdrawn; signed, it is adopted where the
    /// user can fetch it again, and else disowned, so that he can start anew.
    pub(super) fn reconcile(
        &mut self,
        holder: &Holder,
        generation: Generation,
        request: Fingerprint,
        finding: &Finding,
    ) -> Outcome {
        match finding {
            Finding::NotSigned => self.withdraw_request(holder, generation, request, None),
            Finding::Signed(facts) if self.settings.resume_by_csr_hash => {
                self.record_certificate(holder, generation, request, facts)
            }
            Finding::Signed(facts) => {
                self.withdraw_request(holder, generation, request, Some(facts.serial.clone()))
            }
        }
    }
}
