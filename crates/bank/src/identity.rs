//! Who is who: contracts, users, and the holder of a certificate within a contract.
//!
//! Identifiers are parsed against the bank's formats (procedure, section 3) before they reach any rule; what
//! a person typed that can't be an identifier is simply nobody's.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::settings::{Characters, IdFormat};

/// 契約法人ID: the identifier of a contracting corporation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContractId(String);

/// 利用者ID: the identifier of an ordinary user within its contract; upper and lower case differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);

/// The text is not an identifier of the bank's format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {format}; `{found}` is not")]
pub struct IdError {
    /// Which identifier: 契約法人ID or 利用者ID.
    pub what: &'static str,
    /// The format that was asked for.
    pub format: IdFormat,
    /// What was given, cut to a printable length.
    pub found: String,
}

impl ContractId {
    /// Parses `text` by the bank's format (setting `contract_id_format`).
    ///
    /// # Errors
    /// [`IdError`] when length or characters are outside the format.
    ///
    /// ```
    /// use sealbank_bank::{ContractId, Settings};
    /// let format = Settings::default().contract_id_format;
    /// assert!(ContractId::parse("99990000001", &format).is_ok());
    /// assert!(ContractId::parse("9999 0000001", &format).is_err());
    /// ```
    pub fn parse(text: &str, format: &IdFormat) -> Result<Self, IdError> {
        checked("契約法人ID", text, format).map(Self)
    }

    /// The identifier as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl UserId {
    /// Parses `text` by the bank's format (setting `user_id_format`).
    ///
    /// # Errors
    /// [`IdError`] when length or characters are outside the format.
    pub fn parse(text: &str, format: &IdFormat) -> Result<Self, IdError> {
        checked("利用者ID", text, format).map(Self)
    }

    /// The identifier as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContractId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who holds a certificate, a PIN and a logon within one contract.
///
/// The administrator lives the same life as a user (procedure T28: "same as T22 for the admin"), only the
/// bank's counter does for him what he does for the users.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// 管理者: exactly one per contract.
    Administrator,
    /// 利用者.
    User(UserId),
}

/// A holder together with its contract: the end entity of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subscriber {
    /// The contract.
    pub contract: ContractId,
    /// Who within it.
    pub holder: Holder,
}

impl Subscriber {
    /// The administrator of `contract`.
    #[must_use]
    pub fn administrator(contract: ContractId) -> Self {
        Self {
            contract,
            holder: Holder::Administrator,
        }
    }

    /// The user `user` of `contract`.
    #[must_use]
    pub fn user(contract: ContractId, user: UserId) -> Self {
        Self {
            contract,
            holder: Holder::User(user),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Administrator => f.write_str("administrator"),
            Self::User(user) => write!(f, "{user}"),
        }
    }
}

impl fmt::Display for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.contract, self.holder)
    }
}

fn checked(what: &'static str, text: &str, format: &IdFormat) -> Result<String, IdError> {
    let fits = (usize::from(format.min)..=usize::from(format.max)).contains(&text.len());
    let allowed = text.bytes().all(|byte| match format.characters {
        Characters::Digits => byte.is_ascii_digit(),
        Characters::Alphanumeric => byte.is_ascii_alphanumeric(),
    });
    if fits && allowed {
        return Ok(text.to_owned());
    }
    let found = text
        .chars()
        .take(40)
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect();
    Err(IdError {
        what,
        format: *format,
        found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn identifiers_follow_the_bank_format() {
        let settings = Settings::default();
        let thirty = "a".repeat(30);
        for (text, good) in [
            ("U", true),
            ("keiri01", true),
            (thirty.as_str(), true),
            ("", false),
            ("keiri 01", false),
            ("ｋｅｉｒｉ", false),
        ] {
            assert_eq!(
                UserId::parse(text, &settings.user_id_format).is_ok(),
                good,
                "{text:?}"
            );
        }
        for (text, good) in [
            ("99990000001", true),
            ("9999000000", false),
            ("999900000012", false),
            ("9999000000x", false),
            ("９９９９００００００１", false),
        ] {
            assert_eq!(
                ContractId::parse(text, &settings.contract_id_format).is_ok(),
                good,
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_identifier_error_says_what_was_asked_for_and_what_was_found() {
        let error = UserId::parse("経理\n01", &Settings::default().user_id_format).unwrap_err();
        assert_eq!(
            error.to_string(),
            "利用者ID must be 1 to 30 half-width letters or digits; `経理\u{FFFD}01` is not"
        );
    }
}
