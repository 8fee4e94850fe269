//! Where certificates are written. What a file has before its end lies beside it, as FILE.part, and moves into its
//! place when it is whole: nobody takes half of a run for all of it.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sealbank_ca::BulkCertificate;

use super::arguments::Format;
use super::form::{Form, put_pem};
use super::requests::Slip;
use crate::ca::sign::is_directory;

/// Of a file.
const FILE_BUFFER: usize = 256 * 1024;

/// Of a stream, whose reader wants to see something soon.
const STREAM_BUFFER: usize = 8 * 1024;

/// Where certificates are written, and how.
pub(super) struct Sink {
    place: Place,
    form: Form,
    /// An entry in the making.
    scratch: Vec<u8>,
}

enum Place {
    /// Standard output, or something that was there and is no regular file.
    Stream(String, BufWriter<Box<dyn Write>>),
    File {
        path: PathBuf,
        part: PathBuf,
        file: BufWriter<File>,
    },
    Directory(PathBuf),
}

/// Where, and how: decided from what was asked for, before anything is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// `None` is standard output.
    pub(super) path: Option<PathBuf>,
    pub(super) format: Format,
}

impl Target {
    /// The format is the one that was asked for, or goes by the name: a directory, or one with a slash at its end, is
    /// for files in PEM; `.ndjson` and `.jsonl` are NDJSON; all else is a bundle. `None` if it can't be written so.
    pub(super) fn new(out: Option<&Path>, format: Option<Format>) -> Option<Self> {
        let path = out.filter(|path| *path != Path::new("-"));
        let directory = path.is_some_and(is_directory);
        let by_name = || match path.and_then(Path::extension).and_then(|end| end.to_str()) {
            _ if directory => Format::PemDir,
            Some("ndjson" | "jsonl") => Format::Ndjson,
            _ => Format::Pem,
        };
        let format = format.unwrap_or_else(by_name);
        let fits = match format {
            Format::PemDir | Format::DerDir => path.is_some_and(|path| directory || !path.exists()),
            Format::Pem | Format::Ndjson => !directory,
        };
        fits.then(|| Self {
            path: path.map(Path::to_owned),
            format,
        })
    }

    /// The default list of what was rejected; none beside a stream.
    pub(super) fn rejects(&self) -> Option<PathBuf> {
        let path = self.path.as_ref()?;
        if path.exists() && !path.is_file() && !path.is_dir() {
            return None;
        }
        Some(beside(path, ".rejects.ndjson"))
    }

    /// Opens it for writing from the beginning.
    pub(super) fn open(&self) -> io::Result<Sink> {
        let form = match self.format {
            Format::Pem | Format::PemDir => Form::Pem,
            Format::DerDir => Form::Der,
            Format::Ndjson => Form::Ndjson,
        };
        let place = match &self.path {
            None => Place::stream("standard output".to_owned(), io::stdout()),
            Some(path) if matches!(self.format, Format::PemDir | Format::DerDir) => {
                fs::create_dir_all(path)?;
                Place::Directory(path.clone())
            }
            Some(path) if path.exists() && !path.is_file() => {
                let stream = File::options().write(true).open(path)?;
                Place::stream(path.display().to_string(), stream)
            }
            Some(path) => Place::file(path)?,
        };
        Ok(Sink {
            place,
            form,
            scratch: Vec::new(),
        })
    }
}

impl Place {
    fn stream(name: String, to: impl Write + 'static) -> Self {
        Self::Stream(name, BufWriter::with_capacity(STREAM_BUFFER, Box::new(to)))
    }

    fn file(path: &Path) -> io::Result<Self> {
        let part = beside(path, ".part");
        let file = BufWriter::with_capacity(FILE_BUFFER, File::create(&part)?);
        Ok(Self::File {
            path: path.to_owned(),
            part,
            file,
        })
    }
}

impl Sink {
    /// Where certificates go, for people.
    pub(super) fn name(&self) -> String {
        match &self.place {
            Place::Stream(name, _) => name.clone(),
            Place::File { part, .. } => part.display().to_string(),
            Place::Directory(directory) => directory.display().to_string(),
        }
    }

    /// Writes a certificate.
    pub(super) fn put(&mut self, slip: &Slip, certificate: &BulkCertificate<'_>) -> io::Result<()> {
        self.scratch.clear();
        match self.form {
            Form::Pem => put_pem(certificate.der, &mut self.scratch),
            Form::Der => self.scratch.extend_from_slice(certificate.der),
            Form::Ndjson => super::form::put_line(slip, certificate, &mut self.scratch)?,
        }
        match &mut self.place {
            Place::Stream(_, out) => out.write_all(&self.scratch),
            Place::File { file, .. } => file.write_all(&self.scratch),
            Place::Directory(directory) => {
                let ending = if self.form == Form::Der { "der" } else { "pem" };
                let path = directory.join(format!("{}.{ending}", certificate.serial));
                write_once(&path, &self.scratch)
            }
        }
    }

    /// Everything was written: a file moves into its place.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        if let Place::File { path, part, file } = self.place {
            file.into_inner()?.sync_all()?;
            fs::rename(part, path)?;
        }
        Ok(())
    }

    /// The run ends before its end: what was released is there. Where that is, if it is a file.
    pub(super) fn leave(mut self) -> io::Result<Option<PathBuf>> {
        self.flush()?;
        Ok(match self.place {
            Place::Stream(..) => None,
            Place::File { part, .. } => Some(part),
            Place::Directory(directory) => Some(directory),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.place {
            Place::Stream(_, out) => out.flush(),
            Place::File { file, .. } => file.flush(),
            Place::Directory(_) => Ok(()),
        }
    }
}

/// Leaves a file alone that is there as it should be: somebody may be reading it.
fn write_once(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|found| found == content) {
        return Ok(());
    }
    fs::write(path, content)
}

/// The path with more at the end of its name.
fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(more);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::Format::{DerDir, Ndjson, Pem, PemDir};
    use super::*;

    #[test]
    fn the_name_says_how_certificates_are_written() {
        let directory = tempfile::tempdir().unwrap();
        let there = directory.path().to_str().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        let file = file.to_str().unwrap();
        for (out, asked, expected) in [
            (None, None, Some(Pem)),
            (Some("-"), Some(Ndjson), Some(Ndjson)),
            (Some("a.pem"), None, Some(Pem)),
            (Some("a.ndjson"), None, Some(Ndjson)),
            (Some("a.jsonl"), None, Some(Ndjson)),
            (Some("a.ndjson"), Some(Pem), Some(Pem)),
            (Some("nowhere/"), None, Some(PemDir)),
            (Some("nowhere"), Some(DerDir), Some(DerDir)),
            (Some(there), None, Some(PemDir)),
            (Some(there), Some(Pem), None),
            (Some("nowhere/"), Some(Ndjson), None),
            (Some("-"), Some(PemDir), None),
            (None, Some(DerDir), None),
            (Some(file), Some(DerDir), None),
        ] {
            let target = Target::new(out.map(Path::new), asked);
            let found = target.as_ref().map(|target| target.format);
            assert_eq!(found, expected, "{out:?} {asked:?}");
        }
    }

    #[test]
    fn what_was_rejected_is_listed_beside_the_output() {
        let rejects = |out: &str| Target::new(Some(Path::new(out)), None).unwrap().rejects();
        assert_eq!(rejects("a/b.pem"), Some("a/b.pem.rejects.ndjson".into()));
        assert_eq!(rejects("a/b/"), Some("a/b.rejects.ndjson".into()));
        assert_eq!(rejects("-"), None);
    }
}
