//! Any JSON body for transformer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tests_any::any_document(bytes));
