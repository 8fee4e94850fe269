//! The words of `sealbank ca ocsp`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use super::SigningPlace;

/// `sealbank ca ocsp`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  sealbank ca ocsp request.der --out answer.der       answer one request
  sealbank ca ocsp --listen 127.0.0.1:8082            a responder over HTTP, until Ctrl-C
  sealbank ca ocsp --listen 127.0.0.1:0 --json        on a free port, which is said as JSON
  openssl ocsp -url http://127.0.0.1:8082 -CAfile ca/root.pem -issuer ca/issuing.pem -cert a.pem

Answers are signed by a key that lives as long as the command, with a certificate of its own that
goes on record. For that the CA is written to for a moment: at the start, once in three weeks,
after a renewal of the issuing CA, and after some dozens of changes. Otherwise the CA may be in
use: before it answers, a listening responder looks whether there is anything new on record, and
reads it once a second at most, so that a revocation is known a second after it was made.

Over HTTP (RFC 6960 appendix A) a request comes by GET, in base64 at the end of the path, or by
POST. An answer to a GET without a nonce may be cached for as long as it is good (RFC 5019).")]
pub(crate) struct OcspArguments {
    #[command(flatten)]
    pub(crate) place: SigningPlace,
    /// A request in DER; `-` is standard input.
    #[arg(value_name = "REQUEST", required_unless_present = "listen")]
    pub(crate) request: Option<PathBuf>,
    /// Where to write the answer, in DER; `-` is standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) out: PathBuf,
    /// Answer over HTTP at this address instead; port 0 takes a free one.
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = address, conflicts_with_all = ["request", "out"])]
    pub(crate) listen: Option<SocketAddr>,
    /// For how many minutes an answer is good.
    #[arg(long, value_name = "MINUTES", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=10_080))]
    pub(crate) minutes: u32,
    /// Print what was answered, or where it listens, as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where a responder listens if no port is named.
const PORT: u16 = 8082;

fn address(text: &str) -> Result<SocketAddr, String> {
    let with_port = text.parse::<SocketAddr>();
    with_port
        .or_else(|_| {
            text.parse::<IpAddr>()
                .map(|address| SocketAddr::new(address, PORT))
        })
        .map_err(|_| {
            "write an IP address, with a port or without: 127.0.0.1:8082, [::1]:0".to_owned()
        })
}
