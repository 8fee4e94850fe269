//! What the benches measure with: requests made by a recipe, and the raw limit that a figure is put beside.

pub mod bulk;
mod corpus;
mod naive;
mod raw;

use std::sync::Arc;

use sealbank_ca::{
    Authority, CertificateRequest, HierarchyOptions, KeyAlgorithm, Subject, Validity,
    VerifiedRequest,
};
use sealbank_journal::Journal;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

pub use corpus::{Corpus, Recipe};
pub use naive::naive;
pub use raw::RawLimit;

/// The moment at which everything happens.
pub const NOW: OffsetDateTime = datetime!(2031-04-01 09:00 +09:00);

/// A P-256 request (PKCS#10, DER) as a user's PC sends it.
///
/// # Panics
/// Where the system makes no keys: a bench can't go on then.
#[must_use]
pub fn request() -> Vec<u8> {
    let key = rcgen::KeyPair::generate().expect("the system makes keys");
    let request = rcgen::CertificateParams::default()
        .serialize_request(&key)
        .expect("a request can be encoded");
    request.der().to_vec()
}

/// What the CA is asked for: the parsed and verified request, the subject, the validity.
///
/// # Panics
/// Never on what [`request`] makes.
#[must_use]
pub fn order(request: &[u8]) -> (VerifiedRequest, Subject, Validity) {
    let verified = CertificateRequest::parse(request)
        .and_then(CertificateRequest::verify)
        .expect("the recipe's requests are good");
    let subject = Subject::new(
        "The Higo Bank, Ltd",
        "The Higo Bank Internet Banking tBIB CA",
        "ZZTST99990000001 keiri01",
    )
    .expect("the manual's subject fits");
    let validity = Validity::new(NOW, NOW + Duration::days(365)).expect("a year is a validity");
    (verified, subject, validity)
}

/// A CA with such a key, whose records go to `journal`.
///
/// # Panics
/// Where the system makes no keys.
#[must_use]
pub fn authority(issuing_key: KeyAlgorithm, journal: Arc<dyn Journal>) -> Authority {
    let options = HierarchyOptions {
        issuing_key,
        ..HierarchyOptions::default()
    };
    Authority::in_memory(&options, journal, NOW).expect("the system makes keys")
}
