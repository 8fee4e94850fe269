//! The bank's rules that differ from bank to bank (procedure, section 3), each with its default there.
//!
//! Every value is data: a scenario or a bank profile may set any of them. [`Settings::validated`] refuses
//! combinations that no bank could run, with the reason.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, Time, UtcOffset};

use crate::pin::PinCost;

/// Japan's clock, in which service hours are told.
pub const JST: UtcOffset = match UtcOffset::from_hms(9, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// All settings of the procedure's section 3 that the bank itself obeys.
///
/// Those that belong to the customer's PC (number of popups, key provider, automatic certificate selection)
/// are here too where the bank's page announces them.
///
/// ```
/// use sealbank_bank::Settings;
/// let settings = Settings::default();
/// assert_eq!(settings.certificate_validity_days, 365);
/// assert_eq!(settings.pin_failure_limit, 7);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Settings {
    /// Days from retrieval to the certificate's end.
    pub certificate_validity_days: u16,
    /// The time of day (UTC) at which a certificate ends; none: exactly the validity after its start.
    #[serde(with = "optional_time_of_day")]
    pub expiry_time_of_day: Option<Time>,
    /// Minutes by which notBefore lies before the retrieval, against clocks that go behind.
    pub not_before_backdate_minutes: u32,
    /// Days before its end in which a certificate can be renewed (更新).
    pub renewal_window_days: u16,
    /// Days before the end at which a notice is sent, longest first.
    pub expiry_notices_days: Vec<u16>,
    /// Days after the end in which the user may retrieve again without the administrator.
    pub expired_self_retrieval_grace_days: u16,
    /// Days after 発行 until which the retrieval must have begun; none: no deadline.
    pub retrieval_deadline_days: Option<u16>,
    /// Whether a lapsed grant closes ID+PIN logon too.
    pub lapse_blocks_logon: bool,
    /// Certificates that may be active for one user; only 1 is played.
    pub max_active_certificates_per_user: u8,
    /// Users that one contract may have.
    pub max_users_per_contract: u16,
    /// Whether each user has his own logon method or the contract has one for all.
    pub method_scope: MethodScope,
    /// Whether logon without a certificate is refused to everybody who was not re-initialised.
    pub certificate_mandatory: bool,
    /// When the logon method becomes "certificate only".
    pub method_flip_point: MethodFlipPoint,
    /// What ID+PIN opens after a re-initialisation.
    pub id_pin_after_reinit: IdPinAfterReinit,
    /// Whether a re-initialisation also lifts a PIN lock.
    pub reinit_unlocks_pin: bool,
    /// What remains after 失効 without 再発行.
    pub revoke_only_result: RevokeOnlyResult,
    /// Wrong PINs until the account is suspended (利用中止).
    pub pin_failure_limit: u8,
    /// Whether all doors share one counter of wrong PINs.
    pub pin_counter_scope: PinCounterScope,
    /// Whether a locked administrator stops the whole contract.
    pub admin_lock_blocks_users: bool,
    /// Days after which a PIN is called old at logon (m-PINAGE).
    pub pin_max_age_days: u16,
    /// What a chosen PIN looks like.
    pub pin_format: PinFormat,
    /// What a 利用者ID looks like.
    pub user_id_format: IdFormat,
    /// What a 契約法人ID looks like.
    pub contract_id_format: IdFormat,
    /// Whether a deleted 利用者ID can be registered again.
    pub user_id_reusable_after_delete: bool,
    /// Minutes that a retrieval may take.
    pub retrieval_session_timeout_minutes: u16,
    /// Minutes of idleness after which a logon ends.
    pub user_session_timeout_minutes: u16,
    /// Whether a user can be logged on only once at a time.
    pub single_session_per_user: bool,
    /// When the service is open.
    pub service_hours: ServiceHours,
    /// Popups (Web アクセスの確認) that a retrieval shows on the PC: 0, 1 or 2.
    pub popup_count: u8,
    /// Whether cancelling the first popup leaves the grant usable.
    pub cancel_popup1_keeps_grant: bool,
    /// Whether cancelling the second popup takes the certificate back and grants anew.
    pub cancel_popup2_keeps_grant: bool,
    /// What the bank takes as proof that the installation worked.
    pub install_confirmation: InstallConfirmation,
    /// Whether the same request sent again is answered with its certificate.
    pub resume_by_csr_hash: bool,
    /// Whether the old certificate stays valid until the renewed one is confirmed.
    pub renewal_overlap: RenewalOverlap,
    /// The key that the retrieval page asks the PC to make.
    pub key_algorithm: KeyAlgorithm,
    /// Whether the PC may export that key.
    pub private_key_exportable: bool,
    /// Where the PC keeps that key.
    pub key_provider: KeyProvider,
    /// How the user enrols; only `browser-cert-enroll` is played.
    pub enrolment_channel: EnrolmentChannel,
    /// Whether the certificate origin asks for a certificate or demands it.
    pub tls_client_auth: TlsClientAuth,
    /// Whether the certificate origin resumes TLS sessions.
    pub tls_resumption: TlsResumption,
    /// Whether refused handshakes tell why by their alert.
    pub tls_alerts: TlsAlerts,
    /// When open sessions of a revoked certificate end.
    pub session_kill_on_revoke: SessionKill,
    /// What Argon2 costs for newly chosen PINs.
    pub pin_cost: PinCost,
    /// Parts of the User-Agent of recommended browsers (L1); empty: every browser is.
    pub supported_browsers: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            certificate_validity_days: 365,
            expiry_time_of_day: Time::from_hms(23, 59, 59).ok(),
            not_before_backdate_minutes: 10,
            renewal_window_days: 30,
            expiry_notices_days: vec![30, 10],
            expired_self_retrieval_grace_days: 0,
            retrieval_deadline_days: Some(80),
            lapse_blocks_logon: false,
            max_active_certificates_per_user: 1,
            max_users_per_contract: 99,
            method_scope: MethodScope::PerUser,
            certificate_mandatory: false,
            method_flip_point: MethodFlipPoint::OnCommit,
            id_pin_after_reinit: IdPinAfterReinit::FullLogon,
            reinit_unlocks_pin: false,
            revoke_only_result: RevokeOnlyResult::Blocked,
            pin_failure_limit: 7,
            pin_counter_scope: PinCounterScope::Shared,
            admin_lock_blocks_users: true,
            pin_max_age_days: 180,
            pin_format: PinFormat { min: 6, max: 12 },
            user_id_format: IdFormat {
                min: 1,
                max: 30,
                characters: Characters::Alphanumeric,
            },
            contract_id_format: IdFormat {
                min: 11,
                max: 11,
                characters: Characters::Digits,
            },
            user_id_reusable_after_delete: false,
            retrieval_session_timeout_minutes: 10,
            user_session_timeout_minutes: 15,
            single_session_per_user: true,
            service_hours: ServiceHours::Always,
            popup_count: 2,
            cancel_popup1_keeps_grant: true,
            cancel_popup2_keeps_grant: false,
            install_confirmation: InstallConfirmation::CompletionOrFirstLogon,
            resume_by_csr_hash: false,
            renewal_overlap: RenewalOverlap::UntilConfirmed,
            key_algorithm: KeyAlgorithm::Rsa2048,
            private_key_exportable: false,
            key_provider: KeyProvider::Software,
            enrolment_channel: EnrolmentChannel::BrowserCertEnroll,
            tls_client_auth: TlsClientAuth::Optional,
            tls_resumption: TlsResumption::Off,
            tls_alerts: TlsAlerts::Precise,
            session_kill_on_revoke: SessionKill::Immediate,
            pin_cost: PinCost::STRONG,
            supported_browsers: Vec::new(),
        }
    }
}

/// Whether the logon method is each user's or the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MethodScope {
    /// Users of one contract may differ (F-Hokuyo2).
    PerUser,
    /// Once one user of the contract logs on by certificate, ID+PIN is closed to all who were not re-initialised (Z-Gogin).
    PerContract,
}

/// When the logon method becomes "certificate only" (procedure 0.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MethodFlipPoint {
    /// With the administrator's 発行.
    OnGrant,
    /// When 取得 is accepted (T04).
    OnFormAccepted,
    /// When the bank has accepted the request and hands it to the CA (B4).
    OnRequestAccepted,
    /// When the bank records the signed certificate (B6, T12).
    OnCommit,
    /// Only when the installation is confirmed; contradicts the document, for comparison.
    OnInstallConfirmed,
}

/// What ID+PIN opens after a re-initialisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdPinAfterReinit {
    /// A full logon (L5).
    FullLogon,
    /// Only the retrieval of a new certificate.
    RetrievalOnly,
}

/// What remains after 失効 without 再発行 (T23).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevokeOnlyResult {
    /// No logon until 再発行.
    Blocked,
    /// Back to ID+PIN.
    IdPin,
}

/// Whether all doors share one counter of wrong PINs (V20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinCounterScope {
    /// One counter.
    Shared,
    /// One counter a door.
    PerDoor,
}

/// What the bank takes as proof that the installation worked (procedure 0.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstallConfirmation {
    /// Nothing: `Delivered` is the last thing known.
    None,
    /// The completion message of the retrieval page.
    CompletionMessage,
    /// The first logon with the certificate.
    FirstLogon,
    /// Whichever comes first.
    CompletionOrFirstLogon,
}

/// What happens to the old certificate during a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RenewalOverlap {
    /// It stays valid until the new one is confirmed.
    UntilConfirmed,
    /// It is revoked in the moment the new one is recorded.
    None,
}

/// The key that the retrieval page asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyAlgorithm {
    /// RSA with 2,048 bits, SHA-256.
    Rsa2048,
    /// RSA with 3,072 bits, SHA-256.
    Rsa3072,
    /// RSA with 4,096 bits, SHA-256.
    Rsa4096,
    /// NIST P-256, SHA-256.
    P256,
    /// NIST P-384, SHA-384.
    P384,
    /// Ed25519.
    Ed25519,
}

impl KeyAlgorithm {
    /// The name that the retrieval page announces.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa2048",
            Self::Rsa3072 => "rsa3072",
            Self::Rsa4096 => "rsa4096",
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// Where the PC keeps the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyProvider {
    /// In software, bound to the OS profile (DPAPI).
    Software,
    /// In the PC's TPM: never exportable.
    Tpm,
}

/// How the user enrols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnrolmentChannel {
    /// A component of the browser makes the key and the request (xenroll, CertEnroll).
    BrowserCertEnroll,
    /// An installed application of the bank (証明書発行アプリ).
    IssuingApplication,
    /// A PKCS#12 file made by the bank.
    Pkcs12Download,
    /// The `<keygen>` element of old browsers.
    Keygen,
    /// Key and request made by a script of the page.
    WebCrypto,
}

/// Whether TLS on the certificate origin demands a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsClientAuth {
    /// Asked for; the bank explains a refusal on a page.
    Optional,
    /// Demanded; TLS refuses with an alert.
    Required,
}

/// Whether the certificate origin resumes TLS sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsResumption {
    /// Every connection proves possession anew.
    Off,
    /// Sessions are resumed; the application check alone decides (case 76).
    On,
}

/// How much a TLS alert tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsAlerts {
    /// 116, 48, 45, 44 or 42, by reason.
    Precise,
    /// `bad_certificate` (42) for everything but a missing certificate.
    Uniform,
}

/// When open sessions of a revoked certificate end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionKill {
    /// With the revocation.
    Immediate,
    /// When they time out by themselves.
    AtTimeout,
}

/// When the service is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceHours {
    /// Day and night.
    Always,
    /// Each day between two hours of Japan's clock; `closes` itself is outside. May pass midnight.
    Daily {
        /// First open hour, 0 to 23.
        opens: u8,
        /// First closed hour, 1 to 24.
        closes: u8,
    },
}

impl ServiceHours {
    /// Whether the service is open at `now`.
    #[must_use]
    pub fn open_at(self, now: OffsetDateTime) -> bool {
        let Self::Daily { opens, closes } = self else {
            return true;
        };
        let hour = now.to_offset(JST).hour();
        if opens < closes {
            (opens..closes).contains(&hour)
        } else {
            hour >= opens || hour < closes
        }
    }
}

/// The format of an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IdFormat {
    /// Fewest characters.
    pub min: u8,
    /// Most characters.
    pub max: u8,
    /// Which characters.
    pub characters: Characters,
}

/// The characters of an identifier; always half-width, never a space, so that a common name stays injective (V10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Characters {
    /// 0 to 9.
    Digits,
    /// Letters and digits.
    Alphanumeric,
}

impl fmt::Display for IdFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let characters = match self.characters {
            Characters::Digits => "half-width digits",
            Characters::Alphanumeric => "half-width letters or digits",
        };
        if self.min == self.max {
            write!(f, "{} {characters}", self.min)
        } else {
            write!(f, "{} to {} {characters}", self.min, self.max)
        }
    }
}

/// The format of a chosen PIN: letters and digits mixed, with some symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PinFormat {
    /// Fewest characters.
    pub min: u8,
    /// Most characters.
    pub max: u8,
}

impl PinFormat {
    /// The symbols that a PIN may hold beside letters and digits (S-Oka169).
    pub const SYMBOLS: &'static str = "().-/{}`:,#<>*%@+;=?_";
}

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

    /// When a certificate retrieved at `now` begins and ends.
    ///
    /// Shapes: whole seconds, UTC. Source: H-1 (365 days from retrieval), F-Kagawa1 (08:59 of Japan's clock on the last day).
    #[must_use]
    pub fn validity_from(&self, now: OffsetDateTime) -> (OffsetDateTime, OffsetDateTime) {
        let now = whole_second(now);
        let not_before = now - Duration::minutes(self.not_before_backdate_minutes.into());
        let last = now + Duration::days(self.certificate_validity_days.into());
        let not_after = self
            .expiry_time_of_day
            .map_or(last, |time| last.replace_time(time));
        (not_before, not_after)
    }

    /// The last moment at which a grant of `now` can be claimed; none: no deadline.
    #[must_use]
    pub fn deadline_from(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.retrieval_deadline_days
            .map(|days| whole_second(now) + Duration::days(days.into()))
    }

    /// How long a retrieval session lives.
    #[must_use]
    pub fn retrieval_session_timeout(&self) -> Duration {
        Duration::minutes(self.retrieval_session_timeout_minutes.into())
    }

    /// How long a logon lives without activity.
    #[must_use]
    pub fn user_session_timeout(&self) -> Duration {
        Duration::minutes(self.user_session_timeout_minutes.into())
    }
}

/// `moment` in UTC without its fraction of a second: certificates and journals count whole seconds.
fn whole_second(moment: OffsetDateTime) -> OffsetDateTime {
    let utc = moment.to_offset(UtcOffset::UTC);
    utc.replace_nanosecond(0).unwrap_or(utc)
}

/// `"23:59:59"` or `none` for an optional time of day.
mod optional_time_of_day {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use time::{Time, format_description::BorrowedFormatItem, macros::format_description};

    const FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]:[second]");

    #[expect(clippy::ref_option, reason = "the shape that serde's `with` asks for")]
    pub(super) fn serialize<S: Serializer>(
        time: &Option<Time>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.map(|time| time.format(FORMAT).map_err(serde::ser::Error::custom))
            .transpose()?
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Time>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| {
            Time::parse(&text, FORMAT).map_err(|_| {
                D::Error::custom(format!("`{text}` is not a time of day like \"23:59:59\""))
            })
        })
        .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_defaults_are_those_of_the_procedure_and_can_be_run() {
        insta::assert_json_snapshot!(Settings::default().validated().unwrap());
    }

    #[test]
    fn a_certificate_ends_at_0859_of_the_last_japanese_day() {
        let (not_before, not_after) =
            Settings::default().validity_from(datetime!(2031-04-01 09:00:00.5 +09:00));
        assert_eq!(not_before, datetime!(2031-03-31 23:50:00 UTC));
        assert_eq!(not_after, datetime!(2032-03-31 23:59:59 UTC));
    }

    #[test]
    fn a_leap_day_has_a_next_year_too() {
        let (_, not_after) = Settings::default().validity_from(datetime!(2032-02-29 12:00 UTC));
        assert_eq!(not_after, datetime!(2033-02-28 23:59:59 UTC));
    }

    #[test]
    fn service_hours_may_pass_midnight() {
        let day = ServiceHours::Daily {
            opens: 8,
            closes: 21,
        };
        let night = ServiceHours::Daily {
            opens: 21,
            closes: 8,
        };
        for (moment, by_day) in [
            (datetime!(2031-04-01 07:59 +09:00), false),
            (datetime!(2031-04-01 08:00 +09:00), true),
            (datetime!(2031-04-01 20:59 +09:00), true),
            (datetime!(2031-04-01 21:00 +09:00), false),
        ] {
            assert_eq!(day.open_at(moment), by_day, "{moment}");
            assert_eq!(night.open_at(moment), !by_day, "{moment}");
        }
    }

    #[test]
    fn impossible_settings_are_all_named_at_once() {
        let impossible = Settings {
            pin_failure_limit: 0,
            popup_count: 3,
            max_active_certificates_per_user: 2,
            enrolment_channel: EnrolmentChannel::Keygen,
            service_hours: ServiceHours::Daily {
                opens: 8,
                closes: 8,
            },
            ..Settings::default()
        };
        let errors: Vec<String> = impossible
            .validated()
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect();
        insta::assert_snapshot!(errors.join("\n"));
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        let error = serde_json::from_str::<Settings>(r#"{"pin-failure-limt": 3}"#).unwrap_err();
        assert!(error.to_string().contains("pin-failure-limt"), "{error}");
    }
}
