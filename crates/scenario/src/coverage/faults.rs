//! The grid of faults: verdicts × phases of an exchange (procedure 1.5). What can't be is known to [`FaultRule::new`],
//! which the reader of scenarios asks too; a cell is possible when it is during some business step.

use std::num::NonZeroU32;

use sealbank_portal::{Act, FaultRule, FaultStatus, FaultVerdict, Phase, Torn};
use time::Duration;

use super::grid::{Cell, Grid, GridName};

/// One verdict of each kind, and where it is spoken of.
static VERDICTS: [(FaultVerdict, &str); 12] = [
    (FaultVerdict::Delay(Duration::SECOND), "case 56"),
    (FaultVerdict::Reset, "cases 20 and 32"),
    (FaultVerdict::Close, "cases 20 and 32"),
    (
        FaultVerdict::Truncate { percent: 50 },
        "case 42, RFC 9112 section 6",
    ),
    (FaultVerdict::Stall, "case 56"),
    (
        FaultVerdict::Status(FaultStatus::ServiceUnavailable),
        "RFC 9110 section 15",
    ),
    (FaultVerdict::Duplicate, "cases 16 and 48"),
    (FaultVerdict::Crash { torn: Torn::No }, "1.5, B1 to B10"),
    (
        FaultVerdict::Crash { torn: Torn::Yes },
        "1.5, B3, B6 and B9",
    ),
    (FaultVerdict::DiskFull, "1.5, B3, B6 and B9"),
    (FaultVerdict::CaRefuses, "T11, case 40"),
    (FaultVerdict::CaTimesOut, "T11, case 39"),
];

/// The whole grid, nothing of it visited.
pub(super) fn grid() -> Grid {
    let columns = Phase::ALL.iter().map(|phase| phase.as_str());
    let cells = VERDICTS.iter().flat_map(|(verdict, source)| {
        Phase::ALL.iter().map(|phase| {
            let cell = Cell::missing(&kind(&verdict.to_string()), phase.as_str());
            match impossible(*phase, *verdict) {
                None => cell,
                Some(reason) => cell.impossible(&reason, source),
            }
        })
    });
    Grid::new(GridName::Faults, columns, cells)
}

/// A verdict without its value: `status: 503` is a `status`; a torn crash is a kind of its own.
pub(super) fn kind(verdict: &str) -> String {
    match verdict.split_once(": ") {
        Some(("crash", _)) | None => verdict.to_owned(),
        Some((kind, _)) => kind.to_owned(),
    }
}

/// Why no business step can go wrong like that at that phase; told of 実行, which has every phase.
fn impossible(phase: Phase, verdict: FaultVerdict) -> Option<String> {
    let rule = |act| FaultRule::new(act, phase, verdict, NonZeroU32::MIN);
    if Act::ALL.iter().any(|act| rule(*act).is_ok()) {
        return None;
    }
    rule(Act::Execute).err().map(|impossible| impossible.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_told_by_their_kind() {
        for (verdict, expected) in [
            ("reset", "reset"),
            ("delay: 40s", "delay"),
            ("status: 503", "status"),
            ("truncate: 50%", "truncate"),
            ("crash", "crash"),
            ("crash: torn", "crash: torn"),
        ] {
            assert_eq!(kind(verdict), expected);
        }
    }
}
