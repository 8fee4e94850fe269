//! A TEST ONLY authority for the unit tests of this crate.

use std::sync::OnceLock;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls_pki_types::CertificateDer;
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::certificate::Certificate;
use crate::key::PrivateKey;

/// The moment at which the tests play.
pub(crate) fn moment() -> OffsetDateTime {
    datetime!(2031-04-01 09:00 +9)
}

/// What a signed certificate may be used for.
#[derive(Clone, Copy)]
pub(crate) enum Usage {
    ClientLogon,
    ServerOnly,
}

/// A root and an issuing authority.
pub(crate) struct Authority {
    root: rcgen::Certificate,
    issuing: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::named("TEST ONLY")
    }

    pub(crate) fn named(name: &str) -> Self {
        let root_key = KeyPair::generate().unwrap();
        let root_params = authority_params(&format!("{name} Root"));
        let root = root_params.self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(root_params, root_key);
        let issuing_key = KeyPair::generate().unwrap();
        let issuing_params = authority_params(&format!("{name} Issuing"));
        let issuing = issuing_params
            .signed_by(&issuing_key, &root_issuer)
            .unwrap();
        Self {
            root,
            issuing,
            issuer: Issuer::new(issuing_params, issuing_key),
        }
    }

    /// One authority for all tests that need no second one.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Authority> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    pub(crate) fn root(&self) -> CertificateDer<'static> {
        self.root.der().clone()
    }

    /// A certificate on a fresh key.
    pub(crate) fn client(&self, common_name: &str) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let signed = params(common_name, Usage::ClientLogon)
            .signed_by(&key, &self.issuer)
            .unwrap();
        (Certificate::parse(signed.der().clone()).unwrap(), key)
    }

    /// A chain in PEM, leaf first, on `key`.
    pub(crate) fn sign(&self, key: &PrivateKey, common_name: &str, usage: Usage) -> String {
        let pair = KeyPair::try_from(&key.pkcs8()).unwrap();
        let signed = params(common_name, usage)
            .signed_by(&pair, &self.issuer)
            .unwrap();
        self.chain(&signed)
    }

    /// A chain in PEM that answers a certificate request.
    pub(crate) fn answer(&self, request: &str, common_name: &str) -> String {
        let mut asked = CertificateSigningRequestParams::from_pem(request).unwrap();
        asked.params = params(common_name, Usage::ClientLogon);
        self.chain(&asked.signed_by(&self.issuer).unwrap())
    }

    fn chain(&self, leaf: &rcgen::Certificate) -> String {
        format!("{}{}{}", leaf.pem(), self.issuing.pem(), self.root.pem())
    }
}

fn authority_params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    params.not_before = moment() - Duration::days(30);
    params.not_after = moment() + Duration::days(3650);
    params
}

fn params(common_name: &str, usage: Usage) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "The Higo Bank, Ltd");
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.extended_key_usages = vec![match usage {
        Usage::ClientLogon => ExtendedKeyUsagePurpose::ClientAuth,
        Usage::ServerOnly => ExtendedKeyUsagePurpose::ServerAuth,
    }];
    params.not_before = moment() - Duration::minutes(10);
    params.not_after = moment() + Duration::days(365);
    params
}
