//! The words of the command line. What they do is in the rooms named after the subcommands.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::explain::ExplainArguments;
use crate::run::args::{
    CheckArguments, ListArguments, MergeArguments, ReplayArguments, RunArguments,
};
use crate::run::schema::SchemaArguments;

/// A mock bank, its offline CA, and a runner of client-certificate scenarios.
///
/// Everything here is fictional and TEST ONLY: no real bank, company or person.
#[derive(Debug, Parser)]
#[command(name = "sealbank", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  all is well
  1  a scenario failed, a request was refused, or an audit found a break
  2  bad input: arguments, scenarios, settings, a passphrase; nothing was done
  3  sealbank itself failed: a file, a port, a disk
  4  nothing was selected to run";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Replay scenarios against a mock bank inside this process.
    Run(Box<RunArguments>),
    /// List the cases that would be run: id, place, title and tags.
    List(ListArguments),
    /// Read scenarios and resolve every name in them, and run nothing.
    Check(CheckArguments),
    /// Run one case, and show every step of it with what bank, wire and PC did.
    Replay(ReplayArguments),
    /// Make the reports of one run from the events that its parts told.
    Merge(MergeArguments),
    /// Print the JSON Schema of scenario files, for editors.
    Schema(SchemaArguments),
    /// Explain a code: a refusal of the bank or of the CA, or an exit code.
    Explain(ExplainArguments),
    /// Start the mock bank, to click through or to point a client at.
    Serve(ServeArguments),
    /// Verify a journal: its chain of hashes, and that the CA's and the bank's rules were kept.
    Audit(AuditArguments),
    /// Run an offline CA: sign requests, revoke certificates, and publish what relying parties need.
    #[command(subcommand)]
    Ca(crate::ca::CaCommand),
    /// Print the completion script of a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Write a man page for every subcommand.
    Man {
        /// Where to write them; the directory is made if it is not there.
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}

/// `sealbank serve`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank serve                                a bank in memory, gone when it stops
  sealbank serve --data data                    a bank that lasts: journal, CA and keys in data/
  sealbank serve --settings bank.yaml           another bank: its settings and its profile
  sealbank serve --people scenarios/manual.yaml the bank of a scenario, for `sealbank run --target`
  curl -H 'Sealbank-Control: 1' -d '{\"advance-seconds\": 86400}' http://127.0.0.1:8445/clock
                                                a day passes
  curl -H 'Sealbank-Control: 1' http://127.0.0.1:8445/faults \\
       -d '{\"during\": \"execute\", \"when\": \"after-commit\", \"do\": \"reset\", \"times\": 1, \"ttl\": 600}'
                                                the next request is recorded, its answer is lost

A new data directory's root key is encrypted under $SEALBANK_ROOT_PASSPHRASE, or under a passphrase
that is made up and shown once.

A settings file holds any of the procedure's settings and a profile:
  settings: { tls-client-auth: required, popup-count: 1 }
  profile:  { name: The Example Regional Bank, organization: …, organizational-unit: …, common-name-prefix: ZZTST }")]
pub(crate) struct ServeArguments {
    /// Keep journal, CA and keys in this directory, and go on from them.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The people, settings and profile of this scenario file, in the place of the demo's.
    #[arg(long, value_name = "FILE", conflicts_with = "settings")]
    pub(crate) people: Option<PathBuf>,
    /// Settings and profile of the bank, in YAML.
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) address: IpAddr,
    /// The port of the screens; 0 takes a free one.
    #[arg(long, default_value_t = 8443)]
    pub(crate) port: u16,
    /// The port of the certificate logon; 0 takes a free one.
    #[arg(long, default_value_t = 8444)]
    pub(crate) cert_port: u16,
    /// The port of the control listener, always on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8445)]
    pub(crate) control_port: u16,
}

/// `sealbank audit`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank audit data                           the directory of `sealbank serve --data`
  sealbank audit data/journal.sqlite --json     the journal itself, for a script

The journal alone is read. It may be in use.")]
pub(crate) struct AuditArguments {
    /// The data directory, or the journal's file.
    #[arg(default_value = "data")]
    pub(crate) path: PathBuf,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
