//! MessagePack as text, for people: maps and lists as in JSON, bytes as `h'…'`.

use rmpv::Value;

/// A frame's body as text.
pub(crate) fn of(mut body: &[u8]) -> String {
    let value = rmpv::decode::read_value(&mut body).unwrap();
    assert!(body.is_empty());
    write(&value)
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
        Value::Binary(bytes) => format!("h'{}'", data_encoding::HEXLOWER.encode(bytes)),
        Value::Array(values) => format!("[{}]", list(values.iter().map(write).collect())),
        Value::Map(entries) => {
            format!("{{{}}}", list(entries.iter().map(|(k, v)| format!("{}: {}", write(k), write(v))).collect()))
        }
        Value::Ext(kind, bytes) => format!("ext({kind}, h'{}')", data_encoding::HEXLOWER.encode(bytes)),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
