//! The issuing authority's revocation list, as it is published: fresh when it has to be, else the latest.

use sealbank_ca::RevocationList;
use sealbank_journal::Durable;
use time::OffsetDateTime;

use crate::app::App;
use crate::error::Failure;

/// The list in DER, with everything that is revoked now.
pub(crate) fn issuing_list(app: &App) -> Result<Vec<u8>, Failure> {
    let now = app.clock().now();
    let authority = app.authority();
    let list = match authority.latest_crl() {
        Some(latest) if is_good(&latest, now) && !is_overtaken(app, &latest) => latest,
        _ => authority.crl(now)?,
    };
    Ok(list.der().to_vec())
}

/// Whether a list holds now and for some time to come: it is renewed in the last quarter of its life.
fn is_good(list: &RevocationList, now: OffsetDateTime) -> bool {
    let life = list.next_update() - list.this_update();
    list.this_update() <= now && now < list.next_update() - life / 4
}

/// Whether something was revoked after the list was recorded.
fn is_overtaken(app: &App, list: &Durable<RevocationList>) -> bool {
    let authority = app.authority();
    authority.certificates().iter().any(|certificate| {
        authority
            .revocation(certificate.serial())
            .is_some_and(|revocation| revocation.position() > list.position())
    })
}
