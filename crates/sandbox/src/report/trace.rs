//! The ordered trace of calls between the proxy and the modules.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Phase;

/// One call, at the place where it began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceEntry {
    /// Counts from 0.
    pub n: u64,
    /// Whose VM.
    pub plugin: usize,
    /// When.
    pub phase: Phase,
    /// The context the proxy called with.
    pub context: u32,
    /// Who called whom.
    pub dir: Direction,
    /// `proxy_on_request_headers`, `env.proxy_log`, `malloc`.
    pub name: String,
    /// Raw arguments, 32-bit ones unsigned.
    pub args: Vec<i128>,
    /// What came back; `None` when nothing did.
    pub ret: Option<i128>,
    /// For people: an object.
    pub decoded: Value,
}

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The proxy calls the module.
    Vm,
    /// The module calls the proxy.
    Host,
    /// The module's allocator, called during a host call.
    Alloc,
}
