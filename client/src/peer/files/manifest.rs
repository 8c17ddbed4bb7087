//! What a file holds: the hashes of its pieces, and over them the root by which it is known
//! (`docs/PROTOCOL.md`, section 16).

use std::fs::File;
use std::io::Read;

use whoelse_proto::limits::PIECE_BYTES;
use whoelse_proto::{FileRoot, FileSize};

/// The hash of one piece: BLAKE3.
pub(super) type PieceHash = [u8; 32];

/// What the root is bound to, so that it is no hash of anything else.
const ROOT_CONTEXT: &str = "whoelse file v1";

/// The hashes of a file's pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    size: FileSize,
    hashes: Vec<PieceHash>,
}

impl Manifest {
    /// From the bytes of a peer; `None` if they are not as many as the size asks for, or do not lead to the root.
    pub(super) fn read(size: FileSize, root: FileRoot, bytes: &[u8]) -> Option<Self> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        let manifest = Self { size, hashes: hashes.to_vec() };
        let fits = rest.is_empty() && u64::try_from(hashes.len()) == Ok(size.pieces());
        (fits && manifest.root() == root).then_some(manifest)
    }

    /// With hashes as they come.
    #[cfg(any(test, fuzzing))]
    pub(super) fn unchecked(size: FileSize, hashes: &[u8]) -> Self {
        Self { size, hashes: hashes.as_chunks::<32>().0.to_vec() }
    }

    /// The hashes one behind the other.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.hashes.concat()
    }

    /// Of how many bytes.
    pub(super) const fn size(&self) -> FileSize {
        self.size
    }

    /// The name of the content.
    pub(super) fn root(&self) -> FileRoot {
        let mut hasher = blake3::Hasher::new_derive_key(ROOT_CONTEXT);
        hasher.update(&self.size.bytes().to_le_bytes());
        for hash in &self.hashes {
            hasher.update(hash);
        }
        FileRoot::from_bytes(*hasher.finalize().as_bytes())
    }

    /// Whether these bytes are that piece.
    pub(super) fn is_piece(&self, piece: u64, bytes: &[u8]) -> bool {
        let hash = usize::try_from(piece).ok().and_then(|piece| self.hashes.get(piece));
        hash.is_some_and(|hash| blake3::hash(bytes).as_bytes() == hash)
    }

    /// Of a file that is there, read from its beginning; `heard` is called with every piece. Blocks.
    ///
    /// # Errors
    /// When it cannot be read, or changes its size meanwhile.
    pub(super) fn of_file(file: &mut File, size: FileSize, heard: impl Fn()) -> std::io::Result<Self> {
        let mut buffer = vec![0; usize::try_from(PIECE_BYTES.min(size.bytes())).unwrap_or_default()];
        let mut hashes = Vec::new();
        for piece in 0..size.pieces() {
            let length = size.piece(piece).map_or(0, |(_, length)| length);
            let Some(bytes) = buffer.get_mut(..length) else { break };
            file.read_exact(bytes)?;
            heard();
            hashes.push(*blake3::hash(bytes).as_bytes());
        }
        Ok(Self { size, hashes })
    }
}
