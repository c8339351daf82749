//! What a VM may take of memory and tables, and what it took.

use wasmtime::ResourceLimiter;

/// Elements of one table; Envoy lets it have ten million.
pub(crate) const TABLE_ELEMENTS: usize = 100_000;
/// Where Envoy's own memories end, in bytes.
const ENVOY_MEMORY: usize = 1 << 30;

/// Kept in the store.
#[derive(Debug)]
pub(crate) struct Limiter {
    pub(crate) memory_limit: usize,
    pub(crate) memory_peak: usize,
    /// A growth that Envoy would have allowed was refused here.
    pub(crate) memory_hit: bool,
    pub(crate) table_hit: bool,
}

impl Limiter {
    pub(crate) fn new(memory_limit: u64) -> Self {
        let memory_limit = usize::try_from(memory_limit).unwrap_or(usize::MAX);
        Self { memory_limit, memory_peak: 0, memory_hit: false, table_hit: false }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        if desired > self.memory_limit {
            self.memory_hit |= desired <= ENVOY_MEMORY;
            return Ok(false);
        }
        self.memory_peak = self.memory_peak.max(desired);
        Ok(true)
    }

    /// The process itself can have no more: what a worker's limits on its address space come to.
    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory_hit = true;
        Ok(())
    }

    fn table_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.table_hit |= desired > TABLE_ELEMENTS;
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        4
    }
}
