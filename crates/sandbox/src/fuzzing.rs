//! What is fuzzed: everything here that reads bytes of others. The targets of `fuzz/` call these with what the fuzzer makes,
//! the tests below with what a seeded generator makes of a few good inputs.

use crate::check::look;
use crate::exchange::{Format, read};
use crate::{Limits, engine};
use marketplace_domain::Lang;

/// A module: its check must come to an end, and agree with what the engine goes by, unless it leaves something open.
pub fn check(bytes: &[u8]) {
    let checked = look(bytes);
    if checked.is_settled() {
        let first = crate::check::refuse::first(bytes);
        assert_eq!(checked.refusal(), first.as_ref().err());
    }
    for lang in [Lang::En, Lang::Zh] {
        let report = checked.report(lang);
        assert!(report.findings.iter().all(|finding| !finding.text.is_empty() && !finding.advice.is_empty()));
    }
}

/// An exchange in both formats: either it is one, or there is something wrong with it.
pub fn exchange(bytes: &[u8]) {
    for format in [Format::Json, Format::Yaml] {
        let reading = read(bytes, format, &Limits::default(), false);
        assert_eq!(reading.exchange.is_some(), reading.errors.is_empty());
    }
}

/// A buffer of header pairs, as a module passes it.
pub fn header_map(bytes: &[u8]) {
    engine::fuzzing::header_map(bytes);
}

/// A path of a property, as a module passes it.
pub fn property_path(bytes: &[u8]) {
    engine::fuzzing::property_path(bytes);
}

/// The argument of a foreign function, and the value of a property of a message type.
pub fn foreign_argument(bytes: &[u8]) {
    engine::fuzzing::foreign_argument(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that are the same in every run.
    struct Numbers(u64);

    impl Numbers {
        fn next(&mut self) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 >> 11).unwrap()
        }

        /// A few changes to what is good.
        fn changed(&mut self, good: &[u8], words: &[&[u8]]) -> Vec<u8> {
            let mut bytes = good.to_vec();
            for _ in 0..=self.next() % 4 {
                let at = self.next() % (bytes.len() + 1);
                match self.next() % 6 {
                    0 if at < bytes.len() => bytes[at] = u8::try_from(self.next() % 256).unwrap(),
                    1 if at < bytes.len() => bytes[at] ^= 1 << (self.next() % 8),
                    2 => bytes.truncate(at),
                    3 => {
                        let end = (at + self.next() % 16).min(bytes.len());
                        bytes.drain(at.min(end)..end);
                    }
                    _ => {
                        let word = words[self.next() % words.len()];
                        bytes.splice(at..at, word.iter().copied());
                    }
                }
            }
            bytes
        }
    }

    fn rounds(seed: u64, goods: &[&[u8]], words: &[&[u8]], count: usize, target: fn(&[u8])) {
        let mut numbers = Numbers(seed);
        for good in goods {
            target(good);
            for _ in 0..count {
                target(&numbers.changed(good, words));
            }
        }
    }

    #[test]
    fn changed_modules_are_checked() {
        let plugin = r#"(module (import "env" "proxy_log" (func (param i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1 10) (table (export "t") 2 funcref) (global (export "g") (mut i32) (i32.const 1))
            (func (export "proxy_abi_version_0_2_1")) (func $m (export "malloc") (param i32) (result i32) i32.const 8)
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) i32.const 0)
            (elem (i32.const 0) $m) (data (i32.const 8) "x/proxy-wasm-0.2.4/src"))"#;
        let mut bytes = wat::parse_str(plugin).unwrap();
        let mut names = wasm_encoder::NameMap::new();
        names.append(2, "marker");
        let mut section = wasm_encoder::NameSection::new();
        section.functions(&names);
        wasm_encoder::Section::append_to(&section, &mut bytes);
        let mut producers = wasm_encoder::ProducersSection::new();
        let mut field = wasm_encoder::ProducersField::new();
        field.value("Rust", "1.97");
        producers.field("language", &field);
        wasm_encoder::Section::append_to(&producers, &mut bytes);
        let words: [&[u8]; 6] =
            [b"\xff\xff\xff\xff\x0f", b"\x80", b"\0\x05\x04name", b"\x0b", b"\x7f\x7b\x70\x6f", b"\0asm"];
        rounds(1, &[&bytes, b"\0asm\x01\0\0\0", b"text"], &words, 4000, check);
    }

    #[test]
    fn changed_exchanges_are_read() {
        let yaml = b"version: 1\nname: a\nplugins:\n- module: a.wasm\n  config: {a: 1, b: [1.5, ~, \"x\"]}\n  env: {A: b}\n\
            request:\n  headers: [[a, b], [c, {base64: aGk=}]]\n  body: {chunks: [a, {repeat: b, times: 3}]}\n\
            upstream: {status: 200, delay_ms: 3}\ncallouts: [{cluster: c, grpc: {status: 3}}]\n\
            properties: [{path: [a], value: {map: [[k, v]]}}]\nmtls: {peer: x}\nlimits: {wall_ms: 5}\nbefore: [{request: {}}]\n";
        let json = br#"{"version":1,"plugins":[{"module":"a","config":{"a":1e400,"\ud83d\ude00":-0.0}}],"request":{"http":2}}"#;
        let words: [&[u8]; 10] =
            [b"{", b"]", b": ", b"\n  ", b"&a *a", b"!!binary ", b"\xff", b"1e999", b"\"", b"- - - "];
        rounds(2, &[yaml, json], &words, 3000, exchange);
    }

    #[test]
    fn changed_header_maps_are_read() {
        let good = b"\x02\0\0\0\x01\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0a\0b\0cd\0\0";
        let words: [&[u8]; 4] = [b"\0", b"\xff\xff\xff\xff", b"\x01\0\0\0", b"x"];
        rounds(3, &[good, b"", b"\0\0\0\0"], &words, 20_000, header_map);
    }

    #[test]
    fn changed_property_paths_are_looked_up() {
        let goods: [&[u8]; 5] =
            [b"request\0headers\0a", b"xds\0node\0metadata\0NAME", b"plugin_name", b"node\0id", b"\0\0\0"];
        let words: [&[u8]; 5] = [b"\0", b"metadata", b"filter_state", b"\xff", b"connection\0mtls"];
        rounds(4, &goods, &words, 5000, property_path);
    }

    #[test]
    fn changed_arguments_of_foreign_functions_are_read() {
        const KEY: &[u8] = b"\x30\x39\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x22\0\x02";
        let field = |number: u8, bytes: &[u8]| [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap()], bytes].concat();
        let pem = b"-----BEGIN PUBLIC KEY-----\nMDkw\n-----END PUBLIC KEY-----\n";
        let verify =
            [field(1, b"sha256"), field(2, KEY), field(3, b"\x30\x06\x02\x01\x01\x02\x01\x01"), field(4, b"text")];
        let by_pem = [field(1, b"sha1"), field(5, pem), field(4, pem)];
        let deep = b"\x0a\x14\x0a\x01x\x12\x0f*\x0d\x0a\x0b\x0a\x01y\x12\x06\x1a\x04deep";
        let goods: [&[u8]; 4] = [&verify.concat(), &by_pem.concat(), deep, b"\x0a\x0aenvoy.stri\x12\x0a1.2.3.4:80"];
        let words: [&[u8]; 7] =
            [b"\x0a", b"\x0b\x0c", b"\xff\xff\xff\xff\x0f", b"\x30\x80", b"\x02\x01", b"-----", b"\0"];
        rounds(5, &goods, &words, 2000, foreign_argument);
    }
}
