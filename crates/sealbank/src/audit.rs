//! `sealbank audit`: what the journal alone proves.
//!
//! Three readings, each stopping at the first entry that breaks: the chain of hashes, the CA's order (every
//! signature preceded by its recorded draft, serials unique, lists complete), and the bank's rules (every event fits
//! the books and arrives at the facts it says). Last, both sides are laid beside each other: what the bank accepts, the
//! CA has signed, and what the bank revoked is revoked at the CA.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sealbank_bank::{Bank, BankProfile, CertificateState, Settings};
use sealbank_ca::{CaAudit, Certificate, Revocation, audit_journal};
use sealbank_journal::{Journal, Record, SqliteJournal, StreamName, replay, verify};
use sealbank_portal::BankEvent;
use serde_json::json;

use crate::args::AuditArguments;
use crate::exit::{Exit, Failure};
use crate::serve::JOURNAL_FILE;

/// What was found in order.
struct Proof {
    entries: u64,
    head: String,
    ca: CaAudit,
    events: u64,
    contracts: usize,
    accepted: usize,
    /// Revoked at the bank and not yet at the CA: told, since a crash may lie between the two.
    pending_revocations: Vec<String>,
}

/// Verifies the journal that `arguments` name.
pub(crate) fn audit(arguments: &AuditArguments) -> Result<Exit, Failure> {
    let path = journal_file(&arguments.path);
    if !path.exists() {
        return Err(Failure::bad_input(format!(
            "error: there is no journal at {}\nhelp: name the directory of `sealbank serve --data`, or the journal's file",
            path.display()
        )));
    }
    let journal = SqliteJournal::open_read_only(&path).map_err(|error| Failure {
        exit: Exit::Failed,
        message: format!("error: {error}"),
    })?;
    match prove(&journal) {
        Ok(proof) => {
            tell(&proof, &path, arguments.json);
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

fn journal_file(path: &Path) -> PathBuf {
    if path.is_dir() {
        path.join(JOURNAL_FILE)
    } else {
        path.to_owned()
    }
}

fn prove(journal: &dyn Journal) -> Result<Proof, String> {
    let verified = verify(journal).map_err(|error| error.to_string())?;
    let ca =
        audit_journal(journal).map_err(|found| format!("the CA's order is broken: {found}"))?;
    let (bank, events) = replayed(journal)?;
    let (accepted, pending_revocations) = compared(&bank, journal)?;
    Ok(Proof {
        entries: verified.entries,
        head: verified.head.digest.to_string(),
        ca,
        events,
        contracts: bank.contracts().count(),
        accepted,
        pending_revocations,
    })
}

/// The bank's books as the journal tells them, checked event by event (V25).
fn replayed(journal: &dyn Journal) -> Result<(Bank, u64), String> {
    let mut bank = Bank::new(Settings::default(), BankProfile::default());
    let mut events = 0;
    for step in replay::<BankEvent>(journal, BankEvent::is_in) {
        let (entry, event) = step.map_err(|error| error.to_string())?;
        let broken = |why: String| {
            format!(
                "entry {}: the bank's rules are broken: {why}",
                entry.position()
            )
        };
        let stream =
            BankEvent::stream(&event.0.contract).map_err(|error| broken(error.to_string()))?;
        if stream != *entry.stream() {
            return Err(broken(format!(
                "an event of contract {} stands in stream {}",
                event.0.contract,
                entry.stream()
            )));
        }
        bank.apply(&event.0)
            .map_err(|misfit| broken(misfit.to_string()))?;
        events += 1;
    }
    Ok((bank, events))
}

/// Lays the bank's books beside the CA's records.
fn compared(bank: &Bank, journal: &dyn Journal) -> Result<(usize, Vec<String>), String> {
    let signed = serials(journal, Certificate::is_in, |certificate: &Certificate| {
        certificate.serial().to_string()
    })?;
    let revoked = serials(journal, Revocation::is_in, |revocation: &Revocation| {
        revocation.serial().to_string()
    })?;
    let mut accepted = 0;
    let mut pending = Vec::new();
    for (subscriber, member) in bank.subscribers() {
        for (generation, record) in &member.certificates {
            let Some(facts) = &record.facts else { continue };
            let serial = facts.serial.to_string();
            if !signed.contains(&serial) {
                return Err(format!(
                    "{subscriber}, generation {generation}: the bank has serial {serial} on its books, but the CA never signed it"
                ));
            }
            accepted += usize::from(record.state.is_accepted());
            if matches!(record.state, CertificateState::Revoked(_)) && !revoked.contains(&serial) {
                pending.push(serial);
            }
        }
    }
    Ok((accepted, pending))
}

fn serials<T: Record>(
    journal: &dyn Journal,
    is_in: fn(&StreamName) -> bool,
    serial: impl Fn(&T) -> String,
) -> Result<BTreeSet<String>, String> {
    replay::<T>(journal, is_in)
        .map(|step| {
            step.map(|(_, record)| serial(&record))
                .map_err(|error| error.to_string())
        })
        .collect()
}

fn tell(proof: &Proof, path: &Path, as_json: bool) {
    if as_json {
        let found = json!({
            "journal": path,
            "sound": true,
            "entries": proof.entries,
            "head": proof.head,
            "ca": {
                "drafts": proof.ca.drafts,
                "certificates": proof.ca.certificates,
                "abandoned": proof.ca.abandoned,
                "revocations": proof.ca.revocations,
                "lists": proof.ca.lists,
            },
            "bank": { "events": proof.events, "contracts": proof.contracts, "accepted-certificates": proof.accepted },
            "pending-revocations": proof.pending_revocations,
        });
        anstream::println!("{found:#}");
        return;
    }
    let ca = &proof.ca;
    anstream::println!("{}: sound", path.display());
    anstream::println!("  chain  {} entries, head {}", proof.entries, proof.head);
    anstream::println!(
        "  CA     {} drafts: {} certificates, {} abandoned; {} revocations, {} lists",
        ca.drafts,
        ca.certificates,
        ca.abandoned,
        ca.revocations,
        ca.lists
    );
    anstream::println!(
        "  bank   {} events, {} contracts, {} certificates accepted",
        proof.events,
        proof.contracts,
        proof.accepted
    );
    for serial in &proof.pending_revocations {
        anstream::println!(
            "  note   serial {serial} is revoked at the bank and not yet at the CA; the next start of the bank does it"
        );
    }
}
