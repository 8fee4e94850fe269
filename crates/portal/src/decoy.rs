//! Nobody's PIN: checked where there is nobody, so that the time of an answer does not tell who is registered.
//!
//! The bank gives an unknown id and a wrong PIN the same code and text (case 4); hashing is what would still tell.

use sealbank_bank::{Answer, Command, Pin, PinCost, PinHash, Refusal};

use crate::error::{Failure, PortalError};
use crate::secret::random_bytes;

/// A PIN that nobody has.
#[derive(Debug)]
pub(crate) struct Decoy(PinHash);

impl Decoy {
    pub(crate) fn new(cost: PinCost) -> Result<Self, PortalError> {
        let nobodys = PinHash::of_nobody(random_bytes()?, random_bytes()?, cost)?;
        Ok(Self(nobodys))
    }

    /// Checks the command's PIN in vain, where the bank had nobody's to check it against.
    pub(crate) fn wait(&self, command: &Command, result: &Result<Answer, Failure>) {
        let (Command::BeginRetrieval { pin, .. } | Command::LogOn { pin, .. }) = command else {
            return;
        };
        let nobody = matches!(
            result,
            Err(Failure::Refused(
                Refusal::UnknownContract
                    | Refusal::UnknownUser
                    | Refusal::Deregistered
                    | Refusal::ContractCancelled
            ))
        );
        if nobody {
            self.check(pin);
        }
    }

    /// Takes as long as checking somebody's PIN.
    pub(crate) fn check(&self, pin: &Pin) {
        let fits = self.0.verify(pin);
        debug_assert!(!fits, "nobody knows the decoy");
    }
}
