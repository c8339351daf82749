//! Makes a module of a script.

use std::collections::BTreeMap;
use std::fmt::Write;

use marketplace_sandbox::abi::{self, FuncType, Val, Version};

use super::script::{Allocator, Arg, Op, Part, Script};

/// Places for what host functions give, so many bytes each.
const OUTS: u32 = 64;
/// What lies there before: told from every answer.
const UNSET: u32 = 77;
/// Where texts begin.
const DATA: u32 = 8192;
/// What a number or a text may need of the line being written.
const RUNTIME: &str = include_str!("runtime.wat");

/// The module of a script.
///
/// # Errors
/// When the script names what is not there.
pub fn module(text: &str) -> Result<Vec<u8>, String> {
    let script = Script::parse(text)?;
    let wat = Generator::new(&script).generate()?;
    wat::parse_str(&wat).map_err(|error| format!("{error}\n{text}"))
}

struct Generator<'a> {
    script: &'a Script,
    imports: BTreeMap<(String, String), FuncType>,
    data: Vec<u8>,
    texts: BTreeMap<Vec<u8>, u32>,
    memory: u32,
}

impl<'a> Generator<'a> {
    fn new(script: &'a Script) -> Self {
        Self { script, imports: BTreeMap::new(), data: Vec::new(), texts: BTreeMap::new(), memory: 0 }
    }

    fn text(&mut self, bytes: &[u8]) -> u32 {
        if let Some(at) = self.texts.get(bytes) {
            return *at;
        }
        let at = DATA + u32::try_from(self.data.len()).unwrap_or(0);
        self.data.extend_from_slice(bytes);
        self.texts.insert(bytes.to_vec(), at);
        at
    }

    fn generate(mut self) -> Result<String, String> {
        let mut functions = String::new();
        let mut names: Vec<&str> = self.script.parts.iter().map(|part| part.callback.as_str()).collect();
        names.dedup();
        let mut seen: Vec<&str> = Vec::new();
        for name in names {
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            let parts: Vec<&Part> = self.script.parts.iter().filter(|part| part.callback == name).collect();
            let function = self.callback(name, &parts)?;
            functions.push_str(&function);
        }
        let allocator = self.allocator();
        let log = abi::host_function(self.script.abi, "env", "proxy_log").ok_or("no proxy_log")?;
        self.imports.insert(("env".to_owned(), "proxy_log".to_owned()), log.ty);
        let heap = (DATA + u32::try_from(self.data.len()).unwrap_or(0)).next_multiple_of(1024);
        let begin = heap + self.memory;
        let pages = begin / 65_536 + 4;
        let mut wat = String::from("(module\n");
        for ((module, name), ty) in &self.imports {
            let _ = writeln!(wat, "(import \"{module}\" \"{name}\" (func ${module}.{name} {}))", signature(*ty));
        }
        let _ = writeln!(wat, "(memory (export \"memory\") {pages})");
        let _ = writeln!(wat, "(data (i32.const {DATA}) \"{}\")", escaped(&self.data));
        let _ = writeln!(wat, "(global $heap (mut i32) (i32.const {begin}))");
        let _ = writeln!(wat, "(func (export \"{}\"))", self.script.abi.marker());
        wat.push_str(RUNTIME);
        wat.push_str(&allocator);
        // Memory for large arguments lies behind the texts.
        wat.push_str(&functions.replace("$LARGE", &heap.to_string()));
        wat.push_str(")\n");
        Ok(wat)
    }

    fn allocator(&mut self) -> String {
        let name = if self.script.allocator == Allocator::Other { "proxy_on_memory_allocate" } else { "malloc" };
        let body = match self.script.allocator {
            Allocator::Bump | Allocator::Other => "(call $bump (local.get 0))".to_owned(),
            Allocator::Zero => "(i32.const 0)".to_owned(),
            Allocator::Far => "(i32.const 0x7fff0000)".to_owned(),
            Allocator::Trap => "unreachable".to_owned(),
            Allocator::Restricted => {
                self.import("env", "proxy_get_current_time_nanoseconds");
                "(drop (call $env.proxy_get_current_time_nanoseconds (i32.const 64))) (call $bump (local.get 0))"
                    .to_owned()
            }
        };
        format!("(func (export \"{name}\") (param i32) (result i32) {body})\n")
    }

    fn import(&mut self, module: &str, name: &str) -> Option<FuncType> {
        // Of another version or unknown: then with a type of one's own, for Envoy to refuse.
        let known = Version::ALL.into_iter().rev().find_map(|version| abi::host_function(version, module, name));
        let ty = abi::host_function(self.script.abi, module, name).or(known)?.ty;
        self.imports.insert((module.to_owned(), name.to_owned()), ty);
        Some(ty)
    }

    fn callback(&mut self, name: &str, parts: &[&Part]) -> Result<String, String> {
        let on = format!("proxy_on_{name}");
        let known = abi::callbacks(self.script.abi).find(|callback| callback.name == on);
        let (export, ty) = match (known, name) {
            (Some(callback), _) => (on, callback.ty),
            (None, "main") => ("main".to_owned(), FuncType { params: &[Val::I32, Val::I32], result: Some(Val::I32) }),
            (None, "_start" | "_initialize") => (name.to_owned(), FuncType { params: &[], result: None }),
            (None, "__main_void") => (name.to_owned(), FuncType { params: &[], result: Some(Val::I32) }),
            _ => return Err(format!("no callback {name}")),
        };
        let counter = format!("$calls_{name}");
        let mut wat =
            format!("(global {counter} (mut i32) (i32.const 0))\n(func (export \"{export}\") {}", signature(ty));
        wat.push_str(" (local $status i32)\n");
        let _ = writeln!(wat, "  (global.set {counter} (i32.add (global.get {counter}) (i32.const 1)))");
        let default = if ["vm_start", "configure", "done"].contains(&name) { 1 } else { 0 };
        // Those of a certain call first.
        let mut ordered: Vec<&&Part> = parts.iter().filter(|part| part.call.is_some()).collect();
        ordered.extend(parts.iter().filter(|part| part.call.is_none()));
        for part in ordered {
            let body = self.body(part, ty, default)?;
            match part.call {
                Some(call) => {
                    let _ = writeln!(wat, "  (if (i32.eq (global.get {counter}) (i32.const {call})) (then\n{body}  ))");
                }
                None => wat.push_str(&body),
            }
        }
        if ty.result.is_some() {
            let _ = writeln!(wat, "  (i32.const {default})");
        }
        wat.push_str(")\n");
        Ok(wat)
    }

    fn body(&mut self, part: &Part, ty: FuncType, default: i64) -> Result<String, String> {
        let mut wat = String::new();
        let mut returned = false;
        for op in &part.ops {
            match op {
                Op::Return(value) => {
                    returned = true;
                    if ty.result.is_some() {
                        let _ = writeln!(wat, "    (return (i32.const {value}))");
                    } else {
                        wat.push_str("    (return)\n");
                    }
                }
                Op::Trap(kind) => wat.push_str(trap(kind)?),
                Op::Call(module, name, args) => wat.push_str(&self.call(module, name, args)?),
            }
        }
        if !returned && part.call.is_some() {
            if ty.result.is_some() {
                let _ = writeln!(wat, "    (return (i32.const {default}))");
            } else {
                wat.push_str("    (return)\n");
            }
        }
        Ok(wat)
    }

    fn call(&mut self, module: &str, name: &str, args: &[Arg]) -> Result<String, String> {
        let ty = self.import(module, name).ok_or_else(|| format!("no host function {module}.{name}"))?;
        let mut wat = String::new();
        let mut pushed = Vec::new();
        let mut shown = String::new();
        let mut out = OUTS;
        for arg in args {
            match arg {
                Arg::Number(value) => match ty.params.get(pushed.len()) {
                    Some(Val::I64) => pushed.push(format!("(i64.const {value})")),
                    _ => pushed.push(format!("(i32.const {value})")),
                },
                Arg::Bytes(bytes) => {
                    let at = self.text(bytes);
                    pushed.push(format!("(i32.const {at})"));
                    pushed.push(format!("(i32.const {})", bytes.len()));
                }
                Arg::Param(n) => pushed.push(format!("(local.get {n})")),
                Arg::Last => pushed.push("(global.get $last)".to_owned()),
                Arg::Memory(size) => {
                    self.memory = self.memory.max(size.next_multiple_of(1024));
                    pushed.push("(i32.const $LARGE)".to_owned());
                    pushed.push(format!("(i32.const {size})"));
                }
                Arg::Out { width, shown: show } => {
                    let _ = writeln!(wat, "    (i64.store (i32.const {out}) (i64.const {UNSET}))");
                    pushed.push(format!("(i32.const {out})"));
                    let _ = writeln!(
                        shown,
                        "    (call $out{} (i32.const {out}) (i32.const {}))",
                        width * 8,
                        u8::from(*show)
                    );
                    out += 8;
                }
                Arg::OutBytes { shown: show } => {
                    let _ = writeln!(wat, "    (i64.store (i32.const {out}) (i64.const {UNSET}))");
                    let _ = writeln!(wat, "    (i64.store (i32.const {}) (i64.const {UNSET}))", out + 8);
                    pushed.push(format!("(i32.const {out})"));
                    pushed.push(format!("(i32.const {})", out + 8));
                    let _ = writeln!(shown, "    (call $bytes (i32.const {out}) (i32.const {}))", u8::from(*show));
                    out += 16;
                }
            }
        }
        if pushed.len() != ty.params.len() {
            return Err(format!("{name} takes {} arguments and not {}", ty.params.len(), pushed.len()));
        }
        let call = format!("(call ${module}.{name} {})", pushed.join(" "));
        if module == "env" && name == "proxy_log" {
            let _ = writeln!(wat, "    (drop {call})");
            return Ok(wat);
        }
        let short = name.strip_prefix("proxy_").unwrap_or(name);
        let at = self.text(short.as_bytes());
        match ty.result {
            Some(_) => {
                let _ = writeln!(wat, "    (local.set $status {call})");
            }
            None => {
                let _ = writeln!(wat, "    {call} (local.set $status (i32.const 0))");
            }
        }
        let _ = writeln!(wat, "    (call $begin (i32.const {at}) (i32.const {}) (local.get $status))", short.len());
        wat.push_str(&shown);
        wat.push_str("    (call $end)\n");
        Ok(wat)
    }
}

fn trap(kind: &str) -> Result<&'static str, String> {
    Ok(match kind {
        "unreachable" => "    unreachable\n",
        "divide" => "    (drop (i32.div_u (i32.const 1) (global.get $zero)))\n",
        "memory" => "    (drop (i32.load (i32.const -4)))\n",
        "stack" => "    (call $deep)\n",
        _ => return Err(format!("no trap {kind}")),
    })
}

fn signature(ty: FuncType) -> String {
    let val = |val: &Val| if *val == Val::I64 { " i64" } else { " i32" };
    let params: String = ty.params.iter().map(val).collect();
    let result = ty.result.as_ref().map_or(String::new(), |result| format!(" (result{})", val(result)));
    if params.is_empty() { result } else { format!("(param{params}){result}") }
}

fn escaped(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b" :/_-.".contains(byte) {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "\\{byte:02x}");
        }
    }
    out
}
