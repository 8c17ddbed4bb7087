//! Frames as bytes: a length of four bytes, big-endian, then that many bytes of MessagePack, one frame.

use serde::{Serialize, de::DeserializeOwned};

use crate::limits::{FRAME_HEADER, MAX_DEPTH};

/// Why a frame could not be written: a fault of the program that made it.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// Its body is over the limit.
    #[error("a frame of {size} bytes is over the limit of {limit}")]
    Oversized {
        /// Bytes of the body.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// It holds something that MessagePack cannot.
    #[error("writing a frame: {0}")]
    Write(#[from] rmp_serde::encode::Error),
}

/// Why bytes are no frame: a fault of the other side. The connection is of no more use.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The length in front is over the limit; nothing was read behind it.
    #[error("a frame of {size} bytes is over the limit of {limit}")]
    Oversized {
        /// Bytes announced.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The body is no MessagePack, or none of our messages.
    #[error("reading a frame: {0}")]
    Malformed(String),
    /// The message ends before the frame does.
    #[error("reading a frame: {0} bytes behind its message")]
    Trailing(usize),
}

/// Characters of foreign text in a [`DecodeError`]: a log line, not a frame.
const MAX_CAUSE: usize = 160;

impl From<rmp_serde::decode::Error> for DecodeError {
    fn from(cause: rmp_serde::decode::Error) -> Self {
        let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
        Self::Malformed(cause.to_string().chars().map(shown).take(MAX_CAUSE).collect())
    }
}

/// Appends a frame to `out`. On an error `out` is as it was.
///
/// # Errors
/// [`EncodeError`] if the body is over `limit` bytes or cannot be written.
pub fn encode_into<F: Serialize>(frame: &F, limit: usize, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let start = out.len();
    let result = write(frame, limit, start, out);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

/// Writes header and body behind `start`.
fn write<F: Serialize>(frame: &F, limit: usize, start: usize, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    out.extend_from_slice(&[0; FRAME_HEADER]);
    rmp_serde::encode::write_named(out, frame)?;
    let size = out.len() - start - FRAME_HEADER;
    let header = u32::try_from(size).ok().filter(|_| size <= limit).ok_or(EncodeError::Oversized { size, limit })?;
    if let Some(place) = out.get_mut(start..start + FRAME_HEADER) {
        place.copy_from_slice(&header.to_be_bytes());
    }
    Ok(())
}

/// One frame as bytes.
///
/// # Errors
/// As [`encode_into`].
pub fn encode<F: Serialize>(frame: &F, limit: usize) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    encode_into(frame, limit, &mut out)?;
    Ok(out)
}

/// Reads a frame's body: exactly one message, nothing behind it, maps and lists nested at most
/// [`crate::limits::MAX_DEPTH`] deep.
///
/// # Errors
/// [`DecodeError::Malformed`] or [`DecodeError::Trailing`].
pub fn decode<F: DeserializeOwned>(body: &[u8]) -> Result<F, DecodeError> {
    let mut rest = body;
    let mut reader = rmp_serde::Deserializer::new(&mut rest);
    reader.set_max_depth(MAX_DEPTH);
    let frame = F::deserialize(&mut reader)?;
    if rest.is_empty() { Ok(frame) } else { Err(DecodeError::Trailing(rest.len())) }
}

/// Cuts a stream of bytes into frames. Holds at most one unfinished frame beyond what was fed at once, and no
/// memory while it is empty.
#[derive(Debug)]
pub struct FrameReader {
    buffer: Vec<u8>,
    /// Where the first unread byte stands.
    start: usize,
    limit: usize,
}

impl FrameReader {
    /// Reads frames with bodies of at most `limit` bytes.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), start: 0, limit }
    }

    /// Sets the limit for the frames that follow: the login is over.
    pub const fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Takes bytes as they came.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, or `None` until more bytes are fed.
    ///
    /// # Errors
    /// [`DecodeError`]; nothing that follows can be read.
    pub fn next_frame<F: DeserializeOwned>(&mut self) -> Result<Option<F>, DecodeError> {
        let unread = self.buffer.get(self.start..).unwrap_or_default();
        let Some((header, rest)) = unread.split_first_chunk::<FRAME_HEADER>() else {
            self.compact();
            return Ok(None);
        };
        let size = u32::from_be_bytes(*header) as usize;
        if size > self.limit {
            return Err(DecodeError::Oversized { size, limit: self.limit });
        }
        let Some(body) = rest.get(..size) else {
            self.compact();
            return Ok(None);
        };
        let frame = decode(body)?;
        self.start += FRAME_HEADER + size;
        Ok(Some(frame))
    }

    /// Whether a frame has begun and not ended.
    #[must_use]
    pub fn is_mid_frame(&self) -> bool {
        self.start < self.buffer.len()
    }

    /// Bytes of memory held.
    #[must_use]
    pub const fn memory(&self) -> usize {
        self.buffer.capacity()
    }

    /// Gives back what was read; an empty reader holds no memory.
    fn compact(&mut self) {
        if self.start > 0 {
            self.buffer = self.buffer.split_off(self.start);
            self.start = 0;
        }
    }
}
