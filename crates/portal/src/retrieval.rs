//! 手順1 and 手順2: m-TOP's way to CIBMU921, 取得 (T04), m-MID, and 閉じる (T06, T16).
//!
//! What follows from m-RUN on is in [`crate::execution`]; the software keyboard in [`crate::keyboard_page`].

use axum::extract::State;
use axum::response::Response;
use sealbank_bank::{
    Command, ContractId, Pin, Refusal, SessionId, SessionKind, Subscriber, UserId,
};
use zeroize::Zeroizing;

use crate::answer::{Close, field_alert, show, show_again, with_session, without_session};
use crate::app::App;
use crate::caller::Caller;
use crate::error::Failure;
use crate::form::Form;
use crate::misfit::Misfit;
use crate::screens::{
    Alert, ClosedScreen, Ending, IntermediateScreen, Party, PinEntry, RetrievalForm,
};
use crate::secret::{Purpose, Token};
use crate::site::{Shared, Site};
use crate::trail::{Note, Outcome};

/// GET `/retrieval`: CIBMU921.
pub(crate) async fn user_form(State(site): State<Shared>, caller: Caller) -> Response {
    empty_form(&site, &caller, Party::User)
}

/// GET `/retrieval/administrator`: the same for 契約法人.
pub(crate) async fn administrator_form(State(site): State<Shared>, caller: Caller) -> Response {
    empty_form(&site, &caller, Party::Administrator)
}

/// POST `/retrieval`: 取得.
pub(crate) async fn begin_user(State(site): State<Shared>, caller: Caller, form: Form) -> Response {
    begin(&site, &caller, form, Party::User).await
}

/// POST `/retrieval/administrator`: 取得 for 契約法人.
pub(crate) async fn begin_administrator(
    State(site): State<Shared>,
    caller: Caller,
    form: Form,
) -> Response {
    begin(&site, &caller, form, Party::Administrator).await
}

/// POST `/retrieval/close`: 閉じる on every screen of a retrieval; without one there is nothing to end.
pub(crate) async fn close(State(site): State<Shared>, caller: Caller, _form: Form) -> Response {
    let closed = |ending| {
        let page = site.page(&caller);
        without_session(show(&ClosedScreen { page, ending }), &caller)
    };
    let Ok(session) = caller.session() else {
        return closed(Ending::Abandoned);
    };
    let Ok(contract) = site.app.locate(caller.origin, &session) else {
        return closed(Ending::Abandoned);
    };
    let ending = ending_of(&site.app, &contract, &session);
    let command = Command::CloseRetrieval { contract, session };
    match site.app.perform_from(caller.origin, command).await {
        Ok(_) => closed(ending),
        Err(Failure::Refused(Refusal::NoSession)) => closed(Ending::Abandoned),
        Err(failure) => site.failure(&caller, &failure, Close::Logon),
    }
}

/// Whether a certificate came of the retrieval that is being closed.
fn ending_of(app: &App, contract: &ContractId, session: &SessionId) -> Ending {
    let retrieved = app.bank(|bank| {
        let books = bank.contract(contract)?;
        let open = books.sessions.get(session)?;
        let SessionKind::Retrieval { generation } = &open.kind else {
            return None;
        };
        let record = books.member(&open.holder)?.certificates.get(generation)?;
        record.facts.as_ref().map(|_| ())
    });
    match retrieved {
        Some(()) => Ending::Retrieved,
        None => Ending::Abandoned,
    }
}

async fn begin(site: &Site, caller: &Caller, mut form: Form, party: Party) -> Response {
    let Some(nonce) = form.token("nonce") else {
        return site.misfit(caller, Misfit::Malformed);
    };
    let pin = pin_of(site, caller, &mut form);
    let missing = missing_fields(&form, party, &pin);
    if !missing.is_empty() {
        return form_again(site, caller, &form, party, missing);
    }
    let pin = Pin::new(&pin);
    let Some(subscriber) = subscriber_of(&site.app, &form, party) else {
        let what = "begin-retrieval";
        return nobody(site, caller, what, pin, Close::Retrieval).await;
    };
    // The same form sent twice names the same session (case 16).
    let token = site
        .app
        .seal
        .derive(Purpose::FormSession, &[caller.visitor, nonce]);
    let command = Command::BeginRetrieval {
        subscriber,
        pin,
        session: token.session(),
        browser: caller.browser,
    };
    match site.app.perform_from(caller.origin, command).await {
        Ok(_) => {
            let page = site.page(caller);
            let screen = IntermediateScreen { page, party };
            with_session(show(&screen), caller, &token)
        }
        Err(failure) => {
            forget_board(site, caller, &form);
            site.failure(caller, &failure, Close::Retrieval)
        }
    }
}

fn empty_form(site: &Site, caller: &Caller, party: Party) -> Response {
    match blank(site, caller, party) {
        Ok(screen) => show(&screen),
        Err(failure) => site.failure(caller, &failure, Close::Retrieval),
    }
}

/// CIBMU921 with nothing in it, under a new one-time value.
pub(crate) fn blank(site: &Site, caller: &Caller, party: Party) -> Result<RetrievalForm, Failure> {
    Ok(RetrievalForm {
        page: site.page(caller),
        party,
        contract: String::new(),
        user: String::new(),
        nonce: Token::random()?.to_text(),
        pin: PinEntry::Typed,
    })
}

/// CIBMU921 as it was sent, but for the PIN, with its errors.
fn form_again(
    site: &Site,
    caller: &Caller,
    form: &Form,
    party: Party,
    alerts: Vec<Alert>,
) -> Response {
    let mut screen = match blank(site, caller, party) {
        Ok(screen) => screen,
        Err(failure) => return site.failure(caller, &failure, Close::Retrieval),
    };
    screen.contract = form.text("contract").to_owned();
    screen.user = form.text("user").to_owned();
    screen.page.alerts = alerts;
    let now = site.app.clock().now();
    if let Some(board) = form.token("keyboard")
        && site
            .keyboards
            .count(&caller.visitor, &board, now)
            .is_some_and(|count| count > 0)
    {
        screen.pin = PinEntry::Keyboard {
            id: board.to_text(),
        };
    }
    show_again(&screen)
}

/// The PIN, typed into the form or on the software keyboard.
fn pin_of(site: &Site, caller: &Caller, form: &mut Form) -> Zeroizing<String> {
    match form.token("keyboard") {
        Some(board) => {
            let now = site.app.clock().now();
            let typed = site.keyboards.typed(&caller.visitor, &board, now);
            typed.unwrap_or_default()
        }
        None => form.take("pin"),
    }
}

fn forget_board(site: &Site, caller: &Caller, form: &Form) {
    if let Some(board) = form.token("keyboard") {
        site.keyboards.wipe(&caller.visitor, &board);
    }
}

/// The 必須 fields that are empty (case 3); no PIN is counted for them.
fn missing_fields(form: &Form, party: Party, pin: &str) -> Vec<Alert> {
    let mut fields = vec![("契約法人ID", form.text("contract"))];
    if party == Party::User {
        fields.push(("利用者ID", form.text("user")));
    }
    fields.push((party.pin_label(), pin));
    let empty = fields.into_iter().filter(|(_, text)| text.is_empty());
    empty
        .map(|(label, _)| field_alert(Refusal::FieldMissing, label))
        .collect()
}

/// Who the form's ids name; what cannot be an id is nobody's.
pub(crate) fn subscriber_of(app: &App, form: &Form, party: Party) -> Option<Subscriber> {
    app.bank(|bank| {
        let settings = bank.settings();
        let contract =
            ContractId::parse(form.text("contract"), &settings.contract_id_format).ok()?;
        match party {
            Party::Administrator => Some(Subscriber::administrator(contract)),
            Party::User => {
                let user = UserId::parse(form.text("user"), &settings.user_id_format).ok()?;
                Some(Subscriber::user(contract, user))
            }
        }
    })
}

/// Refuses ids that cannot be anybody's like those of nobody: same page, same time, no counter (case 4).
pub(crate) async fn nobody(
    site: &Site,
    caller: &Caller,
    what: &'static str,
    pin: Pin,
    close: Close,
) -> Response {
    let origin = caller.origin;
    let failure = site
        .app
        .detached(move |app| {
            app.decoy.check(&pin);
            let refusal = Refusal::UnknownContract;
            app.note(Note {
                at: app.clock().now(),
                origin,
                what,
                subscriber: None,
                outcome: Outcome::refused(refusal),
                detail: Some("the ids are not of the bank's format".to_owned()),
            });
            Err::<(), _>(refusal.into())
        })
        .await;
    match failure {
        Ok(()) => site.misfit(caller, Misfit::Unavailable),
        Err(failure) => site.failure(caller, &failure, close),
    }
}
