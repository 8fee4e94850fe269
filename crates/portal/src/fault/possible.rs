//! What can go wrong where: every combination that can't be is refused with its reason, so that no rule lies idle.

use super::{Act, FaultVerdict, Phase, Torn};

/// A fault that can't be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; {mend}")]
pub struct ImpossibleFault {
    /// Why it can't be.
    pub reason: String,
    /// What to write instead.
    pub mend: String,
}

/// Why `verdict` can't be done at `when` during `during`, where it can't.
pub(super) fn impossible(
    during: Act,
    when: Phase,
    verdict: FaultVerdict,
) -> Option<ImpossibleFault> {
    let (reason, mend) = no_such_value(verdict)
        .or_else(|| no_such_phase(during, when))
        .or_else(|| no_such_failure(during, when, verdict))?;
    Some(ImpossibleFault {
        reason,
        mend: mend.to_owned(),
    })
}

type Problem = (String, &'static str);

fn no_such_value(verdict: FaultVerdict) -> Option<Problem> {
    match verdict {
        FaultVerdict::Delay(by) if by.is_negative() => Some((
            "a delay can't be negative".to_owned(),
            "write how much time passes",
        )),
        FaultVerdict::Truncate { percent } if percent > 99 => Some((
            format!("{percent}% is not less than all of it"),
            "write a percentage from 0 to 99",
        )),
        _ => None,
    }
}

/// Some steps are a part of an exchange, and some record nothing.
fn no_such_phase(during: Act, when: Phase) -> Option<Problem> {
    use Phase::{
        AfterCommit, BeforeCommit, Between, Connect, RequestBody, RequestHead, ResponseBody,
        ResponseHead, TlsHandshake,
    };
    match (during, when) {
        (Act::Record, BeforeCommit | AfterCommit)
        | (Act::Deliver, BeforeCommit | AfterCommit | ResponseHead | ResponseBody | Between) => {
            None
        }
        (Act::Record | Act::Deliver, _) => Some((
            format!("{during} has no {when} of its own: it is a part of 実行's exchange"),
            "write `during: execute`",
        )),
        (act, BeforeCommit | AfterCommit) if act.only_looks() => Some((
            format!("{act} is only looked at, nothing is recorded by it"),
            "write `when: response-head`, or name a step that changes something",
        )),
        (act, RequestBody) if act.only_looks() => Some((
            format!("{act} is only fetched, its request has no body"),
            "write `when: request-head`",
        )),
        (
            _,
            Connect | TlsHandshake | RequestHead | RequestBody | BeforeCommit | AfterCommit
            | ResponseHead | ResponseBody | Between,
        ) => None,
    }
}

fn no_such_failure(during: Act, when: Phase, verdict: FaultVerdict) -> Option<Problem> {
    match verdict {
        FaultVerdict::Delay(_)
        | FaultVerdict::Reset
        | FaultVerdict::Close
        | FaultVerdict::Crash { torn: Torn::No } => None,
        FaultVerdict::Crash { torn: Torn::Yes } => (when != Phase::BeforeCommit).then(|| {
            (
                format!("no write is under way at {when}, so none can be torn"),
                "write `when: before-commit`, or a crash that is not torn",
            )
        }),
        FaultVerdict::DiskFull => (when != Phase::BeforeCommit).then(|| {
            (
                format!("nothing is about to be written at {when}"),
                "write `when: before-commit`",
            )
        }),
        FaultVerdict::Truncate { .. } => {
            (!matches!(when, Phase::RequestBody | Phase::ResponseBody)).then(|| {
                (
                    format!("only a body can come in part, and {when} has none"),
                    "write `when: request-body` or `response-body`, or `do: close`",
                )
            })
        }
        FaultVerdict::Stall => (when == Phase::Between).then(|| {
            (
                "nobody waits for anything between two requests".to_owned(),
                "write `when: request-head` for the next one",
            )
        }),
        FaultVerdict::Status(_) => no_such_status(when),
        FaultVerdict::Duplicate => {
            (!matches!(when, Phase::RequestHead | Phase::RequestBody)).then(|| {
                (
                    format!("a request arrives before {when} or after it, not at it"),
                    "write `when: request-body`; the second comes after the first is recorded",
                )
            })
        }
        FaultVerdict::CaRefuses | FaultVerdict::CaTimesOut | FaultVerdict::CaErrs => {
            no_such_signing(during, when, verdict)
        }
    }
}

fn no_such_status(when: Phase) -> Option<Problem> {
    let reason = match when {
        Phase::Connect | Phase::TlsHandshake => "nothing has been asked yet that could be answered",
        Phase::ResponseBody | Phase::Between => "the status is sent already",
        Phase::RequestHead
        | Phase::RequestBody
        | Phase::BeforeCommit
        | Phase::AfterCommit
        | Phase::ResponseHead => return None,
    };
    Some((
        format!("there is no status at {when}: {reason}"),
        "write a phase from `request-head` to `response-head`",
    ))
}

/// The authority is asked after 実行's request is recorded and before its certificate is.
fn no_such_signing(during: Act, when: Phase, verdict: FaultVerdict) -> Option<Problem> {
    let word = verdict.as_str();
    if during != Act::Execute {
        let reason = format!("{word} during {during}: the authority is asked only by 実行");
        return Some((reason, "write `during: execute`"));
    }
    if matches!(when, Phase::BeforeCommit | Phase::AfterCommit) {
        return None;
    }
    let reason = format!("{word} at {when}: the authority is asked once the request is recorded");
    Some((reason, "write `when: after-commit`"))
}
