//! [`People`]: whom a new bank knows, the demo's or a scenario's.

use std::path::Path;
use std::sync::Arc;

use sealbank_bank::{BankProfile, Settings};
use sealbank_portal::App;
use sealbank_scenario::model::{Presence, Role};
use sealbank_scenario::{PlannedCase, Scene, Style, load};

use crate::exit::Failure;
use crate::roster::{self, DemoGrant, ROSTER};

/// Whom a new bank knows.
pub(super) enum People {
    /// Those of the demo.
    Demo,
    /// Those of a scenario file.
    Scenario(Arc<Scene>),
}

impl People {
    /// Those of the scenario file, if there is one.
    pub(super) fn of(file: Option<&Path>) -> Result<Self, Failure> {
        let Some(file) = file else {
            return Ok(Self::Demo);
        };
        let suite = load([file])
            .map_err(|mistakes| Failure::bad_input(mistakes.render(Style::Coloured)))?;
        let scenes: Vec<&Arc<Scene>> = suite.cases().map(PlannedCase::scene).collect();
        let only = scenes.first().filter(|first| {
            let mut others = scenes.iter();
            others.all(|scene| Arc::ptr_eq(scene, first))
        });
        match only {
            Some(scene) => Ok(Self::Scenario(Arc::clone(scene))),
            None => Err(Failure::bad_input(format!(
                "error: {} holds no cases, or those of several banks; name one scenario file with --people",
                file.display()
            ))),
        }
    }

    /// The bank that they are customers of, where it is theirs.
    pub(super) fn bank(&self) -> Option<(Settings, BankProfile)> {
        match self {
            Self::Demo => None,
            Self::Scenario(scene) => Some((scene.settings.clone(), scene.profile.clone())),
        }
    }

    /// Opens the books to them.
    pub(super) async fn open(&self, app: &Arc<App>) -> Result<(), Failure> {
        let opened = match self {
            Self::Demo => roster::open(app).await,
            Self::Scenario(scene) => scene.register_people(app).await,
        };
        opened.map_err(|error| {
            Failure::internal(format!("error: the books could not be opened: {error}"))
        })
    }

    /// Says who may come in, and with what.
    pub(super) fn tell(&self) {
        match self {
            Self::Demo => tell_demo(),
            Self::Scenario(scene) => tell_scene(scene),
        }
    }
}

fn tell_demo() {
    for contract in ROSTER {
        anstream::println!("  契約法人ID {}  {}", contract.contract, contract.name);
        anstream::println!(
            "    管理者        契約法人暗証番号 {}  契約法人確認暗証番号 {}",
            contract.pin,
            contract.confirmation
        );
        for user in contract.users {
            let grant = if user.grant == DemoGrant::Granted {
                "発行済み"
            } else {
                "未発行"
            };
            anstream::println!(
                "    利用者ID {:<8} 利用者暗証番号 {:<10} {grant}  {}",
                user.user,
                user.pin,
                user.name
            );
        }
    }
}

fn tell_scene(scene: &Scene) {
    let present = scene.roster.iter().map(|(_, person)| person);
    for person in present.filter(|person| person.presence != Presence::Later) {
        let (contract, pin, title) = (&person.contract, person.pin.expose(), &person.title);
        match &person.role {
            Role::Administrator { confirmation } => {
                let confirmation = confirmation.expose();
                anstream::println!("  契約法人ID {contract}  {title}");
                anstream::println!(
                    "    管理者        契約法人暗証番号 {pin}  契約法人確認暗証番号 {confirmation}"
                );
            }
            Role::User { user, .. } => {
                anstream::println!(
                    "  契約法人ID {contract}  利用者ID {user:<8} 利用者暗証番号 {pin:<10} {title}"
                );
            }
        }
    }
}
