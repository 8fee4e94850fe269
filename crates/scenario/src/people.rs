//! What a bank begins with for the people of a scenario.

use std::sync::Arc;

use sealbank_portal::{App, ContractEntry, Customer, Failure, Opening, UserEntry};
use secrecy::SecretString;

use crate::model::{Person, Presence, Role};
use crate::plan::Scene;

impl Scene {
    /// The bank that stands before the first step: its rules, its clock, and everybody that it knows, each contract
    /// with its administrator and its users. Those who are `registered: later` are not among them.
    #[must_use]
    pub fn opening(&self) -> Opening {
        Opening {
            start: self.start,
            settings: self.settings.clone(),
            profile: self.profile.clone(),
            customers: self.customers(),
        }
    }

    /// Registers everybody that the bank knows before the first step, as the counter and the administrators would.
    ///
    /// # Errors
    /// [`Failure`] when the bank refuses somebody, or fails.
    pub async fn register_people(&self, app: &Arc<App>) -> Result<(), Failure> {
        self.opening().register(app).await
    }

    fn customers(&self) -> Vec<Customer> {
        let present = |person: &&Person| person.presence != Presence::Later;
        let people = || self.roster.iter().map(|(_, person)| person).filter(present);
        let customer = |person: &Person| {
            let Role::Administrator { confirmation } = &person.role else {
                return None;
            };
            let users = people().filter(|user| user.contract == person.contract);
            Some(Customer {
                contract: ContractEntry {
                    contract: person.contract.clone(),
                    name: person.title.clone(),
                    pin: SecretString::from(person.pin.expose()),
                    confirmation: SecretString::from(confirmation.expose()),
                },
                users: users.filter_map(user_entry).collect(),
            })
        };
        people().filter_map(customer).collect()
    }
}

fn user_entry(person: &Person) -> Option<UserEntry> {
    let Role::User { user, rights } = &person.role else {
        return None;
    };
    Some(UserEntry {
        user: user.clone(),
        name: person.title.clone(),
        pin: SecretString::from(person.pin.expose()),
        rights: *rights,
    })
}
