//! The demo roster of `sealbank serve`: all fictional (procedure 4.2).

use std::sync::Arc;

use sealbank_bank::{Command, Rights};
use sealbank_portal::{App, ContractEntry, Failure, UserEntry};

/// A contract with its administrator and users.
pub(crate) struct DemoContract {
    /// 契約法人ID.
    pub(crate) contract: &'static str,
    /// The corporation.
    pub(crate) name: &'static str,
    /// 契約法人暗証番号.
    pub(crate) pin: &'static str,
    /// 契約法人確認暗証番号.
    pub(crate) confirmation: &'static str,
    /// Its users.
    pub(crate) users: &'static [DemoUser],
}

/// A user.
pub(crate) struct DemoUser {
    /// 利用者ID.
    pub(crate) user: &'static str,
    /// The person.
    pub(crate) name: &'static str,
    /// 利用者暗証番号.
    pub(crate) pin: &'static str,
    /// What he may do beside his own affairs.
    pub(crate) rights: Rights,
    /// Whether 発行 is done already.
    pub(crate) grant: DemoGrant,
}

/// Whether a demo user may retrieve at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DemoGrant {
    /// He may.
    Granted,
    /// The administrator has to do 発行 first.
    NotGranted,
}

/// Who is in the demo bank.
pub(crate) const ROSTER: &[DemoContract] = &[
    DemoContract {
        contract: "99990000001",
        name: "株式会社サンプル商事",
        pin: "Admin0001",
        confirmation: "Kakunin01",
        users: &[
            DemoUser {
                user: "keiri01",
                name: "試験 太郎",
                pin: "Test0001",
                rights: Rights::Ordinary,
                grant: DemoGrant::Granted,
            },
            DemoUser {
                user: "shacho",
                name: "検証 花子",
                pin: "abc123",
                rights: Rights::ResetAdministrator,
                grant: DemoGrant::NotGranted,
            },
        ],
    },
    DemoContract {
        contract: "99990000002",
        name: "架空工業株式会社",
        pin: "Admin0002",
        confirmation: "Kakunin02",
        users: &[DemoUser {
            user: "U",
            name: "見本 一郎",
            pin: "Test0002",
            rights: Rights::Ordinary,
            grant: DemoGrant::NotGranted,
        }],
    },
];

/// Opens the roster as the counter and the administrators would.
pub(crate) async fn open(app: &Arc<App>) -> Result<(), Failure> {
    for contract in ROSTER {
        let administrator = ContractEntry {
            contract: contract.contract.to_owned(),
            name: contract.name.to_owned(),
            pin: contract.pin.into(),
            confirmation: contract.confirmation.into(),
        };
        app.open_contract(administrator.clone()).await?;
        for user in contract.users {
            let entry = UserEntry {
                user: user.user.to_owned(),
                name: user.name.to_owned(),
                pin: user.pin.into(),
                rights: user.rights,
            };
            let subscriber = app.register_user(administrator.clone(), entry).await?;
            if user.grant == DemoGrant::Granted {
                app.perform(Command::CounterGrant { subscriber }).await?;
            }
        }
    }
    Ok(())
}
