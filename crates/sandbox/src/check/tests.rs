//! Answers that were asked from Envoy 1.40 itself.

use marketplace_domain::Lang;

use super::compile::{Compiles, compiles, compiles_within};
use super::facts::{Facts, written};
use super::scan::{Corrupted, abi_version, names_and_frames};
use crate::abi::Version;
use crate::report::Verdict;

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

/// A plugin of many functions of that code, one type of that width besides.
fn of_code(functions: usize, code: &[u8], width: usize) -> Vec<u8> {
    use wasm_encoder::{
        CodeSection, ExportKind, ExportSection, Function, FunctionSection, Module, TypeSection, ValType,
    };
    let mut types = TypeSection::new();
    types.ty().function([], []);
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function(vec![ValType::I32; width], []);
    types.ty().function([], vec![ValType::I32; width]);
    let mut declared = FunctionSection::new();
    declared.function(0).function(1).function(2).function(3);
    let mut exports = ExportSection::new();
    exports.export("proxy_abi_version_0_2_1", ExportKind::Func, 0).export("malloc", ExportKind::Func, 1);
    let mut bodies = CodeSection::new();
    let mut body = |code: &[u8]| {
        let mut function = Function::new([]);
        function.raw(code.iter().copied());
        bodies.function(&function);
    };
    [&b"\x0b"[..], b"\x41\0\x0b", b"\x0b", b"\0\x0b"].into_iter().for_each(&mut body);
    for _ in 0..functions {
        declared.function(0);
        body(code);
    }
    let mut module = Module::new();
    module.section(&types).section(&declared).section(&exports).section(&bodies);
    module.finish()
}

fn settled(bytes: &[u8]) -> bool {
    super::look(bytes).is_settled()
}

#[test]
fn what_costs_more_than_a_check_has_is_left_unsettled() {
    // Calls of the functions that take and give.
    let calls = |times: usize| [b"\x10\x03\x10\x02".repeat(times), b"\x0b".to_vec()].concat();
    let plain = |times: usize| [b"\x41\0\x1a".repeat(times), b"\x0b".to_vec()].concat();
    // Small and large, for one thread and for all.
    for bytes in [of_code(1, &calls(10_000), 1000), of_code(1000, &calls(2000), 8)] {
        assert!(!settled(&bytes) && compiles(&bytes) == Compiles::Yes, "{} bytes", bytes.len());
        let checked = super::look(&bytes);
        assert_eq!(checked.verdict(), Verdict::Loads);
        assert!(checked.summary(Lang::En).contains("not settled"), "{}", checked.summary(Lang::En));
    }
    let many = of_code(300_000, b"\x0b", 1);
    assert!(!settled(&many) && !settled(&of_code(1, &plain(2_000_000), 1)));
    // A marker is looked for all the same.
    let no_plugin = String::from_utf8_lossy(&many).find("proxy_abi").unwrap();
    let no_plugin = [&many[..no_plugin], b"Proxy", &many[no_plugin + 5..]].concat();
    assert_eq!(super::look(&no_plugin).verdict(), Verdict::Refused);
    // Much code is no fault, nor are wide calls.
    assert!(settled(&of_code(2000, &plain(1000), 1)) && settled(&of_code(100, &calls(100), 20)));
}

#[test]
fn leaving_blocks_costs_what_it_moves() {
    // `br_table` in a block of a wide type: each target is looked at.
    let targets = [&b"\x02\x03\x10\x03\x41\0\x0e\xb0\xea\x01"[..], &[0; 30_001], b"\x0b\x10\x02\x0b"].concat();
    let bytes = of_code(1, &targets, 1000);
    assert!(compiles(&bytes) == Compiles::Yes && !settled(&bytes));
    // As many as there are bytes for, not as many as it says.
    for lie in [&b"\x0e\xff\xff\xff\xff\x0f\0\x0b"[..], b"\x41\0\x0e\xff\xff\xff\x7f\0\x0b"] {
        assert!(matches!(compiles_within(&of_code(1, lie, 1000), 100_000), Compiles::No(_)), "{lie:?}");
    }
    let narrow = [&b"\x02\x40\x41\0\x0e\xb0\xea\x01"[..], &[0; 30_001], b"\x0b\x0b"].concat();
    assert!(settled(&of_code(1, &narrow, 1)));
}

/// Whatever is valid for the sandbox is valid for Envoy: only the rest is read again, and it is paid for.
#[test]
fn no_function_is_validated_again_once_it_was_valid() {
    let plain = [b"\x41\0\x1a".repeat(100_000), b"\x0b".to_vec()].concat();
    let good = of_code(4, &plain, 1);
    for behind in [&b"\x0e\0"[..], b"\x0b\x06\x01\0\x41\0\x0b\0"] {
        let bytes = [&good, behind].concat();
        assert!(matches!(compiles_within(&bytes, 100), Compiles::No(_)), "{behind:?}");
    }
    let bad = of_code(4, &[&plain[..plain.len() - 1], b"\x6a\x0b"].concat(), 1);
    assert!(matches!(compiles_within(&bad, 300_000), Compiles::TooMuch));
    assert!(matches!(compiles_within(&bad, 3_000_000), Compiles::No(_)));
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
