//! Sessions: who is inside the bank now, how he came in, and until when.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::certificate::{Fingerprint, Serial};
use crate::grant::Generation;
use crate::identity::Holder;

/// Identifies a session: the SHA-256 of the opaque cookie, which the bank itself never keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub Fingerprint);

/// A door through which a PIN is checked (V20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// Logon with ID and PIN.
    IdPinLogon,
    /// The retrieval form CIBMU921.
    Retrieval,
    /// Logon with certificate and PIN.
    CertificateLogon,
    /// Confirmation of an administrator's change.
    Confirmation,
}

/// How a holder logs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogonMethod {
    /// ID・暗証番号方式.
    IdPin,
    /// 電子証明書方式.
    Certificate,
}

/// One open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub holder: Holder,
    /// What it is for.
    pub kind: SessionKind,
    /// The moment from which it is timed out.
    pub expires: OffsetDateTime,
}

/// What a session is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionKind {
    /// A retrieval: from 取得 to 閉じる.
    Retrieval {
        /// The generation it claims.
        generation: Generation,
    },
    /// A logon by ID and PIN.
    IdPin,
    /// A logon by certificate; the same certificate has to be presented with every request.
    Certificate {
        /// Its serial number.
        serial: Serial,
    },
}

impl Session {
    /// The method of a logon; none for a retrieval.
    #[must_use]
    pub fn logon_method(&self) -> Option<LogonMethod> {
        match self.kind {
            SessionKind::Retrieval { .. } => None,
            SessionKind::IdPin => Some(LogonMethod::IdPin),
            SessionKind::Certificate { .. } => Some(LogonMethod::Certificate),
        }
    }
}
