//! NATS core: user N listens on `u.N`, everyone on `all`.

use super::{Barrier, Learned, Role, Session, split_line};

pub(super) struct Nats {
    id: u32,
    role: Role,
}

impl Nats {
    pub(super) fn new(id: u32, role: Role) -> Self {
        Self { id, role }
    }
}

/// The payload that "MSG subject sid LENGTH" announces, and what is behind it.
fn split_payload<'a>(announcement: &[u8], data: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let length = announcement.rsplit(|&byte| byte == b' ').next()?;
    let length: usize = std::str::from_utf8(length).ok()?.parse().ok()?;
    let (payload, rest) = data.split_at_checked(length)?;
    Some((payload, rest.strip_prefix(b"\r\n")?))
}

impl Session for Nats {
    fn start(&mut self, out: &mut Vec<u8>) {
        let hello = format!("CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB u.{} 1\r\n", self.id);
        out.extend_from_slice(hello.as_bytes());
        if self.role == Role::Hearer {
            out.extend_from_slice(b"SUB all 2\r\n");
        }
        out.extend_from_slice(b"PING\r\n");
    }

    fn feed(&mut self, data: &[u8], out: &mut Vec<u8>, learned: &mut Learned) -> usize {
        let mut rest = data;
        while let Some((line, behind)) = split_line(rest) {
            if line.starts_with(b"MSG ") {
                let Some((payload, behind)) = split_payload(line, behind) else { break };
                learned.arrived(payload);
                rest = behind;
                continue;
            }
            if line.starts_with(b"PING") {
                out.extend_from_slice(b"PONG\r\n");
            } else if line.starts_with(b"PONG") {
                learned.ready = true;
                learned.acknowledged += 1;
            } else if line.starts_with(b"-ERR") {
                learned.fatal = Some(String::from_utf8_lossy(line).into());
            }
            rest = behind;
        }
        data.len() - rest.len()
    }

    fn send(&mut self, to: u32, body: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(&[format!("PUB u.{to} {}\r\n", body.len()).as_bytes(), body, b"\r\n"].concat());
    }

    fn broadcast(&mut self, body: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(&[format!("PUB all {}\r\n", body.len()).as_bytes(), body, b"\r\n"].concat());
    }

    fn barrier(&mut self, out: &mut Vec<u8>) -> Barrier {
        out.extend_from_slice(b"PING\r\n");
        Barrier::Written
    }
}
