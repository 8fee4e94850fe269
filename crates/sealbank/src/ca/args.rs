//! The words of `sealbank ca`.

mod export;
mod ocsp;
mod renew;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sealbank_ca::{Generation, KeyAlgorithm, RevocationReason, Serial, StatusKind};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::bulk::BulkArguments;
use super::subject::SubjectParts;

pub(crate) use export::ExportArguments;
pub(crate) use ocsp::OcspArguments;
pub(crate) use renew::{RenewArguments, RootPlace};

/// For how many days a certificate may hold.
pub(super) const DAYS: std::ops::RangeInclusive<i64> = 1..=36_500;

/// For how many days a certificate holds, if nobody says.
pub(super) const DEFAULT_DAYS: u32 = 365;

/// The subcommands of `sealbank ca`.
#[derive(Debug, Subcommand)]
pub(crate) enum CaCommand {
    /// Found a CA: a root that is put away, an issuing CA, and their first revocation lists.
    Init(InitArguments),
    /// Sign certificates for requests (PKCS #10); only their public keys are taken over.
    Sign(SignArguments),
    /// Revoke certificates for good, by serial, file or subject.
    Revoke(RevokeArguments),
    /// Sign new revocation lists, with the next numbers.
    Crl(CrlArguments),
    /// Answer whether certificates are revoked: a request in a file, or anybody's over HTTP.
    Ocsp(OcspArguments),
    /// Write a certificate with its private key and its chain into one file, for a browser.
    Export(ExportArguments),
    /// List certificates and how they stand.
    List(ListArguments),
    /// Show single certificates, or get them again.
    Show(ShowArguments),
    /// Give the issuing CA a new key and a new certificate; the root is needed for it.
    RenewIssuing(RenewArguments),
    /// Prove from the journal alone that the CA kept its order.
    Audit(AuditArguments),
}

/// Which CA is meant.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The CA's directory.
    #[arg(long, value_name = "DIR", default_value = "ca")]
    pub(crate) dir: PathBuf,
}

/// Which CA is meant, and what opens its issuing key.
#[derive(Debug, Clone, Args)]
pub(crate) struct SigningPlace {
    /// The CA's directory.
    #[arg(long, value_name = "DIR", default_value = "ca")]
    pub(crate) dir: PathBuf,
    /// Take the passphrase of an encrypted issuing key from the first line of this file [else: from
    /// `SEALBANK_CA_PASSPHRASE`, or asked for].
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_passphrase_file: Option<PathBuf>,
}

/// `sealbank ca init`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank ca init                                          in ca/, its root in ca-root/
  sealbank ca init --dir ca --root-dir /media/stick/root    the root elsewhere, to be locked away
  sealbank ca init --root-key p384 --key rsa2048            other kinds of keys
  sealbank ca init --encrypt-key                            the issuing key encrypted too
  sealbank ca init --passphrase-file root.pass --json       for a script

The root's key is encrypted under a passphrase: from --passphrase-file, else from
$SEALBANK_ROOT_PASSPHRASE, else asked for on the terminal. The root is not needed to sign, to revoke
or to make lists. The issuing key lies plain, readable by its owner alone, so that the CA signs
unattended; it is encrypted if there is a passphrase for it: from --ca-passphrase-file, from
$SEALBANK_CA_PASSPHRASE, or with --encrypt-key on the terminal.")]
pub(crate) struct InitArguments {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) root: RootPlace,
    /// The root's kind of key: p256, p384, ed25519, rsa2048, rsa3072 or rsa4096.
    #[arg(long, value_name = "KIND", default_value = "p256")]
    pub(crate) root_key: KeyAlgorithm,
    /// The issuing CA's kind of key.
    #[arg(long, value_name = "KIND", default_value = "p256")]
    pub(crate) key: KeyAlgorithm,
    /// For how many days a revocation list is good.
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) crl_days: u32,
    /// Encrypt the issuing key under the passphrase in the first line of this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_passphrase_file: Option<PathBuf>,
    /// Encrypt the issuing key; asks for its passphrase if it is not given otherwise.
    #[arg(long)]
    pub(crate) encrypt_key: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `sealbank ca sign`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank ca sign request.pem --subject 'O=Example Bank,OU=Internet Banking,CN=ZZTST1 keiri01'
  sealbank ca sign a.pem b.pem --subject 'O=X,OU=Y,CN=a' --subject 'O=X,OU=Y,CN=b' --out issued/
  openssl req -new … | sealbank ca sign --subject 'CN=a' > certificate.pem
  sealbank ca sign --bulk requests.pem --subject 'CN=user{position:07}' --out issued/
  sealbank ca sign --bulk requests/ --subject 'CN={file}' --out issued.ndjson
  sealbank ca sign --bulk orders.ndjson --out issued.pem --resume

A subject without O or OU gets those of the CA: O is the O of its name, OU is its CN. A comma or backslash within a part of the subject is written with a backslash before it: 'O=Bank\\, Ltd,…'.
A request that is refused keeps no other from being signed; the exit code is 1 then.
What was signed is on record before it is written: `sealbank ca show SERIAL --pem` gives it again.")]
pub(crate) struct SignArguments {
    #[command(flatten)]
    pub(crate) place: SigningPlace,
    /// Requests, each a file in PEM or DER; `-` is standard input.
    #[arg(value_name = "REQUEST", default_value = "-")]
    pub(crate) requests: Vec<PathBuf>,
    /// The certificate's subject, O, OU and CN; once for all requests, or once for each in their order. With --bulk
    /// `{position}`, `{position:07}` and `{file}` are filled in.
    #[arg(long, value_name = "NAME", required_unless_present = "bulk")]
    pub(crate) subject: Vec<SubjectParts>,
    /// For how many days the certificate holds, from now on [default: 365].
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(DAYS))]
    pub(crate) days: Option<u32>,
    /// Where to write: a file for all, or a directory for SERIAL.pem each [default: standard output].
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) bulk: BulkArguments,
}

/// `sealbank ca revoke`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank ca revoke 4f0c…                                   by serial
  sealbank ca revoke keiri01.pem shacho.pem --reason keyCompromise
  sealbank ca revoke --subject 'CN=ZZTST1 keiri01'           all that have this common name and still hold

Nothing is revoked if any of them is not a certificate of this CA. One that is revoked already stays as it is.
Relying parties learn of it from the next list: `sealbank ca crl`.")]
pub(crate) struct RevokeArguments {
    #[command(flatten)]
    pub(crate) place: SigningPlace,
    /// Serials in hexadecimal, or files with certificates in PEM.
    #[arg(value_name = "SERIAL|FILE", required_unless_present = "subject")]
    pub(crate) certificates: Vec<String>,
    /// Certificates with exactly these parts in their subject that are neither revoked nor expired.
    #[arg(long, value_name = "NAME")]
    pub(crate) subject: Vec<SubjectParts>,
    /// Why (RFC 5280 section 5.3.1): unspecified, keyCompromise, cACompromise, affiliationChanged, superseded,
    /// cessationOfOperation or privilegeWithdrawn.
    #[arg(long, value_name = "REASON", default_value = "unspecified")]
    pub(crate) reason: RevocationReason,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `sealbank ca crl`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank ca crl                               a new list in ca/issuing.crl.pem
  sealbank ca crl --der --out /srv/www/issuing.crl
  sealbank ca crl --generation 1 --out -        that of the first generation alone
  sealbank ca crl --root --root-dir stick/root  the root's own, in ca/root.crl.pem

A file is replaced as a whole: who fetches it meanwhile gets the old list or the new one.
After `sealbank ca renew-issuing` each generation of the issuing CA has a list of its own, for as
long as its certificate holds: issuing.crl.pem is that of the newest, issuing-1.crl.pem that of
the first, and so on. All of them are made, unless --out or --generation asks for one.")]
pub(crate) struct CrlArguments {
    #[command(flatten)]
    pub(crate) place: SigningPlace,
    /// Where to write one list; `-` is standard output [default: issuing.crl.pem, or .der, in the CA's directory].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The list of this generation alone [default with --out: the newest].
    #[arg(long, value_name = "N", value_parser = generation)]
    pub(crate) generation: Option<Generation>,
    /// The root's own list instead, as of now; needs the root.
    #[arg(long, conflicts_with = "generation")]
    pub(crate) root: bool,
    #[command(flatten)]
    pub(crate) root_place: RootPlace,
    /// Write DER instead of PEM.
    #[arg(long)]
    pub(crate) der: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How certificates are told.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct Form {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print CSV (RFC 4180), with a line of headings.
    #[arg(long)]
    pub(crate) csv: bool,
}

/// `sealbank ca list`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank ca list                              all, in the order of their serials
  sealbank ca list --status revoked --csv       for a spreadsheet
  sealbank ca list --subject keiri --valid-at 2032-01-31T00:00:00Z

The CA may be in use.")]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Those with this text in their subject, in capitals or not.
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject: Option<String>,
    /// The one with this serial.
    #[arg(long)]
    pub(crate) serial: Option<Serial>,
    /// Those whose validity includes this instant (RFC 3339).
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(crate) valid_at: Option<OffsetDateTime>,
    /// Those that stand so: valid, not-yet-valid, expired or revoked.
    #[arg(long, value_parser = status)]
    pub(crate) status: Option<StatusKind>,
    #[command(flatten)]
    pub(crate) form: Form,
}

/// `sealbank ca show`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank ca show 4f0c…                        everything about one
  sealbank ca show keiri01.pem                  is it on record, and how does it stand?
  sealbank ca show 4f0c… --pem > again.pem      get it again

The CA may be in use.")]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Serials in hexadecimal, or files with certificates in PEM.
    #[arg(value_name = "SERIAL|FILE", required = true)]
    pub(crate) certificates: Vec<String>,
    #[command(flatten)]
    pub(crate) form: Form,
    /// Print the certificates in PEM.
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    pub(crate) pem: bool,
}

/// `sealbank ca audit`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank ca audit                             the CA in ca/
  sealbank ca audit --dir ca --json             for a script

The journal alone is read. It may be in use. An audit of more than a second tells on standard error,
once a second, how far it is. `sealbank audit` judges a bank's rules as well.")]
pub(crate) struct AuditArguments {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

fn instant(text: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|problem| format!("{problem}; write it as in 2032-01-31T00:00:00Z"))
}

fn generation(text: &str) -> Result<Generation, &'static str> {
    let number = text.parse().ok().and_then(Generation::new);
    number.ok_or("write its number: 1 is the first")
}

fn status(text: &str) -> Result<StatusKind, &'static str> {
    let named = StatusKind::ALL.into_iter().find(|kind| kind.name() == text);
    named.ok_or("use valid, not-yet-valid, expired or revoked")
}
