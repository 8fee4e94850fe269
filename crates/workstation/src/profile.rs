//! [`OsProfile`]: one Windows user of a PC, who owns a certificate store and browsers.

use std::collections::BTreeMap;
use std::fmt;

use crate::browser::{Browser, BrowserName};
use crate::store::CertificateStore;

/// The name of an OS profile, such as `OFFICE\keiri01`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileName(String);

impl ProfileName {
    /// Names a profile.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What belongs to one OS user. Nothing of it is seen by another one (L10, case 62).
#[derive(Clone, Debug, Default)]
pub struct OsProfile {
    /// Certificates, keys, pending requests: kept on disk.
    pub store: CertificateStore,
    /// Browsers by name.
    pub browsers: BTreeMap<BrowserName, Browser>,
}

impl OsProfile {
    /// The browser of that name, started if need be.
    pub fn browser(&mut self, name: &BrowserName) -> &mut Browser {
        self.browsers.entry(name.clone()).or_default()
    }

    /// The user signs off: every browser ends, keys reach the disk.
    pub fn sign_off(&mut self) {
        self.close_browsers();
        self.store.flush();
    }

    /// The power goes: every browser ends, and keys not yet on disk are lost (case 31).
    pub fn lose_power(&mut self) {
        self.close_browsers();
        self.store.lose_power();
    }

    fn close_browsers(&mut self) {
        for browser in self.browsers.values_mut() {
            browser.close_all();
        }
    }
}
