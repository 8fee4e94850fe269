//! What the audit demands of a revocation list.

use std::collections::BTreeSet;

use time::OffsetDateTime;

use super::Auditor;
use crate::{Breach, Generation, RevocationList, Serial};

/// What the next list of a generation follows.
#[derive(Clone, Copy)]
pub(super) struct LastList {
    number: u64,
    next_update: OffsetDateTime,
}

impl Auditor {
    /// A list is judged by what its generation has signed.
    pub(super) fn list(&mut self, list: &RevocationList) -> Result<(), Breach> {
        let named = self.lineage()?.find(|identity| list.names(identity));
        let (generation, issuing) = match named {
            Some(named) => named,
            None => self.newest()?,
        };
        list.must_be_signed_by(&issuing.identity, &issuing.key)
            .map_err(Breach::signature)?;
        let last = self.last_lists.get(&generation).copied();
        let (found, expected) = (list.number(), last.map_or(1, |last| last.number + 1));
        if found != expected {
            return Err(Breach::NumberOutOfTurn { found, expected });
        }
        let (this_update, next_update) = (list.this_update(), list.next_update());
        if this_update >= next_update {
            return Err(Breach::ListPeriod {
                this_update,
                next_update,
            });
        }
        self.check_entries(generation, list)?;
        if last.is_some_and(|last| last.next_update < this_update) {
            self.seen.lapses += 1;
        }
        let latest = LastList {
            number: found,
            next_update,
        };
        self.last_lists.insert(generation, latest);
        self.seen.lists += 1;
        Ok(())
    }

    /// The list names what was revoked before it, until it has named it once after its end (RFC 5280
    /// section 3.3).
    fn check_entries(
        &mut self,
        generation: Generation,
        list: &RevocationList,
    ) -> Result<(), Breach> {
        let signed = |serial: &Serial| {
            self.signed(serial)
                .filter(|signed| signed.generation == generation)
        };
        let mut listed = BTreeSet::new();
        for entry in list.revoked() {
            let serial = entry.serial;
            let as_revoked = self.revoked.get(&serial).is_some_and(|(_, revocation)| {
                revocation.reason() == entry.reason && revocation.revoked_at() == entry.revoked_at
            });
            let ours = signed(&serial).is_some();
            if !ours || !as_revoked || !listed.insert(serial) {
                return Err(Breach::ListedWrongly { serial });
            }
        }
        let missing = self.revoked.iter().find(|(serial, _)| {
            signed(serial).is_some()
                && !listed.contains(*serial)
                && !self.named_after_their_end.contains(*serial)
        });
        if let Some((serial, (revocation, _))) = missing {
            return Err(Breach::NotListed {
                serial: *serial,
                revocation: *revocation,
            });
        }
        let ended = |serial: &Serial| {
            self.signed(serial)
                .is_some_and(|it| it.not_after < list.this_update())
        };
        let ended: Vec<Serial> = listed.into_iter().filter(ended).collect();
        self.named_after_their_end.extend(ended);
        Ok(())
    }
}
