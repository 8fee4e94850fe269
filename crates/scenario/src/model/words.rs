//! Steps in the manual's words, for people who read a report.

use sealbank_workstation::Point;

use super::{
    Action, AdministratorAct, BrowserAct, Claim, ClockAct, CounterAct, FormAct, How, LogonWay,
    PcAct, Renewal, Roster, Step, TlsClaim,
};

/// The language of titles and steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Japanese, in the manual's words.
    #[default]
    Japanese,
    /// English.
    English,
}

impl Language {
    fn pick<'a>(self, japanese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Japanese => japanese,
            Self::English => english,
        }
    }
}

impl Step {
    /// What is done, by whom, in the manual's words.
    #[must_use]
    pub fn words(&self, roster: &Roster, language: Language) -> String {
        let actor = roster.person(self.actor).label();
        let act = self.action.words(language);
        let mut words = match (&self.action, self.actor == self.subject) {
            (Action::Counter(_), _) => {
                format!("{act} ({})", roster.person(self.subject).label())
            }
            (Action::Clock(_) | Action::RestartBank, _) => act,
            (_, true) => format!("{actor}: {act}"),
            (_, false) => format!("{actor}: {act} ({})", roster.person(self.subject).label()),
        };
        if let Some(interruption) = &self.interruption {
            let how = interruption.how.value.words(roster, language);
            let at = moment(interruption.at.value, language);
            words.push_str(&match language {
                Language::Japanese => format!(" ― {at}に{how}"),
                Language::English => format!(", interrupted {at}: {how}"),
            });
        }
        for fault in &self.faults {
            let fault = fault.words(language);
            words.push_str(&match language {
                Language::Japanese => format!(" ― 障害: {fault}"),
                Language::English => format!(", with a fault: {fault}"),
            });
        }
        if let Some(refusal) = self.expected_refusal(language) {
            words.push_str(&refusal);
        }
        match &self.flow {
            Some(flow) => format!("[{flow}] {words}"),
            None => words,
        }
    }

    /// The refusal that the step is there for: without it a logon that has to be refused reads like one that works.
    fn expected_refusal(&self, language: Language) -> Option<String> {
        self.checks
            .iter()
            .find_map(|check| match (&check.claim, language) {
                (Claim::Refused(code), Language::Japanese) => Some(format!(" → {code} で拒否")),
                (Claim::Refused(code), Language::English) => Some(format!(": refused with {code}")),
                (Claim::Tls(TlsClaim::Alert(alert)), Language::Japanese) => {
                    Some(format!(" → TLS {alert} で拒否"))
                }
                (Claim::Tls(TlsClaim::Alert(alert)), Language::English) => {
                    Some(format!(": refused by TLS with {alert}"))
                }
                _ => None,
            })
    }
}

impl Action {
    fn words(&self, language: Language) -> String {
        let say = |japanese: &str, english: &str| language.pick(japanese, english).to_owned();
        match self {
            Self::Retrieve(act) if act.renewal == Renewal::Yes => {
                say("電子証明書の更新", "renews the certificate")
            }
            Self::Retrieve(_) => say(
                "手順1〜4 電子証明書の取得",
                "retrieves the certificate (steps 1 to 4)",
            ),
            Self::LogOn { way, .. } => match way {
                LogonWay::IdPin => say("ログオン（ID・暗証番号方式）", "logs on by ID and PIN"),
                LogonWay::Certificate(_) => {
                    say("ログオン（電子証明書方式）", "logs on by certificate")
                }
            },
            Self::LogOff => say("ログオフ", "logs off"),
            Self::Close => say("閉じる", "presses 閉じる (close)"),
            Self::Administer { act, .. } => act.words(language).to_owned(),
            Self::UnlockAdministrator => say(
                "契約法人利用中止解除",
                "lifts the administrator's suspension",
            ),
            Self::Counter(act) => act.words(language).to_owned(),
            Self::Browser(act) => act.words(language).to_owned(),
            Self::Pc(act) => act.words(language),
            Self::Clock(ClockAct::Advance(by)) => match language {
                Language::Japanese => format!("時計を {by} 進める"),
                Language::English => format!("the clock goes on by {by}"),
            },
            Self::Clock(ClockAct::Set(at)) => match language {
                Language::Japanese => format!("時計を {at} に合わせる"),
                Language::English => format!("the clock is set to {at}"),
            },
            Self::RestartBank => say("銀行システムの再起動", "the bank restarts on its journal"),
            Self::Form(act) => act.words(language),
            Self::Check => say("確認", "is looked at"),
        }
    }
}

impl AdministratorAct {
    fn words(&self, language: Language) -> &'static str {
        let (japanese, english) = match self {
            Self::Register => ("利用者情報登録", "registers the user"),
            Self::Grant => ("電子証明書の発行", "grants a certificate (発行)"),
            Self::Reinitialize => ("再発行（初期化）", "re-initialises (再発行（初期化）)"),
            Self::Revoke(_) => ("失効", "revokes (失効)"),
            Self::LiftSuspension => ("利用中止解除", "lifts the suspension"),
            Self::ResetPin(_) => ("暗証番号再設定", "resets the PIN"),
            Self::Stop => ("利用停止", "stops the user"),
            Self::Deregister => ("登録抹消", "deletes the registration"),
        };
        language.pick(japanese, english)
    }
}

impl CounterAct {
    fn words(self, language: Language) -> &'static str {
        let (japanese, english) = match self {
            Self::Grant => ("取引店: 発行", "counter: grants a certificate"),
            Self::Reinitialize => ("取引店: 再発行（初期化）", "counter: re-initialises"),
            Self::Unlock => ("取引店: 利用中止解除", "counter: lifts the suspension"),
            Self::SuspendContract => ("取引店: 契約法人利用中止", "counter: suspends the contract"),
            Self::ResumeContract => (
                "取引店: 契約法人利用中止解除",
                "counter: resumes the contract",
            ),
            Self::CancelContract => ("取引店: 解約", "counter: cancels the contract"),
        };
        language.pick(japanese, english)
    }
}

impl BrowserAct {
    fn words(self, language: Language) -> &'static str {
        let (japanese, english) = match self {
            Self::CloseAll => (
                "開いているブラウザをすべて閉じる",
                "closes all browser windows",
            ),
            Self::CloseWindow => ("×でウィンドウを閉じる", "closes the window with ×"),
            Self::Back(_) => ("ブラウザの戻る", "presses the browser's back button"),
            Self::Refresh => ("ブラウザの更新", "presses the browser's reload button"),
            Self::NewWindow => ("新しいウィンドウを開く", "opens a new window"),
        };
        language.pick(japanese, english)
    }
}

impl PcAct {
    fn words(&self, language: Language) -> String {
        let (japanese, english) = match self {
            Self::PowerOff => ("電源を切る", "switches the PC off".to_owned()),
            Self::Boot => ("電源を入れる", "switches the PC on".to_owned()),
            Self::SwitchOsUser { to, .. } => (
                "他のWindowsユーザーに切り替える",
                format!("switches to the OS user {to}"),
            ),
            Self::Use(_) => ("席を移る", "sits down somewhere else".to_owned()),
            Self::ResetOsPassword => (
                "Windowsパスワードのリセット",
                "the OS password is reset".to_owned(),
            ),
            Self::RestoreOsPassword => (
                "Windowsパスワードを元に戻す",
                "the old OS password is back".to_owned(),
            ),
            Self::DeleteCertificate => ("証明書の削除", "deletes the certificate".to_owned()),
            Self::CleanStore => (
                "証明書要求の削除",
                "deletes the pending requests".to_owned(),
            ),
            Self::CopyCertificate { to } => (
                "証明書を別の場所へコピー",
                format!("copies the certificate to {to}"),
            ),
            Self::SetClockSkew(_) => ("PCの時計がずれる", "the PC's clock goes wrong".to_owned()),
            Self::Surround(_) => ("PC環境の変更", "the PC's surroundings change".to_owned()),
        };
        language.pick(japanese, &english).to_owned()
    }
}

impl FormAct {
    fn words(&self, language: Language) -> String {
        let (japanese, english) = match self {
            Self::Open(_) => ("画面を開く".to_owned(), "opens a page".to_owned()),
            Self::Fill(fields) => {
                let labels: Vec<&str> = fields.iter().map(|(label, _)| label.as_str()).collect();
                let labels = labels.join("・");
                (format!("{labels}を入力"), format!("fills in {labels}"))
            }
            Self::Press(button) => (
                format!("「{button}」を押す"),
                format!("presses 「{button}」"),
            ),
            Self::Follow(link) => (
                format!("「{link}」をクリック"),
                format!("follows 「{link}」"),
            ),
            Self::Wait => ("そのまま待つ".to_owned(), "waits".to_owned()),
        };
        language.pick(&japanese, &english).to_owned()
    }
}

impl How {
    fn words(&self, roster: &Roster, language: Language) -> String {
        let (japanese, english) = match self {
            Self::Back => ("ブラウザの戻る".to_owned(), "back button".to_owned()),
            Self::Refresh => ("ブラウザの更新".to_owned(), "reload button".to_owned()),
            Self::CloseBrowser => ("ブラウザを閉じる".to_owned(), "browser closed".to_owned()),
            Self::PowerOff => ("電源を切る".to_owned(), "power off".to_owned()),
            Self::LogOnAs { who, .. } => {
                let who = roster.person(*who).label();
                (
                    format!("他のユーザー {who} でログオン"),
                    format!("{who} logs on"),
                )
            }
            Self::SwitchOsUser { to } => (
                format!("Windowsユーザー {to} に切り替え"),
                format!("OS user switched to {to}"),
            ),
            Self::Cancel => ("キャンセル".to_owned(), "popup cancelled".to_owned()),
            Self::Close => ("閉じる".to_owned(), "閉じる (close)".to_owned()),
            Self::DoubleClick => ("ダブルクリック".to_owned(), "double click".to_owned()),
            Self::SecondTab => ("別タブで取得".to_owned(), "second tab".to_owned()),
            Self::SecondPc => ("別のPCで取得".to_owned(), "second PC".to_owned()),
            Self::Wait => (
                "時間切れまで放置".to_owned(),
                "waits past the time-out".to_owned(),
            ),
            Self::Administrator(act) => (
                format!("管理者が{}", act.words(Language::Japanese)),
                format!("the administrator {}", act.words(Language::English)),
            ),
            Self::RestartBank => (
                "銀行システムの再起動".to_owned(),
                "bank restarts".to_owned(),
            ),
            Self::LoseNetwork => ("通信断".to_owned(), "network lost".to_owned()),
        };
        language.pick(&japanese, &english).to_owned()
    }
}

fn moment(point: Point, language: Language) -> String {
    let japanese = match point {
        Point::Form => "入力画面の表示時",
        Point::Intermediate => "中間画面の表示時",
        Point::Execute => "実行画面の表示時",
        Point::FirstPopup => "最初のポップアップの表示時",
        Point::KeyMade => "鍵の生成後",
        Point::RequestSent => "要求の送信後",
        Point::Delivered => "証明書の受信後",
        Point::SecondPopup => "2度目のポップアップの表示時",
        Point::Stored => "証明書の格納後",
        Point::PendingRemoved => "要求の削除後",
        Point::ConfirmationSent => "完了通知の送信後",
        Point::Done => "完了画面の表示時",
    };
    match language {
        Language::Japanese => japanese.to_owned(),
        Language::English => format!("at {point}"),
    }
}
