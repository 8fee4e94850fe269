//! [`Driver`]: does a step and says what was seen. [`http`] is the one that works the screens, over real TLS or, through
//! the door of [`indoors`], without a socket.

pub(crate) mod ability;
mod control;
pub(crate) mod http;
pub(crate) mod indoors;
mod look;

use std::future::Future;
use std::sync::Arc;

use sealbank_ca::Ceremony;
use sealbank_portal::{Failure, PortalError, WebCa};
use sealbank_workstation::WorkstationError;
use time::OffsetDateTime;

use crate::event::{FaultShown, ScreenShown, TrailLine, TransitionShown};
use crate::model::Step;
use crate::observation::Observation;
use crate::target::Target;
use control::ControlError;

/// Does steps in one world, one after the other.
pub(crate) trait Driver {
    /// Does one step.
    ///
    /// # Errors
    /// [`DriverError`] when the step could not be done at all; a refusal is an observation.
    fn perform(
        &mut self,
        step: &Step,
    ) -> impl Future<Output = Result<Observation, DriverError>> + Send;

    /// What there is to tell of the step that was just done, also of one that could not be; `seen` is what came of it.
    fn told(&mut self, step: &Step, seen: Option<&Observation>) -> Told;
}

/// How PCs reach the bank.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    /// Over sockets, with real TLS.
    Sockets(Arc<Keys>),
    /// Within this process.
    Indoors(Arc<Keys>),
    /// Over sockets to one that is already running.
    Target(Arc<Target>),
}

/// What the banks of a run share, since it takes long to make: keys and certificates, which hold at any time that a
/// scenario plays in.
#[derive(Debug)]
pub(crate) struct Keys {
    /// Those of the CA.
    pub(crate) ca: Ceremony,
    /// Those of the web servers, by the names that [`Hosts::default`](sealbank_portal::Hosts) gives them.
    pub(crate) web: Arc<WebCa>,
}

/// What a report shows of a step beside its outcome.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The clock at its end.
    pub(crate) at: Option<OffsetDateTime>,
    /// The pages that were shown, in their order.
    pub(crate) screens: Vec<ScreenShown>,
    /// What was to go wrong at the bank, and how often it did.
    pub(crate) faults: Vec<FaultShown>,
    /// The rows of the transition table that people went through.
    pub(crate) transitions: Vec<TransitionShown>,
    /// What bank, wire and PCs did, in one order.
    pub(crate) trail: Vec<TrailLine>,
}

/// Why a step could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DriverError {
    /// Something at the PC or on its screens was not as the step needs it.
    #[error(transparent)]
    Workstation(#[from] WorkstationError),
    /// The bank itself failed.
    #[error("the bank failed: {0}")]
    Bank(#[from] PortalError),
    /// The bank's own people were refused while the world was set up.
    #[error("setting up the bank: {0}; look at `settings` and `let`")]
    SettingUp(Failure),
    /// The CA could not be made.
    #[error("the certification authority could not be made: {0}")]
    Authority(#[from] sealbank_ca::CaError),
    /// The bank did not come to rest.
    #[error(
        "the bank did not come to rest after {waited_for}; a connection or a piece of work hangs"
    )]
    Restless {
        /// What was waited for.
        waited_for: &'static str,
    },
    /// The bank held its answer back, and the person gave up.
    #[error("no answer came, and the person gave up")]
    GivenUp,
    /// The case takes longer than it may.
    #[error("the case takes longer than {allowed:?}, and was given up here; see --timeout")]
    TooLong {
        /// How long it may take.
        allowed: std::time::Duration,
    },
    /// A bank that is not our own does not let anybody do that.
    #[error("{what} can't be done from outside the bank; {mend}")]
    OutOfReach {
        /// What was to be done.
        what: &'static str,
        /// How to mend it.
        mend: &'static str,
    },
    /// The control listener did not do what it was asked for.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// There is no root by which its servers could be trusted.
    #[error("nobody is trusted as the authority of the bank's servers; give --trust or --control")]
    NobodyTrusted,
    /// A host of the bank has no address.
    #[error("{host} can't be found: {why}; look at --target")]
    NoSuchHost {
        /// Which.
        host: String,
        /// What was found instead.
        why: String,
    },
    /// The first page does not lead to where certificates are asked for.
    #[error(
        "the first page has no link 利用者ログオン（電子証明書方式）, but: {found}; look at --target and --trust, or give --target-cert"
    )]
    NoWayIn {
        /// What was found.
        found: String,
    },
    /// There is no such PC in this world.
    #[error("there is no PC {0}; add it under `pcs`")]
    NoSuchPc(String),
    /// There is no certificate in the store to do this with.
    #[error("the store of {0} holds no certificate; retrieve one first")]
    NoCertificate(String),
    /// An identifier is not of the bank's format.
    #[error(transparent)]
    Identifier(#[from] sealbank_bank::IdError),
}

impl DriverError {
    /// Whether it is the world that failed and not the step.
    pub(crate) fn is_of_the_world(&self) -> bool {
        match self {
            Self::Workstation(_)
            | Self::OutOfReach { .. }
            | Self::NoSuchPc(_)
            | Self::NoCertificate(_)
            | Self::GivenUp
            | Self::TooLong { .. }
            | Self::Identifier(_) => false,
            Self::Bank(_)
            | Self::SettingUp(_)
            | Self::Authority(_)
            | Self::Control(_)
            | Self::NobodyTrusted
            | Self::NoSuchHost { .. }
            | Self::NoWayIn { .. }
            | Self::Restless { .. } => true,
        }
    }
}

impl From<Failure> for DriverError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Failed(error) => Self::Bank(error),
            refused @ Failure::Refused(_) => Self::SettingUp(refused),
        }
    }
}
