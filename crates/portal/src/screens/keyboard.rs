//! m-SWKB: the software keyboard (L11). What was entered stays with the bank; the page shows only how much.

use askama::Template;

use super::{Page, Party, Screen};

/// m-SWKB. Everything posts to `/retrieval/keyboard`: a key as `key`, the rest as `act` ([`KeyboardAct`]).
#[derive(Debug, Clone, Template)]
#[template(path = "keyboard.html")]
pub(crate) struct KeyboardScreen {
    /// The page.
    pub page: Page,
    /// Whose form it belongs to; hidden field `party` ([`Party::word`]).
    pub party: Party,
    /// Which keyboard of the bank's; hidden field `keyboard`.
    pub keyboard: String,
    /// What was typed as 契約法人ID, kept for the form.
    pub contract: String,
    /// What was typed as 利用者ID, kept for the form.
    pub user: String,
    /// The form's one-time value, kept for the form.
    pub nonce: String,
    /// How many characters were entered.
    pub entered: usize,
}

impl KeyboardScreen {
    /// The keys, row by row: what a PIN may consist of (half-width alphanumerics).
    const ROWS: [&'static str; 7] = [
        "1234567890",
        "qwertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "QWERTYUIOP",
        "ASDFGHJKL",
        "ZXCVBNM",
    ];

    fn dots(&self) -> String {
        "●".repeat(self.entered)
    }
}

impl Screen for KeyboardScreen {
    fn id(&self) -> &'static str {
        "m-SWKB"
    }

    fn title(&self) -> &'static str {
        "ソフトウェアキーボード"
    }
}

/// A button of m-SWKB that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyboardAct {
    /// 一字削除.
    Erase,
    /// 確定: back to the form, with what was entered.
    Confirm,
    /// 閉じる: back to the form, without.
    Close,
}

impl KeyboardAct {
    pub(super) const ALL: [Self; 3] = [Self::Erase, Self::Confirm, Self::Close];

    /// The value of the field `act`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Erase => "erase",
            Self::Confirm => "confirm",
            Self::Close => "close",
        }
    }

    /// The act with that word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.word() == word)
    }

    fn label(self) -> &'static str {
        match self {
            Self::Erase => "一字削除",
            Self::Confirm => "確定",
            Self::Close => "閉じる",
        }
    }
}
