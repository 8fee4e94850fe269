//! What the people of a random history do, and under which settings of the bank.

use proptest::prelude::*;
use proptest::sample::select;
use sealbank_bank::settings::{
    IdPinAfterReinit, InstallConfirmation, MethodFlipPoint, MethodScope, PinCounterScope,
    RenewalOverlap, RevokeOnlyResult, ServiceHours, SessionKill,
};
use sealbank_bank::{
    AdminAct, Command, Pin, Popup, RevocationReason, Rights, SessionId, Settings, Subscriber,
};

use super::USERS;
use crate::world::{
    NEW_PIN, USER_PIN, WRONG_PIN, administrator, contract, hash, light, user, user_id,
};

/// One move of somebody, told by what it picks from the past: 0 is the newest, more is older.
#[derive(Debug, Clone, Copy)]
pub(super) enum Move {
    AdminLogsOn(Typed),
    Act(Act, usize, Typed),
    Counter(Paper, usize),
    Begin(usize, Typed, Name),
    Close(usize),
    Cancel(Popup, usize),
    Request(usize, Name),
    CaAnswers(usize, Answered),
    CaRefuses(usize),
    Deliver(usize),
    Confirm(usize),
    LogOn(usize, Typed, Name),
    Present(usize, Typed),
    LogOff(usize),
    KeepAlive(usize),
    Renew(usize),
    Clock(i64),
    Restart(Answered),
    Again(usize),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Typed {
    Right,
    Wrong,
}

/// Whether something gets a new name or that of the newest before it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Name {
    New,
    Used,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    Register,
    Grant,
    Reinitialize,
    Revoke,
    Lift,
    ResetPin,
    Stop,
    Deregister,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Paper {
    Grant,
    Reinitialize,
    Unlock,
    UnlockByUser,
    Suspend,
    Resume,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Answered {
    Right,
    AnotherSubject,
    AnotherKey,
    SerialOfBefore,
    NotSigned,
}

impl Typed {
    pub(super) fn of(self, right: &str) -> &str {
        match self {
            Self::Right => right,
            Self::Wrong => WRONG_PIN,
        }
    }
}

impl Act {
    pub(super) fn on(self, name: &str) -> AdminAct {
        let user = user_id(name);
        match self {
            Self::Register => AdminAct::Register {
                user,
                name: "検証 花子".to_owned(),
                rights: Rights::ResetAdministrator,
                pin: hash(USER_PIN),
            },
            Self::Grant => AdminAct::Grant { user },
            Self::Reinitialize => AdminAct::Reinitialize { user },
            Self::Revoke => AdminAct::Revoke {
                user,
                reason: RevocationReason::KeyCompromise,
            },
            Self::Lift => AdminAct::LiftSuspension { user },
            Self::ResetPin => AdminAct::ResetPin {
                user,
                pin: hash(NEW_PIN),
            },
            Self::Stop => AdminAct::Stop { user },
            Self::Deregister => AdminAct::Deregister { user },
        }
    }
}

impl Paper {
    pub(super) fn of(self, subscriber: Subscriber, session: SessionId) -> Command {
        let contract = contract();
        match self {
            Self::Grant => Command::CounterGrant { subscriber },
            Self::Reinitialize => Command::CounterReinitialize { subscriber },
            Self::Unlock => Command::CounterUnlock { subscriber },
            Self::UnlockByUser => Command::UnlockAdministrator {
                contract,
                session,
                pin: Pin::new(USER_PIN),
            },
            Self::Suspend => Command::SuspendContract { contract },
            Self::Resume => Command::ResumeContract { contract },
        }
    }
}

pub(super) fn subscriber(who: usize) -> Subscriber {
    USERS.get(who).map_or_else(administrator, |name| user(name))
}

pub(super) fn moves() -> impl Strategy<Value = Move> {
    let old = || prop_oneof![6 => Just(0_usize), 2 => Just(1), 1 => 2..4_usize];
    let who = || prop_oneof![5 => Just(0_usize), 2 => Just(1), 1 => Just(2)];
    let typed = || prop_oneof![8 => Just(Typed::Right), 1 => Just(Typed::Wrong)];
    let name = || prop_oneof![5 => Just(Name::New), 1 => Just(Name::Used)];
    let answered = || {
        prop_oneof![
            8 => Just(Answered::Right), 1 => Just(Answered::AnotherSubject), 1 => Just(Answered::AnotherKey),
            1 => Just(Answered::SerialOfBefore), 1 => Just(Answered::NotSigned),
        ]
    };
    let act = select(vec![
        Act::Register,
        Act::Grant,
        Act::Grant,
        Act::Reinitialize,
        Act::Revoke,
        Act::Lift,
        Act::ResetPin,
        Act::Stop,
        Act::Deregister,
    ]);
    let paper = select(vec![
        Paper::Grant,
        Paper::Grant,
        Paper::Reinitialize,
        Paper::Unlock,
        Paper::UnlockByUser,
        Paper::Suspend,
        Paper::Resume,
        Paper::Resume,
    ]);
    let minutes = select(vec![
        1,
        9,
        16,
        -5,
        -30,
        60 * 24 * 81,
        60 * 24 * 340,
        60 * 24 * 30,
        -60 * 24 * 90,
    ]);
    prop_oneof![
        3 => typed().prop_map(Move::AdminLogsOn),
        4 => (act, 0..4_usize, typed()).prop_map(|(act, who, typed)| Move::Act(act, who, typed)),
        4 => (paper, who()).prop_map(|(paper, who)| Move::Counter(paper, who)),
        6 => (who(), typed(), name()).prop_map(|(who, typed, name)| Move::Begin(who, typed, name)),
        1 => old().prop_map(Move::Close),
        1 => (select(vec![Popup::First, Popup::Second]), old()).prop_map(|(popup, old)| Move::Cancel(popup, old)),
        6 => (old(), name()).prop_map(|(old, name)| Move::Request(old, name)),
        6 => (old(), answered()).prop_map(|(old, answered)| Move::CaAnswers(old, answered)),
        1 => old().prop_map(Move::CaRefuses),
        3 => old().prop_map(Move::Deliver),
        3 => old().prop_map(Move::Confirm),
        2 => (who(), typed(), name()).prop_map(|(who, typed, name)| Move::LogOn(who, typed, name)),
        4 => (old(), typed()).prop_map(|(old, typed)| Move::Present(old, typed)),
        2 => old().prop_map(Move::LogOff),
        1 => old().prop_map(Move::KeepAlive),
        3 => old().prop_map(Move::Renew),
        3 => minutes.prop_map(Move::Clock),
        1 => answered().prop_map(Move::Restart),
        3 => (0..12_usize).prop_map(Move::Again),
    ]
}

/// Settings that change the life of a certificate, each drawn by itself.
pub(super) fn varied() -> impl Strategy<Value = Settings> {
    let flip = select(vec![
        MethodFlipPoint::OnGrant,
        MethodFlipPoint::OnFormAccepted,
        MethodFlipPoint::OnRequestAccepted,
        MethodFlipPoint::OnCommit,
        MethodFlipPoint::OnInstallConfirmed,
    ]);
    let confirmation = select(vec![
        InstallConfirmation::None,
        InstallConfirmation::CompletionMessage,
        InstallConfirmation::FirstLogon,
        InstallConfirmation::CompletionOrFirstLogon,
    ]);
    let certificate = (
        flip,
        confirmation,
        select(vec![RenewalOverlap::UntilConfirmed, RenewalOverlap::None]),
        select(vec![RevokeOnlyResult::Blocked, RevokeOnlyResult::IdPin]),
        select(vec![SessionKill::Immediate, SessionKill::AtTimeout]),
        select(vec![0_u16, 90]),
        select(vec![None, Some(80_u16)]),
        select(vec![30_u16, 365]),
    );
    let logon = (
        select(vec![PinCounterScope::Shared, PinCounterScope::PerDoor]),
        1..4_u8,
        select(vec![MethodScope::PerUser, MethodScope::PerContract]),
        select(vec![
            IdPinAfterReinit::FullLogon,
            IdPinAfterReinit::RetrievalOnly,
        ]),
        select(vec![
            ServiceHours::Always,
            ServiceHours::Daily {
                opens: 8,
                closes: 21,
            },
        ]),
    );
    (certificate, logon, proptest::array::uniform8(any::<bool>())).prop_map(|(c, l, yes)| {
        Settings {
            method_flip_point: c.0,
            install_confirmation: c.1,
            renewal_overlap: c.2,
            revoke_only_result: c.3,
            session_kill_on_revoke: c.4,
            expired_self_retrieval_grace_days: c.5,
            retrieval_deadline_days: c.6,
            renewal_window_days: c.7,
            pin_counter_scope: l.0,
            pin_failure_limit: l.1,
            method_scope: l.2,
            id_pin_after_reinit: l.3,
            service_hours: l.4,
            lapse_blocks_logon: yes[0],
            reinit_unlocks_pin: yes[1],
            admin_lock_blocks_users: yes[2],
            user_id_reusable_after_delete: yes[3],
            single_session_per_user: yes[4],
            cancel_popup1_keeps_grant: yes[5],
            cancel_popup2_keeps_grant: yes[6],
            resume_by_csr_hash: yes[7],
            ..light(Settings::default())
        }
    })
}
