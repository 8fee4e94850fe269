//! Another bank in the place of the one that is open, at the same addresses: with books of its own, or the same bank
//! again on its journal.
//!
//! The portal only takes the wish and answers it. Whoever opened the portal closes it and opens the next.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{post, put};
use http::StatusCode;
use http::header::{CONNECTION, HeaderValue};
use sealbank_bank::{BankProfile, Settings};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};

use crate::app::App;
use crate::control::{body, json, problem};
use crate::error::Failure;
use crate::roster::{ContractEntry, UserEntry};
use crate::site::Shared;

/// What a new bank begins with: the body of PUT `/bank`.
///
/// ```
/// use sealbank_portal::Opening;
///
/// let opening: Opening = serde_json::from_str(
///     r#"{ "start": "2031-04-01T09:00:00+09:00",
///          "settings": { "popup-count": 1 },
///          "customers": [{
///            "contract": { "contract": "99990000001", "name": "Sample Co.", "pin": "Admin0001", "confirmation": "Kakunin01" },
///            "users": [{ "user": "keiri01", "name": "Taro", "pin": "Test0001" }] }] }"#,
/// )?;
/// assert_eq!(opening.customers[0].users[0].user, "keiri01");
/// assert!(opening.settings.validated().is_ok());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// What its clock shows, and goes on showing until it is moved.
    #[serde(with = "time::serde::rfc3339")]
    pub start: OffsetDateTime,
    /// Its rules.
    #[serde(default)]
    pub settings: Settings,
    /// Its name and subject.
    #[serde(default)]
    pub profile: BankProfile,
    /// Whom it knows.
    #[serde(default)]
    pub customers: Vec<Customer>,
}

/// A contract with its users.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// The contract and its administrator.
    pub contract: ContractEntry,
    /// Its users.
    #[serde(default)]
    pub users: Vec<UserEntry>,
}

impl Opening {
    /// Opens a bank's books to its customers: contracts at the counter, users by their administrators.
    ///
    /// # Errors
    /// [`Failure`] when the bank refuses somebody, or fails.
    pub async fn register(&self, app: &Arc<App>) -> Result<(), Failure> {
        for Customer { contract, users } in &self.customers {
            app.open_contract(contract.clone()).await?;
            for user in users {
                app.register_user(contract.clone(), user.clone()).await?;
            }
        }
        Ok(())
    }
}

/// Which bank is to come.
#[derive(Debug, Clone)]
pub enum Wish {
    /// A new one.
    Open(Box<Opening>),
    /// The same again, on its journal.
    Restart,
}

/// A bank that is to take the place of the one that is open.
#[derive(Debug)]
pub struct Successor {
    wish: Wish,
    answer: oneshot::Sender<Result<(), String>>,
}

impl Successor {
    /// Which one it is.
    #[must_use]
    pub fn wish(&self) -> &Wish {
        &self.wish
    }

    /// It is ready: the bank that is open has to be shut down now, and this one opened at the same addresses.
    pub fn takes_over(self) {
        // Who asked may have gone; the bank he asked for comes all the same.
        let _ = self.answer.send(Ok(()));
    }

    /// It can't be; the bank that is open stays.
    pub fn is_refused(self, why: String) {
        let _ = self.answer.send(Err(why));
    }
}

/// Who opens the next bank, and whether it was asked to.
#[derive(Debug, Default)]
pub(crate) struct Succession {
    heirs: Mutex<Option<mpsc::Sender<Successor>>>,
    leaving: AtomicBool,
}

impl Succession {
    /// From now on, whoever holds what this returns opens the next bank.
    pub(crate) fn listen(&self) -> mpsc::Receiver<Successor> {
        let (sender, receiver) = mpsc::channel(1);
        *self.heirs() = Some(sender);
        receiver
    }

    /// Whether another bank is about to take the place of this one.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Acquire)
    }

    /// Asks for another bank; the inner error says why it can't be.
    async fn ask(&self, wish: Wish) -> Option<Result<(), String>> {
        let heirs = self.heirs().clone()?;
        let (answer, told) = oneshot::channel();
        heirs.send(Successor { wish, answer }).await.ok()?;
        let told = told.await.ok()?;
        if told.is_ok() {
            self.leaving.store(true, Ordering::Release);
        }
        Some(told)
    }

    fn heirs(&self) -> MutexGuard<'_, Option<mpsc::Sender<Successor>>> {
        // It is replaced whole, so a thread that panicked has left it sound.
        self.heirs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the control listener answers about the bank as a whole.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/bank", put(replace))
        .route("/bank/restart", post(restart))
}

/// PUT `/bank`: another bank in the place of this one. Answered once it is sure to come; until it is there, nothing is
/// answered here but that this one is leaving.
async fn replace(State(site): State<Shared>, request: Request) -> Response {
    let opening: Opening = match body(&site, request).await {
        Ok(opening) => opening,
        Err(refused) => return *refused,
    };
    if let Err(errors) = opening.settings.clone().validated() {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        return problem(StatusCode::BAD_REQUEST, &errors.join("; "));
    }
    follow(&site, Wish::Open(Box::new(opening))).await
}

/// POST `/bank/restart`: this bank stops in order, and starts again on its journal. Answered like PUT `/bank`.
async fn restart(State(site): State<Shared>) -> Response {
    follow(&site, Wish::Restart).await
}

async fn follow(site: &Shared, wish: Wish) -> Response {
    match site.succession.ask(wish).await {
        Some(Ok(())) => {
            let mut done = json(StatusCode::ACCEPTED, &serde_json::json!({ "done": true }));
            done.headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
            done
        }
        Some(Err(why)) => problem(StatusCode::BAD_REQUEST, &why),
        None => problem(
            StatusCode::CONFLICT,
            "nobody opens another bank in the place of this one; `sealbank serve` does",
        ),
    }
}
