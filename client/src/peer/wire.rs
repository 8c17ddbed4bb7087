//! Frames on a stream between devices: as between client and server, four bytes of length and a MessagePack body.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use whoelse_proto::codec::{decode, encode};
use whoelse_proto::limits::{FRAME_HEADER, MAX_FRAME};

use super::{PeerError, Receiver, Sender};

/// Writes a frame.
pub(super) async fn write<T: Serialize>(stream: &mut Sender, frame: &T) -> Result<(), PeerError> {
    let bytes = encode(frame, MAX_FRAME).map_err(|_| PeerError::Malformed("a frame that is too long"))?;
    stream.write_all(&bytes).await?;
    Ok(stream.flush().await?)
}

/// Reads a frame of at most so many bytes.
pub(super) async fn read<T: DeserializeOwned>(stream: &mut Receiver, limit: usize) -> Result<T, PeerError> {
    let mut header = [0; FRAME_HEADER];
    stream.read_exact(&mut header).await?;
    let length = usize::try_from(u32::from_be_bytes(header)).unwrap_or(usize::MAX);
    if length > limit {
        return Err(PeerError::Malformed("a frame that is too long"));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    decode(&body).map_err(|_| PeerError::Malformed("what is no frame"))
}
