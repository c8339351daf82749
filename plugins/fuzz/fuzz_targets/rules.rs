//! Any text for what plugins share: queries, cookies, addresses, patterns.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tests_any::any_text(bytes));
