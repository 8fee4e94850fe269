//! A TEST ONLY hierarchy: a root, an issuing authority, server and client certificates.

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateSigningRequestParams,
    DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime, macros::datetime};

pub(crate) const HOSTS: [&str; 3] = ["ib.bank.test", "cert.ib.bank.test", "raw.bank.test"];

/// The moment at which the tests play.
pub(crate) fn moment() -> OffsetDateTime {
    datetime!(2031-04-01 09:00 +9)
}

pub(crate) struct Pki {
    root: Certificate,
    issuing: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Pki {
    pub(crate) fn named(name: &str) -> Self {
        let root_key = KeyPair::generate().unwrap();
        let root_params = authority(&format!("{name} Root"));
        let root = root_params.self_signed(&root_key).unwrap();
        let issuing_key = KeyPair::generate().unwrap();
        let issuing_params = authority(&format!("{name} Issuing"));
        let issuing = issuing_params
            .signed_by(&issuing_key, &Issuer::new(root_params, root_key))
            .unwrap();
        Self {
            root,
            issuing,
            issuer: Issuer::new(issuing_params, issuing_key),
        }
    }

    pub(crate) fn root(&self) -> CertificateDer<'static> {
        self.root.der().clone()
    }

    pub(crate) fn server(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let mut params = leaf("TEST ONLY server", ExtendedKeyUsagePurpose::ServerAuth);
        params.not_before = moment() - Duration::days(20);
        params.not_after = moment() + Duration::days(3000);
        params.subject_alt_names = HOSTS
            .iter()
            .map(|host| rcgen::SanType::DnsName((*host).try_into().unwrap()))
            .collect();
        let signed = params.signed_by(&key, &self.issuer).unwrap();
        let chain = vec![signed.der().clone(), self.issuing.der().clone()];
        (chain, PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }

    /// The chain in PEM that answers a certificate request.
    pub(crate) fn answer(&self, request: &str, common_name: &str) -> String {
        let mut asked = CertificateSigningRequestParams::from_pem(request).unwrap();
        asked.params = leaf(common_name, ExtendedKeyUsagePurpose::ClientAuth);
        let signed = asked.signed_by(&self.issuer).unwrap();
        format!("{}{}{}", signed.pem(), self.issuing.pem(), self.root.pem())
    }
}

fn authority(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = moment() - Duration::days(30);
    params.not_after = moment() + Duration::days(3650);
    params
}

fn leaf(common_name: &str, usage: ExtendedKeyUsagePurpose) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.extended_key_usages = vec![usage];
    params.not_before = moment() - Duration::minutes(10);
    params.not_after = moment() + Duration::days(365);
    params
}
