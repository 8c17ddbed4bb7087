//! Questions to another device about a file, each on a stream of its own.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use whoelse_proto::peer::{PeerAnswer, PeerAsk};
use whoelse_proto::{Chunks, FileName, FileRoot, FileSize};

use super::super::{PeerError, PeerLink, Receiver, wire};
use super::manifest::Manifest;

/// Bytes of an answer's first frame.
const MAX_ANSWER: usize = 1024;

/// A source from which nothing comes for this long is too slow.
const STALL: Duration = Duration::from_secs(10);

/// Bytes read at a time, between two looks at the clock.
const READ: usize = 64 * 1024;

async fn ask<L: PeerLink>(link: &L, ask: &PeerAsk) -> Result<(PeerAnswer, Receiver), PeerError> {
    let (mut sender, mut receiver) = link.open().await?;
    wire::write(&mut sender, ask).await?;
    sender.shutdown().await?;
    let answer = timeout(STALL, wire::read(&mut receiver, MAX_ANSWER)).await.map_err(|_| PeerError::TooSlow)??;
    Ok((answer, receiver))
}

/// Asks for bytes of which the number is known.
async fn bytes<L: PeerLink>(link: &L, question: &PeerAsk, expected: usize) -> Result<Vec<u8>, PeerError> {
    let (answer, mut receiver) = ask(link, question).await?;
    match answer {
        PeerAnswer::Bytes { count } if usize::try_from(count) == Ok(expected) => {}
        PeerAnswer::Bytes { .. } => return Err(PeerError::Malformed("bytes of another number")),
        PeerAnswer::No {} => return Err(PeerError::Malformed("nothing of what it said to have")),
        PeerAnswer::File { .. } => return Err(PeerError::Malformed("something else than was asked for")),
    }
    let mut bytes = Vec::with_capacity(expected);
    while bytes.len() < expected {
        let mut part = (&mut receiver).take(READ.min(expected - bytes.len()) as u64);
        let count = timeout(STALL, part.read_buf(&mut bytes)).await.map_err(|_| PeerError::TooSlow)??;
        if count == 0 {
            return Err(PeerError::Broken("it broke off".to_owned()));
        }
    }
    Ok(bytes)
}

/// Asks for the hashes of a file.
pub(super) async fn manifest<L: PeerLink>(link: &L, size: FileSize, root: FileRoot) -> Result<Manifest, PeerError> {
    let expected = usize::try_from(size.pieces() * 32).map_err(|_| PeerError::Malformed("a file that is too long"))?;
    let bytes = bytes(link, &PeerAsk::Manifest { root }, expected).await?;
    Manifest::read(size, root, &bytes).ok_or(PeerError::Malformed("hashes of another file"))
}

/// Asks for a piece.
pub(super) async fn piece<L: PeerLink>(
    link: &L,
    root: FileRoot,
    piece: u64,
    length: usize,
) -> Result<Vec<u8>, PeerError> {
    bytes(link, &PeerAsk::Piece { root, piece }, length).await
}

/// Asks which file is shared under a name.
pub(super) async fn named<L: PeerLink>(
    link: &L,
    name: FileName,
) -> Result<Option<(FileSize, FileRoot, Chunks)>, PeerError> {
    match ask(link, &PeerAsk::Named { name }).await?.0 {
        PeerAnswer::File { size, root, chunks } => Ok(Some((size, root, chunks))),
        PeerAnswer::No {} => Ok(None),
        PeerAnswer::Bytes { .. } => Err(PeerError::Malformed("something else than was asked for")),
    }
}
