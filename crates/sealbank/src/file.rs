//! Files that appear whole or not at all.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use crate::exit::Failure;

/// Replaces `path` by `content`: written beside it, synced, and moved into place.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Failure> {
    replace_with(path, content, Readers::Everybody)
}

/// The same with a file that its owner alone may read.
pub(crate) fn replace_private(path: &Path, content: &[u8]) -> Result<(), Failure> {
    replace_with(path, content, Readers::Owner)
}

/// Who may read a file.
#[derive(Debug, Clone, Copy)]
enum Readers {
    Everybody,
    Owner,
}

fn replace_with(path: &Path, content: &[u8], readers: Readers) -> Result<(), Failure> {
    let written = if is_stream(path) {
        let stream = File::options().write(true).open(path);
        stream.and_then(|mut stream| stream.write_all(content))
    } else {
        write_beside(path, content, readers)
    };
    written.map_err(|error| {
        Failure::internal(format!(
            "error: {} can't be written: {error}",
            path.display()
        ))
    })
}

/// A pipe or a device is written to; a file in its place would be none.
fn is_stream(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn write_beside(path: &Path, content: &[u8], readers: Readers) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let draft = path.with_file_name(name);
    let written = create(&draft, readers)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&draft, path));
    if written.is_err() {
        // What is told is why the file could not be written; the draft may not even be there.
        let _ = std::fs::remove_file(&draft);
    }
    written
}

fn create(path: &Path, readers: Readers) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(match readers {
            Readers::Everybody => 0o666,
            Readers::Owner => 0o600,
        });
    }
    #[cfg(not(unix))]
    let _ = readers;
    options.open(path)
}
