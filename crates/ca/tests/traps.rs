//! Known traps in the libraries underneath, each with a test that it does not reach us.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::fs;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyUsagePurpose, SanType,
};
use sealbank_ca::NameAttribute::{CommonName, DomainComponent, OrganizationalUnit};
use sealbank_ca::{
    CertificateRequest, HierarchyOptions, KeyAlgorithm, Name, RevocationReason, VerifiedRequest,
};
use support::{NOW, a_year, authority, request_with, sign_one, subject};
use x509_parser::prelude::{FromDer as _, ParsedExtension, X509Certificate};
use x509_parser::revocation_list::CertificateRevocationList;

fn corpus(name: &str) -> VerifiedRequest {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/requests")
        .join(name);
    CertificateRequest::parse(&fs::read(path).unwrap())
        .unwrap()
        .verify()
        .unwrap()
}

/// rcgen takes the type of a request's key from its signature: a P-384 key that signs with SHA-256,
/// as OpenSSL does by default, comes out as another key.
#[test]
fn p1_a_p384_key_that_signed_with_sha256_is_certified_as_it_is() {
    let request = corpus("accepted.p384-with-sha256.pem");
    assert_eq!(request.public_key().algorithm(), KeyAlgorithm::P384);
    let (authority, _) = authority(&HierarchyOptions::default());
    let signed = authority
        .sign(&[(request.clone(), subject("u"), a_year())], NOW)
        .unwrap();
    let (_, parsed) = X509Certificate::from_der(signed[0].der()).unwrap();
    assert_eq!(
        parsed.tbs_certificate.subject_pki.raw,
        request.public_key().spki_der()
    );
}

/// rcgen copies what the requester asks for: a CA certificate for the asking.
#[test]
fn p1_nothing_that_the_requester_wrote_but_the_public_key_survives() {
    let mut wishes = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "somebody else");
    wishes.distinguished_name = name;
    wishes.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    wishes.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    wishes.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    wishes.subject_alt_names = vec![SanType::DnsName("bank.example".try_into().unwrap())];
    let by_rcgen = CertificateRequest::parse(&request_with(&wishes))
        .unwrap()
        .verify()
        .unwrap();

    let (authority, _) = authority(&HierarchyOptions::default());
    for request in [by_rcgen, corpus("accepted.asks-for-everything.pem")] {
        let signed = authority
            .sign(&[(request, subject("u"), a_year())], NOW)
            .unwrap();
        let (_, parsed) = X509Certificate::from_der(signed[0].der()).unwrap();
        assert_eq!(parsed.subject().as_raw(), subject("u").to_name().as_der());
        assert!(!parsed.is_ca());
        assert_eq!(
            parsed.key_usage().unwrap().unwrap().value.flags,
            1,
            "digitalSignature alone"
        );
        let purposes = parsed.extended_key_usage().unwrap().unwrap().value;
        assert!(purposes.client_auth && !purposes.server_auth && !purposes.any);
        assert!(parsed.subject_alternative_name().unwrap().is_none());
        assert_eq!(parsed.extensions().len(), 8);
        let text = String::from_utf8_lossy(signed[0].der()).into_owned();
        for wish in ["somebody else", "bank.example", "A requester"] {
            assert!(!text.contains(wish), "{wish:?} is in the certificate");
        }
    }
}

/// x509-parser's own verification takes RSA-1024 with SHA-1, and calls a weak key a bad signature.
#[test]
fn p2_weakness_is_judged_before_the_signature_and_under_its_own_name() {
    for (name, code) in [
        ("weak-key.rsa1024.pem", "weak-key"),
        ("weak-hash.rsa-with-sha1.pem", "weak-hash"),
        ("weak-hash.ecdsa-with-sha1.pem", "weak-hash"),
        ("unknown-key-algorithm.p521.pem", "unknown-key-algorithm"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../fixtures/requests")
            .join(name);
        let mut pem = fs::read_to_string(path).unwrap();
        let judge = |pem: &str| CertificateRequest::parse(pem.as_bytes()).unwrap().verify();
        assert_eq!(judge(&pem).unwrap_err().code(), code, "{name}");
        // The same with a signature that is wrong as well.
        let (_, mut der) = pkcs8::der::pem::decode_vec(pem.as_bytes()).unwrap();
        *der.last_mut().unwrap() ^= 1;
        pem = pkcs8::der::pem::encode_string("CERTIFICATE REQUEST", pkcs8::LineEnding::LF, &der)
            .unwrap();
        assert_eq!(judge(&pem).unwrap_err().code(), code, "{name}, spoilt");
    }
}

/// rcgen keeps a name as a map by attribute and silently writes another issuer.
#[test]
fn p3_an_issuer_with_domain_components_and_several_ous_is_named_byte_for_byte() {
    let name = |last| {
        Name::new(&[
            (DomainComponent, "test"),
            (DomainComponent, "example"),
            (OrganizationalUnit, "a"),
            (OrganizationalUnit, "b"),
            (OrganizationalUnit, "TEST ONLY"),
            (CommonName, last),
        ])
        .unwrap()
    };
    let options = HierarchyOptions {
        root_name: name("root"),
        issuing_name: name("issuing"),
        ..HierarchyOptions::default()
    };
    let (authority, _) = authority(&options);
    let client = sign_one(&authority, "u");
    let list = authority.crl(NOW).unwrap();

    let (_, issuing) = X509Certificate::from_der(authority.issuing_certificate()).unwrap();
    let (_, root) = X509Certificate::from_der(authority.root_certificate()).unwrap();
    let (_, client) = X509Certificate::from_der(client.der()).unwrap();
    let (_, root_list) = CertificateRevocationList::from_der(authority.root_crl()).unwrap();
    let (_, list) = CertificateRevocationList::from_der(list.der()).unwrap();
    let (root_name, issuing_name) = (name("root"), name("issuing"));
    assert_eq!(root.subject().as_raw(), root_name.as_der());
    assert_eq!(root.issuer().as_raw(), root_name.as_der());
    assert_eq!(root_list.issuer().as_raw(), root_name.as_der());
    assert_eq!(issuing.issuer().as_raw(), root_name.as_der());
    assert_eq!(issuing.subject().as_raw(), issuing_name.as_der());
    assert_eq!(client.issuer().as_raw(), issuing_name.as_der());
    assert_eq!(list.issuer().as_raw(), issuing_name.as_der());
}

/// rcgen leaves the subject key identifier out of certificates without basicConstraints.
#[test]
fn p4_a_client_certificate_has_its_extensions_with_their_criticality() {
    let (authority, _) = authority(&HierarchyOptions::default());
    let client = sign_one(&authority, "u");
    let (_, client) = X509Certificate::from_der(client.der()).unwrap();
    let found: Vec<_> = client
        .extensions()
        .iter()
        .map(|found| (found.oid.to_id_string(), found.critical))
        .collect();
    let mut expected = [
        ("2.5.29.14", false, "subjectKeyIdentifier"),
        ("2.5.29.15", true, "keyUsage"),
        ("2.5.29.19", true, "basicConstraints"),
        ("2.5.29.31", false, "cRLDistributionPoints"),
        ("2.5.29.32", false, "certificatePolicies"),
        ("2.5.29.35", false, "authorityKeyIdentifier"),
        ("2.5.29.37", false, "extKeyUsage"),
        ("1.3.6.1.5.5.7.1.1", false, "authorityInfoAccess"),
    ]
    .to_vec();
    for (oid, critical) in &found {
        let before = expected.len();
        expected.retain(|(name, flag, _)| !(name == oid && flag == critical));
        assert_eq!(
            expected.len(),
            before - 1,
            "{oid} (critical: {critical}) is not of the profile"
        );
    }
    assert!(expected.is_empty(), "missing: {expected:?}");
}

/// x509-cert's list builder writes the issuer's own authority key identifier, that is the root's,
/// and an empty list as an empty sequence.
#[test]
fn p5_a_list_names_its_issuers_subject_key_and_leaves_an_empty_list_out() {
    let (authority, _) = authority(&HierarchyOptions::default());
    let (_, issuing) = X509Certificate::from_der(authority.issuing_certificate()).unwrap();
    let identifier = issuing
        .extensions()
        .iter()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(identifier) => Some(identifier.0.to_vec()),
            _ => None,
        })
        .unwrap();
    let check = |expected_entries: usize| {
        let list = authority.crl(NOW).unwrap();
        let (_, list) = CertificateRevocationList::from_der(list.der()).unwrap();
        let named =
            list.extensions()
                .iter()
                .find_map(|extension| match extension.parsed_extension() {
                    ParsedExtension::AuthorityKeyIdentifier(aki) => aki.key_identifier.clone(),
                    _ => None,
                });
        assert_eq!(named.unwrap().0, identifier);
        assert_eq!(list.iter_revoked_certificates().count(), expected_entries);
        // An empty SEQUENCE between nextUpdate and the extensions: 30 00 a0.
        let empty_sequence = list
            .tbs_cert_list
            .as_ref()
            .windows(3)
            .any(|bytes| bytes == [0x30, 0, 0xa0]);
        assert!(!empty_sequence);
    };
    check(0);
    let serial = *sign_one(&authority, "u").serial();
    authority
        .revoke(&serial, RevocationReason::Superseded, NOW)
        .unwrap();
    check(1);
}

/// webpki rejects everything below a name constraint of the type directoryName.
#[test]
fn p9_no_authority_carries_a_name_constraint() {
    let (authority, _) = authority(&HierarchyOptions::default());
    for certificate in authority.chain() {
        let (_, parsed) = X509Certificate::from_der(certificate).unwrap();
        assert!(parsed.name_constraints().unwrap().is_none());
    }
}
