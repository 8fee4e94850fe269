//! The administrator's screens: m-ADM-MENU, m-ADM-USERS, m-ADM-USER, m-ADM-ISSUE, m-ADM-USER-RES, m-ADM-UNLOCK.
//!
//! The logon (m-ADM-LOGON) is in `logon`.

use askama::Template;
use sealbank_bank::{Account, LogonMethod};

use super::{Moment, Page, Screen, layout};

/// m-ADM-MENU: 契約法人管理情報変更.
#[derive(Debug, Clone, Template)]
#[template(path = "administrator_menu.html")]
pub(crate) struct AdministratorMenu {
    /// The page.
    pub page: Page,
    /// 契約法人ID.
    pub contract: String,
    /// The corporation's name.
    pub name: String,
}

impl Screen for AdministratorMenu {
    fn id(&self) -> &'static str {
        "m-ADM-MENU"
    }

    fn title(&self) -> &'static str {
        "契約法人管理情報変更"
    }
}

/// m-ADM-USERS: the contract's users and the form of a new one.
///
/// Posts `user`, `name`, `pin`, `rights=reset-administrator` (if ticked) and `confirmation` to `/admin/users`.
#[derive(Debug, Clone, Template)]
#[template(path = "user_list.html")]
pub(crate) struct UserList {
    /// The page.
    pub page: Page,
    /// The users in order.
    pub users: Vec<UserDetail>,
    /// What was typed as the new 利用者ID, when the form is shown again.
    pub new_user: String,
    /// What was typed as the new user's name, when the form is shown again.
    pub new_name: String,
}

impl Screen for UserList {
    fn id(&self) -> &'static str {
        "m-ADM-USERS"
    }

    fn title(&self) -> &'static str {
        "利用者情報登録/変更"
    }
}

/// What the administrator sees of a user.
#[derive(Debug, Clone)]
pub(crate) struct UserDetail {
    /// 利用者ID.
    pub user: String,
    /// The person's name.
    pub name: String,
    /// Whether he can use his account.
    pub account: Account,
    /// How he logs on.
    pub method: LogonMethod,
    /// Where his certificate stands.
    pub stage: Stage,
}

impl UserDetail {
    fn account_text(&self) -> &'static str {
        layout::account(self.account)
    }

    fn method_text(&self) -> &'static str {
        layout::method(self.method)
    }
}

/// Where a user's certificate stands, as far as the bank knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// 発行 was never done: the screen is m-ADM-ISSUE.
    NotGranted,
    /// Granted, waiting for 取得 until 取得期限.
    Granted {
        /// 取得期限, if there is one.
        deadline: Option<Moment>,
    },
    /// A retrieval is under way.
    Retrieving,
    /// Retrieved; whether it is installed the bank does not know for certain.
    Retrieved {
        /// 有効期限.
        expires: Moment,
    },
    /// Past its end.
    Expired {
        /// 有効期限.
        expired: Moment,
    },
    /// 取得期限 passed unused.
    Lapsed,
    /// 失効.
    Revoked,
}

impl Stage {
    fn text(self) -> &'static str {
        match self {
            Self::NotGranted => "未発行",
            Self::Granted { .. } => "発行済（未取得）",
            Self::Retrieving => "取得中",
            Self::Retrieved { .. } => "取得済",
            Self::Expired { .. } => "有効期限切れ",
            Self::Lapsed => "取得期限切れ",
            Self::Revoked => "失効",
        }
    }

    fn deadline(self) -> Option<Moment> {
        match self {
            Self::Granted { deadline } => deadline,
            _ => None,
        }
    }

    fn expires(self) -> Option<Moment> {
        match self {
            Self::Retrieved { expires } => Some(expires),
            Self::Expired { expired } => Some(expired),
            _ => None,
        }
    }
}

/// m-ADM-USER, or m-ADM-ISSUE while 発行 was never done.
///
/// Posts `act` ([`Act::word`]), `confirmation`, and `reason` or `pin` where the act wants it, to
/// `/admin/users/{user}`. Every act is offered in every state: the bank decides, and says why not.
#[derive(Debug, Clone, Template)]
#[template(path = "user.html")]
pub(crate) struct UserScreen {
    /// The page.
    pub page: Page,
    /// The user.
    pub detail: UserDetail,
}

impl UserScreen {
    fn is_ungranted(&self) -> bool {
        self.detail.stage == Stage::NotGranted
    }
}

impl Screen for UserScreen {
    fn id(&self) -> &'static str {
        if self.is_ungranted() {
            "m-ADM-ISSUE"
        } else {
            "m-ADM-USER"
        }
    }

    fn title(&self) -> &'static str {
        if self.is_ungranted() {
            "利用者電子証明書発行"
        } else {
            "利用者情報変更"
        }
    }
}

/// What the administrator's screens can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// 登録 (T01), on m-ADM-USERS.
    Register,
    /// 発行する (T02).
    Grant,
    /// 再発行（初期化） (T22).
    Reinitialize,
    /// 失効 (T23).
    Revoke,
    /// 利用中止解除 (T25).
    LiftSuspension,
    /// 変更: a new PIN (T25).
    ResetPin,
    /// 利用停止.
    Stop,
    /// 登録抹消 (T26).
    Deregister,
    /// 利用中止解除 of the administrator, on m-ADM-UNLOCK.
    UnlockAdministrator,
}

impl Act {
    pub(super) const ALL: [Self; 9] = [
        Self::Register,
        Self::Grant,
        Self::Reinitialize,
        Self::Revoke,
        Self::LiftSuspension,
        Self::ResetPin,
        Self::Stop,
        Self::Deregister,
        Self::UnlockAdministrator,
    ];

    /// The value of the field `act`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Grant => "grant",
            Self::Reinitialize => "reinitialize",
            Self::Revoke => "revoke",
            Self::LiftSuspension => "lift-suspension",
            Self::ResetPin => "reset-pin",
            Self::Stop => "stop",
            Self::Deregister => "deregister",
            Self::UnlockAdministrator => "unlock-administrator",
        }
    }

    /// The act with that word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.word() == word)
    }

    /// The button's label.
    fn label(self) -> &'static str {
        match self {
            Self::Register => "登録",
            Self::Grant => "発行する",
            Self::Reinitialize => "再発行（初期化）",
            Self::Revoke => "失効",
            Self::LiftSuspension | Self::UnlockAdministrator => "利用中止解除",
            Self::ResetPin => "変更",
            Self::Stop => "利用停止",
            Self::Deregister => "登録抹消",
        }
    }

    /// What was done.
    fn result(self) -> &'static str {
        match self {
            Self::Register => "利用者を登録しました。",
            Self::Grant => "電子証明書を発行しました。利用者が電子証明書を取得できます。",
            Self::Reinitialize => {
                "電子証明書を再発行（初期化）しました。ID・暗証番号方式によるログオンができるようになりました。\
                 利用者が電子証明書を再度取得できます。"
            }
            Self::Revoke => "電子証明書を失効しました。",
            Self::LiftSuspension => "利用中止を解除しました。",
            Self::ResetPin => "利用者暗証番号を変更しました。",
            Self::Stop => "利用を停止しました。",
            Self::Deregister => "登録を抹消しました。",
            Self::UnlockAdministrator => "契約法人の利用中止を解除しました。",
        }
    }
}

/// m-ADM-USER-RES: what was done.
#[derive(Debug, Clone, Template)]
#[template(path = "user_result.html")]
pub(crate) struct UserResult {
    /// The page.
    pub page: Page,
    /// What was done.
    pub act: Act,
    /// To whom: his 利用者ID; none for the administrator himself.
    pub user: Option<String>,
}

impl UserResult {
    /// Where OK leads: 利用者情報選択, or the user's own status after m-ADM-UNLOCK.
    fn next(&self) -> &'static str {
        match self.act {
            Act::UnlockAdministrator => "/status",
            _ => "/admin/users",
        }
    }
}

impl Screen for UserResult {
    fn id(&self) -> &'static str {
        "m-ADM-USER-RES"
    }

    fn title(&self) -> &'static str {
        "利用者情報登録/変更結果"
    }
}

/// m-ADM-UNLOCK: a user with 管理者リセット権限 unlocks the administrator; posts `pin` to `/admin/unlock`.
#[derive(Debug, Clone, Template)]
#[template(path = "administrator_unlock.html")]
pub(crate) struct AdministratorUnlock {
    /// The page.
    pub page: Page,
    /// 契約法人ID.
    pub contract: String,
}

impl Screen for AdministratorUnlock {
    fn id(&self) -> &'static str {
        "m-ADM-UNLOCK"
    }

    fn title(&self) -> &'static str {
        "契約法人利用中止解除・暗証番号再設定"
    }
}
