//! [`Site`]: how a PC finds the bank on the network, and by which root it knows it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use url::Url;

use crate::network::Network;
use crate::origin::Origin;

/// The bank's two origins and where their hosts are.
#[derive(Clone, Debug)]
pub struct Site {
    /// Screens, retrieval, ID and PIN logon, administration.
    pub ib: Url,
    /// Certificate logon: asks for a client certificate.
    pub cert: Url,
    /// The address and port of every host; `host:port` where one host has several.
    pub addresses: BTreeMap<String, SocketAddr>,
    /// The roots by which the servers are known.
    pub roots: Vec<CertificateDer<'static>>,
    /// How long a person waits for one answer before giving up.
    pub patience: Duration,
    /// Over what it is reached; none: TCP and TLS.
    pub network: Option<Arc<dyn Network>>,
}

impl Site {
    /// A site whose person waits half a minute for an answer.
    #[must_use]
    pub fn new(
        ib: Url,
        cert: Url,
        addresses: BTreeMap<String, SocketAddr>,
        roots: Vec<CertificateDer<'static>>,
    ) -> Self {
        Self {
            ib,
            cert,
            addresses,
            roots,
            patience: Duration::from_secs(30),
            network: None,
        }
    }

    /// Where `origin` is.
    pub(crate) fn address(&self, origin: &Origin) -> Option<SocketAddr> {
        let exactly = self.addresses.get(&origin.authority());
        exactly
            .or_else(|| self.addresses.get(origin.host()))
            .copied()
    }
}
