//! Who takes part: users and administrators, with where they sit when nothing else is said.

use sealbank_bank::Rights;
use sealbank_workstation::Concealed;

/// The people of one scenario, in the order of `let`, administrators that nobody wrote down at the end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roster(Vec<Person>);

/// One of the people; only [`Roster`] gives them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(usize);

/// A user or an administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What the scenario calls him, without `$`.
    pub name: String,
    /// 契約法人ID.
    pub contract: String,
    /// What he is.
    pub role: Role,
    /// The name on the bank's books.
    pub title: String,
    /// 利用者暗証番号, or 契約法人暗証番号 of an administrator.
    pub pin: Concealed,
    /// Where he sits at the beginning.
    pub place: Place,
    /// Whether the bank knows him from the beginning.
    pub presence: Presence,
}

/// What a person is to the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// 利用者.
    User {
        /// 利用者ID.
        user: String,
        /// What he may do beside his own affairs.
        rights: Rights,
    },
    /// 管理者 of the contract.
    Administrator {
        /// 契約法人確認暗証番号.
        confirmation: Concealed,
    },
}

/// Whether the bank knows a person from the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Registered before the first step.
    FromTheStart,
    /// Not registered, unless a step does it.
    Later,
}

/// A seat: PC, OS profile and browser.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The PC, such as `PC-A`.
    pub pc: String,
    /// The OS profile, such as `OFFICE\keiri01`.
    pub profile: String,
    /// The browser, such as `B1`.
    pub browser: String,
}

/// What is different about a seat.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlaceChange {
    /// Another PC.
    pub pc: Option<String>,
    /// Another OS profile.
    pub profile: Option<String>,
    /// Another browser.
    pub browser: Option<String>,
}

impl Roster {
    /// Enters somebody.
    pub(crate) fn enter(&mut self, person: Person) -> PersonId {
        self.0.push(person);
        PersonId(self.0.len() - 1)
    }

    /// The person.
    #[must_use]
    pub fn person(&self, id: PersonId) -> &Person {
        self.0
            .get(id.0)
            .expect("a PersonId comes from the roster that it is asked of")
    }

    /// Everybody.
    pub fn iter(&self) -> impl Iterator<Item = (PersonId, &Person)> {
        self.0
            .iter()
            .enumerate()
            .map(|(index, person)| (PersonId(index), person))
    }

    /// Who is called that.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<PersonId> {
        self.iter()
            .find(|(_, person)| person.name == name)
            .map(|(id, _)| id)
    }

    /// The administrator of that person's contract.
    #[must_use]
    pub fn administrator_of(&self, id: PersonId) -> Option<PersonId> {
        let contract = &self.person(id).contract;
        self.iter()
            .find(|(_, person)| person.is_administrator() && person.contract == *contract)
            .map(|(id, _)| id)
    }
}

impl Person {
    /// Whether he is an administrator.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        matches!(self.role, Role::Administrator { .. })
    }

    /// 利用者ID; none for an administrator.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match &self.role {
            Role::User { user, .. } => Some(user),
            Role::Administrator { .. } => None,
        }
    }

    /// How reports name him: 利用者ID, or 管理者 with his contract.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.role {
            Role::User { user, .. } => user.clone(),
            Role::Administrator { .. } => format!("管理者 {}", self.contract),
        }
    }
}

impl Place {
    /// This seat with what is different.
    #[must_use]
    pub fn changed(&self, change: &PlaceChange) -> Self {
        let pick = |new: &Option<String>, old: &String| new.as_ref().unwrap_or(old).clone();
        Self {
            pc: pick(&change.pc, &self.pc),
            profile: pick(&change.profile, &self.profile),
            browser: pick(&change.browser, &self.browser),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.pc, self.profile, self.browser)
    }
}
