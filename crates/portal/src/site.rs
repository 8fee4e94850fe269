//! What all pages share: the bank at work, the origins' addresses, the keyboards' memory.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::app::App;
use crate::keyboard::Keyboards;
use crate::limits::Limits;
use crate::listen::Hosts;
use crate::succession::Succession;
use crate::web_ca::WebCa;

/// The state of every handler.
pub(crate) type Shared = Arc<Site>;

/// What all pages share.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) app: Arc<App>,
    pub(crate) addresses: Addresses,
    pub(crate) limits: Limits,
    pub(crate) keyboards: Keyboards,
    pub(crate) web: Arc<WebCa>,
    pub(crate) succession: Succession,
}

/// Where the portal can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The socket of the origin of screens and retrieval.
    pub ib: SocketAddr,
    /// The socket of the origin that asks for a client certificate.
    pub cert: SocketAddr,
    /// The socket of the control listener.
    pub control: SocketAddr,
    /// The host names that links use.
    pub hosts: Hosts,
}

impl Addresses {
    /// The origin of screens and retrieval, such as `https://ib.bank.test:8443`; no slash at the end.
    #[must_use]
    pub fn ib_url(&self) -> String {
        format!("https://{}:{}", self.hosts.ib, self.ib.port())
    }

    /// The origin that asks for a client certificate; no slash at the end.
    #[must_use]
    pub fn cert_url(&self) -> String {
        format!("https://{}:{}", self.hosts.cert, self.cert.port())
    }

    /// The control listener, such as `http://127.0.0.1:8080`; no slash at the end.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("http://{}", self.control)
    }
}
