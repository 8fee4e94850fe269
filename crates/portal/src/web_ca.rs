//! The web server's own certificates, from a TEST ONLY authority of their own that lives in memory.
//!
//! It has nothing to do with the bank's client certificates: what a PC trusts as a server and what the bank
//! accepts as a customer never share a key. Valid from 2000 to 2099, because the bank's clock is moved by years.

use std::fmt;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use crate::error::PortalError;

/// The web server's authority, and the one server certificate that it signed for all origins.
pub struct WebCa {
    root: CertificateDer<'static>,
    root_pem: String,
    server: CertificateDer<'static>,
    key: Zeroizing<Vec<u8>>,
}

impl WebCa {
    /// A new authority and a server certificate for `hosts`, localhost and 127.0.0.1.
    ///
    /// # Errors
    /// [`PortalError`] if a host is no DNS name or the system gives no randomness.
    pub fn new(hosts: &[&str]) -> Result<Self, PortalError> {
        let root_key = KeyPair::generate()?;
        let root_params = root_params();
        let root = root_params.self_signed(&root_key)?;
        let server_key = KeyPair::generate()?;
        let issuer = Issuer::new(root_params, root_key);
        let server = server_params(hosts)?.signed_by(&server_key, &issuer)?;
        Ok(Self {
            root: root.der().clone(),
            root_pem: root.pem(),
            server: server.der().clone(),
            key: Zeroizing::new(server_key.serialize_der()),
        })
    }

    /// What a PC has to trust.
    #[must_use]
    pub fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// The same as PEM.
    #[must_use]
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// What the server presents.
    pub(crate) fn server_chain(&self) -> Vec<CertificateDer<'static>> {
        vec![self.server.clone()]
    }

    pub(crate) fn server_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.to_vec()))
    }
}

impl fmt::Debug for WebCa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebCa(..)")
    }
}

fn root_params() -> CertificateParams {
    let mut params = dated("sealbank web server CA TEST ONLY");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn server_params(hosts: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let mut names: Vec<String> = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    for host in hosts {
        if !names.iter().any(|name| name == host) {
            names.push((*host).to_owned());
        }
    }
    let mut params = dated("sealbank web server TEST ONLY");
    params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn dated(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "sealbank TEST ONLY");
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2099, 12, 31);
    params
}

#[cfg(test)]
mod tests {
    use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

    use super::*;

    #[test]
    fn the_server_certificate_names_every_host_and_holds_for_a_century() {
        let web = WebCa::new(&["ib.bank.test", "cert.ib.bank.test"]).unwrap();
        let chain = web.server_chain();
        let (_, server) = X509Certificate::from_der(&chain[0]).unwrap();
        let names: Vec<String> = server
            .subject_alternative_name()
            .unwrap()
            .unwrap()
            .value
            .general_names
            .iter()
            .map(|name| match name {
                GeneralName::DNSName(name) => (*name).to_owned(),
                GeneralName::IPAddress(address) => format!("{address:?}"),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            names,
            [
                "localhost",
                "[127, 0, 0, 1]",
                "ib.bank.test",
                "cert.ib.bank.test"
            ]
        );
        assert_eq!(server.validity().not_before.to_datetime().year(), 2000);
        assert_eq!(server.validity().not_after.to_datetime().year(), 2099);
        assert!(web.root_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    }

    #[test]
    fn the_authority_says_that_it_is_a_test() {
        let web = WebCa::new(&[]).unwrap();
        let (_, root) = X509Certificate::from_der(web.root()).unwrap();
        assert!(root.subject().to_string().contains("TEST ONLY"));
        assert!(!format!("{web:?}").contains("30"));
    }
}
