//! What every page has: the bank's name, the two origins, the CSRF token, and messages to the reader.

use std::fmt;

use sealbank_bank::settings::JST;
use sealbank_bank::{Account, LogonMethod};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// What a page shows beside its own content.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// The bank profile's name.
    pub bank: String,
    /// The visitor's CSRF token; every form that posts carries it in the hidden field `csrf`.
    pub csrf: String,
    /// The ib origin as `https://host:port`, without a slash at the end.
    pub ib: String,
    /// The cert origin, likewise.
    pub cert: String,
    /// Messages above the content.
    pub alerts: Vec<Alert>,
}

impl Page {
    /// The same page with one more message.
    #[must_use]
    pub(crate) fn with_alert(mut self, alert: Alert) -> Self {
        self.alerts.push(alert);
        self
    }

    /// Whether a message is about the field labelled `label`.
    pub(super) fn faults(&self, label: &str) -> bool {
        self.alerts.iter().any(|alert| alert.field == Some(label))
    }
}

/// A message to the reader: a refusal, or an error in one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alert {
    /// The outer code such as `MX-301`; none where the web server itself says no.
    pub code: Option<&'static str>,
    /// The label of the field that it is about.
    pub field: Option<&'static str>,
    /// The outer text.
    pub text: String,
}

/// Whose screen it is, where users and administrators have the same one in two wordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Party {
    /// 利用者.
    User,
    /// 管理者, who acts as the 契約法人.
    Administrator,
}

impl Party {
    /// The value of the hidden field `party`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Administrator => "administrator",
        }
    }

    /// The party with that word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::User, Self::Administrator]
            .into_iter()
            .find(|party| party.word() == word)
    }

    /// Where its retrieval form lies.
    pub(crate) fn retrieval_path(self) -> &'static str {
        match self {
            Self::User => "/retrieval",
            Self::Administrator => "/retrieval/administrator",
        }
    }

    /// The name of its logon PIN.
    pub(crate) fn pin_label(self) -> &'static str {
        match self {
            Self::User => "利用者暗証番号",
            Self::Administrator => "契約法人暗証番号",
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "利用者",
            Self::Administrator => "契約法人",
        }
    }
}

/// A moment as pages show it, on Japan's clock to the second, because limits are tested to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub OffsetDateTime);

const SHOWN: &[BorrowedFormatItem<'_>] =
    format_description!("[year]年[month]月[day]日 [hour]時[minute]分[second]秒");
const MACHINE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+09:00");

impl Moment {
    /// As the `datetime` attribute of `<time>` wants it.
    pub(super) fn machine(self) -> String {
        self.on_japans_clock(MACHINE).unwrap_or_default()
    }

    /// `None` only for a moment that Japan's clock cannot show: the last hours of the year 9999.
    fn on_japans_clock(self, format: &[BorrowedFormatItem<'_>]) -> Option<String> {
        self.0.checked_to_offset(JST)?.format(format).ok()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.on_japans_clock(SHOWN) {
            Some(text) => f.write_str(&text),
            None => f.write_str("9999年末"),
        }
    }
}

/// The account's state in the manual's word.
pub(super) fn account(account: Account) -> &'static str {
    match account {
        Account::Active => "利用可",
        Account::Suspended => "利用中止",
        Account::StoppedByAdmin => "利用停止",
        Account::Deleted => "登録抹消",
    }
}

/// The logon method in the manual's word.
pub(super) fn method(method: LogonMethod) -> &'static str {
    match method {
        LogonMethod::IdPin => "ID・暗証番号方式",
        LogonMethod::Certificate => "電子証明書方式",
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_moment_is_told_on_japans_clock() {
        let moment = Moment(datetime!(2032-03-31 23:59:59.9 UTC));
        assert_eq!(moment.to_string(), "2032年04月01日 08時59分59秒");
        assert_eq!(moment.machine(), "2032-04-01T08:59:59+09:00");
    }

    #[test]
    fn a_moment_that_japans_clock_cannot_show_is_shown_nevertheless() {
        let moment = Moment(datetime!(9999-12-31 23:59:59 UTC));
        assert_eq!(moment.to_string(), "9999年末");
        assert_eq!(moment.machine(), "");
    }
}
