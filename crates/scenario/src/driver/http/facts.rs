//! Looking at what stands after a step: the bank's books, the stores of all PCs, the browser's memory.

use std::collections::BTreeMap;

use sealbank_bank::{
    Bank, CertificateFacts, CertificateState, Condition, LogonMethod, Member, Serial, Subscriber,
};
use sealbank_workstation::{
    BrowserName, Choice, KeyState, Origin, ProfileName, StoreState, StoredCertificate,
};
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::World;
use crate::driver::DriverError;
use crate::model::{ChoiceKind, PersonId};
use crate::observation::{CertificateSeen, Facts, KeySeen, RecordFacts};

/// How the books stand to a certificate when they are out of sight.
const UNKNOWN: &str = "unknown";

impl World {
    pub(super) fn facts(&self, whom: PersonId) -> Result<Facts, DriverError> {
        let subscriber = self.subscriber(whom)?;
        let place = self.place(whom).clone();
        let now = self.clock.now();
        let usable = self.usable_serials();
        let app = self.portal().map(sealbank_portal::Portal::app);
        let record = app.and_then(|app| app.bank(|bank| record(bank, &subscriber, now, &usable)));
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
            let standing = app.map_or(UNKNOWN, |app| {
                app.bank(|bank| standing(bank, &stored, &subscriber))
            });
            seen(&stored, standing)
        });
        Ok(Facts {
            now,
            record,
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

fn record(
    bank: &Bank,
    subscriber: &Subscriber,
    now: OffsetDateTime,
    usable: &[String],
) -> Option<RecordFacts> {
    let member = bank.member(subscriber)?;
    let holds_key =
        |facts: &CertificateFacts| usable.iter().any(|serial| same(serial, &facts.serial));
    let failures = member.pin_failures.values().map(|count| u32::from(*count));
    Some(RecordFacts {
        account: member.account.name(),
        method: match member.logon_method {
            LogonMethod::IdPin => "id-pin",
            LogonMethod::Certificate => "certificate",
        },
        grant: member.grant.name(),
        generation: member.generation.get(),
        certificate: newest_state(member),
        pin_failures: failures.sum(),
        condition: Condition::of(member, now, holds_key),
        accepted: member.all_accepted().count(),
        ever: member
            .certificates
            .values()
            .filter(|record| record.facts.is_some())
            .count(),
    })
}

fn newest_state(member: &Member) -> &'static str {
    match member.latest_record().map(|(_, record)| record.state) {
        None => "none",
        Some(CertificateState::Requested) => "requested",
        Some(CertificateState::Signed) => "signed",
        Some(CertificateState::Delivered) => "delivered",
        Some(CertificateState::Confirmed) => "confirmed",
        Some(CertificateState::Expired) => "expired",
        Some(CertificateState::Revoked(_)) => "revoked",
    }
}

/// How the bank's books stand to a certificate.
fn standing(bank: &Bank, stored: &StoredCertificate, subscriber: &Subscriber) -> &'static str {
    let accepted = bank.member(subscriber).is_some_and(|member| {
        let mut accepted = member.all_accepted();
        accepted.any(|(_, facts)| same(stored.certificate().serial(), &facts.serial))
    });
    if accepted { "accepted" } else { "not-accepted" }
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

/// Serials are compared as numbers: leading zeros are a matter of writing.
fn same(serial: &str, other: &Serial) -> bool {
    let other = other.to_string();
    serial.trim_start_matches('0') == other.trim_start_matches('0')
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
