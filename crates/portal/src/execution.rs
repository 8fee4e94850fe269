//! 手順3 and 手順4: m-RUN, 実行 with its request (T10 to T13), the popups' キャンセル (T08, T14'), and completion (T15).
//!
//! The same pages serve a retrieval on the ib origin and a renewal on the cert origin. The handlers only open and
//! close the envelope: the request's walk through the house is in [`crate::enrolment`].

use axum::extract::State;
use axum::response::Response;
use http::header::SET_COOKIE;
use sealbank_bank::{
    CertificateFacts, Command, ContractId, Popup, Refusal, SessionId, SessionKind,
};
use sealbank_ca::Certificate;

use crate::answer::{Close, show, without_session};
use crate::app::App;
use crate::caller::Caller;
use crate::cookie::mark_retrieved;
use crate::enrolment::Desk;
use crate::error::Failure;
use crate::form::Form;
use crate::misfit::Misfit;
use crate::screens::{
    CertificateInformation, ClosedScreen, CompletionScreen, DeliveryScreen, Ending, ExecuteScreen,
    Moment,
};
use crate::site::{Shared, Site};
use crate::trail::{Note, Outcome};

/// GET `/retrieval/run`: m-RUN.
pub(crate) async fn run(State(site): State<Shared>, caller: Caller) -> Response {
    match in_retrieval(&site, &caller) {
        Ok(()) => show(&execute_screen(&site, &caller)),
        Err(refusal) => site.refusal(&caller, refusal, Close::Retrieval),
    }
}

/// POST `/retrieval/request`: 実行 with a PKCS #10 request; answers with the certificate and its chain.
pub(crate) async fn request(
    State(site): State<Shared>,
    caller: Caller,
    mut form: Form,
) -> Response {
    let (contract, session) = match whereabouts(&site, &caller) {
        Ok(found) => found,
        Err(refusal) => return site.refusal(&caller, refusal, Close::Retrieval),
    };
    let desk = Desk {
        origin: caller.origin,
        contract,
        session,
    };
    let request = form.take("request");
    let enrolled = site
        .app
        .detached(move |app| {
            let certificate = app.enrol(&desk, request.trim().as_bytes())?;
            Ok(with_chain(app, &certificate))
        })
        .await;
    match enrolled {
        Ok(certificates) => {
            let mut answer = show(&DeliveryScreen {
                page: site.page(&caller),
                certificates,
                popups: site.app.bank(|bank| bank.settings().popup_count),
            });
            let mark = mark_retrieved(&site.addresses.hosts);
            answer.headers_mut().append(SET_COOKIE, mark);
            answer
        }
        Err(failure) => failed(&site, &caller, &failure),
    }
}

/// POST `/retrieval/cancelled`: キャンセル on a popup.
pub(crate) async fn cancelled(State(site): State<Shared>, caller: Caller, form: Form) -> Response {
    let popup = match form.text("popup") {
        "1" => Popup::First,
        "2" => Popup::Second,
        _ => return site.misfit(&caller, Misfit::Malformed),
    };
    let (contract, session) = match whereabouts(&site, &caller) {
        Ok(found) => found,
        Err(refusal) => return site.refusal(&caller, refusal, Close::Retrieval),
    };
    let command = Command::CancelPopup {
        contract,
        session,
        popup,
    };
    match site.app.perform_from(caller.origin, command).await {
        Ok(_) => {
            let page = site.page(&caller);
            let ending = Ending::Abandoned;
            without_session(show(&ClosedScreen { page, ending }), &caller)
        }
        Err(failure) => failed(&site, &caller, &failure),
    }
}

/// POST `/retrieval/installed`: the PC reports that the installation is complete; m-DONE.
pub(crate) async fn installed(State(site): State<Shared>, caller: Caller, _form: Form) -> Response {
    let (contract, session) = match whereabouts(&site, &caller) {
        Ok(found) => found,
        Err(refusal) => return site.refusal(&caller, refusal, Close::Retrieval),
    };
    let command = Command::ConfirmInstallation {
        contract: contract.clone(),
        session,
    };
    if let Err(failure) = site.app.perform_from(caller.origin, command).await {
        return failed(&site, &caller, &failure);
    }
    match retrieved(&site.app, &contract, &session) {
        Some(facts) => show(&CompletionScreen {
            page: site.page(&caller),
            certificate: information(facts),
        }),
        // Re-initialised in the very moment between (case 53).
        None => site.refusal(&caller, Refusal::StaleGeneration, Close::Retrieval),
    }
}

fn failed(site: &Site, caller: &Caller, failure: &Failure) -> Response {
    let page = site.failure(caller, failure, Close::Retrieval);
    match failure {
        // 強制ログオフ: the session is over (case 91).
        Failure::Refused(Refusal::IrregularOrder) => without_session(page, caller),
        _ => page,
    }
}

/// Where the caller's session is open; the command itself decides whether it is this retrieval's.
fn whereabouts(site: &Site, caller: &Caller) -> Result<(ContractId, SessionId), Refusal> {
    let session = caller.session()?;
    let contract = site.app.locate(caller.origin, &session)?;
    Ok((contract, session))
}

fn in_retrieval(site: &Site, caller: &Caller) -> Result<(), Refusal> {
    let session = caller.session()?;
    let inside = site
        .app
        .inside(caller.origin, &session, caller.presented())?;
    match inside.kind {
        SessionKind::Retrieval { .. } => Ok(()),
        SessionKind::IdPin | SessionKind::Certificate { .. } => {
            site.app.note(Note {
                at: site.app.clock().now(),
                origin: caller.origin,
                what: "visit",
                subscriber: Some(&inside.subscriber),
                outcome: Outcome::refused(Refusal::NotARetrieval),
                detail: None,
            });
            Err(Refusal::NotARetrieval)
        }
    }
}

fn execute_screen(site: &Site, caller: &Caller) -> ExecuteScreen {
    let page = site.page(caller);
    site.app.bank(|bank| {
        let settings = bank.settings();
        ExecuteScreen {
            page,
            key_algorithm: settings.key_algorithm,
            key_exportable: settings.private_key_exportable,
            popups: settings.popup_count,
        }
    })
}

/// The certificate, the issuing authority's, the root's, as PEM in this order.
fn with_chain(app: &App, certificate: &Certificate) -> String {
    let authorities = app.authority().chain();
    let chain = authorities.map(|authority| crate::pem::certificate(authority));
    certificate.pem() + &chain.concat()
}

/// The certificate that this retrieval session got.
fn retrieved(app: &App, contract: &ContractId, session: &SessionId) -> Option<CertificateFacts> {
    app.bank(|bank| {
        let books = bank.contract(contract)?;
        let open = books.sessions.get(session)?;
        let SessionKind::Retrieval { generation } = &open.kind else {
            return None;
        };
        let record = books.member(&open.holder)?.certificates.get(generation)?;
        record.accepted().cloned()
    })
}

fn information(facts: CertificateFacts) -> CertificateInformation {
    CertificateInformation {
        organization: facts.subject.organization,
        organizational_unit: facts.subject.organizational_unit,
        common_name: facts.subject.common_name,
        expires: Moment(facts.not_after),
    }
}
