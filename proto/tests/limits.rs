//! The largest messages fit their frames, and `docs/PROTOCOL.md` has every limit.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod samples;

use samples::messages;
use whoelse_proto::codec::{EncodeError, encode};
use whoelse_proto::limits::*;
use whoelse_proto::*;

fn longest_name() -> UserName {
    UserName::new(&"w".repeat(MAX_NAME_BYTES)).unwrap()
}

fn longest_agent() -> Agent {
    Agent::new(&"x".repeat(MAX_AGENT_BYTES))
}

fn widest_id() -> MessageId {
    MessageId::from_bytes([0xff; 16])
}

fn most_features() -> Vec<Feature> {
    vec![Feature::new(&"x".repeat(MAX_AGENT_BYTES)); MAX_FEATURES]
}

#[test]
fn the_largest_message_before_the_login_fits_its_frame() {
    let versions = VersionRange { min: u16::MAX, max: u16::MAX };
    let hello = ClientFrame::Hello { versions, agent: longest_agent(), features: most_features() };
    assert!(encode(&hello, MAX_FRAME_BEFORE_LOGIN).is_ok());
    let answer = ServerFrame::Hello {
        version: u16::MAX,
        agent: longest_agent(),
        title: longest_agent(),
        registration: Registration::Closed,
        features: most_features(),
    };
    assert!(encode(&answer, MAX_FRAME_BEFORE_LOGIN).is_ok());
    for (name, message) in messages() {
        let is_login = ["login", "register", "resume", "welcome", "fault", "ping", "pong"];
        if is_login.iter().any(|kind| name.contains(kind)) {
            let frame = message.encode();
            assert!(frame.len() < 1024 + FRAME_HEADER, "{name}: {} bytes", frame.len());
        }
    }
}

#[test]
fn the_longest_text_fits_a_frame_with_the_widest_envelope() {
    let content = Content::Text { text: Text::new(&"x".repeat(MAX_TEXT_BYTES)).unwrap(), reply_to: Some(widest_id()) };
    let send = ClientFrame::Request {
        id: RequestId::new(u32::MAX),
        command: Command::Send { id: widest_id(), to: Target::User(longest_name()), content: content.clone() },
    };
    assert!(encode(&send, MAX_FRAME).is_ok());
    let deliver = ServerFrame::Deliver(Envelope {
        seq: Seq::new(u64::MAX),
        id: widest_id(),
        from: longest_name(),
        to: Target::User(longest_name()),
        content,
        sent_at: Timestamp::from_millis(u64::MAX),
        stored: true,
    });
    assert!(encode(&deliver, MAX_FRAME).is_ok());
}

#[test]
fn the_longest_lookup_and_its_answer_fit_a_frame() {
    let lookup = Command::Lookup(Lookup { ids: vec![widest_id(); MAX_LOOKUP_IDS] });
    assert!(encode(&ClientFrame::Request { id: RequestId::new(u32::MAX), command: lookup }, MAX_FRAME).is_ok());
    let states = vec![KnownState::new(widest_id(), MessageState::Delivered); MAX_LOOKUP_IDS];
    let outcome = Outcome::Ok(Answer::States(states));
    assert!(encode(&ServerFrame::Reply { id: RequestId::new(u32::MAX), more: true, outcome }, MAX_FRAME).is_ok());
}

#[test]
fn a_frame_over_its_limit_is_not_written() {
    let frame = ClientFrame::RegisterFinish { registration_upload: vec![0; 100] };
    let size = encode(&frame, MAX_FRAME).unwrap().len() - FRAME_HEADER;
    assert!(encode(&frame, size).is_ok());
    let refused = encode(&frame, size - 1);
    assert!(matches!(refused, Err(EncodeError::Oversized { size: s, limit }) if s == size && limit == size - 1));
}

#[test]
fn a_refused_frame_leaves_no_bytes_behind() {
    let mut out = b"before".to_vec();
    assert!(codec::encode_into(&ClientFrame::Ping {}, 1, &mut out).is_err());
    assert_eq!(out, b"before");
}

#[test]
fn names_and_texts_are_read_up_to_their_limits_and_not_beyond() {
    let read = |key: &str, value: String| {
        let mut body = Vec::new();
        let block = rmpv::Value::Map(vec![(key.into(), value.into())]);
        let command = if key == "name" { "block" } else { "text" };
        rmpv::encode::write_value(&mut body, &rmpv::Value::Map(vec![(command.into(), block)])).unwrap();
        if key == "name" { codec::decode::<Command>(&body).is_ok() } else { codec::decode::<Content>(&body).is_ok() }
    };
    for (key, limit) in [("name", MAX_NAME_BYTES), ("text", MAX_TEXT_BYTES)] {
        assert!(read(key, "x".repeat(limit)), "{key} of {limit}");
        assert!(!read(key, "x".repeat(limit + 1)), "{key} of one more");
        assert!(!read(key, String::new()), "empty {key}");
        assert!(!read(key, " ".into()), "blank {key}");
    }
}
