//! How the authority's decisions look in the journal: one stream for each kind, JSON with DER in
//! hexadecimal, read as strictly as anything from outside.

use std::borrow::Cow;

use sealbank_journal::{DecodeError, Record, StreamName};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::hierarchy::Hierarchy;
use crate::lineage::{HierarchyRecord, Renewal};
use crate::{
    CaError, Certificate, Draft, Generation, Profile, RefusedRequest, RequestDigest, Revocation,
    RevocationList, RevocationReason, Serial, hex,
};

/// What the names of all the authority's streams begin with.
pub(crate) const STREAMS: &str = "ca/";

/// A record of the authority, and where it belongs.
pub(crate) trait CaRecord: Record {
    /// The name of the stream.
    const STREAM: &'static str;

    fn stream() -> StreamName {
        StreamName::new(Self::STREAM).expect("the names of the authority's streams are valid")
    }
}

/// A draft that will never be signed: its signing did not come to its end. Its serial stays spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Abandonment {
    pub(crate) serial: Serial,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HierarchyForm {
    #[serde(with = "hex::bytes")]
    root: Vec<u8>,
    #[serde(with = "hex::bytes")]
    root_list: Vec<u8>,
    #[serde(with = "hex::bytes")]
    issuing: Vec<u8>,
    profile: Profile,
    list_lifetime_seconds: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RenewalForm {
    generation: Generation,
    #[serde(with = "hex::bytes")]
    issuing: Vec<u8>,
    profile: Profile,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftForm {
    request: RequestDigest,
    #[serde(with = "hex::bytes")]
    tbs: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CertificateForm {
    request: RequestDigest,
    #[serde(with = "hex::bytes")]
    certificate: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RevocationForm {
    serial: Serial,
    reason: RevocationReason,
    /// Unix time.
    revoked_at: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListForm {
    #[serde(with = "hex::bytes")]
    list: Vec<u8>,
}

impl Certificate {
    /// Whether `stream` is where certificates are recorded: for those who read the journal alone.
    pub fn is_in(stream: &StreamName) -> bool {
        stream.as_str() == Self::STREAM
    }
}

impl Revocation {
    /// Whether `stream` is where revocations are recorded: for those who read the journal alone.
    pub fn is_in(stream: &StreamName) -> bool {
        stream.as_str() == Self::STREAM
    }
}

/// Ties a type to its stream, its kind and its form.
macro_rules! record {
    ($record:ty, $stream:literal, $kind:literal, $form:ty, $to:expr, $from:expr) => {
        impl CaRecord for $record {
            const STREAM: &'static str = $stream;
        }

        impl Record for $record {
            fn kind(&self) -> Cow<'static, str> {
                Cow::Borrowed($kind)
            }

            fn encode(&self) -> Vec<u8> {
                let to: fn(&Self) -> $form = $to;
                write(&to(self))
            }

            fn decode(kind: &str, payload: &[u8]) -> Result<Self, DecodeError> {
                let from: fn($form) -> Result<Self, CaError> = $from;
                from(read($kind, kind, payload)?)
                    .map_err(|problem| DecodeError::new(problem.to_string()))
            }
        }
    };
}

impl CaRecord for HierarchyRecord {
    const STREAM: &'static str = "ca/hierarchy";
}

impl HierarchyRecord {
    const FOUNDED: &'static str = "ca-hierarchy";
    const RENEWED: &'static str = "ca-renewal";
    const ROOT_LISTED: &'static str = "ca-root-revocation-list";
}

impl Record for HierarchyRecord {
    fn kind(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Founded(_) => Self::FOUNDED,
            Self::Renewed(_) => Self::RENEWED,
            Self::RootListed(_) => Self::ROOT_LISTED,
        })
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Founded(hierarchy) => write(&HierarchyForm {
                root: hierarchy.root.to_vec(),
                root_list: hierarchy.root_list.der().to_vec(),
                issuing: hierarchy.issuing.to_vec(),
                profile: hierarchy.profile.clone(),
                list_lifetime_seconds: hierarchy.list_lifetime.whole_seconds(),
            }),
            Self::Renewed(renewal) => write(&RenewalForm {
                generation: renewal.generation,
                issuing: renewal.issuing.to_vec(),
                profile: renewal.profile.clone(),
            }),
            Self::RootListed(list) => write(&ListForm {
                list: list.der().to_vec(),
            }),
        }
    }

    fn decode(kind: &str, payload: &[u8]) -> Result<Self, DecodeError> {
        let list = |der: Vec<u8>| {
            RevocationList::from_der(der.into())
                .map_err(|problem| DecodeError::new(problem.to_string()))
        };
        match kind {
            Self::RENEWED => {
                let form: RenewalForm = read(Self::RENEWED, kind, payload)?;
                Ok(Self::Renewed(Renewal {
                    generation: form.generation,
                    issuing: form.issuing.into(),
                    profile: form.profile,
                }))
            }
            Self::ROOT_LISTED => {
                let form: ListForm = read(Self::ROOT_LISTED, kind, payload)?;
                list(form.list).map(Self::RootListed)
            }
            _ => {
                let form: HierarchyForm = read(Self::FOUNDED, kind, payload)?;
                Ok(Self::Founded(Hierarchy {
                    root: form.root.into(),
                    root_list: list(form.root_list)?,
                    issuing: form.issuing.into(),
                    profile: form.profile,
                    list_lifetime: Duration::seconds(form.list_lifetime_seconds),
                }))
            }
        }
    }
}

record!(
    Draft,
    "ca/drafts",
    "ca-draft",
    DraftForm,
    |draft| DraftForm {
        request: *draft.request(),
        tbs: draft.tbs_der().to_vec()
    },
    |form| Draft::from_tbs(form.tbs, form.request)
);
record!(
    Certificate,
    "ca/certificates",
    "ca-certificate",
    CertificateForm,
    |signed| CertificateForm {
        request: *signed.request(),
        certificate: signed.der().to_vec()
    },
    |form| Certificate::from_der(form.certificate.into(), form.request)
);
record!(
    Abandonment,
    "ca/abandoned",
    "ca-draft-abandoned",
    Abandonment,
    Abandonment::clone,
    Ok
);
record!(
    RefusedRequest,
    "ca/refusals",
    "ca-refusal",
    RefusedRequest,
    RefusedRequest::clone,
    Ok
);
record!(
    Revocation,
    "ca/revocations",
    "ca-revocation",
    RevocationForm,
    |revocation| RevocationForm {
        serial: *revocation.serial(),
        reason: revocation.reason(),
        revoked_at: revocation.revoked_at().unix_timestamp(),
    },
    |form| {
        let revoked_at =
            OffsetDateTime::from_unix_timestamp(form.revoked_at).map_err(|problem| {
                CaError::Malformed {
                    what: "a revocation",
                    problem: problem.to_string(),
                }
            })?;
        Revocation::new(form.serial, form.reason, revoked_at)
    }
);
record!(
    RevocationList,
    "ca/lists",
    "ca-revocation-list",
    ListForm,
    |list| ListForm {
        list: list.der().to_vec()
    },
    |form| RevocationList::from_der(form.list.into())
);

fn write(form: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(form).expect("a form of strings and numbers is always JSON")
}

fn read<F: DeserializeOwned>(expected: &str, kind: &str, payload: &[u8]) -> Result<F, DecodeError> {
    if kind != expected {
        return Err(DecodeError::new(format!(
            "only {expected:?} belongs in this stream"
        )));
    }
    serde_json::from_slice(payload).map_err(|problem| DecodeError::new(problem.to_string()))
}
