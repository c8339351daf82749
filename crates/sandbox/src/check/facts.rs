//! What a module says of itself, read section by section as far as it can be read.

use std::collections::HashMap;

use wasmparser::{
    CompositeInnerType, ConstExpr, DataKind, ElementItems, ElementKind, ExternalKind, FuncType, GlobalType, MemoryType,
    Operator, Parser, Payload, RefType, TableType, TypeRef, ValType,
};

/// Sections of one kind that are kept at most; more are read, but not listed.
const MAX_CUSTOM: usize = 200;

/// The module's own words.
#[derive(Default)]
pub struct Facts<'a> {
    types: Vec<Option<FuncType>>,
    functions: Vec<u32>,
    /// In order.
    pub imports: Vec<wasmparser::Import<'a>>,
    /// In order.
    pub exports: Vec<wasmparser::Export<'a>>,
    /// The functions among them, by name: names are looked up by the dozen, and there may be thousands.
    exported: HashMap<&'a str, u32>,
    /// Imported ones first.
    pub memories: Vec<MemoryType>,
    /// Imported ones first.
    pub tables: Vec<TableType>,
    /// Imported ones first.
    pub globals: Vec<GlobalType>,
    /// Name and content of custom sections.
    pub custom: Vec<(&'a str, &'a [u8])>,
    /// What the data segments hold.
    pub data: Vec<&'a [u8]>,
    /// A segment that lies outside of its memory or table.
    pub segment_outside: Option<String>,
}

impl<'a> Facts<'a> {
    /// Reads until the end, or until something cannot be read.
    pub fn read(bytes: &'a [u8]) -> Self {
        let mut facts = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            let Ok(payload) = payload else { break };
            if facts.section(payload).is_none() {
                break;
            }
        }
        facts
    }

    fn section(&mut self, payload: Payload<'a>) -> Option<()> {
        match payload {
            Payload::TypeSection(groups) => {
                for group in groups {
                    for ty in group.ok()?.into_types() {
                        self.types.push(match ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => Some(ty),
                            _ => None,
                        });
                    }
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.ok()?;
                    match import.ty {
                        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => self.functions.push(ty),
                        TypeRef::Memory(memory) => self.memories.push(memory),
                        TypeRef::Table(table) => self.tables.push(table),
                        TypeRef::Global(global) => self.globals.push(global),
                        TypeRef::Tag(_) => {}
                    }
                    self.imports.push(import);
                }
            }
            Payload::FunctionSection(functions) => {
                for ty in functions {
                    self.functions.push(ty.ok()?);
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    self.tables.push(table.ok()?.ty);
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    self.memories.push(memory.ok()?);
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    self.globals.push(global.ok()?.ty);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.ok()?;
                    if export.kind == ExternalKind::Func {
                        self.exported.entry(export.name).or_insert(export.index);
                    }
                    self.exports.push(export);
                }
            }
            Payload::ElementSection(elements) => {
                for element in elements {
                    let element = element.ok()?;
                    let ElementKind::Active { table_index, offset_expr } = element.kind else { continue };
                    let count = match element.items {
                        ElementItems::Functions(items) => items.count(),
                        ElementItems::Expressions(_, items) => items.count(),
                    };
                    let room = self.tables.get(table_index.unwrap_or(0) as usize).map(|table| table.initial);
                    self.look_at_segment("an element segment", &offset_expr, u64::from(count), room);
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    let segment = segment.ok()?;
                    self.data.push(segment.data);
                    let DataKind::Active { memory_index, offset_expr } = segment.kind else { continue };
                    let memory = self.memories.get(memory_index as usize);
                    let room = memory.map(|memory| memory.initial.saturating_mul(1 << 16));
                    self.look_at_segment("a data segment", &offset_expr, segment.data.len() as u64, room);
                }
            }
            Payload::CustomSection(section) if self.custom.len() < MAX_CUSTOM => {
                self.custom.push((section.name(), section.data()));
            }
            _ => {}
        }
        Some(())
    }

    fn look_at_segment(&mut self, what: &str, offset: &ConstExpr<'_>, size: u64, room: Option<u64>) {
        let (Some(offset), Some(room)) = (plain(offset).or_else(|| constant(offset)), room) else { return };
        if self.segment_outside.is_none() && offset.saturating_add(size) > room {
            self.segment_outside = Some(format!("{what} of {size} at {offset} lies outside of the {room} there are"));
        }
    }

    /// The memories that are imported.
    pub fn imported_memories(&self) -> Vec<MemoryType> {
        let memory = |import: &wasmparser::Import<'_>| match import.ty {
            TypeRef::Memory(memory) => Some(memory),
            _ => None,
        };
        self.imports.iter().filter_map(memory).collect()
    }

    /// The type of a function of this module, imports counted first.
    pub fn function_type(&self, index: u32) -> Option<&FuncType> {
        self.functions.get(index as usize).and_then(|ty| self.type_at(*ty))
    }

    /// The function type at that index of the type section.
    pub fn type_at(&self, index: u32) -> Option<&FuncType> {
        self.types.get(index as usize)?.as_ref()
    }

    /// The type of the function that is exported under that name. Anything else of that name is as good as absent.
    pub fn exported_function(&self, name: &str) -> Option<&FuncType> {
        self.exported.get(name).and_then(|index| self.function_type(*index))
    }
}

/// `i32.const` with nothing after it: nearly all offsets, and Go's linker makes tens of thousands of them.
fn plain(offset: &ConstExpr<'_>) -> Option<u64> {
    const I32_CONST: u8 = 0x41;
    const END: u8 = 0x0b;
    let mut reader = offset.get_binary_reader();
    if reader.read_u8().ok()? != I32_CONST {
        return None;
    }
    let value = reader.read_var_i32().ok()?;
    (reader.read_u8().ok()? == END && reader.eof()).then(|| u64::from(value.cast_unsigned()))
}

/// The value of an offset that is written out; sums of constants too.
fn constant(offset: &ConstExpr<'_>) -> Option<u64> {
    let mut stack: Vec<(u64, bool)> = Vec::new();
    for operator in offset.get_operators_reader() {
        match operator.ok()? {
            Operator::I32Const { value } => stack.push((u64::from(value.cast_unsigned()), false)),
            Operator::I64Const { value } => stack.push((value.cast_unsigned(), true)),
            Operator::I32Add | Operator::I64Add => {
                let ((right, wide), (left, _)) = (stack.pop()?, stack.pop()?);
                let sum = left.wrapping_add(right);
                stack.push((if wide { sum } else { sum & u64::from(u32::MAX) }, wide));
            }
            Operator::End => {}
            _ => return None,
        }
        if stack.len() > 64 {
            return None;
        }
    }
    stack.pop().map(|(value, _)| value)
}

/// A function type in Envoy's notation.
pub fn written(ty: &FuncType) -> String {
    let side = |types: &[ValType]| {
        let shown: Vec<String> = types.iter().take(64).map(name).collect();
        match (shown.is_empty(), types.len() > 64) {
            (true, _) => "void".to_owned(),
            (false, false) => shown.join(" "),
            (false, true) => format!("{} …", shown.join(" ")),
        }
    };
    format!("{} -> {}", side(ty.params()), side(ty.results()))
}

/// References are named alike, whether they may be null or not.
fn name(ty: &ValType) -> String {
    match ty {
        ValType::Ref(reference) if reference.is_func_ref() || *reference == RefType::FUNC => "funcref".to_owned(),
        ValType::Ref(reference) if reference.is_extern_ref() || *reference == RefType::EXTERN => "externref".to_owned(),
        other => other.to_string(),
    }
}
