//! Any bytes as the configuration of any plugin.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tests_any::any_configuration(bytes));
