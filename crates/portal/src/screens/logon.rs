//! The doors: m-LOGON-ID, m-LOGON-CERT, m-ADM-LOGON.

use askama::Template;

use super::{Page, Screen};

/// m-LOGON-ID (T19): posts `contract`, `user`, `pin` to `/logon`.
#[derive(Debug, Clone, Template)]
#[template(path = "id_logon.html")]
pub(crate) struct IdLogon {
    /// The page.
    pub page: Page,
    /// What was typed as 契約法人ID, when the form is shown again.
    pub contract: String,
    /// What was typed as 利用者ID, when the form is shown again.
    pub user: String,
}

impl Screen for IdLogon {
    fn id(&self) -> &'static str {
        "m-LOGON-ID"
    }

    fn title(&self) -> &'static str {
        "利用者ログオン"
    }
}

/// m-LOGON-CERT (T18): posts `pin` to `/logon` of the cert origin.
#[derive(Debug, Clone, Template)]
#[template(path = "certificate_logon.html")]
pub(crate) struct CertificateLogon {
    /// The page.
    pub page: Page,
    /// The presented certificate's Common Name; without a certificate there is no form.
    pub common_name: Option<String>,
}

impl Screen for CertificateLogon {
    fn id(&self) -> &'static str {
        "m-LOGON-CERT"
    }

    fn title(&self) -> &'static str {
        "利用者ログオン（電子証明書方式）"
    }
}

/// m-ADM-LOGON: posts `contract` (by id only) and `pin` to `/admin/logon`.
#[derive(Debug, Clone, Template)]
#[template(path = "administrator_logon.html")]
pub(crate) struct AdministratorLogon {
    /// The page.
    pub page: Page,
    /// What the administrator shows beside his PIN.
    pub proof: AdministratorProof,
}

/// What the administrator shows beside his PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AdministratorProof {
    /// His 契約法人ID, on the ib origin.
    Contract {
        /// What was typed, when the form is shown again.
        typed: String,
    },
    /// His certificate, on the cert origin.
    Certificate {
        /// Its Common Name; without a certificate there is no form.
        common_name: Option<String>,
    },
}

impl Screen for AdministratorLogon {
    fn id(&self) -> &'static str {
        "m-ADM-LOGON"
    }

    fn title(&self) -> &'static str {
        match self.proof {
            AdministratorProof::Contract { .. } => "管理者ログオン",
            AdministratorProof::Certificate { .. } => "管理者ログオン（電子証明書方式）",
        }
    }
}
