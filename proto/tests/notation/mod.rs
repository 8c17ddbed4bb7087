//! MessagePack as text, for people: maps and lists as in JSON, bytes as `h'…'`.
#![allow(dead_code, reason = "each test uses some of it")]
#![allow(clippy::wildcard_enum_match_arm, reason = "of a foreign enum, some kinds hold others")]

use std::fmt::Write;

use data_encoding::HEXLOWER;
use rmpv::Value;

/// A frame's body as text.
pub(crate) fn of(body: &[u8]) -> String {
    write(&value(body))
}

/// A frame as lines of its bytes, each with what it says behind it.
pub(crate) fn annotate(frame: &[u8]) -> String {
    let (header, body) = frame.split_at(4);
    let mut lines = Lines(String::new());
    lines.line(0, header, &format!("length: {}", body.len()));
    lines.value(0, &[], "", &value(body));
    let written: String =
        lines.0.lines().flat_map(|line| line.chars().take(HEX_COLUMNS)).filter(|c| *c != ' ').collect();
    assert_eq!(written, HEXLOWER.encode(frame), "what is shown is the frame");
    lines.0
}

/// Where the text stands in an annotated line.
const HEX_COLUMNS: usize = 68;

/// Bytes of a long string or byte list in one line.
const LONG: usize = 24;

struct Lines(String);

impl Lines {
    fn line(&mut self, depth: usize, bytes: &[u8], text: &str) {
        let indent = "  ".repeat(depth);
        let hex = format!("{indent}{}", HEXLOWER.encode(bytes));
        let line = format!("{hex:HEX_COLUMNS$}{indent}{text}");
        writeln!(self.0, "{}", line.trim_end()).unwrap();
    }

    /// A value behind its key.
    fn value(&mut self, depth: usize, key: &[u8], label: &str, value: &Value) {
        let (head, rest, text): (_, &[u8], _) = match value {
            Value::Map(entries) => (head_of(value), &[], format!("map of {}", entries.len())),
            Value::Array(values) => (head_of(value), &[], format!("list of {}", values.len())),
            Value::Binary(bytes) if bytes.len() > LONG => (head_of(value), bytes, format!("{} bytes", bytes.len())),
            Value::Binary(bytes) => (pack(value), &[], format!("{} bytes", bytes.len())),
            Value::String(text) if text.as_bytes().len() > LONG => (head_of(value), text.as_bytes(), write(value)),
            _ => (pack(value), &[], write(value)),
        };
        self.line(depth, &[key, &head].concat(), &format!("{label}{text}"));
        for chunk in rest.chunks(LONG) {
            self.line(depth + 1, chunk, "");
        }
        match value {
            Value::Map(entries) => {
                for (key, value) in entries {
                    self.value(depth + 1, &pack(key), &format!("{}: ", write(key)), value);
                }
            }
            Value::Array(values) => {
                for value in values {
                    self.value(depth + 1, &[], "", value);
                }
            }
            _ => {}
        }
    }
}

/// The bytes in front of what a value holds.
fn head_of(value: &Value) -> Vec<u8> {
    let mut head = Vec::new();
    let length = |length: usize| u32::try_from(length).unwrap();
    match value {
        Value::Map(entries) => drop(rmp::encode::write_map_len(&mut head, length(entries.len())).unwrap()),
        Value::Array(values) => drop(rmp::encode::write_array_len(&mut head, length(values.len())).unwrap()),
        Value::Binary(bytes) => drop(rmp::encode::write_bin_len(&mut head, length(bytes.len())).unwrap()),
        Value::String(text) => drop(rmp::encode::write_str_len(&mut head, length(text.as_bytes().len())).unwrap()),
        _ => {}
    }
    head
}

fn value(mut body: &[u8]) -> Value {
    let value = rmpv::decode::read_value(&mut body).unwrap();
    assert!(body.is_empty());
    value
}

fn pack(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    rmpv::encode::write_value(&mut out, value).unwrap();
    out
}

fn write(value: &Value) -> String {
    let list = |values: Vec<String>| values.join(", ");
    match value {
        Value::Nil => "nil".into(),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::F32(value) => value.to_string(),
        Value::F64(value) => value.to_string(),
        Value::String(value) => quoted(value.as_str().unwrap()),
        Value::Binary(bytes) => format!("h'{}'", HEXLOWER.encode(bytes)),
        Value::Array(values) => format!("[{}]", list(values.iter().map(write).collect())),
        Value::Map(entries) => {
            format!("{{{}}}", list(entries.iter().map(|(k, v)| format!("{}: {}", write(k), write(v))).collect()))
        }
        Value::Ext(kind, bytes) => format!("ext({kind}, h'{}')", HEXLOWER.encode(bytes)),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
