//! A bulk run over a corpus, and its raw limit on as many threads. Reading the clock is left to
//! the benches.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use sealbank_ca::{
    Authority, BulkOptions, BulkOutcome, BulkRequest, BulkRun, BulkSummary, Subject, Validity,
};
use time::Duration;

use crate::{Corpus, NOW, RawLimit};

/// Signs the corpus; each certificate goes to `release` in DER.
///
/// # Panics
/// Where the journal doesn't record or the key doesn't sign.
pub fn sign(
    authority: &Authority,
    corpus: &Corpus,
    threads: NonZeroUsize,
    slice: usize,
    release: &mut dyn FnMut(&[u8]),
) -> BulkSummary {
    let validity = Validity::new(NOW, NOW + Duration::days(365)).expect("a year is a validity");
    let requests = (0..).zip(corpus.requests()).map(|(position, request)| {
        Ok(BulkRequest {
            position,
            request: Cow::Borrowed(request.as_bytes()),
            subject: Subject::new(
                "The Higo Bank, Ltd",
                "The Higo Bank Internet Banking tBIB CA",
                format!("ZZTST99990000001 user{position:07}"),
            )?,
            validity,
        })
    });
    let options = BulkOptions {
        threads,
        slice,
        ..BulkOptions::new(BulkRun::random().expect("the system has randomness"))
    };
    let mut take = |outcome: BulkOutcome<'_>| {
        if let BulkOutcome::Signed(certificate) = outcome {
            release(certificate.der);
        }
        ControlFlow::Continue(())
    };
    authority
        .sign_bulk(requests, &options, &mut take, NOW)
        .expect("the run is recorded and signed")
}

/// Verifies and signs `count` times (P-256), shared among the threads, and nothing else.
pub fn raw(limit: &RawLimit, count: usize, threads: NonZeroUsize) {
    std::thread::scope(|scope| {
        for thread in 0..threads.get() {
            let turns = (thread..count).step_by(threads.get());
            scope.spawn(move || turns.for_each(|turn| limit.verify_and_sign(turn)));
        }
    });
}
