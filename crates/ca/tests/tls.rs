//! Handshakes in memory: who gets in, and who does not.

#![cfg(feature = "rustls")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use rustls::{AlertDescription, ClientConfig, ClientConnection, ServerConfig, ServerConnection};
use sealbank_ca::{
    Authority, CaError, Certificate, CertificateRequest, HierarchyOptions, MutualTls,
    RenewalOptions, RevocationReason,
};
use sealbank_journal::{Durable, MemoryJournal};
use support::{NOW, a_year, subject};
use time::Duration;

fn signed(authority: &Authority) -> (Durable<Certificate>, rcgen::KeyPair) {
    let key = rcgen::KeyPair::generate().unwrap();
    let request = rcgen::CertificateParams::default()
        .serialize_request(&key)
        .unwrap();
    let request = CertificateRequest::parse(request.der())
        .unwrap()
        .verify()
        .unwrap();
    let signed = authority.sign(&[(request, subject("u"), a_year())], NOW);
    (signed.unwrap().pop().unwrap(), key)
}

/// Carries bytes to and fro until nothing is left; then a word from the client to the server.
fn shake(
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    name: &'static str,
) -> Result<String, rustls::Error> {
    let mut client = ClientConnection::new(client, name.try_into().unwrap())?;
    let mut server = ServerConnection::new(server)?;
    client.writer().write_all("こんにちは".as_bytes()).unwrap();
    while client.wants_write() || server.wants_write() {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            server.read_tls(&mut rest).unwrap();
            // The client learns of it by an alert; its own error is the one to look at.
            let _ = server.process_new_packets();
        }
        let mut bytes = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut bytes).unwrap();
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            client.read_tls(&mut rest).unwrap();
            client.process_new_packets()?;
        }
    }
    let mut heard = vec![0; 64];
    let length = server.reader().read(&mut heard).unwrap();
    assert_eq!(
        server.peer_certificates().map(<[_]>::len),
        Some(2),
        "the certificate and its issuer"
    );
    Ok(String::from_utf8(heard[..length].to_vec()).unwrap())
}

fn log_on(
    tls: &MutualTls,
    (certificate, key): &(Durable<Certificate>, rcgen::KeyPair),
) -> Result<String, rustls::Error> {
    let key = rcgen::KeyPair::try_from(key.serialize_der()).unwrap();
    let client = tls.client_config(certificate, key.into()).unwrap();
    shake(client, tls.server_config(), "bank.test")
}

fn refused_by(alert: AlertDescription, attempt: &Result<String, rustls::Error>) {
    assert_eq!(attempt, &Err(rustls::Error::AlertReceived(alert)));
}

#[test]
fn a_client_with_a_certificate_of_the_authority_gets_in() {
    let authority = Authority::ephemeral().unwrap();
    let tls = authority
        .mutual_tls(&["bank.test", "127.0.0.1"], NOW)
        .unwrap();
    let client = signed(&authority);
    assert_eq!(log_on(&tls, &client).unwrap(), "こんにちは");
    // A second time it is not resumed, so the certificate is sent again.
    assert_eq!(log_on(&tls, &client).unwrap(), "こんにちは");
    let key = rcgen::KeyPair::try_from(client.1.serialize_der()).unwrap();
    let config = tls.client_config(&client.0, key.into()).unwrap();
    assert!(shake(config, tls.server_config(), "127.0.0.1").is_ok());
}

#[test]
fn a_client_without_one_with_a_strangers_or_at_another_name_does_not_get_in() {
    let authority = Authority::ephemeral().unwrap();
    let tls = authority.mutual_tls(&["bank.test"], NOW).unwrap();
    let bare = tls.client_config_without_certificate().unwrap();
    refused_by(
        AlertDescription::CertificateRequired,
        &shake(bare, tls.server_config(), "bank.test"),
    );
    let stranger = Authority::ephemeral().unwrap();
    refused_by(
        AlertDescription::UnknownCA,
        &log_on(&tls, &signed(&stranger)),
    );
    let elsewhere = tls.client_config_without_certificate().unwrap();
    let attempt = shake(elsewhere, tls.server_config(), "other.test");
    assert!(
        matches!(attempt, Err(rustls::Error::InvalidCertificate(_))),
        "{attempt:?}"
    );
}

#[test]
fn a_revocation_shows_in_the_configuration_that_is_made_after_it() {
    let authority = Authority::ephemeral().unwrap();
    let (revoked, spared) = (signed(&authority), signed(&authority));
    let before = authority.mutual_tls(&["bank.test"], NOW).unwrap();
    authority
        .revoke(revoked.0.serial(), RevocationReason::KeyCompromise, NOW)
        .unwrap();
    let after = authority.mutual_tls(&["bank.test"], NOW).unwrap();
    assert!(log_on(&before, &revoked).is_ok());
    refused_by(
        AlertDescription::CertificateRevoked,
        &log_on(&after, &revoked),
    );
    assert!(log_on(&after, &spared).is_ok());
}

#[test]
fn certificates_are_judged_at_the_time_that_was_given() {
    let authority = Authority::ephemeral().unwrap();
    let client = signed(&authority);
    let later = NOW + Duration::days(366);
    let tls = authority.mutual_tls(&["bank.test"], later).unwrap();
    refused_by(AlertDescription::CertificateExpired, &log_on(&tls, &client));
}

#[test]
fn both_generations_get_in() {
    let journal = Arc::new(MemoryJournal::new());
    let options = HierarchyOptions::default();
    let (mut authority, root) = Authority::in_memory_with_root(&options, journal, NOW).unwrap();
    let old = signed(&authority);
    authority
        .renew_issuing(&root, &RenewalOptions::default(), NOW)
        .unwrap();
    let new = signed(&authority);
    let tls = authority.mutual_tls(&["bank.test"], NOW).unwrap();
    for client in [old, new] {
        assert_eq!(log_on(&tls, &client).unwrap(), "こんにちは");
    }
}

#[test]
fn a_key_of_another_certificate_and_a_name_that_is_none_are_refused() {
    let authority = Authority::ephemeral().unwrap();
    let tls = authority.mutual_tls(&["bank.test"], NOW).unwrap();
    let (one, other) = (signed(&authority), signed(&authority));
    let mixed = tls.client_config(&one.0, other.1.into());
    assert!(matches!(mixed, Err(CaError::Tls { .. })), "{mixed:?}");
    let nameless = authority.mutual_tls(&["銀行"], NOW);
    assert!(matches!(nameless, Err(CaError::Tls { .. })), "{nameless:?}");
}
