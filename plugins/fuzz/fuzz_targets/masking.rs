//! Where the pieces of a large body part makes no difference to data-masking.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tests_any::pieces_make_no_difference(bytes));
