#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| marketplace_sandbox::fuzzing::foreign_argument(bytes));
