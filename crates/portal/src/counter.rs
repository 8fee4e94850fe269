//! The bank's counter (取引店) by control: what comes in on paper, as JSON.

use std::sync::Arc;

use sealbank_bank::{Command, Rights, Subscriber, UserId};
use secrecy::SecretString;
use serde::Deserialize;

use crate::app::App;
use crate::error::{Failure, PortalError};
use crate::roster::{ContractEntry, UserEntry};

/// What is asked for at the counter.
#[derive(Debug, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub(crate) enum Request {
    /// Opens a contract with its administrator.
    OpenContract {
        contract: String,
        name: String,
        pin: SecretString,
        confirmation: SecretString,
    },
    /// Registers a user on the administrator's behalf, who gives his PINs for it.
    RegisterUser {
        contract: String,
        administrator_pin: SecretString,
        confirmation: SecretString,
        user: String,
        name: String,
        pin: SecretString,
        #[serde(default)]
        right: Right,
    },
    /// 契約法人利用中止 (T27).
    SuspendContract { contract: String },
    /// Ends it (T27).
    ResumeContract { contract: String },
    /// 解約.
    CancelContract { contract: String },
    /// 発行 on paper.
    Grant(Whom),
    /// 再発行（初期化） on paper (T28).
    Reinitialize(Whom),
    /// Lifts a PIN lock.
    Unlock(Whom),
}

/// Whom a paper is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Whom {
    contract: String,
    /// None: the administrator.
    user: Option<String>,
}

/// What a new user may do beside his own affairs.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Right {
    /// Nothing.
    #[default]
    Ordinary,
    /// 管理者リセット権限.
    ResetAdministrator,
}

/// Does what is asked for.
pub(crate) async fn serve(app: &Arc<App>, request: Request) -> Result<(), Failure> {
    let command = match request {
        Request::OpenContract {
            contract,
            name,
            pin,
            confirmation,
        } => {
            let entry = ContractEntry {
                contract,
                name,
                pin,
                confirmation,
            };
            return app.open_contract(entry).await.map(|_| ());
        }
        Request::RegisterUser {
            contract,
            administrator_pin,
            confirmation,
            user,
            name,
            pin,
            right,
        } => {
            let administrator = ContractEntry {
                contract,
                name: String::new(),
                pin: administrator_pin,
                confirmation,
            };
            let entry = UserEntry {
                user,
                name,
                pin,
                rights: right.into(),
            };
            return app.register_user(administrator, entry).await.map(|_| ());
        }
        Request::SuspendContract { contract } => Command::SuspendContract {
            contract: app.contract_id(&contract)?,
        },
        Request::ResumeContract { contract } => Command::ResumeContract {
            contract: app.contract_id(&contract)?,
        },
        Request::CancelContract { contract } => Command::CancelContract {
            contract: app.contract_id(&contract)?,
        },
        Request::Grant(whom) => Command::CounterGrant {
            subscriber: whom.subscriber(app)?,
        },
        Request::Reinitialize(whom) => Command::CounterReinitialize {
            subscriber: whom.subscriber(app)?,
        },
        Request::Unlock(whom) => Command::CounterUnlock {
            subscriber: whom.subscriber(app)?,
        },
    };
    app.perform(command).await.map(|_| ())
}

impl Whom {
    fn subscriber(&self, app: &App) -> Result<Subscriber, PortalError> {
        let contract = app.contract_id(&self.contract)?;
        let Some(user) = &self.user else {
            return Ok(Subscriber::administrator(contract));
        };
        let user = app.bank(|bank| UserId::parse(user, &bank.settings().user_id_format))?;
        Ok(Subscriber::user(contract, user))
    }
}

impl From<Right> for Rights {
    fn from(right: Right) -> Self {
        match right {
            Right::Ordinary => Self::Ordinary,
            Right::ResetAdministrator => Self::ResetAdministrator,
        }
    }
}
