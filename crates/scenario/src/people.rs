//! Opening a bank's books to the people of a scenario, as the counter and the administrators would.

use std::sync::Arc;

use sealbank_portal::{App, ContractEntry, Failure, UserEntry};
use secrecy::SecretString;

use crate::model::{Person, Presence, Role};
use crate::plan::Scene;

impl Scene {
    /// Registers everybody that the bank knows before the first step: each contract with its administrator, and its
    /// users. Those who are `registered: later` are not among them.
    ///
    /// # Errors
    /// [`Failure`] when the bank refuses somebody, or fails.
    pub async fn register_people(&self, app: &Arc<App>) -> Result<(), Failure> {
        let present = |person: &&Person| person.presence != Presence::Later;
        let people = || self.roster.iter().map(|(_, person)| person).filter(present);
        for person in people() {
            let Role::Administrator { confirmation } = &person.role else {
                continue;
            };
            let administrator = ContractEntry {
                contract: person.contract.clone(),
                name: person.title.clone(),
                pin: SecretString::from(person.pin.expose()),
                confirmation: SecretString::from(confirmation.expose()),
            };
            app.open_contract(administrator.clone()).await?;
            for user in people() {
                let Role::User { user: id, rights } = &user.role else {
                    continue;
                };
                if user.contract != person.contract {
                    continue;
                }
                let entry = UserEntry {
                    user: id.clone(),
                    name: user.title.clone(),
                    pin: SecretString::from(user.pin.expose()),
                    rights: *rights,
                };
                app.register_user(administrator.clone(), entry).await?;
            }
        }
        Ok(())
    }
}
