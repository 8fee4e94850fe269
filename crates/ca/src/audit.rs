//! The proof, from the journal alone, that the authority kept its order. It shares the records'
//! encoding with the authority, but none of its books.

mod lists;
mod members;

use std::collections::{BTreeMap, BTreeSet};

use sealbank_journal::{Entry, Journal, JournalError, Position, Record};
use time::OffsetDateTime;

use self::lists::LastList;
use crate::bulk::{BlockRecord, CertificateBlock, DraftBlock};
use crate::issuer::AuthorityCertificate;
use crate::lineage::{HierarchyRecord, Lineage};
use crate::record::{Abandonment, CaRecord, STREAMS};
use crate::serial::SerialPrefix;
use crate::{
    Breach, Certificate, Draft, Generation, RefusedRequest, RequestDigest, Revocation,
    RevocationList, Serial,
};

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
    /// Requests that were refused, each with its reason.
    pub refusals: u64,
    /// Revocation lists, each with everything that belongs on it.
    pub lists: u64,
    /// Times without a list: between one list's nextUpdate and the next one's thisUpdate. They break
    /// no rule, since an offline authority may rest; relying parties had no list that held then.
    pub lapses: u64,
    /// Renewals of the issuing authority, each signed by the root.
    pub renewals: u64,
    /// Newer revocation lists of the root.
    pub root_lists: u64,
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
/// The rules: nothing comes before the founding, which happens once; every generation of the
/// issuing authority follows the one before it, with a name and a key of its own, and is signed by
/// the root, whose lists have rising numbers; every serial is drafted once, for the newest
/// generation, or for an OCSP responder of any; every certificate is exactly a draft that was recorded before it and not abandoned,
/// and is signed by its generation; a certificate is revoked at most once; the revocation lists of
/// each generation are numbered without a gap, are signed by it, and name every certificate of that
/// generation that was revoked before them, until one has named it after its end, with date and
/// reason, and no other.
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
    lineage: Option<Lineage>,
    drafts: BTreeMap<Serial, OpenDraft>,
    spent: BTreeMap<Serial, Spent>,
    revoked: BTreeMap<Serial, (Position, Revocation)>,
    /// The last list of each generation.
    last_lists: BTreeMap<Generation, LastList>,
    /// Revoked certificates that a list has named after their end, and that no further list need name.
    named_after_their_end: BTreeSet<Serial>,
    /// Blocks of drafts that are neither signed nor abandoned.
    open_blocks: BTreeMap<Position, DraftBlock>,
    /// For each block of serials, its certificates; none while it has only drafts.
    blocks: BTreeMap<SerialPrefix, SignedBlock>,
}

struct OpenDraft {
    position: Position,
    generation: Generation,
    /// The digests of the request that it answers and of the bytes to be signed.
    request: RequestDigest,
    tbs: RequestDigest,
}

/// What became of a serial.
enum Spent {
    Drafted,
    Abandoned,
    Certified(Signed),
}

/// What is to be known of a certificate.
#[derive(Clone, Copy)]
struct Signed {
    generation: Generation,
    not_after: OffsetDateTime,
}

/// The certificates of a block with their ends, in the order of the serials.
struct SignedBlock {
    generation: Generation,
    ends: Vec<(Serial, OffsetDateTime)>,
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
            HierarchyRecord::STREAM => self.change(read(entry)?),
            Draft::STREAM => self.draft(position, &read(entry)?),
            Certificate::STREAM => self.certificate(&read(entry)?),
            Abandonment::STREAM => self.abandonment(&read(entry)?),
            RefusedRequest::STREAM => self.refusal(&read(entry)?),
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

    fn change(&mut self, record: HierarchyRecord) -> Result<(), Breach> {
        let kind = match &record {
            HierarchyRecord::Renewed(_) => &mut self.seen.renewals,
            HierarchyRecord::RootListed(_) => &mut self.seen.root_lists,
            HierarchyRecord::Founded(hierarchy) => {
                if self.lineage.is_some() {
                    return Err(Breach::FoundedTwice);
                }
                let founded = Lineage::found(hierarchy.clone());
                self.lineage = Some(founded.map_err(Breach::signature)?);
                return Ok(());
            }
        };
        *kind += 1;
        let lineage = self.lineage.as_mut().ok_or(Breach::NotFounded)?;
        lineage.enter(record).map_err(Breach::hierarchy)
    }

    fn draft(&mut self, position: Position, draft: &Draft) -> Result<(), Breach> {
        let serial = *draft.serial();
        let generation = self.drafted_for(draft).map_err(|problem| match problem {
            Breach::Signature(problem) => Breach::ForeignDraft { serial, problem },
            other => other,
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
                generation,
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
        let generation = draft.generation;
        let issuing = self.lineage()?.member(generation);
        let issuing = issuing.ok_or(Breach::NotFounded)?;
        certificate
            .must_be_signed_by(&issuing.authority.key)
            .map_err(Breach::signature)?;
        let signed = Signed {
            generation,
            not_after: certificate.not_after(),
        };
        self.spent.insert(serial, Spent::Certified(signed));
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

    fn refusal(&mut self, _: &RefusedRequest) -> Result<(), Breach> {
        self.lineage()?;
        self.seen.refusals += 1;
        Ok(())
    }

    /// Serials of a block are distinct by their index, so its prefix must be new.
    fn draft_block(&mut self, position: Position, block: DraftBlock) -> Result<(), Breach> {
        let (generation, _) = self.newest()?;
        let (first, last) = block.prefix.bounds();
        let single = self.spent.range(first..=last).next();
        if let Some((serial, _)) = single {
            return Err(Breach::SerialReused { serial: *serial });
        }
        let signed = SignedBlock {
            generation,
            ends: Vec::new(),
        };
        if self.blocks.insert(block.prefix, signed).is_some() {
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
        let (generation, newest) = self.newest()?;
        let ends = members::judge(block, &drafts, newest)?;
        self.seen.certificates += block.len() as u64;
        self.blocks
            .insert(drafts.prefix, SignedBlock { generation, ends });
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
        if self.signed(&serial).is_none() {
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

    fn lineage(&self) -> Result<&Lineage, Breach> {
        self.lineage.as_ref().ok_or(Breach::NotFounded)
    }

    /// Who signs whatever is drafted at this point of the journal.
    fn newest(&self) -> Result<(Generation, &AuthorityCertificate), Breach> {
        let (generation, newest) = self.lineage()?.newest();
        Ok((generation, &newest.authority))
    }

    /// The generation that is to sign a draft: the newest, or for an OCSP responder any, because
    /// each answers for its own (RFC 6960 section 4.2.2.2).
    fn drafted_for(&self, draft: &Draft) -> Result<Generation, Breach> {
        let facts = draft.facts();
        let named = self.lineage()?.find(|identity| facts.is_of(identity));
        if let Some((generation, _)) = named.filter(|_| draft.is_for_responder()) {
            return Ok(generation);
        }
        let (generation, newest) = self.newest()?;
        let ours = facts.must_be_of(&newest.identity);
        ours.map(|()| generation).map_err(Breach::signature)
    }

    /// What is known of a certificate; `None` if there is none with this serial.
    fn signed(&self, serial: &Serial) -> Option<Signed> {
        if let Some(block) = self.blocks.get(&serial.prefix()) {
            let ends = &block.ends;
            let at = ends.binary_search_by_key(serial, |(serial, _)| *serial);
            return Some(Signed {
                generation: block.generation,
                not_after: ends[at.ok()?].1,
            });
        }
        match self.spent.get(serial)? {
            Spent::Certified(signed) => Some(*signed),
            Spent::Drafted | Spent::Abandoned => None,
        }
    }
}

fn read<T: Record>(entry: &Entry) -> Result<T, Breach> {
    T::decode(entry.kind(), entry.payload()).map_err(|problem| Breach::Unreadable {
        problem: problem.to_string(),
    })
}
