//! [`Environment`]: where a PC stands, and what is allowed and working on it.
//!
//! The defaults are what the manual recommends (L1); every other value is a case of procedure 2.

use crate::store::KeyFlush;

/// The surroundings that the manual recommends (L1), or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Environment {
    /// Whether the browser is one that the bank recommends (case 11).
    pub browser: Recommended,
    /// Whether the enrolment component may run (cases 11, 23).
    pub component: Component,
    /// Whether keys can be made (case 24).
    pub keys: KeyProvider,
    /// Whether installing does what it says (case 45).
    pub install: InstallHonesty,
    /// Whether the PC trusts the bank's root (case 44).
    pub root: BankRoot,
    /// When a fresh key reaches the disk (cases 30, 31).
    pub flush: KeyFlush,
}

/// Whether the browser is a recommended one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Recommended {
    /// It is.
    #[default]
    Yes,
    /// It is not: the bank may answer 「サポートされていないブラウザです」.
    No,
}

/// Whether the enrolment component may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Component {
    /// It may.
    #[default]
    Allowed,
    /// An add-on block holds it back: 実行 does nothing.
    Blocked,
}

/// Whether keys can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum KeyProvider {
    /// They can.
    #[default]
    Working,
    /// They can't: the profile is full or temporary, the TPM is locked.
    Failing,
}

/// Whether the PC trusts the root of the bank's certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum BankRoot {
    /// It does, as it was set up.
    #[default]
    Trusted,
    /// It has been taken out of the store of trusted roots: installing fails with 0x800B0109 (case 44).
    Removed,
}

/// Whether the component's installation does what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum InstallHonesty {
    /// Success means installed.
    #[default]
    Honest,
    /// It says success and stores nothing (`silent-install-failure`, case 45).
    SilentFailure,
}
