//! The words of `sealbank ca renew-issuing`, and of whatever else takes the root out.

use std::path::PathBuf;

use clap::Args;
use sealbank_ca::KeyAlgorithm;

use super::SigningPlace;

/// `sealbank ca renew-issuing`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank ca renew-issuing --root-dir /media/stick/root            the root from where it was put
  sealbank ca renew-issuing --key p384                              another kind of key
  sealbank ca renew-issuing --passphrase-file root.pass --json      for a script

The issuing CA gets a new generation, with a name (… G2) and a key of its own, signed by the root.
New certificates come from it. The older generations go on: their certificates hold, can be
revoked, and `sealbank ca crl` makes their lists. The newest is issuing.pem, the first one then
issuing-1.pem, and so on; so it is with the keys and the lists. The new key is encrypted if the
passphrase of the issuing key is given, as at `sealbank ca init`.")]
pub(crate) struct RenewArguments {
    #[command(flatten)]
    pub(crate) place: SigningPlace,
    #[command(flatten)]
    pub(crate) root: RootPlace,
    /// The new issuing key's kind: p256, p384, ed25519, rsa2048, rsa3072 or rsa4096.
    #[arg(long, value_name = "KIND", default_value = "p256")]
    pub(crate) key: KeyAlgorithm,
    /// For how many days the new generation holds, from now on; not longer than the root [default: 9125].
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(super::DAYS))]
    pub(crate) days: Option<u32>,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the root is, and what opens it.
#[derive(Debug, Args)]
pub(crate) struct RootPlace {
    /// The root's directory [default: that of the CA with `-root` at its end].
    #[arg(long, value_name = "DIR")]
    pub(crate) root_dir: Option<PathBuf>,
    /// Take the passphrase of the root's key from the first line of this file [else: from `SEALBANK_ROOT_PASSPHRASE`,
    /// or asked for].
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}
