//! What the ledger has to know of a recorded block. The certificates in it are passed over: an
//! authority opens as quickly with a million of them as with none.

use sealbank_journal::{DecodeError, Position};

use super::block::BlockRecord;
use super::codec::Fields;
use crate::BulkRun;
use crate::serial::SerialPrefix;

/// A block without its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockHead {
    Drafts(DraftsHead),
    /// The certificates of the drafts of this entry.
    Certificates {
        drafts: Position,
    },
    /// The drafts of this entry were given up.
    Abandoned {
        drafts: Position,
    },
}

/// A block of drafts in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DraftsHead {
    pub(crate) run: BulkRun,
    pub(crate) prefix: SerialPrefix,
    /// The positions in the input that it speaks of lie between these two, both included.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// Whether all its requests were refused.
    pub(crate) only_refusals: bool,
}

impl BlockHead {
    /// Reads the head of an entry of the stream of blocks.
    pub(crate) fn read(kind: &str, payload: &[u8]) -> Result<Self, DecodeError> {
        let mut fields = Fields(payload);
        let read = match kind {
            BlockRecord::DRAFTS => DraftsHead::read(&mut fields).map(Self::Drafts),
            BlockRecord::CERTIFICATES => fields.u64().map(|drafts| Self::Certificates {
                drafts: Position::new(drafts),
            }),
            BlockRecord::ABANDONED => fields.u64().map(|drafts| Self::Abandoned {
                drafts: Position::new(drafts),
            }),
            _ => return Err(DecodeError::new("it is no kind of block")),
        };
        read.ok_or_else(|| DecodeError::new("the block is cut off"))
    }
}

impl DraftsHead {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let run = BulkRun::from(fields.array()?);
        let prefix = SerialPrefix(fields.array()?);
        let (mut first, mut last) = (u64::MAX, 0);
        let mut see = |position: u64| (first, last) = (first.min(position), last.max(position));
        let drafts = fields.u16()?;
        for _ in 0..drafts {
            see(fields.u64()?);
            // The digests of the request and of the draft, and the serial's own part.
            fields.array::<72>()?;
        }
        for _ in 0..fields.u16()? {
            see(fields.u64()?);
            fields.array::<32>()?;
            fields.bytes()?;
        }
        Some(Self {
            run,
            prefix,
            first,
            last,
            only_refusals: drafts == 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use sealbank_journal::Record as _;

    use super::super::block::{CertificateBlock, DraftBlock, DraftLine, RefusalLine};
    use super::*;
    use crate::template::Template;
    use crate::{Authority, RequestDigest};

    fn head(record: &BlockRecord) -> Result<BlockHead, DecodeError> {
        BlockHead::read(&record.kind(), &record.encode())
    }

    #[test]
    fn a_head_says_of_drafts_what_the_block_says() {
        let digest = RequestDigest::of(b"");
        let draft = |position| DraftLine {
            position,
            request: digest,
            random: [0; 8],
            tbs: digest,
        };
        let refusal = |position| RefusalLine {
            position,
            request: digest,
            code: "bad-signature".to_owned(),
        };
        for (drafts, refusals, first, last) in [
            (vec![5, 7], vec![6, 9], 5, 9),
            (vec![], vec![3], 3, 3),
            (vec![8], vec![], 8, 8),
        ] {
            let block = DraftBlock {
                run: BulkRun::from([7; 16]),
                prefix: SerialPrefix([0x40, 1, 2, 3, 4, 5]),
                drafts: drafts.iter().copied().map(draft).collect(),
                refusals: refusals.iter().copied().map(refusal).collect(),
            };
            let expected = DraftsHead {
                run: block.run,
                prefix: block.prefix,
                first,
                last,
                only_refusals: drafts.is_empty(),
            };
            assert_eq!(block.head(), expected);
            let read = head(&BlockRecord::Drafts(block)).unwrap();
            assert_eq!(read, BlockHead::Drafts(expected));
        }
    }

    #[test]
    fn a_head_leads_from_certificates_and_abandonments_to_their_drafts() {
        let drafts = Position::new(17);
        let authority = Authority::ephemeral().unwrap();
        let template = Template::new(authority.issuer(), authority.profile()).unwrap();
        let certificates = CertificateBlock::begin(drafts, &template, 0);
        assert_eq!(
            head(&BlockRecord::Certificates(certificates)).unwrap(),
            BlockHead::Certificates { drafts }
        );
        assert_eq!(
            head(&BlockRecord::Abandoned { drafts }).unwrap(),
            BlockHead::Abandoned { drafts }
        );
    }

    #[test]
    fn what_is_cut_off_or_of_another_kind_has_no_head() {
        for kind in [
            BlockRecord::DRAFTS,
            BlockRecord::CERTIFICATES,
            BlockRecord::ABANDONED,
            "ca-draft",
        ] {
            assert!(BlockHead::read(kind, &[0; 7]).is_err(), "{kind}");
        }
    }
}
