//! The two authorities: a root that signs the issuing authority and its own revocation list, and
//! is then put away, and the issuing authority that signs everything else.

use std::num::NonZeroU64;

use rustls_pki_types::CertificateDer;
use time::{Duration, OffsetDateTime};

use crate::crl::ListForm;
use crate::encoding::{self, CertificateForm, Usage};
use crate::issuer::{AuthorityCertificate, Identity, seal};
use crate::key::SoftwareKey;
use crate::profile::check_url;
use crate::{
    CaError, Issuer, KeyAlgorithm, Name, NameAttribute, Profile, RevocationList, Root, Serial,
    SigningKey as _, Validity,
};

/// What a new pair of authorities is like.
///
/// ```
/// use sealbank_ca::{HierarchyOptions, KeyAlgorithm};
///
/// let options = HierarchyOptions { root_key: KeyAlgorithm::P384, ..HierarchyOptions::default() };
/// assert!(options.root_name.to_string().contains("TEST ONLY"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HierarchyOptions {
    /// The root's kind of key.
    pub root_key: KeyAlgorithm,
    /// The issuing authority's kind of key.
    pub issuing_key: KeyAlgorithm,
    /// The root's name. Say in it that nobody is to rely on the root.
    pub root_name: Name,
    /// The issuing authority's name.
    pub issuing_name: Name,
    /// How long the root holds from now on.
    pub root_lifetime: Duration,
    /// How long the issuing authority holds from now on; not longer than the root.
    pub issuing_lifetime: Duration,
    /// By how much both begin before now, for clocks that are behind.
    pub back_date: Duration,
    /// How long a revocation list of the issuing authority is good for.
    pub list_lifetime: Duration,
    /// Where the root's revocation list is fetched; stands in the issuing certificate.
    pub root_crl_url: String,
    /// The profile of client certificates.
    pub profile: Profile,
}

impl Default for HierarchyOptions {
    /// P-256, 30 years for the root and 25 for the issuing authority, because a mock bank's clock
    /// is moved by years; revocation lists for a week; names that say TEST ONLY.
    fn default() -> Self {
        let name = |common_name: &str| {
            Name::new(&[
                (NameAttribute::Organization, "sealbank TEST ONLY"),
                (NameAttribute::CommonName, common_name),
            ])
            .expect("the default names are within bounds")
        };
        Self {
            root_key: KeyAlgorithm::P256,
            issuing_key: KeyAlgorithm::P256,
            root_name: name("sealbank root CA TEST ONLY"),
            issuing_name: name("sealbank issuing CA TEST ONLY"),
            root_lifetime: Duration::days(30 * 365),
            issuing_lifetime: Duration::days(25 * 365),
            back_date: Duration::days(30),
            list_lifetime: Duration::days(7),
            root_crl_url: "http://ca.sealbank.test/root.crl".to_owned(),
            profile: Profile::default(),
        }
    }
}

/// What is known of the two authorities without their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hierarchy {
    pub(crate) root: CertificateDer<'static>,
    pub(crate) root_list: RevocationList,
    pub(crate) issuing: CertificateDer<'static>,
    pub(crate) profile: Profile,
    pub(crate) list_lifetime: Duration,
}

impl Hierarchy {
    /// Reads both certificates and the root's list, and refuses them unless each is signed as it
    /// should be.
    pub(crate) fn check(&self) -> Result<(AuthorityCertificate, AuthorityCertificate), CaError> {
        let root = AuthorityCertificate::read(&self.root)?;
        root.must_be_signed_by(&root)?;
        self.root_list
            .must_be_signed_by(&root.identity, &root.key)?;
        let issuing = AuthorityCertificate::read(&self.issuing)?;
        issuing.must_be_signed_by(&root)?;
        Ok((root, issuing))
    }
}

/// Two new authorities with their keys.
pub(crate) struct Foundation {
    pub(crate) hierarchy: Hierarchy,
    pub(crate) root_key: SoftwareKey,
    pub(crate) issuing_key: SoftwareKey,
}

impl Foundation {
    /// Makes both keys, the root's certificate and list, and the issuing certificate.
    pub(crate) fn lay(options: &HierarchyOptions, now: OffsetDateTime) -> Result<Self, CaError> {
        options.check()?;
        let root_key = SoftwareKey::generate(options.root_key)?;
        let issuing_key = SoftwareKey::generate(options.issuing_key)?;

        let identity = Identity {
            name: options.root_name.clone(),
            key_identifier: root_key.public_key().identifier().to_vec(),
            algorithm: root_key.public_key().algorithm(),
        };
        let sign = |subject: &Name, key: &SoftwareKey, validity, usage| {
            let (serial, subject, issuer) = (Serial::random()?, subject, &identity);
            let key = key.public_key();
            let form = CertificateForm {
                serial,
                issuer,
                validity,
                subject,
                key,
                usage,
            };
            Ok::<_, CaError>(seal(&root_key, &encoding::certificate(&form)?)?.into())
        };
        let validity = |lifetime| {
            let ends = Timeline(now);
            Validity::new(ends.before(options.back_date)?, ends.after(lifetime)?)
        };
        let root: CertificateDer<'static> = sign(
            &options.root_name,
            &root_key,
            validity(options.root_lifetime)?,
            Usage::Root,
        )?;
        let issuing_validity = validity(options.issuing_lifetime)?;
        let root_list = root_list(&identity, &root_key, validity(options.root_lifetime)?)?;
        let root_validity = AuthorityCertificate::read(&root)?.validity;
        if issuing_validity.not_after() > root_validity.not_after() {
            return Err(CaError::OutlivesIssuer {
                not_after: issuing_validity.not_after(),
                issuer_not_after: root_validity.not_after(),
            });
        }
        let issuing = sign(
            &options.issuing_name,
            &issuing_key,
            issuing_validity,
            Usage::Issuing {
                crl_url: &options.root_crl_url,
            },
        )?;
        let hierarchy = Hierarchy {
            root,
            root_list,
            issuing,
            profile: options.profile.clone(),
            list_lifetime: options.list_lifetime,
        };
        hierarchy.check()?;
        Ok(Self {
            hierarchy,
            root_key,
            issuing_key,
        })
    }

    /// The issuing authority, and the root, whose key is forgotten with it.
    pub(crate) fn into_issuer_and_root(self) -> Result<(Issuer, Root), CaError> {
        let Hierarchy { root, issuing, .. } = self.hierarchy;
        let issuer = Issuer::new(issuing, Box::new(self.issuing_key))?;
        Ok((issuer, Root::with_key(root, Box::new(self.root_key))?))
    }
}

impl HierarchyOptions {
    fn check(&self) -> Result<(), CaError> {
        let refuse = |setting, problem, value: String| {
            Err(CaError::Profile {
                setting,
                problem,
                value,
            })
        };
        check_url("root revocation list URL", &self.root_crl_url)?;
        if self.list_lifetime < Duration::SECOND {
            let value = self.list_lifetime.to_string();
            return refuse(
                "revocation list lifetime",
                "is shorter than a second",
                value,
            );
        }
        if self.root_name == self.issuing_name {
            let value = self.root_name.to_string();
            return refuse("issuing name", "is the root's name", value);
        }
        Ok(())
    }
}

/// The root revokes nothing by itself; verifiers such as webpki ask for its list all the same.
fn root_list(
    identity: &Identity,
    key: &SoftwareKey,
    validity: Validity,
) -> Result<RevocationList, CaError> {
    let form = ListForm {
        issuer: identity,
        number: NonZeroU64::MIN,
        this_update: validity.not_before(),
        next_update: validity.not_after(),
        revoked: Vec::new(),
    };
    let list = RevocationList::from_der(seal(key, &encoding::revocation_list(&form)?)?.into())?;
    list.must_say(&form)?;
    Ok(list)
}

/// Reckoning from an instant without running off the calendar.
struct Timeline(OffsetDateTime);

impl Timeline {
    fn before(&self, span: Duration) -> Result<OffsetDateTime, CaError> {
        self.0.checked_sub(span).ok_or_else(|| self.beyond())
    }

    fn after(&self, span: Duration) -> Result<OffsetDateTime, CaError> {
        self.0.checked_add(span).ok_or_else(|| self.beyond())
    }

    fn beyond(&self) -> CaError {
        let problem = "it runs off the calendar";
        CaError::Validity {
            not_before: self.0,
            not_after: self.0,
            problem,
        }
    }
}
