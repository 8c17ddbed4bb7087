#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| whoelse_client::fuzzing::offer(bytes));
