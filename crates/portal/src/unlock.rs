//! `/admin/unlock`: m-ADM-UNLOCK, where a user with 管理者リセット権限 lifts the administrator's lock.

use axum::extract::State;
use axum::response::Response;
use sealbank_bank::{Command, Pin, Refusal, Rights};

use crate::answer::{Close, field_alert, show, show_again};
use crate::caller::Caller;
use crate::form::Form;
use crate::screens::{Act, AdministratorUnlock, UserResult};
use crate::site::{Shared, Site};
use crate::visit::Inside;

/// GET: m-ADM-UNLOCK.
pub(crate) async fn form(State(site): State<Shared>, caller: Caller) -> Response {
    match rescuer(&site, &caller).await {
        Ok(inside) => show(&screen(&site, &caller, &inside)),
        Err(page) => *page,
    }
}

/// POST: 利用中止解除.
pub(crate) async fn unlock(State(site): State<Shared>, caller: Caller, mut form: Form) -> Response {
    let inside = match rescuer(&site, &caller).await {
        Ok(inside) => inside,
        Err(page) => return *page,
    };
    let pin = form.take("pin");
    if pin.is_empty() {
        let mut screen = screen(&site, &caller, &inside);
        let missing = field_alert(Refusal::FieldMissing, "利用者暗証番号");
        screen.page = screen.page.with_alert(missing);
        return show_again(&screen);
    }
    let command = Command::UnlockAdministrator {
        contract: inside.contract().clone(),
        session: inside.session,
        pin: Pin::new(&pin),
    };
    match site.app.perform_from(caller.origin, command).await {
        Ok(_) => show(&UserResult {
            page: site.page(&caller),
            act: Act::UnlockAdministrator,
            user: None,
        }),
        Err(failure) => site.failure(&caller, &failure, Close::Logon),
    }
}

/// Who may unlock; the bank asks the same again when he does.
async fn rescuer(site: &Site, caller: &Caller) -> Result<Inside, Box<Response>> {
    let inside = site.enter(caller).await?;
    if inside.member.rights == Rights::ResetAdministrator {
        Ok(inside)
    } else {
        let refusal = Refusal::NotPermitted;
        Err(Box::new(site.refusal(caller, refusal, Close::Logon)))
    }
}

fn screen(site: &Site, caller: &Caller, inside: &Inside) -> AdministratorUnlock {
    AdministratorUnlock {
        page: site.page(caller),
        contract: inside.contract().to_string(),
    }
}
