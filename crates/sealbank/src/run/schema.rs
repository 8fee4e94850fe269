//! `sealbank schema`: the language of scenarios as JSON Schema, for editors that complete and explain.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::reports::{heard, unwritten};
use crate::exit::{Exit, Failure};

/// `sealbank schema`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank schema --out schema.json             beside one's own scenarios
  sealbank schema | jq '.\"$defs\".step.properties | keys'
                                                the verbs there are

An editor with YAML's language server completes and explains in a file that begins with
  # yaml-language-server: $schema=schema.json
The path is relative to that file.")]
pub(crate) struct SchemaArguments {
    /// Write it to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Writes the schema where `arguments` want it.
pub(crate) fn schema(arguments: &SchemaArguments) -> Result<Exit, Failure> {
    let schema = format!("{:#}\n", sealbank_scenario::schema());
    let (name, written) = match &arguments.out {
        Some(path) => (path.display().to_string(), std::fs::write(path, schema)),
        None => {
            let written = anstream::stdout().write_all(schema.as_bytes());
            ("standard output".to_owned(), heard(written))
        }
    };
    written.map_err(|error| unwritten(&name, &error))?;
    Ok(Exit::Success)
}
