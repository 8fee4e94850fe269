//! [`FaultVerdict`]: what goes wrong.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::Duration;

use super::word::UnknownWord;

/// What goes wrong where a rule strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", from = "Written")]
pub enum FaultVerdict {
    /// So much time passes on the bank's clock; nobody waits for it.
    Delay(Duration),
    /// The connection is reset (RFC 9293, section 3.10.7).
    Reset,
    /// The connection ends, without TLS saying so.
    Close,
    /// So much of the body comes, in percent, and then the connection ends.
    Truncate {
        /// From 0 to 99.
        percent: u8,
    },
    /// Nothing more comes until the client hangs up or the rule is cleared; then the connection ends.
    Stall,
    /// Instead of the bank, something in front of it answers.
    Status(FaultStatus),
    /// The request arrives twice, one after the other; the client sees the first answer.
    Duplicate,
    /// The bank ends as if it had been killed.
    Crash {
        /// Whether a write was under way.
        torn: Torn,
    },
    /// The journal has no room for what is to be recorded.
    DiskFull,
    /// The certification authority says no (case 40).
    CaRefuses,
    /// The certification authority signs, and the bank never hears of it (case 39).
    CaTimesOut,
    /// The certification authority signs for another name than it was asked to (case 41).
    CaErrs,
}

/// Whether a write was under way when the bank crashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Torn {
    /// The journal had begun with it. A journal records whole or not at all, so nothing of it is left.
    Yes,
    /// The write had not begun, or was over.
    No,
}

/// A status by which servers and what stands before them say that they can't.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u16", try_from = "u16")]
pub enum FaultStatus {
    /// 429 (RFC 6585, section 4).
    TooManyRequests,
    /// 500 (RFC 9110, section 15.6.1).
    InternalServerError,
    /// 503 (RFC 9110, section 15.6.4).
    ServiceUnavailable,
}

impl FaultStatus {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::TooManyRequests,
        Self::InternalServerError,
        Self::ServiceUnavailable,
    ];

    /// Its number.
    #[must_use]
    pub const fn as_u16(self) -> u16 {
        match self {
            Self::TooManyRequests => 429,
            Self::InternalServerError => 500,
            Self::ServiceUnavailable => 503,
        }
    }
}

impl FaultVerdict {
    /// Its word, without its value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delay(_) => "delay",
            Self::Reset => "reset",
            Self::Close => "close",
            Self::Truncate { .. } => "truncate",
            Self::Stall => "stall",
            Self::Status(_) => "status",
            Self::Duplicate => "duplicate",
            Self::Crash { .. } => "crash",
            Self::DiskFull => "disk-full",
            Self::CaRefuses => "ca-refuses",
            Self::CaTimesOut => "ca-times-out",
            Self::CaErrs => "ca-errs",
        }
    }

    /// Whether it is the authority that fails.
    pub(crate) fn is_the_authoritys(self) -> bool {
        matches!(self, Self::CaRefuses | Self::CaTimesOut | Self::CaErrs)
    }
}

impl fmt::Display for FaultVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())?;
        match self {
            Self::Delay(by) => write!(f, ": {by}"),
            Self::Truncate { percent } => write!(f, ": {percent}%"),
            Self::Status(status) => write!(f, ": {status}"),
            Self::Crash { torn: Torn::Yes } => f.write_str(": torn"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for FaultStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_u16().fmt(f)
    }
}

impl From<FaultStatus> for u16 {
    fn from(status: FaultStatus) -> Self {
        status.as_u16()
    }
}

impl TryFrom<u16> for FaultStatus {
    type Error = UnknownWord;

    fn try_from(number: u16) -> Result<Self, UnknownWord> {
        let mut all = Self::ALL.iter();
        all.find(|status| status.as_u16() == number)
            .copied()
            .ok_or_else(|| {
                let known = vec!["429", "500", "503"];
                UnknownWord::new("status of a fault", &number.to_string(), known)
            })
    }
}

/// A verdict in JSON: a word, or a word with its value.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Word(Plain),
    Valued(Valued),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Plain {
    Reset,
    Close,
    Stall,
    Duplicate,
    Crash,
    DiskFull,
    CaRefuses,
    CaTimesOut,
    CaErrs,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Valued {
    /// In seconds.
    Delay(i64),
    /// In percent.
    Truncate(u8),
    Status(FaultStatus),
    Crash(TornWord),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TornWord {
    Torn,
}

impl From<FaultVerdict> for Written {
    fn from(verdict: FaultVerdict) -> Self {
        Self::Word(match verdict {
            FaultVerdict::Delay(by) => return Self::Valued(Valued::Delay(by.whole_seconds())),
            FaultVerdict::Truncate { percent } => return Self::Valued(Valued::Truncate(percent)),
            FaultVerdict::Status(status) => return Self::Valued(Valued::Status(status)),
            FaultVerdict::Crash { torn: Torn::Yes } => {
                return Self::Valued(Valued::Crash(TornWord::Torn));
            }
            FaultVerdict::Crash { torn: Torn::No } => Plain::Crash,
            FaultVerdict::Reset => Plain::Reset,
            FaultVerdict::Close => Plain::Close,
            FaultVerdict::Stall => Plain::Stall,
            FaultVerdict::Duplicate => Plain::Duplicate,
            FaultVerdict::DiskFull => Plain::DiskFull,
            FaultVerdict::CaRefuses => Plain::CaRefuses,
            FaultVerdict::CaTimesOut => Plain::CaTimesOut,
            FaultVerdict::CaErrs => Plain::CaErrs,
        })
    }
}

impl From<Written> for FaultVerdict {
    fn from(written: Written) -> Self {
        match written {
            Written::Valued(Valued::Delay(seconds)) => Self::Delay(Duration::seconds(seconds)),
            Written::Valued(Valued::Truncate(percent)) => Self::Truncate { percent },
            Written::Valued(Valued::Status(status)) => Self::Status(status),
            Written::Valued(Valued::Crash(TornWord::Torn)) => Self::Crash { torn: Torn::Yes },
            Written::Word(Plain::Crash) => Self::Crash { torn: Torn::No },
            Written::Word(Plain::Reset) => Self::Reset,
            Written::Word(Plain::Close) => Self::Close,
            Written::Word(Plain::Stall) => Self::Stall,
            Written::Word(Plain::Duplicate) => Self::Duplicate,
            Written::Word(Plain::DiskFull) => Self::DiskFull,
            Written::Word(Plain::CaRefuses) => Self::CaRefuses,
            Written::Word(Plain::CaTimesOut) => Self::CaTimesOut,
            Written::Word(Plain::CaErrs) => Self::CaErrs,
        }
    }
}
