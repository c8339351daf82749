//! Modules that no text makes: code that takes compilers long, and files that take readers long.

use std::borrow::Cow;

use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};

use super::{Hostile, add};

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

/// Calls of four bytes that give and take a thousand values, and a branch with as many to so many targets.
fn wide(calls: u32, targets: u32) -> Vec<u8> {
    let mut raw = Raw::new(&body(&[], |f| {
        for _ in 0..calls {
            f.instruction(&Instruction::Call(3)).instruction(&Instruction::Call(4));
        }
        if targets > 0 {
            f.instruction(&Instruction::Block(wasm_encoder::BlockType::FunctionType(3)));
            f.instruction(&Instruction::Call(3)).instruction(&Instruction::I32Const(7));
            f.instruction(&Instruction::BrTable(vec![0; targets as usize].into(), 0));
            f.instruction(&Instruction::End).instruction(&Instruction::Call(4));
        }
    }));
    raw.types.ty().function([], [ValType::I32; 1000]);
    raw.types.ty().function([ValType::I32; 1000], []);
    raw.functions.function(3).function(4);
    raw.code.function(Function::new([]).instruction(&Instruction::Unreachable).instruction(&Instruction::End));
    raw.code.function(Function::new([]).instruction(&Instruction::End));
    raw.finish(|_| {}, |_| {})
}

/// Code that takes compilers and validators long.
pub(super) fn compilers(all: &mut Vec<Hostile>) {
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
    add(all, "calls that move a thousand values", wide(10_000, 0));
    add(all, "a branch that moves a thousand values to thirty thousand places", wide(1, 30_000));
    let mut one = |name: &str, function: Function| add(all, name, Raw::new(&function).finish(nothing, nothing));
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
pub(super) fn readers(all: &mut Vec<Hostile>) {
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
