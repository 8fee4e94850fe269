//! The TLS configurations of the two origins: rustls with aws-lc-rs, at the bank's clock.
//!
//! The certificate origin resumes no session unless the setting `tls_resumption` says so: a resumed session skips
//! the certificate check (RFC 8446, section 4.6.1; erratum 6205).

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::NoServerSessionStorage;
use rustls::time_provider::TimeProvider;
use sealbank_bank::settings::TlsResumption;

use crate::app::App;
use crate::error::PortalError;
use crate::verifier::BooksVerifier;
use crate::web_ca::WebCa;

const HTTP_1_1: &[u8] = b"http/1.1";

/// For the origin that asks for no certificate.
pub(crate) fn ib_config(app: &App, web: &WebCa) -> Result<ServerConfig, PortalError> {
    let mut config = ServerConfig::builder_with_details(provider(), clock_of(app))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(web.server_chain(), web.server_key())?;
    // A client that hangs up with a ticket unread resets the connection, and the request that it sent is lost.
    config.send_tls13_tickets = 0;
    Ok(speaking_http(config))
}

/// For the origin that asks for one.
pub(crate) fn cert_config(app: &Arc<App>, web: &WebCa) -> Result<ServerConfig, PortalError> {
    let provider = provider();
    let algorithms = provider.signature_verification_algorithms;
    let mut config = ServerConfig::builder_with_details(provider, clock_of(app))
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(BooksVerifier::new(app, algorithms)))
        .with_single_cert(web.server_chain(), web.server_key())?;
    if app.bank(|bank| bank.settings().tls_resumption) == TlsResumption::Off {
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(speaking_http(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn clock_of(app: &App) -> Arc<dyn TimeProvider> {
    Arc::new(app.clock().clone())
}

fn speaking_http(mut config: ServerConfig) -> ServerConfig {
    config.alpn_protocols = vec![HTTP_1_1.to_vec()];
    config
}
