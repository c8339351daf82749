//! Tar and gzip, nested as they come.
#![no_main]

use libfuzzer_sys::fuzz_target;
use marketplace_registry::{Limits, unpack};

const LIMITS: Limits = Limits { download: 1 << 20, unpacked: 1 << 20, module: 1 << 19 };

fuzz_target!(|bytes: &[u8]| {
    for module in [unpack::layer(bytes, LIMITS), unpack::file(bytes.to_vec(), LIMITS)].into_iter().flatten() {
        assert!(module.len() <= LIMITS.module && module.starts_with(b"\0asm"));
    }
});
