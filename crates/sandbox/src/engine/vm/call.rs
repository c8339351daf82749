//! One host call: its arguments, the guest's memory, and the world.

use serde_json::Value;
use wasmtime::{Caller, Memory, TypedFunc, Val};

use super::limiter::Limiter;
use super::trap::{self, Failure};
use crate::engine::http::headers::Pair;
use crate::engine::http::pairs;
use crate::engine::record::shown;
use crate::engine::status::Status;
use crate::engine::world::{Halt, Restriction, World};
use crate::report::{Direction, Trap};

/// What lies in a store.
pub(crate) struct Host {
    pub(crate) world: Box<World>,
    pub(crate) limiter: Limiter,
    /// The memory that the module exports or imports; known once it has its instance.
    pub(crate) memory: Option<Memory>,
    /// The instance is being made: its start section runs, and there is no context yet.
    pub(crate) instantiating: bool,
    /// `malloc`, or `proxy_on_memory_allocate` where there is none.
    pub(crate) allocator: Option<(TypedFunc<i32, i32>, &'static str)>,
    /// The bytes that were compiled, for the words of some traps.
    pub(crate) module: crate::Module,
}

/// See the module.
pub(crate) struct Call<'a> {
    pub(crate) caller: Caller<'a, Host>,
    pub(crate) args: &'a [Val],
    pub(crate) entry: Option<usize>,
}

/// What most host calls end with: a status, or one early.
pub(crate) type Answer = Result<Status, Status>;

impl Call<'_> {
    pub(crate) fn world(&mut self) -> &mut World {
        &mut self.caller.data_mut().world
    }

    /// The argument at that place, unsigned. Types were checked when the module was linked.
    pub(crate) fn u32(&self, at: usize) -> u32 {
        match self.args.get(at) {
            Some(Val::I32(value)) => value.cast_unsigned(),
            _ => 0,
        }
    }

    pub(crate) fn i64(&self, at: usize) -> i64 {
        match self.args.get(at) {
            Some(Val::I64(value)) => *value,
            _ => 0,
        }
    }

    /// For people who read the trace.
    pub(crate) fn decode(&mut self, key: &str, value: impl Into<Value>) {
        let entry = self.entry;
        self.world().record.decode(entry, key, value.into());
    }

    /// For people who read the trace, cut where it is long.
    pub(crate) fn decode_bytes(&mut self, key: &str, value: &[u8]) {
        self.decode(key, shown(value));
    }

    /// The guest's memory. Envoy does not ask whether it has one that can be reached, and dies if not.
    fn memory(&mut self) -> Option<Memory> {
        let memory = self.caller.data().memory;
        if memory.is_none() {
            self.die("Envoy looks for the memory of a module that exports none, and crashes (SIGSEGV).");
        }
        memory
    }

    /// Envoy crashes inside this host call.
    pub(crate) fn die(&mut self, text: &str) {
        let instantiating = self.caller.data().instantiating;
        let world = self.world();
        if !instantiating {
            world.warn("no_memory", text);
        }
        world.halt = Some(Halt::Crashed);
    }

    /// A copy of guest memory; `None` outside it.
    pub(crate) fn read(&mut self, at: u32, len: u32) -> Option<Vec<u8>> {
        let memory = self.memory()?;
        let start = at as usize;
        Some(memory.data(&self.caller).get(start..start.checked_add(len as usize)?)?.to_vec())
    }

    /// The bytes that two arguments, pointer and size, stand for.
    pub(crate) fn bytes(&mut self, at: usize) -> Result<Vec<u8>, Status> {
        let (pointer, size) = (self.u32(at), self.u32(at + 1));
        self.read(pointer, size).ok_or(Status::InvalidMemoryAccess)
    }

    /// The pairs that two arguments stand for. A malformed buffer is an empty map, as in Envoy, with a warning.
    pub(crate) fn pairs(&mut self, at: usize) -> Result<Vec<Pair>, Status> {
        let bytes = self.bytes(at)?;
        Ok(match pairs::decode(&bytes) {
            Some(pairs) => pairs,
            None => {
                // What an SDK passes for no headers at all is two NULs or nothing; both are empty and right.
                if !bytes.is_empty() {
                    self.world()
                        .warn("malformed_map", "A buffer of header pairs is malformed; Envoy reads it as empty.");
                }
                Vec::new()
            }
        })
    }

    pub(crate) fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Status> {
        let memory = self.memory().ok_or(Status::InvalidMemoryAccess)?;
        memory.write(&mut self.caller, at as usize, bytes).map_err(|_| Status::InvalidMemoryAccess)
    }

    pub(crate) fn write_u32(&mut self, at: u32, value: u32) -> Result<(), Status> {
        self.write(at, &value.to_le_bytes())
    }

    pub(crate) fn write_u64(&mut self, at: u32, value: u64) -> Result<(), Status> {
        self.write(at, &value.to_le_bytes())
    }

    /// Gives the guest a buffer of its own allocation by the two pointers that two arguments are. Nothing is allocated for
    /// an empty one.
    pub(crate) fn give(&mut self, bytes: &[u8], at: usize) -> Answer {
        let (pointer, size) = (self.u32(at), self.u32(at + 1));
        let len = u32::try_from(bytes.len()).map_err(|_| Status::InvalidMemoryAccess)?;
        let address = if bytes.is_empty() { 0 } else { self.allocate(len)? };
        if !bytes.is_empty() {
            self.write(address, bytes)?;
        }
        self.write_u32(pointer, address)?;
        self.write_u32(size, len)?;
        Ok(Status::Ok)
    }

    /// Calls the guest's allocator from inside the host call. Should it trap, the VM is dead, but the callback that made
    /// the host call goes on.
    pub(crate) fn allocate(&mut self, len: u32) -> Result<u32, Status> {
        let Some((allocator, name)) = self.caller.data().allocator.clone() else {
            return Err(Status::InvalidMemoryAccess);
        };
        let world = self.world();
        let frame = world.frame;
        world.frame.restriction = Restriction::Allocator;
        let entry = world.record.enter(frame.at, Direction::Alloc, name.to_owned(), vec![i128::from(len)]);
        let result = allocator.call(&mut self.caller, len.cast_signed());
        self.world().frame.restriction = frame.restriction;
        match result {
            Ok(address) => {
                let address = address.cast_unsigned();
                self.world().record.leave(entry, Some(i128::from(address)));
                let end = u64::from(address) + u64::from(len);
                let size = self.caller.data().memory.map_or(0, |memory| memory.data_size(&self.caller) as u64);
                if address == 0 || end > size { Err(Status::InvalidMemoryAccess) } else { Ok(address) }
            }
            Err(error) => {
                let failure = trap::failure(&error, self.caller.data().module.bytes());
                let world = self.world();
                match failure {
                    Failure::Trap { text, backtrace } => {
                        let plugin = frame.at.plugin;
                        world.record.trap(Trap { plugin, function: name.to_owned(), text: text.to_owned(), backtrace });
                        world.vm().failed = true;
                    }
                    Failure::Halted => {}
                    Failure::Time => world.stop_at("callback_ms", world.settings.limits.callback_ms),
                    Failure::Fuel => world.stop_at("fuel_callback", world.settings.limits.fuel_callback),
                }
                Err(Status::InvalidMemoryAccess)
            }
        }
    }
}
