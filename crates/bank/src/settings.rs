//! The bank's rules that differ from bank to bank (procedure, section 3), each with its default there.
//!
//! Every value is data: a scenario or a bank profile may set any of them. [`Settings::validated`] refuses
//! combinations that no bank could run, with the reason.

mod check;
mod choice;
mod format;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, Time, UtcOffset};

use crate::pin::PinCost;

pub use check::SettingError;
pub use choice::{
    EnrolmentChannel, IdPinAfterReinit, InstallConfirmation, JST, KeyAlgorithm, KeyProvider,
    LogonAfterRetrieval, MethodFlipPoint, MethodScope, PinCounterScope, RenewalOverlap,
    RevokeOnlyResult, ServiceHours, SessionKill, TlsAlerts, TlsClientAuth, TlsResumption,
};
pub use format::{Characters, IdFormat, PinFormat};

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
    /// Whether a certificate logon needs a new run of the browser after a retrieval (L21, L22).
    pub logon_after_retrieval: LogonAfterRetrieval,
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
            logon_after_retrieval: LogonAfterRetrieval::NewBrowserRun,
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

impl Settings {
    /// When a certificate retrieved at `now` begins and ends.
    ///
    /// Shapes: whole seconds, UTC. Source: H-1 (365 days from retrieval), F-Kagawa1 (08:59 of Japan's clock on the last day).
    #[must_use]
    pub fn validity_from(&self, now: OffsetDateTime) -> (OffsetDateTime, OffsetDateTime) {
        let now = whole_second(now);
        let backdate = Duration::minutes(self.not_before_backdate_minutes.into());
        let not_before = now.saturating_sub(backdate);
        let last = now.saturating_add(Duration::days(self.certificate_validity_days.into()));
        let not_after = self
            .expiry_time_of_day
            .map_or(last, |time| last.replace_time(time));
        (not_before, not_after)
    }

    /// The last moment at which a grant of `now` can be claimed; none: no deadline.
    #[must_use]
    pub fn deadline_from(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.retrieval_deadline_days
            .map(|days| whole_second(now).saturating_add(Duration::days(days.into())))
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
pub(crate) fn whole_second(moment: OffsetDateTime) -> OffsetDateTime {
    // At the ends of the calendar another offset may not exist: then the moment is kept as it was told.
    let utc = moment.checked_to_offset(UtcOffset::UTC).unwrap_or(moment);
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
