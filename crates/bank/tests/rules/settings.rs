//! No setting without an effect: each is changed alone, and the same story ends otherwise than by default.
//!
//! Every setting of the procedure's section 3 stands either in the table here, or in the list of those that the page
//! only announces and others obey; a new one that stands in neither fails the last test.

mod effects;
mod stories;

use sealbank_bank::{Command, Refusal, Settings};
use std::collections::BTreeSet;

use self::effects::EFFECTS;
use self::stories::strand;
use crate::world::{World, contract, key, light, request};

const USER: &str = "keiri01";

/// Announced by the page or the listener, or refused as not played; others obey them.
const OBEYED_ELSEWHERE: &[&str] = &[
    "max-active-certificates-per-user",
    "popup-count",
    "key-algorithm",
    "private-key-exportable",
    "key-provider",
    "logon-after-retrieval",
    "enrolment-channel",
    "tls-client-auth",
    "tls-resumption",
    "tls-alerts",
    "pin-cost",
    "supported-browsers",
];

#[test]
fn every_setting_changed_alone_changes_how_its_story_ends() {
    let mut differ = Vec::new();
    for effect in EFFECTS {
        let mut settings = Settings::default();
        let by_default = (effect.story)(World::with_user(settings.clone()));
        (effect.change)(&mut settings);
        assert_ne!(
            light(settings.clone()),
            light(Settings::default()),
            "{}",
            effect.setting
        );
        let changed = (effect.story)(world_with(settings));
        if (by_default.as_str(), changed.as_str()) != (effect.by_default, effect.changed) {
            differ.push(format!("{}: {by_default} / {changed}", effect.setting));
        }
        assert_ne!(effect.by_default, effect.changed, "{}", effect.setting);
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// Where certificates are mandatory, an administrator without one registers nobody.
fn world_with(settings: Settings) -> World {
    if settings.certificate_mandatory {
        World::with(settings)
    } else {
        World::with_user(settings)
    }
}

#[test]
fn a_lost_answer_is_handed_out_again_only_for_the_same_request() {
    let mut world = World::with_user(Settings {
        resume_by_csr_hash: true,
        ..Settings::default()
    });
    let held = strand(&mut world);
    let replay = |request, public_key| Command::AcceptRequest {
        contract: contract(),
        session: held.retrieval,
        request,
        public_key,
    };
    let answer = world.tell(&replay(held.enrolment.request, held.key));
    assert_eq!(
        answer,
        Ok(sealbank_bank::Answer::Redeliver(held.serial.clone()))
    );
    assert_eq!(
        world.tell(&replay(request(1), key(1))),
        Err(Refusal::AnotherRequest),
        "case 28"
    );
}

#[test]
fn there_is_no_setting_that_nobody_obeys() {
    let settings = serde_json::to_value(Settings::default()).unwrap();
    let all: BTreeSet<&str> = settings
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let shown = EFFECTS.iter().map(|effect| effect.setting);
    let known: BTreeSet<&str> = shown.chain(OBEYED_ELSEWHERE.iter().copied()).collect();
    assert_eq!(all, known);
}
