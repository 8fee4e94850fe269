//! [`Interruption`]: what happens in the middle of a retrieval (L18, L19, procedure 1.5 and 2b).

use sealbank_workstation::{Point, ProfileName};

use super::{AdministratorAct, PersonId};
use crate::source::At;

/// An operation at a point of the retrieval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    /// Where.
    pub at: At<Point>,
    /// What.
    pub how: At<How>,
}

/// What interrupts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// ブラウザの戻るボタン.
    Back,
    /// ブラウザの更新ボタン; a form is sent again.
    Refresh,
    /// ブラウザを閉じる.
    CloseBrowser,
    /// 電源を切る.
    PowerOff,
    /// 他のユーザーでログオンする, as a user of the bank (Q5).
    LogOnAs {
        /// As whom.
        who: PersonId,
        /// In which window of the same browser.
        window: SecondWindow,
    },
    /// 他のユーザーでログオンする, as a user of the PC (Q5).
    SwitchOsUser {
        /// As whom.
        to: ProfileName,
    },
    /// キャンセル on the popup.
    Cancel,
    /// 閉じる on the screen that stands there.
    Close,
    /// The button is pressed twice: 取得 at `intermediate`, 実行 at `request-sent`.
    DoubleClick,
    /// The same user starts a second retrieval in a second tab.
    SecondTab,
    /// The same user starts a second retrieval on another PC.
    SecondPc,
    /// The person waits past the session's end.
    Wait,
    /// The administrator does something meanwhile.
    Administrator(AdministratorAct),
    /// The bank stops and starts again on its journal.
    RestartBank,
    /// The network is lost.
    LoseNetwork,
}

/// In which window somebody else logs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondWindow {
    /// In the one of the retrieval, which is lost by that.
    Same,
    /// In another one of the same browser; the retrieval then goes on.
    New,
}

impl How {
    /// How it is written, without names of people; none where the language has no word for it.
    pub(crate) fn name(&self) -> Option<&'static str> {
        Some(match self {
            Self::Back => "back",
            Self::Refresh => "refresh",
            Self::CloseBrowser => "close-browser",
            Self::PowerOff => "power-off",
            Self::LogOnAs {
                window: SecondWindow::Same,
                ..
            } => "log-on-as: same-window",
            Self::LogOnAs {
                window: SecondWindow::New,
                ..
            } => "log-on-as: new-window",
            Self::SwitchOsUser { .. } => "switch-os-user",
            Self::Cancel => "cancel",
            Self::Close => "close",
            Self::DoubleClick => "double-click",
            Self::SecondTab => "second-tab",
            Self::SecondPc => "second-pc",
            Self::Wait => "wait",
            Self::Administrator(act) => match act {
                AdministratorAct::Reinitialize => "admin: reinitialize",
                AdministratorAct::Revoke(_) => "admin: revoke",
                AdministratorAct::Stop => "admin: stop",
                AdministratorAct::Deregister => "admin: deregister",
                AdministratorAct::Register
                | AdministratorAct::Grant
                | AdministratorAct::LiftSuspension
                | AdministratorAct::ResetPin(_) => return None,
            },
            Self::RestartBank => "restart-bank",
            Self::LoseNetwork => "lose-network",
        })
    }

    /// Whether it can be done at `point`; if not, where it can.
    ///
    /// # Errors
    /// The reason, as part of a sentence.
    pub fn possible_at(&self, point: Point) -> Result<(), &'static str> {
        let holds = match self {
            Self::Cancel => matches!(point, Point::FirstPopup | Point::SecondPopup),
            Self::Close => matches!(
                point,
                Point::Form | Point::Intermediate | Point::Execute | Point::Done
            ),
            Self::DoubleClick => matches!(point, Point::Intermediate | Point::RequestSent),
            Self::SecondTab | Self::SecondPc => point >= Point::Intermediate,
            Self::LoseNetwork => matches!(point, Point::RequestSent | Point::ConfirmationSent),
            _ => true,
        };
        match self {
            _ if holds => Ok(()),
            Self::Cancel => Err("キャンセル is on the popups: at first-popup or second-popup"),
            Self::Close => Err("閉じる is on form, intermediate, execute and done"),
            Self::DoubleClick => Err("取得 is pressed twice at intermediate, 実行 at request-sent"),
            Self::SecondTab | Self::SecondPc => {
                Err("the first retrieval begins with 取得: at intermediate or later")
            }
            _ => Err("something is in the air at request-sent and confirmation-sent"),
        }
    }
}
