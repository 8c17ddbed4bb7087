//! Files on this disk: hashed one after the other, and known again by how they look.

use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use whoelse_proto::{FileName, FileSize};

use super::manifest::Manifest;
use super::name::safe_name;

/// A file on this disk.
#[derive(Debug)]
pub(crate) struct Hashed {
    pub(super) path: PathBuf,
    pub(super) name: FileName,
    pub(super) manifest: Arc<Manifest>,
    pub(super) stamp: Stamp,
}

/// How a file looks without being read. One that is written to looks different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn new(data: &Metadata) -> Self {
        Self { bytes: data.len(), modified: data.modified().ok() }
    }

    /// Whether the file at a path still looks so.
    pub(super) fn is_of(&self, path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|data| Self::new(&data) == *self)
    }
}

/// Hashes a file. Blocks.
///
/// # Errors
/// Why not, for people.
pub(super) fn hash(path: &Path) -> Result<Hashed, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let path = std::fs::canonicalize(path).map_err(failed)?;
    let mut file = File::open(&path).map_err(failed)?;
    let data = file.metadata().map_err(failed)?;
    if !data.is_file() {
        return Err(format!("{} is no file", path.display()));
    }
    let size = FileSize::try_from(data.len()).map_err(|error| error.to_string())?;
    let raw = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = FileName::new(&safe_name(&raw)).map_err(|error| error.to_string())?;
    let stamp = Stamp::new(&data);
    let manifest = Arc::new(Manifest::of_file(&mut file, size).map_err(failed)?);
    if !stamp.is_of(&path) {
        return Err(format!("{} was written to while it was read", path.display()));
    }
    Ok(Hashed { path, name, manifest, stamp })
}
