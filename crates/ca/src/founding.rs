//! That a journal belongs to one authority: recorded when it is founded, read when it is opened.

use sealbank_journal::{Expected, Journal, Version, commit, replay};
use time::OffsetDateTime;

use crate::CaError;
use crate::hierarchy::Hierarchy;
use crate::record::CaRecord as _;

/// Refuses a journal that holds an authority already.
pub(crate) fn refuse_used(journal: &dyn Journal) -> Result<(), CaError> {
    match journal.version(&Hierarchy::stream())? {
        Version::NONE => Ok(()),
        _ => Err(CaError::JournalInUse),
    }
}

/// Records a new authority; somebody faster wins.
pub(crate) fn record_hierarchy(
    journal: &dyn Journal,
    hierarchy: &Hierarchy,
    now: OffsetDateTime,
) -> Result<(), CaError> {
    let expected = Expected::Exactly(Version::NONE);
    commit(
        journal,
        &Hierarchy::stream(),
        expected,
        now,
        vec![hierarchy.clone()],
    )?;
    Ok(())
}

/// The one authority that a journal holds.
pub(crate) fn recorded_hierarchy(journal: &dyn Journal) -> Result<Hierarchy, CaError> {
    let stream = Hierarchy::stream();
    let mut recorded = replay::<Hierarchy>(journal, |name| *name == stream);
    let (_, hierarchy) = recorded.next().ok_or(CaError::NoHierarchy)??;
    if let Some(second) = recorded.next() {
        let (entry, _) = second?;
        let problem = format!("entry {} founds the authority again", entry.position());
        return Err(CaError::Inconsistent { problem });
    }
    Ok(hierarchy.into_inner())
}
