//! [`Fault`]: what goes wrong at the bank, or on the way to it, while a step is done (procedure 1.5 and 2b).

use sealbank_portal::{Act, FaultRule, FaultVerdict, Phase, Torn};

use super::Language;
use crate::event::FaultShown;
use crate::source::Span;

/// A rule that holds for the time of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it was written.
    pub span: Span,
    /// What the bank is told.
    pub rule: FaultRule,
}

impl Fault {
    /// Whether nothing more comes of an exchange that it struck.
    #[must_use]
    pub fn cuts_off(&self) -> bool {
        matches!(
            self.rule.verdict,
            FaultVerdict::Reset
                | FaultVerdict::Close
                | FaultVerdict::Truncate { .. }
                | FaultVerdict::Stall
                | FaultVerdict::Status(_)
                | FaultVerdict::Crash { .. }
        )
    }

    /// Whether the bank is gone when it struck.
    #[must_use]
    pub fn crashes(&self) -> bool {
        matches!(self.rule.verdict, FaultVerdict::Crash { .. })
    }

    /// As reports show it, after it struck so often.
    pub(crate) fn shown(&self, hits: u32) -> FaultShown {
        let FaultRule {
            during,
            when,
            verdict,
            times,
        } = &self.rule;
        FaultShown {
            during: during.to_string(),
            when: when.to_string(),
            verdict: verdict.to_string(),
            times: times.get(),
            hits,
        }
    }

    /// What goes wrong, as a part of the step's words.
    #[must_use]
    pub fn words(&self, language: Language) -> String {
        let FaultRule {
            during,
            when,
            verdict,
            times,
        } = &self.rule;
        match language {
            Language::Japanese => {
                let times = match times.get() {
                    1 => String::new(),
                    times => format!("（{times}回まで）"),
                };
                let (during, when) = (act_in_japanese(*during), phase_in_japanese(*when));
                format!("{during}の{when}に{}{times}", verdict_in_japanese(*verdict))
            }
            Language::English => {
                let times = match times.get() {
                    1 => String::new(),
                    times => format!(" (up to {times} times)"),
                };
                format!(
                    "{} during {during} at {when}{times}",
                    verdict_in_english(*verdict)
                )
            }
        }
    }
}

fn act_in_japanese(act: Act) -> &'static str {
    match act {
        Act::Any => "最初の通信",
        Act::Top => "トップ画面",
        Act::LogOn => "ログオン",
        Act::LogOff => "ログオフ",
        Act::ViewStatus => "状況画面",
        Act::OpenRetrieval => "実行前の画面",
        Act::Execute => "実行",
        Act::Record => "証明書の記録",
        Act::Deliver => "証明書の送信",
        Act::CancelPopup => "キャンセル",
        Act::Confirm => "完了通知",
        Act::CloseRetrieval => "閉じる",
        Act::Renew => "更新",
        Act::ViewAdministration => "管理画面",
        Act::Register => "利用者情報登録",
        Act::Grant => "発行",
        Act::Reinitialise => "再発行（初期化）",
        Act::Revoke => "失効",
        Act::LiftSuspension => "利用中止解除",
        Act::ResetPin => "暗証番号再設定",
        Act::Stop => "利用停止",
        Act::Deregister => "登録抹消",
        Act::Unlock => "契約法人利用中止解除",
    }
}

fn phase_in_japanese(phase: Phase) -> &'static str {
    match phase {
        Phase::Connect => "接続時",
        Phase::TlsHandshake => "TLSハンドシェイク中",
        Phase::RequestHead => "要求ヘッダの受信時",
        Phase::RequestBody => "要求本文の受信中",
        Phase::BeforeCommit => "記録の直前",
        Phase::AfterCommit => "記録の直後",
        Phase::ResponseHead => "応答ヘッダの送信時",
        Phase::ResponseBody => "応答本文の送信中",
        Phase::Between => "次の要求までの間",
    }
}

fn verdict_in_japanese(verdict: FaultVerdict) -> String {
    match verdict {
        FaultVerdict::Delay(by) => format!("{by}の遅延"),
        FaultVerdict::Reset => "接続リセット".to_owned(),
        FaultVerdict::Close => "接続の切断".to_owned(),
        FaultVerdict::Truncate { percent } => format!("{percent}%で途絶"),
        FaultVerdict::Stall => "無応答".to_owned(),
        FaultVerdict::Status(status) => format!("HTTP {status}"),
        FaultVerdict::Duplicate => "二重到達".to_owned(),
        FaultVerdict::Crash { torn: Torn::No } => "銀行システムの異常終了".to_owned(),
        FaultVerdict::Crash { torn: Torn::Yes } => {
            "書込み途中での銀行システムの異常終了".to_owned()
        }
        FaultVerdict::DiskFull => "ディスクフル".to_owned(),
        FaultVerdict::CaRefuses => "認証局の拒否".to_owned(),
        FaultVerdict::CaTimesOut => "認証局の応答なし（署名済み）".to_owned(),
        FaultVerdict::CaErrs => "認証局の誤り（別の名義への署名）".to_owned(),
    }
}

fn verdict_in_english(verdict: FaultVerdict) -> String {
    match verdict {
        FaultVerdict::Delay(by) => format!("a delay of {by}"),
        FaultVerdict::Reset => "connection reset".to_owned(),
        FaultVerdict::Close => "connection closed".to_owned(),
        FaultVerdict::Truncate { percent } => format!("cut off after {percent}%"),
        FaultVerdict::Stall => "no answer".to_owned(),
        FaultVerdict::Status(status) => format!("HTTP {status}"),
        FaultVerdict::Duplicate => "delivered twice".to_owned(),
        FaultVerdict::Crash { torn: Torn::No } => "the bank crashes".to_owned(),
        FaultVerdict::Crash { torn: Torn::Yes } => "the bank crashes in mid-write".to_owned(),
        FaultVerdict::DiskFull => "disk full".to_owned(),
        FaultVerdict::CaRefuses => "the CA refuses".to_owned(),
        FaultVerdict::CaTimesOut => "the CA signs and times out".to_owned(),
        FaultVerdict::CaErrs => "the CA signs for another name".to_owned(),
    }
}
