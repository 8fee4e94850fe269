//! A refusal: the bank says no.
//!
//! Inside, a refusal says exactly why ([`Refusal::reason`]). Outside, refusals that an attacker could tell apart
//! share one code and one text ([`Refusal::code`], [`Refusal::text`]). The codes are this mock's invention
//! (procedure 4.2): MX-1xx form, 2xx account, 3xx grant, 4xx enrolment, 5xx CA, 6xx certificate logon,
//! 7xx administration, 9xx session.

use serde::{Deserialize, Serialize};

/// Defines every refusal once: variant, inner reason, outer code, text, documentation.
macro_rules! refusals {
    ($( $(#[doc = $doc:literal])+ $variant:ident => $reason:literal, $code:literal, $text:literal; )+) => {
        /// Why the bank says no.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Refusal { $( $(#[doc = $doc])+ $variant, )+ }

        impl Refusal {
            /// Every refusal there is, in the order of the codes.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// What happened, in English, for whoever looks a code up.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $( Self::$variant => concat!($($doc),+).trim_ascii_start(), )+ }
            }

            /// The inner reason, for the tester: stable, one per variant.
            #[must_use]
            pub fn reason(self) -> &'static str {
                match self { $( Self::$variant => $reason, )+ }
            }

            /// The outer code, for the customer: stable, shared where an attacker must not tell apart.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }

            /// The outer text, in the bank's language.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $( Self::$variant => $text, )+ }
            }
        }
    };
}

refusals! {
    /// A 必須 field is empty (case 3).
    FieldMissing => "field-missing", "MX-101", "必須項目が入力されていません。";
    /// A field's value is not of the bank's format.
    FieldMalformed => "field-malformed", "MX-102", "入力内容に誤りがあります。";
    /// The browser is not a recommended one (L1, case 11).
    UnsupportedBrowser => "unsupported-browser", "MX-103", "サポートされていないブラウザです。";
    /// Outside the service hours (case 10).
    OutsideServiceHours => "outside-service-hours", "MX-104", "ただいまの時間はご利用いただけません。";

    /// No such contract (case 4).
    UnknownContract => "unknown-contract", "MX-201", "契約法人ID、利用者IDまたは暗証番号が相違しています。";
    /// No such user (case 4).
    UnknownUser => "unknown-user", "MX-201", "契約法人ID、利用者IDまたは暗証番号が相違しています。";
    /// The user was deleted (case 9: read as unknown).
    Deregistered => "deregistered", "MX-201", "契約法人ID、利用者IDまたは暗証番号が相違しています。";
    /// The contract was cancelled (read as unknown).
    ContractCancelled => "contract-cancelled", "MX-201", "契約法人ID、利用者IDまたは暗証番号が相違しています。";
    /// The PIN is wrong (case 5).
    WrongPin => "wrong-pin", "MX-201", "契約法人ID、利用者IDまたは暗証番号が相違しています。";
    /// Locked by wrong PINs (cases 6, 7).
    Suspended => "suspended", "MX-202", "利用中止状態のため、ご利用できません。管理者にご連絡ください。";
    /// Stopped by the administrator.
    StoppedByAdmin => "stopped-by-admin", "MX-203", "利用停止状態のため、ご利用できません。管理者にご連絡ください。";
    /// The contract is stopped, or its administrator locked (case 8).
    ContractSuspended => "contract-suspended", "MX-204", "契約法人利用中止状態のため、ご利用できません。本サービスに関するお問い合わせ先までご照会ください。";
    /// Somebody is logged on as this holder already (case 90).
    AlreadyLoggedOn => "already-logged-on", "MX-205", "既にログオンされています。しばらくしてから再度お試しください。";
    /// ID+PIN while the method is the certificate (T19', case 82).
    IdPinClosed => "id-pin-closed", "MX-206", "電子証明書方式でログオンしてください。";
    /// ID+PIN where certificates are mandatory.
    CertificateMandatory => "certificate-mandatory", "MX-206", "電子証明書方式でログオンしてください。";
    /// ID+PIN after the retrieval deadline, where that blocks (S-Taki).
    LapseBlocksLogon => "lapse-blocks-logon", "MX-207", "電子証明書の取得期限を過ぎたため、ログオンできません。管理者にご連絡ください。";
    /// ID+PIN after a re-initialisation that allows only the retrieval.
    RetrievalOnly => "retrieval-only", "MX-208", "電子証明書を取得してからログオンしてください。";

    /// The administrator has not done 発行 (L7, case 1).
    NotGranted => "not-granted", "MX-301", "電子証明書の発行手続きが完了していません。管理者にご連絡ください。";
    /// The retrieval deadline has passed (case 2).
    GrantLapsed => "grant-lapsed", "MX-302", "電子証明書の取得期限を過ぎています。管理者に再発行を依頼してください。";
    /// The certificate was retrieved already (case 14).
    AlreadyRetrieved => "already-retrieved", "MX-303", "既に電子証明書を取得済みです。管理者に再発行（初期化）を依頼してください。";
    /// Another retrieval of this user is under way (cases 17, 18).
    RetrievalInProgress => "retrieval-in-progress", "MX-304", "電子証明書を取得中です。";
    /// The grant was withdrawn.
    GrantVoid => "grant-void", "MX-305", "電子証明書は失効しています。管理者に再発行（初期化）を依頼してください。";
    /// Outside the renewal window (T20).
    OutsideRenewalWindow => "outside-renewal-window", "MX-306", "電子証明書の更新期間ではありません。";

    /// The request is not PKCS#10 (RFC 2986).
    RequestMalformed => "request-malformed", "MX-401", "証明書署名要求が正しくありません。";
    /// The request's signature does not prove possession (case 42).
    PossessionNotProved => "possession-not-proved", "MX-402", "証明書署名要求が正しくありません。";
    /// Key or algorithm is not allowed.
    KeyNotAllowed => "key-not-allowed", "MX-403", "証明書署名要求の鍵はご利用いただけません。";
    /// Another request of this generation was accepted before (cases 25, 28).
    AnotherRequest => "another-request", "MX-404", "既に証明書署名要求を受け付けています。管理者に再発行（初期化）を依頼してください。";
    /// The same request again, where it is not answered twice (case 27).
    RequestReplayed => "request-replayed", "MX-404", "既に証明書署名要求を受け付けています。管理者に再発行（初期化）を依頼してください。";
    /// Enrolment in a session that is not this retrieval's (case 50).
    NotARetrieval => "not-a-retrieval", "MX-405", "取得操作が無効になりました。最初からやり直してください。";
    /// A message of an older generation (V9, cases 51, 84).
    StaleGeneration => "stale-generation", "MX-405", "取得操作が無効になりました。最初からやり直してください。";

    /// The CA refused to sign (case 40).
    CaRefused => "ca-refused", "MX-501", "電子証明書を発行できませんでした。しばらくしてから再度お試しください。";
    /// The CA answered with another subject, key or validity than asked for (case 41).
    CaAnsweredWrong => "ca-answered-wrong", "MX-502", "電子証明書を発行できませんでした。しばらくしてから再度お試しください。";

    /// No certificate was presented.
    NoCertificate => "no-certificate", "MX-601", "電子証明書が確認できません。開いているブラウザをすべて閉じてから、再度ログオンしてください。";
    /// The bank has no such certificate on its books.
    UnknownCertificate => "unknown-certificate", "MX-602", "この電子証明書ではログオンできません。開いているブラウザをすべて閉じてから、正しい電子証明書を選択してください。";
    /// The certificate was revoked (cases 74, 76).
    RevokedCertificate => "revoked-certificate", "MX-602", "この電子証明書ではログオンできません。開いているブラウザをすべて閉じてから、正しい電子証明書を選択してください。";
    /// The certificate is past its end (T21, cases 70, 71, 79).
    ExpiredCertificate => "expired-certificate", "MX-603", "電子証明書の有効期限が切れています。管理者に再発行（初期化）を依頼してください。";
    /// The certificate's validity has not begun (case 78).
    NotYetValid => "not-yet-valid", "MX-604", "電子証明書の有効期間が開始していません。";
    /// The certificate is on record, but logon by certificate is not this holder's method.
    CertificateClosed => "certificate-closed", "MX-605", "電子証明書方式ではログオンできません。";

    /// A certificate was retrieved in this run of the browser, which was not closed since (L21, L22, case 58).
    BrowserNotClosed => "browser-not-closed", "MX-606", "電子証明書の確認のため、引き続きログオンができません。開いているブラウザをすべて閉じてから、再度ログオンしてください。";

    /// The confirmation PIN is wrong.
    WrongConfirmationPin => "wrong-confirmation-pin", "MX-701", "契約法人確認暗証番号が相違しています。";
    /// The user id was registered before.
    UserIdTaken => "user-id-taken", "MX-702", "この利用者IDは登録できません。";
    /// The contract has as many users as it may have.
    TooManyUsers => "too-many-users", "MX-703", "登録できる利用者数の上限に達しています。";
    /// The administrator named a user that is not there.
    NoSuchUser => "no-such-user", "MX-704", "利用者が見つかりません。";
    /// 発行 where something was granted before: 再発行 is asked for.
    AlreadyGranted => "already-granted", "MX-705", "既に発行済みです。再発行（初期化）を行ってください。";
    /// Nothing there to revoke.
    NothingToRevoke => "nothing-to-revoke", "MX-706", "失効できる電子証明書がありません。";
    /// 利用中止解除 of an account that is not suspended or stopped.
    NotSuspended => "not-suspended", "MX-707", "利用中止状態ではありません。";
    /// The session is not one of the administrator, or the user lacks the right.
    NotPermitted => "not-permitted", "MX-708", "この操作は許可されていません。";
    /// The operation does not fit the account's state.
    NotPossible => "not-possible", "MX-709", "この操作は行えません。";
    /// The contract id is on the books already.
    ContractTaken => "contract-taken", "MX-710", "この契約法人IDは登録できません。";

    /// No session, or one that has ended.
    NoSession => "no-session", "MX-901", "セッションが無効です。最初からやり直してください。";
    /// The session has timed out (cases 19, 80).
    SessionTimedOut => "session-timed-out", "MX-902", "一定時間操作がなかったため、終了しました。最初からやり直してください。";
    /// A request out of order (case 91: 強制ログオフ).
    IrregularOrder => "irregular-order", "MX-903", "画面の操作順序が正しくないため、終了しました。最初からやり直してください。";
    /// The certificate presented is not the one that the session was opened with.
    CertificateChanged => "certificate-changed", "MX-904", "セッションが無効です。最初からやり直してください。";
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.reason(), self.code())
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn reasons_are_unique_and_one_code_has_one_text() {
        let reasons: BTreeSet<&str> = Refusal::ALL
            .iter()
            .map(|refusal| refusal.reason())
            .collect();
        assert_eq!(reasons.len(), Refusal::ALL.len());
        let mut texts = BTreeMap::new();
        for refusal in Refusal::ALL {
            let text = texts.entry(refusal.code()).or_insert(refusal.text());
            assert_eq!(*text, refusal.text(), "{} says two things", refusal.code());
        }
    }

    #[test]
    fn every_refusal_is_in_the_reviewed_list() {
        let list: Vec<String> = Refusal::ALL
            .iter()
            .map(|refusal| {
                format!(
                    "{} {:<24} {}",
                    refusal.code(),
                    refusal.reason(),
                    refusal.text()
                )
            })
            .collect();
        insta::assert_snapshot!(list.join("\n"));
    }
}
