//! The walk of the manual's 手順2 to 手順4: CIBMU921, m-MID, m-RUN, m-PROC, m-DONE, m-CLOSED.

use askama::Template;
use sealbank_bank::settings::KeyAlgorithm;

use super::{Moment, Page, Party, Screen};

/// CIBMU921 (L9), for users and, in its other wording, for administrators.
///
/// Posts `contract`, `user` (users only), `pin` or `keyboard`, and `nonce`.
#[derive(Debug, Clone, Template)]
#[template(path = "retrieval_form.html")]
pub(crate) struct RetrievalForm {
    /// The page, with an alert for each field in error.
    pub page: Page,
    /// Who retrieves.
    pub party: Party,
    /// What was typed as 契約法人ID, when the form is shown again.
    pub contract: String,
    /// What was typed as 利用者ID, when the form is shown again.
    pub user: String,
    /// A one-time value: the same form sent twice carries the same one (case 16).
    pub nonce: String,
    /// How the PIN comes.
    pub pin: PinEntry,
}

/// How the PIN of a form comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PinEntry {
    /// Typed into the form.
    Typed,
    /// Entered on the software keyboard with this id; the bank holds it.
    Keyboard {
        /// The hidden field `keyboard`.
        id: String,
    },
}

impl RetrievalForm {
    /// Whether クリア has nothing to take away but what is typed: else it asks for a new form, because a browser's
    /// reset only goes back to what the page delivered (case 12).
    fn is_empty(&self) -> bool {
        self.contract.is_empty() && self.user.is_empty() && self.pin == PinEntry::Typed
    }
}

impl Screen for RetrievalForm {
    fn id(&self) -> &'static str {
        "CIBMU921"
    }

    fn title(&self) -> &'static str {
        match self.party {
            Party::User => "利用者電子証明書取得",
            Party::Administrator => "契約法人電子証明書取得",
        }
    }
}

/// m-MID (L12): goes on to m-RUN by itself.
#[derive(Debug, Clone, Template)]
#[template(path = "intermediate.html")]
pub(crate) struct IntermediateScreen {
    /// The page.
    pub page: Page,
    /// Who retrieves.
    pub party: Party,
}

impl Screen for IntermediateScreen {
    fn id(&self) -> &'static str {
        "m-MID"
    }

    fn title(&self) -> &'static str {
        match self.party {
            Party::User => "利用者電子証明書取得中間画面",
            Party::Administrator => "契約法人電子証明書取得中間画面",
        }
    }
}

/// m-RUN (L16 to L19): 実行, with what the PC's enrolment component needs to know.
#[derive(Debug, Clone, Template)]
#[template(path = "execute.html")]
pub(crate) struct ExecuteScreen {
    /// The page.
    pub page: Page,
    /// The key that the component makes.
    pub key_algorithm: KeyAlgorithm,
    /// Whether the PC may export that key.
    pub key_exportable: bool,
    /// How many popups 「Web アクセスの確認」 there are: 0, 1 or 2.
    pub popups: u8,
}

impl ExecuteScreen {
    /// What `openssl req` is told to make a key and a signature that fit each other.
    fn openssl_key(&self) -> &'static str {
        match self.key_algorithm {
            KeyAlgorithm::Rsa2048 => "-newkey rsa:2048 -sha256",
            KeyAlgorithm::Rsa3072 => "-newkey rsa:3072 -sha256",
            KeyAlgorithm::Rsa4096 => "-newkey rsa:4096 -sha256",
            KeyAlgorithm::P256 => "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha256",
            KeyAlgorithm::P384 => "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384",
            KeyAlgorithm::Ed25519 => "-newkey ed25519",
        }
    }
}

impl Screen for ExecuteScreen {
    fn id(&self) -> &'static str {
        "m-RUN"
    }

    fn title(&self) -> &'static str {
        "電子証明書の取得"
    }
}

/// m-PROC: 処理中, with the certificates for the component to install.
#[derive(Debug, Clone, Template)]
#[template(path = "delivery.html")]
pub(crate) struct DeliveryScreen {
    /// The page.
    pub page: Page,
    /// PEM: the user's certificate, the issuing CA's, the root's.
    pub certificates: String,
    /// As on m-RUN.
    pub popups: u8,
}

impl Screen for DeliveryScreen {
    fn id(&self) -> &'static str {
        "m-PROC"
    }

    fn title(&self) -> &'static str {
        "処理中"
    }
}

/// m-DONE (L20 to L23).
#[derive(Debug, Clone, Template)]
#[template(path = "completion.html")]
pub(crate) struct CompletionScreen {
    /// The page.
    pub page: Page,
    /// 電子証明書情報.
    pub certificate: CertificateInformation,
}

/// 電子証明書情報: what the reader compares with his own ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CertificateInformation {
    /// Organization.
    pub organization: String,
    /// Organizational Unit.
    pub organizational_unit: String,
    /// Common Name.
    pub common_name: String,
    /// 有効期限.
    pub expires: Moment,
}

impl Screen for CompletionScreen {
    fn id(&self) -> &'static str {
        "m-DONE"
    }

    fn title(&self) -> &'static str {
        "電子証明書の取得完了"
    }
}

/// m-CLOSED: after 閉じる or ログオフ.
#[derive(Debug, Clone, Template)]
#[template(path = "closed.html")]
pub(crate) struct ClosedScreen {
    /// The page.
    pub page: Page,
    /// What came to its end.
    pub ending: Ending,
}

/// What came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// A completed retrieval (L21, L22).
    Retrieved,
    /// A form, or a retrieval before its completion (L13, L18).
    Abandoned,
    /// A logon.
    LoggedOff,
}

impl Screen for ClosedScreen {
    fn id(&self) -> &'static str {
        "m-CLOSED"
    }

    fn title(&self) -> &'static str {
        match self.ending {
            Ending::Retrieved | Ending::LoggedOff => "ログオフ",
            Ending::Abandoned => "終了",
        }
    }
}
