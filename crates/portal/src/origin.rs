//! Where something came in, for the trail and for links; the sockets are in `listen`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A door of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Screens, retrieval, ID+PIN logon, administration.
    Ib,
    /// The origin that asks for a client certificate.
    Cert,
    /// The control listener and the composition root: the bank's counter.
    Control,
    /// The bank by itself: start-up, passing time.
    Bank,
}

impl Origin {
    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ib => "ib",
            Self::Cert => "cert",
            Self::Control => "control",
            Self::Bank => "bank",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
