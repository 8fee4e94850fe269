//! [`Transition`]: the rows of the transition table (procedure 1.4) that the bank's books take part in, and which of
//! them a recorded change is. Rows of the PC and of pages alone (T03, T05, T07, T09, T11, T14, T17) leave no change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bank::Bank;
use crate::change::{Abandonment, Change, PinConsequence, SessionEnd};
use crate::command::{Command, Popup};
use crate::contract::Contract;
use crate::identity::{ContractId, Holder};
use crate::refusal::Refusal;
use crate::session::{Door, SessionId, SessionKind};
use crate::standing::Standing;

macro_rules! rows {
    ($($(#[$meta:meta])* $name:ident = $row:literal,)*) => {
        /// A row of the transition table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Transition {
            $($(#[$meta])* #[serde(rename = $row)] $name,)*
        }

        impl Transition {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its id in the table.
            #[must_use]
            pub fn row(self) -> &'static str {
                match self { $(Self::$name => $row),* }
            }
        }
    };
}

rows! {
    /// 利用者情報登録.
    Registered = "T01",
    /// 発行.
    Granted = "T02",
    /// 取得.
    Claimed = "T04",
    /// 取得 with a wrong PIN.
    WrongPin = "T04'",
    /// 閉じる before 実行.
    Closed = "T06",
    /// キャンセル on the first popup.
    FirstPopupCancelled = "T08",
    /// The bank accepts the request.
    Requested = "T10",
    /// The bank commits what the CA signed.
    Recorded = "T12",
    /// The answer goes out.
    Delivered = "T13",
    /// キャンセル on the second popup.
    SecondPopupCancelled = "T14'",
    /// The completion is reported.
    Confirmed = "T15",
    /// 閉じる on m-DONE.
    ClosedWhenDone = "T16",
    /// Logon by certificate.
    LoggedOnByCertificate = "T18",
    /// Logon by ID and PIN.
    LoggedOnById = "T19",
    /// Logon by ID and PIN refused, because the method is the certificate.
    IdRefused = "T19'",
    /// 更新.
    Renewed = "T20",
    /// The certificate's end passes.
    Expired = "T21",
    /// 再発行（初期化）.
    Reinitialized = "T22",
    /// 失効 only.
    Revoked = "T23",
    /// The PIN lock.
    Locked = "T24",
    /// 利用中止解除, or a new PIN.
    Lifted = "T25",
    /// 登録抹消.
    Deregistered = "T26",
    /// The contract is suspended or resumed.
    ContractSwitched = "T27",
    /// The counter re-initialises the administrator.
    AdministratorReinitialized = "T28",
    /// The deadline of the grant passes.
    Lapsed = "T29",
    /// The retrieval session times out.
    TimedOut = "T30",
    /// The bank reconciles what a stop left open.
    Reconciled = "T31",
}

/// A transition that somebody made, and where he stood before.
pub type Move = (Standing, Transition);

impl Transition {
    /// The row that a refusal takes, where it is one.
    #[must_use]
    pub fn of_refusal(command: &Command, refusal: Refusal) -> Option<Self> {
        let by_id = matches!(command, Command::LogOn { .. });
        (by_id && refusal == Refusal::IdPinClosed).then_some(Self::IdRefused)
    }

    fn of_user(standing: Standing, command: &Command, change: &Change) -> Vec<Self> {
        let settles = matches!(command, Command::Reconcile { .. } | Command::Recover { .. });
        let row = match change {
            Change::UserRegistered { .. } => Self::Registered,
            Change::Granted { .. } => Self::Granted,
            Change::RetrievalBegun { .. } if matches!(command, Command::Renew { .. }) => {
                Self::Renewed
            }
            Change::RetrievalBegun { .. } => Self::Claimed,
            Change::RetrievalAbandoned { cause, .. } => match cause {
                Abandonment::Closed => Self::Closed,
                Abandonment::Cancelled => Self::FirstPopupCancelled,
                Abandonment::TimedOut => Self::TimedOut,
                Abandonment::Recovered => Self::Reconciled,
                Abandonment::Forced => return Vec::new(),
            },
            Change::RequestAccepted { .. } => Self::Requested,
            Change::RequestWithdrawn { .. }
            | Change::OrphanFound { .. }
            | Change::CertificateRecorded { .. }
                if settles =>
            {
                Self::Reconciled
            }
            Change::CertificateRecorded { .. } => Self::Recorded,
            Change::Delivered { .. } => Self::Delivered,
            Change::Confirmed { .. } => Self::Confirmed,
            Change::RetrievalClosed { .. } => match command {
                Command::CancelPopup {
                    popup: Popup::Second,
                    ..
                } => Self::SecondPopupCancelled,
                // 閉じる anywhere else than on m-DONE is an old window's.
                Command::CloseRetrieval { .. } if standing == Standing::Confirmed => {
                    Self::ClosedWhenDone
                }
                _ => return Vec::new(),
            },
            Change::LoggedOn {
                serial: Some(_), ..
            } => Self::LoggedOnByCertificate,
            Change::LoggedOn { .. } => Self::LoggedOnById,
            Change::PinFailed {
                door, consequence, ..
            } => return of_wrong_pin(*door, *consequence),
            Change::Reinitialized { .. } => Self::Reinitialized,
            Change::Revoked { .. } => Self::Revoked,
            Change::SuspensionLifted { .. } | Change::PinReset { .. } => Self::Lifted,
            Change::Deregistered { .. } => Self::Deregistered,
            Change::CertificateExpired { .. } => Self::Expired,
            Change::GrantLapsed { .. } => Self::Lapsed,
            Change::SessionEnded {
                cause: SessionEnd::TimedOut,
                ..
            } => Self::TimedOut,
            Change::ContractOpened { .. }
            | Change::ContractSuspended
            | Change::ContractResumed
            | Change::ContractCancelled
            | Change::RequestWithdrawn { .. }
            | Change::OrphanFound { .. }
            | Change::SessionExtended { .. }
            | Change::SessionEnded { .. }
            | Change::Stopped { .. }
            | Change::NoticeSent { .. } => return Vec::new(),
        };
        vec![row]
    }
}

/// Which rows the changes of one command take, told one after the other, each before it is applied.
#[derive(Debug)]
pub struct Moves<'a> {
    command: &'a Command,
    /// Where users stood whose retrieval this command ends before it does what it is for.
    forced: BTreeMap<Holder, Standing>,
}

impl<'a> Moves<'a> {
    /// Of `command`, nothing of it being applied.
    #[must_use]
    pub fn of(command: &'a Command) -> Self {
        Self {
            command,
            forced: BTreeMap::new(),
        }
    }

    /// The rows that `change` to the books of `contract` takes, with `bank` as it is before: those of users, of the
    /// administrator only T28. A wrong PIN may be two rows: counted, and then the lock.
    #[must_use]
    pub fn by(&mut self, bank: &Bank, contract: &ContractId, change: &Change) -> Vec<Move> {
        let Some(contract) = bank.contract(contract) else {
            return Vec::new();
        };
        let now = |holder: &Holder| Standing::within(bank.settings(), contract, holder);
        if let Change::RetrievalAbandoned {
            holder,
            cause: Abandonment::Forced,
            ..
        } = change
        {
            self.forced.insert(holder.clone(), now(holder));
            return Vec::new();
        }
        let standing = |holder: &Holder| match self.forced.get(holder) {
            Some(before) => *before,
            None => now(holder),
        };
        if let Change::ContractSuspended | Change::ContractResumed = change {
            let users = contract.users.keys().cloned().map(Holder::User);
            return users
                .map(|user| (standing(&user), Transition::ContractSwitched))
                .filter(|(standing, _)| *standing != Standing::Deregistered)
                .collect();
        }
        let holder = match change {
            Change::SessionEnded { session, .. } => retrieving(contract, session),
            other => other.holder(),
        };
        let Some(holder) = holder else {
            return Vec::new();
        };
        let standing = standing(&holder);
        let rows = match holder {
            Holder::Administrator => match change {
                Change::Reinitialized { .. } => vec![Transition::AdministratorReinitialized],
                _ => Vec::new(),
            },
            Holder::User(_) => Transition::of_user(standing, self.command, change),
        };
        rows.into_iter().map(|row| (standing, row)).collect()
    }
}

/// A wrong PIN is T04' where 取得 is pressed; at the limit it is T24 at every door.
fn of_wrong_pin(door: Door, consequence: PinConsequence) -> Vec<Transition> {
    let counted = (door == Door::Retrieval).then_some(Transition::WrongPin);
    let locked = (consequence == PinConsequence::Suspended).then_some(Transition::Locked);
    counted.into_iter().chain(locked).collect()
}

/// Whose retrieval session that is.
fn retrieving(contract: &Contract, session: &SessionId) -> Option<Holder> {
    let session = contract.sessions.get(session)?;
    matches!(session.kind, SessionKind::Retrieval { .. }).then(|| session.holder.clone())
}
