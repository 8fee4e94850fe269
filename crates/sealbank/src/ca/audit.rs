//! `sealbank ca audit`: the CA's order, proved from the journal alone.

use std::path::Path;
use std::time::{Duration, Instant};

use sealbank_ca::{CaAudit, audit_journal};
use sealbank_journal::{Journal as _, SqliteJournal};
use serde_json::json;

use super::args::AuditArguments;
use super::house::journal_file;
use crate::exit::{Exit, Failure};

/// Audits the journal, and names the first entry that breaks a rule.
pub(super) fn audit(arguments: &AuditArguments) -> Result<Exit, Failure> {
    let path = journal_file(&arguments.place)?;
    let began = Instant::now();
    match prove(&path) {
        Ok((proof, head)) => {
            tell(arguments, &path, &proof, &head, began.elapsed());
            Ok(Exit::Success)
        }
        Err(found) if arguments.json => {
            let found = json!({ "journal": path, "sound": false, "break": found });
            anstream::println!("{found:#}");
            Ok(Exit::Failed)
        }
        Err(found) => Err(Failure {
            exit: Exit::Failed,
            message: format!("{}: NOT sound\nerror: {found}", path.display()),
        }),
    }
}

fn prove(path: &Path) -> Result<(CaAudit, String), String> {
    let journal = SqliteJournal::open_read_only(path).map_err(|error| error.to_string())?;
    let proof = audit_journal(&journal).map_err(|found| found.to_string())?;
    let head = journal.head().map_err(|error| error.to_string())?;
    Ok((proof, head.digest.to_string()))
}

fn tell(arguments: &AuditArguments, path: &Path, proof: &CaAudit, head: &str, took: Duration) {
    let seconds = took.as_secs_f64();
    if arguments.json {
        let found = json!({
            "journal": path,
            "sound": true,
            "entries": proof.entries,
            "head": head,
            "drafts": proof.drafts,
            "certificates": proof.certificates,
            "abandoned": proof.abandoned,
            "revocations": proof.revocations,
            "lists": proof.lists,
            "seconds": seconds,
        });
        anstream::println!("{found:#}");
        return;
    }
    anstream::println!("{}: sound", path.display());
    anstream::println!("  chain  {} entries, head {head}", proof.entries);
    anstream::println!(
        "  CA     {} drafts: {} certificates, {} abandoned; {} revocations, {} lists",
        proof.drafts,
        proof.certificates,
        proof.abandoned,
        proof.revocations,
        proof.lists
    );
    anstream::println!("  audited in {seconds:.1} s");
}
