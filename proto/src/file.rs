//! What a file is called and how it is cut: into chunks for the index, into pieces for the way.

use std::fmt;
use std::str::FromStr;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use crate::limits::{MAX_CHUNKS, MAX_FILE_BYTES, MAX_FILE_NAME_BYTES, PIECE_BYTES};

/// What a file holds: a BLAKE3 hash over its size and the hashes of its pieces (`docs/PROTOCOL.md`, section 13).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileRoot(#[serde(with = "serde_bytes")] [u8; 32]);

impl FileRoot {
    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for FileRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// A string is no root: it has 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the root of a file has 64 hexadecimal digits")]
pub struct FileRootError;

impl FromStr for FileRoot {
    type Err = FileRootError;
    fn from_str(digits: &str) -> Result<Self, FileRootError> {
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| FileRootError)?;
        Ok(Self(bytes.try_into().map_err(|_| FileRootError)?))
    }
}

impl fmt::Debug for FileRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileRoot({self})")
    }
}

/// The name of a file, without a folder: 1 to [`MAX_FILE_NAME_BYTES`] bytes, no control character, no `/`, no `\`.
/// Brought into the composed form of Unicode (NFC): systems spell the same name in different ways. Not yet fit for every
/// disk: whoever writes it makes it safe.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct FileName(String);

/// Why a string is no file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a file's name has 1 to {MAX_FILE_NAME_BYTES} bytes, without slashes and control characters")]
pub struct FileNameError;

impl FileName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`FileNameError`].
    pub fn new(raw: &str) -> Result<Self, FileNameError> {
        Self::try_from(raw.to_owned())
    }

    /// Stands where a name is asked for and means nothing.
    #[must_use]
    pub fn of_any() -> Self {
        Self("*".to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FileName {
    type Error = FileNameError;
    fn try_from(raw: String) -> Result<Self, FileNameError> {
        let raw = if is_nfc_quick(raw.chars()) == IsNormalized::Yes { raw } else { raw.nfc().collect() };
        let is_wrong = |c: char| c.is_control() || c == '/' || c == '\\';
        if raw.is_empty() || raw.len() > MAX_FILE_NAME_BYTES || raw.contains(is_wrong) {
            return Err(FileNameError);
        }
        Ok(Self(raw))
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The size of a file, at most [`MAX_FILE_BYTES`], and how a file of that size is cut.
///
/// A file has [`MAX_CHUNKS`] chunks of a tenth of its size, rounded up; the last is shorter, and a small file has
/// fewer. A chunk has pieces of [`PIECE_BYTES`], the last of each shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct FileSize(u64);

/// A file is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a file has at most {} GiB", MAX_FILE_BYTES >> 30)]
pub struct FileSizeError;

impl TryFrom<u64> for FileSize {
    type Error = FileSizeError;
    fn try_from(bytes: u64) -> Result<Self, FileSizeError> {
        if bytes > MAX_FILE_BYTES { Err(FileSizeError) } else { Ok(Self(bytes)) }
    }
}

impl FileSize {
    /// Of a file that holds nothing.
    pub const EMPTY: Self = Self(0);

    /// Bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// Bytes of every chunk but the last.
    #[must_use]
    pub fn chunk_bytes(self) -> u64 {
        self.0.div_ceil(u64::from(MAX_CHUNKS))
    }

    /// How many chunks: 0 for an empty file.
    #[must_use]
    pub fn chunks(self) -> u8 {
        match self.chunk_bytes() {
            0 => 0,
            bytes => u8::try_from(self.0.div_ceil(bytes)).unwrap_or(MAX_CHUNKS),
        }
    }

    /// Every chunk.
    #[must_use]
    pub fn all_chunks(self) -> Chunks {
        (1..=self.chunks()).fold(Chunks::NONE, Chunks::with)
    }

    /// How many pieces.
    #[must_use]
    pub fn pieces(self) -> u64 {
        self.pieces_before(self.chunks())
    }

    /// How many pieces the first so many chunks have.
    fn pieces_before(self, chunks: u8) -> u64 {
        let whole = self.chunk_bytes() * u64::from(chunks.saturating_sub(1));
        match chunks {
            0 => 0,
            _ => self.pieces_a_chunk() * u64::from(chunks - 1) + self.last_of(whole).div_ceil(PIECE_BYTES),
        }
    }

    /// Bytes of the chunk that begins there.
    fn last_of(self, begin: u64) -> u64 {
        self.chunk_bytes().min(self.0.saturating_sub(begin))
    }

    fn pieces_a_chunk(self) -> u64 {
        self.chunk_bytes().div_ceil(PIECE_BYTES)
    }

    /// The pieces of a chunk, numbered from 0 over the whole file. Chunks are numbered from 1; another has none.
    #[must_use]
    pub fn pieces_of(self, chunk: u8) -> std::ops::Range<u64> {
        if chunk == 0 || chunk > self.chunks() {
            return 0..0;
        }
        self.pieces_before(chunk - 1)..self.pieces_before(chunk)
    }

    /// The chunk to which a piece belongs.
    #[must_use]
    pub fn chunk_of(self, piece: u64) -> u8 {
        match self.pieces_a_chunk() {
            0 => 0,
            per => u8::try_from(piece / per + 1).unwrap_or(MAX_CHUNKS),
        }
    }

    /// Where a piece lies, as offset and length; `None` if there is no such piece.
    #[must_use]
    pub fn piece(self, piece: u64) -> Option<(u64, usize)> {
        let per = self.pieces_a_chunk();
        if per == 0 || piece >= self.pieces() {
            return None;
        }
        let begin = piece / per * self.chunk_bytes();
        let end = (begin + self.chunk_bytes()).min(self.0);
        let offset = begin + piece % per * PIECE_BYTES;
        usize::try_from(PIECE_BYTES.min(end - offset)).ok().map(|length| (offset, length))
    }
}

/// Some of a file's chunks, numbered from 1 to [`MAX_CHUNKS`]: bit n−1 stands for chunk n.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16")]
pub struct Chunks(u16);

/// A set of chunks names one that no file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("chunks are numbered from 1 to {MAX_CHUNKS}")]
pub struct ChunksError;

impl TryFrom<u16> for Chunks {
    type Error = ChunksError;
    fn try_from(bits: u16) -> Result<Self, ChunksError> {
        if bits >> MAX_CHUNKS == 0 { Ok(Self(bits)) } else { Err(ChunksError) }
    }
}

impl Chunks {
    /// No chunk.
    pub const NONE: Self = Self(0);

    /// One chunk.
    ///
    /// # Errors
    /// [`ChunksError`].
    pub fn one(chunk: u8) -> Result<Self, ChunksError> {
        if (1..=MAX_CHUNKS).contains(&chunk) { Ok(Self::NONE.with(chunk)) } else { Err(ChunksError) }
    }

    /// These and one more; a number that no chunk has adds nothing.
    #[must_use]
    pub fn with(self, chunk: u8) -> Self {
        if (1..=MAX_CHUNKS).contains(&chunk) { Self(self.0 | 1 << (chunk - 1)) } else { self }
    }

    /// Those of either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those of both.
    #[must_use]
    pub const fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether a chunk is among them.
    #[must_use]
    pub fn contains(self, chunk: u8) -> bool {
        self.iter().any(|held| held == chunk)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Their numbers, rising.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (1..=MAX_CHUNKS).filter(move |chunk| self.0 & 1 << (chunk - 1) != 0)
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(bytes: u64) -> FileSize {
        FileSize::try_from(bytes).unwrap()
    }

    #[test]
    fn a_file_has_ten_chunks_of_which_the_last_is_shorter() {
        assert_eq!((size(100).chunks(), size(100).chunk_bytes()), (10, 10));
        assert_eq!((size(95).chunks(), size(95).chunk_bytes()), (10, 10));
        assert_eq!((size(9).chunks(), size(3).chunks(), size(1).chunks(), size(0).chunks()), (9, 3, 1, 0));
        assert_eq!((size(11).chunks(), size(11).chunk_bytes()), (6, 2));
        assert_eq!(size(3).all_chunks(), Chunks::try_from(0b111).unwrap());
    }

    #[test]
    fn the_pieces_of_a_file_cover_it_without_gap_and_overlap() {
        for bytes in [0, 1, 9, 10, 11, 95, PIECE_BYTES, 10 * PIECE_BYTES, 10 * PIECE_BYTES + 1, 123_456_789, 1 << 30] {
            let (size, mut at, mut in_chunks) = (size(bytes), 0, 0);
            for piece in 0..size.pieces() {
                let (offset, length) = size.piece(piece).unwrap();
                assert_eq!(offset, at, "piece {piece} of {bytes}");
                assert!(length > 0);
                assert!(size.pieces_of(size.chunk_of(piece)).contains(&piece));
                at += length as u64;
            }
            assert_eq!((at, size.piece(size.pieces())), (bytes, None));
            for chunk in 0..=11 {
                in_chunks += size.pieces_of(chunk).count() as u64;
            }
            assert_eq!(in_chunks, size.pieces());
        }
    }

    #[test]
    fn no_file_is_larger_than_the_limit() {
        assert_eq!(size(MAX_FILE_BYTES).bytes(), MAX_FILE_BYTES);
        assert_eq!(FileSize::try_from(MAX_FILE_BYTES + 1), Err(FileSizeError));
        assert_eq!(FileSize::try_from(10 << 40), Err(FileSizeError));
        assert!(size(MAX_FILE_BYTES).pieces() * 32 <= 9 << 20, "the hashes of the pieces fit into memory");
    }

    #[test]
    fn chunks_are_a_set_of_numbers() {
        let chunks = Chunks::NONE.with(1).with(4).with(10).with(11).with(0);
        assert_eq!(chunks.iter().collect::<Vec<_>>(), [1, 4, 10]);
        assert!(chunks.contains(4) && !chunks.contains(5) && !chunks.contains(200));
        assert_eq!(Chunks::try_from(1 << 10), Err(ChunksError));
        assert_eq!(Chunks::one(11), Err(ChunksError));
        assert_eq!(chunks.with(4), chunks, "it is there already");
    }

    #[test]
    fn two_sets_of_chunks_have_a_union_and_what_both_hold() {
        let of = |chunks: &[u8]| chunks.iter().fold(Chunks::NONE, |set, chunk| set.with(*chunk));
        let (left, right) = (of(&[1, 2, 3]), of(&[3, 4]));
        assert_eq!(left.union(right), of(&[1, 2, 3, 4]));
        assert_eq!(left.common(right), of(&[3]));
        assert_eq!([left, right, Chunks::NONE].map(Chunks::count), [3, 2, 0]);
        assert_eq!([left, right, Chunks::NONE].map(Chunks::is_empty), [false, false, true]);
    }

    #[test]
    fn a_name_is_the_same_however_a_system_spells_it() {
        let composed = FileName::new("\u{e9}t\u{e9} \u{d14c}.txt").unwrap();
        assert_eq!(FileName::new("e\u{301}te\u{301} \u{1110}\u{1166}.txt").unwrap(), composed);
        assert_eq!(composed.as_str(), "\u{e9}t\u{e9} \u{d14c}.txt");
        // Composed, this sign takes more bytes.
        assert_eq!(FileName::new(&"\u{958}".repeat(85)), Err(FileNameError), "the limit is that of what is kept");
    }

    #[test]
    fn a_root_is_read_as_it_is_shown() {
        let root = FileRoot::from_bytes([0xAB; 32]);
        assert_eq!(root.to_string().parse(), Ok(root));
        assert_eq!(root.to_string().to_uppercase().parse(), Ok(root));
        for wrong in ["", "ab", &"g".repeat(64), &"a".repeat(63), &"a".repeat(66)] {
            assert_eq!(wrong.parse::<FileRoot>(), Err(FileRootError), "{wrong}");
        }
    }

    #[test]
    fn a_files_name_has_no_folder() {
        for name in ["holo.png", &"x".repeat(255)] {
            assert_eq!(FileName::new(name).unwrap().as_str(), name);
        }
        for wrong in ["", "a/b", "a\\b", "a\u{0}", "a\n", &"x".repeat(256)] {
            assert_eq!(FileName::new(wrong), Err(FileNameError), "{wrong:?}");
        }
    }
}
