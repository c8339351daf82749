//! Manifests and indices of images.
#![no_main]

use libfuzzer_sys::fuzz_target;
use marketplace_registry::manifest;

fuzz_target!(|bytes: &[u8]| {
    for kind in [manifest::OCI, manifest::DOCKER, manifest::INDEX, manifest::LIST, ""] {
        let _ = manifest::read(bytes, kind);
    }
});
