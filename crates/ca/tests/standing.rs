//! How certificates stand, and finding them.

mod support;

use sealbank_ca::{Filter, HierarchyOptions, RevocationReason, Status, StatusKind};
use support::{NOW, authority, sign_in_bulk, sign_one};
use time::Duration;

#[test]
fn a_certificate_stands_as_its_time_and_its_revocation_say() {
    let (authority, _) = authority(&HierarchyOptions::default());
    let (kept, revoked) = (
        sign_one(&authority, "kept"),
        sign_one(&authority, "revoked"),
    );
    let reason = RevocationReason::Superseded;
    let revocation = authority.revoke(revoked.serial(), reason, NOW).unwrap();
    let gone = Status::Revoked {
        reason,
        revoked_at: revocation.revoked_at(),
    };
    let after = kept.not_after() + Duration::SECOND;
    let before = kept.not_before() - Duration::SECOND;
    for (certificate, now, expected) in [
        (&kept, NOW, Status::Valid),
        (&kept, kept.not_after(), Status::Valid),
        (&kept, after, Status::Expired),
        (&kept, before, Status::NotYetValid),
        (&revoked, NOW, gone),
        (&revoked, after, gone),
    ] {
        let serial = Some(*certificate.serial());
        let filter = Filter {
            serial,
            ..Filter::default()
        };
        let listed = authority.list(&filter, now).unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(
            (&listed[0].certificate, listed[0].status),
            (certificate, expected)
        );
    }
}

#[test]
fn every_condition_of_a_filter_must_be_met() {
    let (authority, _) = authority(&HierarchyOptions::default());
    let users = ["keiri01", "keiri02", "jinji01"];
    let signed = users.map(|user| sign_one(&authority, user));
    let reason = RevocationReason::KeyCompromise;
    authority.revoke(signed[1].serial(), reason, NOW).unwrap();
    let found = |filter: Filter| {
        let mut names: Vec<_> = authority
            .list(&filter, NOW)
            .unwrap()
            .iter()
            .map(|listed| listed.certificate.subject().common_name()[17..].to_owned())
            .collect();
        names.sort();
        names
    };
    let all = Filter::default();
    let subject = |part: &str| Some(part.to_owned());
    let revoked = Some(StatusKind::Revoked);
    let later = Some(NOW + Duration::days(400));
    assert_eq!(found(all.clone()), ["jinji01", "keiri01", "keiri02"]);
    for (filter, expected) in [
        (
            Filter {
                subject: subject("KEIRI"),
                ..all.clone()
            },
            &["keiri01", "keiri02"][..],
        ),
        (
            Filter {
                subject: subject("O=The Higo"),
                ..all.clone()
            },
            &["jinji01", "keiri01", "keiri02"],
        ),
        (
            Filter {
                subject: subject("keiri"),
                status: revoked,
                ..all.clone()
            },
            &["keiri02"],
        ),
        (
            Filter {
                subject: subject("jinji"),
                status: revoked,
                ..all.clone()
            },
            &[],
        ),
        (
            Filter {
                serial: Some(*signed[2].serial()),
                ..all.clone()
            },
            &["jinji01"],
        ),
        (
            Filter {
                valid_at: later,
                ..all.clone()
            },
            &[],
        ),
        (
            Filter {
                valid_at: Some(NOW),
                status: Some(StatusKind::Valid),
                ..all.clone()
            },
            &["jinji01", "keiri01"],
        ),
    ] {
        assert_eq!(found(filter.clone()), expected, "{filter:?}");
    }
}

#[test]
fn the_certificates_of_bulk_runs_are_listed_among_the_others() {
    let (authority, _) = authority(&HierarchyOptions::default());
    let (single, bulk) = (sign_one(&authority, "a"), sign_in_bulk(&authority, "b"));
    let found = |filter: &Filter| {
        let listed = authority.list(filter, NOW).unwrap();
        let mut serials: Vec<_> = listed
            .iter()
            .map(|listed| *listed.certificate.serial())
            .collect();
        serials.sort();
        serials
    };
    let mut both = [*single.serial(), *bulk.serial()];
    both.sort();
    assert_eq!(found(&Filter::default()), both);
    for serial in both {
        let filter = Filter {
            serial: Some(serial),
            ..Filter::default()
        };
        assert_eq!(found(&filter), [serial]);
    }
}

#[test]
fn the_names_of_the_kinds_are_stable() {
    let names = StatusKind::ALL.map(StatusKind::name);
    assert_eq!(names, ["not-yet-valid", "valid", "expired", "revoked"]);
}
