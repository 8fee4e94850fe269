//! The words of the command line. What they do is in the rooms named after the subcommands.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    Run(RunArguments),
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

/// `sealbank run`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank run                                  every suite of scenarios/
  sealbank run scenarios/manual.yaml            one file
  sealbank run --case 'stranded[delivered'      cases whose id contains this
  sealbank run --list                           the ids, without running
  sealbank run --junit report.xml --json -      for a CI system, and as NDJSON on standard output")]
pub(crate) struct RunArguments {
    /// Scenario files, or directories of them.
    #[arg(default_value = "scenarios")]
    pub(crate) paths: Vec<PathBuf>,
    /// Run the cases whose id contains this text; may be given several times.
    #[arg(long = "case", value_name = "TEXT")]
    pub(crate) cases: Vec<String>,
    /// Print the ids of the selected cases and run nothing.
    #[arg(long)]
    pub(crate) list: bool,
    /// Cases that run at the same time [default: the number of cores].
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<std::num::NonZeroUsize>,
    /// Start no further case after the first failure.
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// Write a JUnit report to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write every event as one line of JSON to this file; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write TAP 14 to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) tap: Option<PathBuf>,
    /// Write one HTML file that holds the whole run, to be opened in a browser, also offline.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Annotate failures on standard output for GitHub, and write its step summary.
    #[arg(long)]
    pub(crate) github: bool,
    /// Show every step, not only failures.
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// The language of titles and steps.
    #[arg(long, value_enum, default_value_t = Language::Ja)]
    pub(crate) lang: Language,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
}

/// The language of titles and steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Japanese, in the manual's words.
    Ja,
    /// English.
    En,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal that shows them.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `sealbank serve`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank serve                                a bank in memory, gone when it stops
  sealbank serve --data data                    a bank that lasts: journal, CA and keys in data/
  sealbank serve --settings bank.yaml           another bank: its settings and its profile
  curl -H 'Sealbank-Control: 1' -d '{\"advance-seconds\": 86400}' http://127.0.0.1:8445/clock
                                                a day passes

A new data directory's root key is encrypted under $SEALBANK_ROOT_PASSPHRASE, or under a passphrase
that is made up and shown once.

A settings file holds any of the procedure's settings and a profile:
  settings: { tls-client-auth: required, popup-count: 1 }
  profile:  { name: The Example Regional Bank, organization: …, organizational-unit: …, common-name-prefix: ZZTST }")]
pub(crate) struct ServeArguments {
    /// Keep journal, CA and keys in this directory, and go on from them.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
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
