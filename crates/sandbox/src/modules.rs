//! The modules of a run as bytes, found and checked before anything runs.

use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// The largest module that is read, in bytes. The largest plugin seen in the wild has 9.7 MB.
pub const MAX_BYTES: u64 = 16 << 20;

/// A module as it came, with its digest. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    bytes: Bytes,
    sha256: Arc<str>,
}

impl Module {
    /// Takes the bytes and digests them, which takes some milliseconds for the largest: not for async code.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let sha256 = sha256_hex(&bytes).into();
        Self { bytes, sha256 }
    }

    /// Takes bytes whose digest is known to be this one.
    pub(crate) fn known(bytes: impl Into<Bytes>, sha256: &str) -> Self {
        Self { bytes: bytes.into(), sha256: sha256.into() }
    }

    /// The module itself.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The module without its digest.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// 64 lower-case hex digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

/// A plugin that does nothing: an exchange with it alone shows what the proxy does by itself, and so what plugins change.
#[must_use]
pub fn idle() -> Module {
    let sections: [&[u8]; 10] = [
        b"\0asm\x01\0\0\0",
        // Types: no parameters and no result; one integer to another.
        b"\x01\x09\x02\x60\0\0\x60\x01\x7f\x01\x7f",
        b"\x03\x03\x02\0\x01",
        // One page of memory.
        b"\x05\x03\x01\0\x01",
        // Exports: the marker of the ABI, the memory, the allocator that nobody calls.
        b"\x07\x2d\x03",
        b"\x17proxy_abi_version_0_2_1\0\0",
        b"\x06memory\x02\0",
        b"\x06malloc\0\x01",
        b"\x0a\x08\x02\x02\0\x0b",
        b"\x03\0\0\x0b",
    ];
    Module::new(sections.concat())
}

/// The module of each plugin of an exchange, in the exchange's order. Equal modules may share their bytes.
#[derive(Debug, Clone, Default)]
pub struct Modules(Vec<Module>);

impl Modules {
    /// One module per plugin.
    #[must_use]
    pub fn new(modules: Vec<Module>) -> Self {
        Self(modules)
    }

    /// The module of the plugin at that place of the chain.
    #[must_use]
    pub fn of(&self, plugin: usize) -> Option<&Module> {
        self.0.get(plugin)
    }

    /// All of them, in the order of the chain.
    pub fn iter(&self) -> impl Iterator<Item = &Module> {
        self.0.iter()
    }
}

/// The SHA-256 of bytes as 64 lower-case hex digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_idle_plugin_is_what_it_seems() {
        let text = r#"(module (func (export "proxy_abi_version_0_2_1")) (memory (export "memory") 1)
            (func (export "malloc") (param i32) (result i32) unreachable))"#;
        assert_eq!(idle().bytes(), wat::parse_str(text).unwrap());
    }
}
