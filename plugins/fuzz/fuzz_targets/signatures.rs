//! A changed signed request for hmac-auth.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tests_any::any_signature(bytes));
