//! A bank as data: its name, and the subject that its certificates carry (procedure 4.2).

use serde::{Deserialize, Serialize};

use crate::certificate::SubjectName;
use crate::identity::{Holder, Subscriber};

/// What makes one bank differ from another beside its [`crate::Settings`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BankProfile {
    /// The name shown on every screen, marked TEST ONLY there.
    pub name: String,
    /// Organization of every certificate.
    pub organization: String,
    /// Organizational Unit of every certificate.
    pub organizational_unit: String,
    /// What stands before the 契約法人ID in every Common Name.
    pub common_name_prefix: String,
}

impl Default for BankProfile {
    /// The document's subject to the letter; the prefix that it masks as `*****` is `ZZTST` here.
    fn default() -> Self {
        Self {
            name: "The Higo Bank, Ltd".to_owned(),
            organization: "The Higo Bank, Ltd".to_owned(),
            organizational_unit: "The Higo Bank Internet Banking tBIB CA".to_owned(),
            common_name_prefix: "ZZTST".to_owned(),
        }
    }
}

impl BankProfile {
    /// The subject of `subscriber`'s certificates: prefix, contract, a space, user. An administrator has no
    /// user part. Injective, because identifiers hold no space (V10, case 88).
    ///
    /// ```
    /// use sealbank_bank::{BankProfile, ContractId, Settings, Subscriber, UserId};
    /// # fn main() -> Result<(), sealbank_bank::IdError> {
    /// let settings = Settings::default();
    /// let contract = ContractId::parse("99990000001", &settings.contract_id_format)?;
    /// let user = UserId::parse("keiri01", &settings.user_id_format)?;
    /// let subject = BankProfile::default().subject(&Subscriber::user(contract, user));
    /// assert_eq!(subject.common_name, "ZZTST99990000001 keiri01");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn subject(&self, subscriber: &Subscriber) -> SubjectName {
        let contract = &subscriber.contract;
        let prefix = &self.common_name_prefix;
        let common_name = match &subscriber.holder {
            Holder::Administrator => format!("{prefix}{contract}"),
            Holder::User(user) => format!("{prefix}{contract} {user}"),
        };
        SubjectName {
            organization: self.organization.clone(),
            organizational_unit: self.organizational_unit.clone(),
            common_name,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identity::{ContractId, UserId};
    use crate::settings::Settings;

    fn subscriber() -> impl Strategy<Value = Subscriber> {
        ("[0-9]{11}", proptest::option::of("[A-Za-z0-9]{1,30}")).prop_map(|(contract, user)| {
            let settings = Settings::default();
            let contract = ContractId::parse(&contract, &settings.contract_id_format).unwrap();
            match user {
                Some(user) => Subscriber::user(
                    contract,
                    UserId::parse(&user, &settings.user_id_format).unwrap(),
                ),
                None => Subscriber::administrator(contract),
            }
        })
    }

    proptest! {
        #[test]
        fn different_subscribers_have_different_subjects(a in subscriber(), b in subscriber()) {
            let profile = BankProfile::default();
            prop_assert_eq!(a == b, profile.subject(&a) == profile.subject(&b));
        }
    }
}
