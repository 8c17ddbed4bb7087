//! A line of a program with any content (`crate::fuzzing`).

use std::str::from_utf8;

use super::order::{Order, is_object};
use crate::fuzzing::MAX_SAID;

/// A line that is meant as an object: a command, or why it is none.
///
/// # Panics
/// If not.
pub fn json_input(bytes: &[u8]) {
    let Ok(line) = from_utf8(bytes) else { return };
    let order = Order::read(line);
    if order.reference.is_some() {
        assert!(is_object(line), "a name for an answer comes from an object");
    }
    if let Err(failure) = order.command {
        assert!(matches!(failure.code, "invalid" | "too_long"), "{}", failure.code);
        assert!(failure.text.len() <= MAX_SAID, "{}", failure.text);
    }
}
