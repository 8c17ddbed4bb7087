//! `docs/PROTOCOL.md` names every limit with its value and every word that goes over the wire.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod samples;

use std::collections::BTreeSet;

use rmpv::Value;
use whoelse_proto::limits;

const DOCUMENT: &str = include_str!("../../docs/PROTOCOL.md");
const LIMITS: &str = include_str!("../src/limits.rs");

macro_rules! limits {
    ($($name:ident)*) => { vec![$((stringify!($name), limits::$name.to_string())),*] };
}

/// Every constant of `limits.rs`.
fn limits() -> Vec<(&'static str, String)> {
    limits! {
        MAX_FRAME_BEFORE_LOGIN MAX_FRAME FRAME_HEADER MAX_DEPTH MAX_TEXT_BYTES MAX_NAME_BYTES MAX_PASSWORD_BYTES
        MAX_AGENT_BYTES MAX_FEATURES MAX_LOOKUP_IDS MAX_OPEN_REQUESTS MAX_UNACKNOWLEDGED MAX_LOGIN_TRIES
        MAX_OPEN_LOGINS_PER_NAME LOGIN_DEADLINE_S SIGN_OF_LIFE_S LOST_GRACE_S PING_AFTER_S LINE_DEAD_AFTER_S
        MAX_SPANS_PER_USER MEMORY_DAYS PRESENCE_DELAY_MIN_MS PRESENCE_DELAY_MAX_MS INACTIVITY_WARNING_S MAX_ADDRESSES PRIVATE_REQUEST_S
        MAX_PRIVATE_REQUESTS MAX_PRIVATE_SESSIONS MAX_FILE_NAME_BYTES MAX_FILE_BYTES MAX_CHUNKS PIECE_BYTES
        MAX_FILES_PER_USER MAX_FOUND_FILES
    }
}

#[test]
fn the_document_lists_every_limit_with_its_value() {
    for (name, value) in limits() {
        let row = format!("| `{name}` | {value} |");
        assert!(DOCUMENT.contains(&row), "no row {row}");
    }
}

#[test]
fn this_test_knows_every_limit() {
    let declared: BTreeSet<_> =
        LIMITS.lines().filter_map(|line| line.strip_prefix("pub const ")?.split(':').next()).collect();
    assert_eq!(declared, limits().iter().map(|(name, _)| *name).collect());
}

/// The names of fields and variants in a message.
fn keys(value: &Value, out: &mut BTreeSet<String>) {
    if let Value::Map(entries) = value {
        for (key, held) in entries {
            out.insert(key.as_str().unwrap().to_owned());
            keys(held, out);
        }
    } else if let Value::Array(values) = value {
        for value in values {
            keys(value, out);
        }
    }
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

#[test]
fn the_document_explains_every_word_on_the_wire() {
    let (before, rest) = DOCUMENT.split_once("## 12.").unwrap();
    let explained = format!("{before}{}", rest.split_once("## 13.").unwrap().1);
    let mut words: BTreeSet<_> = samples::variants::all().into_iter().map(snake_case).collect();
    for (_, message) in samples::messages() {
        let frame = message.encode();
        keys(&rmpv::decode::read_value(&mut &frame[limits::FRAME_HEADER..]).unwrap(), &mut words);
    }
    for word in words {
        // `word`, `word {…}`, `word: type`, or a field inside such.
        let forms =
            [format!("`{word}`"), format!("`{word} "), format!("`{word}:"), format!("{{{word}:"), format!(" {word}:")];
        assert!(forms.iter().any(|form| explained.contains(form)), "{word} is not explained");
    }
}

#[test]
fn the_document_names_the_fixed_strings_of_the_login() {
    let text = |bytes: &'static [u8]| std::str::from_utf8(bytes).unwrap();
    for fixed in [
        text(whoelse_proto::ALPN),
        text(whoelse_proto::opaque::SERVER_IDENTITY),
        text(whoelse_proto::opaque::EXPORTER_LABEL),
        text(whoelse_proto::opaque::CONTEXT),
    ] {
        assert!(DOCUMENT.contains(&format!("`{fixed}`")), "{fixed}");
    }
    assert_eq!(whoelse_proto::opaque::EXPORTER_LABEL.len(), 25, "as the example for OpenSSL says");
    assert_eq!(argon2::Params::DEFAULT.m_cost(), 19_456);
    assert_eq!(argon2::Params::DEFAULT.t_cost(), 2);
    assert_eq!(argon2::Params::DEFAULT.p_cost(), 1);
}
