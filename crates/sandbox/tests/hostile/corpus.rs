//! Modules that mean harm: each is aimed at one thing that a host could forget to bound. Made here, so that everybody can
//! see what they do.

use std::borrow::Cow;

use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};

/// A name and the bytes.
pub struct Hostile {
    /// For people.
    pub name: String,
    /// The module.
    pub bytes: Vec<u8>,
}

/// All of them.
pub fn corpus() -> Vec<Hostile> {
    let mut all = Vec::new();
    loops(&mut all);
    stacks(&mut all);
    memory_and_tables(&mut all);
    floods(&mut all);
    maps(&mut all);
    compilers(&mut all);
    readers(&mut all);
    all
}

fn add(all: &mut Vec<Hostile>, name: impl Into<String>, bytes: Vec<u8>) {
    all.push(Hostile { name: name.into(), bytes });
}

/// What every plugin of Envoy needs, around `more`. `malloc` gives room from a counter.
fn plugin(more: &str) -> Vec<u8> {
    wat::parse_str(plugin_text(more, "(memory (export \"memory\") 4)")).unwrap()
}

fn plugin_text(more: &str, memory: &str) -> String {
    format!(
        r#"(module {imports} {memory}
            (global $top (mut i32) (i32.const 131072))
            (func (export "proxy_abi_version_0_2_1"))
            (func (export "malloc") (param i32) (result i32)
                global.get $top
                (global.set $top (i32.add (global.get $top) (local.get 0))))
            {more})"#,
        imports = IMPORTS
            .iter()
            .map(|(name, ty)| format!(r#"(import "env" "{name}" (func ${name} {ty}))"#))
            .chain(
                WASI.iter()
                    .map(|(name, ty)| { format!(r#"(import "wasi_snapshot_preview1" "{name}" (func ${name} {ty}))"#) })
            )
            .collect::<String>(),
    )
}

const IMPORTS: [(&str, &str); 17] = [
    ("proxy_log", "(param i32 i32 i32) (result i32)"),
    ("proxy_add_header_map_value", "(param i32 i32 i32 i32 i32) (result i32)"),
    ("proxy_set_header_map_pairs", "(param i32 i32 i32) (result i32)"),
    ("proxy_get_header_map_pairs", "(param i32 i32 i32) (result i32)"),
    ("proxy_set_buffer_bytes", "(param i32 i32 i32 i32 i32) (result i32)"),
    ("proxy_get_buffer_bytes", "(param i32 i32 i32 i32 i32) (result i32)"),
    ("proxy_set_shared_data", "(param i32 i32 i32 i32 i32) (result i32)"),
    ("proxy_register_shared_queue", "(param i32 i32 i32) (result i32)"),
    ("proxy_enqueue_shared_queue", "(param i32 i32 i32) (result i32)"),
    ("proxy_define_metric", "(param i32 i32 i32 i32) (result i32)"),
    ("proxy_set_property", "(param i32 i32 i32 i32) (result i32)"),
    ("proxy_get_property", "(param i32 i32 i32 i32) (result i32)"),
    ("proxy_http_call", "(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)"),
    ("proxy_send_local_response", "(param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)"),
    ("proxy_call_foreign_function", "(param i32 i32 i32 i32 i32 i32) (result i32)"),
    ("proxy_set_tick_period_milliseconds", "(param i32) (result i32)"),
    ("proxy_continue_stream", "(param i32) (result i32)"),
];

const WASI: [(&str, &str); 3] = [
    ("fd_write", "(param i32 i32 i32 i32) (result i32)"),
    ("random_get", "(param i32 i32) (result i32)"),
    ("proc_exit", "(param i32)"),
];

/// Callbacks with their types and a result that goes on.
const CALLBACKS: [(&str, &str, &str); 14] = [
    ("_initialize", "", ""),
    ("main", "(param i32 i32) (result i32)", "i32.const 0"),
    ("proxy_on_context_create", "(param i32 i32)", ""),
    ("proxy_on_vm_start", "(param i32 i32) (result i32)", "i32.const 1"),
    ("proxy_on_configure", "(param i32 i32) (result i32)", "i32.const 1"),
    ("proxy_on_request_headers", "(param i32 i32 i32) (result i32)", "i32.const 0"),
    ("proxy_on_request_body", "(param i32 i32 i32) (result i32)", "i32.const 0"),
    ("proxy_on_response_headers", "(param i32 i32 i32) (result i32)", "i32.const 0"),
    ("proxy_on_response_body", "(param i32 i32 i32) (result i32)", "i32.const 0"),
    ("proxy_on_log", "(param i32)", ""),
    ("proxy_on_done", "(param i32) (result i32)", "i32.const 1"),
    ("proxy_on_delete", "(param i32)", ""),
    ("proxy_on_tick", "(param i32)", ""),
    ("proxy_on_queue_ready", "(param i32 i32)", ""),
];

fn in_callback(callback: &str, body: &str) -> Vec<u8> {
    let (name, ty, result) = CALLBACKS.into_iter().find(|(name, ..)| *name == callback).unwrap();
    let initialize = if name == "main" { r#"(func (export "_initialize"))"# } else { "" };
    plugin(&format!(r#"{initialize} (func (export "{name}") {ty} (local $n i32) {body} {result})"#))
}

fn forever(body: &str) -> String {
    format!("(loop $again {body} br $again)")
}

fn loops(all: &mut Vec<Hostile>) {
    for (name, ..) in CALLBACKS {
        if !["proxy_on_tick", "proxy_on_queue_ready"].contains(&name) {
            add(all, format!("loop in {name}"), in_callback(name, &forever("")));
        }
    }
    add(all, "loop in a tick", {
        let body = r#"(func (export "proxy_on_tick") (param i32) (loop $l br $l))
            (func (export "proxy_on_configure") (param i32 i32) (result i32)
                (drop (call $proxy_set_tick_period_milliseconds (i32.const 1))) i32.const 1)
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) i32.const 1)"#;
        plugin(body)
    });
    add(all, "loop in malloc", {
        let text = r#"(module (import "env" "proxy_get_header_map_pairs" (func $get (param i32 i32 i32) (result i32)))
            (memory (export "memory") 1) (func (export "proxy_abi_version_0_2_1"))
            (func (export "malloc") (param i32) (result i32) (loop $l br $l) unreachable)
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
                (call $get (i32.const 0) (i32.const 8) (i32.const 12))))"#;
        wat::parse_str(text).unwrap()
    });
    add(all, "loop in the start section", plugin("(func $s (loop $l br $l)) (start $s)"));
    add(all, "a loop that is bounded, but only by 64 bits", {
        let body =
            "(local $i i64) (loop $l (local.tee $i (i64.add (local.get $i) (i64.const 1))) i64.eqz i32.eqz br_if $l)";
        plugin(&format!(
            r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) {body} i32.const 0)"#
        ))
    });
    add(all, "ticks without end", {
        let body = r#"(func (export "proxy_on_tick") (param i32))
            (func (export "proxy_on_configure") (param i32 i32) (result i32)
                (drop (call $proxy_set_tick_period_milliseconds (i32.const 1))) i32.const 1)
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) i32.const 1)"#;
        plugin(body)
    });
}

fn stacks(all: &mut Vec<Hostile>) {
    let recursion = "(func $r (param i32) (result i32) (call $r (i32.add (local.get 0) (i32.const 1))))";
    for callback in ["proxy_on_vm_start", "proxy_on_request_headers", "proxy_on_log"] {
        let (name, ty, result) = CALLBACKS.into_iter().find(|(name, ..)| *name == callback).unwrap();
        let text = format!(r#"{recursion} (func (export "{name}") {ty} (drop (call $r (i32.const 0))) {result})"#);
        add(all, format!("recursion in {callback}"), plugin(&text));
    }
    add(all, "recursion with large frames", {
        let locals = "(local i64)".repeat(900);
        let text = format!(
            r#"(func $r (param i32) (result i32) {locals} (call $r (local.get 0)))
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (call $r (i32.const 0)))"#
        );
        plugin(&text)
    });
    add(all, "recursion through a table", {
        let text = r#"(type $t (func (result i32))) (table 1 funcref) (elem (i32.const 0) $r)
            (func $r (result i32) (call_indirect (type $t) (i32.const 0)))
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (call $r))"#;
        plugin(text)
    });
    add(all, "recursion through the allocator", {
        let text = r#"(module (import "env" "proxy_get_header_map_pairs" (func $get (param i32 i32 i32) (result i32)))
            (memory (export "memory") 1) (func (export "proxy_abi_version_0_2_1"))
            (func $m (export "malloc") (param i32) (result i32)
                (drop (call $get (i32.const 0) (i32.const 8) (i32.const 12))) i32.const 64)
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
                (call $get (i32.const 0) (i32.const 8) (i32.const 12))))"#;
        wat::parse_str(text).unwrap()
    });
    add(all, "recursion through functions with enormous names", {
        let mut bytes = plugin(&format!(
            r#"{recursion} (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (call $r (i32.const 0)))"#
        ));
        let mut names = wasm_encoder::NameMap::new();
        names.append(20, &"n".repeat(4 << 20));
        let mut section = wasm_encoder::NameSection::new();
        section.functions(&names);
        wasm_encoder::Section::append_to(&section, &mut bytes);
        bytes
    });
}

fn memory_and_tables(all: &mut Vec<Hostile>) {
    let request = |body: &str| {
        format!(
            r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (local $n i32) {body} i32.const 0)"#
        )
    };
    let with_memory = |body: &str, memory: &str| wat::parse_str(plugin_text(body, memory)).unwrap();
    for pages in [4097, 16_384, 16_385, 65_536] {
        let memory = format!("(memory (export \"memory\") {pages})");
        add(all, format!("{pages} pages at the start"), with_memory(&request(""), &memory));
    }
    add(all, "memory is grown by pages", plugin(&request(&forever("(drop (memory.grow (i32.const 1)))"))));
    add(all, "memory is grown by all there is", plugin(&request(&forever("(drop (memory.grow (i32.const 65000)))"))));
    add(all, "memory is grown and filled", {
        plugin(&request(
            "(loop $l (drop (memory.grow (i32.const 256)))
                (memory.fill (i32.const 0) (i32.const 1) (i32.shl (memory.size) (i32.const 16))) br $l)",
        ))
    });
    add(all, "memory is grown in the start section", {
        plugin("(func $s (drop (memory.grow (i32.const 60000)))) (start $s)")
    });
    for elements in [100_001, 10_000_000, 10_000_001] {
        add(all, format!("a table of {elements}"), plugin(&format!("(table {elements} funcref) {}", request(""))));
    }
    add(all, "a table is grown without end", {
        plugin(&format!(
            "(table $t 1 funcref) {}",
            request(&forever("(drop (table.grow $t (ref.null func) (i32.const 1000)))"))
        ))
    });
    add(all, "two hundred tables", plugin(&format!("{} {}", "(table 1000 funcref)".repeat(200), request(""))));
    add(all, "a table is copied over itself", {
        plugin(&format!(
            "(table $t 90000 funcref) {}",
            request(&forever("(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 89999))"))
        ))
    });
}

fn floods(all: &mut Vec<Hostile>) {
    let request = |body: &str| in_callback("proxy_on_request_headers", body);
    let cases: [(&str, &str); 15] = [
        ("log lines", "(drop (call $proxy_log (i32.const 2) (i32.const 0) (i32.const 20)))"),
        ("enormous log lines", "(drop (call $proxy_log (i32.const 2) (i32.const 0) (i32.const 262144)))"),
        (
            "headers",
            "(drop (call $proxy_add_header_map_value (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 64) (i32.const 60000)))",
        ),
        (
            "reads of all headers",
            "(drop (call $proxy_get_header_map_pairs (i32.const 0) (i32.const 8) (i32.const 12)))",
        ),
        (
            "shared data",
            "(i32.store (i32.const 0) (local.tee $n (i32.add (local.get $n) (i32.const 1)))) (drop (call $proxy_set_shared_data (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 200000) (i32.const 0)))",
        ),
        (
            "queues",
            "(i32.store (i32.const 0) (local.tee $n (i32.add (local.get $n) (i32.const 1)))) (drop (call $proxy_register_shared_queue (i32.const 0) (i32.const 4) (i32.const 16)))",
        ),
        (
            "entries of a queue",
            "(drop (call $proxy_register_shared_queue (i32.const 0) (i32.const 4) (i32.const 16))) (drop (call $proxy_enqueue_shared_queue (i32.load (i32.const 16)) (i32.const 0) (i32.const 200000)))",
        ),
        (
            "metrics",
            "(i32.store (i32.const 32) (i32.add (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 0x41414141))) (drop (call $proxy_define_metric (i32.const 0) (i32.const 32) (i32.const 60000) (i32.const 16)))",
        ),
        (
            "properties",
            "(i32.store (i32.const 32) (i32.add (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 0x41414141))) (drop (call $proxy_set_property (i32.const 32) (i32.const 4) (i32.const 0) (i32.const 200000)))",
        ),
        (
            "reads of an enormous path",
            "(drop (call $proxy_get_property (i32.const 0) (i32.const 262144) (i32.const 8) (i32.const 12)))",
        ),
        (
            "callouts",
            "(drop (call $proxy_http_call (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 200000) (i32.const 0) (i32.const 0) (i32.const 1000) (i32.const 16)))",
        ),
        (
            "local replies",
            "(drop (call $proxy_send_local_response (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 200000) (i32.const 0) (i32.const 0) (i32.const 0)))",
        ),
        ("resumes", "(drop (call $proxy_continue_stream (i32.const 0)))"),
        ("random bytes", "(drop (call $random_get (i32.const 0) (i32.const 65536)))"),
        ("exits", "(call $proc_exit (i32.const 1))"),
    ];
    for (what, body) in cases {
        add(all, format!("a flood of {what}"), request(&forever(body)));
    }
    add(all, "a flood of vectors to be written", {
        let fill = "(loop $fill
            (i32.store (i32.mul (local.get $n) (i32.const 8)) (i32.const 0))
            (i32.store (i32.add (i32.mul (local.get $n) (i32.const 8)) (i32.const 4)) (i32.const 65536))
            (br_if $fill (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 16000))))";
        let write = forever("(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 16000) (i32.const 200000)))");
        request(&format!("{fill} {write}"))
    });
    add(all, "a body that doubles itself", {
        let body = "(loop $l
            (drop (call $proxy_get_buffer_bytes (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 8) (i32.const 12)))
            (drop (call $proxy_set_buffer_bytes (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 262144)))
            br $l)";
        in_callback("proxy_on_request_body", body)
    });
    add(all, "a response that fills itself", {
        let body = forever(
            "(drop (call $proxy_set_buffer_bytes (i32.const 1) (i32.const 0x7fffffff) (i32.const 0) (i32.const 0) (i32.const 262144)))",
        );
        in_callback("proxy_on_response_body", &body)
    });
    add(all, "a compressed bomb that the host unpacks", {
        let bomb = bomb(256 << 20);
        let text = format!(
            r#"(data (i32.const 0) "uncompress") (data (i32.const 1024) "{}")
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
                (loop $l
                    (drop (call $proxy_call_foreign_function (i32.const 0) (i32.const 10) (i32.const 1024) (i32.const {})
                        (i32.const 512) (i32.const 516))) br $l) i32.const 0)"#,
            escaped(&bomb),
            bomb.len()
        );
        wat::parse_str(plugin_text(&text, "(memory (export \"memory\") 16)")).unwrap()
    });
}

/// Zeroes, as zlib packs them.
fn bomb(size: usize) -> Vec<u8> {
    use std::io::Write;
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let zeroes = vec![0; 1 << 20];
    for _ in 0..size >> 20 {
        packer.write_all(&zeroes).unwrap();
    }
    packer.finish().unwrap()
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{byte:02x}")).collect()
}

/// Buffers of header pairs that are not what they say.
fn maps(all: &mut Vec<Hostile>) {
    let cases: [(&str, &[u32]); 6] = [
        ("four billion pairs", &[u32::MAX, 1, 1]),
        ("sizes that overflow", &[2, u32::MAX, u32::MAX, u32::MAX, 2]),
        ("a size beyond the end", &[1, 0x7fff_ffff, 1]),
        ("no room for the sizes", &[1000, 1, 1]),
        ("a pair of nothing", &[1, 0, 0, 0]),
        ("more pairs than there may be", &[1025]),
    ];
    for (what, words) in cases {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let text = format!(
            r#"(data (i32.const 0) "{}")
            (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
                (drop (call $proxy_set_header_map_pairs (i32.const 0) (i32.const 0) (i32.const {})))
                (drop (call $proxy_set_header_map_pairs (i32.const 0) (i32.const 0) (i32.const 262144)))
                (drop (call $proxy_set_header_map_pairs (i32.const 0) (i32.const -1) (i32.const -1)))
                i32.const 0)"#,
            escaped(&bytes),
            bytes.len()
        );
        add(all, format!("a map with {what}"), plugin(&text));
    }
}

/// A module of one exported callback with this function, and whatever else is given.
struct Raw {
    module: Module,
    types: TypeSection,
    functions: FunctionSection,
    exports: ExportSection,
    code: CodeSection,
}

impl Raw {
    /// Marker, allocator and memory; the callback's body is `callback`.
    fn new(callback: &Function) -> Self {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        types.ty().function([ValType::I32], [ValType::I32]);
        types.ty().function([ValType::I32; 3], [ValType::I32]);
        let mut functions = FunctionSection::new();
        functions.function(0).function(1).function(2);
        let mut exports = ExportSection::new();
        exports.export("memory", ExportKind::Memory, 0);
        exports.export("proxy_abi_version_0_2_1", ExportKind::Func, 0);
        exports.export("malloc", ExportKind::Func, 1);
        exports.export("proxy_on_request_headers", ExportKind::Func, 2);
        let mut code = CodeSection::new();
        code.function(Function::new([]).instruction(&Instruction::End));
        code.function(Function::new([]).instruction(&Instruction::I32Const(1024)).instruction(&Instruction::End));
        code.function(callback);
        Self { module: Module::new(), types, functions, exports, code }
    }

    fn finish(mut self, before_exports: impl FnOnce(&mut Module), behind: impl FnOnce(&mut Module)) -> Vec<u8> {
        let memory = MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };
        self.module.section(&self.types).section(&self.functions);
        let mut memories = MemorySection::new();
        memories.memory(memory);
        self.module.section(&memories);
        before_exports(&mut self.module);
        self.module.section(&self.exports).section(&self.code);
        behind(&mut self.module);
        self.module.finish()
    }
}

fn body(locals: &[(u32, ValType)], instructions: impl FnOnce(&mut Function)) -> Function {
    let mut function = Function::new(locals.iter().copied());
    instructions(&mut function);
    function.instruction(&Instruction::I32Const(0)).instruction(&Instruction::End);
    function
}

/// Code that takes compilers and validators long.
fn compilers(all: &mut Vec<Hostile>) {
    let nothing = |_: &mut Module| {};
    let mut one = |name: &str, function: Function| add(all, name, Raw::new(&function).finish(nothing, nothing));
    one("fifty thousand locals", body(&[(49_000, ValType::I64)], |_| {}));
    one("a thousand locals, each set from the others", {
        body(&[(1000, ValType::I64)], |f| {
            for n in 0..200_000_u32 {
                f.instruction(&Instruction::LocalGet(3 + n % 1000));
                f.instruction(&Instruction::LocalGet(3 + n * 7 % 1000));
                f.instruction(&Instruction::I64Add).instruction(&Instruction::LocalSet(3 + n * 13 % 1000));
            }
        })
    });
    one("blocks a hundred thousand deep", {
        body(&[], |f| {
            for _ in 0..100_000 {
                f.instruction(&Instruction::Block(wasm_encoder::BlockType::Empty));
            }
            for _ in 0..100_000 {
                f.instruction(&Instruction::End);
            }
        })
    });
    one("a stack of a hundred thousand values", {
        body(&[], |f| {
            for n in 0..100_000 {
                f.instruction(&Instruction::I32Const(n));
            }
            for _ in 0..100_000 {
                f.instruction(&Instruction::Drop);
            }
        })
    });
    one("a million targets of a branch", {
        body(&[], |f| {
            f.instruction(&Instruction::Block(wasm_encoder::BlockType::Empty));
            f.instruction(&Instruction::I32Const(7));
            f.instruction(&Instruction::BrTable(Cow::Owned(vec![0; 1_000_000]), 0)).instruction(&Instruction::End);
        })
    });
    one("a function of three megabytes", {
        body(&[(1, ValType::I32)], |f| {
            for n in 0..400_000 {
                f.instruction(&Instruction::LocalGet(3)).instruction(&Instruction::I32Const(n));
                f.instruction(&Instruction::I32Mul).instruction(&Instruction::LocalSet(3));
            }
        })
    });
    one("divisions and conversions", {
        body(&[(1, ValType::I64)], |f| {
            for _ in 0..100_000 {
                f.instruction(&Instruction::LocalGet(3)).instruction(&Instruction::F64ConvertI64U);
                f.instruction(&Instruction::I64TruncF64S).instruction(&Instruction::LocalGet(3));
                f.instruction(&Instruction::I64DivS).instruction(&Instruction::LocalSet(3));
            }
        })
    });
    add(all, "two hundred thousand functions", {
        let mut raw = Raw::new(&body(&[], |_| {}));
        for _ in 0..200_000 {
            raw.functions.function(0);
            raw.code.function(Function::new([]).instruction(&Instruction::End));
        }
        raw.finish(nothing, nothing)
    });
    add(all, "five hundred functions of a hundred locals", {
        let mut raw = Raw::new(&body(&[], |_| {}));
        let large = body(&[(100, ValType::I64)], |f| {
            for n in 0..1000_u32 {
                f.instruction(&Instruction::LocalGet(3 + n % 100)).instruction(&Instruction::LocalSet(3 + n * 7 % 100));
            }
        });
        for _ in 0..500 {
            raw.functions.function(2);
            raw.code.function(&large);
        }
        raw.finish(nothing, nothing)
    });
}

/// Files that take readers long, or lead them astray.
fn readers(all: &mut Vec<Hostile>) {
    let nothing = |_: &mut Module| {};
    let plain = || Raw::new(&body(&[], |_| {}));
    add(all, "a hundred thousand types", {
        let mut raw = plain();
        for n in 0..100_000_u32 {
            raw.types.ty().function(vec![ValType::I32; (n % 50) as usize], []);
        }
        raw.finish(nothing, nothing)
    });
    add(all, "a hundred thousand exports", {
        let mut raw = plain();
        for n in 0..90_000 {
            raw.exports.export(&format!("export {n}"), ExportKind::Func, 0);
        }
        raw.finish(nothing, nothing)
    });
    add(all, "a hundred thousand imports that nobody has", {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        for n in 0..90_000 {
            imports.import("nobody", &format!("import {n}"), EntityType::Function(0));
        }
        let mut exports = ExportSection::new();
        exports.export("proxy_abi_version_0_2_1", ExportKind::Func, 0);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&exports);
        module.finish()
    });
    add(all, "a hundred thousand globals", {
        plain().finish(
            |module| {
                let mut globals = GlobalSection::new();
                for _ in 0..100_000 {
                    let ty = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
                    globals.global(ty, &ConstExpr::i64_const(1));
                }
                module.section(&globals);
            },
            nothing,
        )
    });
    add(all, "ninety thousand data segments", {
        plain().finish(nothing, |module| {
            let mut data = DataSection::new();
            for n in 0..90_000 {
                data.active(0, &ConstExpr::i32_const(n % 60_000), *b"x");
            }
            module.section(&data);
        })
    });
    add(all, "a custom section of ten megabytes", {
        plain().finish(nothing, |module| {
            module.section(&CustomSection { name: "name".into(), data: vec![1; 10 << 20].into() });
        })
    });
    add(all, "producers without end", {
        plain().finish(nothing, |module| {
            let mut data = vec![0xff, 0xff, 0xff, 0xff, 0x0f];
            data.extend(vec![1; 1 << 20]);
            module.section(&CustomSection { name: "producers".into(), data: data.into() });
        })
    });
    add(all, "a table of references to itself", {
        let table =
            TableType { element_type: RefType::FUNCREF, minimum: 90_000, maximum: None, table64: false, shared: false };
        let mut raw = plain();
        let memory = MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };
        let (mut memories, mut tables) = (MemorySection::new(), TableSection::new());
        memories.memory(memory);
        tables.table(table);
        let mut elements = wasm_encoder::ElementSection::new();
        let all_of_it = vec![2; 90_000];
        elements.active(None, &ConstExpr::i32_const(0), wasm_encoder::Elements::Functions(all_of_it.into()));
        raw.module.section(&raw.types).section(&raw.functions).section(&tables).section(&memories);
        raw.module.section(&raw.exports).section(&elements).section(&raw.code);
        raw.module.finish()
    });
    let good = plain().finish(nothing, nothing);
    for (name, tail) in [
        ("a section of four gigabytes", &[0, 0xff, 0xff, 0xff, 0xff, 0x0f][..]),
        ("a section whose size has no end", &[0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]),
        ("a section that is cut", &[0, 100, 4, b'n', b'a']),
        ("something behind the end", b"junk"),
    ] {
        add(all, name, [&good[..], tail].concat());
    }
    for cut in [1, 4, 7, 8, 9, good.len() / 2, good.len() - 1] {
        add(all, format!("the first {cut} bytes of a module"), good[..cut].to_vec());
    }
    add(all, "ten megabytes of the same byte", vec![0x0b; 10 << 20]);
    add(all, "a gzip bomb", {
        use std::io::Write;
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![0; 64 << 20]).unwrap();
        packer.finish().unwrap()
    });
}
