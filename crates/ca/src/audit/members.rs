//! The certificates of a block, judged on as many threads as there are processors: an audit of a
//! million certificates is a million verifications, and little else.

use std::num::NonZeroUsize;
use std::thread;

use time::OffsetDateTime;

use crate::bulk::{CertificateBlock, CertificateLine, DraftBlock, DraftLine};
use crate::issuer::AuthorityCertificate;
use crate::{Breach, Serial};

/// Fewer than these are judged where they are.
const SHARE: usize = 64;

/// A certificate as its block has it, beside the draft that has its place.
type Pair<'a> = (CertificateLine<'a>, (Serial, &'a DraftLine));

/// Judges each certificate: it must be the draft of its line, byte for byte by its digest, and
/// signed by the issuing authority. Returns when each of them ends, in their order.
///
/// # Errors
/// What is wrong with the first that is wrong.
pub(super) fn judge(
    block: &CertificateBlock,
    drafts: &DraftBlock,
    issuing: &AuthorityCertificate,
) -> Result<Vec<(Serial, OffsetDateTime)>, Breach> {
    let pairs: Vec<Pair<'_>> = block.lines().zip(drafts.serials()).collect();
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = pairs.len().div_ceil(threads).max(SHARE);
    let judge_share = |share: &[Pair<'_>]| -> Result<Vec<_>, Breach> {
        share
            .iter()
            .map(|pair| judge_one(block, pair, issuing))
            .collect()
    };
    let mut shares = pairs.chunks(share);
    let Some(first) = shares.next() else {
        return Ok(Vec::new());
    };
    thread::scope(|scope| {
        let others: Vec<_> = shares
            .map(|share| scope.spawn(move || judge_share(share)))
            .collect();
        let mut ends = judge_share(first)?;
        for other in others {
            ends.extend(other.join().expect("judging does not panic")?);
        }
        Ok(ends)
    })
}

fn judge_one(
    block: &CertificateBlock,
    (line, (serial, draft)): &Pair<'_>,
    issuing: &AuthorityCertificate,
) -> Result<(Serial, OffsetDateTime), Breach> {
    let certificate = block.certificate(line).map_err(Breach::signature)?;
    let tbs = certificate.tbs_digest().map_err(Breach::signature)?;
    let as_drafted = tbs == draft.tbs
        && line.request == draft.request
        && line.position == draft.position
        && certificate.serial() == serial;
    if !as_drafted {
        return Err(Breach::NotTheDraft {
            serial: *serial,
            draft: block.drafts,
        });
    }
    let of_issuer = certificate.facts().must_be_of(&issuing.identity);
    of_issuer
        .and_then(|()| certificate.must_be_signed_by(&issuing.key))
        .map_err(Breach::signature)?;
    Ok((*serial, certificate.not_after()))
}
