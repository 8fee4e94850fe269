//! A handshake without records, over a [`Network`]: both sides judge as they do in TLS 1.3, and nothing is encrypted.

use std::io;

use rustls::client::ResolvesClientCert;
use rustls::client::danger::ServerCertVerifier;
use rustls::time_provider::TimeProvider;
use rustls::{AlertDescription, Error};
use rustls_pki_types::{CertificateDer, ServerName};

use crate::driver::lost;
use crate::driver::tls::Line;
use crate::error::WorkstationError;
use crate::network::{Channel, Entry, Greeting, Network};
use crate::origin::Origin;

/// Connects to `origin`; what the inner result says is the handshake's end.
pub(super) async fn shake_hands(
    network: &dyn Network,
    origin: &Origin,
    name: &ServerName<'_>,
    line: &Line,
) -> Result<io::Result<Box<dyn Channel>>, WorkstationError> {
    let greeting = network
        .knock(origin, line.session.ticket(&line.clock))
        .await
        .map_err(|nobody| lost(origin, "connecting", nobody.0))?;
    Ok(answer(greeting, name, line).map_err(io::Error::other))
}

fn answer(
    greeting: Box<dyn Greeting>,
    name: &ServerName<'_>,
    line: &Line,
) -> Result<Box<dyn Channel>, Error> {
    judge(greeting.chain(), name, line)?;
    let chain = match greeting.asks() {
        None => Vec::new(),
        Some(hints) => {
            let hints: Vec<&[u8]> = hints.iter().map(AsRef::as_ref).collect();
            present(&hints, line)?
        }
    };
    let Entry { channel, ticket } = greeting
        .answer(chain)
        .map_err(|alert| Error::AlertReceived(AlertDescription::from(alert.code())))?;
    line.session.keep(ticket, &line.clock);
    Ok(channel)
}

/// The server's certificate, at the PC's clock.
fn judge(
    chain: &[CertificateDer<'static>],
    name: &ServerName<'_>,
    line: &Line,
) -> Result<(), Error> {
    let Some((leaf, above)) = chain.split_first() else {
        return Ok(());
    };
    let now = line
        .clock
        .current_time()
        .ok_or(Error::FailedToGetCurrentTime)?;
    line.verifier
        .verify_server_cert(leaf, above, name, &[], now)?;
    Ok(())
}

/// The person's answer. Its key is opened as for a signature, because one that can't be opened fails here (case 64).
fn present(hints: &[&[u8]], line: &Line) -> Result<Vec<CertificateDer<'static>>, Error> {
    let schemes = line.verifier.supported_verify_schemes();
    let Some(chosen) = line.person.resolve(hints, &schemes) else {
        return Ok(Vec::new());
    };
    if let Some(signer) = chosen.key.choose_scheme(&schemes) {
        signer.sign(b"")?;
    }
    Ok(chosen.cert.clone())
}
