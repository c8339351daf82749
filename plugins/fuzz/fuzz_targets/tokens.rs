//! A changed token and changed keys for jwt-auth.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tests_any::any_token(bytes));
