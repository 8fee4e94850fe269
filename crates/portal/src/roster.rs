//! Filling a bank with people whose PINs are known: for scenarios, demonstrations and tests.
//!
//! Nothing here has a short cut into the books: contracts are opened at the counter, users registered by their
//! administrator, who logs on for it.

use std::sync::Arc;

use sealbank_bank::{
    AdminAct, Answer, Command, ContractId, NewPin, Pin, PinHash, Rights, Subscriber, UserId,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::app::App;
use crate::desk::hashed;
use crate::error::{Failure, PortalError};
use crate::origin::Origin;
use crate::secret::Token;

/// A contract to be opened, with its administrator's PINs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractEntry {
    /// 契約法人ID.
    pub contract: String,
    /// The corporation's name.
    pub name: String,
    /// 契約法人暗証番号.
    #[serde(serialize_with = "exposed")]
    pub pin: SecretString,
    /// 契約法人確認暗証番号.
    #[serde(serialize_with = "exposed")]
    pub confirmation: SecretString,
}

/// A user to be registered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserEntry {
    /// 利用者ID.
    pub user: String,
    /// The person's name.
    pub name: String,
    /// 利用者暗証番号.
    #[serde(serialize_with = "exposed")]
    pub pin: SecretString,
    /// What he may do beside his own affairs.
    #[serde(default = "ordinary")]
    pub rights: Rights,
}

fn ordinary() -> Rights {
    Rights::Ordinary
}

/// A PIN as it is sent to a control listener: people of tests have PINs that everybody may know.
fn exposed<S: Serializer>(pin: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(pin.expose_secret())
}

impl App {
    /// Opens a contract at the counter; PINs are hashed at the cost that the settings ask for.
    ///
    /// # Errors
    /// [`Failure::Failed`] with [`PortalError::Identifier`] or [`PortalError::Pin`] for what is not of the bank's
    /// format; [`Failure::Refused`] if the contract is open already.
    pub async fn open_contract(
        self: &Arc<Self>,
        entry: ContractEntry,
    ) -> Result<ContractId, Failure> {
        self.detached(move |app| {
            let contract = app.contract_id(&entry.contract)?;
            let command = Command::OpenContract {
                contract: contract.clone(),
                name: entry.name,
                pin: app.chosen(&entry.pin, "the administrator")?,
                confirmation: app
                    .chosen(&entry.confirmation, "the administrator's confirmations")?,
            };
            app.walk(Origin::Control, &command)?;
            Ok(contract)
        })
        .await
    }

    /// Registers a user: the contract's administrator logs on by ID and PIN, registers him (T01), and logs off.
    ///
    /// # Errors
    /// As [`App::open_contract`]; [`Failure::Refused`] also where the administrator cannot log on so, or the id is
    /// taken.
    pub async fn register_user(
        self: &Arc<Self>,
        administrator: ContractEntry,
        entry: UserEntry,
    ) -> Result<Subscriber, Failure> {
        self.detached(move |app| {
            let contract = app.contract_id(&administrator.contract)?;
            let user = app.bank(|bank| UserId::parse(&entry.user, &bank.settings().user_id_format));
            let user = user.map_err(PortalError::Identifier)?;
            let act = AdminAct::Register {
                user: user.clone(),
                name: entry.name,
                rights: entry.rights,
                pin: app.chosen(&entry.pin, &entry.user)?,
            };
            app.administer_once(&contract, &administrator, act)?;
            Ok(Subscriber::user(contract, user))
        })
        .await
    }

    /// One act of the administrator, with a logon around it.
    fn administer_once(
        &self,
        contract: &ContractId,
        administrator: &ContractEntry,
        act: AdminAct,
    ) -> Result<Answer, Failure> {
        let session = Token::random()?.session();
        let log_on = Command::LogOn {
            subscriber: Subscriber::administrator(contract.clone()),
            pin: Pin::new(administrator.pin.expose_secret()),
            session,
        };
        self.walk(Origin::Control, &log_on)?;
        let administer = Command::Administer {
            contract: contract.clone(),
            session,
            confirmation: Pin::new(administrator.confirmation.expose_secret()),
            act,
        };
        let done = self.walk(Origin::Control, &administer);
        let log_off = Command::LogOff {
            contract: contract.clone(),
            session,
        };
        // Where the act locked the administrator out, his session is over already.
        let _ = self.walk(Origin::Control, &log_off);
        done
    }

    pub(crate) fn contract_id(&self, text: &str) -> Result<ContractId, PortalError> {
        let parsed = self.bank(|bank| ContractId::parse(text, &bank.settings().contract_id_format));
        Ok(parsed?)
    }

    fn chosen(&self, pin: &SecretString, whose: &str) -> Result<PinHash, PortalError> {
        let format = self.bank(|bank| bank.settings().pin_format);
        let pin =
            NewPin::parse(pin.expose_secret(), &format).map_err(|source| PortalError::Pin {
                whose: whose.to_owned(),
                source,
            })?;
        hashed(self, &pin)
    }
}
