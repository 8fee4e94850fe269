//! Refusing settings that no bank could run with, all of them at once.

use super::{EnrolmentChannel, KeyProvider, ServiceHours, Settings};

/// A value of the settings that no bank could run with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting `{setting}`: {found} is not possible; {mend}")]
pub struct SettingError {
    /// The setting's code name.
    pub setting: &'static str,
    /// The value found.
    pub found: String,
    /// What to write instead.
    pub mend: &'static str,
}

impl Settings {
    /// Hands the settings back when the bank can run with them.
    ///
    /// # Errors
    /// All [`SettingError`]s at once.
    pub fn validated(self) -> Result<Self, Vec<SettingError>> {
        let mut errors = Vec::new();
        let mut demand = |holds: bool, setting: &'static str, found: String, mend: &'static str| {
            if !holds {
                errors.push(SettingError {
                    setting,
                    found,
                    mend,
                });
            }
        };
        let range = |low: u32, high: u32, value: u32| (low..=high).contains(&value);
        demand(
            range(1, 3_650, self.certificate_validity_days.into()),
            "certificate-validity-days",
            self.certificate_validity_days.to_string(),
            "give 1 to 3650 days",
        );
        demand(
            range(0, 40_320, self.not_before_backdate_minutes),
            "not-before-backdate-minutes",
            self.not_before_backdate_minutes.to_string(),
            "give at most 40320 minutes (4 weeks)",
        );
        demand(
            self.renewal_window_days <= self.certificate_validity_days,
            "renewal-window-days",
            self.renewal_window_days.to_string(),
            "give no more days than the certificate is valid",
        );
        demand(
            self.max_active_certificates_per_user == 1,
            "max-active-certificates-per-user",
            self.max_active_certificates_per_user.to_string(),
            "every known bank gives each user one certificate; register more users for more PCs",
        );
        demand(
            range(1, 9_999, self.max_users_per_contract.into()),
            "max-users-per-contract",
            self.max_users_per_contract.to_string(),
            "give 1 to 9999 users",
        );
        demand(
            range(1, 99, self.pin_failure_limit.into()),
            "pin-failure-limit",
            self.pin_failure_limit.to_string(),
            "give 1 to 99 failures",
        );
        demand(
            self.popup_count <= 2,
            "popup-count",
            self.popup_count.to_string(),
            "a retrieval shows 0, 1 or 2 popups",
        );
        demand(
            self.retrieval_session_timeout_minutes > 0,
            "retrieval-session-timeout-minutes",
            "0".to_owned(),
            "give at least 1 minute",
        );
        demand(
            self.user_session_timeout_minutes > 0,
            "user-session-timeout-minutes",
            "0".to_owned(),
            "give at least 1 minute",
        );
        demand(
            self.enrolment_channel == EnrolmentChannel::BrowserCertEnroll,
            "enrolment-channel",
            format!("{:?}", self.enrolment_channel),
            "only browser-cert-enroll is played: key and request are made by a component on the PC",
        );
        demand(
            self.key_provider == KeyProvider::Software || !self.private_key_exportable,
            "private-key-exportable",
            "true with key-provider tpm".to_owned(),
            "a TPM never lets a key out; say false",
        );
        for (setting, format, most) in [
            ("user-id-format", self.user_id_format, 30),
            ("contract-id-format", self.contract_id_format, 20),
        ] {
            demand(
                format.min >= 1 && format.min <= format.max && format.max <= most,
                setting,
                format.to_string(),
                "an identifier has 1 to 20 (contract) or 30 (user) characters, so that it fits a common name of 64",
            );
        }
        demand(
            self.pin_format.min >= 2
                && self.pin_format.min <= self.pin_format.max
                && self.pin_format.max <= 64,
            "pin-format",
            format!("{} to {}", self.pin_format.min, self.pin_format.max),
            "give 2 to 64 characters, the smaller number first",
        );
        if let ServiceHours::Daily { opens, closes } = self.service_hours {
            demand(
                opens < 24 && closes <= 24 && opens != closes,
                "service-hours",
                format!("{opens} to {closes}"),
                "give an hour of 0 to 23 and another of 1 to 24, or `always`",
            );
        }
        demand(
            range(8, 1 << 20, self.pin_cost.memory_kib) && range(1, 16, self.pin_cost.iterations),
            "pin-cost",
            format!(
                "{} KiB, {} passes",
                self.pin_cost.memory_kib, self.pin_cost.iterations
            ),
            "give 8 KiB to 1 GiB and 1 to 16 passes",
        );
        if errors.is_empty() {
            Ok(self)
        } else {
            Err(errors)
        }
    }
}
