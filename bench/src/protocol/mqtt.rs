//! MQTT 3.1.1: user N listens on `u/N`, everyone on `all`.

use super::{Learned, Role, Session};

/// How surely a message arrives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Qos {
    AtMostOnce = 0,
    AtLeastOnce = 1,
}

pub(super) struct Mqtt {
    id: u32,
    role: Role,
    qos: Qos,
    last_packet: u16,
}

/// Kinds of packets, in the upper half of their first byte.
const CONNECT: u8 = 1;
const CONNACK: u8 = 2;
const PUBLISH: u8 = 3;
const PUBACK: u8 = 4;
const SUBSCRIBE: u8 = 8;
const SUBACK: u8 = 9;

/// Appends a packet: its first byte, its length in groups of seven bits, its body.
fn write_packet(first: u8, body: &[u8], out: &mut Vec<u8>) {
    out.push(first);
    let mut length = body.len();
    while length >= 0x80 {
        out.push(u8::try_from(length & 0x7f).unwrap_or_default() | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap_or_default());
    out.extend_from_slice(body);
}

fn write_string(string: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&u16::try_from(string.len()).unwrap_or_default().to_be_bytes());
    out.extend_from_slice(string);
}

/// The first whole packet: its first byte, its body, and what is behind it.
fn split_packet(data: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&first, mut rest) = data.split_first()?;
    let mut length = 0;
    for shift in [0, 7, 14, 21] {
        let (&group, behind) = rest.split_first()?;
        rest = behind;
        length |= usize::from(group & 0x7f) << shift;
        if group & 0x80 == 0 {
            break;
        }
    }
    let (body, rest) = rest.split_at_checked(length)?;
    Some((first, body, rest))
}

impl Mqtt {
    pub(super) fn new(id: u32, role: Role, qos: Qos) -> Self {
        Self { id, role, qos, last_packet: 0 }
    }

    fn subscribe(&self, out: &mut Vec<u8>) {
        let mut body = vec![0, 1];
        write_string(format!("u/{}", self.id).as_bytes(), &mut body);
        body.push(self.qos as u8);
        if self.role == Role::Hearer {
            write_string(b"all", &mut body);
            body.push(self.qos as u8);
        }
        write_packet(SUBSCRIBE << 4 | 2, &body, out);
    }

    fn publish(&mut self, topic: &str, payload: &[u8], out: &mut Vec<u8>) {
        let mut body = Vec::with_capacity(4 + topic.len() + payload.len());
        write_string(topic.as_bytes(), &mut body);
        if self.qos == Qos::AtLeastOnce {
            self.last_packet = self.last_packet.wrapping_add(1).max(1);
            body.extend_from_slice(&self.last_packet.to_be_bytes());
        }
        body.extend_from_slice(payload);
        write_packet(PUBLISH << 4 | (self.qos as u8) << 1, &body, out);
    }

    fn packet(&mut self, first: u8, body: &[u8], out: &mut Vec<u8>, learned: &mut Learned) {
        match first >> 4 {
            CONNACK if body.get(1) == Some(&0) => self.subscribe(out),
            CONNACK => learned.fatal = Some(format!("refused: {body:?}")),
            SUBACK => learned.ready = true,
            PUBACK => learned.acknowledged += 1,
            PUBLISH => arrived(first, body, out, learned).unwrap_or_default(),
            _ => {}
        }
    }
}

/// Notes a message and acknowledges it.
fn arrived(first: u8, body: &[u8], out: &mut Vec<u8>, learned: &mut Learned) -> Option<()> {
    let (topic, rest) = body.split_first_chunk::<2>()?;
    let mut rest = rest.get(usize::from(u16::from_be_bytes(*topic))..)?;
    if first >> 1 & 3 > 0 {
        let (packet, behind) = rest.split_first_chunk::<2>()?;
        write_packet(PUBACK << 4, packet, out);
        rest = behind;
    }
    learned.arrived(rest);
    Some(())
}

impl Session for Mqtt {
    fn start(&mut self, out: &mut Vec<u8>) {
        const CLEAN_SESSION: u8 = 2;
        let flags = if self.role == Role::Traveller { 0 } else { CLEAN_SESSION };
        let mut body = Vec::new();
        write_string(b"MQTT", &mut body);
        body.extend_from_slice(&[4, flags, 0, 0]);
        write_string(format!("c{}", self.id).as_bytes(), &mut body);
        write_packet(CONNECT << 4, &body, out);
    }

    fn feed(&mut self, data: &[u8], out: &mut Vec<u8>, learned: &mut Learned) -> usize {
        let mut rest = data;
        while let Some((first, body, behind)) = split_packet(rest) {
            self.packet(first, body, out, learned);
            rest = behind;
        }
        data.len() - rest.len()
    }

    fn send(&mut self, to: u32, body: &[u8], out: &mut Vec<u8>) {
        self.publish(&format!("u/{to}"), body, out);
    }

    fn broadcast(&mut self, body: &[u8], out: &mut Vec<u8>) {
        self.publish("all", body, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_every_length_read_back_as_written() {
        for length in [0, 1, 127, 128, 16_383, 16_384, 70_000] {
            let mut out = Vec::new();
            write_packet(0x30, &vec![7; length], &mut out);
            assert_eq!(split_packet(&out), Some((0x30, vec![7; length].as_slice(), &[][..])));
            assert_eq!(split_packet(&out[..out.len() - 1]), None);
        }
    }
}
