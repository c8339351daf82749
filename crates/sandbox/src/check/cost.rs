//! How much a check reads of a module. Validating is not linear in the bytes: a call of four bytes may move two thousand
//! values, and a type of a few makes an entry in several tables. So what it costs is counted, and never more is done than
//! a check has time for. It is counted, not timed: the same bytes get the same answer on every machine.

use std::sync::atomic::{AtomicU64, Ordering};

use wasmparser::{
    BinaryReader, BinaryReaderError, CompositeInnerType, ConstExpr, FromReader, FunctionBody, Parser, Payload, TypeRef,
};

use super::scan::sections;

/// What a check may cost. A unit is what validating a byte of ordinary code takes, some 7 ns, so that this is 33 ms on two
/// processors. The largest plugin that we know of, 10 MB of Go, costs 9 million.
pub(super) const MOST: u64 = 9_500_000;

/// Units for a byte of each kind of section that people write by the dozen, and compilers by the thousand.
const PER_BYTE: [(u8, u64); 9] =
    [(TYPE, 64), (IMPORT, 48), (FUNCTION, 100), (4, 16), (5, 16), (6, 16), (EXPORT, 16), (ELEMENT, 20), (13, 16)];
const TYPE: u8 = 1;
const IMPORT: u8 = 2;
const FUNCTION: u8 = 3;
const EXPORT: u8 = 7;
const ELEMENT: u8 = 9;
const CODE: u8 = 10;
const DATA: u8 = 11;
/// For each section, whatever it holds.
const PER_SECTION: u64 = 48;
/// For each piece of data, however long.
const PER_SEGMENT: u64 = 12;
/// Bytes of the longest expression that says where a piece of data goes.
const LONGEST_OFFSET: usize = 1 << 10;
/// Values of a type that is worth twice its width.
const WIDE: u32 = 8;
/// For each group of a function's locals.
const PER_LOCALS: u64 = 4;
/// Bytes of one function at the common price: what is more cannot be dealt out to processors.
const LONG: u64 = 1 << 20;

/// What reading a module costs at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cost {
    /// All but its code.
    pub(super) facts: u64,
    /// Its code, without what its calls cost besides.
    pub(super) code: u64,
}

impl Cost {
    /// By the frames of its sections, as far as they hold together.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut cost = Self { facts: 0, code: 0 };
        for (id, start, end) in sections(bytes).map_while(Result::ok) {
            let size = (end - start) as u64;
            cost.facts += PER_SECTION;
            match id {
                CODE => cost.code += size,
                DATA => cost.facts += data(bytes.get(start..end).unwrap_or_default()),
                _ => {
                    let per_byte = PER_BYTE.iter().find(|(of, _)| *of == id).map_or(0, |(_, units)| *units);
                    cost.facts += per_byte * size;
                }
            }
            if cost.facts > MOST {
                break;
            }
        }
        cost
    }
}

/// What a data section costs, as far as it can be read. Go's linker makes tens of thousands of pieces.
fn data(section: &[u8]) -> u64 {
    const PASSIVE: u32 = 1;
    const OF_MEMORY: u32 = 2;
    let mut reader = BinaryReader::new(section, 0);
    let Ok(count) = reader.read_var_u32() else { return 0 };
    let mut units = 0;
    for _ in 0..count {
        let offset = |reader: &mut BinaryReader<'_>| {
            let flags = reader.read_var_u32()?;
            if flags == OF_MEMORY {
                reader.read_var_u32()?;
            }
            if flags == PASSIVE { Ok(0) } else { offset(reader, section) }
        };
        let Ok(offset) = offset(&mut reader) else { return units };
        units += PER_SEGMENT + offset;
        let skipped = reader.read_var_u32().and_then(|size| reader.read_bytes(size as usize));
        if skipped.is_err() || units > MOST {
            break;
        }
    }
    units
}

/// What the expression costs that says where a piece of data goes: nothing if it is a number. A longer one than anybody
/// writes is not read.
fn offset(reader: &mut BinaryReader<'_>, section: &[u8]) -> Result<u64, BinaryReaderError> {
    const I32_CONST: u8 = 0x41;
    const END: u8 = 0x0b;
    let mut plain = reader.clone();
    if plain.read_u8()? == I32_CONST && plain.read_var_i32().is_ok() && plain.read_u8()? == END {
        *reader = plain;
        return Ok(0);
    }
    let at = reader.current_position();
    let rest = section.get(at..).unwrap_or_default();
    let mut expression = BinaryReader::new(rest.get(..LONGEST_OFFSET).unwrap_or(rest), 0);
    if ConstExpr::from_reader(&mut expression).is_err() {
        return Ok(MOST);
    }
    let size = expression.current_position();
    reader.read_bytes(size)?;
    Ok(8 * size as u64)
}

/// The number at the beginning of the bytes.
fn number(bytes: &[u8]) -> u32 {
    BinaryReader::new(bytes, 0).read_var_u32().unwrap_or(u32::MAX)
}

/// The same, where it counts what follows: of which there is no more than there are bytes, whatever it says.
fn count(bytes: &[u8]) -> u32 {
    number(bytes).min(u32::try_from(bytes.len()).unwrap_or(u32::MAX))
}

/// What is left of what a check may cost.
pub(super) struct Allowance(AtomicU64);

impl Allowance {
    /// So many units.
    pub(super) fn new(units: u64) -> Self {
        Self(AtomicU64::new(units))
    }

    /// Takes so many, and says whether they were there. Once they were not, nothing is left.
    pub(super) fn take(&self, units: u64) -> bool {
        let took = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(units));
        if took.is_err() {
            self.0.store(0, Ordering::Relaxed);
        }
        took.is_ok()
    }
}

/// What an operator of a module may move besides itself, in values.
#[derive(Default)]
pub(super) struct Widths {
    types: Vec<u32>,
    functions: Vec<u32>,
    widest: u32,
    /// Whether a function has more than one result, so that leaving a block may move several.
    several: bool,
}

impl Widths {
    /// By the sections in front of the code, as far as they can be read.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut widths = Self::default();
        for section in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
            if matches!(section, Payload::CodeSectionStart { .. }) || widths.section(section).is_none() {
                break;
            }
        }
        widths
    }

    fn section(&mut self, section: Payload<'_>) -> Option<()> {
        match section {
            Payload::TypeSection(groups) => {
                for group in groups {
                    for ty in group.ok()?.into_types() {
                        let (width, results) = match ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => {
                                (ty.params().len() + ty.results().len(), ty.results().len())
                            }
                            CompositeInnerType::Struct(ty) => (ty.fields.len(), 0),
                            CompositeInnerType::Array(_) | CompositeInnerType::Cont(_) => (1, 0),
                        };
                        let width = u32::try_from(width).unwrap_or(u32::MAX);
                        // Nobody writes many of the wide ones, and a small module has one processor for them.
                        let width = if width > WIDE { width.saturating_mul(2) } else { width };
                        self.types.push(width);
                        self.widest = self.widest.max(width);
                        self.several |= results > 1;
                    }
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if let TypeRef::Func(ty) | TypeRef::FuncExact(ty) = import.ok()?.ty {
                        self.functions.push(self.of_type(ty));
                    }
                }
            }
            Payload::FunctionSection(functions) => {
                for ty in functions {
                    let width = self.of_type(ty.ok()?);
                    self.functions.push(width);
                }
            }
            _ => {}
        }
        Some(())
    }

    fn of_type(&self, index: u32) -> u32 {
        self.types.get(index as usize).copied().unwrap_or_default()
    }

    fn of_function(&self, index: u32) -> u32 {
        self.functions.get(index as usize).copied().unwrap_or_default()
    }
}

/// Counts the operators of one function.
pub(super) struct Counter<'a> {
    widths: &'a Widths,
    body: &'a [u8],
    start: usize,
    several: bool,
}

impl<'a> Counter<'a> {
    /// Of a function of a module of such widths.
    pub(super) fn new(widths: &'a Widths, body: &FunctionBody<'a>) -> Self {
        Self { widths, body: body.as_bytes(), start: body.range().start, several: widths.several }
    }

    /// What the function costs in any case.
    pub(super) fn flat(&self) -> u64 {
        // The bytes themselves are paid for with the section.
        (self.body.len() as u64).saturating_sub(LONG) + PER_LOCALS * u64::from(count(self.body))
    }

    /// What the operator at that place of the module costs besides its bytes.
    #[inline]
    pub(super) fn besides(&mut self, at: usize) -> u32 {
        let Some([operator, rest @ ..]) = self.body.get(at - self.start..) else { return 0 };
        match operator {
            // Most of all: locals, constants, arithmetic, memory.
            0x1a..=0x1c | 0x20..=0xd4 | 0xfc..=0xfe | 0x00 | 0x01 => 0,
            // `block`, `loop`, `if`, `try`
            0x02..=0x04 | 0x06 | 0x1f => 1 + self.block(rest),
            // `call`, `return_call`
            0x10 | 0x12 => self.widths.of_function(number(rest)).saturating_add(1),
            // `call_indirect`, `return_call_indirect`
            0x11 | 0x13 => self.widths.of_type(number(rest)).saturating_add(1),
            // `br_table`: each of its targets is looked at.
            0x0e => count(rest).saturating_add(1).saturating_mul(1 + self.left()),
            // `else`, `end`, `br`, `br_if`, `return`
            0x05 | 0x0b..=0x0d | 0x0f => 1 + self.left(),
            // `array.new_fixed` names its own number.
            0xfb if rest.first() == Some(&8) => 10_000,
            // Proposals: exceptions, typed functions, structures, continuations.
            _ => self.widths.widest,
        }
    }

    /// Values that leaving a block may move.
    fn left(&self) -> u32 {
        if self.several { self.widths.widest } else { 0 }
    }

    /// Values that entering one moves: by its type, or none.
    fn block(&mut self, rest: &[u8]) -> u32 {
        match rest.first() {
            // A value type, or nothing: negative numbers of one byte.
            Some(0x40..=0x7f) | None => 0,
            Some(_) => {
                self.several = true;
                self.widths.of_type(number(rest))
            }
        }
    }
}
