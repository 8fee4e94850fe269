//! The revocation lists of the issuing authority, one row of them for each generation.

use sealbank_journal::{Durable, Expected};
use time::OffsetDateTime;

use crate::authority::one;
use crate::crl::ListForm;
use crate::{Authority, CaError, Generation, Issuer, RevocationList, Validity};

impl Authority {
    /// Signs a new revocation list of the newest generation as of now, with the next number.
    ///
    /// # Errors
    /// Why it was not signed or not recorded; it is not released then.
    pub fn crl(&self, now: OffsetDateTime) -> Result<Durable<RevocationList>, CaError> {
        self.sign_crl(self.issuer(), now)
    }

    /// The same for any generation. Its numbers are its own, and it names what that generation has
    /// signed and no other.
    ///
    /// # Errors
    /// [`CaError::UnknownGeneration`], and as [`crl`](Self::crl).
    pub fn crl_of(
        &self,
        generation: Generation,
        now: OffsetDateTime,
    ) -> Result<Durable<RevocationList>, CaError> {
        self.sign_crl(self.issuer_of(generation)?, now)
    }

    /// Signs a new list of every generation that still needs one, oldest first: of the newest, and
    /// of each whose own certificate still holds. No certificate outlives that of its issuer, so
    /// nobody asks for the others any more.
    ///
    /// # Errors
    /// As [`crl`](Self::crl); the lists that were recorded before are
    /// [`latest_crls`](Self::latest_crls).
    pub fn crls(
        &self,
        now: OffsetDateTime,
    ) -> Result<Vec<(Generation, Durable<RevocationList>)>, CaError> {
        let newest = self.generation();
        self.generations()
            .filter(|(generation, issuer)| {
                *generation == newest || now <= issuer.validity().not_after()
            })
            .map(|(generation, issuer)| Ok((generation, self.sign_crl(issuer, now)?)))
            .collect()
    }

    /// The latest revocation list of the newest generation that was recorded.
    pub fn latest_crl(&self) -> Option<Durable<RevocationList>> {
        self.latest_list(self.issuer())
    }

    /// The latest list of each generation that has any, oldest first.
    pub fn latest_crls(&self) -> Vec<(Generation, Durable<RevocationList>)> {
        self.generations()
            .filter_map(|(generation, issuer)| Some((generation, self.latest_list(issuer)?)))
            .collect()
    }

    fn latest_list(&self, issuer: &Issuer) -> Option<Durable<RevocationList>> {
        self.read_books().latest_list(issuer.identity()).cloned()
    }

    fn sign_crl(
        &self,
        issuer: &Issuer,
        now: OffsetDateTime,
    ) -> Result<Durable<RevocationList>, CaError> {
        let _deciding = self.decide();
        let period = self.list_period(now)?;
        let (form, expected) = {
            let (books, identity) = (self.read_books(), issuer.identity());
            let number = books.next_number(identity);
            let number = number.ok_or_else(|| CaError::Inconsistent {
                problem: "the numbers of the revocation lists are used up".to_owned(),
            })?;
            let form = ListForm {
                issuer: identity,
                number,
                this_update: period.not_before(),
                next_update: period.not_after(),
                revoked: books.to_be_listed(identity, period.not_before()),
            };
            (form, Expected::Exactly(books.list_version()))
        };
        let list = issuer.sign_list(&form)?;
        let recorded = one(self.record(expected, now, vec![list])?);
        self.write_books().enter_list(recorded.clone());
        Ok(recorded)
    }

    /// thisUpdate and nextUpdate of a list as of now.
    fn list_period(&self, now: OffsetDateTime) -> Result<Validity, CaError> {
        let next = now.checked_add(self.lineage().list_lifetime());
        Validity::new(now, next.ok_or(CaError::Clock { now })?)
    }
}
