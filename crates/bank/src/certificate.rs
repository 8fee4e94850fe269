//! The bank's own record of a certificate: what it accepts at logon is this record, never the CA's word (V3, V5).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The serial number of a certificate (RFC 5280, 4.1.2.2), as lower-case hexadecimal of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Serial(String);

/// The text is not a serial number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a serial number is 1 to 20 bytes in lower-case hexadecimal, `{0}` is not")]
pub struct SerialError(String);

impl FromStr for Serial {
    type Err = SerialError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let fits = (2..=40).contains(&text.len()) && text.len().is_multiple_of(2);
        if fits && text.bytes().all(hex) {
            Ok(Self(text.to_owned()))
        } else {
            Err(SerialError(text.chars().take(60).collect()))
        }
    }
}

impl TryFrom<String> for Serial {
    type Error = SerialError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Serial> for String {
    fn from(serial: Serial) -> Self {
        serial.0
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A SHA-256 digest that identifies a request or a public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || FingerprintError(text.chars().take(80).collect());
        if text.len() != 64 || !text.is_ascii() {
            return Err(error());
        }
        let mut digest = [0; 32];
        for (byte, index) in digest.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[index..index + 2], 16).map_err(|_| error())?;
        }
        Ok(Self(digest))
    }
}

/// The text is not a fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 32 bytes in hexadecimal, `{0}` is not")]
pub struct FingerprintError(String);

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Why a certificate was revoked; the reasons of RFC 5280, 5.3.1 that the procedure uses (section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationReason {
    /// No reason given.
    Unspecified,
    /// The PC was lost or attacked.
    KeyCompromise,
    /// 再発行（初期化） or renewal.
    Superseded,
    /// 登録抹消 or the end of the contract.
    CessationOfOperation,
}

/// How far the bank knows a certificate to have come (procedure 1.3, `cert`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateState {
    /// The request was accepted; the CA is asked.
    Requested,
    /// Signed and recorded, not yet sent.
    Signed,
    /// Sent; not known received. Accepted like `Signed` (T13).
    Delivered,
    /// Known installed.
    Confirmed,
    /// Past its end.
    Expired,
    /// Revoked.
    Revoked(RevocationReason),
}

impl CertificateState {
    /// Whether a logon with it can be accepted.
    #[must_use]
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Signed | Self::Delivered | Self::Confirmed)
    }

    /// The state's word, without its data.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Signed => "signed",
            Self::Delivered => "delivered",
            Self::Confirmed => "confirmed",
            Self::Expired => "expired",
            Self::Revoked(_) => "revoked",
        }
    }
}

/// What the bank writes down of a signed certificate (V5: a complete record, or none).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CertificateFacts {
    /// Its serial number.
    pub serial: Serial,
    /// The issuer's name, as RFC 4514 text.
    pub issuer: String,
    /// The subject it carries.
    pub subject: SubjectName,
    /// SHA-256 of its `SubjectPublicKeyInfo`.
    pub public_key: Fingerprint,
    /// First second of its validity.
    #[serde(with = "time::serde::timestamp")]
    pub not_before: OffsetDateTime,
    /// Last second of its validity.
    #[serde(with = "time::serde::timestamp")]
    pub not_after: OffsetDateTime,
}

/// A subject as the manual shows it (手順4): Organization, Organizational Unit, Common Name, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SubjectName {
    /// Organization.
    pub organization: String,
    /// Organizational Unit.
    pub organizational_unit: String,
    /// Common Name.
    pub common_name: String,
}

/// The record of one generation's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRecord {
    /// SHA-256 of the request it answers.
    pub request: Fingerprint,
    /// SHA-256 of the requested key's `SubjectPublicKeyInfo`.
    pub public_key: Fingerprint,
    /// How far it came.
    pub state: CertificateState,
    /// Present from `Signed` on.
    pub facts: Option<CertificateFacts>,
}

impl CertificateRecord {
    /// The recorded facts, when the bank accepts this certificate at logon.
    #[must_use]
    pub fn accepted(&self) -> Option<&CertificateFacts> {
        self.facts.as_ref().filter(|_| self.state.is_accepted())
    }
}
