//! Where a visitor comes from and where a logon leads to: m-TOP, m-STATUS, m-RENEW, m-PINAGE.

use askama::Template;
use sealbank_bank::LogonMethod;

use super::{Moment, Page, Party, Screen, layout};

/// m-TOP (L8).
#[derive(Debug, Clone, Template)]
#[template(path = "top.html")]
pub(crate) struct TopScreen {
    /// The page.
    pub page: Page,
}

impl Screen for TopScreen {
    fn id(&self) -> &'static str {
        "m-TOP"
    }

    fn title(&self) -> &'static str {
        "インターネットバンキング"
    }
}

/// m-STATUS: 利用者ステータス, or 契約法人ステータス for an administrator.
#[derive(Debug, Clone, Template)]
#[template(path = "status.html")]
pub(crate) struct StatusScreen {
    /// The page.
    pub page: Page,
    /// 契約法人ID.
    pub contract: String,
    /// 利用者ID; none for an administrator.
    pub user: Option<String>,
    /// ログオン方式.
    pub method: LogonMethod,
    /// 電子証明書有効期限, where there is a certificate.
    pub expires: Option<Moment>,
    /// The link 電子証明書更新 (T20).
    pub renewal: Offer,
    /// The link to m-ADM-UNLOCK, for users with 管理者リセット権限.
    pub unlock: Offer,
}

/// Whether a link is on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// It is.
    Made,
    /// It is not.
    Withheld,
}

impl StatusScreen {
    fn method_text(&self) -> &'static str {
        layout::method(self.method)
    }
}

impl Offer {
    fn is_made(self) -> bool {
        self == Self::Made
    }
}

impl Screen for StatusScreen {
    fn id(&self) -> &'static str {
        "m-STATUS"
    }

    fn title(&self) -> &'static str {
        match self.user {
            Some(_) => "利用者ステータス",
            None => "契約法人ステータス",
        }
    }
}

/// m-RENEW (T20): 更新 posts to `/renewal` of the cert origin.
#[derive(Debug, Clone, Template)]
#[template(path = "renewal_notice.html")]
pub(crate) struct RenewalNotice {
    /// The page.
    pub page: Page,
    /// 有効期限 of the certificate in use.
    pub expires: Moment,
}

impl Screen for RenewalNotice {
    fn id(&self) -> &'static str {
        "m-RENEW"
    }

    fn title(&self) -> &'static str {
        "電子証明書更新のお知らせ"
    }
}

/// m-PINAGE: the PIN was not changed for long.
#[derive(Debug, Clone, Template)]
#[template(path = "pin_age_notice.html")]
pub(crate) struct PinAgeNotice {
    /// The page.
    pub page: Page,
    /// Whose PIN.
    pub party: Party,
    /// When it was set.
    pub set: Moment,
}

impl Screen for PinAgeNotice {
    fn id(&self) -> &'static str {
        "m-PINAGE"
    }

    fn title(&self) -> &'static str {
        "セキュリティ上のお知らせ"
    }
}
