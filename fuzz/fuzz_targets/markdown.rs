//! The window's Markdown is taken in by its files: it needs nothing of the window.
#![no_main]
#![allow(dead_code, reason = "the window uses all of it")]

#[path = "../../app/src/timeline/fuzzing.rs"]
mod fuzzing;
#[path = "../../app/src/timeline/links.rs"]
mod links;
#[path = "../../app/src/timeline/markdown.rs"]
mod markdown;
#[path = "../../app/src/timeline/marks.rs"]
mod marks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::markdown(bytes));
