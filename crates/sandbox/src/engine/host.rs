//! What each host function does. Types, versions and the trace are [`super::vm::linker`]'s.

mod buffers;
mod callouts;
mod flow;
mod foreign;
mod headers;
mod log;
mod metrics;
mod properties;
mod shared;
mod time;
mod wasi;

use super::status::Status;
use super::vm::call::{Answer, Call};
use super::world::Restriction;

/// One host function.
#[derive(Clone, Copy)]
pub(crate) struct HostFn {
    pub(crate) run: fn(&mut Call<'_>) -> u32,
    pub(crate) narrow: Narrow,
    /// Envoy looks at the context that calls, which the start section has not: it dies.
    pub(crate) needs_context: bool,
    pub(crate) returns_status: bool,
}

/// Where a host function may be called besides callbacks. Elsewhere Envoy lets it trap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Narrow {
    Nowhere,
    InStart,
    InStartAndAllocator,
}

impl Narrow {
    /// Whether the function may be called there.
    pub(crate) fn allows(self, restriction: Restriction) -> bool {
        match restriction {
            Restriction::None => true,
            Restriction::Start => self != Self::Nowhere,
            Restriction::Allocator => self == Self::InStartAndAllocator,
        }
    }
}

/// The status that a host call of the ABI returns.
fn code(answer: Answer) -> u32 {
    answer.unwrap_or_else(|status| status) as u32
}

macro_rules! status {
    ($function:path) => {
        HostFn { run: |call| code($function(call)), narrow: Narrow::Nowhere, needs_context: true, returns_status: true }
    };
}

/// A function of `env`. Every name of the ABI's table has one.
pub(crate) fn env(name: &str) -> HostFn {
    match name {
        "proxy_log" => HostFn { narrow: Narrow::InStartAndAllocator, ..status!(log::log) },
        "proxy_get_log_level" => status!(log::get_log_level),
        "proxy_get_header_map_size" => status!(headers::size),
        "proxy_get_header_map_pairs" => status!(headers::get_pairs),
        "proxy_set_header_map_pairs" => status!(headers::set_pairs),
        "proxy_get_header_map_value" => status!(headers::get),
        "proxy_add_header_map_value" => status!(headers::add),
        "proxy_replace_header_map_value" => status!(headers::replace),
        "proxy_remove_header_map_value" => status!(headers::remove),
        "proxy_get_buffer_bytes" => status!(buffers::get),
        "proxy_get_buffer_status" => status!(buffers::status),
        "proxy_set_buffer_bytes" => status!(buffers::set),
        "proxy_get_configuration" => status!(buffers::get_configuration),
        "proxy_get_property" => status!(properties::get),
        "proxy_set_property" => status!(properties::set),
        "proxy_send_local_response" => status!(flow::send_local_response),
        "proxy_continue_stream" => status!(flow::continue_stream),
        "proxy_continue_request" => status!(flow::continue_request),
        "proxy_continue_response" => status!(flow::continue_response),
        "proxy_close_stream" => status!(flow::close_stream),
        "proxy_clear_route_cache" => status!(flow::clear_route_cache),
        "proxy_set_effective_context" => status!(flow::set_effective_context),
        "proxy_done" => status!(flow::done),
        "proxy_http_call" => status!(callouts::http_call),
        "proxy_grpc_call" => status!(callouts::grpc_call),
        "proxy_grpc_stream" => status!(callouts::grpc_stream),
        "proxy_grpc_send" => status!(callouts::grpc_send),
        "proxy_grpc_cancel" | "proxy_grpc_close" => status!(callouts::grpc_cancel),
        "proxy_get_status" => status!(callouts::get_status),
        "proxy_get_shared_data" => status!(shared::get_data),
        "proxy_set_shared_data" => status!(shared::set_data),
        "proxy_register_shared_queue" => status!(shared::register),
        "proxy_resolve_shared_queue" => status!(shared::resolve),
        "proxy_enqueue_shared_queue" => status!(shared::enqueue),
        "proxy_dequeue_shared_queue" => status!(shared::dequeue),
        "proxy_define_metric" => status!(metrics::define),
        "proxy_increment_metric" => status!(metrics::increment),
        "proxy_record_metric" => status!(metrics::record),
        "proxy_get_metric" => status!(metrics::get),
        "proxy_set_tick_period_milliseconds" => status!(time::set_tick_period),
        "proxy_get_current_time_nanoseconds" => status!(time::now),
        "proxy_call_foreign_function" => status!(foreign::call),
        "pthread_equal" => HostFn {
            run: |call| u32::from(call.u32(0) == call.u32(1)),
            narrow: Narrow::Nowhere,
            needs_context: false,
            returns_status: false,
        },
        // emscripten_notify_memory_growth, which returns nothing.
        _ => HostFn { run: |_| 0, narrow: Narrow::InStart, needs_context: false, returns_status: false },
    }
}

/// A function of WASI. Nearly all do nothing, and not even that everywhere.
pub(crate) fn wasi(name: &str) -> HostFn {
    let narrow = match name {
        "fd_write" | "clock_time_get" | "poll_oneoff" => Narrow::InStartAndAllocator,
        "fd_close" | "fd_read" | "fd_seek" | "path_open" | "proc_exit" | "sched_yield" => Narrow::Nowhere,
        _ => Narrow::InStart,
    };
    let needs_context =
        ["fd_close", "fd_seek", "proc_exit", "sched_yield", "environ_get", "environ_sizes_get", "sock_shutdown"];
    HostFn { run: wasi::find(name), narrow, needs_context: needs_context.contains(&name), returns_status: false }
}

/// For fuzzing: what reads nothing but its argument.
pub(crate) fn foreign_argument(bytes: &[u8]) {
    foreign::read(bytes);
}

/// `Ok` for what Envoy answers so whatever it did.
const DONE: Answer = Ok(Status::Ok);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_memory_growth_falls_through() {
        for function in crate::abi::ENV {
            let silent = !env(function.name).returns_status;
            let expected = ["pthread_equal", "emscripten_notify_memory_growth"].contains(&function.name);
            assert_eq!(silent, expected, "{}", function.name);
        }
    }
}
