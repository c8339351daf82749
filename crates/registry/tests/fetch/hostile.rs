//! Damaged archives and manifests: thousands of them, the same in every run. None may be more than an error, and nothing
//! larger than allowed may come out.

use marketplace_registry::{Limits, manifest, unpack};

use crate::pack::{MODULE, gzip, tar};

const LIMITS: Limits = Limits { download: 100_000, unpacked: 50_000, module: 10_000 };

/// A small generator of numbers.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }

    /// Bytes with some of them changed, cut out, doubled or put in.
    fn damaged(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 if !bytes.is_empty() => bytes[at] = self.below(256) as u8,
                1 => bytes.truncate(at),
                2 => bytes.insert(at, self.below(256) as u8),
                3 => bytes.extend_from_within(at..),
                _ if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                _ => {}
            }
        }
        bytes
    }
}

#[test]
fn archives() {
    let plain = tar(&[("dir/", b""), ("a/very/long/name/plugin.wasm", MODULE), ("plugin.wasm", &[0; 3000])]);
    let long = tar(&[(&"x/".repeat(120), b""), ("plugin.wasm", MODULE)]);
    let seeds = [gzip(&plain), gzip(&long), gzip(&vec![0; 60_000]), gzip(&gzip(&plain)), plain, MODULE.to_vec()];
    let mut numbers = Numbers(0x5eed_0001);
    let mut found = 0;
    for round in 0..1500 {
        let seed = &seeds[round % seeds.len()];
        // Half of them are damaged inside of good gzip: checksums would end the others at once.
        let bytes = if round % 2 == 0 { numbers.damaged(seed) } else { gzip(&numbers.damaged(seed)) };
        for module in [unpack::layer(&bytes, LIMITS), unpack::file(bytes.clone(), LIMITS)].into_iter().flatten() {
            assert!(module.len() <= LIMITS.module && module.starts_with(b"\0asm"));
            found += 1;
        }
    }
    assert!(found > 30, "the damage leaves some whole: {found}");
}

#[test]
fn manifests() {
    let image = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","size":7}]}"#;
    let index = br#"{"manifests":[{"digest":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","platform":{"os":"linux","architecture":"amd64"}}]}"#;
    let deep = "[".repeat(50_000);
    assert!(manifest::read(deep.as_bytes(), manifest::OCI).is_err());
    let mut numbers = Numbers(0x5eed_0002);
    let mut read = 0;
    for round in 0..20_000 {
        let bytes = numbers.damaged(if round % 2 == 0 { image } else { index });
        for kind in [manifest::OCI, manifest::DOCKER, manifest::INDEX, "text/html", ""] {
            read += usize::from(manifest::read(&bytes, kind).is_ok());
        }
    }
    assert!(read > 1000, "the damage leaves some whole: {read}");
}
