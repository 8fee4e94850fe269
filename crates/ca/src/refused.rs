//! The record of a request that was refused. Bulk runs record theirs with their drafts.

use sealbank_journal::{Durable, Expected};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Authority, CaError, RequestDigest, RequestError};

/// A request that was refused, and the stable code of the reason ([`RequestError::code`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedRequest {
    request: RequestDigest,
    code: String,
}

impl RefusedRequest {
    /// SHA-256 over what was sent, in whatever form it came.
    pub fn request(&self) -> &RequestDigest {
        &self.request
    }

    /// The reason, in stable kebab-case.
    pub fn code(&self) -> &str {
        &self.code
    }
}

impl Authority {
    /// Records that a request was refused, so that the audit can tell what became of it.
    ///
    /// ```
    /// use sealbank_ca::{Authority, CertificateRequest};
    /// # use time::macros::datetime;
    /// # let now = datetime!(2031-04-01 09:00 +9);
    /// let authority = Authority::ephemeral()?;
    /// let sent = b"-----BEGIN NONSENSE-----";
    /// if let Err(reason) = CertificateRequest::parse(sent).and_then(CertificateRequest::verify) {
    ///     assert_eq!(authority.refuse(sent, &reason, now)?.code(), "not-pem");
    /// }
    /// # Ok::<(), sealbank_ca::CaError>(())
    /// ```
    ///
    /// # Errors
    /// Why it could not be recorded.
    pub fn refuse(
        &self,
        sent: &[u8],
        reason: &RequestError,
        now: OffsetDateTime,
    ) -> Result<Durable<RefusedRequest>, CaError> {
        let refusal = RefusedRequest {
            request: RequestDigest::of(sent),
            code: reason.code().to_owned(),
        };
        let mut recorded = self.record(Expected::Any, now, vec![refusal])?;
        Ok(recorded
            .pop()
            .expect("a commit returns as many records as it was given"))
    }
}
