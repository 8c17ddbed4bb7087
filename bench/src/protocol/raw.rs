//! The relay's protocol: the length of the payload, the destination, both 32 bits and big-endian, then the payload.

use super::{Learned, Session};

/// The destination that logs in; its payload is the user's number.
pub(crate) const LOGIN: u32 = 0xffff_fffe;

/// The destination that is everyone.
pub(crate) const EVERYONE: u32 = 0xffff_ffff;

/// Bytes in front of a payload.
pub(crate) const HEADER: usize = 8;

/// The first whole frame: its destination, its payload, and what is behind it.
pub(crate) fn split_frame(data: &[u8]) -> Option<(u32, &[u8], &[u8])> {
    let (length, rest) = data.split_first_chunk::<4>()?;
    let (to, rest) = rest.split_first_chunk::<4>()?;
    let (payload, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some((u32::from_be_bytes(*to), payload, rest))
}

/// Appends a frame.
pub(crate) fn write_frame(to: u32, payload: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(&to.to_be_bytes());
    out.extend_from_slice(payload);
}

pub(super) struct Raw {
    id: u32,
}

impl Raw {
    pub(super) fn new(id: u32) -> Self {
        Self { id }
    }
}

impl Session for Raw {
    fn start(&mut self, out: &mut Vec<u8>) {
        write_frame(LOGIN, &self.id.to_be_bytes(), out);
    }

    fn feed(&mut self, data: &[u8], _: &mut Vec<u8>, learned: &mut Learned) -> usize {
        let mut rest = data;
        while let Some((to, payload, behind)) = split_frame(rest) {
            if to == LOGIN {
                learned.ready = true;
            } else {
                learned.arrived(payload);
            }
            rest = behind;
        }
        data.len() - rest.len()
    }

    fn send(&mut self, to: u32, body: &[u8], out: &mut Vec<u8>) {
        write_frame(to, body, out);
    }

    fn broadcast(&mut self, body: &[u8], out: &mut Vec<u8>) {
        write_frame(EVERYONE, body, out);
    }
}
