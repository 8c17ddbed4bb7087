//! The body of a frame: what is skipped, what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(clippy::wildcard_enum_match_arm, reason = "a change to one kind of value leaves the others")]

mod samples;

use rmpv::Value;
use samples::{Message, messages};
use whoelse_proto::codec::{DecodeError, decode};
use whoelse_proto::limits::{FRAME_HEADER, MAX_DEPTH, MAX_FEATURES};
use whoelse_proto::{Agent, ClientFrame, Command, Seq, ServerFrame};

/// Bytes of a value.
fn pack(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    rmpv::encode::write_value(&mut out, value).unwrap();
    out
}

fn unpack(mut body: &[u8]) -> Value {
    rmpv::decode::read_value(&mut body).unwrap()
}

/// A map of string keys.
fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

/// `value` after each single change that `change` makes to it or to something in it.
fn changed(value: &Value, change: &impl Fn(&Value) -> Vec<Value>) -> Vec<Value> {
    let mut out = change(value);
    match value {
        Value::Map(entries) => {
            for (at, (key, held)) in entries.iter().enumerate() {
                for held in changed(held, change) {
                    let mut entries = entries.clone();
                    entries[at] = (key.clone(), held);
                    out.push(Value::Map(entries));
                }
            }
        }
        Value::Array(values) => {
            for (at, held) in values.iter().enumerate() {
                for held in changed(held, change) {
                    let mut values = values.clone();
                    values[at] = held;
                    out.push(Value::Array(values));
                }
            }
        }
        _ => {}
    }
    out
}

/// Asserts what becomes of every message after each single change that `change` makes to something in it.
fn assert_each(
    change: &impl Fn(&Value) -> Vec<Value>,
    right: &impl Fn(&Result<Message, DecodeError>, &Message) -> bool,
) {
    for (name, message) in messages() {
        for value in changed(&unpack(&message.encode()[FRAME_HEADER..]), change) {
            let result = message.decode_same_side(&pack(&value));
            assert!(right(&result, &message), "{name} as {value}: {result:?}");
        }
    }
}

fn is_malformed<T>(result: &Result<T, DecodeError>) -> bool {
    matches!(result, Err(DecodeError::Malformed(_)))
}

/// A value of each kind, its length in each format.
fn every_kind() -> Vec<Value> {
    let numbers = [0, -1, 200, -200, 70_000, -70_000, i64::MAX, i64::MIN].map(Value::from);
    let lengths = [0, 40, 300];
    let strings = lengths.map(|length| Value::from("y".repeat(length)));
    let bytes = lengths.map(|length| Value::Binary(vec![0; length]));
    let lists = lengths.map(|length| Value::Array(vec![Value::Nil; length]));
    let maps = lengths.map(|length| Value::Map(vec![(Value::from(1), Value::Nil); length]));
    let extensions = [1, 2, 4, 8, 16, 17, 300].map(|length| Value::Ext(-3, vec![0; length]));
    let rest = [Value::Nil, Value::from(true), Value::F32(0.5), Value::F64(0.5)];
    rest.into_iter().chain(numbers).chain(strings).chain(bytes).chain(lists).chain(maps).chain(extensions).collect()
}

#[test]
fn an_unknown_field_of_any_kind_is_skipped() {
    let kinds = every_kind();
    let with_field = |fields: &[(Value, Value)], value: &Value| {
        let mut fields = fields.to_vec();
        fields.insert(fields.len() / 2, ("from_the_future".into(), value.clone()));
        Value::Map(fields)
    };
    // A map of one may be the name of a variant and what it holds: the next test's.
    let change = |value: &Value| match value {
        Value::Map(fields) if fields.len() != 1 => kinds.iter().map(|kind| with_field(fields, kind)).collect(),
        _ => vec![],
    };
    assert_each(&change, &|result, message| result.as_ref().is_ok_and(|read| read == message));
}

#[test]
fn an_unknown_field_as_long_as_a_frame_is_skipped() {
    const LENGTH: usize = 70_000;
    let list = vec![Value::Nil; LENGTH];
    let fields = vec![(Value::from(1), Value::Nil); LENGTH];
    for long in [
        Value::from("y".repeat(LENGTH)),
        Value::Binary(vec![0; LENGTH]),
        Value::Ext(1, vec![0; LENGTH]),
        Value::Array(list),
        Value::Map(fields),
    ] {
        assert_eq!(decode::<ClientFrame>(&ping_with(&pack(&long))).unwrap(), ClientFrame::Ping {});
    }
}

#[test]
fn an_unknown_field_beside_an_only_one_is_skipped_and_beside_a_variant_refused() {
    let change = |value: &Value| match value {
        Value::Map(fields) if fields.len() == 1 => {
            vec![Value::Map([fields.as_slice(), &[("from_the_future".into(), Value::Nil)]].concat())]
        }
        _ => vec![],
    };
    assert_each(&change, &|result, message| is_malformed(result) || result.as_ref().is_ok_and(|read| read == message));
    let ack = map(vec![("ack", map(vec![("from_the_future", 1.into()), ("up_to", 7.into())]))]);
    assert_eq!(decode::<ClientFrame>(&pack(&ack)).unwrap(), ClientFrame::Ack { up_to: Seq::new(7) });
    let two = map(vec![("ping", map(vec![])), ("pong", map(vec![]))]);
    assert!(is_malformed(&decode::<ClientFrame>(&pack(&two))));
}

#[test]
fn a_missing_field_is_refused_unless_it_is_optional() {
    let is_optional = |fields: &[(Value, Value)], key: &str| {
        let is_span = fields.len() == 2 && fields[0].0.as_str() == Some("from");
        let always = [
            "features",
            "reply_to",
            "more",
            "skipped",
            "sessions",
            "earlier",
            "last_seen",
            "any_of",
            "pass",
            "take_over",
            "new_password",
            "missed",
            "why",
            "looks_like",
            "reserved",
            "invite",
            "lost",
        ]
        .contains(&key);
        let is_relay = fields.len() > 1 && key == "relay";
        // The wait of a closed registration, which is 600 in the samples, is optional; that of a lock is not.
        let is_wait = key == "retry_after" && fields[0].1.as_u64() == Some(600);
        // Which names a search means is a word; the names of users are a list, and never lacks.
        let is_naming =
            key == "names" && fields.iter().any(|(name, value)| name.as_str() == Some(key) && value.is_str());
        always || is_naming || is_relay || is_wait || is_span && key == "to"
    };
    let without = |optional: bool| {
        move |value: &Value| {
            let Value::Map(fields) = value else { return vec![] };
            let gone = (0..fields.len()).filter(|&at| is_optional(fields, fields[at].0.as_str().unwrap()) == optional);
            let rest = |at| fields.iter().enumerate().filter(move |(i, _)| *i != at).map(|(_, field)| field.clone());
            gone.map(|at| Value::Map(rest(at).collect())).collect()
        }
    };
    assert_each(&without(true), &|result, _| result.is_ok());
    assert_each(&without(false), &|result, _| is_malformed(result));
}

#[test]
fn a_number_may_be_written_wider_than_it_needs_and_not_larger_than_its_field() {
    let ack = |number: &[u8]| [b"\x81\xa3ack\x81\xa5up_to".as_slice(), number].concat();
    for number in [
        &[7][..],
        &[0xcc, 7],
        &[0xcd, 0, 7],
        &[0xce, 0, 0, 0, 7],
        &[0xcf, 0, 0, 0, 0, 0, 0, 0, 7],
        &[0xd0, 7],
        &[0xd1, 0, 7],
        &[0xd2, 0, 0, 0, 7],
        &[0xd3, 0, 0, 0, 0, 0, 0, 0, 7],
    ] {
        assert_eq!(decode::<ClientFrame>(&ack(number)).unwrap(), ClientFrame::Ack { up_to: Seq::new(7) });
    }
    assert!(is_malformed(&decode::<ClientFrame>(&ack(&[0xff]))), "negative");

    let id = |number: u64| {
        map(vec![("request", map(vec![("id", number.into()), ("command", map(vec![("stay", map(vec![]))]))]))])
    };
    assert!(decode::<ClientFrame>(&pack(&id(u32::MAX.into()))).is_ok());
    assert!(is_malformed(&decode::<ClientFrame>(&pack(&id(1 << 32)))), "over 32 bits");
}

#[test]
fn an_unknown_variant_is_refused() {
    let renamed = |value: &Value| match value {
        Value::Map(fields) if fields.len() == 1 => vec![Value::Map(vec![("teleport".into(), fields[0].1.clone())])],
        _ => vec![],
    };
    assert_each(&renamed, &|result, message| {
        // A map of one optional field is one without it.
        is_malformed(result) || result.as_ref().is_ok_and(|read| read != message)
    });
    assert!(is_malformed(&decode::<ServerFrame>(&pack(&map(vec![(
        "session_ended",
        map(vec![("reason", "boredom".into())])
    )])))));
}

#[test]
fn a_field_that_comes_twice_is_refused() {
    let twice = |value: &Value| match value {
        Value::Map(fields) => {
            fields.iter().map(|field| Value::Map([fields.as_slice(), std::slice::from_ref(field)].concat())).collect()
        }
        _ => vec![],
    };
    assert_each(&twice, &|result, _| is_malformed(result));
}

#[test]
fn an_absent_value_may_be_written_as_nil() {
    let nil = map(vec![(
        "send",
        map(vec![
            ("id", Value::Binary(vec![7; 16])),
            ("to", map(vec![("user", "luke".into())])),
            ("content", map(vec![("text", map(vec![("text", "hi".into()), ("reply_to", Value::Nil)]))])),
        ]),
    )]);
    let command: Command = decode(&pack(&nil)).unwrap();
    assert!(matches!(command, Command::Send { content: whoelse_proto::Content::Text { reply_to: None, .. }, .. }));
}

#[test]
fn strings_that_are_not_utf_8_are_refused() {
    let broken = unpack(&[0xa2, 0xc3, 0x28]);
    let change = |value: &Value| if value.is_str() { vec![broken.clone()] } else { vec![] };
    assert_each(&change, &|result, _| is_malformed(result));
}

/// `count` lists in one another.
fn nested(count: usize) -> Vec<u8> {
    let mut bytes = vec![0x91; count - 1];
    bytes.push(0x90);
    bytes
}

/// A ping with an unknown field that holds this.
fn ping_with(value: &[u8]) -> Vec<u8> {
    [b"\x81\xa4ping\x81\xa1x".as_slice(), value].concat()
}

#[test]
fn sixteen_levels_are_read_and_seventeen_refused() {
    // The frame's map and the map of its fields are the first two.
    assert_eq!(decode::<ClientFrame>(&ping_with(&nested(MAX_DEPTH - 2))).unwrap(), ClientFrame::Ping {});
    assert!(is_malformed(&decode::<ClientFrame>(&ping_with(&nested(MAX_DEPTH - 1)))));
    assert!(is_malformed(&decode::<ClientFrame>(&nested(MAX_DEPTH + 1))));
}

#[test]
fn a_hundred_thousand_levels_do_no_harm() {
    for body in [nested(100_000), ping_with(&nested(100_000)), [0x81, 0xa1, b'x'].repeat(100_000)] {
        assert!(is_malformed(&decode::<ClientFrame>(&body)));
    }
}

#[test]
fn version_1_is_far_from_the_deepest_that_may_be() {
    fn depth(value: &Value) -> usize {
        match value {
            Value::Map(fields) => 1 + fields.iter().map(|(_, held)| depth(held)).max().unwrap_or(0),
            Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
    let deepest = messages().iter().map(|(_, message)| depth(&unpack(&message.encode()[FRAME_HEADER..]))).max();
    assert_eq!(deepest, Some(8));
}

#[test]
fn a_length_that_nothing_follows_is_refused() {
    let field = |value: &[u8]| [b"\x81\xa5hello\x83\xa8features".as_slice(), value].concat();
    for head in [
        [0xdb, 0xff, 0xff, 0xff, 0xff],
        [0xc6, 0xff, 0xff, 0xff, 0xff],
        [0xdd, 0xff, 0xff, 0xff, 0xff],
        [0xdf, 0xff, 0xff, 0xff, 0xff],
        [0xc9, 0xff, 0xff, 0xff, 0xff],
    ] {
        assert!(is_malformed(&decode::<ClientFrame>(&field(&head))));
        assert!(is_malformed(&decode::<ClientFrame>(&ping_with(&head))));
        assert!(is_malformed(&decode::<ClientFrame>(&head)));
    }
}

#[test]
fn a_hello_names_no_more_features_than_allowed() {
    let hello = |count: usize| {
        let versions = map(vec![("min", 1.into()), ("max", 1.into())]);
        let features = Value::Array(vec!["edit".into(); count]);
        pack(&map(vec![("hello", map(vec![("versions", versions), ("agent", "x".into()), ("features", features)]))]))
    };
    assert!(decode::<ClientFrame>(&hello(MAX_FEATURES)).is_ok());
    assert!(is_malformed(&decode::<ClientFrame>(&hello(MAX_FEATURES + 1))));
}

#[test]
fn a_long_or_dirty_agent_is_cut_and_cleaned() {
    let agent = format!("probe\u{1b}[31m{}", "x".repeat(100));
    let versions = map(vec![("min", 1.into()), ("max", 1.into())]);
    let body = pack(&map(vec![("hello", map(vec![("versions", versions), ("agent", agent.as_str().into())]))]));
    let ClientFrame::Hello { agent: read, .. } = decode(&body).unwrap() else { panic!("no hello") };
    assert_eq!(read, Agent::new(&agent));
    assert_eq!(read.as_str().len(), 64);
}

#[test]
fn the_cause_of_a_refusal_shows_little_of_what_came() {
    let body = pack(&map(vec![(&"\u{7}long".repeat(10_000), Value::Nil)]));
    let Err(error) = decode::<ClientFrame>(&body) else { panic!("read") };
    let cause = error.to_string();
    assert!(cause.len() < 1000 && !cause.contains('\u{7}'), "{cause}");
}
