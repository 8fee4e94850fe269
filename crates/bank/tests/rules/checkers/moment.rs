//! Invariants of one moment: what must hold of the books, and of what could be done with them now.

use sealbank_bank::settings::{MethodFlipPoint, RenewalOverlap};
use sealbank_bank::{
    Account, Answer, Bank, Browser, CertificateState, ClaimOrigin, Command, Door, Finding, Grant,
    Holder, LogonMethod, Pin, Refusal, Serial, SessionKind, Subscriber,
};

use super::{Moment, Verdict, after_decision, members, must};
use crate::world::{
    ADMIN_PIN, NEW_PIN, USER_PIN, contract, hash, key, request, serial, session, signed,
};

/// A number for sessions, keys and serials that no history reaches.
const UNUSED: u32 = 9_000_000;

/// Rescue. From every state in which the contract is active, the user not deleted and the administrator able to
/// help, 再発行（初期化） is possible and leads to ID+PIN, a new generation granted and nothing accepted; an
/// undisturbed retrieval then makes the certificate usable. A PIN lock is lifted first (Q8).
///
/// The counter does it here, on paper: its act is the administrator's (T28), and it needs no logon, which settings
/// such as `certificate_mandatory` may deny to the administrator himself. Within service hours only.
pub(crate) fn v1_rescue(moment: &Moment<'_>) -> Verdict {
    if !moment.bank.administrator_can_act(&contract()) || !is_open(moment) {
        return Ok(());
    }
    for (subscriber, member) in members(moment.bank) {
        if member.account != Account::Deleted {
            let rescued = rescue(moment, &subscriber, member.generation.get());
            rescued.map_err(|saw| format!("{subscriber}: {saw}"))?;
        }
    }
    Ok(())
}

fn rescue(moment: &Moment<'_>, subscriber: &Subscriber, generation: u32) -> Verdict {
    let mut bank = moment.bank.clone();
    let mut tell = |command: &Command| {
        let decision = bank.decide(command, moment.now);
        bank = after_decision(&bank, &decision);
        (decision.outcome, bank.clone())
    };
    let (outcome, bank) = tell(&Command::CounterReinitialize {
        subscriber: subscriber.clone(),
    });
    must(outcome.is_ok(), || {
        format!("not re-initialised: {outcome:?}")
    })?;
    let member = bank.member(subscriber).ok_or("gone")?;
    must(member.logon_method == LogonMethod::IdPin, || {
        "method stays".to_owned()
    })?;
    must(
        matches!(member.grant, Grant::Ready { generation: new, .. } if new.get() > generation),
        || format!("grant is {:?}", member.grant),
    )?;
    must(member.accepted().is_none(), || {
        "a certificate stays accepted".to_owned()
    })?;
    if member.account != Account::Active {
        tell(&Command::CounterUnlock {
            subscriber: subscriber.clone(),
        })
        .0
        .map_err(Refusal::reason)?;
    }
    let pin = right_pin(&bank, subscriber);
    let retrieval = session(UNUSED);
    let begun = tell(&Command::BeginRetrieval {
        subscriber: subscriber.clone(),
        pin: pin.clone(),
        session: retrieval,
        browser: Browser::Supported,
    });
    begun
        .0
        .map_err(|no| format!("no retrieval: {}", no.reason()))?;
    let accepted = tell(&Command::AcceptRequest {
        contract: contract(),
        session: retrieval,
        request: request(UNUSED),
        public_key: key(UNUSED),
    });
    let Ok(Answer::Sign(enrolment)) = accepted.0 else {
        return Err(format!("no request: {:?}", accepted.0));
    };
    for command in [
        Command::RecordCertificate {
            subscriber: subscriber.clone(),
            generation: enrolment.generation,
            request: enrolment.request,
            facts: signed(&enrolment, key(UNUSED), serial(UNUSED)),
        },
        Command::MarkDelivered {
            subscriber: subscriber.clone(),
            generation: enrolment.generation,
        },
        Command::ConfirmInstallation {
            contract: contract(),
            session: retrieval,
        },
    ] {
        let (outcome, _) = tell(&command);
        outcome.map_err(|no| format!("{}: {command:?}", no.reason()))?;
    }
    // An older logon may still be open (`session_kill_on_revoke`); it is not the rescue's matter.
    let (outcome, _) = tell(&by_certificate(serial(UNUSED), pin));
    must(
        matches!(outcome, Ok(_) | Err(Refusal::AlreadyLoggedOn)),
        || format!("rescued, but no logon: {outcome:?}"),
    )
}

/// At most one certificate of a user is accepted at any instant; two only under `renewal_overlap`
/// "until confirmed", and only while the newer waits for its confirmation.
pub(crate) fn v3_at_most_one_accepted(moment: &Moment<'_>) -> Verdict {
    let overlaps = moment.bank.settings().renewal_overlap == RenewalOverlap::UntilConfirmed;
    members(moment.bank)
        .into_iter()
        .try_for_each(|(subscriber, member)| {
            let accepted: Vec<_> = member
                .all_accepted()
                .map(|(generation, _)| member.certificates[&generation].state)
                .collect();
            let waiting = accepted
                .last()
                .is_some_and(|newest| *newest != CertificateState::Confirmed);
            let fits = accepted.len() <= 1 || (accepted.len() == 2 && overlaps && waiting);
            must(fits, || format!("{subscriber} has {accepted:?}"))
        })
}

/// A record is complete or it is a request: from `Signed` on the serial, issuer, subject, key and validity are there.
pub(crate) fn v5_complete_record(moment: &Moment<'_>) -> Verdict {
    members(moment.bank)
        .into_iter()
        .try_for_each(|(subscriber, member)| {
            member
                .certificates
                .iter()
                .try_for_each(|(generation, record)| {
                    let requested = record.state == CertificateState::Requested;
                    must(record.facts.is_none() == requested, || {
                        format!(
                            "{subscriber} g{generation} is {:?} with {:?}",
                            record.state, record.facts
                        )
                    })
                })
        })
}

/// No half flip: the method is the certificate if and only if the grant is consumed and its certificate recorded.
/// While a renewal holds the claim, the generation before it counts; after 失効 the setting `revoke_only_result`
/// decides. Promised for `method_flip_point` "on commit"; elsewhere only that what is consumed was recorded.
pub(crate) fn v6_no_half_flip(moment: &Moment<'_>) -> Verdict {
    let on_commit = moment.bank.settings().method_flip_point == MethodFlipPoint::OnCommit;
    members(moment.bank)
        .into_iter()
        .try_for_each(|(subscriber, member)| {
            let consumed = match member.grant {
                Grant::Consumed { generation } => Some(generation),
                Grant::Claimed {
                    origin: ClaimOrigin::Renewal { previous },
                    ..
                } => Some(previous),
                _ => None,
            };
            if let Some(generation) = consumed {
                let recorded = member
                    .certificates
                    .get(&generation)
                    .is_some_and(|r| r.facts.is_some());
                must(recorded, || {
                    format!("{subscriber} consumed g{generation} without a record")
                })?;
            }
            let flipped = member.logon_method == LogonMethod::Certificate;
            let fits = flipped == consumed.is_some() || matches!(member.grant, Grant::Void { .. });
            must(fits || !on_commit, || {
                format!(
                    "{subscriber} logs on by {:?} with {:?}",
                    member.logon_method, member.grant
                )
            })
        })
}

/// At no instant are logon by ID+PIN and logon by certificate both possible for one user.
/// Not promised for `method_flip_point` "on install confirmed", which contradicts the document.
pub(crate) fn v7_exclusive_methods(moment: &Moment<'_>) -> Verdict {
    if moment.bank.settings().method_flip_point == MethodFlipPoint::OnInstallConfirmed {
        return Ok(());
    }
    members(moment.bank)
        .into_iter()
        .try_for_each(|(subscriber, member)| {
            let pin = right_pin(moment.bank, &subscriber);
            let by_id = possible(
                moment,
                &Command::LogOn {
                    subscriber: subscriber.clone(),
                    pin: pin.clone(),
                    session: session(UNUSED),
                },
            );
            let by_certificate = member
                .certificates
                .values()
                .filter_map(|record| record.facts.as_ref())
                .any(|facts| {
                    possible(
                        moment,
                        &by_certificate_of(moment.bank, facts.serial.clone(), pin.clone()),
                    )
                });
            must(!(by_id && by_certificate), || {
                format!("{subscriber} can log on both ways")
            })
        })
}

/// A grant is claimed by a session that is alive, or its request is on its way: nothing else could give it back.
pub(crate) fn v12_no_claim_without_its_session(moment: &Moment<'_>) -> Verdict {
    let Some(books) = moment.bank.contract(&contract()) else {
        return Ok(());
    };
    members(moment.bank)
        .into_iter()
        .try_for_each(|(subscriber, member)| {
            let Grant::Claimed {
                generation,
                session,
                ..
            } = member.grant
            else {
                return Ok(());
            };
            let held = books.sessions.get(&session).is_some_and(|found| {
                found.holder == subscriber.holder
                    && found.kind == SessionKind::Retrieval { generation }
            });
            must(
                held || member.certificates.contains_key(&generation),
                || format!("{subscriber}: g{generation} is claimed by a session that is gone"),
            )
        })
}

/// Whatever was interrupted: after a restart and the CA's word nobody is in between. The grant is not claimed, and
/// where it is consumed its certificate is on the books.
pub(crate) fn v13_closed_outcome_set(moment: &Moment<'_>) -> Verdict {
    let tell =
        |bank: &Bank, command: &Command| after_decision(bank, &bank.decide(command, moment.now));
    let mut bank = tell(
        moment.bank,
        &Command::Recover {
            contract: contract(),
        },
    );
    for open in bank.unsettled() {
        bank = tell(
            &bank,
            &Command::Reconcile {
                subscriber: open.subscriber,
                generation: open.generation,
                request: open.request,
                finding: Finding::NotSigned,
            },
        );
    }
    members(&bank)
        .into_iter()
        .try_for_each(|(subscriber, member)| match member.grant {
            Grant::Claimed { generation, .. } => {
                Err(format!("{subscriber} still claims g{generation}"))
            }
            Grant::Consumed { generation } => {
                let recorded = member
                    .certificates
                    .get(&generation)
                    .is_some_and(|r| r.facts.is_some());
                must(recorded, || {
                    format!("{subscriber}: no certificate of g{generation}")
                })
            }
            Grant::None | Grant::Ready { .. } | Grant::Lapsed { .. } | Grant::Void { .. } => Ok(()),
        })
}

/// Wrong PINs between two resets never pass the limit; who reached it is not active and is nowhere inside.
/// With `pin_counter_scope` "per door" each door has its own limit.
pub(crate) fn v20_pin_guard(moment: &Moment<'_>) -> Verdict {
    let settings = moment.bank.settings();
    let doors = [
        Door::IdPinLogon,
        Door::Retrieval,
        Door::CertificateLogon,
        Door::Confirmation,
    ];
    members(moment.bank)
        .into_iter()
        .try_for_each(|(subscriber, member)| {
            let most = doors
                .iter()
                .map(|door| member.failures_at(*door, settings))
                .max()
                .unwrap_or(0);
            must(most <= settings.pin_failure_limit, || {
                format!("{subscriber} failed {most} times")
            })?;
            let at_limit = most == settings.pin_failure_limit;
            must(!(at_limit && member.account == Account::Active), || {
                format!("{subscriber} is active after {most} failures")
            })?;
            let inside = moment
                .bank
                .contract(&contract())
                .is_some_and(|books| books.sessions_of(&subscriber.holder).next().is_some());
            must(!inside || member.account == Account::Active, || {
                format!("{subscriber} is {} and inside", member.account.name())
            })
        })
}

/// Outside its validity on the bank's clock a certificate opens no session.
pub(crate) fn v23_no_logon_outside_validity(moment: &Moment<'_>) -> Verdict {
    members(moment.bank)
        .into_iter()
        .try_for_each(|(subscriber, member)| {
            let facts = member
                .certificates
                .values()
                .filter_map(|record| record.facts.as_ref());
            let mut outside =
                facts.filter(|f| moment.now < f.not_before || f.not_after < moment.now);
            let pin = right_pin(moment.bank, &subscriber);
            outside.try_for_each(|facts| {
                let logon = by_certificate_of(moment.bank, facts.serial.clone(), pin.clone());
                must(!possible(moment, &logon), || {
                    format!("{subscriber} by {}", facts.serial)
                })
            })
        })
}

/// Whether the door opens; being inside already is no objection, for it opened before.
fn possible(moment: &Moment<'_>, command: &Command) -> bool {
    let outcome = moment.bank.decide(command, moment.now).outcome;
    matches!(outcome, Ok(_) | Err(Refusal::AlreadyLoggedOn))
}

fn is_open(moment: &Moment<'_>) -> bool {
    moment.bank.settings().service_hours.open_at(moment.now)
}

/// The PIN that is right now, told by its hash: tests set no other PINs.
fn right_pin(bank: &Bank, subscriber: &Subscriber) -> Pin {
    let reset = bank
        .member(subscriber)
        .is_some_and(|member| member.pin == hash(NEW_PIN));
    Pin::new(match subscriber.holder {
        Holder::Administrator => ADMIN_PIN,
        Holder::User(_) if reset => NEW_PIN,
        Holder::User(_) => USER_PIN,
    })
}

fn by_certificate(serial: Serial, pin: Pin) -> Command {
    Command::LogOnWithCertificate {
        contract: contract(),
        serial,
        public_key: key(UNUSED),
        pin,
        session: session(UNUSED + 1),
    }
}

/// A logon with the certificate `serial` and its own key.
fn by_certificate_of(bank: &Bank, serial: Serial, pin: Pin) -> Command {
    let found = bank
        .find_certificate(&serial)
        .map(|(_, facts)| facts.public_key);
    Command::LogOnWithCertificate {
        contract: contract(),
        serial,
        public_key: found.unwrap_or(key(UNUSED)),
        pin,
        session: session(UNUSED + 1),
    }
}
