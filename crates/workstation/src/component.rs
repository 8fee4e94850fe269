//! The PC's enrolment component (xenroll, CertEnroll): its three acts on the certificate store.
//!
//! It acts for the OS user who sits at the console at that moment, whosever window called it. That
//! is why a user who is switched in the middle ends with a certificate without its key (case 49).

use time::OffsetDateTime;

use crate::enrolment::ComponentFailure;
use crate::environment::{BankRoot, InstallHonesty, KeyProvider};
use crate::error::WorkstationError;
use crate::install::TrustedChain;
use crate::key::{CertificateRequest, Exportability, KeyAlgorithm, RequestDigest};
use crate::machine::Machine;
use crate::store::KeyState;

/// P1: makes a key and its request; `None` when the PC's key provider fails (case 24).
pub(crate) fn make_key(
    machine: &Machine,
    algorithm: KeyAlgorithm,
    exportability: Exportability,
) -> Result<Option<CertificateRequest>, WorkstationError> {
    machine.with(|pc| {
        let environment = pc.environment;
        let console = pc.at_console()?.clone();
        if environment.keys == KeyProvider::Failing {
            return Ok(None);
        }
        let store = &mut pc.profile_mut(&console)?.store;
        store
            .make_key(algorithm, exportability, environment.flush)
            .map(Some)
    })
}

/// P4: judges what was delivered at `now` (the right time) on the PC's clock, and stores it.
/// Answers what went wrong; a component that fails silently answers nothing (case 45).
pub(crate) fn install(
    machine: &Machine,
    delivered: &str,
    now: OffsetDateTime,
) -> Result<Option<ComponentFailure>, WorkstationError> {
    machine.with(|pc| {
        let console = pc.at_console()?.clone();
        if pc.environment.install == InstallHonesty::SilentFailure {
            return Ok(None);
        }
        let trusted = match pc.environment.root {
            BankRoot::Trusted => pc.roots(),
            BankRoot::Removed => &[],
        };
        let chain = match TrustedChain::judge(delivered, trusted, now.saturating_add(pc.skew)) {
            Ok(chain) => chain,
            Err(error) => return Ok(Some(ComponentFailure::Install(error))),
        };
        Ok(match pc.profile_mut(&console)?.store.install(&chain) {
            KeyState::Present | KeyState::Unreadable => None,
            KeyState::Missing => Some(ComponentFailure::NoMatchingRequest),
        })
    })
}

/// P5: removes the pending request; a component that fails silently leaves it.
pub(crate) fn remove_pending(
    machine: &Machine,
    digest: RequestDigest,
) -> Result<(), WorkstationError> {
    machine.with(|pc| {
        let console = pc.at_console()?.clone();
        if pc.environment.install == InstallHonesty::Honest {
            pc.profile_mut(&console)?.store.remove_pending(digest);
        }
        Ok(())
    })
}
