//! [`Pc`]: one computer with its OS users, its clock's error and its surroundings.
//!
//! A pure model: nothing here touches the network. `desk.rs` lets a person work at it.

use std::collections::{BTreeMap, BTreeSet};

use rustls_pki_types::CertificateDer;
use time::Duration;

use crate::environment::Environment;
use crate::error::WorkstationError;
use crate::profile::{OsProfile, ProfileName};

/// One computer.
///
/// ```
/// use sealbank_workstation::{Pc, ProfileName, StoreState, Switch};
///
/// let (keiri, boss) = (ProfileName::new(r"OFFICE\keiri01"), ProfileName::new(r"OFFICE\shacho"));
/// let mut pc = Pc::new("PC-A").with_profile(keiri.clone()).with_profile(boss.clone());
/// pc.log_on(&keiri)?;
/// pc.switch(&boss, Switch::Fast)?;
/// assert_eq!(pc.at_console()?, &boss);
/// assert_eq!(pc.profile(&keiri)?.store.state(), StoreState::Nothing);
/// # Ok::<(), sealbank_workstation::WorkstationError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pc {
    name: String,
    power: Power,
    console: Option<ProfileName>,
    sessions: BTreeSet<ProfileName>,
    profiles: BTreeMap<ProfileName, OsProfile>,
    roots: Vec<CertificateDer<'static>>,
    /// How far its clock is ahead of the right time (case 77).
    pub skew: Duration,
    /// Where it stands and what is allowed on it.
    pub environment: Environment,
}

/// Whether the PC is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// How the person changes from one OS user to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// The first user signs off; his browsers end.
    SignOff,
    /// The first user's session goes on in the background, browsers and all.
    Fast,
}

impl Pc {
    /// A PC that is switched on, with nobody logged on.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            power: Power::On,
            console: None,
            sessions: BTreeSet::new(),
            profiles: BTreeMap::new(),
            roots: Vec::new(),
            skew: Duration::ZERO,
            environment: Environment::default(),
        }
    }

    /// Adds an OS user.
    #[must_use]
    pub fn with_profile(mut self, name: ProfileName) -> Self {
        self.profiles.entry(name).or_default();
        self
    }

    /// Trusts a root for the certificates that are installed here.
    #[must_use]
    pub fn with_root(mut self, root: CertificateDer<'static>) -> Self {
        self.trust(root);
        self
    }

    /// Trusts a root from now on.
    pub fn trust(&mut self, root: CertificateDer<'static>) {
        if !self.roots.contains(&root) {
            self.roots.push(root);
        }
    }

    /// Trusts no root any more.
    pub fn distrust_all(&mut self) {
        self.roots.clear();
    }

    /// Its name, such as `PC-A`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is running.
    #[must_use]
    pub fn power(&self) -> Power {
        self.power
    }

    /// The roots it trusts.
    #[must_use]
    pub fn roots(&self) -> &[CertificateDer<'static>] {
        &self.roots
    }

    /// Its OS users.
    pub fn profiles(&self) -> impl Iterator<Item = (&ProfileName, &OsProfile)> {
        self.profiles.iter()
    }

    /// One OS user's belongings.
    ///
    /// # Errors
    /// [`WorkstationError::NoSuchProfile`].
    pub fn profile(&self, name: &ProfileName) -> Result<&OsProfile, WorkstationError> {
        self.profiles
            .get(name)
            .ok_or_else(|| self.no_such_profile(name))
    }

    /// One OS user's belongings, to change them.
    ///
    /// # Errors
    /// [`WorkstationError::NoSuchProfile`].
    pub fn profile_mut(&mut self, name: &ProfileName) -> Result<&mut OsProfile, WorkstationError> {
        if !self.profiles.contains_key(name) {
            return Err(self.no_such_profile(name));
        }
        Ok(self.profiles.entry(name.clone()).or_default())
    }

    /// Who sits in front of the screen.
    ///
    /// # Errors
    /// [`WorkstationError::PowerIsOff`], [`WorkstationError::NobodyLoggedOn`].
    pub fn at_console(&self) -> Result<&ProfileName, WorkstationError> {
        self.check_power()?;
        self.console
            .as_ref()
            .ok_or_else(|| WorkstationError::NobodyLoggedOn {
                pc: self.name.clone(),
            })
    }

    /// Whether a user's session runs, in front or in the background.
    #[must_use]
    pub fn has_session(&self, name: &ProfileName) -> bool {
        self.sessions.contains(name)
    }

    /// A user logs on at the console; another one's session goes to the background.
    ///
    /// # Errors
    /// [`WorkstationError::PowerIsOff`], [`WorkstationError::NoSuchProfile`].
    pub fn log_on(&mut self, name: &ProfileName) -> Result<(), WorkstationError> {
        self.check_power()?;
        self.profile(name)?;
        self.sessions.insert(name.clone());
        self.console = Some(name.clone());
        Ok(())
    }

    /// The user at the console signs off.
    ///
    /// # Errors
    /// [`WorkstationError::PowerIsOff`], [`WorkstationError::NobodyLoggedOn`].
    pub fn sign_off(&mut self) -> Result<(), WorkstationError> {
        let name = self.at_console()?.clone();
        self.profile_mut(&name)?.sign_off();
        self.sessions.remove(&name);
        self.console = None;
        Ok(())
    }

    /// Changes to another OS user (他のユーザーでログオン, L19).
    ///
    /// # Errors
    /// [`WorkstationError::PowerIsOff`], [`WorkstationError::NobodyLoggedOn`],
    /// [`WorkstationError::NoSuchProfile`]; then nothing has changed.
    pub fn switch(&mut self, to: &ProfileName, how: Switch) -> Result<(), WorkstationError> {
        self.at_console()?;
        self.profile(to)?;
        if how == Switch::SignOff {
            self.sign_off()?;
        }
        self.log_on(to)
    }

    /// The power goes (電源を切る): every session ends, stores stay on disk.
    pub fn power_off(&mut self) {
        self.power = Power::Off;
        self.console = None;
        self.sessions.clear();
        for profile in self.profiles.values_mut() {
            profile.lose_power();
        }
    }

    /// The power comes back; nobody is logged on.
    pub fn boot(&mut self) {
        self.power = Power::On;
    }

    fn check_power(&self) -> Result<(), WorkstationError> {
        match self.power {
            Power::On => Ok(()),
            Power::Off => Err(WorkstationError::PowerIsOff {
                pc: self.name.clone(),
            }),
        }
    }

    fn no_such_profile(&self, wanted: &ProfileName) -> WorkstationError {
        WorkstationError::NoSuchProfile {
            pc: self.name.clone(),
            wanted: wanted.to_string(),
            present: self
                .profiles
                .keys()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser::BrowserName;
    use crate::choice::Choice;
    use crate::key::{Exportability, KeyAlgorithm};
    use crate::origin::Origin;
    use crate::store::{KeyFlush, StoreState};

    fn names() -> (ProfileName, ProfileName, BrowserName) {
        (
            ProfileName::new(r"OFFICE\keiri01"),
            ProfileName::new(r"PC-A\Administrator"),
            BrowserName::new("B1"),
        )
    }

    fn pc() -> Pc {
        let (keiri, admin, _) = names();
        let mut pc = Pc::new("PC-A")
            .with_profile(keiri.clone())
            .with_profile(admin);
        pc.log_on(&keiri).unwrap();
        pc
    }

    fn busy_browser(pc: &mut Pc) -> Origin {
        let (keiri, _, name) = names();
        let origin = Origin::of(&"https://cert.ib.bank.test/".parse().unwrap());
        let browser = pc.profile_mut(&keiri).unwrap().browser(&name);
        browser.open_window();
        browser
            .choices_mut()
            .remember(origin.clone(), Choice::Declined);
        origin
    }

    fn remembered(pc: &mut Pc, origin: &Origin) -> (usize, Choice) {
        let (keiri, _, name) = names();
        let browser = pc.profile_mut(&keiri).unwrap().browser(&name);
        (browser.windows().count(), browser.choices().of(origin))
    }

    #[test]
    fn a_power_cut_ends_everything_volatile_and_keeps_the_store() {
        let (keiri, _, _) = names();
        let mut pc = pc();
        let origin = busy_browser(&mut pc);
        let store = &mut pc.profile_mut(&keiri).unwrap().store;
        store
            .make_key(
                KeyAlgorithm::P256,
                Exportability::NotExportable,
                KeyFlush::AtOnce,
            )
            .unwrap();
        pc.power_off();
        assert!(matches!(
            pc.at_console(),
            Err(WorkstationError::PowerIsOff { .. })
        ));
        assert!(matches!(
            pc.log_on(&keiri),
            Err(WorkstationError::PowerIsOff { .. })
        ));
        pc.boot();
        assert!(matches!(
            pc.at_console(),
            Err(WorkstationError::NobodyLoggedOn { .. })
        ));
        assert_eq!(remembered(&mut pc, &origin), (0, Choice::Unasked));
        assert_eq!(
            pc.profile(&keiri).unwrap().store.state(),
            StoreState::KeyOnly
        );
    }

    #[test]
    fn a_fast_switch_keeps_the_first_users_browsers_and_a_sign_off_ends_them() {
        let (keiri, admin, _) = names();
        for (how, windows, choice) in [
            (Switch::Fast, 1, Choice::Declined),
            (Switch::SignOff, 0, Choice::Unasked),
        ] {
            let mut pc = pc();
            let origin = busy_browser(&mut pc);
            pc.switch(&admin, how).unwrap();
            assert_eq!(pc.at_console().unwrap(), &admin);
            assert_eq!(pc.has_session(&keiri), how == Switch::Fast);
            assert_eq!(remembered(&mut pc, &origin), (windows, choice), "{how:?}");
        }
    }

    #[test]
    fn switching_to_an_unknown_user_changes_nothing_and_names_the_known_ones() {
        let (keiri, _, _) = names();
        let mut pc = pc();
        let error = pc
            .switch(&ProfileName::new("nobody"), Switch::SignOff)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("nobody") && error.contains(r"OFFICE\keiri01"),
            "{error}"
        );
        assert_eq!(pc.at_console().unwrap(), &keiri);
    }
}
