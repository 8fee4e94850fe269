//! The settings that the bank obeys: how each is changed, and the story that shows it.

use sealbank_bank::settings::{
    Characters, IdPinAfterReinit, InstallConfirmation, MethodFlipPoint, MethodScope,
    PinCounterScope, RenewalOverlap, RevokeOnlyResult, ServiceHours, SessionKill,
};
use sealbank_bank::{Command, NewPin, Popup, Settings, UserId};
use time::Duration;

use super::USER;
use super::stories::{
    first_enrolment, flips_at, renewed, revoked_while_inside, said, strand, wait_and_retrieve,
};
use crate::world::{USER_PIN, WRONG_PIN, World, administrator, contract, session, user};

/// A setting, how it is changed, the story that shows it, and how it ends by default and changed.
pub(super) struct Effect {
    pub(super) setting: &'static str,
    pub(super) change: fn(&mut Settings),
    pub(super) story: fn(World) -> String,
    pub(super) by_default: &'static str,
    pub(super) changed: &'static str,
}

pub(super) const EFFECTS: &[Effect] = &[
    Effect {
        setting: "certificate-validity-days",
        change: |settings| settings.certificate_validity_days = 730,
        story: |world| first_enrolment(world).not_after.to_string(),
        by_default: "2032-03-31 23:59:59.0 +00:00:00",
        changed: "2033-03-31 23:59:59.0 +00:00:00",
    },
    Effect {
        setting: "expiry-time-of-day",
        change: |settings| settings.expiry_time_of_day = None,
        story: |world| first_enrolment(world).not_after.to_string(),
        by_default: "2032-03-31 23:59:59.0 +00:00:00",
        changed: "2032-03-31 0:00:00.0 +00:00:00",
    },
    Effect {
        setting: "not-before-backdate-minutes",
        change: |settings| settings.not_before_backdate_minutes = 60,
        story: |world| first_enrolment(world).not_before.to_string(),
        by_default: "2031-03-31 23:50:00.0 +00:00:00",
        changed: "2031-03-31 23:00:00.0 +00:00:00",
    },
    Effect {
        setting: "renewal-window-days",
        change: |settings| settings.renewal_window_days = 40,
        story: |mut world| {
            let held = world.equip(USER);
            let logon = world.wait(Duration::days(330)).log_on_with(&held).unwrap();
            said(world.renew(logon))
        },
        by_default: "outside-renewal-window",
        changed: "yes",
    },
    Effect {
        setting: "expiry-notices-days",
        change: |settings| settings.expiry_notices_days = vec![40],
        story: |mut world| {
            world.equip(USER);
            let mut sent = Vec::new();
            for days in [320, 10, 26] {
                world.wait(Duration::days(days)).pass_time().unwrap();
                sent.push(world.member(USER).notices.clone());
            }
            format!("{sent:?}")
        },
        by_default: "[[], [], [30, 10]]",
        changed: "[[], [40], [40]]",
    },
    Effect {
        setting: "expired-self-retrieval-grace-days",
        change: |settings| settings.expired_self_retrieval_grace_days = 90,
        story: |mut world| {
            world.equip(USER);
            let mut told = String::new();
            for days in [400, 60] {
                world.wait(Duration::days(days));
                let begun = world.begin(USER);
                told.push_str(&said(begun));
                told.push(' ');
                if let Ok(retrieval) = begun {
                    world.close(retrieval).unwrap();
                }
            }
            told
        },
        by_default: "expired-certificate expired-certificate ",
        changed: "yes expired-certificate ",
    },
    Effect {
        setting: "retrieval-deadline-days",
        change: |settings| settings.retrieval_deadline_days = None,
        story: |world| wait_and_retrieve(world, 81),
        by_default: "grant-lapsed",
        changed: "yes",
    },
    Effect {
        setting: "lapse-blocks-logon",
        change: |settings| settings.lapse_blocks_logon = true,
        story: |mut world| {
            world.grant(USER).unwrap();
            said(world.wait(Duration::days(81)).log_on(USER))
        },
        by_default: "yes",
        changed: "lapse-blocks-logon",
    },
    Effect {
        setting: "max-users-per-contract",
        change: |settings| settings.max_users_per_contract = 1,
        story: |mut world| said(world.register("shacho")),
        by_default: "yes",
        changed: "too-many-users",
    },
    Effect {
        setting: "method-scope",
        change: |settings| settings.method_scope = MethodScope::PerContract,
        story: |mut world| {
            world.register("shacho").unwrap();
            world.equip(USER);
            said(world.log_on("shacho"))
        },
        by_default: "yes",
        changed: "id-pin-closed",
    },
    Effect {
        setting: "certificate-mandatory",
        change: |settings| settings.certificate_mandatory = true,
        story: |mut world| said(world.log_on_as(administrator(), WRONG_PIN, session(1))),
        by_default: "wrong-pin",
        changed: "certificate-mandatory",
    },
    Effect {
        setting: "method-flip-point",
        change: |settings| settings.method_flip_point = MethodFlipPoint::OnGrant,
        story: flips_at,
        by_default: "commit",
        changed: "grant",
    },
    Effect {
        setting: "method-flip-point",
        change: |settings| settings.method_flip_point = MethodFlipPoint::OnFormAccepted,
        story: flips_at,
        by_default: "commit",
        changed: "form",
    },
    Effect {
        setting: "method-flip-point",
        change: |settings| settings.method_flip_point = MethodFlipPoint::OnRequestAccepted,
        story: flips_at,
        by_default: "commit",
        changed: "request",
    },
    Effect {
        setting: "method-flip-point",
        change: |settings| settings.method_flip_point = MethodFlipPoint::OnInstallConfirmed,
        story: flips_at,
        by_default: "commit",
        changed: "confirmation",
    },
    Effect {
        setting: "id-pin-after-reinit",
        change: |settings| settings.id_pin_after_reinit = IdPinAfterReinit::RetrievalOnly,
        story: |mut world| {
            strand(&mut world);
            world.reinitialize(USER).unwrap();
            format!("{} {}", said(world.log_on(USER)), said(world.begin(USER)))
        },
        by_default: "yes yes",
        changed: "retrieval-only yes",
    },
    Effect {
        setting: "reinit-unlocks-pin",
        change: |settings| settings.reinit_unlocks_pin = true,
        story: |mut world| {
            world.lock(&user(USER));
            world.reinitialize(USER).unwrap();
            said(world.log_on(USER))
        },
        by_default: "suspended",
        changed: "yes",
    },
    Effect {
        setting: "revoke-only-result",
        change: |settings| settings.revoke_only_result = RevokeOnlyResult::IdPin,
        story: |mut world| {
            world.equip(USER);
            world.revoke(USER).unwrap();
            said(world.log_on(USER))
        },
        by_default: "id-pin-closed",
        changed: "yes",
    },
    Effect {
        setting: "pin-failure-limit",
        change: |settings| settings.pin_failure_limit = 1,
        story: |mut world| said(world.log_on_as(user(USER), WRONG_PIN, session(1))),
        by_default: "wrong-pin",
        changed: "suspended",
    },
    Effect {
        setting: "pin-counter-scope",
        change: |settings| settings.pin_counter_scope = PinCounterScope::PerDoor,
        story: |mut world| {
            for _ in 0..6 {
                world
                    .log_on_as(user(USER), WRONG_PIN, session(1))
                    .unwrap_err();
            }
            said(world.begin_as(user(USER), WRONG_PIN, session(1)))
        },
        by_default: "suspended",
        changed: "wrong-pin",
    },
    Effect {
        setting: "admin-lock-blocks-users",
        change: |settings| settings.admin_lock_blocks_users = false,
        story: |mut world| {
            world.lock_administrator();
            said(world.log_on(USER))
        },
        by_default: "contract-suspended",
        changed: "yes",
    },
    Effect {
        setting: "pin-max-age-days",
        change: |settings| settings.pin_max_age_days = 30,
        story: |mut world| {
            world.wait(Duration::days(31));
            world
                .bank
                .pin_is_old(world.member(USER), world.now)
                .to_string()
        },
        by_default: "false",
        changed: "true",
    },
    Effect {
        setting: "pin-format",
        change: |settings| settings.pin_format.min = 9,
        story: |world| {
            NewPin::parse(USER_PIN, &world.bank.settings().pin_format)
                .is_ok()
                .to_string()
        },
        by_default: "true",
        changed: "false",
    },
    Effect {
        setting: "user-id-format",
        change: |settings| settings.user_id_format.characters = Characters::Digits,
        story: |world| {
            UserId::parse(USER, &world.bank.settings().user_id_format)
                .is_ok()
                .to_string()
        },
        by_default: "true",
        changed: "false",
    },
    Effect {
        setting: "contract-id-format",
        change: |settings| settings.contract_id_format.min = 10,
        story: |world| {
            let format = world.bank.settings().contract_id_format;
            sealbank_bank::ContractId::parse("9999000001", &format)
                .is_ok()
                .to_string()
        },
        by_default: "false",
        changed: "true",
    },
    Effect {
        setting: "user-id-reusable-after-delete",
        change: |settings| settings.user_id_reusable_after_delete = true,
        story: |mut world| {
            world.deregister(USER).unwrap();
            said(world.register(USER))
        },
        by_default: "user-id-taken",
        changed: "yes",
    },
    Effect {
        setting: "retrieval-session-timeout-minutes",
        change: |settings| settings.retrieval_session_timeout_minutes = 30,
        story: |mut world| {
            world.grant(USER).unwrap();
            let retrieval = world.begin(USER).unwrap();
            said(world.wait(Duration::minutes(11)).request(retrieval))
        },
        by_default: "session-timed-out",
        changed: "yes",
    },
    Effect {
        setting: "user-session-timeout-minutes",
        change: |settings| settings.user_session_timeout_minutes = 30,
        story: |mut world| {
            let logon = world.log_on(USER).unwrap();
            world.wait(Duration::minutes(10));
            world
                .tell(&Command::KeepAlive {
                    contract: contract(),
                    session: logon,
                })
                .unwrap();
            world.wait(Duration::minutes(16));
            said(world.bank.visit(&logon, None, world.now))
        },
        by_default: "session-timed-out",
        changed: "yes",
    },
    Effect {
        setting: "single-session-per-user",
        change: |settings| settings.single_session_per_user = false,
        story: |mut world| {
            world.log_on(USER).unwrap();
            said(world.log_on(USER))
        },
        by_default: "already-logged-on",
        changed: "yes",
    },
    Effect {
        setting: "service-hours",
        change: |settings| {
            settings.service_hours = ServiceHours::Daily {
                opens: 8,
                closes: 21,
            }
        },
        story: |mut world| {
            world.grant(USER).unwrap();
            world.wait(Duration::hours(13));
            format!("{} {}", said(world.log_on(USER)), said(world.begin(USER)))
        },
        by_default: "yes yes",
        changed: "outside-service-hours outside-service-hours",
    },
    Effect {
        setting: "cancel-popup1-keeps-grant",
        change: |settings| settings.cancel_popup1_keeps_grant = false,
        story: |mut world| {
            world.grant(USER).unwrap();
            let retrieval = world.begin(USER).unwrap();
            world.cancel(retrieval, Popup::First).unwrap();
            said(world.begin(USER))
        },
        by_default: "yes",
        changed: "grant-void",
    },
    Effect {
        setting: "cancel-popup2-keeps-grant",
        change: |settings| settings.cancel_popup2_keeps_grant = true,
        story: |mut world| {
            let held = strand(&mut world);
            world.cancel(held.retrieval, Popup::Second).unwrap();
            format!(
                "{} {}",
                said(world.log_on_with(&held)),
                said(world.begin(USER))
            )
        },
        by_default: "yes already-retrieved",
        changed: "revoked-certificate yes",
    },
    Effect {
        setting: "install-confirmation",
        change: |settings| settings.install_confirmation = InstallConfirmation::None,
        story: renewed,
        by_default: "[2, 2, 1, 1]",
        changed: "[2, 1, 1, 1]",
    },
    Effect {
        setting: "install-confirmation",
        change: |settings| settings.install_confirmation = InstallConfirmation::FirstLogon,
        story: renewed,
        by_default: "[2, 2, 1, 1]",
        changed: "[2, 2, 2, 1]",
    },
    Effect {
        setting: "install-confirmation",
        change: |settings| settings.install_confirmation = InstallConfirmation::CompletionMessage,
        story: |mut world| {
            let held = strand(&mut world);
            world.log_on_with(&held).unwrap();
            world
                .member(USER)
                .latest_record()
                .unwrap()
                .1
                .state
                .name()
                .to_owned()
        },
        by_default: "confirmed",
        changed: "delivered",
    },
    Effect {
        setting: "resume-by-csr-hash",
        change: |settings| settings.resume_by_csr_hash = true,
        story: |mut world| {
            let held = strand(&mut world);
            said(world.tell(&Command::AcceptRequest {
                contract: contract(),
                session: held.retrieval,
                request: held.enrolment.request,
                public_key: held.key,
            }))
        },
        by_default: "request-replayed",
        changed: "yes",
    },
    Effect {
        setting: "renewal-overlap",
        change: |settings| settings.renewal_overlap = RenewalOverlap::None,
        story: renewed,
        by_default: "[2, 2, 1, 1]",
        changed: "[1, 1, 1, 1]",
    },
    Effect {
        setting: "session-kill-on-revoke",
        change: |settings| settings.session_kill_on_revoke = SessionKill::AtTimeout,
        story: revoked_while_inside,
        by_default: "no-session",
        changed: "yes",
    },
];
