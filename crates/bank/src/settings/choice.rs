//! The settings that choose between named ways, and the hours of service.

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, UtcOffset};

/// Japan's clock, in which service hours are told.
pub const JST: UtcOffset = match UtcOffset::from_hms(9, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

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

/// Whether a certificate logon is possible in the browser run in which a certificate was retrieved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogonAfterRetrieval {
    /// 引き続きログオンができません (L22): all windows have to be closed first (L21).
    NewBrowserRun,
    /// The bank does not mind; what the browser remembers of the certificate origin decides alone.
    SameBrowserRun,
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
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
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
        let hour = now.checked_to_offset(JST).unwrap_or(now).hour();
        if opens < closes {
            (opens..closes).contains(&hour)
        } else {
            hour >= opens || hour < closes
        }
    }
}
