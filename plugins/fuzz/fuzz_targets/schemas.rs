//! Any schema and any value for request-validation.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tests_any::any_schema(bytes));
