//! The proof, from the journal alone, that the authority kept its order. It shares the records'
//! encoding with the authority, but none of its books.

mod members;

use std::collections::BTreeMap;

use sealbank_journal::{Entry, Journal, JournalError, Position, Record};
use time::OffsetDateTime;

use crate::bulk::{BlockRecord, CertificateBlock, DraftBlock};
use crate::hierarchy::Hierarchy;
use crate::issuer::AuthorityCertificate;
use crate::record::{Abandonment, CaRecord, STREAMS};
use crate::serial::SerialPrefix;
use crate::{Breach, Certificate, Draft, RequestDigest, Revocation, RevocationList, Serial};

/// How many entries are fetched at a time: few enough that blocks of certificates fit in memory.
const BLOCK: usize = 64;

/// What an audit without a break has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CaAudit {
    /// Entries of any stream.
    pub entries: u64,
    /// Drafts, each with a serial of its own.
    pub drafts: u64,
    /// Certificates, each exactly its recorded draft, signed by the issuing authority.
    pub certificates: u64,
    /// Drafts that were given up.
    pub abandoned: u64,
    /// Certificates that were revoked.
    pub revocations: u64,
    /// Requests of bulk runs that were refused, each with its reason.
    pub refusals: u64,
    /// Revocation lists, each with everything that belongs on it.
    pub lists: u64,
}

/// The first thing that is not in order.
#[derive(Debug, thiserror::Error)]
pub enum AuditBreak {
    /// The journal itself is broken, or cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An entry that breaks a rule.
    #[error("entry {position}: {breach}")]
    Entry {
        /// The entry.
        position: Position,
        /// The rule.
        breach: Box<Breach>,
    },
}

impl AuditBreak {
    /// The entry that breaks a rule; the journal's own errors name theirs in their message.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Journal(_) => None,
            Self::Entry { position, .. } => Some(*position),
        }
    }
}

/// Audits a whole journal: its chain, and the authority's rules over it.
///
/// # Errors
/// [`AuditBreak`] names the first entry that breaks a rule.
pub fn audit_journal(journal: &dyn Journal) -> Result<CaAudit, AuditBreak> {
    let mut auditor = Auditor::default();
    let mut after = Position::START;
    loop {
        let block = journal.read(after, BLOCK)?;
        let Some(last) = block.last() else {
            return Ok(auditor.seen);
        };
        after = last.position();
        for entry in &block {
            auditor.see(entry)?;
        }
    }
}

/// Audits entries in their order. Entries of other streams than the authority's are counted and
/// passed over. That the chain is whole is for whoever reads the entries to check.
///
/// # Errors
/// [`AuditBreak`] names the first entry that breaks a rule.
///
/// The rules: nothing comes before the founding, which happens once; every serial is drafted
/// once; every certificate is exactly a draft that was recorded before it and not abandoned, and
/// is signed by the issuing authority; a certificate is revoked at most once; revocation lists
/// have rising numbers, are signed by the issuing authority, and name every certificate that was
/// revoked before them and has not expired, with date and reason, and no other.
pub fn audit(
    entries: impl IntoIterator<Item = Result<Entry, JournalError>>,
) -> Result<CaAudit, AuditBreak> {
    let mut auditor = Auditor::default();
    for entry in entries {
        auditor.see(&entry?)?;
    }
    Ok(auditor.seen)
}

#[derive(Default)]
struct Auditor {
    seen: CaAudit,
    issuing: Option<AuthorityCertificate>,
    drafts: BTreeMap<Serial, OpenDraft>,
    spent: BTreeMap<Serial, Spent>,
    revoked: BTreeMap<Serial, (Position, Revocation)>,
    last_number: u64,
    /// Blocks of drafts that are neither signed nor abandoned.
    open_blocks: BTreeMap<Position, DraftBlock>,
    /// For each block of serials, its certificates and when they end; none while it has only drafts.
    blocks: BTreeMap<SerialPrefix, Vec<(Serial, OffsetDateTime)>>,
}

struct OpenDraft {
    position: Position,
    /// The digests of the request that it answers and of the bytes to be signed.
    request: RequestDigest,
    tbs: RequestDigest,
}

/// What became of a serial.
enum Spent {
    Drafted,
    Abandoned,
    Certified { not_after: OffsetDateTime },
}

impl Auditor {
    fn see(&mut self, entry: &Entry) -> Result<(), AuditBreak> {
        self.seen.entries += 1;
        if !entry.stream().as_str().starts_with(STREAMS) {
            return Ok(());
        }
        self.judge(entry).map_err(|breach| AuditBreak::Entry {
            position: entry.position(),
            breach: Box::new(breach),
        })
    }

    fn judge(&mut self, entry: &Entry) -> Result<(), Breach> {
        let position = entry.position();
        match entry.stream().as_str() {
            Hierarchy::STREAM => self.found(&read(entry)?),
            Draft::STREAM => self.draft(position, &read(entry)?),
            Certificate::STREAM => self.certificate(&read(entry)?),
            Abandonment::STREAM => self.abandonment(&read(entry)?),
            Revocation::STREAM => self.revocation(position, read(entry)?),
            RevocationList::STREAM => self.list(&read(entry)?),
            BlockRecord::STREAM => match read(entry)? {
                BlockRecord::Drafts(block) => self.draft_block(position, block),
                BlockRecord::Certificates(block) => self.certificate_block(&block),
                BlockRecord::Abandoned { drafts } => self.abandoned_block(drafts),
            },
            stream => Err(Breach::UnknownStream {
                stream: stream.to_owned(),
            }),
        }
    }

    fn found(&mut self, hierarchy: &Hierarchy) -> Result<(), Breach> {
        if self.issuing.is_some() {
            return Err(Breach::FoundedTwice);
        }
        self.issuing = Some(hierarchy.check().map_err(Breach::signature)?);
        Ok(())
    }

    fn draft(&mut self, position: Position, draft: &Draft) -> Result<(), Breach> {
        let serial = *draft.serial();
        let issuing = &self.issuing()?.identity;
        draft
            .facts()
            .must_be_of(issuing)
            .map_err(|problem| Breach::ForeignDraft {
                serial,
                problem: Box::new(problem),
            })?;
        if self.blocks.contains_key(&serial.prefix())
            || self.spent.insert(serial, Spent::Drafted).is_some()
        {
            return Err(Breach::SerialReused { serial });
        }
        let (request, tbs) = (*draft.request(), RequestDigest::of(draft.tbs_der()));
        self.drafts.insert(
            serial,
            OpenDraft {
                position,
                request,
                tbs,
            },
        );
        self.seen.drafts += 1;
        Ok(())
    }

    fn certificate(&mut self, certificate: &Certificate) -> Result<(), Breach> {
        let serial = *certificate.serial();
        let draft = self
            .drafts
            .remove(&serial)
            .ok_or(Breach::NoOpenDraft { serial })?;
        let tbs = certificate.tbs_digest().map_err(Breach::signature)?;
        if tbs != draft.tbs || *certificate.request() != draft.request {
            return Err(Breach::NotTheDraft {
                serial,
                draft: draft.position,
            });
        }
        certificate
            .must_be_signed_by(&self.issuing()?.key)
            .map_err(Breach::signature)?;
        self.spent.insert(
            serial,
            Spent::Certified {
                not_after: certificate.not_after(),
            },
        );
        self.seen.certificates += 1;
        Ok(())
    }

    fn abandonment(&mut self, abandoned: &Abandonment) -> Result<(), Breach> {
        let serial = abandoned.serial;
        self.drafts
            .remove(&serial)
            .ok_or(Breach::NoOpenDraft { serial })?;
        self.spent.insert(serial, Spent::Abandoned);
        self.seen.abandoned += 1;
        Ok(())
    }

    /// Serials of a block are distinct by their index, so its prefix must be new.
    fn draft_block(&mut self, position: Position, block: DraftBlock) -> Result<(), Breach> {
        self.issuing()?;
        let (first, last) = block.prefix.bounds();
        let single = self.spent.range(first..=last).next();
        if let Some((serial, _)) = single {
            return Err(Breach::SerialReused { serial: *serial });
        }
        if self.blocks.insert(block.prefix, Vec::new()).is_some() {
            return Err(Breach::SerialReused { serial: first });
        }
        self.seen.drafts += block.drafts.len() as u64;
        self.seen.refusals += block.refusals.len() as u64;
        if !block.drafts.is_empty() {
            self.open_blocks.insert(position, block);
        }
        Ok(())
    }

    /// Each certificate must be the draft of its line, byte for byte by its digest, and stand in
    /// its place: no draft is signed twice, none by another's certificate.
    fn certificate_block(&mut self, block: &CertificateBlock) -> Result<(), Breach> {
        let position = block.drafts;
        let drafts = self
            .open_blocks
            .remove(&position)
            .ok_or(Breach::NoOpenBlock { drafts: position })?;
        if block.len() != drafts.drafts.len() {
            return Err(Breach::BlockLength {
                drafts: position,
                expected: drafts.drafts.len(),
                found: block.len(),
            });
        }
        let ends = members::judge(block, &drafts, self.issuing()?)?;
        self.seen.certificates += block.len() as u64;
        self.blocks.insert(drafts.prefix, ends);
        Ok(())
    }

    fn abandoned_block(&mut self, drafts: Position) -> Result<(), Breach> {
        let block = self.open_blocks.remove(&drafts);
        let block = block.ok_or(Breach::NoOpenBlock { drafts })?;
        self.seen.abandoned += block.drafts.len() as u64;
        Ok(())
    }

    fn revocation(&mut self, position: Position, revocation: Revocation) -> Result<(), Breach> {
        let serial = *revocation.serial();
        if self.not_after(&serial).is_none() {
            return Err(Breach::RevokedWithoutCertificate { serial });
        }
        if self
            .revoked
            .insert(serial, (position, revocation))
            .is_some()
        {
            return Err(Breach::RevokedTwice { serial });
        }
        self.seen.revocations += 1;
        Ok(())
    }

    fn list(&mut self, list: &RevocationList) -> Result<(), Breach> {
        let issuing = self.issuing()?;
        list.must_be_signed_by(&issuing.identity, &issuing.key)
            .map_err(Breach::signature)?;
        let (found, last) = (list.number(), self.last_number);
        if found <= last {
            return Err(Breach::NumberNotAbove { found, last });
        }
        let (this_update, next_update) = (list.this_update(), list.next_update());
        if this_update >= next_update {
            return Err(Breach::ListPeriod {
                this_update,
                next_update,
            });
        }
        self.check_entries(list)?;
        self.last_number = found;
        self.seen.lists += 1;
        Ok(())
    }

    fn check_entries(&self, list: &RevocationList) -> Result<(), Breach> {
        let mut listed = BTreeMap::new();
        for entry in list.revoked() {
            let serial = entry.serial;
            let as_revoked = self.revoked.get(&serial).is_some_and(|(_, revocation)| {
                revocation.reason() == entry.reason && revocation.revoked_at() == entry.revoked_at
            });
            if !as_revoked || listed.insert(serial, ()).is_some() {
                return Err(Breach::ListedWrongly { serial });
            }
        }
        let missing = self.revoked.iter().find(|(serial, _)| {
            let holds = self
                .not_after(serial)
                .is_some_and(|end| end >= list.this_update());
            holds && !listed.contains_key(serial)
        });
        match missing {
            None => Ok(()),
            Some((serial, (revocation, _))) => Err(Breach::NotListed {
                serial: *serial,
                revocation: *revocation,
            }),
        }
    }

    fn issuing(&self) -> Result<&AuthorityCertificate, Breach> {
        self.issuing.as_ref().ok_or(Breach::NotFounded)
    }

    /// The end of a certificate; `None` if there is none with this serial.
    fn not_after(&self, serial: &Serial) -> Option<OffsetDateTime> {
        if let Some(block) = self.blocks.get(&serial.prefix()) {
            let at = block
                .binary_search_by_key(serial, |(serial, _)| *serial)
                .ok()?;
            return Some(block[at].1);
        }
        match self.spent.get(serial)? {
            Spent::Certified { not_after } => Some(*not_after),
            Spent::Drafted | Spent::Abandoned => None,
        }
    }
}

fn read<T: Record>(entry: &Entry) -> Result<T, Breach> {
    T::decode(entry.kind(), entry.payload()).map_err(|problem| Breach::Unreadable {
        problem: problem.to_string(),
    })
}
