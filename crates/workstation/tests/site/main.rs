//! The driver against a small fake bank over real TLS: retrieval, logon, refusals, hostile answers.

#![expect(
    clippy::unwrap_used,
    reason = "a test that can not be set up is to fail"
)]

mod bank;
mod hostile;
mod interruption;
mod logon;
mod navigation;
mod pki;
mod retrieval;
mod server;
mod world;
