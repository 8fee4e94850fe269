//! The grid of the transition table: its rows (procedure 1.4) × where a user stands on the books, with what the table's
//! guards make impossible. The rows of pages and PCs alone are in the grid of interruptions.

use sealbank_bank::{Standing, Transition};

use super::grid::{Cell, Grid, GridName};

/// A row of the table: from where it can be taken, and why from nowhere else.
struct Guard {
    row: Transition,
    from: &'static [Standing],
    otherwise: &'static str,
    source: &'static str,
}

const fn guard(
    row: Transition,
    from: &'static [Standing],
    otherwise: &'static str,
    source: &'static str,
) -> Guard {
    Guard {
        row,
        from,
        otherwise,
        source,
    }
}

use Standing::{
    Awaiting, Claimed, Confirmed, ContractStopped, Delivered, Deregistered, Expired, Fresh, Lapsed,
    Renewing, Requested, Signed, Stopped, Suspended, Unregistered, Void,
};

/// Whose account is active.
const ACTIVE: &[Standing] = &[
    Fresh, Awaiting, Claimed, Requested, Signed, Delivered, Confirmed, Renewing, Expired, Lapsed,
    Void,
];
/// Who is on the roster of a contract in use.
const ON_THE_ROSTER: &[Standing] = &[
    Fresh, Awaiting, Claimed, Requested, Signed, Delivered, Confirmed, Renewing, Expired, Lapsed,
    Void, Suspended, Stopped,
];
/// Who is on the roster of any contract.
const ON_ANY_ROSTER: &[Standing] = &[
    Fresh,
    Awaiting,
    Claimed,
    Requested,
    Signed,
    Delivered,
    Confirmed,
    Renewing,
    Expired,
    Lapsed,
    Void,
    Suspended,
    Stopped,
    ContractStopped,
];
/// What an administrator can be: nobody stops or deregisters him.
const ADMINISTRATORS: &[Standing] = &[
    Fresh,
    Awaiting,
    Claimed,
    Requested,
    Signed,
    Delivered,
    Confirmed,
    Renewing,
    Expired,
    Lapsed,
    Void,
    Suspended,
    ContractStopped,
];

/// Every row of the table that the books take part in.
static TABLE: &[Guard] = &[
    guard(
        Transition::Registered,
        &[Unregistered, Deregistered],
        "the ID is taken; only after 登録抹消 a bank may let it be used again",
        "T01, 1.3 (F-Chugin2, Z-Tottori)",
    ),
    guard(
        Transition::Granted,
        &[Fresh],
        "発行 is for a new user who is active; whoever had a grant gets another one by 再発行",
        "T02, T22, 1.2 m-ADM-ISSUE",
    ),
    guard(
        Transition::Claimed,
        &[Awaiting, Expired],
        "取得 needs a grant that is ready, or the grace after an expiry",
        "T04, case 70",
    ),
    guard(
        Transition::WrongPin,
        ACTIVE,
        "nobody's PIN is looked at whose account is not active",
        "T04', cases 7 to 9",
    ),
    guard(
        Transition::Closed,
        &[Claimed, Renewing],
        "there is no retrieval before 実行 that could be closed",
        "T06",
    ),
    guard(
        Transition::FirstPopupCancelled,
        &[Claimed, Renewing],
        "the first popup comes after 実行 and before the request",
        "T07, T08",
    ),
    guard(
        Transition::Requested,
        &[Claimed, Renewing],
        "a request is accepted while its own session holds the grant, once a generation",
        "T10",
    ),
    guard(
        Transition::Recorded,
        &[Requested],
        "the bank commits what was signed for an open request",
        "T11, T12",
    ),
    guard(
        Transition::Delivered,
        &[Signed],
        "the answer goes out once, after it is recorded",
        "T13",
    ),
    guard(
        Transition::SecondPopupCancelled,
        &[Delivered],
        "the second popup comes with the answer, which goes out once it is recorded as delivered",
        "T13, T14'",
    ),
    guard(
        Transition::Confirmed,
        &[Delivered],
        "a completion is reported once, of an answer that came, which goes out once it is recorded as delivered",
        "T13, T15, case 48",
    ),
    guard(
        Transition::ClosedWhenDone,
        &[Confirmed],
        "m-DONE comes with the completion that it reports",
        "T15, T16",
    ),
    guard(
        Transition::LoggedOnByCertificate,
        &[Requested, Signed, Delivered, Confirmed, Renewing],
        "there is no accepted certificate that is valid, or the account is not active",
        "T18",
    ),
    guard(
        Transition::LoggedOnById,
        &[Fresh, Awaiting, Claimed, Requested, Lapsed, Void],
        "the method is not ID and PIN, or the account is not active",
        "T19",
    ),
    guard(
        Transition::IdRefused,
        &[
            Requested, Signed, Delivered, Confirmed, Renewing, Expired, Void,
        ],
        "the method is not the certificate, or the account is not active",
        "T19'",
    ),
    guard(
        Transition::Renewed,
        &[Confirmed],
        "更新 stands on the status screen after a logon by certificate, which confirms it",
        "T18, T20",
    ),
    guard(
        Transition::Expired,
        &[
            Requested,
            Signed,
            Delivered,
            Confirmed,
            Renewing,
            Suspended,
            Stopped,
            ContractStopped,
        ],
        "there is no accepted certificate whose end could pass",
        "T21",
    ),
    guard(
        Transition::Reinitialized,
        ON_ANY_ROSTER,
        "nobody is on the roster who could be re-initialised",
        "T22 (S-Oka283 for the counter)",
    ),
    guard(
        Transition::Revoked,
        &[
            Requested, Signed, Delivered, Confirmed, Renewing, Suspended, Stopped,
        ],
        "there is no certificate to revoke, or no administrator who could",
        "T23, 1.2 m-ADM-USER",
    ),
    guard(
        Transition::Locked,
        ACTIVE,
        "nobody's PIN is counted whose account is not active",
        "T24",
    ),
    guard(
        Transition::Lifted,
        ON_THE_ROSTER,
        "nobody is on the roster, or his administrator can't log on",
        "T25, T27",
    ),
    guard(
        Transition::Deregistered,
        ON_THE_ROSTER,
        "nobody is on the roster, or his administrator can't log on",
        "T26, T27",
    ),
    guard(
        Transition::ContractSwitched,
        ON_ANY_ROSTER,
        "whoever is not on the roster notices nothing of his contract",
        "T27",
    ),
    guard(
        Transition::AdministratorReinitialized,
        ADMINISTRATORS,
        "an administrator is registered with his contract, and nobody stops or deregisters him",
        "T28, 1.1",
    ),
    guard(
        Transition::Lapsed,
        &[Awaiting, Suspended, Stopped, ContractStopped],
        "there is no grant that is ready, whose deadline could pass",
        "T29",
    ),
    guard(
        Transition::TimedOut,
        &[Claimed, Requested, Signed, Delivered, Confirmed, Renewing],
        "there is no retrieval session",
        "T30, case 57",
    ),
    guard(
        Transition::Reconciled,
        &[
            Claimed,
            Requested,
            Renewing,
            Suspended,
            Stopped,
            ContractStopped,
        ],
        "nothing was left open that could be reconciled",
        "T31, case 21",
    ),
];

/// The whole grid, nothing of it visited.
pub(super) fn grid() -> Grid {
    let columns = Standing::ALL.iter().map(|standing| standing.name());
    let cells = TABLE.iter().flat_map(|guard| {
        Standing::ALL.iter().map(|standing| {
            let cell = Cell::missing(guard.row.row(), standing.name());
            if guard.from.contains(standing) {
                cell
            } else {
                cell.impossible(guard.otherwise, guard.source)
            }
        })
    });
    Grid::new(GridName::Transitions, columns, cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_books_stands_in_the_table_once() {
        let rows: Vec<Transition> = TABLE.iter().map(|guard| guard.row).collect();
        assert_eq!(rows, Transition::ALL);
    }
}
