//! `sealbank ca`: an offline CA in a directory.
//!
//! | room | what it does |
//! |---|---|
//! | `args` | the words |
//! | `bulk` | many requests at once |
//! | `house` | opening the directory, for writing or beside a writer |
//! | `keyless` | looking into it without its keys |
//! | `root` | taking the root out |
//! | `passphrase` | where a passphrase comes from |
//! | `subject` | distinguished names as they are written on a command line |
//! | `standing` | how certificates stand, and finding them |
//! | `input` | what is read, within bounds |
//! | `output` | files that appear whole, and certificates as JSON |
//! | the others | one subcommand each |

mod args;
mod audit;
mod bulk;
mod crl;
mod export;
mod house;
mod init;
mod input;
mod keyless;
mod list;
mod ocsp;
mod output;
mod passphrase;
mod renew;
mod revoke;
mod root;
mod show;
mod sign;
mod subject;
mod terminal;

pub(crate) use args::CaCommand;

use crate::exit::{Exit, Failure};

/// Does what `command` says.
pub(crate) fn run(command: &CaCommand) -> Result<Exit, Failure> {
    match command {
        CaCommand::Init(arguments) => init::init(arguments),
        CaCommand::Sign(arguments) => sign::sign(arguments),
        CaCommand::Revoke(arguments) => revoke::revoke(arguments),
        CaCommand::Crl(arguments) => crl::crl(arguments),
        CaCommand::Ocsp(arguments) => ocsp::ocsp(arguments),
        CaCommand::Export(arguments) => export::export(arguments),
        CaCommand::RenewIssuing(arguments) => renew::renew(arguments),
        CaCommand::List(arguments) => list::list(arguments),
        CaCommand::Show(arguments) => show::show(arguments),
        CaCommand::Audit(arguments) => audit::audit(arguments),
    }
}
