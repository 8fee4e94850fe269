//! The vocabulary of a retrieval: by which door, with which answers, and what came of it.

use thiserror::Error;

use crate::concealed::Concealed;
use crate::install::InstallError;
use crate::key::{Exportability, KeyAlgorithm};
use crate::outcome::Outcome;
use crate::point::Point;
use crate::screen::Screen;

/// By which door the retrieval is entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// 利用者用電子証明書取得.
    User(UserCredentials),
    /// 契約法人電子証明書取得.
    Administrator(AdministratorCredentials),
    /// 電子証明書更新, from the status or renewal page that stands in the window (T20).
    Renewal,
}

/// What a user types on CIBMU921 (L9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCredentials {
    /// 契約法人ID.
    pub contract: Concealed,
    /// 利用者ID.
    pub user: Concealed,
    /// 利用者暗証番号.
    pub pin: Concealed,
}

/// What an administrator types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdministratorCredentials {
    /// 契約法人ID.
    pub contract: Concealed,
    /// 契約法人暗証番号.
    pub pin: Concealed,
}

/// The person's answers, and what the PC does differently from what the page asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetrievalOptions {
    /// How many popups 「Web アクセスの確認」 this PC shows; the page's `data-popups` when absent.
    pub popups: Option<u8>,
    /// The answer to the first popup, if it appears.
    pub first: PopupAnswer,
    /// The answer to the second popup, if it appears.
    pub second: PopupAnswer,
    /// Another key than the page asks for.
    pub algorithm: Option<KeyAlgorithm>,
    /// Another exportability than the page asks for.
    pub exportability: Option<Exportability>,
}

/// The answer to a popup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PopupAnswer {
    /// はい.
    #[default]
    Yes,
    /// キャンセル.
    Cancel,
}

/// What came of going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advance {
    /// It stands at the point that was asked for.
    Held(Point),
    /// The completion screen stands there.
    Finished(Screen),
    /// The bank refused; this is its screen.
    Refused(Screen),
    /// The person cancelled a popup; this is what the bank answered to that.
    Cancelled(Screen),
    /// The PC's enrolment component failed; the screen still stands there, the bank knows nothing.
    ComponentFailed {
        /// The screen that stands there.
        screen: Screen,
        /// What failed.
        failure: ComponentFailure,
    },
    /// TLS came to nothing (always [`Outcome::TlsRefused`]).
    TlsRefused(Outcome),
}

impl Advance {
    /// The screen that stands in the window, where there is one to report.
    #[must_use]
    pub fn screen(&self) -> Option<&Screen> {
        match self {
            Self::Finished(screen)
            | Self::Refused(screen)
            | Self::Cancelled(screen)
            | Self::ComponentFailed { screen, .. } => Some(screen),
            Self::Held(_) | Self::TlsRefused(_) => None,
        }
    }
}

/// Why the enrolment component failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ComponentFailure {
    /// It may not run: 実行 does nothing (cases 11, 23).
    #[error("the enrolment component is blocked: 実行 does nothing; allow it for the bank's site")]
    Blocked,
    /// The key provider failed (case 24).
    #[error("the key provider could not make a key; free the profile, or use another one")]
    KeyGeneration,
    /// The certificate could not be installed (cases 44, 77).
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The certificate was stored, but its key is not in this profile (case 46).
    #[error(
        "no pending request in this profile fits the certificate; its key is elsewhere or gone"
    )]
    NoMatchingRequest,
}

impl UserCredentials {
    /// What a user types on CIBMU921.
    pub fn new(
        contract: impl Into<Concealed>,
        user: impl Into<Concealed>,
        pin: impl Into<Concealed>,
    ) -> Self {
        Self {
            contract: contract.into(),
            user: user.into(),
            pin: pin.into(),
        }
    }
}

impl AdministratorCredentials {
    /// What an administrator types.
    pub fn new(contract: impl Into<Concealed>, pin: impl Into<Concealed>) -> Self {
        Self {
            contract: contract.into(),
            pin: pin.into(),
        }
    }
}

impl From<UserCredentials> for Entry {
    fn from(credentials: UserCredentials) -> Self {
        Self::User(credentials)
    }
}

impl From<AdministratorCredentials> for Entry {
    fn from(credentials: AdministratorCredentials) -> Self {
        Self::Administrator(credentials)
    }
}

impl Entry {
    pub(crate) fn button(&self) -> &'static str {
        match self {
            Self::User(_) | Self::Administrator(_) => "取得",
            Self::Renewal => "更新",
        }
    }

    pub(crate) fn fields(&self) -> Vec<(&'static str, Concealed)> {
        match self {
            Self::User(user) => vec![
                ("契約法人ID", user.contract.clone()),
                ("利用者ID", user.user.clone()),
                ("利用者暗証番号", user.pin.clone()),
            ],
            Self::Administrator(admin) => vec![
                ("契約法人ID", admin.contract.clone()),
                ("契約法人暗証番号", admin.pin.clone()),
            ],
            Self::Renewal => Vec::new(),
        }
    }
}
