//! Any body for access-log, and what it logs of it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tests_any::any_logged_body(bytes));
