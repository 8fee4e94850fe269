//! `sealbank ca audit`: the CA's order, proved from the journal alone.

mod walk;

use std::path::Path;
use std::time::{Duration, Instant};

use sealbank_ca::{AuditBreak, CaAudit};
use sealbank_journal::{Journal as _, JournalError, SqliteJournal};
use serde_json::{Value, json};

use self::walk::Walk;
use super::args::AuditArguments;
use super::house::journal_file;
use crate::exit::{Exit, Failure};

/// What was found in order.
struct Proof {
    seen: CaAudit,
    /// The digest of the last entry, which stands for all of them.
    head: String,
    took: Duration,
}

/// Audits the journal, and names the first entry that breaks a rule.
pub(super) fn audit(arguments: &AuditArguments) -> Result<Exit, Failure> {
    let path = journal_file(&arguments.place.dir)?;
    match prove(&path) {
        Ok(proof) => {
            tell(arguments, &path, &proof);
            Ok(Exit::Success)
        }
        Err(AuditBreak::Journal(error)) if !is_broken(&error) => {
            Err(Failure::internal(format!("error: {error}")))
        }
        Err(found) if arguments.json => {
            let entry = found.position().map(sealbank_journal::Position::get);
            let found = json!({ "journal": path, "sound": false, "entry": entry, "break": found.to_string() });
            anstream::println!("{found:#}");
            Ok(Exit::Failed)
        }
        Err(found) => Err(Failure {
            exit: Exit::Failed,
            message: format!("{}: NOT sound\nerror: {found}", path.display()),
        }),
    }
}

/// Whether the journal is to blame, and not the program or the disk.
fn is_broken(error: &JournalError) -> bool {
    !matches!(
        error,
        JournalError::NewerSchema { .. } | JournalError::Storage { .. }
    )
}

fn prove(path: &Path) -> Result<Proof, AuditBreak> {
    let began = Instant::now();
    let journal = SqliteJournal::open_read_only(path)?;
    let head = journal.head()?;
    let seen = sealbank_ca::audit(Walk::over(&journal, head.position, began))?;
    Ok(Proof {
        seen,
        head: head.digest.to_string(),
        took: began.elapsed(),
    })
}

fn tell(arguments: &AuditArguments, path: &Path, proof: &Proof) {
    if arguments.json {
        let facts = facts(path, proof);
        anstream::println!("{facts:#}");
    } else {
        say(path, proof);
    }
}

fn facts(path: &Path, proof: &Proof) -> Value {
    let seen = &proof.seen;
    json!({
        "journal": path,
        "sound": true,
        "entries": seen.entries,
        "head": proof.head,
        "drafts": seen.drafts,
        "certificates": seen.certificates,
        "abandoned": seen.abandoned,
        "refusals": seen.refusals,
        "revocations": seen.revocations,
        "lists": seen.lists,
        "lapses": seen.lapses,
        "renewals": seen.renewals,
        "root-lists": seen.root_lists,
        "seconds": proof.took.as_secs_f64(),
        "certificates-per-second": rate(seen.certificates, proof.took),
    })
}

fn say(path: &Path, proof: &Proof) {
    let seen = &proof.seen;
    anstream::println!("{}: sound", path.display());
    anstream::println!("  chain  {} entries, head {}", seen.entries, proof.head);
    anstream::println!(
        "  CA     {} drafts: {} certificates, {} abandoned; {} revocations, {} lists",
        seen.drafts,
        seen.certificates,
        seen.abandoned,
        seen.revocations,
        seen.lists
    );
    let rest = [
        (seen.refusals, "requests refused, each with its reason"),
        (seen.renewals, "renewals of the issuing CA by the root"),
        (seen.root_lists, "newer lists of the root"),
        (
            seen.lapses,
            "times without a list that held: one ended before the next was made",
        ),
    ];
    for (count, what) in rest.into_iter().filter(|(count, _)| *count > 0) {
        anstream::println!("         {count} {what}");
    }
    let (seconds, rate) = (
        proof.took.as_secs_f64(),
        rate(seen.certificates, proof.took),
    );
    anstream::println!("  audited in {seconds:.1} s, {rate} certificates/s");
}

/// So many a second.
fn rate(count: u64, took: Duration) -> u64 {
    let rate = u128::from(count) * 1_000_000 / took.as_micros().max(1);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_whole_number_for_any_time() {
        assert_eq!(rate(3_000, Duration::from_millis(1_500)), 2_000);
        assert_eq!(rate(5, Duration::ZERO), 5_000_000);
        assert_eq!(rate(u64::MAX, Duration::ZERO), u64::MAX);
    }
}
