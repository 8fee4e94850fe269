//! That a journal belongs to one authority: recorded when it is founded, read when it is opened.

use sealbank_journal::{Expected, Journal, Version, commit, replay};
use time::OffsetDateTime;

use crate::CaError;
use crate::hierarchy::Hierarchy;
use crate::lineage::{HierarchyRecord, Lineage};
use crate::record::CaRecord as _;

/// Refuses a journal that holds an authority already.
pub(crate) fn refuse_used(journal: &dyn Journal) -> Result<(), CaError> {
    match journal.version(&HierarchyRecord::stream())? {
        Version::NONE => Ok(()),
        _ => Err(CaError::JournalInUse),
    }
}

/// Records a new authority; somebody faster wins.
pub(crate) fn record_founding(
    journal: &dyn Journal,
    hierarchy: &Hierarchy,
    now: OffsetDateTime,
) -> Result<Lineage, CaError> {
    let lineage = Lineage::found(hierarchy.clone())?;
    commit(
        journal,
        &HierarchyRecord::stream(),
        Expected::Exactly(Version::NONE),
        now,
        vec![HierarchyRecord::Founded(hierarchy.clone())],
    )?;
    Ok(lineage)
}

/// The one authority that a journal holds, with all its generations.
pub(crate) fn recorded_lineage(journal: &dyn Journal) -> Result<Lineage, CaError> {
    let stream = HierarchyRecord::stream();
    let mut recorded = replay::<HierarchyRecord>(journal, |name| *name == stream);
    let (_, first) = recorded.next().ok_or(CaError::NoHierarchy)??;
    let mut lineage = begin(first.into_inner())?;
    for step in recorded {
        lineage.enter(step?.1.into_inner())?;
    }
    Ok(lineage)
}

fn begin(first: HierarchyRecord) -> Result<Lineage, CaError> {
    match first {
        HierarchyRecord::Founded(hierarchy) => Lineage::found(hierarchy),
        HierarchyRecord::Renewed(_) | HierarchyRecord::RootListed(_) => {
            Err(CaError::Inconsistent {
                problem: "the authority changes before it is founded".to_owned(),
            })
        }
    }
}
