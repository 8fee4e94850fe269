//! [`Target`]: a bank that is already running, as somebody outside knows it: two addresses, the roots it is known by, and
//! perhaps a control listener.

use std::fmt;
use std::path::{Path, PathBuf};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use sealbank_portal::Clock;
use url::Url;

use crate::case_run::path_for_shell;

/// A bank that is already running: `sealbank serve`, or any system with the same screens.
///
/// ```
/// use sealbank_portal::Clock;
/// use sealbank_scenario::Target;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let target = Target::at("https://localhost:8443", Clock::system())?
///     .controlled_by("http://127.0.0.1:8445")?;
/// assert!(Target::at("http://localhost:8443", Clock::system()).is_err());
/// # let _ = target;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Target {
    pub(crate) ib: Url,
    /// None: learnt from the links of its first page.
    pub(crate) cert: Option<Url>,
    /// What every PC trusts: as the server's authority, and as that of the certificates it installs.
    pub(crate) roots: Vec<CertificateDer<'static>>,
    pub(crate) control: Option<Url>,
    /// Whether another bank takes its place for each case.
    pub(crate) fresh: bool,
    /// The files that the roots come from.
    files: Vec<PathBuf>,
    /// What the PCs' clocks show, until a control listener says otherwise.
    pub(crate) clock: Clock,
}

/// What was said of a bank can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// It is no address.
    #[error("`{given}` is no address: {source}; write one like {example}")]
    Address {
        /// What was given.
        given: String,
        /// How one is written.
        example: &'static str,
        /// What is wrong with it.
        source: url::ParseError,
    },
    /// It is an address of another kind.
    #[error("`{given}` has to begin with {scheme}:// and have no path; write it like {example}")]
    Origin {
        /// What was given.
        given: String,
        /// How it has to begin.
        scheme: &'static str,
        /// How one is written.
        example: &'static str,
    },
    /// A file can't be read.
    #[error("{} can't be read: {source}; name a file of certificates in PEM", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No certificate can be read.
    #[error("the trusted roots can't be read: {0}; give certificates in PEM")]
    Pem(String),
    /// There is none.
    #[error("there is no trusted root in it; give at least one certificate in PEM")]
    NoRoot,
}

const ORIGIN: &str = "https://ib.bank.example:8443";
const CONTROL: &str = "http://127.0.0.1:8445";

impl Target {
    /// The bank whose screens are at `ib`. `clock` is what people's PCs go by.
    ///
    /// # Errors
    /// [`TargetError`] when `ib` is no HTTPS origin.
    pub fn at(ib: &str, clock: Clock) -> Result<Self, TargetError> {
        Ok(Self {
            ib: origin(ib, "https", ORIGIN)?,
            cert: None,
            roots: Vec::new(),
            control: None,
            fresh: false,
            files: Vec::new(),
            clock,
        })
    }

    /// The same with the origin that asks for certificates; otherwise the links of the first page say where it is.
    ///
    /// # Errors
    /// [`TargetError`] when `cert` is no HTTPS origin.
    pub fn with_cert(self, cert: &str) -> Result<Self, TargetError> {
        let cert = Some(origin(cert, "https", ORIGIN)?);
        Ok(Self { cert, ..self })
    }

    /// The same, whose PCs trust the certificates of `pem` beside those they trusted: as the authority of the bank's
    /// servers, and as that of the certificates that they install.
    ///
    /// # Errors
    /// [`TargetError`] when there is none, or one that can't be read.
    pub fn trusting(mut self, pem: &[u8]) -> Result<Self, TargetError> {
        let roots = certificates(pem)?;
        self.roots.extend(roots);
        Ok(self)
    }

    /// The same with the certificates of a file.
    ///
    /// # Errors
    /// [`TargetError`] when it can't be read, or as [`Self::trusting`].
    pub fn trusting_file(mut self, path: &Path) -> Result<Self, TargetError> {
        let pem = std::fs::read(path).map_err(|source| TargetError::File {
            path: path.to_owned(),
            source,
        })?;
        self.files.push(path.to_owned());
        self.trusting(&pem)
    }

    /// The same with the control listener of `sealbank serve`. What it publishes is trusted too.
    ///
    /// # Errors
    /// [`TargetError`] when `control` is no HTTP origin.
    pub fn controlled_by(self, control: &str) -> Result<Self, TargetError> {
        let control = Some(origin(control, "http", CONTROL)?);
        Ok(Self { control, ..self })
    }

    /// The same, in whose place a bank opens for each case: with the case's rules, people and clock, at the same
    /// addresses. What the bank before knew is gone. Its control listener has to be that of `sealbank serve` without
    /// `--data`.
    #[must_use]
    pub fn fresh_for_each_case(self) -> Self {
        Self {
            fresh: true,
            ..self
        }
    }

    /// Whether nothing is known by which its servers could be trusted.
    #[must_use]
    pub fn trusts_nobody(&self) -> bool {
        self.roots.is_empty() && self.control.is_none()
    }
}

/// The flags of `sealbank run` that name it.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        write!(f, "--target {}", bare(&self.ib))?;
        if let Some(cert) = &self.cert {
            write!(f, " --target-cert {}", bare(cert))?;
        }
        for file in &self.files {
            write!(f, " --trust {}", path_for_shell(&file.to_string_lossy()))?;
        }
        if let Some(control) = &self.control {
            write!(f, " --control {}", bare(control))?;
        }
        f.write_str(if self.fresh { " --fresh" } else { "" })
    }
}

/// Two are the same when the same is said of them; the clock is not compared, which only ever shows the time.
impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        let said = |target: &Self| {
            (
                target.ib.clone(),
                target.cert.clone(),
                target.control.clone(),
                target.fresh,
            )
        };
        said(self) == said(other) && self.roots == other.roots
    }
}

impl Eq for Target {}

/// Every certificate of a PEM file.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TargetError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| TargetError::Pem(error.to_string()))?;
    if found.is_empty() {
        return Err(TargetError::NoRoot);
    }
    Ok(found)
}

fn origin(given: &str, scheme: &'static str, example: &'static str) -> Result<Url, TargetError> {
    let url: Url = given.parse().map_err(|source| TargetError::Address {
        given: given.to_owned(),
        example,
        source,
    })?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_nobodys = url.username().is_empty() && url.password().is_none();
    if url.scheme() == scheme && url.has_host() && is_bare && is_nobodys {
        return Ok(url);
    }
    Err(TargetError::Origin {
        given: given.to_owned(),
        scheme,
        example,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bare_origin_of_the_right_kind_is_an_address_of_a_bank() {
        for wrong in [
            "ib.bank.example",
            "http://ib.bank.example",
            "https://ib.bank.example/logon",
            "https://somebody@ib.bank.example",
            "https://ib.bank.example?a=b",
        ] {
            let refused = Target::at(wrong, Clock::system());
            assert!(refused.is_err(), "{wrong} was taken");
        }
        let target = Target::at(ORIGIN, Clock::system()).unwrap();
        assert!(target.clone().controlled_by("https://127.0.0.1").is_err());
        assert!(target.trusts_nobody());
        assert!(!target.controlled_by(CONTROL).unwrap().trusts_nobody());
    }

    #[test]
    fn a_file_without_certificates_is_no_file_of_roots() {
        let target = || Target::at(ORIGIN, Clock::system()).unwrap();
        assert!(matches!(
            target().trusting(b"hello"),
            Err(TargetError::NoRoot)
        ));
        let broken = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
        assert!(matches!(
            target().trusting(broken),
            Err(TargetError::Pem(_))
        ));
    }
}
