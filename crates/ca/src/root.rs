//! The root, while it is taken out to sign: a new generation of the issuing authority, or a newer
//! revocation list of its own.

use std::fmt;
use std::num::NonZeroU64;
use std::path::Path;

use rustls_pki_types::CertificateDer;
use secrecy::SecretString;
use time::OffsetDateTime;

use crate::crl::ListForm;
use crate::encoding::{self, CertificateForm, Usage};
use crate::issuer::{AuthorityCertificate, seal};
use crate::{
    CaError, Issuer, KeyProtection, Name, PublicKey, RevocationList, Serial, SigningKey, Validity,
    files, keystore,
};

/// The root with its key. It is opened for one act and dropped, which wipes the key.
pub struct Root(Issuer);

impl Root {
    /// The root of a directory that [`Authority::create`](crate::Authority::create) wrote.
    ///
    /// # Errors
    /// [`CaError::WrongPassphrase`] and [`CaError::EmptyPassphrase`]; [`CaError::Io`] and
    /// [`CaError::Malformed`] for the files; [`CaError::Mismatch`] if `root.key.pem` is not the key
    /// of `root.pem`.
    pub fn open(root_dir: &Path, passphrase: &SecretString) -> Result<Self, CaError> {
        let certificate = files::read_pem(&root_dir.join(keystore::ROOT), "CERTIFICATE")?;
        let protection = KeyProtection::Passphrase(passphrase.clone());
        let key = protection.open(&root_dir.join(keystore::ROOT_KEY))?;
        Self::with_key(certificate.into(), Box::new(key))
    }

    /// A root whose key is kept elsewhere, in hardware for example.
    ///
    /// # Errors
    /// As [`Issuer::new`].
    pub fn with_key(
        certificate: CertificateDer<'static>,
        key: Box<dyn SigningKey>,
    ) -> Result<Self, CaError> {
        Issuer::new(certificate, key).map(Self)
    }

    /// The trust anchor.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        self.0.certificate()
    }

    /// How long it holds.
    pub fn validity(&self) -> Validity {
        self.0.validity()
    }

    /// The certificate of an issuing authority.
    pub(crate) fn sign_issuing(
        &self,
        subject: &Name,
        key: &PublicKey,
        validity: Validity,
        crl_url: &str,
    ) -> Result<CertificateDer<'static>, CaError> {
        self.0.admit(validity)?;
        let form = CertificateForm {
            serial: Serial::random()?,
            issuer: self.0.identity(),
            validity,
            subject,
            key,
            usage: Usage::Issuing { crl_url },
        };
        let tbs = encoding::certificate(&form)?;
        let certificate = CertificateDer::from(seal(self.0.key(), &tbs)?);
        AuthorityCertificate::read(&certificate)?.must_say(&form)?;
        Ok(certificate)
    }

    /// A list that revokes nothing, as of now and until the root ends.
    pub(crate) fn sign_empty_list(
        &self,
        number: NonZeroU64,
        this_update: OffsetDateTime,
    ) -> Result<RevocationList, CaError> {
        let period = Validity::new(this_update, self.validity().not_after())?;
        self.0.sign_list(&ListForm {
            issuer: self.0.identity(),
            number,
            this_update: period.not_before(),
            next_update: period.not_after(),
            revoked: Vec::new(),
        })
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Root").field(self.0.name()).finish()
    }
}
