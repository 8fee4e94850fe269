//! What the audit demands of a revocation list.

use std::collections::BTreeMap;

use super::Auditor;
use crate::{Breach, Generation, RevocationList, Serial};

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
        let found = list.number();
        let last = self.last_numbers.get(&generation).copied().unwrap_or(0);
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
        self.check_entries(generation, list)?;
        self.last_numbers.insert(generation, found);
        self.seen.lists += 1;
        Ok(())
    }

    fn check_entries(&self, generation: Generation, list: &RevocationList) -> Result<(), Breach> {
        let signed = |serial: &Serial| {
            self.signed(serial)
                .filter(|signed| signed.generation == generation)
        };
        let mut listed = BTreeMap::new();
        for entry in list.revoked() {
            let serial = entry.serial;
            let as_revoked = self.revoked.get(&serial).is_some_and(|(_, revocation)| {
                revocation.reason() == entry.reason && revocation.revoked_at() == entry.revoked_at
            });
            let ours = signed(&serial).is_some();
            if !ours || !as_revoked || listed.insert(serial, ()).is_some() {
                return Err(Breach::ListedWrongly { serial });
            }
        }
        let missing = self.revoked.iter().find(|(serial, _)| {
            let holds = signed(serial).is_some_and(|it| it.not_after >= list.this_update());
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
}
