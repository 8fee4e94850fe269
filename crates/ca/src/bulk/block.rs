//! What bulk signing records: a slice of drafts in one entry, their certificates in another. Both
//! are compact, and complete by themselves: a certificate is put together from its block alone.

use std::borrow::Cow;
use std::ops::Range;

use sealbank_journal::{Block, DecodeError, Position, Record, StreamName};

use super::codec::{Fields, put_bytes};
use super::head::DraftsHead;
use crate::serial::SerialPrefix;
use crate::template::{Holes, Template};
use crate::{BulkRun, CaError, Certificate, RequestDigest, Serial};

/// An entry of the stream of blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BlockRecord {
    Drafts(DraftBlock),
    Certificates(CertificateBlock),
    /// The drafts of a block will never be signed; their serials stay spent.
    Abandoned {
        /// The entry of the drafts.
        drafts: Position,
    },
}

impl BlockRecord {
    /// The one stream of all blocks, so that one append takes drafts and certificates alike.
    pub(crate) const STREAM: &'static str = "ca/blocks";

    pub(super) const DRAFTS: &'static str = "ca-draft-block";
    pub(super) const CERTIFICATES: &'static str = "ca-certificate-block";
    pub(super) const ABANDONED: &'static str = "ca-draft-block-abandoned";

    pub(crate) fn stream() -> StreamName {
        StreamName::new(Self::STREAM).expect("the names of the authority's streams are valid")
    }
}

/// Decisions on a slice of requests, before anything is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DraftBlock {
    pub(crate) run: BulkRun,
    /// What all its serials begin with.
    pub(crate) prefix: SerialPrefix,
    pub(crate) drafts: Vec<DraftLine>,
    pub(crate) refusals: Vec<RefusalLine>,
}

/// A draft in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DraftLine {
    /// Which request of the run it answers.
    pub(crate) position: u64,
    pub(crate) request: RequestDigest,
    /// The serial's own part.
    pub(crate) random: [u8; 8],
    /// SHA-256 of the bytes to be signed.
    pub(crate) tbs: RequestDigest,
}

/// A request that was refused, and the stable code of its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefusalLine {
    pub(crate) position: u64,
    pub(crate) request: RequestDigest,
    pub(crate) code: String,
}

impl DraftBlock {
    /// The serial of the draft with this index.
    pub(crate) fn serial(&self, index: usize) -> Option<Serial> {
        let line = self.drafts.get(index)?;
        let index = u16::try_from(index).ok()?;
        Some(Serial::in_block(self.prefix, index, line.random))
    }

    /// What the ledger has to know of it.
    pub(crate) fn head(&self) -> DraftsHead {
        let drafts = self.drafts.iter().map(|line| line.position);
        let positions = drafts.chain(self.refusals.iter().map(|line| line.position));
        let (first, last) = positions.fold((u64::MAX, 0), |(first, last), position| {
            (first.min(position), last.max(position))
        });
        DraftsHead {
            run: self.run,
            prefix: self.prefix,
            first,
            last,
            only_refusals: self.drafts.is_empty(),
        }
    }

    /// The serials and the requests of all drafts.
    pub(crate) fn serials(&self) -> impl Iterator<Item = (Serial, &DraftLine)> {
        (0..self.drafts.len()).filter_map(|index| Some((self.serial(index)?, &self.drafts[index])))
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.run.as_bytes());
        out.extend_from_slice(&self.prefix.0);
        put_count(self.drafts.len(), out);
        for line in &self.drafts {
            out.extend_from_slice(&line.position.to_be_bytes());
            out.extend_from_slice(line.request.as_bytes());
            out.extend_from_slice(&line.random);
            out.extend_from_slice(line.tbs.as_bytes());
        }
        put_count(self.refusals.len(), out);
        for line in &self.refusals {
            out.extend_from_slice(&line.position.to_be_bytes());
            out.extend_from_slice(line.request.as_bytes());
            put_bytes(line.code.as_bytes(), out);
        }
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let run = BulkRun::from(fields.array()?);
        let prefix = SerialPrefix(fields.array()?);
        let drafts = (0..fields.u16()?).map(|_| {
            Some(DraftLine {
                position: fields.u64()?,
                request: fields.array::<32>()?.into(),
                random: fields.array()?,
                tbs: fields.array::<32>()?.into(),
            })
        });
        let drafts = drafts.collect::<Option<_>>()?;
        let refusals = (0..fields.u16()?).map(|_| {
            Some(RefusalLine {
                position: fields.u64()?,
                request: fields.array::<32>()?.into(),
                code: std::str::from_utf8(fields.bytes()?).ok()?.to_owned(),
            })
        });
        let refusals = refusals.collect::<Option<_>>()?;
        fields.end()?;
        let positive = matches!(prefix.0[0], 0x40..=0x7f);
        positive.then_some(Self {
            run,
            prefix,
            drafts,
            refusals,
        })
    }
}

/// The certificates of a block of drafts, in the order of the drafts.
///
/// It is kept as the bytes that are recorded; whatever is released is read from those.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CertificateBlock {
    /// The entry of the drafts.
    pub(crate) drafts: Position,
    template: Template,
    lines: usize,
    payload: Vec<u8>,
    /// Where in `payload` the first certificate begins.
    begin: usize,
}

/// A certificate without what it shares with its block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CertificateLine<'a> {
    pub(crate) position: u64,
    pub(crate) request: RequestDigest,
    pub(crate) serial: Serial,
    pub(crate) middle: &'a [u8],
    pub(crate) key_identifier: [u8; 20],
    pub(crate) signature: &'a [u8],
}

impl CertificateBlock {
    /// A block without certificates yet, with room for `lines`.
    pub(crate) fn begin(drafts: Position, template: &Template, lines: usize) -> Self {
        let mut payload = Vec::with_capacity(2048 + lines * 400);
        payload.extend_from_slice(&drafts.get().to_be_bytes());
        for part in template.parts() {
            put_bytes(part, &mut payload);
        }
        put_count(lines, &mut payload);
        Self {
            drafts,
            template: template.clone(),
            lines: 0,
            begin: payload.len(),
            payload,
        }
    }

    /// Adds the certificate that comes next.
    pub(crate) fn push(&mut self, line: &CertificateLine<'_>) {
        let out = &mut self.payload;
        out.extend_from_slice(&line.position.to_be_bytes());
        out.extend_from_slice(line.request.as_bytes());
        out.extend_from_slice(line.serial.as_bytes());
        put_bytes(line.middle, out);
        out.extend_from_slice(&line.key_identifier);
        put_bytes(line.signature, out);
        self.lines += 1;
    }

    /// How many certificates it holds.
    pub(crate) fn len(&self) -> usize {
        self.lines
    }

    /// The certificates, as they are recorded.
    pub(crate) fn lines(&self) -> impl Iterator<Item = CertificateLine<'_>> {
        let mut fields = Fields(&self.payload[self.begin..]);
        (0..self.lines).map_while(move |_| CertificateLine::read(&mut fields))
    }

    /// Appends a certificate in DER and returns the place of its `TBSCertificate`.
    pub(crate) fn put_der(&self, line: &CertificateLine<'_>, out: &mut Vec<u8>) -> Range<usize> {
        let holes = Holes {
            serial: &line.serial,
            middle: line.middle,
            key_identifier: &line.key_identifier,
        };
        self.template.put_certificate(&holes, line.signature, out)
    }

    /// A certificate by itself, parsed.
    pub(crate) fn certificate(&self, line: &CertificateLine<'_>) -> Result<Certificate, CaError> {
        let mut der = Vec::new();
        self.put_der(line, &mut der);
        Certificate::from_der(der.into(), line.request)
    }

    fn read(payload: &[u8]) -> Option<Self> {
        let mut fields = Fields(payload);
        let drafts = Position::new(fields.u64()?);
        let mut parts = [const { Vec::new() }; Template::PARTS];
        for part in &mut parts {
            *part = fields.bytes()?.to_vec();
        }
        let lines = usize::from(fields.u16()?);
        let begin = payload.len() - fields.0.len();
        for _ in 0..lines {
            CertificateLine::read(&mut fields)?;
        }
        fields.end()?;
        Some(Self {
            drafts,
            template: Template::from_parts(parts),
            lines,
            payload: payload.to_vec(),
            begin,
        })
    }
}

impl<'a> CertificateLine<'a> {
    fn read(fields: &mut Fields<'a>) -> Option<Self> {
        Some(Self {
            position: fields.u64()?,
            request: fields.array::<32>()?.into(),
            serial: Serial::from_bytes(&fields.array::<16>()?).ok()?,
            middle: fields.bytes()?,
            key_identifier: fields.array()?,
            signature: fields.bytes()?,
        })
    }
}

impl Record for BlockRecord {
    fn kind(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Drafts(_) => Self::DRAFTS,
            Self::Certificates(_) => Self::CERTIFICATES,
            Self::Abandoned { .. } => Self::ABANDONED,
        })
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Drafts(block) => {
                let mut out = Vec::with_capacity(32 + block.drafts.len() * 80);
                block.write(&mut out);
                out
            }
            Self::Certificates(block) => block.payload.clone(),
            Self::Abandoned { drafts } => drafts.get().to_be_bytes().to_vec(),
        }
    }

    fn decode(kind: &str, payload: &[u8]) -> Result<Self, DecodeError> {
        let mut fields = Fields(payload);
        let read = match kind {
            Self::DRAFTS => DraftBlock::read(&mut fields).map(Self::Drafts),
            Self::CERTIFICATES => CertificateBlock::read(payload).map(Self::Certificates),
            Self::ABANDONED => fields
                .u64()
                .zip(fields.end())
                .map(|(drafts, ())| Position::new(drafts))
                .map(|drafts| Self::Abandoned { drafts }),
            _ => return Err(DecodeError::new("it is no kind of block")),
        };
        read.ok_or_else(|| DecodeError::new("the block is cut off, or more than a block"))
    }
}

impl Block for BlockRecord {
    type Member = Certificate;

    /// The certificates; only a block of certificates has any.
    fn into_members(self) -> Result<Vec<Certificate>, DecodeError> {
        let Self::Certificates(block) = self else {
            return Ok(Vec::new());
        };
        let read = block.lines().map(|line| block.certificate(&line));
        read.collect::<Result<_, _>>()
            .map_err(|problem| DecodeError::new(problem.to_string()))
    }

    fn into_member(self, index: usize) -> Result<Option<Certificate>, DecodeError> {
        let Self::Certificates(block) = self else {
            return Ok(None);
        };
        let line = block.lines().nth(index);
        line.map(|line| block.certificate(&line))
            .transpose()
            .map_err(|problem| DecodeError::new(problem.to_string()))
    }
}

fn put_count(count: usize, out: &mut Vec<u8>) {
    let count = u16::try_from(count).expect("a slice has at most 4,096 requests");
    out.extend_from_slice(&count.to_be_bytes());
}
