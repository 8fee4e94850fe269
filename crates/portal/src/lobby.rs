//! Behind the door: every page of somebody who is logged on asks here first.

use axum::response::Response;
use sealbank_bank::{Command, Holder, Refusal};

use crate::answer::{Close, without_session};
use crate::caller::Caller;
use crate::error::Failure;
use crate::site::Site;
use crate::visit::Inside;

impl Site {
    /// The logon behind this request, checked anew and kept alive; or the page that refuses it.
    pub(crate) async fn enter(&self, caller: &Caller) -> Result<Inside, Box<Response>> {
        let inside = self
            .logon_of(caller)
            .map_err(|refusal| Box::new(self.shut_out(caller, refusal)))?;
        let command = Command::KeepAlive {
            contract: inside.contract().clone(),
            session: inside.session,
        };
        match self.app.perform_from(caller.origin, command).await {
            Ok(_) => Ok(inside),
            Err(Failure::Refused(refusal)) => Err(Box::new(self.shut_out(caller, refusal))),
            Err(failure) => Err(Box::new(self.failure(caller, &failure, Close::Logon))),
        }
    }

    /// As [`Site::enter`], for administrators only.
    pub(crate) async fn enter_as_administrator(
        &self,
        caller: &Caller,
    ) -> Result<Inside, Box<Response>> {
        let inside = self.enter(caller).await?;
        if inside.subscriber.holder == Holder::Administrator {
            Ok(inside)
        } else {
            Err(Box::new(self.refusal(
                caller,
                Refusal::NotPermitted,
                Close::Logon,
            )))
        }
    }

    fn logon_of(&self, caller: &Caller) -> Result<Inside, Refusal> {
        let session = caller.session()?;
        let inside = self
            .app
            .inside(caller.origin, &session, caller.presented())?;
        match inside.kind {
            sealbank_bank::SessionKind::Retrieval { .. } => Err(Refusal::NoSession),
            _ => Ok(inside),
        }
    }

    /// A page for whoever is not, or no longer, inside; a cookie that opens nothing is taken away.
    fn shut_out(&self, caller: &Caller, refusal: Refusal) -> Response {
        let page = self.refusal(caller, refusal, Close::Logon);
        match refusal {
            Refusal::SessionTimedOut => without_session(page, caller),
            _ => page,
        }
    }
}
