//! Looking at what stands after a step: the bank's books, the stores of all PCs, the browser's memory.

use std::collections::BTreeMap;

use sealbank_portal::Standing;
use sealbank_workstation::{
    BrowserName, Choice, KeyState, Origin, ProfileName, StoreState, StoredCertificate,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::World;
use super::world::Side;
use crate::driver::DriverError;
use crate::model::{ChoiceKind, PersonId};
use crate::observation::{CertificateSeen, Facts, KeySeen, RecordFacts};

impl World {
    pub(super) async fn facts(&self, whom: PersonId) -> Result<Facts, DriverError> {
        let place = self.place(whom).clone();
        let standing = self.standing(whom).await?;
        let profile = ProfileName::new(&place.profile);
        let (certificate, choice) = self.machine(&place.pc)?.with(|pc| {
            let own = pc.profile(&profile)?;
            let browser = own.browsers.get(&BrowserName::new(&place.browser));
            let choice = browser.map_or(Choice::Unasked, |browser| {
                browser.choices().of(&Origin::of(&self.site.cert))
            });
            Ok::<_, DriverError>((own.store.newest().cloned(), choice))
        })?;
        let certificate = certificate.map(|stored| {
            let serial = stored.certificate().serial();
            let accepted = standing.as_ref().map(|standing| standing.accepts(serial));
            let standing = match accepted {
                _ if !self.sight().shows_books() => "unknown",
                Some(true) => "accepted",
                Some(false) | None => "not-accepted",
            };
            seen(&stored, standing)
        });
        Ok(Facts {
            now: self.clock.now(),
            record: standing.map(record),
            stores: self.stores(),
            own_store: (place.pc, place.profile),
            choice: match choice {
                Choice::Unasked => ChoiceKind::Unasked,
                Choice::None => ChoiceKind::None,
                Choice::Declined => ChoiceKind::Declined,
                Choice::Certificate(_) => ChoiceKind::Certificate,
            },
            certificate,
        })
    }

    /// How the books stand to somebody, as far as they are seen.
    async fn standing(&self, whom: PersonId) -> Result<Option<Standing>, DriverError> {
        let keys = self.usable_serials();
        match &self.bank {
            Side::Inside(inside) => {
                let subscriber = self.subscriber(whom)?;
                let now = self.clock.now();
                let app = inside.portal().app();
                Ok(app.bank(|bank| Standing::of(bank, &subscriber, now, &keys)))
            }
            Side::Outside(outside) => outside.standing(self.person(whom), &keys).await,
        }
    }

    pub(super) fn stores(&self) -> BTreeMap<(String, String), StoreState> {
        let of = |(name, machine): (&String, &std::sync::Arc<sealbank_workstation::Machine>)| {
            machine.with(|pc| {
                pc.profiles()
                    .map(|(profile, belongings)| {
                        let place = (name.clone(), profile.to_string());
                        (place, belongings.store.state())
                    })
                    .collect::<Vec<_>>()
            })
        };
        self.machines.iter().flat_map(of).collect()
    }

    /// The serials of all certificates that some PC could log on with.
    fn usable_serials(&self) -> Vec<String> {
        let of = |machine: &std::sync::Arc<sealbank_workstation::Machine>| {
            machine.with(|pc| {
                let stored = pc
                    .profiles()
                    .flat_map(|(_, belongings)| belongings.store.certificates());
                stored
                    .filter(|stored| stored.key_state() == KeyState::Present)
                    .map(|stored| stored.certificate().serial().to_owned())
                    .collect::<Vec<_>>()
            })
        };
        self.machines.values().flat_map(of).collect()
    }
}

fn record(standing: Standing) -> RecordFacts {
    RecordFacts {
        accepted: standing.accepted.len(),
        account: standing.account,
        method: standing.method,
        grant: standing.grant,
        generation: standing.generation,
        certificate: standing.certificate,
        pin_failures: standing.pin_failures,
        condition: standing.condition,
        ever: standing.ever,
    }
}

fn seen(stored: &StoredCertificate, standing: &'static str) -> CertificateSeen {
    let certificate = stored.certificate();
    CertificateSeen {
        serial: certificate.serial().to_owned(),
        subject: certificate.subject().to_vec(),
        issuer: certificate
            .issuer_common_name()
            .unwrap_or_default()
            .to_owned(),
        usages: usages(certificate.der()),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        key: match stored.key_state() {
            KeyState::Present => KeySeen::Matches,
            KeyState::Missing => KeySeen::Missing,
            KeyState::Unreadable => KeySeen::Unreadable,
        },
        standing,
    }
}

fn usages(der: &[u8]) -> Vec<String> {
    let Ok((_, parsed)) = X509Certificate::from_der(der) else {
        return Vec::new();
    };
    let Ok(Some(usage)) = parsed.extended_key_usage() else {
        return Vec::new();
    };
    let usage = usage.value;
    let known = [
        (usage.any, "any"),
        (usage.server_auth, "server-auth"),
        (usage.client_auth, "client-auth"),
        (usage.code_signing, "code-signing"),
        (usage.email_protection, "email-protection"),
        (usage.time_stamping, "time-stamping"),
        (usage.ocsp_signing, "ocsp-signing"),
    ];
    let known = known.into_iter().filter(|(is_set, _)| *is_set);
    let other = usage
        .other
        .iter()
        .map(x509_parser::der_parser::Oid::to_id_string);
    known
        .map(|(_, name)| name.to_owned())
        .chain(other)
        .collect()
}
