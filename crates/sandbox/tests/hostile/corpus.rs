//! Modules that mean harm: each is aimed at one thing that a host could forget to bound. Made here, so that everybody can
//! see what they do.

#[path = "built.rs"]
mod built;

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
    built::compilers(&mut all);
    built::readers(&mut all);
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
