//! The doors for people: ID+PIN on the ib origin (T19), certificate+PIN on the cert origin (T18), and ログオフ.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use sealbank_bank::settings::LogonAfterRetrieval;
use sealbank_bank::{Command, Holder, Pin, Refusal, SessionId};

use crate::answer::{Close, alert, field_alert, go_to, show, with_session, without_session};
use crate::caller::Caller;
use crate::cookie::BrowserRun;
use crate::error::Failure;
use crate::form::Form;
use crate::origin::Origin;
use crate::peer::Standing;
use crate::retrieval::{nobody, subscriber_of};
use crate::screens::{
    AdministratorLogon, AdministratorProof, Alert, CertificateLogon, ClosedScreen, Ending, IdLogon,
    Moment, Page, Party, PinAgeNotice,
};
use crate::secret::Token;
use crate::site::{Shared, Site};
use crate::status;
use crate::trail::{Note, Outcome};

/// GET `/logon`.
pub(crate) async fn user_form(State(site): State<Shared>, caller: Caller) -> Response {
    empty_form(&site, &caller, Party::User)
}

/// GET `/admin/logon`.
pub(crate) async fn administrator_form(State(site): State<Shared>, caller: Caller) -> Response {
    empty_form(&site, &caller, Party::Administrator)
}

/// POST `/logon`.
pub(crate) async fn log_on_user(
    State(site): State<Shared>,
    caller: Caller,
    form: Form,
) -> Response {
    log_on(&site, &caller, form, Party::User).await
}

/// POST `/admin/logon`.
pub(crate) async fn log_on_administrator(
    State(site): State<Shared>,
    caller: Caller,
    form: Form,
) -> Response {
    log_on(&site, &caller, form, Party::Administrator).await
}

/// POST `/logoff`: whoever was inside is outside afterwards, and whoever was not, too.
pub(crate) async fn log_off(State(site): State<Shared>, caller: Caller, _form: Form) -> Response {
    if let Ok(session) = caller.session()
        && let Ok(contract) = site.app.locate(caller.origin, &session)
    {
        let command = Command::LogOff { contract, session };
        let done = site.app.perform_from(caller.origin, command).await;
        if let Err(failure @ Failure::Failed(_)) = done {
            return site.failure(&caller, &failure, Close::Logon);
        }
    }
    let page = site.page(&caller);
    let ending = Ending::LoggedOff;
    without_session(show(&ClosedScreen { page, ending }), &caller)
}

fn empty_form(site: &Site, caller: &Caller, party: Party) -> Response {
    if let Err(refusal) = in_a_new_run(site, caller) {
        return site.refusal(caller, refusal, Close::Logon);
    }
    if caller.origin == Origin::Cert && caller.peer.is_none() {
        turned_away(site, caller, Refusal::NoCertificate, None);
        let page = site.page(caller).with_alert(alert(Refusal::NoCertificate));
        let status = status::of_refusal(Refusal::NoCertificate);
        return (status, logon_screen(page, caller, party, None)).into_response();
    }
    logon_screen(site.page(caller), caller, party, None)
}

/// This door's form; what was sent before is in it again, but for the PIN.
fn logon_screen(page: Page, caller: &Caller, party: Party, sent: Option<&Form>) -> Response {
    let text = |name| sent.map_or_else(String::new, |form| form.text(name).to_owned());
    let common_name = caller.peer.as_ref().map(|peer| peer.common_name.clone());
    match (party, caller.origin) {
        (Party::User, Origin::Cert) => show(&CertificateLogon { page, common_name }),
        (Party::User, _) => show(&IdLogon {
            page,
            contract: text("contract"),
            user: text("user"),
        }),
        (Party::Administrator, Origin::Cert) => show(&AdministratorLogon {
            page,
            proof: AdministratorProof::Certificate { common_name },
        }),
        (Party::Administrator, _) => show(&AdministratorLogon {
            page,
            proof: AdministratorProof::Contract {
                typed: text("contract"),
            },
        }),
    }
}

async fn log_on(site: &Site, caller: &Caller, mut form: Form, party: Party) -> Response {
    let pin = form.take("pin");
    let missing = missing_fields(&form, caller, party, &pin);
    if !missing.is_empty() {
        let mut page = site.page(caller);
        page.alerts = missing;
        let status = status::of_refusal(Refusal::FieldMissing);
        let again = logon_screen(page, caller, party, Some(&form));
        return (status, again).into_response();
    }
    let pin = Pin::new(&pin);
    let token = match Token::random() {
        Ok(token) => token,
        Err(error) => return site.failure(caller, &error.into(), Close::Logon),
    };
    let session = token.session();
    let command = match caller.origin {
        Origin::Cert => match by_certificate(site, caller, party, pin, session) {
            Ok(command) => command,
            Err(refusal) => return site.refusal(caller, refusal, Close::Logon),
        },
        _ => match subscriber_of(&site.app, &form, party) {
            Some(subscriber) => Command::LogOn {
                subscriber,
                pin,
                session,
            },
            None => return nobody(site, caller, "log-on", pin, Close::Logon).await,
        },
    };
    match site.app.perform_from(caller.origin, command).await {
        Ok(_) => with_session(welcome(site, caller, party, &session), caller, &token),
        Err(failure) => site.failure(caller, &failure, Close::Logon),
    }
}

/// The logon that the presented certificate stands for. Whether it is accepted is for the bank's books to say;
/// here is only refused what cannot be on them.
fn by_certificate(
    site: &Site,
    caller: &Caller,
    party: Party,
    pin: Pin,
    session: SessionId,
) -> Result<Command, Refusal> {
    in_a_new_run(site, caller)?;
    let Some(peer) = &caller.peer else {
        turned_away(site, caller, Refusal::NoCertificate, None);
        return Err(Refusal::NoCertificate);
    };
    let unknown = |why: &str| {
        let detail = format!("{why}, serial {}", peer.serial);
        turned_away(site, caller, Refusal::UnknownCertificate, Some(detail));
        Refusal::UnknownCertificate
    };
    if let standing @ (Standing::Foreign | Standing::NotOnTheBooks) = site.app.standing(peer) {
        return Err(unknown(standing.reason()));
    }
    let found = site.app.bank(|bank| {
        let found = bank.find_certificate(&peer.serial);
        found.map(|(subscriber, _)| subscriber)
    });
    let subscriber = found.ok_or_else(|| unknown("not on the books"))?;
    let fits = (party == Party::Administrator) == (subscriber.holder == Holder::Administrator);
    if !fits {
        return Err(unknown("at the other door"));
    }
    Ok(Command::LogOnWithCertificate {
        contract: subscriber.contract,
        serial: peer.serial.clone(),
        public_key: peer.public_key,
        pin,
        session,
    })
}

/// L22: after a retrieval nobody logs on by certificate until all windows of the browser were closed.
fn in_a_new_run(site: &Site, caller: &Caller) -> Result<(), Refusal> {
    let minds = site
        .app
        .bank(|bank| bank.settings().logon_after_retrieval == LogonAfterRetrieval::NewBrowserRun);
    if caller.origin == Origin::Cert && caller.run == BrowserRun::Retrieved && minds {
        turned_away(site, caller, Refusal::BrowserNotClosed, None);
        return Err(Refusal::BrowserNotClosed);
    }
    Ok(())
}

/// What a logon leads to: the status, or first, once, the notice that the PIN is old (m-PINAGE).
fn welcome(site: &Site, caller: &Caller, party: Party, session: &SessionId) -> Response {
    let presented = caller.presented();
    let Ok(inside) = site.app.inside(caller.origin, session, presented) else {
        return go_to("/status");
    };
    let now = site.app.clock().now();
    if site.app.bank(|bank| bank.pin_is_old(&inside.member, now)) {
        show(&PinAgeNotice {
            page: site.page(caller),
            party,
            set: Moment(inside.member.pin_set),
        })
    } else {
        go_to("/status")
    }
}

/// The 必須 fields of this door that are empty; no PIN is counted for them.
fn missing_fields(form: &Form, caller: &Caller, party: Party, pin: &str) -> Vec<Alert> {
    let mut fields = Vec::new();
    if caller.origin != Origin::Cert {
        fields.push(("契約法人ID", form.text("contract")));
        if party == Party::User {
            fields.push(("利用者ID", form.text("user")));
        }
    }
    fields.push((party.pin_label(), pin));
    let empty = fields.into_iter().filter(|(_, text)| text.is_empty());
    empty
        .map(|(label, _)| field_alert(Refusal::FieldMissing, label))
        .collect()
}

/// Notes a certificate that got no further than the door.
fn turned_away(site: &Site, caller: &Caller, refusal: Refusal, detail: Option<String>) {
    site.app.note(Note {
        at: site.app.clock().now(),
        origin: caller.origin,
        what: "log-on-with-certificate",
        subscriber: None,
        outcome: Outcome::refused(refusal),
        detail,
    });
}
