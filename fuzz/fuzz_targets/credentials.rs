#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| whoelse_server::fuzzing::credentials(bytes));
