//! One VM: an instance of a module with its memory, and calls into it.

use std::collections::BTreeMap;
use std::time::Instant;

use wasmtime::{Engine, Extern, ExternType, Func, Linker, Memory, Store, Val};

use super::call::Host;
use super::limiter::Limiter;
use super::linker::raw;
use super::machine;
use super::trap::{self, Failure};
use crate::Module;
use crate::engine::world::{Halt, World};
use crate::limits::Limits;
use crate::report::Direction;

/// What one call may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) fuel: u64,
    pub(crate) ms: u64,
}

/// See the module.
pub(crate) struct Instance {
    store: Store<Host>,
    functions: BTreeMap<String, Func>,
    memory: Option<Memory>,
    pub(crate) initial_bytes: u64,
}

/// Why a module has no instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoInstance {
    /// Envoy refuses it as well.
    Refused,
    /// Envoy dies of its start section.
    Crashed,
    /// The sandbox gave up: which limit, and its value.
    Limit(&'static str, u64),
}

/// What a call came to.
pub(crate) struct Called {
    pub(crate) result: Result<Option<u64>, Failure>,
    pub(crate) fuel: u64,
    pub(crate) ns: u64,
}

impl Instance {
    /// Makes the instance and runs its start section.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn new(
        engine: &Engine,
        linker: &Linker<Host>,
        code: &wasmtime::Module,
        module: &Module,
        limits: &Limits,
        budget: Budget,
    ) -> Result<Self, NoInstance> {
        let host = Host {
            world: Box::new(World::empty()),
            limiter: Limiter::new(limits.memory_bytes),
            memory: None,
            instantiating: true,
            allocator: None,
            module: module.clone(),
        };
        let mut store = Store::new(engine, host);
        store.limiter(|host| &mut host.limiter);
        let mut linker = linker.clone();
        let made = Self::instantiate(&mut store, &mut linker, code, budget);
        let (functions, memory) = made.map_err(|error| Self::none_of(&store, &error, limits))?;
        let initial_bytes = memory.map_or(0, |memory| memory.data_size(&store) as u64);
        let allocator = ["malloc", "proxy_on_memory_allocate"]
            .into_iter()
            .find_map(|name| Some((functions.get(name)?.typed(&store).ok()?, name)));
        let host = store.data_mut();
        (host.memory, host.allocator, host.instantiating) = (memory, allocator, false);
        Ok(Self { store, functions, memory, initial_bytes })
    }

    fn none_of(store: &Store<Host>, error: &wasmtime::Error, limits: &Limits) -> NoInstance {
        let host = store.data();
        if host.world.halt == Some(Halt::Crashed) {
            return NoInstance::Crashed;
        }
        if host.limiter.memory_hit || host.limiter.table_hit {
            return NoInstance::Limit("memory_bytes", limits.memory_bytes);
        }
        match trap::failure(error, host.module.bytes()) {
            Failure::Time => NoInstance::Limit("start_ms", limits.start_ms),
            Failure::Fuel => NoInstance::Limit("fuel_start", limits.fuel_start),
            Failure::Trap { .. } | Failure::Halted => NoInstance::Refused,
        }
    }

    fn instantiate(
        store: &mut Store<Host>,
        linker: &mut Linker<Host>,
        code: &wasmtime::Module,
        budget: Budget,
    ) -> wasmtime::Result<(BTreeMap<String, Func>, Option<Memory>)> {
        store.set_fuel(budget.fuel)?;
        store.set_epoch_deadline(machine::epochs(budget.ms));
        linker.allow_shadowing(true);
        // Envoy gives a module the memory and tables that it imports.
        for import in code.imports() {
            match import.ty() {
                ExternType::Memory(ty) => {
                    let memory = Memory::new(&mut *store, ty)?;
                    linker.define(&mut *store, import.module(), import.name(), memory)?;
                }
                ExternType::Table(ty) => {
                    let null = wasmtime::Ref::null(ty.element().heap_type());
                    let table = wasmtime::Table::new(&mut *store, ty, null)?;
                    linker.define(&mut *store, import.module(), import.name(), table)?;
                }
                _ => {}
            }
        }
        let imported = code
            .imports()
            .filter(|import| matches!(import.ty(), ExternType::Memory(_)))
            .find_map(|import| linker.get(&mut *store, import.module(), import.name()).ok()?.into_memory());
        let instance = linker.instantiate(&mut *store, code)?;
        let mut functions = BTreeMap::new();
        let mut memory = None;
        for export in instance.exports(&mut *store).collect::<Vec<_>>() {
            let name = export.name().to_owned();
            match export.into_extern() {
                Extern::Func(function) => {
                    functions.insert(name, function);
                }
                Extern::Memory(exported) => memory = memory.or(Some(exported)),
                _ => {}
            }
        }
        Ok((functions, memory.or(imported)))
    }

    pub(crate) fn has(&self, export: &str) -> bool {
        self.functions.contains_key(export)
    }

    /// Calls an export with 32-bit arguments. More than it takes are left out: `proxy_on_request_headers` of ABI 0.1.0.
    pub(crate) fn call(&mut self, world: &mut Box<World>, export: &str, args: &[u32], budget: Budget) -> Called {
        let started = Instant::now();
        let Some(function) = self.functions.get(export).copied() else {
            return Called { result: Ok(None), fuel: 0, ns: 0 };
        };
        let ty = function.ty(&self.store);
        let args: Vec<Val> = args.iter().take(ty.params().len()).map(|arg| Val::I32(arg.cast_signed())).collect();
        let mut results = vec![Val::I32(0); ty.results().len()];
        let at = world.frame.at;
        let entry = world.record.enter(at, Direction::Vm, export.to_owned(), args.iter().map(raw).collect());
        std::mem::swap(world, &mut self.store.data_mut().world);
        // Fuel is on in the engine's settings; setting it cannot fail.
        let _ = self.store.set_fuel(budget.fuel);
        self.store.set_epoch_deadline(machine::epochs(budget.ms));
        let result = function.call(&mut self.store, &args, &mut results);
        std::mem::swap(world, &mut self.store.data_mut().world);
        let fuel = budget.fuel - self.store.get_fuel().unwrap_or(0);
        let result = match result {
            Ok(()) => {
                let value = results.first().map(|value| match value {
                    Val::I32(value) => u64::from(value.cast_unsigned()),
                    Val::I64(value) => value.cast_unsigned(),
                    _ => 0,
                });
                world.record.leave(entry, value.map(i128::from));
                Ok(value)
            }
            Err(error) => Err(trap::failure(&error, self.store.data().module.bytes())),
        };
        let ns = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        Called { result, fuel, ns }
    }

    pub(crate) fn peak_bytes(&self) -> u64 {
        let now = self.memory.map_or(0, |memory| memory.data_size(&self.store) as u64);
        now.max(self.store.data().limiter.memory_peak as u64)
    }

    /// Whether the guest was refused memory or table elements that Envoy would have given.
    pub(crate) fn limits_hit(&self) -> (bool, bool) {
        (self.store.data().limiter.memory_hit, self.store.data().limiter.table_hit)
    }
}
