//! A file that is being put together: a `.part` beside a map of the pieces that are there, until it is whole.
//!
//! A piece is written before the map says that it is there, so that a program killed at any moment loses at most what
//! was under way. What the map says is hashed again before it is believed.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use whoelse_proto::{Chunks, FileRoot};

use super::disk::{self, Disks, Promise};
use super::manifest::Manifest;
use super::name::{numbered, safe_name};
use super::origin;

/// Files of one name in one folder.
const MAX_NUMBER: u32 = 10_000;

/// What the data of an unfinished file ends in.
const PART: &str = "part";

/// What the map of its pieces ends in.
const MAP: &str = "map";

/// Signs of the root that stand in the name of a part.
const SHORT: usize = 16;

/// A file that is being put together.
#[derive(Debug)]
pub(super) struct Part {
    manifest: Manifest,
    folder: PathBuf,
    name: String,
    path: PathBuf,
    map: PathBuf,
    data: File,
    marks: File,
    held: Vec<bool>,
    /// For what is missing.
    room: Promise,
}

impl Part {
    /// Where the parts of a file lie in a folder.
    fn paths(folder: &Path, name: &str, root: FileRoot) -> (PathBuf, PathBuf) {
        let short: String = root.to_string().chars().take(SHORT).collect();
        let part = folder.join(format!("{name}.{short}.{PART}"));
        let map = part.with_extension(MAP);
        (part, map)
    }

    /// Where the data of a file lies in a folder while it is not whole.
    pub(super) fn path_in(folder: &Path, name: &str, root: FileRoot) -> PathBuf {
        Self::paths(folder, &safe_name(name), root).0
    }

    /// Whether a part has a second name: it is whole, and the program ended before it took the first away.
    pub(super) fn is_named(part: &Path) -> bool {
        fs::symlink_metadata(part).is_ok_and(|data| data.is_file() && names(&data) > 1)
    }

    /// Removes what is there of a file that nobody has open.
    pub(super) fn remove(part: &Path) {
        remove(part);
        remove(&part.with_extension(MAP));
    }

    /// Begins, or goes on with what is there. Where nothing was, nothing stays behind that failed. Blocks.
    ///
    /// # Errors
    /// When the disk has no room, or cannot be written, or something else lies where the part is to be.
    pub(super) fn open(folder: &Path, name: &str, manifest: Manifest, disks: &Disks) -> io::Result<Self> {
        let at = |error: io::Error| {
            io::Error::new(error.kind(), format!("{}: {}", folder.display(), whoelse_plain::file(&error)))
        };
        fs::create_dir_all(folder).map_err(at)?;
        let name = safe_name(name);
        let (path, map) = Self::paths(folder, &name, manifest.root());
        let size = manifest.size().bytes();
        let mut room = disks.promise(folder, size.saturating_sub(disk::written(&path)))?;
        let (data, of_data) = open_own(&path).map_err(at)?;
        let begun = open_own(&map).map_err(|error| (Fresh::No, at(error))).and_then(|(marks, of_map)| {
            let held = vec![false; usize::try_from(manifest.size().pieces()).unwrap_or(usize::MAX)];
            let (path, map) = (path.clone(), map.clone());
            let lengthened = disk::lengthen(&data, size, &mut room);
            let mut this = Self { manifest, folder: folder.to_owned(), name, path, map, data, marks, held, room };
            lengthened.and_then(|()| this.believe()).map_err(|error| (of_map, error))?;
            Ok(this)
        });
        begun.map_err(|(of_map, error)| {
            // What was there before, whosever it is, stays.
            for (path, is_fresh) in [(&path, of_data), (&map, of_map)] {
                if is_fresh == Fresh::Yes {
                    remove(path);
                }
            }
            error
        })
    }

    /// Hashes what the map says is there.
    fn believe(&mut self) -> io::Result<()> {
        let mut marks = Vec::new();
        self.marks.seek(SeekFrom::Start(0))?;
        (&mut self.marks).take(self.held.len() as u64).read_to_end(&mut marks)?;
        for piece in 0..self.manifest.size().pieces() {
            let Ok(index) = usize::try_from(piece) else { break };
            if marks.get(index) == Some(&1) {
                let is_there = self.read(piece).is_ok_and(|bytes| self.manifest.is_piece(piece, &bytes));
                self.mark(piece, is_there)?;
            }
        }
        Ok(())
    }

    fn read(&mut self, piece: u64) -> io::Result<Vec<u8>> {
        let Some((offset, length)) = self.manifest.size().piece(piece) else {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        };
        let mut bytes = vec![0; length];
        self.data.seek(SeekFrom::Start(offset))?;
        self.data.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn mark(&mut self, piece: u64, is_there: bool) -> io::Result<()> {
        self.marks.seek(SeekFrom::Start(piece))?;
        self.marks.write_all(&[u8::from(is_there)])?;
        if let Some(held) = usize::try_from(piece).ok().and_then(|index| self.held.get_mut(index)) {
            *held = is_there;
        }
        Ok(())
    }

    /// Takes a piece that came, if it is right. Blocks.
    ///
    /// # Errors
    /// When the disk cannot be written.
    pub(super) fn put(&mut self, piece: u64, bytes: &[u8]) -> io::Result<Fits> {
        if !self.manifest.is_piece(piece, bytes) {
            return Ok(Fits::No);
        }
        if let Some((offset, _)) = self.manifest.size().piece(piece) {
            self.data.seek(SeekFrom::Start(offset))?;
            self.data.write_all(bytes)?;
            self.mark(piece, true)?;
            self.room.used(bytes.len() as u64);
        }
        Ok(Fits::Yes)
    }

    /// The pieces that are there.
    pub(super) fn held(&self) -> Vec<bool> {
        self.held.clone()
    }

    /// Where the data lies while it is not whole.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the whole file its name, one that is not taken. Blocks.
    ///
    /// # Errors
    /// When the disk cannot be written, or every name is taken.
    pub(super) fn finish(self) -> io::Result<PathBuf> {
        self.data.sync_all()?;
        origin::mark(&self.path);
        for number in 1..MAX_NUMBER {
            let path = self.folder.join(numbered(&self.name, number));
            match rename_new(&self.path, &path) {
                Ok(()) => {
                    fs::remove_file(&self.map)?;
                    return Ok(path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::from(io::ErrorKind::AlreadyExists))
    }

    /// Removes what is there. Blocks.
    pub(super) fn discard(self) {
        let Self { path, data, marks, .. } = self;
        drop((data, marks));
        Self::remove(&path);
    }
}

/// Removes parts in a folder that are not known and that nobody has written to since a moment. Gives how many parts
/// are left. Blocks.
pub(super) fn sweep(folder: &Path, known: &BTreeSet<PathBuf>, since: SystemTime) -> usize {
    let mut left = 0;
    for part in parts(folder) {
        let written = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
        let last = written(&part).max(written(&part.with_extension(MAP)));
        if known.contains(&part) || last.is_none_or(|last| last >= since) {
            left += 1;
        } else {
            tracing::info!(path = %part.display(), "an abandoned part is removed");
            Part::remove(&part);
        }
    }
    left
}

/// The parts in a folder, by the path of their data, though only the map may be there.
fn parts(folder: &Path) -> BTreeSet<PathBuf> {
    let Ok(files) = fs::read_dir(folder) else { return BTreeSet::new() };
    let part = |file: io::Result<fs::DirEntry>| {
        let path = file.ok()?.path();
        let ending = path.extension()?.to_str()?;
        let root = Path::new(path.file_stem()?).extension()?.to_str()?;
        let is_root = root.len() == SHORT && root.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
        (is_root && (ending == PART || ending == MAP)).then(|| path.with_extension(PART))
    };
    files.filter_map(part).collect()
}

/// Whether a piece is what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fits {
    Yes,
    No,
}

/// Renames, unless the name is taken.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without links: the name is taken first, then replaced.
        Err(_) => {
            OpenOptions::new().write(true).create_new(true).open(to)?;
            fs::rename(from, to)
        }
    }
}

fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::debug!(%error, path = %path.display(), "a part stays behind");
        }
        Ok(()) | Err(_) => {}
    }
}

/// Whether a file was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fresh {
    Yes,
    No,
}

/// Makes a file, or opens one that an earlier run made. In a folder where others write too, neither a link is followed
/// nor a file of somebody else written to.
fn open_own(path: &Path) -> io::Result<(File, Fresh)> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match options.clone().create_new(true).open(path) {
        Ok(file) => return Ok((file, Fresh::Yes)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let in_the_way = || {
        let name = path.file_name().unwrap_or_default().display();
        io::Error::new(io::ErrorKind::AlreadyExists, format!("something else called {name} is in the way"))
    };
    let there = fs::symlink_metadata(path)?;
    if !there.is_file() {
        return Err(in_the_way());
    }
    if names(&there) > 1 {
        // What the other name stands for stays as it is.
        fs::remove_file(path)?;
        return Ok((options.create_new(true).open(path)?, Fresh::Yes));
    }
    let file = no_links(&mut options).open(path)?;
    if is_own(&file.metadata()?) { Ok((file, Fresh::No)) } else { Err(in_the_way()) }
}

/// Follows no link where the path ends, and waits for nobody at a pipe.
#[cfg(unix)]
fn no_links(options: &mut OpenOptions) -> &mut OpenOptions {
    use nix::fcntl::OFlag;
    use std::os::unix::fs::OpenOptionsExt as _;
    options.custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
}

/// Follows no link where the path ends.
#[cfg(windows)]
fn no_links(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::windows::fs::OpenOptionsExt as _;
    /// `FILE_FLAG_OPEN_REPARSE_POINT`: what is opened is the link.
    const OPEN_THE_LINK: u32 = 0x0020_0000;
    options.custom_flags(OPEN_THE_LINK)
}

/// How many names a file has.
#[cfg(unix)]
fn names(data: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(data)
}

/// Not known here: one.
#[cfg(not(unix))]
fn names(_: &fs::Metadata) -> u64 {
    1
}

/// Whether it is a file of one name that belongs to whoever runs this program.
#[cfg(unix)]
fn is_own(data: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    data.is_file() && names(data) == 1 && data.uid() == nix::unistd::geteuid().as_raw()
}

/// Whether it is a file and no link.
#[cfg(not(unix))]
fn is_own(data: &fs::Metadata) -> bool {
    data.is_file()
}

/// The chunks whose pieces are all there.
pub(super) fn whole_chunks(size: whoelse_proto::FileSize, held: &[bool]) -> Chunks {
    let is_held = |piece: u64| usize::try_from(piece).ok().and_then(|index| held.get(index)) == Some(&true);
    size.all_chunks().iter().filter(|chunk| size.pieces_of(*chunk).all(is_held)).fold(Chunks::NONE, Chunks::with)
}

#[cfg(test)]
mod tests {
    use whoelse_proto::FileSize;
    use whoelse_proto::limits::PIECE_BYTES;

    use super::*;

    fn content() -> Vec<u8> {
        (0..3 * PIECE_BYTES + 5).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect()
    }

    fn manifest(folder: &Path, content: &[u8]) -> Manifest {
        let path = folder.join("original");
        fs::write(&path, content).unwrap();
        let size = FileSize::try_from(content.len() as u64).unwrap();
        Manifest::of_file(&mut File::open(path).unwrap(), size, || {}).unwrap()
    }

    fn piece(manifest: &Manifest, content: &[u8], piece: u64) -> Vec<u8> {
        let (offset, length) = manifest.size().piece(piece).unwrap();
        let offset = usize::try_from(offset).unwrap();
        content[offset..offset + length].to_vec()
    }

    #[test]
    fn a_file_that_is_whole_gets_its_name_and_never_that_of_another() {
        let (folder, content) = (tempfile::tempdir().unwrap(), content());
        let manifest = manifest(folder.path(), &content);
        let target = folder.path().join("in");
        for name in ["plans.pdf", "plans (2).pdf"] {
            let mut part = Part::open(&target, "../plans.pdf", manifest.clone(), &Disks::default()).unwrap();
            for n in 0..manifest.size().pieces() {
                assert_eq!(part.put(n, &piece(&manifest, &content, n)).unwrap(), Fits::Yes);
            }
            assert_eq!(part.finish().unwrap(), target.join(name));
            assert_eq!(fs::read(target.join(name)).unwrap(), content);
        }
        assert_eq!(fs::read_dir(&target).unwrap().count(), 2, "no part stays behind");
    }

    #[test]
    fn what_was_there_is_there_after_a_kill_unless_it_was_changed() {
        let (folder, content) = (tempfile::tempdir().unwrap(), content());
        let manifest = manifest(folder.path(), &content);
        let mut part = Part::open(folder.path(), "x", manifest.clone(), &Disks::default()).unwrap();
        for n in [0, 1, 3] {
            part.put(n, &piece(&manifest, &content, n)).unwrap();
        }
        let path = part.path().to_owned();
        std::mem::forget(part);
        let mut damaged = fs::read(&path).unwrap();
        damaged[5] ^= 1;
        fs::write(&path, damaged).unwrap();
        let held = Part::open(folder.path(), "x", manifest.clone(), &Disks::default()).unwrap().held();
        let there: Vec<_> = held.iter().enumerate().filter(|(_, held)| **held).map(|(n, _)| n).collect();
        assert_eq!(there, [1, 3]);
    }

    #[test]
    fn a_wrong_piece_is_not_taken() {
        let (folder, content) = (tempfile::tempdir().unwrap(), content());
        let manifest = manifest(folder.path(), &content);
        let mut part = Part::open(folder.path(), "x", manifest.clone(), &Disks::default()).unwrap();
        assert_eq!(part.put(0, &piece(&manifest, &content, 1)).unwrap(), Fits::No);
        assert_eq!(part.put(99, &[]).unwrap(), Fits::No);
        part.discard();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the original alone");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_where_the_part_is_to_be_leads_to_no_file_of_another() {
        let (folder, content) = (tempfile::tempdir().unwrap(), content());
        let manifest = manifest(folder.path(), &content);
        let (part, map) = Part::paths(folder.path(), "x", manifest.root());
        let victim = folder.path().join("victim.txt");
        fs::write(&victim, "precious").unwrap();
        for planted in [&part, &map] {
            for target in [&victim, &folder.path().join("nowhere")] {
                std::os::unix::fs::symlink(target, planted).unwrap();
                let error = Part::open(folder.path(), "x", manifest.clone(), &Disks::default()).unwrap_err();
                assert!(error.to_string().contains("is in the way"), "{error}");
                assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "the original, the victim and the link");
                fs::remove_file(planted).unwrap();
            }
        }
        for planted in [&part, &map] {
            fs::hard_link(&victim, planted).unwrap();
            let mut opened = Part::open(folder.path(), "x", manifest.clone(), &Disks::default()).unwrap();
            assert_eq!(opened.put(0, &piece(&manifest, &content, 0)).unwrap(), Fits::Yes);
            opened.discard();
        }
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    }

    #[test]
    fn a_file_without_room_leaves_nothing_behind() {
        let (folder, content) = (tempfile::tempdir().unwrap(), content());
        let manifest = manifest(folder.path(), &content);
        let disks = Disks::with(|_| Some(disk::LEAVE_FREE + (4 << 20)));
        let others = disks.promise(folder.path(), 2 << 20).unwrap();
        let full = Part::open(folder.path(), "x", manifest.clone(), &disks).unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull, "{full}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the original alone");
        drop(others);
        assert!(Part::open(folder.path(), "x", manifest, &disks).is_ok());
    }

    #[test]
    fn a_manifest_is_believed_only_if_it_leads_to_the_root() {
        let (folder, content) = (tempfile::tempdir().unwrap(), content());
        let manifest = manifest(folder.path(), &content);
        let (size, root, mut bytes) = (manifest.size(), manifest.root(), manifest.bytes());
        assert_eq!(Manifest::read(size, root, &bytes), Some(manifest));
        assert_eq!(Manifest::read(FileSize::try_from(1).unwrap(), root, &bytes), None);
        bytes[0] ^= 1;
        assert_eq!(Manifest::read(size, root, &bytes), None);
        bytes.pop();
        assert_eq!(Manifest::read(size, root, &bytes), None);
    }
}
