//! Answers that were asked from Envoy 1.40 itself.

use super::compile::{Compiles, compiles};
use super::facts::{Facts, written};
use super::scan::{Corrupted, abi_version, names_and_frames};
use crate::abi::Version;

const GOOD: &str = r#"(func (export "proxy_abi_version_0_2_1"))
    (func (export "malloc") (param i32) (result i32) unreachable) (memory (export "memory") 1)"#;

fn module(more: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {GOOD} {more})")).unwrap()
}

/// Each answer is Envoy 1.40's.
#[test]
fn the_first_look_is_envoys() {
    for bytes in [&b""[..], b"abc", b"abcdefg", b"\0asm", b"\0asm\x01\0\0\0", b"\0asm\x0d\0\x01\0"] {
        assert_eq!(abi_version(bytes), Ok(None), "{bytes:?}");
    }
    for bytes in [&b"abcdefgh"[..], b"\x1f\x8b\x08\0xxxxxx", b"\0asm\x01\0\0\0\x01", b"\0asm\x01\0\0\0junk"] {
        assert_eq!(abi_version(bytes), Err(Corrupted), "{bytes:?}");
    }
    let good = module("");
    assert_eq!((abi_version(&good), names_and_frames(&good)), (Ok(Some(Version::V0_2_1)), Ok(())));
    for junk in
        [&b"junk"[..], b"\0", b"\0\0", b"\0\x03\x50ab", b"\0\xff\xff\xff\xff\x0f", b"\0\x08\x04name\x01\x05\x05"]
    {
        let behind = [&good, junk].concat();
        assert_eq!((abi_version(&behind).is_ok(), names_and_frames(&behind)), (true, Err(Corrupted)), "{junk:?}");
    }
    let not_a_function = r#"(module (global (export "proxy_abi_version_0_2_1") i32 (i32.const 0)))"#;
    assert_eq!(abi_version(&wat::parse_str(not_a_function).unwrap()), Ok(None));
}

/// Each answer is Envoy 1.40's.
#[test]
fn what_compiles_there_compiles_here_or_is_said_to_be_missing() {
    assert_eq!(compiles(&module("")), Compiles::Yes);
    for more in
        ["(memory 1)", "(func $a return_call $a)", "(rec (type (struct)))", "(tag)", "(func try nop catch_all end)"]
    {
        assert!(matches!(compiles(&module(more)), Compiles::NotHere(_)), "{more}");
    }
    for more in [
        "(type $f (func)) (type (cont $f))",
        "(func (param i64 i64) (result i64 i64) local.get 0 local.get 1 i64.mul_wide_u)",
    ] {
        assert!(matches!(compiles(&module(more)), Compiles::FeatureOff(_)), "{more}");
    }
    for more in ["(func i32.add)", &format!("(func (param{}))", " i32".repeat(1001))] {
        assert!(matches!(compiles(&module(more)), Compiles::No(_)), "{}", &more[..12]);
    }
}

/// Small ones on one thread, large ones on all: the words are those of the same fault.
#[test]
fn sections_are_refused_before_functions_and_the_first_function_before_others() {
    let large = format!("(func{})", " (drop (i32.const 1000000))".repeat(100_000));
    for more in ["", &large] {
        let why = |faults: &str| match compiles(&module(&format!("{more}{faults}"))) {
            Compiles::No(why) => why,
            other => panic!("{other:?}"),
        };
        let both = why(r#"(func i32.add) (func i64.add) (data (memory 7) (i32.const 0) "a")"#);
        assert!(both.contains("unknown memory 7"), "{both}");
        let first = why("(func i32.add) (func i64.add)");
        assert!(first.contains("expected i32"), "{first}");
    }
}

#[test]
fn segments_outside_are_found() {
    let outside = |more: &str| Facts::read(&module(more)).segment_outside.is_some();
    assert!(outside(r#"(data (i32.const 65536) "a")"#) && outside(r#"(data (i32.const 65537) "")"#));
    assert!(
        outside(r#"(data (i32.const -1) "a")"#) && outside(r#"(data (i32.add (i32.const 65000) (i32.const 600)) "a")"#)
    );
    assert!(outside("(table 1 funcref) (elem (i32.const 1) func 0)"));
    assert!(!outside(r#"(data (i32.const 65535) "a")"#) && !outside(r#"(data (i32.const 65536) "")"#));
    assert!(!outside("(table 1 funcref) (elem (i32.const 0) func 0)"));
}

#[test]
fn types_are_written_as_envoy_writes_them() {
    let bytes = module("");
    let facts = Facts::read(&bytes);
    assert_eq!(facts.exported_function("malloc").map(written).as_deref(), Some("i32 -> i32"));
    assert_eq!(facts.exported_function("proxy_abi_version_0_2_1").map(written).as_deref(), Some("void -> void"));
    assert_eq!(facts.exported_function("memory"), None);
}
