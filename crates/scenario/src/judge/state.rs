//! Claims about what stands after a step: record, condition, stores, certificate, remembered choice.

use super::Verdict;
use crate::model::{CertificateClaim, CertificateStanding, ChoiceKind, Claim, RecordClaim};
use crate::observation::{CertificateSeen, Facts, KeySeen, RecordFacts};

pub(super) fn verdict(claim: &Claim, facts: &Facts) -> Verdict {
    let of_record = |about: &str, expected: String, actual: fn(&RecordFacts) -> String| {
        let record = facts.record.as_ref();
        let actual = record.map_or_else(|| "the bank does not know him".to_owned(), actual);
        differ(about, expected, actual)
    };
    match claim {
        Claim::Condition(expected) => of_record("user", expected.name().to_owned(), |record| {
            record.condition.name().to_owned()
        }),
        Claim::Accepted(expected) => {
            of_record("accepted-certificates", expected.to_string(), |record| {
                record.accepted.to_string()
            })
        }
        Claim::Ever(expected) => of_record("certificates-ever", expected.to_string(), |record| {
            record.ever.to_string()
        }),
        Claim::Record(claim) => match claim {
            RecordClaim::Account(expected) => {
                of_record("record account", expected.clone(), |record| {
                    record.account.clone()
                })
            }
            RecordClaim::Method(expected) => {
                of_record("record method", expected.clone(), |record| {
                    record.method.clone()
                })
            }
            RecordClaim::Grant(expected) => of_record("record grant", expected.clone(), |record| {
                record.grant.clone()
            }),
            RecordClaim::Generation(expected) => {
                of_record("record generation", expected.to_string(), |record| {
                    record.generation.to_string()
                })
            }
            RecordClaim::Certificate(expected) => {
                of_record("record certificate", expected.clone(), |record| {
                    record.certificate.clone()
                })
            }
            RecordClaim::PinFailures(expected) => {
                of_record("record pin-failures", expected.to_string(), |record| {
                    record.pin_failures.to_string()
                })
            }
        },
        Claim::Store { of, state } => {
            let place = of.as_ref().map_or_else(
                || facts.own_store.clone(),
                |place| (place.pc.clone(), place.profile.clone()),
            );
            let found = facts.stores.get(&place);
            let actual = found.map_or("there is no such store", |state| state.name());
            let about = format!("store of {}/{}", place.0, place.1);
            differ(&about, state.name().to_owned(), actual.to_owned())
        }
        Claim::Choice(expected) => differ(
            "choice",
            choice(*expected).to_owned(),
            choice(facts.choice).to_owned(),
        ),
        Claim::Certificate(claim) => match &facts.certificate {
            Some(found) => certificate(claim, found, facts),
            None => Some((
                "certificate".to_owned(),
                "one in the store".to_owned(),
                "there is none".to_owned(),
            )),
        },
        _ => None,
    }
}

fn differ(about: &str, expected: String, actual: String) -> Verdict {
    (expected != actual).then(|| (about.to_owned(), expected, actual))
}

fn choice(kind: ChoiceKind) -> &'static str {
    match kind {
        ChoiceKind::Unasked => "unasked",
        ChoiceKind::None => "none",
        ChoiceKind::Declined => "declined",
        ChoiceKind::Certificate => "certificate",
    }
}

fn certificate(claim: &CertificateClaim, found: &CertificateSeen, facts: &Facts) -> Verdict {
    let attribute = |name: &str, expected: &String| {
        let values: Vec<&str> = found
            .subject
            .iter()
            .filter(|(attribute, _)| attribute == name)
            .map(|(_, value)| value.as_str())
            .collect();
        differ(
            &format!("certificate {name}"),
            expected.clone(),
            values.join(", "),
        )
    };
    match claim {
        CertificateClaim::Organization(expected) => attribute("O", expected),
        CertificateClaim::OrganizationalUnit(expected) => attribute("OU", expected),
        CertificateClaim::CommonName(expected) => attribute("CN", expected),
        CertificateClaim::ClientAuthentication => differ(
            "certificate usage",
            "client-auth".to_owned(),
            found.usages.join(", "),
        ),
        CertificateClaim::ValidNow => {
            let valid = (found.not_before..=found.not_after).contains(&facts.now);
            (!valid).then(|| {
                (
                    "certificate validity".to_owned(),
                    format!("valid at {}", facts.now),
                    format!("{} to {}", found.not_before, found.not_after),
                )
            })
        }
        CertificateClaim::KeyPresent => {
            let actual = match found.key {
                KeySeen::Matches => "matches",
                KeySeen::Missing => "missing",
                KeySeen::Unreadable => "unreadable",
            };
            differ("certificate key", "matches".to_owned(), actual.to_owned())
        }
        CertificateClaim::NotAfter(expected) => (*expected != found.not_after).then(|| {
            (
                "certificate not-after".to_owned(),
                expected.to_string(),
                found.not_after.to_string(),
            )
        }),
        CertificateClaim::Standing(expected) => {
            let expected = match expected {
                CertificateStanding::Accepted => "accepted",
                CertificateStanding::NotAccepted => "not-accepted",
            };
            differ(
                "certificate standing",
                expected.to_owned(),
                found.standing.to_owned(),
            )
        }
    }
}
