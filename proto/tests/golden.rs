//! Every message has its bytes in `golden/messages.txt`. A new entry is a feature; a changed one is a new version of
//! the protocol.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod notation;
mod samples;

use std::collections::BTreeMap;
use std::fmt::Write;

use data_encoding::HEXLOWER;
use whoelse_proto::limits::FRAME_HEADER;

/// Entries of three lines, with an empty line between them: the name, what the body holds, the frame in hexadecimal.
const GOLDEN: &str = include_str!("golden/messages.txt");

struct Entry {
    name: &'static str,
    notation: &'static str,
    frame: Vec<u8>,
}

fn entries() -> Vec<Entry> {
    let blocks = GOLDEN.split("\n\n").filter(|block| !block.trim().is_empty() && !block.starts_with('#'));
    let parse = |block: &'static str| {
        let [name, notation, hex] = block.trim().lines().collect::<Vec<_>>().try_into().expect("three lines");
        Entry { name, notation: notation.trim(), frame: HEXLOWER.decode(hex.trim().as_bytes()).expect(name) }
    };
    blocks.map(parse).collect()
}

#[test]
fn every_message_has_its_golden_bytes_and_reads_back_from_them() {
    let entries: BTreeMap<_, _> = entries().into_iter().map(|entry| (entry.name, entry)).collect();
    let mut missing = String::new();
    for (name, message) in samples::messages() {
        let frame = message.encode();
        let body = &frame[FRAME_HEADER..];
        let Some(entry) = entries.get(name.as_str()) else {
            writeln!(missing, "{name}\n  {}\n  {}\n", notation::of(body), HEXLOWER.encode(&frame)).unwrap();
            continue;
        };
        assert_eq!(HEXLOWER.encode(&entry.frame), HEXLOWER.encode(&frame), "{name}");
        assert_eq!(message.decode_same_side(body).unwrap(), message, "{name}");
    }
    assert!(missing.is_empty(), "without golden bytes:\n\n{missing}");
}

#[test]
fn every_golden_entry_belongs_to_a_message_once() {
    let messages: BTreeMap<_, _> = samples::messages().into_iter().collect();
    let entries = entries();
    for entry in &entries {
        assert!(messages.contains_key(entry.name), "no message for {}", entry.name);
        assert_eq!(entry.notation, notation::of(&entry.frame[FRAME_HEADER..]), "{}", entry.name);
    }
    assert_eq!(entries.len(), messages.len());
    assert_eq!(messages.len(), samples::messages().len(), "two messages of one name");
}
