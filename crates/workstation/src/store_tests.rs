//! Tests of the certificate store: its states, and what moves between PCs.

use proptest::prelude::*;
use rustls_pki_types::CertificateSigningRequestDer;
use rustls_pki_types::pem::PemObject;

use super::*;
use crate::fixture::{Authority, moment};

fn chain(authority: &Authority, request: &CertificateRequest) -> TrustedChain {
    assert!(CertificateSigningRequestDer::from_pem_slice(request.pem().as_bytes()).is_ok());
    let pem = authority.answer(request.pem(), "ZZTST99990000001 keiri01");
    TrustedChain::judge(&pem, &[authority.root()], moment()).unwrap()
}

fn with_key(store: &mut CertificateStore, exportability: Exportability) -> CertificateRequest {
    store
        .make_key(KeyAlgorithm::P256, exportability, KeyFlush::AtOnce)
        .unwrap()
}

fn installed(
    authority: &Authority,
    exportability: Exportability,
) -> (CertificateStore, Fingerprint) {
    let mut store = CertificateStore::default();
    let request = with_key(&mut store, exportability);
    let delivered = chain(authority, &request);
    store.install(&delivered);
    store.remove_pending(request.digest());
    (store, delivered.leaf().fingerprint())
}

#[test]
fn an_undisturbed_retrieval_walks_from_nothing_to_installed() {
    let authority = Authority::new();
    let mut store = CertificateStore::default();
    assert_eq!(store.state(), StoreState::Nothing);
    let request = with_key(&mut store, Exportability::NotExportable);
    assert_eq!(store.state(), StoreState::KeyOnly);
    assert_eq!(
        store.install(&chain(&authority, &request)),
        KeyState::Present
    );
    assert_eq!(store.state(), StoreState::Installed);
    assert_eq!(store.pending().count(), 1, "P5 has not come yet");
    assert!(store.remove_pending(request.digest()));
    assert!(
        !store.remove_pending(request.digest()),
        "a second removal finds nothing"
    );
    assert_eq!(store.state(), StoreState::Installed);
}

#[test]
fn a_certificate_without_its_pending_key_is_kept_but_useless() {
    let authority = Authority::new();
    let mut here = CertificateStore::default();
    let mut elsewhere = CertificateStore::default();
    let request = with_key(&mut here, Exportability::NotExportable);
    assert_eq!(
        elsewhere.install(&chain(&authority, &request)),
        KeyState::Missing
    );
    assert_eq!(elsewhere.state(), StoreState::CertificateWithoutKey);
    assert!(!elsewhere.newest().unwrap().is_offered_at(moment()));
    assert_eq!(here.state(), StoreState::KeyOnly);
}

#[test]
fn installing_again_after_the_pending_request_is_gone_keeps_the_bound_key() {
    let authority = Authority::new();
    let mut store = CertificateStore::default();
    let request = with_key(&mut store, Exportability::NotExportable);
    let delivered = chain(&authority, &request);
    store.install(&delivered);
    store.remove_pending(request.digest());
    assert_eq!(store.install(&delivered), KeyState::Present);
}

#[test]
fn an_interrupted_second_retrieval_shows_as_key_only() {
    let authority = Authority::new();
    let (mut store, _) = installed(&authority, Exportability::NotExportable);
    with_key(&mut store, Exportability::NotExportable);
    assert_eq!(store.state(), StoreState::KeyOnly);
    store.clear_pending();
    assert_eq!(store.state(), StoreState::Installed);
}

#[test]
fn a_password_reset_hides_the_key_until_the_old_password_returns() {
    let (mut store, fingerprint) = installed(&Authority::new(), Exportability::Exportable);
    store.reset_os_password();
    assert_eq!(store.state(), StoreState::KeyUnreadable);
    assert!(
        store.get(fingerprint).unwrap().is_offered_at(moment()),
        "it is listed all the same"
    );
    assert!(store.export(fingerprint).unwrap().key.is_none());
    store.restore_os_password();
    assert_eq!(store.state(), StoreState::Installed);
}

#[test]
fn a_password_reset_between_request_and_answer_spoils_the_waiting_key_too() {
    let authority = Authority::new();
    let mut store = CertificateStore::default();
    let request = with_key(&mut store, Exportability::NotExportable);
    store.reset_os_password();
    assert_eq!(
        store.install(&chain(&authority, &request)),
        KeyState::Unreadable
    );
}

#[test]
fn deleting_the_last_certificate_leaves_the_store_deleted() {
    let (mut store, fingerprint) = installed(&Authority::new(), Exportability::NotExportable);
    assert!(store.delete(fingerprint));
    assert!(!store.delete(fingerprint));
    assert_eq!(store.state(), StoreState::Deleted);
}

#[test]
fn only_an_exportable_key_travels_to_another_pc() {
    let authority = Authority::new();
    for (exportability, expected) in [
        (
            Exportability::NotExportable,
            StoreState::CertificateWithoutKey,
        ),
        (Exportability::Exportable, StoreState::Installed),
    ] {
        let (store, fingerprint) = installed(&authority, exportability);
        let mut other = CertificateStore::default();
        other.import(&store.export(fingerprint).unwrap());
        assert_eq!(other.state(), expected, "{exportability:?}");
    }
}

#[test]
fn a_power_cut_loses_only_keys_that_never_reached_the_disk() {
    for (flush, flushed_before, expected) in [
        (KeyFlush::AtOnce, false, StoreState::KeyOnly),
        (KeyFlush::Later, false, StoreState::Nothing),
        (KeyFlush::Later, true, StoreState::KeyOnly),
    ] {
        let mut store = CertificateStore::default();
        store
            .make_key(KeyAlgorithm::P256, Exportability::NotExportable, flush)
            .unwrap();
        if flushed_before {
            store.flush();
        }
        store.lose_power();
        assert_eq!(
            store.state(),
            expected,
            "{flush:?}, flushed: {flushed_before}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Procedure 1.3: whatever happens to a store, `Installed` means that a readable key is there.
    #[test]
    fn installed_always_means_a_key_that_can_sign(acts in prop::collection::vec(0_u8..8, 1..14)) {
        let authority = Authority::shared();
        let mut store = CertificateStore::default();
        let mut requests = Vec::new();
        for act in acts {
            match act {
                0 => requests.push(with_key(&mut store, Exportability::NotExportable)),
                1 => if let Some(request) = requests.last() { store.install(&chain(authority, request)); },
                2 => if let Some(request) = requests.pop() { store.remove_pending(request.digest()); },
                3 => store.clear_pending(),
                4 => store.reset_os_password(),
                5 => store.restore_os_password(),
                6 => store.lose_power(),
                _ => if let Some(newest) = store.newest().map(|s| s.certificate().fingerprint()) { store.delete(newest); },
            }
            let signs = store.newest().is_some_and(|stored| stored.readable_key().is_some());
            prop_assert!(store.state() != StoreState::Installed || signs);
            prop_assert!(store.state() != StoreState::KeyOnly || store.pending().count() > 0);
            prop_assert!(store.state() != StoreState::Deleted || store.certificates().is_empty());
        }
    }
}
