//! `expect: { certificate: … }`: what is claimed of the newest certificate in the person's store.

use super::Reader;
use super::expectation::said;
use crate::model::{CertificateClaim, CertificateStanding, Check, Claim, Fact};
use crate::node::Node;

const KEYS: [&str; 10] = [
    "O",
    "OU",
    "CN",
    "usage",
    "valid",
    "key",
    "not-before",
    "not-after",
    "serial",
    "standing",
];

impl Reader<'_> {
    pub(super) fn certificate_claims(&self, node: &Node) -> Vec<Check> {
        let Some(fields) = self.fields(node, "certificate", &KEYS) else {
            return Vec::new();
        };
        fields
            .entries
            .iter()
            .flat_map(|(key, node)| {
                self.comparisons(&format!("certificate.{}", key.value), node)
                    .unwrap_or_else(|| self.plain_claim(&key.value, node))
            })
            .collect()
    }

    fn plain_claim(&self, key: &str, node: &Node) -> Vec<Check> {
        let written = match key {
            "serial" => self.written(Fact::Serial, node),
            "not-before" => self.written(Fact::NotBefore, node),
            _ => self.certificate_claim(key, node),
        };
        written.into_iter().collect()
    }

    fn certificate_claim(&self, key: &str, node: &Node) -> Option<Check> {
        let about = |claim| Claim::Certificate(claim);
        let standings = [
            ("accepted", CertificateStanding::Accepted),
            ("not-accepted", CertificateStanding::NotAccepted),
        ];
        Some(match key {
            "O" => said(self.text(node)?, |text| {
                about(CertificateClaim::Organization(text))
            }),
            "OU" => said(self.text(node)?, |text| {
                about(CertificateClaim::OrganizationalUnit(text))
            }),
            "CN" => said(self.text(node)?, |text| {
                about(CertificateClaim::CommonName(text))
            }),
            "usage" => said(
                self.word(
                    node,
                    "usage",
                    &[("client-auth", CertificateClaim::ClientAuthentication)],
                )?,
                about,
            ),
            "valid" => said(
                self.word(node, "validity", &[("now", CertificateClaim::ValidNow)])?,
                about,
            ),
            "key" => said(
                self.word(node, "key", &[("matches", CertificateClaim::KeyPresent)])?,
                about,
            ),
            "not-after" => said(self.moment(node)?, |at| {
                about(CertificateClaim::NotAfter(at))
            }),
            "standing" => said(self.word(node, "standing", &standings)?, |standing| {
                about(CertificateClaim::Standing(standing))
            }),
            _ => return None,
        })
    }
}
