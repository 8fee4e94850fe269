//! The administrator's screens: 契約法人管理情報変更, and what is done there (T01, T02, T22, T23, T25, T26).

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use sealbank_bank::{
    Answer, Bank, CertificateState, Contract, ContractId, Grant, Holder, Member, Refusal,
    SessionId, UserId,
};

use crate::answer::{Close, show, show_again};
use crate::caller::Caller;
use crate::desk::{self, Order, Wrong};
use crate::error::Failure;
use crate::form::Form;
use crate::misfit::Misfit;
use crate::screens::{
    AdministratorMenu, Alert, Moment, Stage, UserDetail, UserList, UserResult, UserScreen,
};
use crate::site::{Shared, Site};
use crate::visit::Inside;

/// GET `/admin`: m-ADM-MENU.
pub(crate) async fn menu(State(site): State<Shared>, caller: Caller) -> Response {
    match site.enter_as_administrator(&caller).await {
        Ok(inside) => show(&AdministratorMenu {
            page: site.page(&caller),
            contract: inside.contract().to_string(),
            name: inside.corporation,
        }),
        Err(page) => *page,
    }
}

/// GET `/admin/users`: m-ADM-USERS.
pub(crate) async fn users(State(site): State<Shared>, caller: Caller) -> Response {
    match site.enter_as_administrator(&caller).await {
        Ok(inside) => show(&user_list(&site, &caller, &inside)),
        Err(page) => *page,
    }
}

/// POST `/admin/users`: 登録.
pub(crate) async fn register(State(site): State<Shared>, caller: Caller, form: Form) -> Response {
    let inside = match site.enter_as_administrator(&caller).await {
        Ok(inside) => inside,
        Err(page) => return *page,
    };
    let typed = (form.text("user").to_owned(), form.text("name").to_owned());
    match desk::registration(&site.app, form) {
        Ok(order) => carry_out(&site, &caller, &inside, order).await,
        Err(Wrong::Fields(alerts)) => {
            let mut screen = user_list(&site, &caller, &inside);
            (screen.new_user, screen.new_name) = typed;
            screen.page.alerts = alerts;
            show_again(&screen)
        }
        Err(Wrong::Form) => site.misfit(&caller, Misfit::Malformed),
    }
}

/// GET `/admin/users/{user}`: m-ADM-USER, or m-ADM-ISSUE.
pub(crate) async fn user(
    State(site): State<Shared>,
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let inside = match site.enter_as_administrator(&caller).await {
        Ok(inside) => inside,
        Err(page) => return *page,
    };
    match named(&site, &inside, path) {
        Ok(user) => user_screen(&site, &caller, &inside, &user, Vec::new(), show),
        Err(refusal) => site.refusal(&caller, refusal, Close::Logon),
    }
}

/// POST `/admin/users/{user}`: everything that is done to one user.
pub(crate) async fn act(
    State(site): State<Shared>,
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
    form: Form,
) -> Response {
    let inside = match site.enter_as_administrator(&caller).await {
        Ok(inside) => inside,
        Err(page) => return *page,
    };
    let user = match named(&site, &inside, path) {
        Ok(user) => user,
        Err(refusal) => return site.refusal(&caller, refusal, Close::Logon),
    };
    match desk::change(&site.app, &user, form) {
        Ok(order) => carry_out(&site, &caller, &inside, order).await,
        Err(Wrong::Fields(alerts)) => {
            user_screen(&site, &caller, &inside, &user, alerts, show_again)
        }
        Err(Wrong::Form) => site.misfit(&caller, Misfit::Malformed),
    }
}

async fn carry_out(site: &Site, caller: &Caller, inside: &Inside, order: Order) -> Response {
    let (act, user) = (order.act(), order.user().to_string());
    let done = perform(site, caller, inside.contract(), inside.session, order).await;
    match done {
        Ok(_) => show(&UserResult {
            page: site.page(caller),
            act,
            user: Some(user),
        }),
        Err(failure) => site.failure(caller, &failure, Close::Logon),
    }
}

async fn perform(
    site: &Site,
    caller: &Caller,
    contract: &ContractId,
    session: SessionId,
    order: Order,
) -> Result<Answer, Failure> {
    let (origin, contract) = (caller.origin, contract.clone());
    site.app
        .detached(move |app| {
            // Hashing a new PIN takes its time, so it is done here and not among the pages.
            let command = order.into_command(app, contract, session)?;
            app.walk(origin, &command)
        })
        .await
}

/// The user that the address names.
fn named(
    site: &Site,
    inside: &Inside,
    path: Result<Path<String>, PathRejection>,
) -> Result<UserId, Refusal> {
    let Ok(Path(text)) = path else {
        return Err(Refusal::NoSuchUser);
    };
    site.app.bank(|bank| {
        let user = UserId::parse(&text, &bank.settings().user_id_format)
            .map_err(|_| Refusal::NoSuchUser)?;
        let books = bank
            .contract(inside.contract())
            .ok_or(Refusal::NoSuchUser)?;
        if books.users.contains_key(&user) {
            Ok(user)
        } else {
            Err(Refusal::NoSuchUser)
        }
    })
}

fn user_list(site: &Site, caller: &Caller, inside: &Inside) -> UserList {
    let users = site.app.bank(|bank| details(bank, inside.contract()));
    UserList {
        page: site.page(caller),
        users,
        new_user: String::new(),
        new_name: String::new(),
    }
}

fn user_screen(
    site: &Site,
    caller: &Caller,
    inside: &Inside,
    user: &UserId,
    alerts: Vec<Alert>,
    show: impl FnOnce(&UserScreen) -> Response,
) -> Response {
    let found = site.app.bank(|bank| {
        let books = bank.contract(inside.contract())?;
        books
            .users
            .get(user)
            .map(|member| detail(user.as_str(), member))
    });
    let Some(detail) = found else {
        return site.refusal(caller, Refusal::NoSuchUser, Close::Logon);
    };
    let mut page = site.page(caller);
    page.alerts = alerts;
    show(&UserScreen { page, detail })
}

fn details(bank: &Bank, contract: &ContractId) -> Vec<UserDetail> {
    let books = bank.contract(contract).into_iter();
    let members = books.flat_map(Contract::members);
    members
        .filter_map(|(holder, member)| match holder {
            Holder::Administrator => None,
            Holder::User(user) => Some(detail(user.as_str(), member)),
        })
        .collect()
}

fn detail(user: &str, member: &Member) -> UserDetail {
    UserDetail {
        user: user.to_owned(),
        name: member.name.clone(),
        account: member.account,
        method: member.logon_method,
        stage: stage(member),
    }
}

fn stage(member: &Member) -> Stage {
    match member.grant {
        Grant::None => Stage::NotGranted,
        Grant::Ready { deadline, .. } => Stage::Granted {
            deadline: deadline.map(Moment),
        },
        Grant::Claimed { .. } => Stage::Retrieving,
        Grant::Lapsed { .. } => Stage::Lapsed,
        Grant::Void { .. } => Stage::Revoked,
        Grant::Consumed { .. } => {
            let record = member.latest_record().map(|(_, record)| record);
            match record.and_then(|record| Some((record.state, record.facts.as_ref()?))) {
                Some((CertificateState::Expired, facts)) => Stage::Expired {
                    expired: Moment(facts.not_after),
                },
                Some((state, facts)) if state.is_accepted() => Stage::Retrieved {
                    expires: Moment(facts.not_after),
                },
                _ => Stage::Revoked,
            }
        }
    }
}
