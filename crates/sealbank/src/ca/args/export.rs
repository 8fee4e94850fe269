//! The words of `sealbank ca export`.

use std::path::PathBuf;

use clap::Args;

use super::Place;

/// `sealbank ca export`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank ca export keiri01.pem --key keiri01.key --out keiri01.p12      asks for a passphrase
  sealbank ca export 4f0c… --key a.key --out a.p12 --passphrase-file transport.pass
  openssl pkcs12 -in keiri01.p12 -info                                    what is in it

The file (PKCS #12: AES-256, HMAC-SHA256) holds the certificate, its chain up to the root and the
private key, for OpenSSL, Firefox and other NSS programs, GnuTLS, Java and Node. Its owner alone may
read it. The passphrase protects it on its way: from --passphrase-file, else from
$SEALBANK_EXPORT_PASSPHRASE, else asked for on the terminal. Printable ASCII, because Java refuses
others. The private key is in PKCS #8, as `openssl req -newkey` and `openssl genpkey` write it; the
CA keeps no copy. The CA may be in use.")]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The certificate: its serial in hexadecimal, or a file with it in PEM.
    #[arg(value_name = "SERIAL|FILE")]
    pub(crate) certificate: String,
    /// The certificate's private key, unencrypted PKCS #8 in PEM.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Where to write; a file that is there is replaced as a whole.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Take the passphrase from the first line of this file [else: from `SEALBANK_EXPORT_PASSPHRASE`, or asked for].
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
