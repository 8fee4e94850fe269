//! [`Standing`]: how the books stand to somebody, in the procedure's words, for whoever tests the bank.
//!
//! Whether he could still log on depends on what lies in the stores of PCs, which no bank knows: it is asked for.

use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use sealbank_bank::{
    Bank, CertificateFacts, CertificateState, Condition, LogonMethod, Member, Serial, Subscriber,
    UserId,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::control::{json, problem};
use crate::site::Shared;

/// The bank's record of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Standing {
    /// `account`.
    pub account: String,
    /// `logon_method`.
    pub method: String,
    /// `grant`.
    pub grant: String,
    /// The highest generation.
    pub generation: u32,
    /// The state of the newest certificate, or `none`.
    pub certificate: String,
    /// Wrong PINs counted.
    pub pin_failures: u32,
    /// His condition, as far as the keys go that were named.
    pub condition: Condition,
    /// The certificates that are accepted now.
    pub accepted: Vec<Serial>,
    /// How many certificates were ever recorded.
    pub ever: usize,
}

impl Standing {
    /// How the books stand to `subscriber` at `now`, where the PCs hold the keys of the certificates with the serial
    /// numbers `keys`, in hexadecimal. None when nobody of that id is on the books.
    #[must_use]
    pub fn of(
        bank: &Bank,
        subscriber: &Subscriber,
        now: OffsetDateTime,
        keys: &[String],
    ) -> Option<Self> {
        let member = bank.member(subscriber)?;
        let holds_key = |facts: &CertificateFacts| keys.iter().any(|key| same(key, &facts.serial));
        let failures = member.pin_failures.values().map(|count| u32::from(*count));
        let accepted = member.all_accepted();
        let recorded = member.certificates.values();
        Some(Self {
            account: member.account.name().to_owned(),
            method: match member.logon_method {
                LogonMethod::IdPin => "id-pin",
                LogonMethod::Certificate => "certificate",
            }
            .to_owned(),
            grant: member.grant.name().to_owned(),
            generation: member.generation.get(),
            certificate: newest_state(member).to_owned(),
            pin_failures: failures.sum(),
            condition: Condition::of(member, now, holds_key),
            accepted: accepted.map(|(_, facts)| facts.serial.clone()).collect(),
            ever: recorded.filter(|record| record.facts.is_some()).count(),
        })
    }

    /// Whether the certificate with this serial number, in hexadecimal, is accepted.
    #[must_use]
    pub fn accepts(&self, serial: &str) -> bool {
        self.accepted.iter().any(|accepted| same(serial, accepted))
    }
}

/// Serials are compared as numbers: leading zeros are a matter of writing.
fn same(serial: &str, other: &Serial) -> bool {
    let other = other.to_string();
    serial.trim_start_matches('0') == other.trim_start_matches('0')
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

/// What the control listener answers about standings.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/standing/{contract}", get(of_administrator))
        .route("/standing/{contract}/{user}", get(of_user))
}

/// Of which certificates the PCs hold the keys: serial numbers with commas between them.
#[derive(Deserialize)]
struct Held {
    #[serde(default)]
    keys: String,
}

/// GET `/standing/{contract}?keys=…`.
async fn of_administrator(
    State(site): State<Shared>,
    path: Result<Path<String>, PathRejection>,
    held: Result<Query<Held>, QueryRejection>,
) -> Response {
    let found = path.ok().and_then(|Path(contract)| {
        let contract = site.app.contract_id(&contract).ok()?;
        Some(Subscriber::administrator(contract))
    });
    answer(&site, found, held)
}

/// GET `/standing/{contract}/{user}?keys=…`.
async fn of_user(
    State(site): State<Shared>,
    path: Result<Path<(String, String)>, PathRejection>,
    held: Result<Query<Held>, QueryRejection>,
) -> Response {
    let found = path.ok().and_then(|Path((contract, user))| {
        let contract = site.app.contract_id(&contract).ok()?;
        let format = |bank: &Bank| UserId::parse(&user, &bank.settings().user_id_format);
        Some(Subscriber::user(contract, site.app.bank(format).ok()?))
    });
    answer(&site, found, held)
}

fn answer(
    site: &Shared,
    subscriber: Option<Subscriber>,
    held: Result<Query<Held>, QueryRejection>,
) -> Response {
    let Ok(Query(Held { keys })) = held else {
        let mend = "write ?keys= and serial numbers with commas between them";
        return problem(StatusCode::BAD_REQUEST, mend);
    };
    let keys: Vec<String> = keys.split(',').map(str::to_owned).collect();
    let now = site.app.clock().now();
    let standing = subscriber.and_then(|subscriber| {
        site.app
            .bank(|bank| Standing::of(bank, &subscriber, now, &keys))
    });
    match standing {
        Some(standing) => json(StatusCode::OK, &standing),
        None => problem(StatusCode::NOT_FOUND, "nobody of that id is on the books"),
    }
}
