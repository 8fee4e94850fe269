//! The work on one slice of requests: from requests to drafts, and from recorded drafts to
//! certificates. Recording is left to `engine`.

use std::ops::Range;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use sealbank_journal::Durable;

use super::armour::{self, Unwrapped};
use super::block::{CertificateLine, DraftLine, RefusalLine};
use super::shelf::Shelf;
use super::skim::Skim;
use super::{
    BlockRecord, BulkCertificate, BulkOptions, BulkOutcome, BulkRefusal, BulkRequest,
    CertificateBlock, DraftBlock, Release, SignatureCheck, refusal_code,
};
use crate::facts::same;
use crate::proof::{self, Claim, SignatureScheme};
use crate::serial::SerialPrefix;
use crate::template::{Holes, Template, put_middle};
use crate::{
    CaError, CertificateRequest, Draft, Issuer, Profile, PublicKey, RequestDigest, RequestError,
    Serial, issuer,
};

/// What every slice of a run needs.
pub(super) struct Bench<'a> {
    pub(super) issuer: &'a Issuer,
    pub(super) profile: &'a Profile,
    pub(super) template: Template,
    pub(super) options: BulkOptions,
    pub(super) shelf: Shelf,
}

/// What becomes of the requests of a slice, in their order.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    items: Vec<Outcome>,
    ders: Vec<u8>,
}

#[derive(Debug)]
struct Outcome {
    position: u64,
    request: RequestDigest,
    verdict: Verdict,
}

#[derive(Debug)]
enum Verdict {
    Signed {
        serial: Serial,
        der: Range<usize>,
        release: Release,
    },
    Refused(CaError),
}

/// Drafts that are not recorded yet.
pub(super) struct Drafted {
    pub(super) block: DraftBlock,
    pub(super) text: DraftText,
}

/// The bytes to be signed, which the records have only a digest of.
pub(super) struct DraftText {
    tbs: Vec<u8>,
    lines: Vec<TextLine>,
}

struct TextLine {
    tbs: Range<usize>,
    middle: Range<usize>,
    key_identifier: [u8; 20],
}

impl Bench<'_> {
    /// Checks the requests and drafts a certificate for each that is fit; the others are refused.
    /// One function checks all proofs of possession of the slice.
    pub(super) fn draft(
        &self,
        requests: &[BulkRequest<'_>],
        prefix: SerialPrefix,
        outcomes: &mut Outcomes,
    ) -> Result<Drafted, CaError> {
        let unwrapped = Unwrapped::of(
            requests.iter().map(|it| it.request.as_ref()),
            self.shelf.take(),
        );
        let readings: Vec<_> = requests
            .iter()
            .enumerate()
            .map(|(index, it)| Reading::of(unwrapped.get(index, &it.request), &it.request))
            .collect();
        let claims: Vec<_> = readings.iter().filter_map(Reading::claim).collect();
        let mut proofs = proof::check(&claims).into_iter();
        let mut random = vec![0; requests.len() * 8];
        SystemRandom::new()
            .fill(&mut random)
            .map_err(|_| CaError::Randomness)?;
        let mut drafting = Drafting::new(self, prefix, requests.len());
        for ((request, reading), random) in
            requests.iter().zip(&readings).zip(random.chunks_exact(8))
        {
            let proof = match reading {
                Reading::Refused(_, reason) => Err(reason.clone()),
                _ => proofs.next().expect("each claim has a verdict"),
            };
            let fit = proof.map_err(CaError::from);
            match fit.and_then(|()| self.issuer.admit(request.validity)) {
                Ok(()) => {
                    let random = random.try_into().expect("a chunk has 8 bytes");
                    drafting.push(request, reading, random)?;
                }
                Err(reason) => {
                    let digest = reading.digest();
                    drafting.drafted.block.refusals.push(RefusalLine {
                        position: request.position,
                        request: digest,
                        code: refusal_code(&reason).to_owned(),
                    });
                    outcomes.refuse(request.position, digest, reason);
                }
            }
        }
        let drafted = drafting.drafted;
        drop(readings);
        self.shelf.put(unwrapped.into_buffer());
        Ok(drafted)
    }

    /// Signs a recorded block of drafts, and proves that what will be recorded is the drafts.
    pub(super) fn sign(
        &self,
        recorded: &Durable<BlockRecord>,
        text: DraftText,
        outcomes: &mut Outcomes,
    ) -> Result<CertificateBlock, CaError> {
        let BlockRecord::Drafts(drafts) = &**recorded else {
            let problem = format!("entry {} is no block of drafts", recorded.position());
            return Err(CaError::Inconsistent { problem });
        };
        same(
            "the block",
            "number of drafts",
            &drafts.drafts.len(),
            &text.lines.len(),
        )?;
        let mut block =
            CertificateBlock::begin(recorded.position(), &self.template, text.lines.len());
        for (index, ((serial, draft), line)) in drafts.serials().zip(&text.lines).enumerate() {
            let tbs = &text.tbs[line.tbs.clone()];
            same("the draft", "digest", &draft.tbs, &RequestDigest::of(tbs))?;
            let signature = self.issuer.sign_bytes(tbs)?;
            if index == 0 || self.options.signatures == SignatureCheck::Every {
                issuer::verify(self.issuer.public_key(), tbs, &signature)?;
            }
            block.push(&CertificateLine {
                position: draft.position,
                request: draft.request,
                serial,
                middle: &text.tbs[line.middle.clone()],
                key_identifier: line.key_identifier,
                signature: &signature,
            });
        }
        self.prove(&block, &text, outcomes)?;
        self.shelf.put(text.tbs);
        Ok(block)
    }

    /// Puts the certificates together from what will be recorded; they must be the drafts.
    fn prove(
        &self,
        block: &CertificateBlock,
        text: &DraftText,
        outcomes: &mut Outcomes,
    ) -> Result<(), CaError> {
        let mut count = 0;
        if outcomes.ders.is_empty() {
            outcomes.ders = self.shelf.take();
        }
        outcomes
            .ders
            .reserve(text.tbs.len() + text.lines.len() * 96);
        for (line, draft) in block.lines().zip(&text.lines) {
            let begin = outcomes.ders.len();
            let tbs = block.put_der(&line, &mut outcomes.ders);
            let (found, expected) = (&outcomes.ders[tbs], &text.tbs[draft.tbs.clone()]);
            same("the certificate", "tbsCertificate", &expected, &found)?;
            if count == 0 {
                let certificate = block.certificate(&line)?;
                certificate.must_wrap(expected)?;
                let draft = Draft::from_tbs(expected.to_vec(), line.request)?;
                certificate
                    .facts()
                    .must_equal(draft.facts(), "the certificate")?;
            }
            let der = begin..outcomes.ders.len();
            outcomes.sign(&line, der, Release::First);
            count += 1;
        }
        same(
            "the block",
            "number of certificates",
            &text.lines.len(),
            &count,
        )
    }
}

/// Drafts in the making.
struct Drafting<'a> {
    bench: &'a Bench<'a>,
    middle: Vec<u8>,
    drafted: Drafted,
}

impl<'a> Drafting<'a> {
    fn new(bench: &'a Bench<'_>, prefix: SerialPrefix, count: usize) -> Self {
        let mut tbs = bench.shelf.take();
        tbs.reserve(count * 768);
        Self {
            bench,
            middle: Vec::new(),
            drafted: Drafted {
                block: DraftBlock {
                    run: bench.options.run,
                    prefix,
                    drafts: Vec::with_capacity(count),
                    refusals: Vec::new(),
                },
                text: DraftText {
                    tbs,
                    lines: Vec::with_capacity(count),
                },
            },
        }
    }

    fn push(
        &mut self,
        request: &BulkRequest<'_>,
        reading: &Reading<'_>,
        random: [u8; 8],
    ) -> Result<(), CaError> {
        let DraftBlock { prefix, drafts, .. } = &mut self.drafted.block;
        let index = u16::try_from(drafts.len()).expect("a slice has at most 4,096 requests");
        let serial = Serial::in_block(*prefix, index, random);
        let key_identifier = reading.key_identifier();
        self.middle.clear();
        put_middle(
            request.validity,
            &request.subject,
            reading.spki(),
            &mut self.middle,
        );
        let DraftText { tbs, lines } = &mut self.drafted.text;
        let begin = tbs.len();
        let holes = Holes {
            serial: &serial,
            middle: &self.middle,
            key_identifier: &key_identifier,
        };
        let middle = self.bench.template.put_tbs(&holes, tbs);
        let line = TextLine {
            tbs: begin..tbs.len(),
            middle: middle..middle + self.middle.len(),
            key_identifier,
        };
        let draft = DraftLine {
            position: request.position,
            request: reading.digest(),
            random,
            tbs: RequestDigest::of(&tbs[line.tbs.clone()]),
        };
        if index == 0 {
            self.bench.look_at(
                &tbs[begin..],
                draft.request,
                serial,
                request,
                reading.spki(),
            )?;
        }
        drafts.push(draft);
        lines.push(line);
        Ok(())
    }
}

impl Bench<'_> {
    /// Reads a draft back with the independent parser and compares it with its decision.
    fn look_at(
        &self,
        tbs: &[u8],
        digest: RequestDigest,
        serial: Serial,
        request: &BulkRequest<'_>,
        spki: &[u8],
    ) -> Result<(), CaError> {
        let identity = self.issuer.identity();
        let key = PublicKey::from_spki_der(spki)?;
        let draft = Draft::from_tbs(tbs.to_vec(), digest)?;
        let (subject, validity) = (&request.subject, request.validity);
        draft
            .facts()
            .must_say(identity, serial, &key, subject, validity)?;
        draft.must_follow(self.profile, identity)
    }
}

/// A request that was looked at and not believed yet.
enum Reading<'a> {
    Usual(&'a [u8], Skim<'a>),
    Other(Box<(CertificateRequest, PublicKey, SignatureScheme)>),
    Refused(RequestDigest, RequestError),
}

impl<'a> Reading<'a> {
    /// Reads what was sent, of which `der` may be the content already.
    fn of(der: &'a [u8], sent: &[u8]) -> Self {
        if let Some(skim) = Skim::of(der) {
            return Self::Usual(der, skim);
        }
        let request = match CertificateRequest::parse(sent) {
            Ok(request) => request,
            Err(refusal) => return Self::Refused(RequestDigest::of(sent), refusal),
        };
        match request.read_key_and_scheme() {
            Ok((key, scheme)) => Self::Other(Box::new((request, key, scheme))),
            Err(refusal) => Self::Refused(request.digest(), refusal),
        }
    }

    fn claim(&self) -> Option<Claim<'_>> {
        match self {
            Self::Usual(_, skim) => Some(skim.claim()),
            Self::Other(other) => Some(other.0.claim(&other.1, other.2)),
            Self::Refused(..) => None,
        }
    }

    fn spki(&self) -> &[u8] {
        match self {
            Self::Usual(_, skim) => skim.spki,
            Self::Other(other) => other.1.spki_der(),
            Self::Refused(..) => &[],
        }
    }

    fn key_identifier(&self) -> [u8; 20] {
        let point = match self {
            Self::Usual(_, skim) => skim.point(),
            Self::Other(other) => return other.1.identifier(),
            Self::Refused(..) => &[],
        };
        digest(&SHA256, point).as_ref()[..20]
            .try_into()
            .expect("the slice has 20 bytes")
    }

    /// The digest of the request in DER; of what was sent, if that is no request.
    fn digest(&self) -> RequestDigest {
        match self {
            Self::Usual(der, _) => RequestDigest::of(der),
            Self::Other(other) => other.0.digest(),
            Self::Refused(digest, _) => *digest,
        }
    }
}

/// The digest that the records know a request by.
pub(super) fn digest_of(bytes: &[u8]) -> RequestDigest {
    Reading::of(&armour::unwrap(bytes), bytes).digest()
}

impl Outcomes {
    /// Adds a certificate that had been recorded before.
    pub(super) fn sign_again(&mut self, block: &CertificateBlock, line: &CertificateLine<'_>) {
        let begin = self.ders.len();
        block.put_der(line, &mut self.ders);
        self.sign(line, begin..self.ders.len(), Release::Again);
    }

    fn sign(&mut self, line: &CertificateLine<'_>, der: Range<usize>, release: Release) {
        self.items.push(Outcome {
            position: line.position,
            request: line.request,
            verdict: Verdict::Signed {
                serial: line.serial,
                der,
                release,
            },
        });
    }

    fn refuse(&mut self, position: u64, request: RequestDigest, reason: CaError) {
        self.items.push(Outcome {
            position,
            request,
            verdict: Verdict::Refused(reason),
        });
    }

    /// The buffer of the certificates, once they were released.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.ders
    }

    /// Puts them in the order of the input, once all are there.
    pub(super) fn sort(&mut self) {
        self.items.sort_by_key(|item| item.position);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = BulkOutcome<'_>> {
        self.items.iter().map(|item| match &item.verdict {
            Verdict::Signed {
                serial,
                der,
                release,
            } => BulkOutcome::Signed(BulkCertificate {
                position: item.position,
                request: item.request,
                serial: *serial,
                der: &self.ders[der.clone()],
                release: *release,
            }),
            Verdict::Refused(reason) => BulkOutcome::Refused(BulkRefusal {
                position: item.position,
                request: item.request,
                reason,
            }),
        })
    }
}
