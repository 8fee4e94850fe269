//! [`TlsAlert`]: a TLS alert by number and name (RFC 8446, section 6; RFC 5246, section 7.2).

use std::error::Error;
use std::fmt;
use std::io;

/// The description byte of a TLS alert.
///
/// ```
/// use sealbank_workstation::TlsAlert;
///
/// assert_eq!(TlsAlert::from_code(116).to_string(), "certificate-required (116)");
/// assert_eq!(TlsAlert::from_code(200).to_string(), "200");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TlsAlert(u8);

impl TlsAlert {
    /// The alert with this description byte.
    #[must_use]
    pub fn from_code(code: u8) -> Self {
        Self(code)
    }

    /// Its description byte.
    #[must_use]
    pub fn code(self) -> u8 {
        self.0
    }

    /// Its kebab-case name in the TLS registry; the number itself when the name is unknown here.
    #[must_use]
    pub fn name(self) -> String {
        known_name(self.0).map_or_else(|| self.0.to_string(), ToOwned::to_owned)
    }

    /// The alert that lies at the bottom of `error`.
    ///
    /// TLS 1.3 refuses a client certificate after the client's handshake is over, so the alert
    /// arrives at the first read, wrapped in the errors of every layer above.
    #[must_use]
    pub(crate) fn in_chain(error: &(dyn Error + 'static)) -> Option<Self> {
        match tls_error_in(error)? {
            rustls::Error::AlertReceived(alert) => Some(Self(u8::from(*alert))),
            _ => None,
        }
    }
}

/// The TLS error that lies at the bottom of `error`.
pub(crate) fn tls_error_in<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        // An `io::Error` names its inner error's source as its own, passing over the inner error.
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

impl fmt::Display for TlsAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match known_name(self.0) {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

fn known_name(code: u8) -> Option<&'static str> {
    Some(match code {
        0 => "close-notify",
        10 => "unexpected-message",
        20 => "bad-record-mac",
        22 => "record-overflow",
        40 => "handshake-failure",
        42 => "bad-certificate",
        43 => "unsupported-certificate",
        44 => "certificate-revoked",
        45 => "certificate-expired",
        46 => "certificate-unknown",
        47 => "illegal-parameter",
        48 => "unknown-ca",
        49 => "access-denied",
        50 => "decode-error",
        51 => "decrypt-error",
        70 => "protocol-version",
        71 => "insufficient-security",
        80 => "internal-error",
        86 => "inappropriate-fallback",
        90 => "user-canceled",
        109 => "missing-extension",
        110 => "unsupported-extension",
        112 => "unrecognized-name",
        113 => "bad-certificate-status-response",
        115 => "unknown-psk-identity",
        116 => "certificate-required",
        120 => "no-application-protocol",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::AlertDescription;

    #[test]
    fn an_alert_is_found_under_any_number_of_wrappers() {
        let alert = rustls::Error::AlertReceived(AlertDescription::UnknownCA);
        let once = io::Error::new(io::ErrorKind::InvalidData, alert);
        assert_eq!(TlsAlert::in_chain(&once), Some(TlsAlert(48)));
        let twice = io::Error::other(once);
        assert_eq!(TlsAlert::in_chain(&twice), Some(TlsAlert(48)));
    }

    #[test]
    fn other_errors_hold_no_alert() {
        assert_eq!(TlsAlert::in_chain(&io::Error::other("reset")), None);
        let other = io::Error::other(rustls::Error::HandshakeNotComplete);
        assert_eq!(TlsAlert::in_chain(&other), None);
    }
}
