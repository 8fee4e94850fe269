//! [`Action`]: what a person does in one step, in the vocabulary of the procedure (section 1.4).

use sealbank_bank::RevocationReason;
use sealbank_workstation::{
    Back, BankRoot, Component, Concealed, InstallHonesty, KeyAlgorithm, KeyFlush, KeyProvider,
    Pick, ProfileName, Recommended, Resumption, Switch,
};
use time::{Duration, OffsetDateTime};

use super::{Place, PlaceChange};

/// What somebody does. Who does it, and whom it is about, is said by the [`super::Step`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// 手順1 to 手順4: retrieval, or renewal (T04 to T15, T20).
    Retrieve(RetrieveAct),
    /// 利用者ログオン or 管理者ログオン (T18, T19).
    LogOn {
        /// By which method.
        way: LogonWay,
        /// Another PIN than his own.
        pin: Option<Concealed>,
    },
    /// ログオフ.
    LogOff,
    /// 閉じる on the screen that stands there (T06, T16).
    Close,
    /// The administrator logs on, does something for a user, and logs off (T01, T02, T22, T23, T25, T26).
    Administer {
        /// What.
        act: AdministratorAct,
        /// By which method he logs on.
        way: LogonWay,
        /// Another 契約法人確認暗証番号 than his own.
        confirmation: Option<Concealed>,
    },
    /// 契約法人利用中止解除 by a user with 管理者リセット権限 (m-ADM-UNLOCK).
    UnlockAdministrator,
    /// The bank's counter does something on paper (T27, T28).
    Counter(CounterAct),
    /// Something with the browser.
    Browser(BrowserAct),
    /// Something with the PC.
    Pc(PcAct),
    /// The one clock moves.
    Clock(ClockAct),
    /// The bank stops and starts again on its journal.
    RestartBank,
    /// One field, button or link at a time.
    Form(FormAct),
    /// Nothing: only the expectations count.
    Check,
}

/// A retrieval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrieveAct {
    /// Whether it is a renewal.
    pub renewal: Renewal,
    /// Another PIN than his own.
    pub pin: Option<Concealed>,
    /// How many popups this PC shows; what the page announces when absent.
    pub popups: Option<u8>,
    /// Another key than the page asks for.
    pub key: Option<KeyAlgorithm>,
}

/// By which door a certificate is retrieved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// 利用者用電子証明書取得 or 契約法人電子証明書取得.
    No,
    /// 電子証明書更新, from the status screen.
    Yes,
}

/// A logon method as a person chooses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogonWay {
    /// ID・暗証番号方式.
    IdPin,
    /// 電子証明書方式, with what he does when the picker appears.
    Certificate(Pick),
}

/// What an administrator does for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdministratorAct {
    /// 利用者情報登録.
    Register,
    /// 発行.
    Grant,
    /// 再発行（初期化）.
    Reinitialize,
    /// 失効.
    Revoke(RevocationReason),
    /// 利用中止解除.
    LiftSuspension,
    /// 暗証番号再設定.
    ResetPin(Concealed),
    /// 利用停止.
    Stop,
    /// 登録抹消.
    Deregister,
}

/// What the counter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CounterAct {
    /// 発行 on paper.
    Grant,
    /// 再発行（初期化） on paper.
    Reinitialize,
    /// Lifts a PIN lock.
    Unlock,
    /// 契約法人利用中止.
    SuspendContract,
    /// 契約法人利用中止解除.
    ResumeContract,
    /// 解約.
    CancelContract,
}

/// What is done with the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrowserAct {
    /// 開いているブラウザはすべて閉じてください (L21).
    CloseAll,
    /// × on one window.
    CloseWindow,
    /// 戻る.
    Back(Back),
    /// 更新, with the re-posting confirmed.
    Refresh,
    /// A new window.
    NewWindow,
}

/// What is done with the PC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PcAct {
    /// 電源を切る.
    PowerOff,
    /// The power comes back and the OS user logs on.
    Boot,
    /// 他のユーザーでログオン, as a Windows user.
    SwitchOsUser {
        /// To whom.
        to: ProfileName,
        /// Signing off, or keeping the first session.
        how: Switch,
    },
    /// The person sits down somewhere else, for good.
    Use(PlaceChange),
    /// The OS password is reset from outside (case 64).
    ResetOsPassword,
    /// The old OS password is back.
    RestoreOsPassword,
    /// The newest certificate is deleted with its key (case 65).
    DeleteCertificate,
    /// Pending requests are deleted (case 46).
    CleanStore,
    /// The newest certificate is exported and imported elsewhere (cases 67, 68).
    CopyCertificate {
        /// Where to.
        to: Place,
    },
    /// The PC's clock goes ahead of the right time by this (case 77).
    SetClockSkew(Duration),
    /// Its surroundings change.
    Surround(EnvironmentChange),
}

/// What is different about a PC's surroundings; the rest stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EnvironmentChange {
    /// Whether the browser is a recommended one.
    pub browser: Option<Recommended>,
    /// Whether the enrolment component may run.
    pub component: Option<Component>,
    /// Whether keys can be made.
    pub keys: Option<KeyProvider>,
    /// Whether installing does what it says.
    pub install: Option<InstallHonesty>,
    /// Whether the PC trusts the bank's root.
    pub root: Option<BankRoot>,
    /// When a fresh key reaches the disk.
    pub flush: Option<KeyFlush>,
    /// Whether the person's browser resumes TLS sessions.
    pub resumption: Option<Resumption>,
}

/// How the clock moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockAct {
    /// By this much.
    Advance(Duration),
    /// To this moment.
    Set(OffsetDateTime),
}

/// One act on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormAct {
    /// Opens a page by its address.
    Open(Page),
    /// Types into fields, by their labels.
    Fill(Vec<(String, Concealed)>),
    /// Presses a button, by its text.
    Press(String),
    /// Follows a link, by its text.
    Follow(String),
    /// Waits until the page goes on by itself.
    Wait,
}

/// A page that can be opened by its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The top page.
    Top,
    /// The status page of an ID+PIN logon.
    Status,
    /// The status page of a certificate logon.
    CertificateStatus,
}
