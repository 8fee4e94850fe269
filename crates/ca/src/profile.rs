//! The profile of client certificates: what stands in each of them beside name, key and time.
//! The bytes are laid by `encoding`.

use serde::{Deserialize, Serialize};

use crate::der;
use crate::draft::Draft;
use crate::encoding::{self, CertificateForm, Usage};
use crate::{CaError, Generation, Issuer, Serial, Subject, Validity, VerifiedRequest};

/// What client certificates of one authority have in common (RFC 5280 section 4.2).
///
/// Each has basicConstraints CA:FALSE (critical), keyUsage digitalSignature (critical), extended
/// key usage clientAuth, both key identifiers, and the places and the policy that are set here.
///
/// ```
/// use sealbank_ca::Profile;
///
/// let profile = Profile::default().with_crl_url("http://127.0.0.1:8081/issuing.crl")?;
/// assert_eq!(profile.crl_url(), "http://127.0.0.1:8081/issuing.crl");
/// # Ok::<(), sealbank_ca::CaError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Settings", into = "Settings")]
pub struct Profile {
    settings: Settings,
}

/// A profile before it is checked, and as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    crl_url: String,
    issuer_url: String,
    ocsp_url: String,
    policy: String,
}

/// URLs longer than this are a mistake, and would bloat every certificate.
const MAX_URL: usize = 512;

impl Profile {
    /// Where the revocation list of the issuing authority is fetched (cRLDistributionPoints).
    pub fn crl_url(&self) -> &str {
        &self.settings.crl_url
    }

    /// Where the issuing certificate is fetched (authorityInfoAccess, caIssuers).
    pub fn issuer_url(&self) -> &str {
        &self.settings.issuer_url
    }

    /// Where the OCSP responder answers (authorityInfoAccess, ocsp).
    pub fn ocsp_url(&self) -> &str {
        &self.settings.ocsp_url
    }

    /// The certificate policy in dotted form.
    pub fn policy(&self) -> &str {
        &self.settings.policy
    }

    /// The same with another place of the revocation list.
    ///
    /// # Errors
    /// [`CaError::Profile`] unless it is an http or https URL in printable ASCII.
    pub fn with_crl_url(mut self, url: impl Into<String>) -> Result<Self, CaError> {
        self.settings.crl_url = url.into();
        self.settings.try_into()
    }

    /// The same with another place of the issuing certificate.
    ///
    /// # Errors
    /// [`CaError::Profile`] unless it is an http or https URL in printable ASCII.
    pub fn with_issuer_url(mut self, url: impl Into<String>) -> Result<Self, CaError> {
        self.settings.issuer_url = url.into();
        self.settings.try_into()
    }

    /// The same with another OCSP responder.
    ///
    /// # Errors
    /// [`CaError::Profile`] unless it is an http or https URL in printable ASCII.
    pub fn with_ocsp_url(mut self, url: impl Into<String>) -> Result<Self, CaError> {
        self.settings.ocsp_url = url.into();
        self.settings.try_into()
    }

    /// The same with another policy.
    ///
    /// # Errors
    /// [`CaError::Profile`] unless it is an object identifier in dotted form.
    pub fn with_policy(mut self, policy: impl Into<String>) -> Result<Self, CaError> {
        self.settings.policy = policy.into();
        self.settings.try_into()
    }

    /// Decides a certificate down to the last byte that will be signed, and reads it back.
    ///
    /// It can be looked at; to be signed it has to be recorded first, which
    /// [`Authority::sign`](crate::Authority::sign) does.
    ///
    /// # Errors
    /// [`CaError::OutlivesIssuer`] where the certificate would; [`CaError::Mismatch`] where what was
    /// encoded does not say what was decided.
    ///
    /// ```
    /// use sealbank_ca::{Authority, CertificateRequest, Serial, Subject, Validity};
    /// use time::{Duration, OffsetDateTime};
    ///
    /// let authority = Authority::ephemeral()?;
    /// let request = include_bytes!("../../../fixtures/requests/accepted.p256.pem");
    /// let request = CertificateRequest::parse(request)?.verify()?;
    /// let subject = Subject::new("The Higo Bank, Ltd", "tBIB CA", "keiri01")?;
    /// let now = OffsetDateTime::now_utc();
    /// let validity = Validity::new(now, now + Duration::days(365))?;
    /// let draft = authority.profile().draft(
    ///     authority.issuer(), Serial::random()?, &request, &subject, validity,
    /// )?;
    /// assert_eq!(draft.subject().common_name(), "keiri01");
    /// # Ok::<(), sealbank_ca::CaError>(())
    /// ```
    pub fn draft(
        &self,
        issuer: &Issuer,
        serial: Serial,
        request: &VerifiedRequest,
        subject: &Subject,
        validity: Validity,
    ) -> Result<Draft, CaError> {
        issuer.admit(validity)?;
        let tbs = encoding::certificate(&CertificateForm {
            serial,
            issuer: issuer.identity(),
            validity,
            subject: &subject.to_name(),
            key: request.public_key(),
            usage: Usage::Client(self),
        })?;
        let draft = Draft::from_tbs(tbs, *request.digest())?;
        draft.facts().must_say(
            issuer.identity(),
            serial,
            request.public_key(),
            subject,
            validity,
        )?;
        draft.must_follow(self, issuer.identity())?;
        Ok(draft)
    }

    /// The profile of a later generation: its own list and certificate lie in places of their own.
    pub(crate) fn of_generation(&self, generation: Generation) -> Result<Self, CaError> {
        let mut settings = self.settings.clone();
        settings.crl_url = numbered(&settings.crl_url, generation);
        settings.issuer_url = numbered(&settings.issuer_url, generation);
        settings.try_into()
    }

    /// The policy as an OBJECT IDENTIFIER.
    pub(crate) fn policy_der(&self) -> Vec<u8> {
        der::object_identifier(&self.settings.policy).expect("the policy was checked when set")
    }
}

impl Default for Profile {
    /// Places under `.test` (RFC 6761 section 6.2), and a policy under the enterprise number that
    /// is set aside for examples (RFC 5612).
    fn default() -> Self {
        Self {
            settings: Settings {
                crl_url: "http://ca.sealbank.test/issuing.crl".to_owned(),
                issuer_url: "http://ca.sealbank.test/issuing.cer".to_owned(),
                ocsp_url: "http://ca.sealbank.test/ocsp".to_owned(),
                policy: "1.3.6.1.4.1.32473.1.1".to_owned(),
            },
        }
    }
}

impl TryFrom<Settings> for Profile {
    type Error = CaError;

    fn try_from(settings: Settings) -> Result<Self, CaError> {
        check_url("revocation list URL", &settings.crl_url)?;
        check_url("issuing certificate URL", &settings.issuer_url)?;
        check_url("OCSP URL", &settings.ocsp_url)?;
        if der::object_identifier(&settings.policy).is_none() {
            return Err(CaError::Profile {
                setting: "policy",
                problem: "is not an object identifier such as 1.3.6.1.4.1.32473.1.1",
                value: settings.policy,
            });
        }
        Ok(Self { settings })
    }
}

impl From<Profile> for Settings {
    fn from(profile: Profile) -> Self {
        profile.settings
    }
}

/// Whether a URL can stand in a certificate (RFC 5280 section 4.2.1.13: an `IA5String`).
pub(crate) fn check_url(setting: &'static str, url: &str) -> Result<(), CaError> {
    let refuse = |problem| {
        Err(CaError::Profile {
            setting,
            problem,
            value: url.to_owned(),
        })
    };
    let host = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    match host {
        None => refuse("does not begin with http:// or https://"),
        Some("") => refuse("names no host"),
        Some(_) if url.len() > MAX_URL => refuse("has more than 512 bytes"),
        Some(_) if !url.bytes().all(|byte| byte.is_ascii_graphic()) => {
            refuse("is not printable ASCII without spaces")
        }
        Some(_) => Ok(()),
    }
}

/// The URL with the generation's number behind the name of the file, before its extension.
fn numbered(url: &str, generation: Generation) -> String {
    // What follows the path is not looked at; the host is no file.
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let host = url.find("://").map_or(0, |at| at + 3);
    let file = url[host..end].rfind('/').map_or(end, |at| host + at);
    let at = url[file..end].rfind('.').map_or(end, |dot| file + dot);
    let number = generation.number();
    let (before, after) = url.split_at(at);
    format!("{before}-{number}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_generation_has_places_of_its_own() {
        let second = Generation::new(2).unwrap();
        for (first, expected) in [
            ("http://ca.test/issuing.crl", "http://ca.test/issuing-2.crl"),
            ("http://ca.test/list", "http://ca.test/list-2"),
            ("http://ca.test/v1.0/list", "http://ca.test/v1.0/list-2"),
            ("http://ca.test", "http://ca.test-2"),
            (
                "http://ca.test/a.crl?b=c.d/e",
                "http://ca.test/a-2.crl?b=c.d/e",
            ),
        ] {
            assert_eq!(numbered(first, second), expected);
        }
    }

    #[test]
    fn settings_that_cannot_stand_in_a_certificate_are_refused() {
        let long = format!("http://{}", "x".repeat(512));
        for url in [
            "",
            "ftp://a",
            "http://",
            "http://例",
            "http://a b",
            "http://a\n",
            &long,
        ] {
            assert!(Profile::default().with_crl_url(url).is_err(), "{url:?}");
            assert!(Profile::default().with_issuer_url(url).is_err(), "{url:?}");
            assert!(Profile::default().with_ocsp_url(url).is_err(), "{url:?}");
        }
        for policy in ["", "1", "1.", "3.1", "1.2.x"] {
            assert!(
                Profile::default().with_policy(policy).is_err(),
                "{policy:?}"
            );
        }
    }

    #[test]
    fn a_recorded_profile_is_checked_again() {
        let recorded = serde_json::to_string(&Profile::default()).unwrap();
        assert_eq!(
            serde_json::from_str::<Profile>(&recorded).unwrap(),
            Profile::default()
        );
        let altered = recorded.replace("http:", "file:");
        assert!(serde_json::from_str::<Profile>(&altered).is_err());
    }
}
