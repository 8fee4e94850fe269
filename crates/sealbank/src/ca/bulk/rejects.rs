//! What was rejected: a file for programs, and the first few for people.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::entry::{Fault, Origin};
use super::requests::Slip;

/// So many are told to people one by one.
const TOLD: u64 = 10;

/// A request, or something in its place, that got no certificate.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Reject {
    pub(super) position: u64,
    #[serde(flatten)]
    origin: Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    code: &'static str,
    reason: String,
}

/// The list of them.
pub(super) struct Rejects {
    list: Option<List>,
    count: u64,
}

struct List {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Reject {
    /// Why there is no certificate: the fault that was found before the CA saw it, or else the CA's own words.
    pub(super) fn new(slip: Slip, refusal: Fault) -> Self {
        let Fault { code, reason } = slip.subject.err().unwrap_or(refusal);
        Self {
            position: slip.position,
            origin: slip.origin,
            id: slip.id,
            code,
            reason,
        }
    }
}

impl std::fmt::Display for Reject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            position,
            origin,
            code,
            reason,
            ..
        } = self;
        write!(f, "request {position} ({origin}): {code} ({reason})")
    }
}

impl Rejects {
    /// Begins the list anew, in a file if there is a path.
    pub(super) fn open(path: Option<PathBuf>) -> io::Result<Self> {
        let list = path.map(|path| {
            let file = BufWriter::new(File::create(&path)?);
            Ok::<_, io::Error>(List { path, file })
        });
        Ok(Self {
            list: list.transpose()?,
            count: 0,
        })
    }

    /// Where the list is, for people.
    pub(super) fn name(&self) -> String {
        let list = self.list.as_ref();
        list.map_or_else(String::new, |list| list.path.display().to_string())
    }

    /// Lists one; what to tell people of it.
    pub(super) fn put(&mut self, reject: &Reject) -> io::Result<Option<String>> {
        if let Some(List { file, .. }) = &mut self.list {
            serde_json::to_writer(&mut *file, reject)?;
            file.write_all(b"\n")?;
        }
        self.count += 1;
        Ok(match self.count {
            ..=TOLD => Some(format!("rejected: {reject}")),
            _ if self.count == TOLD + 1 => Some("rejected: and more".to_owned()),
            _ => None,
        })
    }

    /// The list is at its end. Where it is, if there is anything in it; an empty file is not left behind.
    pub(super) fn finish(self) -> io::Result<Option<PathBuf>> {
        let Some(List { path, mut file }) = self.list else {
            return Ok(None);
        };
        file.flush()?;
        if self.count > 0 {
            return Ok(Some(path));
        }
        if path.is_file() {
            fs::remove_file(path)?;
        }
        Ok(None)
    }
}
