//! Links the host functions of an ABI version: everything a host call has in common happens here.

use std::sync::OnceLock;

use wasmtime::{Caller, Engine, FuncType, Linker, Val, ValType};

use super::call::{Call, Host};
use super::machine;
use super::trap::Abort;
use crate::abi::{self, ENV, Function, Version, WASI, WASI_MODULES};
use crate::engine::host::{self, HostFn};
use crate::engine::status::Status;
use crate::engine::world::Halt;
use crate::report::Direction;

/// A linker with exactly what Envoy serves to modules of this version. Made once: a run of a small module takes less time
/// than that.
///
/// # Errors
/// Never for the table we have; the engine's own words if it were wrong.
pub(crate) fn linker(version: Version) -> Result<Linker<Host>, String> {
    static MADE: [OnceLock<Result<Linker<Host>, String>>; 3] = [const { OnceLock::new() }; 3];
    let at = Version::ALL.iter().position(|known| *known == version).unwrap_or(0);
    MADE[at].get_or_init(|| make(machine::engine()?, version).map_err(|error| format!("{error:#}"))).clone()
}

fn make(engine: &Engine, version: Version) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    for function in ENV.iter().filter(|function| function.versions.contains(&version)) {
        define(&mut linker, engine, "env", function, host::env(function.name))?;
    }
    for module in WASI_MODULES {
        for function in WASI.iter().filter(|function| function.versions.contains(&version)) {
            define(&mut linker, engine, module, function, host::wasi(function.name))?;
        }
    }
    Ok(linker)
}

fn define(
    linker: &mut Linker<Host>,
    engine: &Engine,
    module: &str,
    function: &Function,
    run: HostFn,
) -> wasmtime::Result<()> {
    let full = format!("{module}.{}", function.name);
    linker.func_new(module, function.name, signature(engine, function.ty), move |caller, args, results| {
        dispatch(caller, run, &full, args, results)
    })?;
    Ok(())
}

fn signature(engine: &Engine, ty: abi::FuncType) -> FuncType {
    let value = |ty: &abi::Val| match ty {
        abi::Val::I32 => ValType::I32,
        abi::Val::I64 => ValType::I64,
    };
    FuncType::new(engine, ty.params.iter().map(value), ty.result.iter().map(value))
}

fn dispatch(
    mut caller: Caller<'_, Host>,
    function: HostFn,
    full: &str,
    args: &[Val],
    results: &mut [Val],
) -> wasmtime::Result<()> {
    if caller.data().instantiating && function.needs_context {
        caller.data_mut().world.halt = Some(Halt::Crashed);
        return Err(Abort::Halted.into());
    }
    let world = &mut caller.data_mut().world;
    world.clock.step();
    world.hostcalls += 1;
    let limit = world.settings.limits.hostcalls;
    if world.hostcalls > limit {
        world.stop_at("hostcalls", limit);
        return Err(Abort::Halted.into());
    }
    let entry = world.record.enter(world.frame.at, Direction::Host, full.to_owned(), args.iter().map(raw).collect());
    if !function.narrow.allows(world.frame.restriction) {
        let text = format!("{full} was called in a start function or an allocator, where Envoy lets it trap.");
        world.warn("restricted_callback", &text);
        return Err(Abort::Restricted.into());
    }
    let mut call = Call { caller, args, entry };
    let code = (function.run)(&mut call);
    let world = call.world();
    if let Some(result) = results.first_mut() {
        *result = Val::I32(code.cast_signed());
        world.record.leave(entry, Some(i128::from(code)));
        if function.returns_status
            && code != 0
            && let Some(word) = Status::word(u64::from(code))
        {
            world.record.decode(entry, "status", word.into());
        }
    }
    if world.halt.is_some() { Err(Abort::Halted.into()) } else { Ok(()) }
}

/// 32-bit values unsigned, as the trace writes them.
pub(crate) fn raw(value: &Val) -> i128 {
    match value {
        Val::I32(value) => i128::from(value.cast_unsigned()),
        Val::I64(value) => i128::from(*value),
        Val::F32(bits) => i128::from(*bits),
        Val::F64(bits) => i128::from(*bits),
        _ => 0,
    }
}
