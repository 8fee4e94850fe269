//! From an administrator's form to what he asks of the bank: fields checked, a new PIN hashed.

use sealbank_bank::{
    AdminAct, Command, ContractId, NewPin, Pin, PinHash, Refusal, RevocationReason, Rights,
    SessionId, UserId,
};

use crate::answer::field_alert;
use crate::app::App;
use crate::error::{Failure, PortalError};
use crate::form::Form;
use crate::screens::{Act, Alert};
use crate::secret::random_bytes;

/// What an administrator asks for, before a new PIN in it is hashed.
pub(crate) struct Order {
    user: UserId,
    confirmation: Pin,
    wish: Wish,
}

/// The act itself.
enum Wish {
    Register {
        name: String,
        rights: Rights,
        pin: NewPin,
    },
    Grant,
    Reinitialize,
    Revoke(RevocationReason),
    LiftSuspension,
    ResetPin(NewPin),
    Stop,
    Deregister,
}

/// What is wrong with a form.
pub(crate) enum Wrong {
    /// These fields: the form is shown again.
    Fields(Vec<Alert>),
    /// It is not one of ours.
    Form,
}

/// Characters of a person's name.
const LONGEST_NAME: usize = 64;

const USER: &str = "利用者ID";
const NAME: &str = "利用者名";
const PIN: &str = "利用者暗証番号";
const CONFIRMATION: &str = "契約法人確認暗証番号";

/// The registration form of m-ADM-USERS.
pub(crate) fn registration(app: &App, mut form: Form) -> Result<Order, Wrong> {
    let rights = match form.text("rights") {
        "" => Rights::Ordinary,
        "reset-administrator" => Rights::ResetAdministrator,
        _ => return Err(Wrong::Form),
    };
    let (user_format, pin_format) = app.bank(|bank| {
        let settings = bank.settings();
        (settings.user_id_format, settings.pin_format)
    });
    let mut alerts = Vec::new();
    let user = field(&mut alerts, USER, form.text("user"), |text| {
        UserId::parse(text, &user_format).ok()
    });
    let name = field(&mut alerts, NAME, form.text("name"), name_of);
    let pin = field(&mut alerts, PIN, &form.take("pin"), |text| {
        NewPin::parse(text, &pin_format).ok()
    });
    let confirmation = confirmation(&mut alerts, &mut form);
    match (user, name, pin, confirmation) {
        (Some(user), Some(name), Some(pin), Some(confirmation)) => Ok(Order {
            user,
            confirmation,
            wish: Wish::Register { name, rights, pin },
        }),
        _ => Err(Wrong::Fields(alerts)),
    }
}

/// The form of m-ADM-USER and m-ADM-ISSUE.
pub(crate) fn change(app: &App, user: &UserId, mut form: Form) -> Result<Order, Wrong> {
    let mut alerts = Vec::new();
    let wish = match Act::from_word(form.text("act")) {
        Some(Act::Grant) => Some(Wish::Grant),
        Some(Act::Reinitialize) => Some(Wish::Reinitialize),
        Some(Act::Revoke) => Some(Wish::Revoke(reason(form.text("reason"))?)),
        Some(Act::LiftSuspension) => Some(Wish::LiftSuspension),
        Some(Act::Stop) => Some(Wish::Stop),
        Some(Act::Deregister) => Some(Wish::Deregister),
        Some(Act::ResetPin) => {
            let format = app.bank(|bank| bank.settings().pin_format);
            let pin = field(&mut alerts, PIN, &form.take("pin"), |text| {
                NewPin::parse(text, &format).ok()
            });
            pin.map(Wish::ResetPin)
        }
        Some(Act::Register | Act::UnlockAdministrator) | None => return Err(Wrong::Form),
    };
    let confirmation = confirmation(&mut alerts, &mut form);
    match (wish, confirmation) {
        (Some(wish), Some(confirmation)) => Ok(Order {
            user: user.clone(),
            confirmation,
            wish,
        }),
        _ => Err(Wrong::Fields(alerts)),
    }
}

impl Order {
    pub(crate) fn user(&self) -> &UserId {
        &self.user
    }

    pub(crate) fn act(&self) -> Act {
        match self.wish {
            Wish::Register { .. } => Act::Register,
            Wish::Grant => Act::Grant,
            Wish::Reinitialize => Act::Reinitialize,
            Wish::Revoke(_) => Act::Revoke,
            Wish::LiftSuspension => Act::LiftSuspension,
            Wish::ResetPin(_) => Act::ResetPin,
            Wish::Stop => Act::Stop,
            Wish::Deregister => Act::Deregister,
        }
    }

    /// The command; a new PIN is hashed on the way, which takes its time.
    pub(crate) fn into_command(
        self,
        app: &App,
        contract: ContractId,
        session: SessionId,
    ) -> Result<Command, Failure> {
        let user = self.user;
        let act = match self.wish {
            Wish::Register { name, rights, pin } => AdminAct::Register {
                user,
                name,
                rights,
                pin: hashed(app, &pin)?,
            },
            Wish::Grant => AdminAct::Grant { user },
            Wish::Reinitialize => AdminAct::Reinitialize { user },
            Wish::Revoke(reason) => AdminAct::Revoke { user, reason },
            Wish::LiftSuspension => AdminAct::LiftSuspension { user },
            Wish::ResetPin(pin) => AdminAct::ResetPin {
                user,
                pin: hashed(app, &pin)?,
            },
            Wish::Stop => AdminAct::Stop { user },
            Wish::Deregister => AdminAct::Deregister { user },
        };
        Ok(Command::Administer {
            contract,
            session,
            confirmation: self.confirmation,
            act,
        })
    }
}

/// A chosen PIN as the bank keeps it, at the cost that the settings ask for, with a salt of the system.
pub(crate) fn hashed(app: &App, pin: &NewPin) -> Result<PinHash, PortalError> {
    let cost = app.bank(|bank| bank.settings().pin_cost);
    Ok(PinHash::new(pin, random_bytes()?, cost)?)
}

/// One field: missing, malformed, or parsed.
fn field<T>(
    alerts: &mut Vec<Alert>,
    label: &'static str,
    text: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let parsed = if text.is_empty() {
        Err(Refusal::FieldMissing)
    } else {
        parse(text).ok_or(Refusal::FieldMalformed)
    };
    parsed
        .map_err(|refusal| alerts.push(field_alert(refusal, label)))
        .ok()
}

fn confirmation(alerts: &mut Vec<Alert>, form: &mut Form) -> Option<Pin> {
    let typed = form.take("confirmation");
    field(alerts, CONFIRMATION, &typed, |text| Some(Pin::new(text)))
}

fn name_of(text: &str) -> Option<String> {
    let name = text.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    (fits && !name.chars().any(char::is_control)).then(|| name.to_owned())
}

fn reason(word: &str) -> Result<RevocationReason, Wrong> {
    match word {
        "" | "unspecified" => Ok(RevocationReason::Unspecified),
        "key-compromise" => Ok(RevocationReason::KeyCompromise),
        "superseded" => Ok(RevocationReason::Superseded),
        "cessation-of-operation" => Ok(RevocationReason::CessationOfOperation),
        _ => Err(Wrong::Form),
    }
}
