//! Invariants of one step: what a command may do, and what it must leave alone.

use std::collections::BTreeSet;

use sealbank_bank::settings::{MethodFlipPoint, RevokeOnlyResult};
use sealbank_bank::{
    Account, AdminAct, Answer, Bank, CertificateState, Change, ClaimOrigin, Command, Event,
    Generation, Grant, Holder, LogonMethod, SessionId, Subscriber,
};

use super::{Step, Verdict, decided, members, must};
use crate::world::contract;

/// A logon by certificate was by an accepted record of its holder: complete, in its time, of a consumed grant.
pub(crate) fn v5_a_logon_has_a_complete_record(step: &Step<'_>) -> Verdict {
    let Command::LogOnWithCertificate {
        serial, public_key, ..
    } = step.command
    else {
        return Ok(());
    };
    if step.decision.outcome.is_err() {
        return Ok(());
    }
    let (subscriber, facts) = step.before.find_certificate(serial).ok_or("no record")?;
    let member = step.before.member(&subscriber).ok_or("no member")?;
    let (generation, _) = member
        .all_accepted()
        .find(|(_, accepted)| accepted.serial == *serial)
        .ok_or("it was not accepted")?;
    must(facts.public_key == *public_key, || "another key".to_owned())?;
    must(
        facts.subject == step.before.profile().subject(&subscriber),
        || "another subject".to_owned(),
    )?;
    must(
        facts.not_before <= step.now && step.now <= facts.not_after,
        || "out of its time".to_owned(),
    )?;
    must(generation <= member.grant.generation(), || {
        "its grant is not consumed".to_owned()
    })?;
    must(member.account == Account::Active, || {
        member.account.name().to_owned()
    })
}

/// One grant, one certificate: of a generation the first request stays (unless it is withdrawn without a
/// certificate), and a recorded certificate is never replaced or forgotten.
pub(crate) fn v8_one_grant_one_certificate(step: &Step<'_>) -> Verdict {
    each_member(step, |_, before, after| {
        before
            .certificates
            .iter()
            .try_for_each(|(generation, was)| {
                let is = after.certificates.get(generation);
                match (&was.facts, is) {
                    (None, None) => Ok(()),
                    (Some(_), None) => {
                        Err(format!("the certificate of g{generation} is forgotten"))
                    }
                    (facts, Some(is)) => {
                        must(
                            is.request == was.request && is.public_key == was.public_key,
                            || format!("g{generation} has another request"),
                        )?;
                        must(facts.is_none() || *facts == is.facts, || {
                            format!("g{generation} has another certificate")
                        })
                    }
                }
            })
    })
}

/// Generations only grow, and a message of an older generation changes nothing of the present: grant, method,
/// account, and the records from the present generation on. (It may name an orphan.)
pub(crate) fn v9_generations_only_grow(step: &Step<'_>) -> Verdict {
    each_member(step, |subscriber, before, after| {
        must(before.generation <= after.generation, || {
            format!("{} to {}", before.generation, after.generation)
        })?;
        must(after.grant.generation() <= after.generation, || {
            "a grant of the future".to_owned()
        })?;
        let present = before.grant.generation();
        let old = message_of(step.command)
            .is_some_and(|(whose, generation)| whose == subscriber && generation < present);
        let newer = |member: &sealbank_bank::Member| -> Vec<_> {
            member
                .certificates
                .range(present..)
                .map(|(g, r)| (*g, r.clone()))
                .collect()
        };
        let same = before.grant == after.grant
            && before.logon_method == after.logon_method
            && before.account == after.account
            && newer(before) == newer(after);
        must(!old || same, || {
            format!("an old message changed {before:?} to {after:?}")
        })
    })
}

/// The right name on the right key: what is recorded carries the bank's subject for its holder and the key of the
/// request that arrived in this holder's own retrieval session.
pub(crate) fn v10_right_name_on_the_right_key(step: &Step<'_>) -> Verdict {
    if let (Command::AcceptRequest { session, .. }, Ok(Answer::Sign(enrolment))) =
        (step.command, &step.decision.outcome)
    {
        let own =
            session_holder(step.before, session).is_some_and(|h| h == enrolment.subscriber.holder);
        must(own, || format!("signed for {}", enrolment.subscriber))?;
    }
    each_member(step, |subscriber, _, after| {
        let facts = after
            .certificates
            .values()
            .filter_map(|r| r.facts.as_ref().map(|f| (r, f)));
        facts.into_iter().try_for_each(|(record, facts)| {
            let right = facts.subject == step.after.profile().subject(subscriber)
                && facts.public_key == record.public_key;
            must(right, || format!("{} carries {facts:?}", facts.serial))
        })
    })
}

/// No action for one member changes another's facts or sessions, except what stops, resumes or restarts the whole
/// contract; other contracts are never touched.
pub(crate) fn v11_isolation(step: &Step<'_>) -> Verdict {
    let whole_contract = matches!(
        step.command,
        Command::SuspendContract { .. }
            | Command::ResumeContract { .. }
            | Command::CancelContract { .. }
            | Command::OpenContract { .. }
            | Command::Recover { .. }
    );
    let touched = touched(step);
    for (id, books) in step.before.contracts() {
        let after = step.after.contract(id).ok_or("a contract vanished")?;
        if id != step.command.contract() {
            must(books == after, || format!("contract {id} changed"))?;
        } else if !whole_contract {
            for (holder, member) in books
                .members()
                .filter(|(holder, _)| !touched.contains(holder))
            {
                must(after.member(&holder) == Some(member), || {
                    format!("{holder} changed")
                })?;
                let sessions = |books: &sealbank_bank::Contract| -> Vec<SessionId> {
                    books.sessions_of(&holder).map(|(id, _)| *id).collect()
                };
                must(sessions(books) == sessions(after), || {
                    format!("{holder}'s sessions changed")
                })?;
            }
        }
    }
    Ok(())
}

/// Every abort before the request leaves the grant usable and logon as it was before: the same generation is ready
/// again, or the certificate that was to be renewed counts. Only キャンセル on the first popup may burn the grant
/// (setting `cancel_popup1_keeps_grant`). Under `method_flip_point` "on grant" ID+PIN was closed before.
pub(crate) fn v12_safe_abort(step: &Step<'_>) -> Verdict {
    let settings = step.before.settings();
    let burns =
        matches!(step.command, Command::CancelPopup { .. }) && !settings.cancel_popup1_keeps_grant;
    step.decision.events.iter().try_for_each(|event| {
        let Change::RetrievalAbandoned {
            holder,
            grant,
            method,
            ..
        } = &event.change
        else {
            return Ok(());
        };
        let subscriber = Subscriber {
            contract: event.contract.clone(),
            holder: holder.clone(),
        };
        let before = step.before.member(&subscriber).map(|member| member.grant);
        let expected = match before {
            Some(Grant::Claimed {
                generation,
                origin: ClaimOrigin::Granted { .. },
                ..
            }) => {
                let void = Grant::Void { generation };
                let ready = matches!(grant, Grant::Ready { generation: g, .. } if *g == generation);
                let closed = settings.method_flip_point == MethodFlipPoint::OnGrant;
                (ready || burns && *grant == void) && (closed || *method == LogonMethod::IdPin)
            }
            Some(Grant::Claimed {
                origin: ClaimOrigin::Renewal { previous },
                ..
            }) => {
                *grant
                    == Grant::Consumed {
                        generation: previous,
                    }
            }
            // What time gave back stands among the events, but is over in `before`.
            _ => true,
        };
        must(expected, || {
            format!("{before:?} was given up as {grant:?}, {method:?}")
        })
    })
}

/// The method goes from the certificate back to ID+PIN only by 再発行（初期化）, by a new registration of a deleted id,
/// or by 失効 where `revoke_only_result` says so. Where `method_flip_point` lies before the commit, an abort before
/// the commit takes the early flip back.
pub(crate) fn v14_no_downgrade_without_authority(step: &Step<'_>) -> Verdict {
    let settings = step.before.settings();
    let early = matches!(
        settings.method_flip_point,
        MethodFlipPoint::OnFormAccepted | MethodFlipPoint::OnRequestAccepted
    );
    let authority = |event: &Event| match event.change {
        Change::Reinitialized { .. } | Change::UserRegistered { .. } => true,
        Change::Revoked { .. } => settings.revoke_only_result == RevokeOnlyResult::IdPin,
        Change::RetrievalAbandoned { .. } | Change::RequestWithdrawn { .. } => early,
        _ => false,
    };
    each_member(step, |_, before, after| {
        let down = before.logon_method == LogonMethod::Certificate
            && after.logon_method == LogonMethod::IdPin;
        must(!down || step.decision.events.iter().any(authority), || {
            format!("by {:?}", step.command)
        })
    })
}

/// Revoked stays revoked, expired never counts again, deleted stays deleted unless the id is registered anew.
pub(crate) fn v17_what_ended_stays_ended(step: &Step<'_>) -> Verdict {
    let registers = step
        .decision
        .events
        .iter()
        .any(|e| matches!(e.change, Change::UserRegistered { .. }));
    each_member(step, |_, before, after| {
        for (generation, was) in &before.certificates {
            let is = after
                .certificates
                .get(generation)
                .map(|record| record.state);
            let ended = matches!(
                was.state,
                CertificateState::Revoked(_) | CertificateState::Expired
            );
            must(!ended || is == Some(was.state), || {
                format!("g{generation}: {:?} to {is:?}", was.state)
            })?;
        }
        let deleted = before.account == Account::Deleted;
        must(
            !deleted || after.account == Account::Deleted || registers,
            || "undeleted".to_owned(),
        )
    })
}

/// A request of a session that is over has no effect: after 閉じる, time-out, re-initialisation or suspension.
pub(crate) fn v19_an_ended_session_has_no_effect(step: &Step<'_>) -> Verdict {
    let Some(session) = session_of(step.command) else {
        return Ok(());
    };
    if session_holder(step.before, session).is_some() {
        return Ok(());
    }
    must(step.decision.outcome.is_err(), || {
        "it was answered".to_owned()
    })?;
    must(step.before == step.after, || "it had an effect".to_owned())
}

/// Who is not active comes in by no door, and no PIN of his is even looked at.
pub(crate) fn v20_suspended_comes_in_by_no_door(step: &Step<'_>) -> Verdict {
    let holder = match step.command {
        Command::LogOn { subscriber, .. } | Command::BeginRetrieval { subscriber, .. } => {
            Some(subscriber.clone())
        }
        Command::LogOnWithCertificate { serial, .. } => step
            .before
            .find_certificate(serial)
            .map(|(subscriber, _)| subscriber),
        _ => None,
    };
    let member = holder.and_then(|subscriber| step.before.member(&subscriber));
    if member.is_none_or(|member| member.account == Account::Active) {
        return Ok(());
    }
    must(step.decision.outcome.is_err(), || "came in".to_owned())?;
    must(step.before == step.after, || "it had an effect".to_owned())
}

/// A lapsed grant is never claimed, nor one after its deadline; and a lapse is not taken back by the clock.
pub(crate) fn v23_nothing_late_is_claimed(step: &Step<'_>) -> Verdict {
    let renewed = |change: &Change| {
        matches!(
            change,
            Change::Reinitialized { .. }
                | Change::Revoked { .. }
                | Change::Deregistered { .. }
                | Change::UserRegistered { .. }
        )
    };
    each_member(step, |_, before, after| match (before.grant, after.grant) {
        (Grant::Lapsed { .. }, is) if is != before.grant => must(
            step.decision.events.iter().any(|e| renewed(&e.change)),
            || format!("lapsed to {is:?}"),
        ),
        (
            Grant::Ready {
                deadline: Some(deadline),
                ..
            },
            Grant::Claimed { .. },
        ) => must(step.now <= deadline, || {
            format!("claimed at {} after {deadline}", step.now)
        }),
        _ => Ok(()),
    })
}

/// Each transition is one entry: the books change exactly when there are events, an entry survives its way through
/// JSON, and tells who it was, when and the facts before and after.
pub(crate) fn v25_one_entry_per_transition(step: &Step<'_>) -> Verdict {
    step.decision.events.iter().try_for_each(|event| {
        let json = serde_json::to_string(event).map_err(|error| error.to_string())?;
        let read: Event =
            serde_json::from_str(&json).map_err(|error| format!("{error}: {json}"))?;
        must(read == *event, || {
            format!("{event:?} came back as {read:?}")
        })?;
        let opened = matches!(
            event.change,
            Change::ContractOpened { .. } | Change::UserRegistered { .. }
        );
        let facts = event.after.is_some() && (event.before.is_some() || opened);
        must(facts == event.change.holder().is_some(), || {
            format!("facts of {event:?}")
        })
    })
}

/// The same message a second time changes nothing more than time itself does. A wrong PIN is not a message but a
/// try, and two 再発行（初期化） are two acts of the administrator.
pub(crate) fn v26_twice_is_once(step: &Step<'_>) -> Verdict {
    if step.decision.events.is_empty() {
        // The books are as they were, and deciding is a pure function of them.
        return Ok(());
    }
    let (settled, again, once_more) = decided(step.after, step.command, step.now);
    let tried = again
        .events
        .iter()
        .any(|event| matches!(event.change, Change::PinFailed { .. }));
    let acts = matches!(
        step.command,
        Command::CounterReinitialize { .. }
            | Command::Administer {
                act: AdminAct::Reinitialize { .. },
                ..
            }
    );
    must(tried || acts || once_more == settled, || {
        format!("again: {:?}", again.events)
    })
}

fn each_member(
    step: &Step<'_>,
    check: impl Fn(&Subscriber, &sealbank_bank::Member, &sealbank_bank::Member) -> Verdict,
) -> Verdict {
    if step.decision.events.is_empty() {
        // Nothing happened to anybody.
        return Ok(());
    }
    members(step.before)
        .into_iter()
        .try_for_each(|(subscriber, before)| {
            let after = step.after.member(&subscriber).ok_or("a member vanished")?;
            check(&subscriber, before, after).map_err(|saw| format!("{subscriber}: {saw}"))
        })
}

/// Whose generation the message speaks of.
fn message_of(command: &Command) -> Option<(&Subscriber, Generation)> {
    match command {
        Command::RecordCertificate {
            subscriber,
            generation,
            ..
        }
        | Command::WithdrawRequest {
            subscriber,
            generation,
            ..
        }
        | Command::MarkDelivered {
            subscriber,
            generation,
        }
        | Command::Reconcile {
            subscriber,
            generation,
            ..
        } => Some((subscriber, *generation)),
        _ => None,
    }
}

/// The open session that the command claims to come from.
fn session_of(command: &Command) -> Option<&SessionId> {
    match command {
        Command::Administer { session, .. }
        | Command::UnlockAdministrator { session, .. }
        | Command::CloseRetrieval { session, .. }
        | Command::CancelPopup { session, .. }
        | Command::AcceptRequest { session, .. }
        | Command::ConfirmInstallation { session, .. }
        | Command::LogOff { session, .. }
        | Command::KeepAlive { session, .. }
        | Command::Renew { session, .. } => Some(session),
        _ => None,
    }
}

fn session_holder(bank: &Bank, session: &SessionId) -> Option<Holder> {
    let found = bank.contract(&contract())?.sessions.get(session)?;
    Some(found.holder.clone())
}

/// The members that the command may touch.
fn touched(step: &Step<'_>) -> BTreeSet<Holder> {
    let mut holders = BTreeSet::new();
    holders
        .extend(session_of(step.command).and_then(|session| session_holder(step.before, session)));
    match step.command {
        Command::CounterGrant { subscriber }
        | Command::CounterReinitialize { subscriber }
        | Command::CounterUnlock { subscriber }
        | Command::BeginRetrieval { subscriber, .. }
        | Command::RecordCertificate { subscriber, .. }
        | Command::WithdrawRequest { subscriber, .. }
        | Command::MarkDelivered { subscriber, .. }
        | Command::LogOn { subscriber, .. }
        | Command::Reconcile { subscriber, .. } => {
            holders.insert(subscriber.holder.clone());
        }
        // What a confirmed act does to its user; unconfirmed it touches the administrator alone.
        Command::Administer { act, .. } if step.decision.outcome.is_ok() => {
            holders.insert(Holder::User(act.user().clone()));
        }
        Command::LogOnWithCertificate { serial, .. } => {
            holders.extend(
                step.before
                    .find_certificate(serial)
                    .map(|(whose, _)| whose.holder),
            );
        }
        Command::UnlockAdministrator { .. } if step.decision.outcome.is_ok() => {
            holders.insert(Holder::Administrator);
        }
        _ => {}
    }
    holders
}
