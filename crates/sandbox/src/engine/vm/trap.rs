//! Traps in the words of Envoy's V8, with the frames that led there.

use wasmtime::{Trap as WasmTrap, WasmBacktrace};

use super::demangle;
use crate::report::Frame;

/// Why a call into a module did not return.
#[derive(Debug)]
pub(crate) enum Failure {
    /// In V8's words, with the innermost frame first.
    Trap { text: &'static str, backtrace: Vec<Frame> },
    /// The host ended it: a limit, said elsewhere.
    Halted,
    /// The time of the call was over.
    Time,
    /// The fuel of the call was used up.
    Fuel,
}

/// What a host function returns to end the call.
#[derive(Debug)]
pub(crate) enum Abort {
    /// The host call is not allowed in start functions and allocators.
    Restricted,
    /// The world says why.
    Halted,
}

impl std::fmt::Display for Abort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Restricted => "restricted_callback",
            Self::Halted => "halted",
        })
    }
}

impl std::error::Error for Abort {}

/// Also where the proxy and the module have called each other too deep.
pub(crate) const STACK_OVERFLOW: &str = "Uncaught RangeError: Maximum call stack size exceeded";
const UNREPRESENTABLE_QUOTIENT: &str = "Uncaught RuntimeError: divide result unrepresentable";
const UNREPRESENTABLE_FLOAT: &str = "Uncaught RuntimeError: float unrepresentable in integer range";

/// Reads an error of a call. `module` are the bytes that were compiled: one of the engine's codes stands for two of V8's,
/// and only the instruction tells which.
pub(crate) fn failure(error: &wasmtime::Error, module: &[u8]) -> Failure {
    let backtrace: Vec<Frame> = error.downcast_ref::<WasmBacktrace>().map(frames).unwrap_or_default();
    if let Some(abort) = error.downcast_ref::<Abort>() {
        return match abort {
            Abort::Restricted => Failure::Trap { text: "Uncaught Error: restricted_callback", backtrace },
            Abort::Halted => Failure::Halted,
        };
    }
    let text = match error.downcast_ref::<WasmTrap>() {
        Some(WasmTrap::Interrupt) => return Failure::Time,
        Some(WasmTrap::OutOfFuel) => return Failure::Fuel,
        Some(WasmTrap::StackOverflow) => STACK_OVERFLOW,
        Some(WasmTrap::MemoryOutOfBounds | WasmTrap::HeapMisaligned) => {
            "Uncaught RuntimeError: memory access out of bounds"
        }
        Some(WasmTrap::TableOutOfBounds) => "Uncaught RuntimeError: table index is out of bounds",
        Some(WasmTrap::IndirectCallToNull | WasmTrap::BadSignature) => {
            "Uncaught RuntimeError: function signature mismatch"
        }
        Some(WasmTrap::IntegerDivisionByZero) => by_zero(&backtrace, module),
        Some(WasmTrap::BadConversionToInteger) => UNREPRESENTABLE_FLOAT,
        Some(WasmTrap::IntegerOverflow) => overflow(&backtrace, module),
        _ => "Uncaught RuntimeError: unreachable",
    };
    Failure::Trap { text, backtrace }
}

/// The instruction that trapped.
fn instruction(backtrace: &[Frame], module: &[u8]) -> Option<u8> {
    let at = backtrace.first()?.offset.and_then(|offset| usize::try_from(offset).ok())?;
    module.get(at).copied()
}

/// Whether it was a division or its remainder.
fn by_zero(backtrace: &[Frame], module: &[u8]) -> &'static str {
    match instruction(backtrace, module) {
        // i32.rem_*, i64.rem_*
        Some(0x6f | 0x70 | 0x81 | 0x82) => "Uncaught RuntimeError: remainder by zero",
        _ => "Uncaught RuntimeError: divide by zero",
    }
}

/// Whether it was a division or a conversion that did not fit.
fn overflow(backtrace: &[Frame], module: &[u8]) -> &'static str {
    match instruction(backtrace, module) {
        // i32.trunc_*, i64.trunc_*
        Some(0xa8..=0xab | 0xae..=0xb1) => UNREPRESENTABLE_FLOAT,
        _ => UNREPRESENTABLE_QUOTIENT,
    }
}

fn frames(backtrace: &WasmBacktrace) -> Vec<Frame> {
    let frames = backtrace.frames().iter().take(64);
    frames
        .map(|frame| Frame {
            offset: frame.module_offset().map(|offset| offset as u64),
            name: frame.func_name().map(demangle::readable),
        })
        .collect()
}
