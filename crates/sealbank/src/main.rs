//! The command line: the only place that joins the real clock, real randomness and real files.

mod args;
mod audit;
mod ca;
mod exit;
mod explain;
mod file;
mod interrupt;
mod man;
mod roster;
mod run;
mod serve;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Arguments, Command};
use crate::exit::{Exit, Failure};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log();
    let outcome = match &arguments.command {
        Command::Run(run) => run::run(run),
        Command::List(list) => run::list::list(list),
        Command::Check(check) => run::check::check(check),
        Command::Replay(replay) => run::replay::replay(replay),
        Command::Merge(merge) => run::merge::merge(merge),
        Command::Schema(schema) => run::schema::schema(schema),
        Command::Explain(explain) => explain::explain(explain),
        Command::Serve(serve) => serve::serve(serve),
        Command::Audit(audit) => audit::audit(audit),
        Command::Ca(ca) => ca::run(ca),
        Command::Man { directory } => man::write(directory),
        Command::Completions { shell } => completions(*shell),
    };
    outcome
        .unwrap_or_else(|Failure { exit, message }| {
            anstream::eprintln!("{message}");
            exit
        })
        .into()
}

fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "sealbank", &mut script);
    let script = String::from_utf8_lossy(&script);
    anstream::print!("{script}");
    Ok(Exit::Success)
}

/// Events go to standard error when `SEALBANK_LOG` asks for them, for example `SEALBANK_LOG=debug`.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SEALBANK_LOG")
        .unwrap_or_else(|_| "off".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
