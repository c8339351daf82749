//! Any message for any plugin, with its example changed in one place.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tests_any::any_exchange(bytes));
