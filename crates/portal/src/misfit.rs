//! What is wrong with a request before any rule of the bank is asked: the web's own ways of saying no.

use sealbank_bank::Refusal;

/// Why a request went no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// No such page.
    NotFound,
    /// A page, but not by this method.
    WrongMethod,
    /// A form that was not sent from a page of this visitor.
    Forged,
    /// Not a form, or one that is not encoded as forms are.
    Malformed,
    /// More bytes than a form can have.
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
    /// The bank could not record, so it does nothing.
    Unavailable,
}

impl Misfit {
    /// The inner reason, for the trail.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::NotFound => "no-such-page",
            Self::WrongMethod => "wrong-method",
            Self::Forged => "forged-form",
            Self::Malformed => "malformed-form",
            Self::TooLarge => "form-too-large",
            Self::TooSlow => "form-too-slow",
            Self::Unavailable => "unavailable",
        }
    }

    /// The code on the page. A forged form reads like a lost session: whoever forges learns nothing.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Forged => Refusal::NoSession.code(),
            Self::NotFound => "MX-991",
            Self::WrongMethod => "MX-992",
            Self::Malformed | Self::TooLarge | Self::TooSlow => "MX-993",
            Self::Unavailable => "MX-999",
        }
    }

    /// The text on the page.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Forged => Refusal::NoSession.text(),
            Self::NotFound => "ページが見つかりません。",
            Self::WrongMethod => "この操作は行えません。最初からやり直してください。",
            Self::Malformed | Self::TooLarge | Self::TooSlow => {
                "送信内容が正しくありません。最初からやり直してください。"
            }
            Self::Unavailable => {
                "ただいまご利用いただけません。しばらくしてから再度お試しください。"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const ALL: [Misfit; 7] = [
        Misfit::NotFound,
        Misfit::WrongMethod,
        Misfit::Forged,
        Misfit::Malformed,
        Misfit::TooLarge,
        Misfit::TooSlow,
        Misfit::Unavailable,
    ];

    #[test]
    fn one_code_says_one_thing_also_beside_the_bank() {
        let mut texts: BTreeMap<_, _> = Refusal::ALL
            .iter()
            .map(|refusal| (refusal.code(), refusal.text()))
            .collect();
        for misfit in ALL {
            let text = texts.entry(misfit.code()).or_insert(misfit.text());
            assert_eq!(*text, misfit.text(), "{misfit:?}");
        }
    }
}
