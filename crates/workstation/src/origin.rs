//! [`Origin`]: scheme, host and port, the unit by which a browser remembers (RFC 6454).

use std::fmt;

use url::Url;

/// Scheme, host and port of a web site.
///
/// ```
/// use sealbank_workstation::Origin;
///
/// let url = "https://Cert.IB.bank.test/logon?x=1".parse()?;
/// assert_eq!(Origin::of(&url).to_string(), "https://cert.ib.bank.test:443");
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin that `url` belongs to; a URL without a host has an empty one.
    #[must_use]
    pub fn of(url: &Url) -> Self {
        Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or(0),
        }
    }

    /// The host name, in lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Host and port, such as `localhost:8443`.
    #[must_use]
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}
