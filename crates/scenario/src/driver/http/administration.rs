//! What an administrator does on his screens: log on, find the user, press one button, log off.

use sealbank_bank::{RevocationReason, Rights};
use sealbank_workstation::{Concealed, Desk, Outcome, Screen};

use super::{World, landed};
use crate::driver::DriverError;
use crate::model::{AdministratorAct, LogonWay, Person, PersonId, PlaceChange, Role, Step};
use crate::observation::Landed;

const CONFIRMATION: &str = "契約法人確認暗証番号";
const PIN: &str = "利用者暗証番号";

impl World {
    /// The administrator of the user's contract does something for him.
    pub(super) async fn administer(
        &mut self,
        user: PersonId,
        act: &AdministratorAct,
        way: &LogonWay,
        confirmation: Option<&Concealed>,
    ) -> Result<Landed, DriverError> {
        let administrator = self
            .scene
            .roster
            .administrator_of(user)
            .expect("every contract of a roster has an administrator");
        let here = PlaceChange::default();
        let mut desk = self.sit(administrator, &here)?;
        let end = self
            .at_the_desk(administrator, user, act, way, confirmation, &mut desk)
            .await;
        self.leave(administrator, &here, desk);
        let end = end?;
        if let (AdministratorAct::ResetPin(pin), Landed::Screen(screen)) = (act, &end)
            && screen.refusal().is_none()
        {
            self.pins.insert(user, pin.clone());
        }
        Ok(end)
    }

    async fn at_the_desk(
        &self,
        administrator: PersonId,
        user: PersonId,
        act: &AdministratorAct,
        way: &LogonWay,
        confirmation: Option<&Concealed>,
        desk: &mut Desk,
    ) -> Result<Landed, DriverError> {
        let pin = self.pin(administrator);
        let entered = self.log_on(administrator, desk, way, &pin).await?;
        if !is_inside(&entered) {
            return Ok(landed(entered));
        }
        let own = match &self.person(administrator).role {
            Role::Administrator { confirmation } => confirmation.clone(),
            Role::User { .. } => Concealed::default(),
        };
        let confirmation = confirmation.unwrap_or(&own);
        let outcome = do_for(desk, self.person(user), &self.pin(user), act, confirmation).await;
        leave_session(desk).await?;
        Ok(landed(outcome?))
    }

    /// m-ADM-UNLOCK, by a user with 管理者リセット権限.
    pub(super) async fn unlock_administrator(
        &mut self,
        step: &Step,
    ) -> Result<Landed, DriverError> {
        let pin = self.pin(step.actor);
        let mut desk = self.sit(step.actor, &step.place)?;
        let entered = self
            .log_on(step.actor, &mut desk, &LogonWay::IdPin, &pin)
            .await?;
        if !is_inside(&entered) {
            return Ok(landed(entered));
        }
        to_status(&mut desk).await?;
        desk.follow("契約法人利用中止解除・暗証番号再設定").await?;
        desk.fill(PIN, pin.expose())?;
        let outcome = desk.press("利用中止解除").await?;
        leave_session(&mut desk).await?;
        self.leave(step.actor, &step.place, desk);
        Ok(landed(outcome))
    }
}

async fn do_for(
    desk: &mut Desk,
    user: &Person,
    pin: &Concealed,
    act: &AdministratorAct,
    confirmation: &Concealed,
) -> Result<Outcome, DriverError> {
    to_status(desk).await?;
    desk.follow("契約法人管理情報変更").await?;
    let users = desk.follow("利用者情報登録/変更").await?;
    let id = user.user().unwrap_or_default();
    if *act == AdministratorAct::Register {
        desk.fill("利用者ID", id)?;
        desk.fill("利用者名", &user.title)?;
        desk.fill(PIN, pin.expose())?;
        if let Role::User {
            rights: Rights::ResetAdministrator,
            ..
        } = user.role
        {
            desk.tick("管理者リセット権限")?;
        }
        desk.fill(CONFIRMATION, confirmation.expose())?;
        return Ok(desk.press("登録").await?);
    }
    let listed = users.screen().is_some_and(|screen| screen.has_link(id));
    let shown = if listed {
        desk.follow(id).await?
    } else {
        // A user who is not listed can only be asked for by his address.
        let mut url = desk.site().ib.clone();
        url.set_path(&format!("/admin/users/{id}"));
        desk.open(&url).await?
    };
    if shown
        .screen()
        .is_none_or(|screen| !screen.has_button(button(act)))
    {
        return Ok(shown);
    }
    match act {
        AdministratorAct::Revoke(reason) => desk.fill("失効理由", reason_label(*reason))?,
        AdministratorAct::ResetPin(pin) => desk.fill(PIN, pin.expose())?,
        _ => {}
    }
    desk.fill(CONFIRMATION, confirmation.expose())?;
    Ok(desk.press(button(act)).await?)
}

fn button(act: &AdministratorAct) -> &'static str {
    match act {
        AdministratorAct::Register => "登録",
        AdministratorAct::Grant => "発行する",
        AdministratorAct::Reinitialize => "再発行（初期化）",
        AdministratorAct::Revoke(_) => "失効",
        AdministratorAct::LiftSuspension => "利用中止解除",
        AdministratorAct::ResetPin(_) => "変更",
        AdministratorAct::Stop => "利用停止",
        AdministratorAct::Deregister => "登録抹消",
    }
}

fn reason_label(reason: RevocationReason) -> &'static str {
    match reason {
        RevocationReason::Unspecified => "指定なし",
        RevocationReason::KeyCompromise => "紛失・盗難・不正使用",
        RevocationReason::Superseded => "電子証明書の差替え",
        RevocationReason::CessationOfOperation => "利用終了",
    }
}

/// Whether a logon led inside: every page there can be left by ログオフ, or is a notice on the way.
fn is_inside(outcome: &Outcome) -> bool {
    outcome.screen().is_some_and(|screen| {
        screen.refusal().is_none()
            && matches!(
                screen.id(),
                "m-STATUS" | "m-PINAGE" | "m-RENEW" | "m-ADM-MENU"
            )
    })
}

/// To the status page of the origin that the window is on, past any notice.
async fn to_status(desk: &mut Desk) -> Result<Outcome, DriverError> {
    let screen = desk.screen()?;
    if screen.id() == "m-STATUS" {
        return Ok(Outcome::Shown(screen));
    }
    Ok(desk.open(&status_of(&screen)).await?)
}

/// ログオフ, if the session still stands.
async fn leave_session(desk: &mut Desk) -> Result<(), DriverError> {
    let Ok(screen) = desk.screen() else {
        return Ok(());
    };
    let status = desk.open(&status_of(&screen)).await?;
    if status
        .screen()
        .is_some_and(|screen| screen.has_button("ログオフ"))
    {
        desk.log_off().await?;
    }
    Ok(())
}

fn status_of(screen: &Screen) -> url::Url {
    let mut url = screen.url().clone();
    url.set_path("/status");
    url.set_query(None);
    url
}
