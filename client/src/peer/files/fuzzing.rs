//! Names, sizes and hashes of files that a peer offers (`crate::fuzzing`).

use std::path::{Component, Path};

use whoelse_proto::limits::PIECE_BYTES;
use whoelse_proto::{FileRoot, FileSize};

use super::manifest::Manifest;
use super::name::safe_name;

/// A name is a file in its folder, whatever it was, and stays it.
pub(crate) fn name(raw: &str) {
    let safe = safe_name(raw);
    let mut components = Path::new(&safe).components();
    let first = components.next();
    assert!(matches!(first, Some(Component::Normal(_))) && components.next().is_none(), "{raw:?} becomes {safe:?}");
    assert!(!safe.contains(|c: char| c.is_control() || matches!(c, '/' | '\\' | ':')), "{raw:?} becomes {safe:?}");
    assert!(safe_name(&safe) == safe, "{raw:?} becomes {safe:?}, and that another");
}

/// The pieces of a file lie one behind the other from its first byte to its last.
pub(crate) fn pieces(size: FileSize) {
    let pieces = size.pieces();
    assert!(size.piece(pieces).is_none());
    let Some(last) = pieces.checked_sub(1) else { return assert!(size == FileSize::EMPTY) };
    for piece in [0, 1, last / 2, last.saturating_sub(1)].into_iter().filter(|piece| *piece < last) {
        let (this, next) = (size.piece(piece), size.piece(piece + 1));
        let end = this.map(|(offset, length)| offset + u64::try_from(length).unwrap_or_default());
        assert!(end.is_some() && end == next.map(|(offset, _)| offset), "{size:?}, piece {piece}");
        assert!(size.pieces_of(size.chunk_of(piece)).contains(&piece));
    }
    let end = size.piece(last).map(|(offset, length)| offset + u64::try_from(length).unwrap_or_default());
    assert!(end == Some(size.bytes()), "{size:?}");
}

/// Hashes are taken for a file's if they are as many as it has pieces and lead to its name.
///
/// # Panics
/// If not.
pub fn manifest(bytes: &[u8]) {
    let Some((size, rest)) = bytes.split_first_chunk::<8>() else { return };
    let Some((root, hashes)) = rest.split_first_chunk::<32>() else { return };
    let Ok(size) = FileSize::try_from(u64::from_le_bytes(*size)) else { return };
    let read = Manifest::read(size, FileRoot::from_bytes(*root), hashes);
    let fits = u64::try_from(hashes.len()) == Ok(size.pieces().saturating_mul(32));
    assert!(read.is_none() || fits, "{} bytes are taken for {size:?}", hashes.len());
    let true_root = Manifest::unchecked(size, hashes).root();
    let read = Manifest::read(size, true_root, hashes);
    assert!(read.is_some() == fits);
    let Some(manifest) = read else { return };
    assert!(manifest.bytes() == hashes && manifest.size() == size);
    assert!(!manifest.is_piece(size.pieces(), b"") && !manifest.is_piece(u64::MAX, b""));
    let other = FileSize::try_from(size.bytes().saturating_add(PIECE_BYTES));
    assert!(other.is_err() || Manifest::unchecked(other.unwrap_or(size), hashes).root() != true_root);
}
